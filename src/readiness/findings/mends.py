"""Findings -> places to change in Python, each with the change, the paths that it ends and the entries that it frees.

A path leads from a finding to the call that it is about. One line may end many: a blocking call in a helper is mended once for all
coroutines that reach it; what one function does in its loops is one change, and its days grow with log2(1 + lines). An entry is freed
where no other place of the same rule is left below it, a possible one neither. Never counts suppressed findings, nor rules of other packs than `SPEED`, nor
those whose page says that there is nothing to do.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from readiness.reached import reached
from readiness.types.findings import Finding
from readiness.types.program import EntryPoint, Program
from readiness.types.rulebook import Rule, Rulebook

ASYNCIO = "asyncio"  # the loop that the pages' own words are about
DEFAULT_DAYS = 0.5  # for a fix whose page names no days
# Packs whose findings cost time while the Python runs. What is hard to port, or tied together, is no fix of the Python: it stands as
# blocker, seam and cycle.
SPEED = frozenset({"io", "concurrency", "cpu"})

Place = tuple[str, str, int]  # rule, path, line


class Mend(Struct, frozen=True):
    """One change at one place."""

    rule: str
    path: str
    line: int
    change: str
    days: float
    api: str  # what stands there: the call, module or symbol that the findings are about
    replacement: str | None  # what takes its place, where a page names it
    findings: tuple[Finding, ...]  # the beginnings of the paths that it ends, in their order
    entries: tuple[str, ...]  # targets of the entries that reach one of its findings, sorted
    freed: tuple[str, ...]  # those of them that have no such finding left, sorted
    is_optional: bool = False  # the page calls it so: worth a thought, after all others


def mends(
    found: Iterable[Finding], entries: Sequence[EntryPoint], program: Program, rulebook: Rulebook
) -> tuple[Mend, ...]:
    """One per rule with a fix and place, sorted by path, line and rule. `entries`: those that may be freed."""
    rules = {rule.id: rule for rule in rulebook.rules if _is_mended(rule)}
    remedies = _remedies(rulebook)
    names = _names_of_loops(program, rulebook)
    ended = _ended([row for row in found if row.rule in rules and row.suppressed is None], rules)
    above = _entries_above(ended, entries, program)
    freed = _freed(ended, above)
    return tuple(
        _mend(place, shown, rules[place[0]], remedies, names, above, freed.get(place, set()))
        for place, rows in sorted(ended.items(), key=lambda item: (item[0][1], item[0][2], item[0][0]))
        if (shown := [row for row in rows if row.is_shown])
    )


def change_of(finding: Finding, rule: Rule, remedies: Mapping[str, str]) -> str:
    """The page's `change` with the API and its remedy filled in; the page's `fix` where no page names a remedy."""
    if rule.change is None or ("{remedy}" in rule.change and finding.name not in remedies):
        return rule.fix or ""
    function = (finding.function or finding.module).rpartition(":")[2]
    helper = finding.hops[-1].target.rpartition(":")[2] if finding.hops else function
    remedy = remedies.get(finding.name, "")
    return rule.change.format(name=finding.name, remedy=remedy, function=function, helper=helper)


def _is_mended(rule: Rule) -> bool:
    return rule.fix is not None and rule.pack in SPEED and rule.fix_days != 0


def _remedies(rulebook: Rulebook) -> dict[str, str]:
    """API -> what to use instead in async code; names of builtins as findings show them."""
    found: dict[str, str] = {}
    for library in rulebook.libraries:
        for api in library.apis:
            remedy = api.remedy or library.remedy
            if remedy is not None:
                for name in api.names:
                    found.setdefault(name.removeprefix("builtins."), remedy)
    return found


def _names_of_loops(program: Program, rulebook: Rulebook) -> dict[str, Mapping[str, str]]:
    """Path of a module that runs on another event loop than asyncio's -> names of asyncio, and what to use for them there.

    Told by what the module imports; where it imports no loop, by what most modules of the program do.
    """
    loops = {name: library.loop for library in rulebook.libraries if library.loop for name in library.imports}
    imported: dict[str, set[str]] = {}
    for row in program.imports_external:
        top = row.name.partition(".")[0]
        if top == ASYNCIO or top in loops:
            imported.setdefault(row.importer, set()).add(top)
    counts = Counter(name for names in imported.values() for name in names)
    usual = min(counts, key=lambda name: (-counts[name], name), default=ASYNCIO)
    found: dict[str, Mapping[str, str]] = {}
    for module in program.modules:
        names = imported.get(module.module, {usual})
        if ASYNCIO not in names:
            found[module.path] = loops[min(names)]
    return found


def _ended(found: Iterable[Finding], rules: Mapping[str, Rule]) -> dict[Place, list[Finding]]:
    """Place of a change -> what it ends: where paths end, or the first line of the function that has such findings."""
    first: dict[tuple[str, str, str | None], int] = {}
    ended: dict[Place, list[Finding]] = {}
    for row in sorted(found, key=lambda each: (each.path, each.line)):
        rule = rules[row.rule]
        if row.hops and rule.mend == "end":
            place = (row.rule, row.hops[-1].path, row.hops[-1].line)
        elif row.function is not None and rule.change is not None and "{function}" in rule.change:
            place = (row.rule, row.path, first.setdefault((row.rule, row.path, row.function), row.line))
        else:
            place = (row.rule, row.path, row.line)
        ended.setdefault(place, []).append(row)
    return ended


def _mend(
    place: Place, rows: Sequence[Finding], rule: Rule, remedies: Mapping[str, str], names: Mapping[str, Mapping[str, str]],
    above: Mapping[str, frozenset[str]], freed: Iterable[str],
) -> Mend:  # fmt: skip
    first = rows[0]
    is_replaced = rule.change is not None and "{remedy}" in rule.change
    change = change_of(first, rule, remedies)
    for name, other in sorted(names.get(first.path, {}).items()):
        change = change.replace(name, other)
    return Mend(
        *place,
        change,
        _days(rule, rows),
        first.name,
        remedies.get(first.name) if is_replaced else None,
        tuple(rows),
        tuple(sorted(set().union(*(above.get(row.function or "", ()) for row in rows)))),
        tuple(sorted(freed)),
        rule.category == "optional",
    )


def _days(rule: Rule, rows: Sequence[Finding]) -> float:
    """As blockers count: days log2(1 + n), here over the lines of one function; a helper's line is mended once for all that reach it."""
    days = DEFAULT_DAYS if rule.fix_days is None else rule.fix_days
    lines = 1 if rule.mend == "end" else len({(row.path, row.line) for row in rows})
    return round(days * math.log2(1 + lines), 1)


