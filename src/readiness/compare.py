"""Reports of two states -> Changes: what is new in the first, by fingerprint. Never reads a file, never looks at line numbers to tell.

A finding is known where its fingerprint (rule, symbol, normalised statement, ordinal) stands in a base or in the baseline. The
policies speak of what no single line is: a kind of blocking I/O that an entry newly reaches, an import across the cut of a candidate
that was accepted, an import cycle, a blocker inside such a candidate, a score under the floor.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec.structs import replace

from readiness.link.space import is_test_path
from readiness.types.changes import Changes, Item, KnownItem
from readiness.types.config import CheckRules
from readiness.types.decisions import Decision
from readiness.types.program import Via
from readiness.types.report import CycleRow, FindingRow, FunctionRow, Report, ServiceRow

SERVED = frozenset(("http-route", "websocket", "rpc-method", "task", "consumer", "schedule", "lambda"))
QUICK = frozenset(("filesystem", "dns"))  # a handler that has a thread of its own may wait for these without notice
CYCLE = "import-cycle"
JOIN = ", "


def compare(
    head: Report,
    bases: Sequence[Report],
    baseline: Sequence[KnownItem],
    decisions: Sequence[Decision],
    rules: CheckRules,
) -> Changes:
    """What stands in `head` and in none of `bases` nor in `baseline`, what is known, and what is gone since the first base.

    With neither a base nor a baseline everything is new. A finding that moved with its file, or whose module got another
    unique name, is known.
    """
    now = items(head, decisions, rules)
    old = [items(base, decisions, rules) for base in bases]
    values = _values((*baseline, *(item for side in old for item in side)))
    cycles = [set(item.symbol.split(JOIN)) for side in old for item in side if item.rule == CYCLE]
    cycles += [set(row.symbol.split(JOIN)) for row in baseline if row.rule == CYCLE]
    entries = {_target(f) for base in bases for f in served(base)}
    entries |= {row.symbol for row in baseline if row.rule == "blocking-path"}
    paths = {module.path for module in head.modules}
    before = {module.path for base in bases for module in base.modules}
    circles = {i.fingerprint for i in now if i.rule == CYCLE and _is_old_cycle(i, cycles, paths, before)}
    new = [
        _said(item, values)
        for item in now
        if item.rule.startswith(rules.strict) or not (item.fingerprint in circles or _is_known(item, values))
    ]
    prints = {item.fingerprint for item in now}
    gone = [item for item in (old[0] if old else ()) if item.fingerprint not in prints and item.rule != CYCLE]
    moved = _moved([item for item in new if not item.rule.startswith(rules.strict)], gone, paths)
    new = [item for item in new if item.fingerprint not in moved]
    fresh = {item.fingerprint for item in new}
    return Changes(
        new=tuple(item for item in new if _is_worse(item, entries)),
        known=tuple(item for item in now if item.fingerprint not in fresh),
        gone=tuple(item for item in gone if item.fingerprint not in moved.values()),
        passed=tuple(item for item in new if not _is_worse(item, entries)),
    )


def items(report: Report, decisions: Sequence[Decision], rules: CheckRules) -> tuple[Item, ...]:
    """Everything of one report that a gate can fail on, sorted by path, line, column, rule and fingerprint."""
    path_of = {module.module: module.path for module in report.modules}
    makers = {
        "blocking-path": lambda: _blocking_paths(report),
        "crossing-import": lambda: _crossing(report, decisions, path_of),
        CYCLE: lambda: _cycles(report, path_of),
        "blocker": lambda: _blockers(report, decisions),
        "score": lambda: _scores(report, rules.score_floor),
    }
    cuts = {(*_cut_place(cycle, path_of), _names(cycle)) for cycle in report.cycles if CYCLE in rules.policies}
    found = [_of_finding(row) for row in report.findings if not _is_of_cycle(row, cuts)]
    for name in rules.policies:
        found += makers[name]()
    unique = {item.fingerprint: item for item in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda i: (i.path, i.line, i.column, i.rule, i.fingerprint)))


def finding_items(report: Report) -> tuple[Item, ...]:
    """The findings alone, as items, in the report's order."""
    return tuple(_of_finding(row) for row in report.findings)


def suppressed_items(report: Report) -> tuple[tuple[Item, str], ...]:
    """What a comment covers, each with the comment's reason."""
    return tuple((_of_finding(row), row.suppressed or "") for row in report.suppressed)


