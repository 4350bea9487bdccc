"""A real Chromium for the tests of the page: what it says and what it asks for is an error. Not a test itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

PATIENCE = 300_000  # milliseconds; a machine that many share may be slow, and slow is no failure

Browser = Any  # of playwright, which may not be installed


def is_there() -> bool:
    return CHROMIUM.exists() and os.access(CHROMIUM, os.X_OK)


@contextmanager
def opened(browser: Browser, address: str, **context: Any) -> Iterator[Any]:
    """A page at `address`; afterwards it has said nothing and asked for nothing but itself."""
    window = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | context))
    window.set_default_timeout(PATIENCE)
    window.set_default_navigation_timeout(PATIENCE)
    page = window.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    yield page
    window.close()
    assert said == []
    own = address.partition("#")[0]
    assert [url for url in asked if url.partition("#")[0] != own and not url.startswith(("data:,", "blob:"))] == []


def eventually(page: Any, expression: str) -> None:
    """Waits until the expression holds. Playwright's own waiting evaluates strings in the page, which its policy forbids."""
    for _ in range(500):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    raise AssertionError(expression)
