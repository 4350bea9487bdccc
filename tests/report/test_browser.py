"""A real browser reads the page: nothing is asked of the network, nothing fails, and it works with and without its script."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.report.html import MOST_NODES, render_html

from . import example
from .browser import PATIENCE, Browser, eventually, opened
from .weighed import weighed


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(example.report(), [example.older()]), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Any]:
    with opened(browser, address, accept_downloads=True) as page:
        yield page


def test_the_page_is_not_wider_than_the_window(page: Any) -> None:
    for width in (1280, 768, 400):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_names_of_many_modules_break_into_lines(browser: Browser, tmp_path: Path) -> None:
    """They once pushed the page to twice its width: a class for cells that never break was also that of a part of a service."""
    names = tuple(f"package.of_some_length.module_{i}" for i in range(8))
    row = example.edge()
    path = tmp_path / "report.html"
    wide = replace(row, modules=replace(row.modules, own=names, shared=names))
    path.write_text(render_html(example.with_services(wide)), encoding="utf-8")
    with opened(browser, path.as_uri()) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_elements_are_few_and_hostile_names_are_text(page: Any) -> None:
    assert page.evaluate("document.querySelectorAll('*').length") <= MOST_NODES
    assert page.locator("img").count() == 0
    assert page.get_by_role("link", name=example.SCRIPT).count() >= 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_maintained_checker_finds_nothing(browser: Browser, tmp_path: Path, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    whole, path = weighed(1, 3), tmp_path / "report.html"
    text = render_html(replace(whole, services=(example.edge(), *whole.services)), [example.older()])
    path.write_text(text, encoding="utf-8")
    with opened(browser, path.as_uri(), color_scheme=theme) as page:
        page.evaluate("document.querySelectorAll('details').forEach(el => el.open = true)")
        found = axe.Axe().run(page).response
    assert {row["id"]: [node["html"] for node in row["nodes"]][:3] for row in found["violations"]} == {}
    assert len(found["passes"]) > 20


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
    assert "sort.t-ranking=1.up" in page.evaluate("location.href")


def test_filter_chips_and_keys(page: Any) -> None:
    page.locator("#t-findings").evaluate("e => e.scrollIntoView({block: 'center'})")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q-findings"
    page.keyboard.type("io102 await")
    shown = page.locator("#t-findings tbody tr:visible")
    assert shown.count() == 1
    assert "edge/main.py:15" in shown.inner_text()
    assert page.locator("form[data-for=t-findings] [role=status]").inner_text() == "1 of 3"
    page.keyboard.press("Escape")
    assert shown.count() == 3
    chips = page.locator("form[data-for=t-findings]")
    chips.get_by_label("mandatory").check()
    assert shown.count() == 1
    chips.get_by_label("potential").check()
    assert shown.count() == 2
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()


def test_a_chip_that_no_row_answers_to_is_not_shown(page: Any) -> None:
    labels = page.locator("form[data-for=t-hotspots] .chips label").all_inner_texts()
    assert [label.strip() for label in labels] == ["network", "cache"]


def test_the_address_brings_filter_sort_and_theme_back(page: Any, browser: Browser) -> None:
    page.locator("#q-findings").fill("edge")
    page.locator("form[data-for=t-findings]").get_by_label("mandatory").check()
    page.locator("#t-hotspots th", has_text="Function").get_by_role("button").click()
    page.keyboard.press("t")
    with opened(browser, page.evaluate("location.href")) as again:
        assert again.locator("#t-findings tbody tr:visible").count() == 1
        assert again.locator("#t-hotspots th[aria-sort=ascending]").inner_text() == "Function"
        assert again.evaluate("document.documentElement.dataset.theme") == "light"
        again.get_by_role("link", name="Ranking").first.click()
        assert "#ranking?" in again.evaluate("location.href") and "theme=light" in again.evaluate("location.href")


def test_rows_are_walked_and_what_they_name_is_copied(page: Any) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#t-findings").evaluate("e => e.scrollIntoView()")
    page.locator("#t-findings tbody tr").first.click(position={"x": 5, "y": 5})
    page.keyboard.press("j")
    bar = page.get_by_role("toolbar", name="This row")
    assert bar.locator("code").inner_text() == "edge/main.py:15"
    copied = []
    for press in (lambda: page.keyboard.press("c"), lambda: bar.get_by_text("Copy suppression").click(), lambda: bar.get_by_text("Copy as issue").click()):  # fmt: skip
        page.evaluate("document.querySelector('.toast').textContent = ''")
        press()
        eventually(page, "document.querySelector('.toast').textContent.startsWith('Copied')")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    assert copied[:2] == ["edge/main.py:15", "# readiness: ignore[IO102] "]
    assert copied[2].startswith("### one await after the other\n\n`edge/main.py:15`\n")
    page.keyboard.press("Escape")
    assert not bar.is_visible()


def test_the_fixes_of_the_week_are_one_issue(page: Any) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy all as one issue").click()
    eventually(page, "document.querySelector('.toast').textContent.startsWith('Copied')")
    lines = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[2:4] == [
        "- [ ] `shared/db.py:57` for redis.Redis.get: redis.asyncio.Redis (IO101, 1.5 days)",
        "- [ ] `edge/main.py:15` for httpx.get: asyncio.gather over the ids (IO102, 0.5 days)",
    ]


def test_csv_of_what_is_shown_and_page_data_are_saved(page: Any) -> None:
    page.locator("#q-findings").fill("io101")
    with page.expect_download() as saved:
        page.locator("form[data-for=t-findings] [data-csv]").click()
    assert saved.value.suggested_filename.endswith("-findings.csv")
    rows = list(csv.reader(io.StringIO(Path(saved.value.path()).read_text("utf-8"))))
    assert [row[0] for row in rows] == ["Rule", "IO101", "IO101"]
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save page data").click()
    assert saved.value.suggested_filename.endswith("readiness-page-data.json")
    assert json.loads(Path(saved.value.path()).read_text("utf-8"))["services"][0]["name"] == "edge"


def test_a_cell_like_a_formula_is_text_in_the_csv(browser: Browser, tmp_path: Path) -> None:
    whole = example.report()
    finding = replace(whole.findings[0], message='=HYPERLINK("x")', rule="-1+1")
    path = tmp_path / "report.html"
    path.write_text(render_html(replace(whole, findings=(finding,))), encoding="utf-8")
    with opened(browser, path.as_uri()) as page:
        text = page.evaluate("csv(document.getElementById('t-findings'))")
    assert list(csv.reader(io.StringIO(text)))[1] == ["'-1+1", "optional", "edge/main.py:15", '\'=HYPERLINK("x")']


def test_theme(page: Any) -> None:
    colours = []
    for _ in range(3):
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.get_by_role("button", name="Theme").click()
    assert colours == ["rgb(255, 255, 255)", "rgb(255, 255, 255)", "rgb(20, 23, 28)"]


def test_the_policy_holds_against_what_a_page_may_try(browser: Browser, address: str) -> None:
    window = browser.new_context()
    window.set_default_timeout(PATIENCE)
    page = window.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(address)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.hit = 1";
            document.body.append(script);
            document.body.setAttribute("onclick", "window.hit = 2");
            document.body.click();
            const style = document.createElement("style");
            style.textContent = "body { display: none }";
            document.head.append(style);
            const image = document.createElement("img");
            image.src = "https://example.com/x.png";
            document.body.append(image);
            return fetch("https://example.com/").catch(() => null);
        }"""
    )
    assert page.evaluate("window.hit") is None
    assert page.evaluate("getComputedStyle(document.body).display") == "block"
    assert len([text for text in refused if "Content Security Policy" in text]) >= 4
    window.close()


