"""A real browser reads the page: nothing is asked of the network, nothing fails, and it works with and without its script."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from readiness.report.html import MOST_NODES, render_html

from . import example

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
if not (CHROMIUM.exists() and os.access(CHROMIUM, os.X_OK)):
    pytest.skip("there is no /usr/bin/chromium", allow_module_level=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with api.sync_playwright() as play:
        found = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(example.report()), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    yield page
    context.close()
    assert said == []
    assert [url for url in asked if url not in (address, "data:,")] == []


def test_the_page_is_not_wider_than_the_window(page: Any) -> None:
    for width in (1280, 768, 400):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_elements_are_few_and_hostile_names_are_text(page: Any) -> None:
    assert page.evaluate("document.querySelectorAll('*').length") <= MOST_NODES
    assert page.locator("img").count() == 0
    assert page.get_by_role("link", name=example.SCRIPT).count() >= 1


def test_sort(page: Any) -> None:
    head = page.locator("#t-ranking th", has_text="Risk")
    names = page.locator("#t-ranking tbody th")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert names.nth(0).inner_text().startswith(example.SCRIPT)
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert [names.nth(i).get_attribute("data-v")[:5] for i in (1, 2)] == ["edge", "backo"]
    page.locator("#t-ranking th", has_text="Service").get_by_role("button").click()
    assert page.locator("#t-ranking th[aria-sort]").count() == 1


def test_filter_and_keys(page: Any) -> None:
    page.locator("#findings").scroll_into_view_if_needed()
    page.locator("#t-findings").evaluate("e => e.scrollIntoView({block: 'center'})")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q-findings"
    page.keyboard.type("io102 await")
    shown = page.locator("#t-findings tbody tr:visible")
    assert shown.count() == 1
    assert "edge/main.py:15" in shown.inner_text()
    assert page.locator("form[data-for=t-findings] [role=status]").inner_text() == "1 of 3"
    page.keyboard.press("Escape")
    assert page.locator("#t-findings tbody tr:visible").count() == 3
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()


def test_theme(page: Any) -> None:
    colours = []
    for _ in range(3):
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.get_by_role("button", name="Theme").click()
    assert colours == ["rgb(255, 255, 255)", "rgb(255, 255, 255)", "rgb(20, 23, 28)"]


def test_without_script_everything_reads_and_no_dead_control_is_shown(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.get_by_role("button").count() == 0
    assert page.locator("input:visible").count() == 1  # the switch of the columns, which is made of style alone
    head = page.locator("#t-ranking th", has_text="Blockers")
    assert not head.is_visible()
    page.get_by_label("All columns").check()
    assert head.is_visible()
    assert page.get_by_text("edge/main.py:12 → shared/db.py:57").first.is_visible()
    page.get_by_role("link", name="Ranking").first.click()
    assert page.url.endswith("#ranking")
    context.close()


def test_prints(page: Any) -> None:
    data = page.pdf(format="A4")
    assert data.startswith(b"%PDF") and len(data) > 20_000
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(23, 27, 33)"
    assert not page.locator("nav").is_visible()
