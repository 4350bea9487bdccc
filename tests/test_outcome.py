"""outcome: which exit code a report deserves, and the lines that say why."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.cli.outcome import LOST, judge
from readiness.types.report import Report

COUPLING = {
    "afferent": 0,
    "efferent": 0,
    "instability": None,
    "abstractness": None,
    "distance": None,
    "cycle": None,
    "cycle_load": None,
    "betweenness": 0.0,
}


def module(path: str, lines: int) -> dict[str, Any]:
    nothing = dict.fromkeys(("service", "score", "benefit", "risk", "effort", "metrics"))
    return {"module": path.removesuffix(".py"), "path": path, "lines": lines, "coupling": COUPLING} | nothing


def service(name: str, own: list[str], **fields: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("borderline", "benefit", "benefit_net", "effort", "risk", "confidence", "grade"))
    row = {
        "id": name,
        "name": name,
        "root": ".",
        "kind": "deployable",
        "archetype": "worker",
        "archetypes": [],
        "roles": [],
    }
    row |= {
        "rank": 1,
        "judged": 1.0,
        "evidence": [],
        "entry_points": [],
        "modules": {"own": own, "shared": []},
        "lines": 1,
    }
    row |= {"verdict": "port-later", "reason": "", "score": 40.0, "scores": {"throughput": 40.0, "footprint": 1.0}}
    return row | nothing | fields


def finding(severity: str) -> dict[str, Any]:
    row = {"rule": "IO101", "category": "mandatory", "severity": severity, "path": "a.py", "line": 1, "column": 1}
    return row | {"end_line": 1, "function": None, "message": "", "fingerprint": "", "hops": []}


def report(**parts: Any) -> Report:
    count = {"resolved": 0, "external": 0, "unresolved": 0}
    numbers = dict.fromkeys(("services", "modules", "functions", "hotspots", "findings", "cycles", "fixes"), 0)
    document: dict[str, Any] = {
        "schema": "readiness/1",
        "goal": "throughput",
        "tool": {"name": "readiness", "version": "0", "rules": ""},
        "run": {"started": "", "seconds": 0.0, "workers": 1, "python": "", "cache": {"hits": 0, "misses": 0}},
        "repository": {"name": "x", "root": ".", "commit": None, "dirty": None, "files": 1, "lines": 1, "parsed": 1},
        "summary": numbers | {"verdicts": {}, "calls": count},
    }
    for name in (
        "services",
        "rejected",
        "modules",
        "functions",
        "imports",
        "imports_dynamic",
        "cycles",
        "findings",
        "rules",
    ):
        document[name] = parts.get(name, [])
    document["repository"]["skipped"] = parts.get("skipped", [])
    return msgspec.convert(document, Report)


def skipped(path: str, reason: str, lines: int | None = None) -> dict[str, Any]:
    return {"path": path, "reason": reason, "detail": "", "line": None, "lines": lines}


def test_everything_read_is_0() -> None:
    assert judge(report(modules=[module("a.py", 10)]), ()) == (0, (), ())


def test_nothing_to_read_is_3() -> None:
    assert judge(report(skipped=[skipped("v", "vendored")]), ()) == (
        3,
        ("no Python file found; nothing was analysed",),
        (),
    )


@pytest.mark.parametrize("reason", sorted(LOST))
def test_more_than_one_percent_lost_is_3_for_every_reason(reason: str) -> None:
    rows = [module("a.py", 989), module("b.py", 11)]
    code, problems, notes = judge(report(modules=rows, skipped=[skipped("b.py", reason)]), ())
    assert (code, notes) == (3, ())
    assert problems == ("not analysed: 1 file, about 11 lines (1.10%); more than 1% of all lines",)


def test_one_percent_is_still_allowed_and_told() -> None:
    rows = [module("a.py", 990), module("b.py", 10)]
    found = judge(report(modules=rows, skipped=[skipped("b.py", "syntax-error")]), ())
    assert found == (0, (), ("not analysed: 1 file, about 10 lines (1.00%); the report lists them",))


def test_a_file_that_could_not_be_counted_is_as_long_as_the_average() -> None:
    rows = [module("a.py", 30), module("b.py", 10)]
    code, (problem,), _ = judge(report(modules=rows, skipped=[skipped("c.py", "unreadable")]), ())
    assert (code, problem.split(";")[0]) == (3, "not analysed: 1 file, about 20 lines (33.33%)")


def test_a_file_above_the_limit_counts_with_its_own_lines() -> None:
    _, (problem,), _ = judge(report(modules=[module("a.py", 100)], skipped=[skipped("c.py", "too-large", 300)]), ())
    assert problem.startswith("not analysed: 1 file, about 300 lines (75.00%)")


def test_what_was_left_out_on_purpose_or_is_no_python_is_not_lost() -> None:
    rows = [skipped("v/x.py", "vendored"), skipped("c.yaml", "too-large"), skipped("a.py", "no-metrics")]
    assert judge(report(modules=[module("a.py", 1)], skipped=rows), ()) == (0, (), ())


def test_one_lost_line_of_a_service_is_3() -> None:
    rows = [module("a.py", 10_000), module("b.py", 1)]
    parts = {"modules": rows, "skipped": [skipped("b.py", "crashed")], "services": [service("s", ["a", "b"])]}
    assert judge(report(**parts), ())[:2] == (3, ("not all of these services could be analysed: s",))


def test_gates_by_severity_verdict_and_score() -> None:
    parts = {
        "modules": [module("a.py", 1)],
        "services": [service("s", ["a"]), service("n", [], score=None, verdict="not-judged")],
        "findings": [finding("warning"), finding("info")],
    }
    full = report(**parts)
    assert judge(full, ("warning",)) == (1, ("--fail-on warning: 1 finding",), ())
    assert judge(full, ("error",)) == (0, (), ())
    assert judge(full, ("verdict:port-later", "verdict:port-first")).problems == ("--fail-on verdict:port-later: s",)
    assert judge(full, ("score<40",)).code == 0
    assert judge(full, ("score<40.5",)).problems == ("--fail-on score<40.5: s (40)",)


def test_3_beats_1_and_both_are_told() -> None:
    parts = {"modules": [module("a.py", 1), module("b.py", 1)], "findings": [finding("error")]}
    code, problems, _ = judge(report(skipped=[skipped("b.py", "crashed")], **parts), ("error",))
    assert (code, problems[1]) == (3, "--fail-on error: 1 finding")


@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), min_size=1, max_size=12))
def test_the_share_is_of_all_lines(files: list[tuple[int, bool]]) -> None:
    rows = [module(f"m{index}.py", lines + 1) for index, (lines, _) in enumerate(files)]
    lost = [skipped(row["path"], "crashed") for row, (_, is_lost) in zip(rows, files, strict=True) if is_lost]
    share = sum(lines + 1 for lines, is_lost in files if is_lost) / sum(lines + 1 for lines, _ in files)
    assert judge(report(modules=rows, skipped=lost), ()).code == (3 if share > 0.01 else 0)
