"""What the page says of all services and functions together: spread of complexity, packages, waves' ties, trend, plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.report import plan, source, spread, text
from readiness.report.answer import answer, said
from readiness.report.difference import difference
from readiness.report.html import render_html
from readiness.report.labels import Point, place_labels
from readiness.report.quadrant import quadrant
from readiness.report.trend import MOST_SCANS, trend
from readiness.types import report as r
from readiness.types.program import EntryReach

from . import example


def test_functions_fall_into_bins_of_complexity_and_hotspots_are_counted_in_them() -> None:
    rows = [replace(example.function(f"f{i}", i + 1, hot), complexity=cc) for i, (cc, hot) in enumerate([
        (1, None), (1, None), (1, 29.9), (1, 30.0), (4, 80.0), (49, None), (50, None), (900, 90.0)])]  # fmt: skip
    rows.append(replace(example.function("unknown", 99, None), complexity=None))
    found = {b.label: (b.functions, b.hot, b.share, b.hot_share) for b in spread.histogram(rows) if b.functions}
    assert found == {
        "1": (4, 1, 100.0, 25.0), "3–4": (1, 1, 25.0, 25.0), "30–49": (1, 0, 25.0, 0.0), "50 and more": (2, 1, 50.0, 25.0),
    }  # fmt: skip
    assert spread.histogram([]) == []


@given(st.lists(st.integers(1, 200), max_size=60))
def test_every_function_is_in_one_bin(complexities: list[int]) -> None:
    rows = [replace(example.function("f", 1, None), complexity=cc) for cc in complexities]
    assert sum(b.functions for b in spread.histogram(rows)) == len(complexities)


def test_packages_are_ordered_by_the_sum_of_their_scores() -> None:
    rows = [
        replace(example.function(name, 1, hot), module=module)
        for name, module, hot in (("a", "shop.api.orders", 40.0), ("b", "shop.api.carts", 50.0), ("c", "shop.db", 60.0), ("d", "idle.x", None))
    ]  # fmt: skip
    assert [(p.name, p.functions, p.total, p.top.qualname) for p in spread.hot_packages(rows, 5)] == [
        ("shop.api", 2, 90.0, "b"), ("shop", 1, 60.0, "c"),
    ]  # fmt: skip
    assert spread.hot_packages(rows[:2], 5) == []  # one package has no order


def test_a_move_is_felt_by_those_that_import_call_or_share() -> None:
    wire = r.CallOut("web", "http GET /", "web.main:f", 3, None, 1.0)
    rows = [
        example.service("web", "port-later", 1, 50.0),
        example.service("api", "port-later", 2, 40.0, called_by=(wire,)),
        example.service("job", "port-later", 3, 30.0, data=example.edge().data),
    ]
    imports = (r.ImportRow("job.main", "web.main", 1, "lazy"), r.ImportRow("api.main", "web.main", 1, "typing"))
    needs = plan.needed(rows, replace(example.report(), imports=imports))
    assert needs == {"web": (), "api": (), "job": ("web",)}
    assert plan.touched(rows, needs) == {"web": ("job",), "api": ("web",), "job": ("backoffice", "gone")}


def test_the_trend_starts_at_nothing_and_ends_with_this_scan() -> None:
    now = example.report()
    older = [replace(now, summary=replace(now.summary, findings=n)) for n in (12, 6)]
    found = trend(now, older)
    assert found is not None
    line = next(line for line in found.lines if line.name == "Findings")
    assert line.values == ("12", "6", "3")
    assert line.points == "6,6 110,28 214,39"
    assert found.scans == ("4f2a91c0ffee",) * 3
    assert trend(now, older[:1]) is None
    many = trend(now, [older[0]] * 80)
    assert many is not None
    assert (len(many.scans), many.dropped) == (MOST_SCANS, 31)


def test_the_page_shows_the_trend_of_three_scans() -> None:
    page = render_html(example.report(), [example.older(), example.older()])
    assert "Over 3 scans" in page
    assert page.count("class=trend ") == 6
    assert "Over 2 scans" not in render_html(example.report(), [example.older()])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("aiohttp.ClientResponse.__aexit__", "async with aiohttp.ClientResponse"),
        ("a.B.__iter__ (network) once per element in f", "the iteration over a.B (network) once per element in f"),
        ("a.B.__init__", "a.B.__init__"),
        ("requests.get", "requests.get"),
    ],
)
def test_special_methods_are_said_as_statements(name: str, words: str) -> None:
    assert text.plain(name) == words


def test_lines_lose_the_indentation_that_they_share() -> None:
    lines = [source.Line(1, "\tif a:", False), source.Line(2, "", False), source.Line(3, "\t\treturn b", True)]
    assert [line.text for line in source.dedented(lines)] == ["if a:", "", "    return b"]
    assert source.dedented([]) == ()


def test_empty_lines_at_the_ends_are_left_out() -> None:
    held = {"a.py": {"1": "", "2": "x = 1", "3": "y()", "4": " ", "5": ""}}
    found = source.lines_at(replace(example.report(), snippets=held), "a.py", 3)
    assert [(line.number, line.is_meant) for line in found] == [(2, False), (3, True)]


def test_the_answer_names_its_service_and_says_the_verdict_once() -> None:
    reason = "Port first, if traffic confirms: 3 calls wait (a.py:3). A port takes 1 to 2 days."
    report = example.with_services(replace(example.edge(), reason=reason))
    found = answer(report)
    assert (found.service, found.why) == ("edge", "3 calls wait (a.py:3).")
    assert said(report.services[0]).startswith("3 calls wait")
    page = render_html(report)
    assert 'Port <a href="#s-edge">edge</a> first, if traffic confirms' in page
    assert "(<code>a.py:3</code>)" in page


def test_marks_at_one_place_have_one_name_and_zones_stay_free() -> None:
    days = r.EffortDays(100.0, 200.0, 400.0)
    rows = [example.service(f"s{i}", "keep-in-python", i, 2.0, benefit=3.0, effort_days=days) for i in (1, 2, 3)]
    rows.append(example.service("far", "port-later", 4, 60.0, effort_days=r.EffortDays(1.0, 2.0, 3.0)))
    found = quadrant(rows, 900, 430)
    assert found is not None
    assert [mark.name for mark in found.marks if mark.label] == ["s1 +2", "far"]
    assert "Leave alone" not in [zone.text for zone in found.zones]  # marks stand there
    assert "Much, but costly" in [zone.text for zone in found.zones]


def test_a_name_without_room_around_its_mark_stands_at_the_end_of_its_line() -> None:
    point = Point("p", "below", 500.0, 380.0, 10.0, (400.0, 600.0))
    line, above, frame = (399.0, 376.0, 601.0, 384.0), (300.0, 200.0, 700.0, 370.0), (40.0, 14.0, 900.0, 392.0)
    assert place_labels([replace(point, ends=None)], [line, above], frame, 12.5) == {}
    found = place_labels([point], [line, above], frame, 12.5)["p"]
    assert (found.x, found.anchor, found.leader) == (605, "start", None)
    left = place_labels([point], [line, above, (602.0, 300.0, 900.0, 392.0)], frame, 12.5)["p"]
    assert (left.x, left.anchor) == (395, "end")


def test_settings_are_a_digest_in_the_head_and_others_make_two_reports_unlike() -> None:
    whole = example.report()
    one, two = (replace(whole, tool=replace(whole.tool, config=digest)) for digest in ("a1" * 16, "b2" * 16))
    assert "settings <code>a1a1a1a1a1a1</code>" in render_html(one)
    assert difference(one, two).changed == ("with other settings",)
    assert difference(one, whole).changed == ()  # an older document does not say


def test_an_entry_point_says_how_it_waits() -> None:
    reach = EntryReach(("network", "database"), concurrent=6, looped=2, sequential=1)
    entry = replace(example.edge().entry_points[0], reach=reach)
    page = render_html(example.with_services(replace(example.edge(), entry_points=(entry,))))
    assert "1 in a row, 2 in a loop, 6 side by side: network, database" in page
    assert "id = &#34;edge&#34;" not in page
    assert "service = &#34;edge&#34;" in page  # the lines for the decision file


def test_the_method_names_the_rules_that_found_nothing() -> None:
    page = render_html(replace(example.report(), rules_unmatched=("CC201", "DA501")))
    assert "2 rules found something; 2 were run and found nothing: CC201, DA501." in page
