"""What a service's own section says once and in order: entries as they move, blockers apart from fixes, lines that a file accepts."""

from __future__ import annotations

import html
import re
import tomllib

from msgspec.structs import replace

from readiness.report import dossier
from readiness.report.html import render_html
from readiness.types.plan import Move
from readiness.types.report import Blocker, Entry

from . import example

ENTRIES = tuple(Entry("http-route", "edge/main.py", line, "edge.main:f", f"/{line}") for line in (10, 20, 30))
MOVES = (Move("edge.main:f", "/30", "edge/main.py", 30, "read", ()), Move("edge.main:f", "/10", "edge/main.py", 10, "write", ("x",)))  # fmt: skip


def test_entries_stand_in_the_order_in_which_they_move_and_the_rest_last() -> None:
    row = replace(example.edge(), entry_points=ENTRIES, moves=MOVES)
    order = dossier.moving(row)
    assert [(entry.line, move.way if move else None) for entry, move in order.rows] == [
        (30, "read"), (10, "write"), (20, None),
    ]  # fmt: skip
    stays = dossier.moving(replace(row, verdict="keep-in-python"))
    assert [entry.line for entry, _ in stays.rows] == [10, 20, 30] and not stays.is_moving


def test_a_blocker_that_is_a_fix_is_only_counted() -> None:
    rows = tuple(Blocker("IO102", "a.py", line, "x") for line in (1, 2, 3, 4))
    found = dossier.unmended(rows, {("IO102", "a.py", 2), ("IO101", "a.py", 1)}, 2)
    assert ([row.line for row in found.rows], found.mended, found.rest) == ([1, 3], 1, 1)


def test_the_lines_to_copy_are_a_file_of_decisions() -> None:
    """They once stood on one line, whose comment swallowed the owner and the date."""
    text = render_html(example.with_services(replace(example.edge(), id='edge "x"\n')))
    lines = html.unescape(re.search(r"decisions.toml</summary><pre><code>(.*?)</code>", text, re.DOTALL)[1])  # type: ignore[index]
    rows = tomllib.loads(lines.replace("YYYY-MM-DD", "2026-11-24"))["decision"]
    assert [(row["service"], row["status"], str(row["date"]), sorted(row)) for row in rows] == [
        ('edge "x" ', "accepted", "2026-11-24", ["date", "owner", "service", "status"]),
    ]  # fmt: skip