def _freed(ended: Mapping[Place, Sequence[Finding]], above: Mapping[str, frozenset[str]]) -> dict[Place, set[str]]:
    """Place -> targets of entries below which it is the only place of its rule."""
    places: dict[tuple[str, str], set[Place]] = {}  # (rule, entry) -> places
    for place, rows in ended.items():
        for row in rows:
            for entry in above.get(row.function or "", ()):
                places.setdefault((place[0], entry), set()).add(place)
    freed: dict[Place, set[str]] = {}
    for (_, entry), those in places.items():
        if len(those) == 1:
            freed.setdefault(next(iter(those)), set()).add(entry)
    return freed


def _entries_above(
    ended: Mapping[Place, Sequence[Finding]], entries: Sequence[EntryPoint], program: Program
) -> dict[str, frozenset[str]]:
    """Function with a finding -> targets of the entries that reach it, in whatever thread.

    Entries are bits that flow from callers to callees, among the functions above a finding only: one walk for all findings.
    """
    number = {function.target: index for index, function in enumerate(program.functions)}
    asked = {number[row.function] for rows in ended.values() for row in rows if row.function in number}
    callees, callers = _edges(program)
    inside = reached(asked, callers)
    targets = sorted({entry.target for entry in entries if entry.function in inside})
    bit = {target: 1 << index for index, target in enumerate(targets)}
    bits: dict[int, int] = {}
    for entry in entries:
        if entry.function in inside:
            bits[entry.function] = bits.get(entry.function, 0) | bit[entry.target]
    queue = deque(sorted(bits))
    while queue:
        caller = queue.popleft()
        for callee in callees.get(caller, ()):
            if callee in inside and bits[caller] & ~bits.get(callee, 0):
                bits[callee] = bits.get(callee, 0) | bits[caller]
                queue.append(callee)
    return {program.functions[function].target: _names(bits.get(function, 0), targets) for function in sorted(asked)}


def _names(bits: int, targets: Sequence[str]) -> frozenset[str]:
    """The targets of the bits that are set."""
    found = set()
    while bits:
        lowest = bits & -bits
        found.add(targets[lowest.bit_length() - 1])
        bits ^= lowest
    return frozenset(found)


def _edges(program: Program) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Callees and callers of each function."""
    callees: dict[int, set[int]] = {}
    callers: dict[int, set[int]] = {}
    for edge in program.calls:
        if edge.callee >= 0:
            callees.setdefault(edge.caller, set()).add(edge.callee)
            callers.setdefault(edge.callee, set()).add(edge.caller)
    return callees, callers
