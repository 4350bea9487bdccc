"""Markdown and the terminal's last lines: short, inert, and with the services first."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from readiness.report.answer import answer
from readiness.report.markdown import MOST_BYTES, render_markdown
from readiness.report.plan import plan_rows
from readiness.report.terminal import render_summary
from readiness.report.text import clean, days, listed, sentence, work
from readiness.types import report as r
from readiness.types.evidence import AssertedRow

from . import example


def test_what_was_said_of_every_service_is_missing_no_more() -> None:
    whole = example.report()
    said = tuple(AssertedRow(name, 40.0, "", "", "e.toml", 3) for name in ("requests_per_second", "p50_ms"))
    known = replace(whole, services=tuple(replace(row, asserted=said) for row in whole.services))
    assert "; cost not measured\n" in render_summary(known, ["a.html"])
    one = replace(whole, services=(replace(whole.services[0], asserted=said), *whole.services[1:]))
    assert "; cost not measured; traffic and latency not measured of 3 services\n" in render_summary(one, ["a.html"])


def test_summary_of_a_whole_report() -> None:
    text = render_summary(example.report(), ["out/readiness.html", "readiness.json"])
    lines = text.splitlines()
    assert "4 services (edge, " in lines[0]
    assert lines[1].split() == [
        "1",
        "edge",
        "78",
        "Port",
        "first,",
        "if",
        "traffic",
        "confirms,",
        "34",
        "days",
        "(12–52),",
        "confidence",
        "A",
    ]
    assert lines[5] == "Fix in Python first: 2 places, 2 days; the best:"
    assert lines[6].strip() == "shared/db.py:57  for redis.Redis.get: redis.asyncio.Redis"
    assert "2 files not analysed" in lines[8]
    assert lines[-2:] == ["Written: out/readiness.html, readiness.json", "Next: open out/readiness.html"]


@pytest.mark.parametrize("make", [example.report, example.without_python, example.library, example.huge])
def test_summary_is_short_and_plain(make: object) -> None:
    assert callable(make)
    text = render_summary(make(), ["a.html"] * 4)
    assert text.endswith("\n") and len(text.splitlines()) <= 15
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)


def test_a_library_is_told_as_one_and_is_asked_for_nothing_that_only_a_process_has() -> None:
    library = replace(example.service("attr", "keep-in-python", 1, 5.0), archetype="library")
    report = example.with_services(library)
    said = answer(report)
    assert said.headline == "This is a library: nothing in it is worth porting to Go on its own."
    assert said.against == "Leave it as it is: no place to fix in Python was found either."
    assert said.missing.startswith("What the programs that use it spend in it was not measured; ")
    assert "traffic" not in render_summary(report, [])


def test_why_does_not_say_what_stands_against_it() -> None:
    edge = replace(example.edge(), reason="Port first, if traffic confirms: 4 calls stay open (a.py:1), but no test imports it. A port takes 2 days.",
                   fixes=(), contributions=(r.Contribution("risk", "tests", 1.0, 9.0, "no test imports it", ()),))  # fmt: skip
    said = answer(example.with_services(edge))
    assert (said.why, said.against) == ("4 calls stay open (a.py:1).", "No test imports it.")


def test_markdown_starts_with_the_answer() -> None:
    lines = render_markdown(example.report()).splitlines()
    assert (
        lines[2]
        == "**Port edge first, if traffic confirms: 34 person-days (12 to 52) for 9 entry points in 1,200 lines.**"
    )
    assert "| shared/db.py:57 | redis.asyncio.Redis | 1.5 | 21 | 9 | edge |" in lines


@pytest.mark.parametrize("make", [example.report, example.without_python, example.library, example.huge])
def test_markdown_is_small_and_inert(make: object) -> None:
    assert callable(make)
    text = render_markdown(make())
    assert len(text.encode()) <= MOST_BYTES
    assert set(re.findall(r"</?[a-z]+", text)) <= {"<details", "</details", "<summary", "</summary"}
    assert text.count("<details>") == text.count("</details>")
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


def test_markdown_names_cannot_call_people_or_link() -> None:
    hostile = replace(example.edge(), name="@all [x](http://evil) #1 `a|b`")
    text = render_markdown(example.with_services(hostile))
    assert not re.search(r"@all|\[x\]|http://|#1 |`a", text)


def test_markdown_drops_whole_rows_where_it_is_too_long() -> None:
    wide = "\U0001f40d|" * 80
    rows = tuple(example.service(f"{wide}{i}", "keep-in-python", i + 1, 10.0, reason=wide) for i in range(60))
    whole = example.with_services(*rows)
    text = render_markdown(
        replace(whole, findings=tuple(replace(whole.findings[0], message=wide, path=wide, line=i) for i in range(90)))
    )
    assert len(text.encode()) <= MOST_BYTES
    assert re.search(r"\d+ rows did not fit here", text)
    assert all(line.endswith("|") for line in text.splitlines() if line.startswith("|"))


def test_words() -> None:
    assert [days(v) for v in (0.01, 0.5, 1.0, 9.94, 34.4)] == ["under 0.1", "0.5", "1", "9.9", "34"]
    assert [work(v) for v in (0.5, 1.0, 12.0)] == ["0.5 days", "1 day", "12 days"]
    assert [listed(v) for v in ([], ["a"], ["a", "b"], ["a", "b", "c"], list("abcde"))] == [
        "", "a", "a and b", "a, b and c", "a, b, c and 2 more",
    ]  # fmt: skip
    assert [sentence(v) for v in ("", "waits a lot", "edge_api waits", "Why?")] == [
        "",
        "Waits a lot.",
        "edge_api waits.",
        "Why?",
    ]
    assert clean("a\nb\x1b" + "c" * 50, 10) == "a b\\u001bcccccc [44 more characters]"


def test_what_is_decided_is_not_proposed_again() -> None:
    first = answer(example.report())
    assert "edge" in first.headline
    done = "done: in Go since 2026-06-01; owner team"
    rows = [replace(row, decision=done) if row.name == "edge" else row for row in example.report().services]
    decided = replace(example.report(), services=tuple(rows))
    assert "edge" not in answer(decided).headline
    assert "edge" in [row.id for row in plan_rows(example.report())]
    assert "edge" not in [row.id for row in plan_rows(decided)]
    (line,) = [line for line in render_summary(decided, ()).splitlines() if line.lstrip().startswith("1  edge")]
    assert "done: in Go since 2026-06-01, " in line
    every = replace(decided, services=tuple(replace(row, decision=done) for row in rows))
    assert answer(every).headline == "Nothing is open: every service that a port would help is decided."
