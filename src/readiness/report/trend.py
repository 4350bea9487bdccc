"""Reports of one repository, the oldest first -> a line per number over the scans. Lays out only; the table beside holds the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from readiness.report.text import PORTS, brief, number
from readiness.types.report import Report

MOST_SCANS = 50
WIDTH, HEIGHT, EDGE = 220.0, 56.0, 6.0


class Line(Struct, frozen=True):
    """One number over all scans. `points` of an SVG polyline; `values` as they are shown."""

    name: str
    points: str
    values: tuple[str, ...]
    last: tuple[float, float]


class Trend(Struct, frozen=True):
    scans: tuple[str, ...]  # commits, or names where there is none
    lines: tuple[Line, ...]
    dropped: int  # older scans that are left out


def trend(report: Report, earlier: Sequence[Report]) -> Trend | None:
    """The last 50 scans; None with fewer than three, which the comparison shows already."""
    every = [*earlier, report]
    shown = every[-MOST_SCANS:]
    if len(shown) < 3:
        return None
    scans = tuple(brief((one.repository.commit or one.repository.name)[:12], 12) for one in shown)
    lines = tuple(_line(name, [read(one) for one in shown], unit) for name, read, unit in NUMBERS)
    return Trend(scans, lines, len(every) - len(shown))


def _ports(report: Report) -> float:
    return sum(report.summary.verdicts.get(verdict, 0) for verdict in PORTS)


def _unresolved(report: Report) -> float:
    calls = report.summary.calls
    every = calls.resolved + calls.external + calls.unresolved
    return 100 * calls.unresolved / every if every else 0.0


NUMBERS: tuple[tuple[str, Callable[[Report], float], str], ...] = (
    ("Lines of Python", lambda report: report.repository.lines, ""),
    ("Services to port", _ports, ""),
    ("Hotspots", lambda report: report.summary.hotspots, ""),
    ("Findings", lambda report: report.summary.findings, ""),
    ("Import cycles", lambda report: report.summary.cycles, ""),
    ("Calls not followed", _unresolved, " %"),
)


def _line(name: str, values: Sequence[float], unit: str) -> Line:
    """From nothing to the greatest value, so that a small change does not look like a great one."""
    most = max(values) or 1.0
    wide = (WIDTH - 2 * EDGE) / (len(values) - 1)
    at = [
        (round(EDGE + wide * i, 1), round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / most, 1))
        for i, value in enumerate(values)
    ]
    shown = tuple(f"{value:.1f}{unit}" if unit else number(value) for value in values)
    return Line(name, " ".join(f"{x:g},{y:g}" for x, y in at), shown, at[-1])
