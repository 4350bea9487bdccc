"""Report -> the ways from a service's entry points to the calls that wait: hop by hop, one for each call. Follows nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from readiness.report.source import Line, lines_at
from readiness.types.program import Hop, Via
from readiness.types.report import Entry, FindingRow, FunctionRow, Report, RuleRow, ServiceRow

STARTED = frozenset({"main", "cli", "other"})  # entry points that run once, not for each request
MOST_HOPS = 8  # a longer way is folded in its middle


class Step(Struct, frozen=True):
    """A hop of a way as it is shown: the function, and the line in it from which the next one is called."""

    name: str
    path: str
    line: int
    is_fold: bool = False  # stands for those that are left out


class HotPath(Struct, frozen=True):
    """The shortest way to one call that waits."""

    entry: Entry
    steps: tuple[Step, ...]
    api: str
    kind: str
    mode: str  # blocking | async
    confidence: str
    entries: int  # entry points from which the call is reached
    tags: tuple[str, ...]  # titles of the rules that found something on the way
    patterns: tuple[str, ...]  # their Go lines
    path: str
    line: int
    lines: tuple[Line, ...]
    go: tuple[str, ...]  # how Go does it: of the rules first, then of the library


class Ground(Struct, frozen=True):
    """What the ways of every service are read from, made once."""

    functions: Mapping[str, FunctionRow]
    findings: Mapping[tuple[str, int], tuple[FindingRow, ...]]
    rules: Mapping[str, RuleRow]


def ground(report: Report) -> Ground:
    found: dict[tuple[str, int], list[FindingRow]] = {}
    for row in report.findings:
        for place in {(row.path, row.line), *((hop.path, hop.line) for hop in row.hops[-1:])}:
            found.setdefault(place, []).append(row)
    return Ground(
        {f"{row.module}:{row.qualname}": row for row in report.functions},
        {place: tuple(rows) for place, rows in found.items()},
        {row.id: row for row in report.rules},
    )


def blocking_ends(service: ServiceRow, on: Ground) -> int:
    """Pairs of an entry point and a blocking call that it reaches."""
    return len(
        {
            (entry.target, *_end(via))
            for entry in service.entry_points
            for via in _ways(entry, on)
            if via.mode == "blocking"
        }
    )


def hot_paths(service: ServiceRow, on: Ground, report: Report) -> list[HotPath]:
    """One way for each call that the entry points reach: those of requests and messages before those of commands, then those with
    findings, blocking ones, and those from most entry points.
    """
    ways: dict[tuple[str, int, str, str], list[tuple[Entry, Via]]] = {}
    for entry in service.entry_points:
        for via in _ways(entry, on):
            ways.setdefault((*_end(via), via.api, via.mode), []).append((entry, via))
    found = [_path(rows, service, on, report) for rows in ways.values()]
    return sorted(
        found,
        key=lambda p: (
            p.entry.kind in STARTED,
            not p.tags,
            p.mode != "blocking",
            -p.entries,
            len(p.steps),
            p.path,
            p.line,
            p.api,
        ),
    )


def _ways(entry: Entry, on: Ground) -> Iterable[Via]:
    function = on.functions.get(entry.target)
    return (via for via in function.io.via if via.hops) if function is not None else ()


def _end(via: Via) -> tuple[str, int]:
    return via.hops[-1].path, via.hops[-1].line


def _path(rows: Sequence[tuple[Entry, Via]], service: ServiceRow, on: Ground, report: Report) -> HotPath:
    entry, via = min(
        rows, key=lambda row: (row[0].kind in STARTED, len(row[1].hops), row[0].path, row[0].line, row[0].detail)
    )
    path, line = _end(via)
    findings = [row for hop in via.hops for row in on.findings.get((hop.path, hop.line), ())]
    rules = list(dict.fromkeys(row.rule for row in findings))
    titles = tuple(on.rules[rule].title if rule in on.rules else rule for rule in rules)
    patterns = tuple(on.rules[rule].pattern or "" for rule in rules if rule in on.rules)
    go = [shape for rule in rules if rule in on.rules and (shape := on.rules[rule].go)]
    return HotPath(
        entry, _steps(via.hops), via.api or via.kind, via.kind, via.mode, via.confidence,
        len({(e.path, e.line, e.target, e.detail) for e, _ in rows}),  titles, patterns, path, line, lines_at(report, path, line),
        tuple(dict.fromkeys([*go, *counterpart(via.api, service)])),
    )  # fmt: skip


def _steps(hops: Sequence[Hop]) -> tuple[Step, ...]:
    steps = [Step(hop.target.partition(":")[2] or hop.target, hop.path, hop.line) for hop in hops]
    if len(steps) > MOST_HOPS:
        kept = MOST_HOPS // 2
        fold = Step(f"{len(steps) - 2 * kept} more calls", "", 0, True)
        steps = [*steps[:kept], fold, *steps[-kept:]]
    return tuple(steps)


def counterpart(api: str, service: ServiceRow) -> tuple[str, ...]:
    """The Go packages for the library that an API belongs to, as the dependency verdicts name them."""
    for row in service.dependencies:
        if row.go and (api == row.import_name or api.startswith(f"{row.import_name}.")):
            note = f": {row.note}" if row.note else ""
            return (f"{', '.join(row.go)}{note}",)
    return ()
