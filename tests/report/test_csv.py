"""CSV: one table a file, whole rows, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.report.csv import FORMULA, TABLES, render_csv

from . import example


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_candidates() -> None:
    head, first, *rest = rows(render_csv(example.report(), "candidates"))
    row = dict(zip(head, first, strict=True))
    assert (row["rank"], row["name"], row["verdict"], row["days_worst"]) == ("1", "edge", "port-first", "52")
    assert row["against"] == "2 fixes in Python (2 days) would clear 28 findings without a port"
    assert (len(rest), rest[-1][head.index("rank")], rest[-1][head.index("score")]) == (3, "", "")


def test_fixes_findings_and_dependencies() -> None:
    whole = example.report()
    assert rows(render_csv(whole, "fixes"))[1] == ["edge", "IO101", "shared/db.py", "57", "redis.asyncio.Redis", "1.5", "21", "9",
        "redis.Redis.get", "redis.asyncio.Redis", " ".join(example.GETS)]  # fmt: skip
    assert [row[0] for row in rows(render_csv(whole, "findings"))] == ["rule", "IO101", "IO102", "IO101"]
    assert rows(render_csv(whole, "dependencies"))[1][:3] == [f"left-pad-{example.SCRIPT}", "leftpad", "unknown"]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("make", [example.report, example.without_python, example.library, example.huge])
def test_every_row_is_as_wide_as_the_head(table: str, make: object) -> None:
    assert callable(make)
    text = render_csv(make(), table)
    assert text.endswith("\r\n")
    assert {len(row) for row in rows(text)} == {len(TABLES[table].head)}


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_no_cell_is_a_formula_and_none_loses_its_text(name: str) -> None:
    hostile = replace(example.edge(), name=name, fixes=(replace(example.edge().fixes[0], change=name),))
    report = example.with_services(hostile)
    for table, column in (("candidates", 2), ("fixes", 4)):
        cell = rows(render_csv(report, table))[1][column]
        assert not cell.startswith(FORMULA) and not cell.lstrip().startswith(FORMULA)
        assert cell.removeprefix("'") == name.removeprefix("'")
