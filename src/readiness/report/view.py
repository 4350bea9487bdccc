"""Report -> the values that the page shows but the report does not hold: totals, shares, orders, cut lists. Writes no markup."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from readiness.report.text import VERDICTS
from readiness.types.report import (
    Contribution,
    Dependency,
    FindingRow,
    FunctionRow,
    ModuleRow,
    Place,
    Report,
    ServiceRow,
)

T = TypeVar("T")

AXES = (("benefit", "Benefit"), ("risk", "Risk"), ("effort", "Effort"))
FITS = {  # fit -> words; the worst to port first
    "unknown": "unknown",
    "keep-python": "keep in Python",
    "none": "none in Go",
    "partial": "partial",
    "close": "close",
    "drop-in": "drop-in",
    "stdlib": "Go standard library",
    "tooling": "tooling, not ported",
}
CATEGORIES = ("mandatory", "optional", "potential")
SEVERITIES = ("error", "warning", "info")
UNKNOWN = "unknown"  # the contribution of what is not known


class Shown(Struct, Generic[T], frozen=True):
    """A table cut to what a page can hold."""

    rows: tuple[T, ...]
    total: int

    @property
    def rest(self) -> int:
        return self.total - len(self.rows)


class Step(Struct, frozen=True):
    """A row of the waterfall. `start` and `points` are parts of 100; whole numbers that add up to the axis. What takes away is below 0."""

    name: str
    state: str
    start: int
    points: int
    detail: str
    places: tuple[Place, ...]


class Axis(Struct, frozen=True):
    id: str
    name: str
    total: int
    steps: tuple[Step, ...]
    unseen: tuple[str, ...]  # signals that were looked for and are not there
    unknown: tuple[str, ...]  # signals that nothing could be said of


class DependencyUse(Struct, frozen=True):
    distribution: str
    import_name: str
    fit: str
    go: tuple[str, ...]
    note: str
    sites: int
    services: tuple[str, ...]


class Band(Struct, frozen=True):
    """Services that other weights may put in any order: rows that follow each other and whose rank intervals share a place."""

    names: tuple[str, ...]
    low: int
    high: int


class Totals(Struct, frozen=True):
    verdicts: tuple[tuple[str, str, int], ...]  # letter, words, services
    entries: int
    in_cycles: int
    in_load_cycles: int
    dependencies: int
    unknown: int
    calls: int
    unresolved: float | None  # share of all calls


def shown(rows: Iterable[T], most: int) -> Shown[T]:
    """The first `most` rows and how many there are."""
    every = tuple(rows)
    return Shown(every[:most], len(every))


def anchors(services: Sequence[ServiceRow]) -> dict[str, str]:
    """Service id -> an id for its section that is safe in a link, whatever the name holds; unique."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for service in services:
        stem = "s-" + (re.sub(r"[^a-z0-9]+", "-", service.id.lower()).strip("-")[:60] or "service")
        name, again = stem, 1
        while name in taken:
            again += 1
            name = f"{stem}-{again}"
        taken.add(name)
        found[service.id] = name
    return found


def waterfall(service: ServiceRow) -> tuple[Axis, ...]:
    """The axes that have contributions, each with whole-number steps that add up to its rounded score.

    Effort is told in days, driver by driver, and does not enter the score: points of it only where a document has no days.
    """
    axes = []
    for axis, name in AXES[:-1] if service.effort_items else AXES:
        rows = [row for row in service.contributions if row.axis == axis]
        score = {"benefit": service.benefit, "risk": service.risk, "effort": service.effort}[axis]
        if rows and score is not None:
            axes.append(_axis(axis, name, score, rows))
    return tuple(axes)


def _axis(axis: str, name: str, score: float, rows: Sequence[Contribution]) -> Axis:
    given = sorted((row for row in rows if row.points > 0), key=lambda row: (-row.points, row.signal))
    taken = sorted((row for row in rows if row.points < 0), key=lambda row: (row.points, row.signal))
    total = round(score)
    top = total if not taken else round(sum(row.points for row in given))
    parts = whole([row.points for row in given], top) + [-n for n in whole([-row.points for row in taken], top - total)]
    steps, start = [], 0
    for row, points in zip((*given, *taken), parts, strict=True):
        places = tuple(dict.fromkeys(row.evidence))
        steps.append(Step(row.signal, row.state, start + min(points, 0), points, row.detail, places))
        start += points
    if start != total:  # the report itself does not add up: say so rather than stretch a bar
        steps.append(Step("not itemised", "unknown", min(start, total), total - start, "", ()))
    silent = [
        row for row in rows if not row.points and row.signal != UNKNOWN
    ]  # that one stands for all that nobody said
    return Axis(
        axis, name, total, tuple(steps),
        tuple(sorted(row.signal for row in silent if row.state != "unknown")),
        tuple(sorted(row.signal for row in silent if row.state == "unknown")),
    )  # fmt: skip


def whole(values: Sequence[float], total: int) -> list[int]:
    """Whole numbers near the values that add up to `total` by largest remainder; far sums (by one a value) are left as they are."""
    floors = [int(value) for value in values]
    short = total - sum(floors)
    if not 0 <= short <= len(values):
        return [round(value) for value in values]
    order = sorted(range(len(values)), key=lambda i: (floors[i] - values[i], i))
    for index in order[:short]:
        floors[index] += 1
    return floors