def test_without_script_everything_reads_and_no_dead_control_is_shown(browser: Browser, address: str) -> None:
    with opened(browser, address, java_script_enabled=False) as page:
        assert page.get_by_role("button").count() == 0
        assert page.locator("input:visible").count() == 1  # the switch of the columns, which is made of style alone
        head = page.locator("#t-ranking th", has_text="Blockers")
        assert not head.is_visible()
        page.get_by_label("All columns").check()
        assert head.is_visible()
        assert page.get_by_text("edge/main.py:12 → shared/db.py:57").first.is_visible()
        page.get_by_role("link", name="Ranking").first.click()
        assert page.evaluate("location.href").endswith("#ranking")


def test_prints_the_decision_first_and_in_light(page: Any) -> None:
    data = page.pdf(format="A4")
    assert data.startswith(b"%PDF") and len(data) > 20_000
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(23, 27, 33)"
    heads = page.evaluate("[...document.querySelectorAll('thead th button')].map(e => getComputedStyle(e).position)")
    assert set(heads) == {"static"}  # what is positioned is not drawn in a head that is repeated on the next page
    assert not page.locator("nav").is_visible()
    assert not page.locator("#whatif").count() or not page.locator("#whatif").is_visible()
    breaks = page.evaluate("getComputedStyle(document.getElementById('ranking')).breakBefore")
    assert breaks == "page"
    page.set_viewport_size({"width": 990, "height": 1400})  # A4 without its margins, at the scale of the print
    assert page.locator("#top").bounding_box()["height"] <= 1400