def touches(item: Item, wanted: Sequence[str]) -> bool:
    """Whether an item lies in one of the files or folders, or goes through one; none wanted: all do."""
    return any(is_below(path, wanted) for path in (item.path, *item.also, *(hop.path for hop in item.hops)))


def is_below(path: str, wanted: Sequence[str]) -> bool:
    """Whether a path is one of the files, or lies in one of the folders; none wanted: every path does."""
    return not wanted or any(path == name or name == "." or path.startswith(f"{name}/") for name in wanted)


def _values(rows: Iterable[Item | KnownItem]) -> dict[str, float]:
    """Fingerprint -> the worst that was measured; infinity where nothing is measured."""
    found: dict[str, float] = {}
    for row in rows:
        value = math.inf if row.value is None else row.value
        found[row.fingerprint] = max(value, found.get(row.fingerprint, value))
    return found


def _is_old_cycle(item: Item, cycles: Iterable[set[str]], paths: set[str], before: set[str]) -> bool:
    """No module joined it: one that got smaller is none the worse, and a file may have another name."""
    ours = set(item.symbol.split(JOIN))
    return any(
        not (joined := ours - cycle) or (joined.isdisjoint(before) and len(joined) <= len(cycle - paths))
        for cycle in cycles
    )


def _is_known(item: Item, values: Mapping[str, float]) -> bool:
    """What is measured may not grow."""
    return item.fingerprint in values and (item.value is None or item.value <= values[item.fingerprint])


def _said(item: Item, values: Mapping[str, float]) -> Item:
    """What got worse says what it was."""
    before = values.get(item.fingerprint)
    return item if before is None or item.value is None else replace(item, message=f"{item.message}; it was {before:g}")


def _moved(new: Sequence[Item], gone: Sequence[Item], paths: set[str]) -> dict[str, str]:
    """Fingerprints of new items -> those of the gone ones that they are: same rule, name and words, and the old file is gone.

    In the same file too: an edited statement that does the same is none the worse, and one more `main.py` elsewhere gives
    a module another unique name.
    """
    waiting: dict[tuple[str, str, str], list[Item]] = {}
    for item in gone:
        waiting.setdefault(_words(item), []).append(item)
    found = {}
    for item in new:
        rows = waiting.get(_words(item), [])
        match = next((row for row in rows if row.path == item.path), None)
        match = match or next((row for row in rows if row.path not in paths), None)
        if match is not None:
            rows.remove(match)
            found[item.fingerprint] = match.fingerprint
    return found


def _words(item: Item) -> tuple[str, str, str]:
    return item.rule, item.symbol.rpartition(":")[2] if ":" in item.symbol else "", item.message


def _is_worse(item: Item, entries: set[str]) -> bool:
    """A handler that is new, or of which nobody knows what it was, and has a thread of its own is no step back, whatever it waits for."""
    return item.rule != "blocking-path" or item.severity != "warning" or item.symbol in entries


def _of_finding(row: FindingRow) -> Item:
    symbol = row.function or row.path
    return Item(
        row.rule, row.severity, row.path, row.line, row.column, row.end_line, symbol, row.message, row.fingerprint, row.hops,
        value=row.value,
    )  # fmt: skip


def _cut_place(cycle: CycleRow, path_of: Mapping[str, str]) -> tuple[str, int]:
    """Where the rule about cycles puts its finding: the same thing must not be told twice."""
    if not cycle.cuts:
        return path_of.get(cycle.modules[0], ""), 1
    return path_of.get(cycle.cuts[0].importer, ""), cycle.cuts[0].line


def _is_of_cycle(row: FindingRow, cuts: set[tuple[str, int, str]]) -> bool:
    return row.function is None and any((row.path, row.line) == cut[:2] and cut[2] in row.message for cut in cuts)


def _names(cycle: CycleRow) -> str:
    return ", ".join(cycle.modules[:4]) + (", ..." if len(cycle.modules) > 4 else "")


def served(report: Report) -> tuple[FunctionRow, ...]:
    """The functions that are entries and serve many callers, of services and of what belongs to none."""
    names = {entry.target for row in report.services for entry in row.entry_points if entry.kind in SERVED}
    return tuple(function for function in report.functions if _target(function) in names)


def _target(function: FunctionRow) -> str:
    return f"{function.module}:{function.qualname}"


def _blocking_paths(report: Report) -> Iterator[Item]:
    for function in served(report):
        for via in function.io.via:
            if via.mode == "blocking" and via.hops and (function.is_async or via.kind not in QUICK):
                yield _blocking(function, via)


