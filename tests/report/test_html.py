"""The page is whole, safe and the same every time, whatever the names in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.report.html import LADDER, MOST_BYTES, MOST_NODES, PACKED, budget, render_html
from readiness.report.markup import slim
from readiness.report.quadrant import quadrant
from readiness.report.text import VERDICTS
from readiness.report.view import waterfall, whole
from readiness.types.decisions import Calibration, DecisionRow
from readiness.types.effort import EffortDays
from readiness.types.program import Hop
from readiness.types.report import HotSign, Report
from readiness.types.run import CallCount, Run

from . import example

STATES = {
    "whole": example.report,
    "no python": example.without_python,
    "library": example.library,
    "one service": lambda: example.with_services(example.edge()),
    "nothing to port": lambda: example.with_services(example.service("office", "keep-in-python", 1, 12.0)),
    "huge": example.huge,
}


class Page(HTMLParser):
    """What a browser would see: elements, ids, links, text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.bodies: dict[str, list[str]] = {"style": [], "script": []}
        self.is_data = False
        self.text = ""
        self.numbers: dict[str, str] = {}
        self.last, self.number = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, key, value or "") for key, value in attrs]
        self.last, self.number = tag, dict(attrs).get("data-n") or ""
        self.is_data = dict(attrs).get("type") == "application/json"

    def handle_data(self, data: str) -> None:
        if self.last in self.bodies:
            if data.strip() and not self.is_data:
                self.bodies[self.last].append(data)
            return
        self.text += data
        if self.number:
            self.numbers.setdefault(self.number, data)

    def values(self, name: str) -> list[str]:
        return [value for _, key, value in self.attributes if key == name]


@pytest.fixture(scope="module", params=STATES, ids=lambda name: name.replace(" ", "-"))
def state(request: pytest.FixtureRequest) -> tuple[Report, str]:
    report = STATES[request.param]()
    return report, render_html(report)


def test_links_lead_somewhere_and_ids_are_unique(state: tuple[Report, str]) -> None:
    page = Page(state[1])
    ids = Counter(page.values("id"))
    assert [name for name, times in ids.items() if times > 1] == []
    assert [link for link in page.values("href") if link.startswith("#") and link[1:] not in ids] == []
    assert [link for link in page.values("href") if not link.startswith("#")] == ["data:,"]
    assert [word for value in page.values("aria-labelledby") for word in value.split() if word not in ids] == []
    assert [name for name in page.values("for") + page.values("data-for") if name not in ids] == []


def test_nothing_of_a_name_becomes_markup(state: tuple[Report, str]) -> None:
    page = Page(state[1])
    assert page.tags["img"] == page.tags["iframe"] == page.tags["object"] == 0
    assert (page.tags["script"], page.tags["style"], page.tags["h1"]) == (2, 2, 1)
    assert [key for _, key, _ in page.attributes if key.startswith("on") or key == "style"] == []
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\x0b-\x1f]", state[1])
    assert example.LONG[:400] not in state[1]


def test_hostile_names_can_be_read() -> None:
    page = Page(render_html(example.report()))
    for name in (example.SCRIPT, example.QUOTES, r"user\u202egnp.exe", "more characters]", r"bell\u0007"):
        assert name in page.text


def test_a_service_without_a_name_has_a_page() -> None:
    """A document that somebody else wrote may hold one; found by attacks on the page."""
    assert "<h1" in render_html(example.with_services(replace(example.edge(), name="", root="")))


def test_policy_names_exactly_our_styles_and_scripts(state: tuple[Report, str]) -> None:
    page = Page(state[1])
    policy = next(value for value in page.values("content") if "default-src" in value)
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    for kind in ("style", "script"):
        digests = [base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in page.bodies[kind]]
        allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
        assert f"{kind}-src {allowed};" in policy


def test_same_report_same_page_and_the_run_is_not_in_it(state: tuple[Report, str]) -> None:
    later = replace(state[0], run=Run("2031-01-01T00:00:00Z", 77.7, 9, "3.14.0", state[0].run.cache))
    assert render_html(later) == state[1]


def test_totals_are_those_of_the_summary(state: tuple[Report, str]) -> None:
    report, page = state[0], Page(state[1])
    if report.repository.files:
        for name in ("hotspots", "cycles", "findings"):
            assert page.numbers[name] == f"{getattr(report.summary, name):,}"
        assert page.numbers["services"].startswith(f"{report.summary.services:,} service")


def test_sizes_hold_and_the_rest_is_told_exactly() -> None:
    text = render_html(example.huge())
    page = Page(text)
    assert len(text.encode()) <= budget(60_640) <= MOST_BYTES
    assert len(gzip.compress(text.encode(), 9)) <= budget(60_640, PACKED)
    assert sum(page.tags.values()) <= MOST_NODES
    told = re.findall(
        r"([\d,]+) of ([\d,]+) (services|findings|hotspots|modules) are shown; the other ([\d,]+)", page.text
    )
    plain = {
        noun: (int(a.replace(",", "")), int(b.replace(",", "")), int(c.replace(",", ""))) for a, b, noun, c in told
    }
    assert {noun: total for noun, (_, total, _) in plain.items()} == {
        "services": 300, "findings": 12_000, "hotspots": 5_000, "modules": 3_000,
    }  # fmt: skip
    assert all(shown + rest == total for shown, total, rest in plain.values())


