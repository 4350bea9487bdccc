"""Imports and wires of services -> charts of who needs whom, left to right. Lays out only; the tables beside hold the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from readiness.assess.marks import PICKLES
from readiness.report.matrix import COUNTED
from readiness.types.report import ImportRow, Report, ServiceRow

MOST_ENDS = 7  # on each side of a cut
MOST_WIRES = 16  # services on each side of the wire map
ROW = 40


class End(Struct, frozen=True):
    """Somebody on one side of a cut."""

    name: str
    imports: int
    is_cut: bool  # one of these imports has to be cut first
    y: float
    inner: float  # where its line meets the box in the middle


class Cut(Struct, frozen=True):
    """What ties a service to other code: who imports it, and what it imports."""

    height: int
    middle: float
    left: tuple[End, ...]
    right: tuple[End, ...]
    into: int  # imports of its modules from outside
    out: int  # imports of others' modules
    more: int  # ends that are in no line of the chart


def crossing(services: Sequence[ServiceRow], imports: Sequence[ImportRow]) -> dict[str, tuple[list[ImportRow], list[ImportRow]]]:  # fmt: skip
    """Service id -> the imports into and out of its own modules; typing never counts."""
    owners: dict[str, list[str]] = {}
    found: dict[str, tuple[list[ImportRow], list[ImportRow]]] = {service.id: ([], []) for service in services}
    for service in services:
        for module in service.modules.own:
            owners.setdefault(module, []).append(service.id)
    for row in imports:
        if row.when not in COUNTED:
            continue
        importers, imported = owners.get(row.importer, ()), owners.get(row.imported, ())
        for name in imported:
            if name not in importers:
                found[name][0].append(row)
        for name in importers:
            if name not in imported:
                found[name][1].append(row)
    return found


def cut(service: ServiceRow, into: Sequence[ImportRow], out: Sequence[ImportRow]) -> Cut | None:
    """The chart of one service, or None where no import crosses its border."""
    if not into and not out:
        return None
    seams = {(seam.importer, seam.imported) for seam in service.seams}
    left = _counted([(row.importer, (row.importer, row.imported) in seams) for row in into])
    right = _counted([(row.imported, (row.importer, row.imported) in seams) for row in out])
    rows = max(len(left[:MOST_ENDS]), len(right[:MOST_ENDS]), 2)
    height = rows * ROW + 16
    more = len(left[MOST_ENDS:]) + len(right[MOST_ENDS:])
    middle = height / 2
    return Cut(height, middle, _ends(left, middle), _ends(right, middle), len(into), len(out), more)


def _counted(rows: Sequence[tuple[str, bool]]) -> list[tuple[str, int, bool]]:
    """Modules by the number of imports."""
    count, is_cut = Counter(name for name, _ in rows), {name for name, cut in rows if cut}
    return sorted(((n, i, n in is_cut) for n, i in count.items()), key=lambda row: (-row[1], row[0]))


def _ends(rows: Sequence[tuple[str, int, bool]], middle: float) -> tuple[End, ...]:
    shown = rows[:MOST_ENDS]
    first = (len(shown) - 1) / 2
    return tuple(
        End(name, imports, is_cut, round(middle + (i - first) * ROW), round(middle + (i - first) * 9))
        for i, (name, imports, is_cut) in enumerate(shown)
    )


class Wired(Struct, frozen=True):
    """One pair of services that talk over a wire."""

    caller: str
    callee: str
    calls: int
    contracts: tuple[str, ...]
    formats: tuple[str, ...]  # serialisations
    confidence: float  # of the surest


class WireMap(Struct, frozen=True):
    height: int
    left: tuple[tuple[str, float], ...]  # name, y
    right: tuple[tuple[str, float], ...]
    lines: tuple[
        tuple[float, float, float, bool], ...
    ]  # from y, to y, width, whether the format is one that Go cannot read
    pairs: tuple[Wired, ...]


UNKNOWN = "unknown"


def wire_map(report: Report, names: Mapping[str, str]) -> WireMap | None:
    """Calls between services over HTTP, RPC, queues: callers left, callees right; None where none was found."""
    calls: dict[tuple[str, str], list[tuple[str, str | None, float]]] = {}
    for service in report.services:
        for row in service.calls_out:
            pair = (service.id, row.service or UNKNOWN)
            calls.setdefault(pair, []).append((row.contract, row.serialisation, row.confidence))
        for row in service.called_by:
            if row.service is None:
                calls.setdefault((UNKNOWN, service.id), []).append((row.contract, row.serialisation, row.confidence))
    if not calls:
        return None
    pairs = tuple(
        Wired(
            names.get(a, a), names.get(b, b), len(rows), tuple(sorted({row[0] for row in rows})),
            tuple(sorted({row[1] for row in rows if row[1]})), max(row[2] for row in rows),
        )
        for (a, b), rows in sorted(calls.items(), key=lambda item: (-len(item[1]), item[0]))
    )  # fmt: skip
    left, right = _column([p.caller for p in pairs]), _column([p.callee for p in pairs])
    height = max(len(left), len(right)) * 30 + 20
    lines = tuple(
        (left[p.caller], right[p.callee], 1 + min(p.calls, 8) * 0.5, bool(PICKLES.intersection(p.formats)))
        for p in pairs
        if p.caller in left and p.callee in right
    )
    return WireMap(height, _named(left), _named(right), lines, pairs)


def _column(ends: Sequence[str]) -> dict[str, float]:
    """Name -> y, in the order of first use, as many as there is room for."""
    return {name: 24.0 + 30 * i for i, name in enumerate(list(dict.fromkeys(ends))[:MOST_WIRES])}


def _named(column: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple((name, y) for name, y in column.items())
