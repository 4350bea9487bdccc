"""Report -> the last lines of a scan: at most 15, the services first. Plain text without colours; writes nothing itself."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from readiness.report.answer import all_fixes, change_of, in_order
from readiness.report.known import confirmed, unsaid
from readiness.report.text import VERDICTS, clause, clean, count, days, listed, number, work
from readiness.types.report import Report, ServiceRow

MOST_LINES, WIDTH = 15, 24  # a name in the ranking is cut after WIDTH characters


def render_summary(report: Report, files: Sequence[str]) -> str:
    """Services found, ranking, fixes, what is missing, files written, what to do next; ends with a newline.

    `files` are the paths as the user gave them; they are shown as they are.
    """
    repository, ranked = report.repository, in_order(report)
    where = f"{count(repository.files, 'Python file')}, {count(repository.lines, 'line')}"
    lines = [f"{clean(repository.name, 60)}: {_found(ranked)} in {where}"]
    lines += _ranking(ranked)
    lines += _fixes(report)
    lines += _missing(report)
    lines += _unknown(report)
    lines += [f"Written: {', '.join(clean(name) for name in files)}"] if files else []
    lines.append(f"Next: {_next(report, files)}")
    assert len(lines) <= MOST_LINES
    return "\n".join(lines) + "\n"


def _found(ranked: Sequence[ServiceRow]) -> str:
    if not ranked:
        return "no service"
    return f"{count(len(ranked), 'service')} ({listed([clean(s.name, WIDTH) for s in ranked])})"


def _ranking(ranked: Sequence[ServiceRow]) -> list[str]:
    """Five services, one a line, and a line for the rest."""
    lines = []
    for s in ranked[:5]:
        words = VERDICTS.get(s.verdict, ("", s.verdict))[1] + (
            ", if traffic confirms" if s.verdict == "port-first" and not confirmed(s) else ""
        )
        words = clean((s.decision or words).partition(";")[0], 60)
        span = s.effort_days
        effort = f"{work(span.production)} ({days(span.expert)}–{days(span.worst)})" if span else "days unknown"
        score = number(s.score) if s.score is not None else "–"
        name = clean(s.name[:WIDTH]) if len(s.name) <= WIDTH else clean(s.name[: WIDTH - 1]) + "…"
        lines.append(f"{s.rank or '–':>3}  {name:<{WIDTH}}  {score:>3}  {words}, {effort}, confidence {s.grade or '–'}")
    if len(ranked) > 5:
        lines.append(f"     and {count(len(ranked) - 5, 'more service', 'more services')}")
    return lines


def _fixes(report: Report) -> list[str]:
    fixes = all_fixes(report)
    if not fixes:
        return []
    lines = [f"Fix in Python first: {count(len(fixes), 'place')}, {work(sum(fix.days for _, fix in fixes))}; the best:"]
    return lines + [f"     {clean(fix.path, 120)}:{fix.line}  {clause(change_of(fix), 140)}" for _, fix in fixes[:2]]


def _missing(report: Report) -> list[str]:
    lost = report.repository.files - report.repository.parsed
    calls = report.summary.calls
    every = calls.resolved + calls.external + calls.unresolved
    parts = [f"{count(lost, 'file')} not analysed"] if lost > 0 else []
    parts += [f"{count(len(report.repository.skipped), 'path')} left out"] if report.repository.skipped else []
    parts += [f"{calls.unresolved / every:.0%} of calls not followed"] if calls.unresolved else []
    for silent, whats in unsaid(report.services).items():
        of = f" of {count(silent, 'service')}" if silent < len(report.services) else ""
        parts.append(f"{listed(whats)} not measured{of}")
    return [f"Missing: {'; '.join(parts)}"] if parts else []


def _unknown(report: Report) -> list[str]:
    rows = report.summary.unknown_libraries
    if not rows:
        return []
    names = ", ".join(f"{clean(row.name, WIDTH)} ({count(row.sites, 'call')})" for row in rows)
    return [f"Not known, most calls first: {names}; `readiness learn FOLDER` reads a library"]


def _next(report: Report, files: Sequence[str]) -> str:
    if report.repository.files == 0:
        return "name the folder that holds the Python code: readiness scan PATH"
    page = next((name for name in files if name.endswith(".html")), None)
    if page:
        return f"open {shlex.quote(clean(page))}"
    if not report.services:
        return "name a service under [[tool.readiness.services]], or look at the hotspots in the report"
    return "readiness scan PATH --format html --output readiness.html"