def test_sections_stand_in_their_order_and_charts_say_what_they_show() -> None:
    text = render_html(example.report(), [example.older(), example.older(), example.older()])
    order = re.findall(r'<section class="?part"? id="?([a-z]+)', text)
    every = "ranking fixes services wires coupling hotspots dependencies waves findings decisions rejected missing method glossary"
    assert order == [name for name in every.split() if name in order] and len(order) >= 12
    charts = re.findall(r"<svg [^>]*role=img[^>]*>", text)
    assert len(charts) >= 4
    assert all(re.search(r'aria-labelledby="[\w-]+ [\w-]+"', chart) for chart in charts)  # a title and a description


def test_a_page_has_a_budget_by_lines_of_code() -> None:
    assert [budget(lines) for lines in (0, 47_496, 50_000, 160_000, 9_000_000)] == [
        400_000, 400_000, 400_000, 1_200_000, 3_000_000,
    ]  # fmt: skip
    assert [budget(lines, PACKED) for lines in (0, 50_000, 160_000)] == [
        60_000,
        60_000,
        120_000,
    ]  # what gzip makes of it
    for before, after in pairwise(LADDER):
        assert all(getattr(after, name) <= getattr(before, name) for name in after.__struct_fields__)


def test_what_stays_in_python_is_left_out_before_what_may_move() -> None:
    stays = example.huge().services[:30]
    moves = [replace(example.edge(), id=f"go{i}", name=f"go{i}", rank=i + 31) for i in range(4)]
    text = render_html(replace(example.with_services(*stays, *moves), functions=example.huge().functions))
    assert len(text.encode()) <= budget(60_640)
    shown = re.findall(r'<section class=cand id="s-([\w-]+)"', text)
    assert [name for name in shown if name.startswith("go")] == ["go0", "go1", "go2", "go3"]
    assert shown[0] == "svc-0" and len(shown) < 34
    assert f"In full: {len(shown)} of 34 services." in text


def test_templates_lose_only_what_html_lets_one_leave_out() -> None:
    source = '<td class="n" title="a b">{{ f(x, class="n") }}</td></tr><p class="muted"{% if a == "b" %} id="x"{% endif %}>y</p>'
    assert (
        slim(source)
        == '<td class=n title="a b">{{ f(x, class="n") }}<p class="muted"{% if a == "b" %} id="x"{% endif %}>y</p>'
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no python", "No Python was found here."),
        ("library", "No service was found: this is a library"),
        ("nothing to port", "Nothing here is worth porting to Go now."),
        (
            "whole",
            "Port edge first, if traffic confirms: 34\u00a0person‑days (12 to 52) for 9 entry points in 1,200 lines.",
        ),
        ("whole", "2 Python files of 533 could not be analysed"),
        ("whole", "Incomplete: 80 % of its lines could be analysed."),
        ("whole", "edge/main.py:12 → shared/db.py:57 → redis.Redis.get"),
    ],
)
def test_each_state_says_what_it_is(name: str, words: str) -> None:
    assert words in Page(render_html(STATES[name]())).text


def test_a_chart_needs_two_services() -> None:
    assert "q-wide-t" not in render_html(STATES["one service"]())
    assert "q-wide-t" in render_html(STATES["whole"]())


def test_waterfall_adds_up() -> None:
    benefit, risk = waterfall(example.edge())
    assert [(step.name, step.start, step.points) for step in benefit.steps] == [
        ("fanout", 0, 41), ("request_wait", 41, 30), ("long_lived", 71, 15),
    ]  # fmt: skip
    assert (benefit.total, benefit.unseen, benefit.unknown) == (86, ("cpu_loops",), ("cold_start",))
    assert sum(step.points for step in risk.steps) == risk.total == 24


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=20))
def test_whole_numbers_keep_the_sum(values: list[float]) -> None:
    parts = whole(values, round(sum(values)))
    assert sum(parts) == round(sum(values))
    assert all(abs(part - value) <= 1 for part, value in zip(parts, values, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 400), st.integers(0, 90_000)), min_size=2, max_size=40))
def test_labels_of_the_chart_never_overlap(points: list[tuple[float, float, int]]) -> None:
    rows = [
        example.service(
            f"service-{i}", "port-later", i, b, benefit=b, effort_days=EffortDays(d / 2, d, d * 2), lines=lines
        )
        for i, (b, d, lines) in enumerate(points)
    ]
    chart = quadrant(rows, 900, 400)
    assert chart is not None
    boxes = []
    for mark in chart.marks:
        assert chart.left <= mark.low <= mark.x <= mark.high <= chart.right
        if mark.label is not None:
            x, y, anchor = mark.label.x, mark.label.y, mark.label.anchor
            width = len(mark.name) * 7.0
            left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
            boxes.append((left, y - 11, left + width, y + 2))
    for i, a in enumerate(boxes):
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[i + 1 :])