def _blocking(function: FunctionRow, via: Via) -> Item:
    holds = "the event loop" if function.is_async else "its thread"
    return Item(
        rule="blocking-path",
        severity="error" if function.is_async else "warning",
        path=function.path,
        line=function.line,
        column=1,
        end_line=function.line,
        symbol=_target(function),
        message=f"entry {function.qualname} reaches blocking {via.kind} I/O ({via.api}) and holds {holds}",
        fingerprint=_print("blocking-path", _target(function), via.kind),
        hops=via.hops,
    )


def _crossing(report: Report, decisions: Sequence[Decision], path_of: Mapping[str, str]) -> Iterator[Item]:
    """Imports across the cut of what was accepted; for what is done, imports back into it."""
    for decision in decisions:
        if decision.status not in ("accepted", "done"):
            continue
        inside = _inside(report, decision, path_of)
        for row in report.imports:
            # a generated module is imported and has no row of its own: it is nobody's
            importer, imported = path_of.get(row.importer, ""), path_of.get(row.imported, "")
            is_in, is_out = imported in inside, importer in inside
            if row.when == "typing" or is_in == is_out or (decision.status == "done" and is_out):
                continue
            if is_in and decision.status == "accepted" and is_test_path(importer):
                continue  # a test guards what is going to move
            way = "into" if is_in else "out of"
            yield Item(
                rule="crossing-import",
                severity="error",
                path=importer,
                line=row.line,
                column=1,
                end_line=row.line,
                symbol=f"{row.importer} -> {row.imported}",
                message=f"import {way} {decision.service}, which is {decision.status}: {row.importer} imports {row.imported}",
                fingerprint=_print("crossing-import", decision.service, importer, imported),
                also=(imported,),
            )


def _inside(report: Report, decision: Decision, path_of: Mapping[str, str]) -> set[str]:
    """The files of a decided service: its own modules, and what the decision names."""
    found = {path_of[name] for row in _rows(report, decision) for name in row.modules.own if name in path_of}
    return found | {path for path in path_of.values() for glob in decision.modules if fnmatchcase(path, glob)}


def _rows(report: Report, decision: Decision) -> list[ServiceRow]:
    exact = [row for row in report.services if row.id == decision.service]
    return exact or [row for row in report.services if row.name == decision.service]


def _cycles(report: Report, path_of: Mapping[str, str]) -> Iterator[Item]:
    for cycle in report.cycles:
        paths = sorted(path_of[name] for name in cycle.modules if name in path_of)
        path, line = _cut_place(cycle, path_of)
        when = "" if cycle.is_load_time else " (some of it lazily)"
        yield Item(
            rule=CYCLE,
            severity="error" if cycle.is_load_time else "warning",
            path=path,
            line=line,
            column=1,
            end_line=line,
            symbol=JOIN.join(paths),
            message=f"{len(paths)} modules import each other{when}: {_names(cycle)}",
            fingerprint=_print(CYCLE, *paths),
            also=tuple(paths),
        )


def _blockers(report: Report, decisions: Sequence[Decision]) -> Iterator[Item]:
    prints = {(row.rule, row.path, row.line): row for row in report.findings}
    for decision in decisions:
        for service in _rows(report, decision) if decision.status == "accepted" else ():
            seen: Counter[tuple[str, str, str]] = Counter()
            for row in service.blockers:
                finding = prints.get((row.rule, row.path, row.line))
                key = (row.rule, row.path, row.detail)
                seen[key] += 1
                identity = finding.fingerprint if finding else "\0".join((*key, str(seen[key])))
                yield Item(
                    rule="blocker",
                    severity="error",
                    path=row.path,
                    line=row.line,
                    column=1,
                    end_line=row.line,
                    symbol=finding.function or row.path if finding else row.path,
                    message=f"{service.name} is accepted, and this stands in the way: {row.rule} {row.detail}",
                    fingerprint=_print("blocker", decision.service, identity),
                )


def _scores(report: Report, floor: float | None) -> Iterator[Item]:
    for row in report.services if floor is not None else ():
        if row.score is not None and floor is not None and row.score < floor:
            place = row.evidence[0] if row.evidence else None
            yield Item(
                rule="score",
                severity="error",
                path=place.path if place else row.root,
                line=(place.line if place else None) or 1,
                column=1,
                end_line=1,
                symbol=row.id,
                message=f"{row.name} scores {row.score:g}, the floor is {floor:g}",
                fingerprint=_print("score", row.id),
                also=(row.root,),
            )


def _print(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()
