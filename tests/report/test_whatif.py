"""What-if in a real browser: the page's arithmetic is the program's, the ranking follows, the address keeps it."""

from __future__ import annotations

import math
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.assess.score import TECHNICAL
from readiness.assess.waves import Port, waves
from readiness.config import load_config
from readiness.report import view
from readiness.report.arithmetic import rescore, scoring_of, values_of
from readiness.report.html import render_html
from readiness.report.whatif import page_data
from readiness.types.report import Report, ServiceRow

from . import example
from .browser import Browser, eventually, opened
from .weighed import in_new_order, reweighed, weighed

REPORT = weighed(24, 7)
SCORING = scoring_of(REPORT)
ANCHORS = view.anchors(REPORT.services)
SETTINGS = 300


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(REPORT), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Any]:
    with opened(browser, address) as page:
        yield page


def test_the_page_and_the_program_agree_over_many_weights(page: Any) -> None:
    stream = random.Random(11)
    settings = [_setting(stream) for _ in range(SETTINGS)]
    found = page.evaluate(
        """(settings) => settings.map(({ goal, weights, thresholds, facts }) => {
            const at = structuredClone(data);
            at.goal = goal;
            for (const [name, value] of Object.entries(weights)) {
                if (name in at.families) at.families[name] = value;
                else at.signals[name].weight = value;
            }
            Object.assign(at.thresholds, thresholds);
            const rows = Score.rank(data.services, at, data, facts);
            return {
                rows: rows.map((row) => [row.service.id, row.verdict, row.score, row.benefit, row.net, row.risk]),
                waves: Score.waves(rows, at),
            };
        })""",
        settings,
    )
    seen: set[str] = set()
    for setting, answer in zip(settings, found, strict=True):
        expected = _program(setting)
        assert [row[0] for row in answer["rows"]] == [row[0] for row in expected]
        for mine, theirs in zip(expected, answer["rows"], strict=True):
            assert theirs[1] == mine[1]
            assert theirs[2:] == pytest.approx(mine[2:], abs=1e-6)
        assert answer["waves"] == _waves(expected, setting)
        seen |= {row[1] for row in expected}
    assert seen >= {"port-first", "port-later", "decouple-first", "optimise-in-python", "keep-in-python"}


def _setting(stream: random.Random) -> dict[str, Any]:
    families = {name: round(stream.uniform(0, 0.95), 2) for name in SCORING.families if stream.random() < 0.5}
    risks = {row.name: round(stream.uniform(0, 0.5), 2) for row in REPORT.signals if row.axis == "risk" and stream.random() < 0.4}  # fmt: skip
    facts: dict[str, dict[str, float]] = {}
    for service in stream.sample(REPORT.services, 4):
        known = {"load": stream.randrange(101), "cost": stream.randrange(101), "replicas": stream.randrange(1, 200)}
        facts[ANCHORS[service.id]] = {key: value for key, value in known.items() if stream.random() < 0.6}
    days = stream.choice([19.0, 57.0, 171.0, 500.0])
    goal = stream.choice(["throughput", "footprint"])
    return {"goal": goal, "weights": {**families, **risks}, "thresholds": {"wave_days": days}, "facts": facts}


def _program(setting: dict[str, Any]) -> list[tuple[str, str, float, float, float, float]]:
    now = reweighed(SCORING, setting["weights"], setting["thresholds"])
    rows = []
    for service in REPORT.services:
        values = _known(service, setting["facts"].get(ANCHORS[service.id], {}))
        rows.append((service, rescore(service, values, now, SCORING, setting["goal"])))
    by_id = {scored.id: scored for _, scored in rows}
    return [
        (name, s.verdict, s.score or 0.0, s.numbers.benefit, s.numbers.net, s.numbers.risk)
        for name in in_new_order(rows)
        for s in [by_id[name]]
    ]


def _known(service: ServiceRow, facts: dict[str, float]) -> dict[str, float | None]:
    """Traffic scales what is technical, cost is a share, replicas count as assess.signals has it: log2 over leverage_log2."""
    values = values_of(service, SCORING)
    if "load" in facts:
        values = {
            name: value * facts["load"] / 100
            if value is not None and SCORING.signals[name].family in TECHNICAL
            else value
            for name, value in values.items()
        }
    if "cost" in facts:
        values["cost_share"] = facts["cost"] / 100
    if "replicas" in facts:
        count = facts["replicas"]
        top = SCORING.thresholds["leverage_log2"].value
        values["replicas"] = min(1.0, math.log2(count) / top) if count > 1 else 0.0
    return values