def test_a_link_to_the_code_host_stands_at_every_place() -> None:
    whole = example.report()
    url = "https://code.example/{commit}/{path}#L{line}"
    text = render_html(replace(whole, repository=replace(whole.repository, source_url=url)))
    page = Page(text)
    links = [link for link in page.values("href") if link.startswith("https://")]
    assert f"https://code.example/{whole.repository.commit}/shared/db.py#L57" in links
    assert all("<" not in link for link in links)
    hostile = replace(whole.repository, source_url='https://x.example/{path}"><img src=x onerror=alert(1)>')
    attacked = Page(render_html(replace(whole, repository=hostile)))
    assert attacked.tags["img"] == 0
    assert [key for _, key, _ in attacked.attributes if key.startswith("on")] == []
    assert page.values("rel").count("noreferrer") == len(links)


def test_the_comparison_says_what_moved_and_why() -> None:
    words = Page(render_html(example.report(), [example.older()])).text
    assert "Against 0123456789abcdef" in words
    assert "Not made alike: the goal was footprint." in words
    assert "benefit: fan-out over I/O +18" in words
    assert "was 2" in words
    same = Page(render_html(example.report(), [example.report()])).text
    assert "Nothing changed: the same services in the same order" in same


def test_decisions_stand_beside_what_came_out_and_suppressed_findings_are_told() -> None:
    whole = example.report()
    done = DecisionRow(
        "edge", "done", "in force", "Ada", "2026-05-04", None, "the bill", "half the instances", "instances", 12.0, 6.0, 5.0, 34.0, 41.0, "go/edge"
    )  # fmt: skip
    over = replace(done, service="backoffice", status="deferred", state="expired", after=None, actual_days=None)
    hidden = replace(whole.findings[0], suppressed="moves to the queue")
    report = replace(whole, decisions=(done, over), suppressed=(hidden,), calibration=Calibration(1.2, 1))
    words = " ".join(Page(render_html(report)).text.split())
    assert "half the instances; instances from 12 to 6instances 5 in 41 days, estimated 34 days" in words
    assert "deferred, expired" in words
    assert "moves to the queue" in words
    assert "what 1 finished port of this team took: 1.20" in words


def test_no_git_history_says_so() -> None:
    whole = example.report()
    bare = replace(whole, repository=replace(whole.repository, commit=None, dirty=None))
    service = replace(example.edge(), history=None)
    words = Page(render_html(replace(bare, services=(service,)))).text
    assert "no git history" in words
    assert "unknown: no complete git history was read" in words


def test_a_hotspot_says_why_it_is_one() -> None:
    sign = HotSign("loop", 0.4, 14, "waits once per element")
    row = replace(example.function("warm", 12, 61.0), hotspot_signs=(sign,))
    assert "waits once per element, line 14" in Page(render_html(replace(example.report(), functions=(row,)))).text


def test_a_long_way_of_a_hotspot_is_folded() -> None:
    row = example.function("deep", 1, 90.0)
    hops = tuple(Hop(f"m:f{i}", f"m{i}.py", i) for i in range(1, 10))
    deep = replace(row, io=replace(row.io, via=(replace(row.io.via[0], hops=hops),)))
    words = Page(render_html(replace(example.report(), functions=(deep,)))).text
    assert "m1.py:1 → m2.py:2 → … 6 more → m9.py:9 → redis.Redis.get blocking" in words


counts = st.integers(0, 3)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(list(VERDICTS)), max_size=6), counts, counts, st.integers(0, 90), st.integers(0, 400))
def test_totals_of_any_report_are_those_of_its_summary(
    verdicts: list[str], hot: int, cycles: int, findings: int, calls: int
) -> None:
    services = [
        example.service(f"s{i}", of, None if of == "not-judged" else i + 1, None if of == "not-judged" else 40.0 - i)
        for i, of in enumerate(verdicts)
    ]
    base = example.with_services(*services)
    report = replace(
        base,
        functions=tuple(example.function(f"f{i}", i + 1, 50.0) for i in range(hot)),
        cycles=tuple(replace(base.cycles[0], id=i + 1) for i in range(cycles)),
        findings=tuple(replace(base.findings[0], line=i + 1) for i in range(findings)),
        summary=replace(
            base.summary, hotspots=hot, cycles=cycles, findings=findings, calls=CallCount(calls, calls, calls // 3)
        ),
    )
    text = render_html(report)
    page = Page(text)
    assert page.numbers["findings"] == str(findings)
    assert page.numbers["hotspots"] == str(hot)
    assert page.numbers["cycles"] == str(cycles)
    assert page.numbers["unresolved"].startswith(f"{calls // 3:,} of ")
    assert page.numbers["services"].startswith(f"{len(services)} service")
    assert text.count("<section class=cand") == len(services)
    assert text.count("<tr data-key=") == len(services)
    shown = re.findall(r"<td class=rule>IO102<td class=\"sev", text)
    assert len(shown) == findings