def totals(report: Report, dependencies: Sequence[DependencyUse]) -> Totals:
    """The numbers of the strip. Counts that `summary` has are not counted again."""
    calls = report.summary.calls
    every = calls.resolved + calls.external + calls.unresolved
    entries = {(e.kind, e.path, e.line, e.target, e.detail) for s in report.services for e in s.entry_points}
    return Totals(
        tuple(
            (VERDICTS[v][0], VERDICTS[v][1], report.summary.verdicts[v])
            for v in VERDICTS
            if report.summary.verdicts.get(v)
        ),
        len(entries),
        sum(1 for row in report.modules if row.coupling.cycle is not None),
        sum(1 for row in report.modules if row.coupling.cycle_load is not None),
        len(dependencies),
        sum(1 for row in dependencies if row.fit == "unknown"),
        every,
        calls.unresolved / every if every else None,
    )


def span_of_days(services: Iterable[ServiceRow]) -> tuple[float, float]:
    """The least and the greatest person-days of any scenario; at least a tenth of a day, and twice as far."""
    spans = [service.effort_days for service in services if service.effort_days is not None]
    least = max(0.1, min((span.expert for span in spans), default=0.1))
    return least, max(2 * least, *(span.worst for span in spans), 0.0)


def along(span: tuple[float, float], days: float) -> float:
    """Where person-days stand on the logarithmic scale of all services, in per cent."""
    least, most = span
    return round(100 * math.log(min(most, max(least, days)) / least) / math.log(most / least), 1)


def bands(ranked: Sequence[ServiceRow]) -> list[Band]:
    """Runs of neighbours in the ranking whose intervals all share a place; a service that stands alone is in none."""
    found: list[list[ServiceRow]] = []
    high = 0  # the last place that all of the run may take
    for service in ranked:
        stable = service.rank_stability
        if stable is None:
            continue
        if found and stable.low <= high:
            found[-1].append(service)
            high = min(high, stable.high)
        else:
            found.append([service])
            high = stable.high
    return [
        Band(tuple(s.id for s in rows), min(_low(s) for s in rows), max(_high(s) for s in rows))
        for rows in found
        if len(rows) > 1
    ]


def _low(service: ServiceRow) -> int:
    return service.rank_stability.low if service.rank_stability else 0


def _high(service: ServiceRow) -> int:
    return service.rank_stability.high if service.rank_stability else 0


def fit_counts(uses: Sequence[DependencyUse]) -> list[tuple[str, str, int]]:
    """(fit, words, distributions) for the fits that occur, the best first."""
    counts = Counter(use.fit if use.fit in FITS else "unknown" for use in uses)
    return [(fit, FITS[fit], counts[fit]) for fit in reversed(FITS) if counts[fit]]


def dependencies(services: Sequence[ServiceRow]) -> list[DependencyUse]:
    """Every distribution once, with the services that need it; the unknown ones first, then by how hard they are to replace."""
    uses: dict[tuple[str, str], list[tuple[ServiceRow, Dependency]]] = {}
    for service in services:
        for row in service.dependencies:
            uses.setdefault((row.distribution, row.import_name), []).append((service, row))
    merged = []
    for (distribution, name), rows in uses.items():
        first = rows[0][1]
        names = tuple(dict.fromkeys(service.name for service, _ in rows))
        merged.append(
            DependencyUse(distribution, name, first.fit, first.go, first.note, max(r.sites for _, r in rows), names)
        )
    return sorted(
        merged, key=lambda r: (_place(tuple(FITS), r.fit), -len(r.services), -r.sites, r.distribution, r.import_name)
    )


def hotspots(functions: Iterable[FunctionRow]) -> list[FunctionRow]:
    """Functions with a hotspot score, the greatest first."""
    hot = [row for row in functions if row.hotspot]
    return sorted(hot, key=lambda r: (-(r.hotspot or 0.0), r.path, r.line, r.qualname))


def hot_files(functions: Iterable[FunctionRow]) -> list[tuple[str, int, float, FunctionRow]]:
    """(path, functions with a score, the sum of their scores, the hottest of them), the greatest sum first."""
    by_path: dict[str, list[FunctionRow]] = {}
    for row in hotspots(functions):
        by_path.setdefault(row.path, []).append(row)
    found = [(path, len(rows), sum(row.hotspot or 0.0 for row in rows), rows[0]) for path, rows in by_path.items()]
    return sorted(found, key=lambda row: (-row[2], row[0]))


def coupled(modules: Iterable[ModuleRow]) -> list[ModuleRow]:
    """Modules with any edge, those with most edges first."""
    rows = [row for row in modules if row.coupling.afferent + row.coupling.efferent]
    return sorted(rows, key=lambda r: (-(r.coupling.afferent + r.coupling.efferent), -r.coupling.betweenness, r.module))


def weighty(findings: Iterable[FindingRow]) -> list[FindingRow]:
    """Findings, the heaviest first: category, severity, then place."""
    return sorted(
        findings,
        key=lambda f: (
            _place(CATEGORIES, f.category),
            _place(SEVERITIES, f.severity),
            f.path,
            f.line,
            f.column,
            f.rule,
            f.fingerprint,
        ),
    )


def rule_counts(findings: Iterable[FindingRow]) -> Mapping[str, int]:
    """Rule -> findings."""
    return Counter(finding.rule for finding in findings)


def _place(order: Sequence[str], word: str) -> int:
    return order.index(word) if word in order else len(order)