def _waves(rows: list[tuple[str, str, float, float, float, float]], setting: dict[str, Any]) -> list[list[str]]:
    by_id = {service.id: service for service in REPORT.services}
    owner = {service.modules.own[0]: service.id for service in REPORT.services}
    needs: dict[str, set[str]] = {name: set() for name in by_id}
    for edge in REPORT.imports:
        if edge.when != "typing" and edge.importer != edge.imported:
            needs[owner[edge.importer]].add(owner[edge.imported])
    now = reweighed(SCORING, setting["weights"], setting["thresholds"])
    days = {name: service.effort_days.production if service.effort_days else 0.0 for name, service in by_id.items()}
    ported = [
        Port(name, verdict, gain, risk, days[name], frozenset(needs[name]), by_id[name].may_be_pilot)
        for name, verdict, _, gain, _, risk in rows
    ]
    return waves(ported, now)


def _slide(page: Any, name: str, value: str) -> None:
    page.locator(f"[name='{name}']").evaluate(
        "(el, value) => { el.value = value; el.dispatchEvent(new Event('input', { bubbles: true })); }", value
    )


def _order(page: Any) -> list[str]:
    return [str(name) for name in page.eval_on_selector_all("#t-ranking tbody tr", "rows => rows.map(r => r.dataset.key)")]  # fmt: skip


def test_sliders_move_the_rows_say_so_and_reset_brings_all_back(page: Any) -> None:
    rows = "rows => rows.map(row => row.outerHTML)"
    before, html = _order(page), page.eval_on_selector_all("#t-ranking tbody tr", rows)
    assert not page.locator(".changed").is_visible()
    _slide(page, "family.io", "0.05")
    _slide(page, "signal.data", "0.5")
    after = _order(page)
    expected = _program({"goal": "throughput", "weights": {"io": 0.05, "data": 0.5}, "thresholds": {}, "facts": {}})
    assert after == [ANCHORS[row[0]] for row in expected] != before
    assert page.locator(".changed").inner_text().startswith("Changed from default: 2 values. Moved: ")
    assert page.locator("#t-ranking tbody tr").first.locator(".rk").inner_text() == "1"
    page.get_by_role("button", name="Reset").click()
    eventually(page, "document.querySelector('.changed').hidden")
    assert (_order(page), page.eval_on_selector_all("#t-ranking tbody tr", rows)) == (before, html)
    assert "?" not in page.evaluate("location.href")


def test_the_address_brings_the_same_view_back(page: Any, browser: Browser) -> None:
    page.locator("[name=goal]").select_option("footprint")
    _slide(page, "family.cpu", "0.2")
    key = ANCHORS[REPORT.services[3].id]
    page.get_by_text("Traffic, cost and capacity").click()
    _slide(page, f"load.{key}", "10")
    page.locator("#q-ranking").fill("svc-1")
    order, url = _order(page), page.evaluate("location.href")
    assert "goal=footprint" in url and "family.cpu=0.2" in url and f"load.{key}=10" in url
    with opened(browser, url) as again:
        assert _order(again) == order
        assert again.locator(".changed").inner_text() == page.locator(".changed").inner_text()
        assert again.locator("#q-ranking").input_value() == "svc-1"
        assert again.locator("#t-ranking tbody tr:visible").count() == page.locator("#t-ranking tbody tr:visible").count()  # fmt: skip


def test_values_outside_of_the_bounds_of_an_address_do_no_harm(browser: Browser, address: str) -> None:
    with opened(browser, address + "#ranking?family.io=abc&signal.data=99&people=-5&goal=x&load.none=3") as page:
        assert len(_order(page)) == len(REPORT.services)


def test_copied_settings_are_what_the_program_reads(page: Any, tmp_path: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _slide(page, "family.io", "0.3")
    _slide(page, "signal.tests", "0.25")
    page.locator("[name=goal]").select_option("footprint")
    _slide(page, "people", "5")
    _slide(page, f"cost.{ANCHORS[REPORT.services[0].id]}", "40")
    page.get_by_role("button", name="Copy as [tool.readiness]").click()
    eventually(page, "document.querySelector('.toast').textContent.includes('settings')")
    text = page.evaluate("navigator.clipboard.readText()")
    assert "# known of " in text and "40 % of the monthly bill" in text
    assert tomllib.loads(text)["tool"]["readiness"]["weights"] == {"io": 0.3, "tests": 0.25}
    (tmp_path / "pyproject.toml").write_text(text)
    config = load_config(tmp_path, None)
    assert (config.goal, dict(config.thresholds)) == ("footprint", {"wave_days": 285.0})


def test_a_document_without_its_weights_shows_no_dead_slider(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "old.html"
    path.write_text(render_html(replace(example.report())), encoding="utf-8")
    with opened(browser, path.as_uri()) as page:
        assert page.locator("#whatif").count() == 0
        assert page.locator("#t-ranking tbody tr").count() == 4


def test_the_data_block_cannot_end_its_element() -> None:
    hostile = replace(example.edge(), name="</script><script>alert(1)</script>\u2028&")
    text = page_data(_with(hostile), view.anchors((hostile,)), (hostile,))
    assert not {"<", ">", "&", "\u2028"} & set(text)


def _with(service: ServiceRow) -> Report:
    return replace(REPORT, services=(service,))
