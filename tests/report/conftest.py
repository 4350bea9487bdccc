"""One browser for all tests of the page; without Playwright or Chromium they are skipped, and say why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .browser import CHROMIUM, FLAGS, PATIENCE, Browser, is_there


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not is_there():
        pytest.skip(f"there is no {CHROMIUM}")
    with api.sync_playwright() as play:
        found = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS, timeout=PATIENCE)
        yield found
        found.close()