def test_one_service_can_be_printed_alone(page: Any) -> None:
    page.evaluate("window.print = () => { window.printed = document.documentElement.dataset.printOnly; }")
    page.locator("#s-edge [data-print]").click()
    assert page.evaluate("printed") == "s-edge"
    page.emulate_media(media="print")
    assert page.locator("#s-edge").is_visible()
    assert not page.locator("#ranking").is_visible()
    assert not page.locator("#s-backoffice").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#ranking").is_visible()


def test_the_address_prints_one_service(browser: Browser, address: str) -> None:
    window = browser.new_context()
    page = window.new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script("window.print = () => { window.printed = document.documentElement.dataset.printOnly; }")
    page.goto(f"{address}#services?print=s-edge")
    assert page.evaluate("printed") == "s-edge"
    window.close()


def test_services_are_filtered_by_confidence_and_by_what_stays(page: Any) -> None:
    form, shown = page.locator("form[data-for=t-ranking]"), page.locator("#t-ranking tbody tr:visible")
    assert shown.count() == 4
    form.get_by_label("hide what stays").check()
    assert shown.count() == 2
    form.get_by_label("confidence C").check()
    assert shown.count() == 1 and shown.first.inner_text().find(example.SCRIPT) >= 0
    assert "t-ranking.moves=1" in page.evaluate("location.href")


def test_lists_are_filtered_by_package_and_what_is_clean_is_hidden(page: Any) -> None:
    form, shown = page.locator("form[data-for=t-findings]"), page.locator("#t-findings tbody tr:visible")
    chips = form.locator("[data-packages] label").all_inner_texts()
    assert sorted(chip.strip() for chip in chips) == ["edge", "edge/<"]  # the other is a hostile name
    form.get_by_label("edge", exact=True).check()
    assert [row.split("\t")[2].strip() for row in shown.all_inner_texts()] == ["edge/main.py:15", "edge/z.py:1"]
    assert "t-findings.pkg=edge" in page.evaluate("location.href")
    modules = page.locator("#t-modules tbody tr:visible")
    before = modules.count()
    page.get_by_label("hide clean").check()
    assert 0 < modules.count() < before


def test_only_what_is_wider_than_its_place_is_a_stop_for_keys(page: Any) -> None:
    assert page.locator("main .scroll[tabindex]").count() == 0
    page.set_viewport_size({"width": 400, "height": 900})
    wide = page.locator("#coupling .scroll[tabindex]").first
    assert wide.get_attribute("role") == "region" and wide.get_attribute("aria-label")
