"""Report -> CSV (RFC 4180, UTF-8): one table of TABLES. A cell that a spreadsheet would take for a formula is written as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from readiness.report import view
from readiness.report.answer import against, all_fixes, in_order, why
from readiness.types.report import Report

Cell = str | int | float | None
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet read the rest as a formula


class Table(NamedTuple):
    head: tuple[str, ...]
    rows: Callable[[Report], Iterable[Sequence[Cell]]]


def render_csv(report: Report, table: str) -> str:
    """One of TABLES, with a head row and CRLF line ends. Numbers are whole JSON values; what is unknown is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    found = TABLES[table]
    writer.writerow(found.head)
    writer.writerows([_cell(value) for value in row] for row in found.rows(report))
    return text.getvalue()


def _cell(value: Cell) -> str:
    """Text that starts like a formula gets an apostrophe, also behind spaces; numbers stay numbers."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return f"'{value}" if value.startswith(FORMULA) or value.lstrip().startswith(FORMULA) else value


def _candidates(report: Report) -> Iterable[Sequence[Cell]]:
    for s in in_order(report):
        span = (s.effort_days.expert, s.effort_days.production, s.effort_days.worst) if s.effort_days else (None,) * 3
        places = (s.rank_stability.low, s.rank_stability.high) if s.rank_stability else (None,) * 2
        yield (
            s.rank, s.id, s.name, s.root, s.kind, s.archetype, s.lines, len(s.entry_points), s.verdict, s.score, s.benefit,
            s.benefit_net, s.risk, s.grade, *span, *places, len(s.blockers), len(s.seams), s.wave, s.decision, why(s), against(s),
        )  # fmt: skip


def _fixes(report: Report) -> Iterable[Sequence[Cell]]:
    for s, fix in all_fixes(report):
        yield (
            s.name, fix.rule, fix.path, fix.line, fix.change, fix.days, fix.paths_ended, fix.entries_freed, fix.api,
            fix.replacement, " ".join(fix.freed),
        )  # fmt: skip


def _findings(report: Report) -> Iterable[Sequence[Cell]]:
    for f in view.weighty(report.findings):
        yield f.rule, f.category, f.severity, f.path, f.line, f.column, f.function, f.message, f.fingerprint


def _dependencies(report: Report) -> Iterable[Sequence[Cell]]:
    for d in view.dependencies(in_order(report)):
        yield d.distribution, d.import_name, d.fit, " ".join(d.go), d.note, d.sites, " ".join(d.services)


TABLES = {
    "candidates": Table(
        ("rank", "id", "name", "root", "kind", "archetype", "lines", "entry_points", "verdict", "score", "benefit", "benefit_net",
         "risk", "grade", "days_expert", "days_production", "days_worst", "rank_low", "rank_high", "blockers", "seams", "wave",
         "decision", "for", "against"),
        _candidates,
    ),
    "fixes": Table(
        ("service", "rule", "path", "line", "change", "days", "paths_ended", "entries_freed", "api", "replacement", "freed"), _fixes
    ),
    "findings": Table(
        ("rule", "category", "severity", "path", "line", "column", "function", "message", "fingerprint"), _findings
    ),
    "dependencies": Table(("distribution", "import", "fit", "go", "note", "sites", "services"), _dependencies),
}  # fmt: skip
