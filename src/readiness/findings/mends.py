"""Findings -> places to change in Python, each with the change, the paths that it ends and the entries that it frees.

A path leads from a finding to the call that it is about. One line may end many: a blocking call in a helper is mended once for all
coroutines that reach it. An entry is freed where no other place of the same rule is left below it. Never counts suppressed findings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from readiness.types.findings import Finding
from readiness.types.program import EntryPoint, Program
from readiness.types.rulebook import Rule, Rulebook

Place = tuple[str, str, int]  # rule, path, line


class Mend(Struct, frozen=True):
    """One change at one place."""

    rule: str
    path: str
    line: int
    change: str
    days: float
    paths: int  # findings that it ends
    entries: tuple[str, ...]  # targets of the entries that have no such finding left, sorted


def mends(
    found: Iterable[Finding], entries: Sequence[EntryPoint], program: Program, rulebook: Rulebook
) -> tuple[Mend, ...]:
    """One per rule with a fix and place, sorted by path, line and rule. `entries`: those that may be freed."""
    rules = {rule.id: rule for rule in rulebook.rules if rule.fix is not None}
    remedies = _remedies(rulebook)
    ended: dict[Place, list[Finding]] = {}
    for row in found:
        if row.rule in rules and row.suppressed is None:
            ended.setdefault(_place(row, rules[row.rule]), []).append(row)
    freed = _freed(ended, entries, program)
    return tuple(
        Mend(
            *place, change_of(rows[0], rules[place[0]], remedies), rules[place[0]].fix_days or 0.0,
            len(rows), tuple(sorted(freed.get(place, ()))),
        )
        for place, rows in sorted(ended.items(), key=lambda item: (item[0][1], item[0][2], item[0][0]))
    )  # fmt: skip


def change_of(finding: Finding, rule: Rule, remedies: Mapping[str, str]) -> str:
    """The page's `change` with the API and its remedy filled in; the page's `fix` where no page names a remedy."""
    if rule.change is None or ("{remedy}" in rule.change and finding.name not in remedies):
        return rule.fix or ""
    function = (finding.function or finding.module).rpartition(":")[2]
    helper = finding.hops[-1].target.rpartition(":")[2] if finding.hops else function
    remedy = remedies.get(finding.name, "")
    return rule.change.format(name=finding.name, remedy=remedy, function=function, helper=helper)


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


def _place(row: Finding, rule: Rule) -> Place:
    last = row.hops[-1] if row.hops and rule.mend == "end" else row
    return (row.rule, last.path, last.line)


def _freed(
    ended: Mapping[Place, Sequence[Finding]], entries: Sequence[EntryPoint], program: Program
) -> dict[Place, set[str]]:
    """Place -> targets of entries below which it is the only place of its rule."""
    below = _entries_above(ended, entries, program)
    places: dict[tuple[str, str], set[Place]] = {}  # (rule, entry) -> places
    for place, rows in ended.items():
        for row in rows:
            for entry in below.get(row.function or "", ()):
                places.setdefault((place[0], entry), set()).add(place)
    freed: dict[Place, set[str]] = {}
    for (_, entry), those in places.items():
        if len(those) == 1:
            freed.setdefault(next(iter(those)), set()).add(entry)
    return freed


def _entries_above(
    ended: Mapping[Place, Sequence[Finding]], entries: Sequence[EntryPoint], program: Program
) -> dict[str, set[str]]:
    """Function with a finding -> targets of the entries that reach it, in whatever thread."""
    number = {function.target: index for index, function in enumerate(program.functions)}
    asked = sorted({number[row.function] for rows in ended.values() for row in rows if row.function in number})
    starts: dict[int, set[str]] = {}
    for entry in entries:
        if entry.function >= 0:
            starts.setdefault(entry.function, set()).add(entry.target)
    callers: dict[int, set[int]] = {}
    for edge in program.calls:
        if edge.callee >= 0:
            callers.setdefault(edge.callee, set()).add(edge.caller)
    found: dict[str, set[str]] = {}
    for function in asked:
        seen, queue = {function}, deque([function])
        while queue:
            for caller in callers.get(queue.popleft(), ()):
                if caller not in seen:
                    seen.add(caller)
                    queue.append(caller)
        found[program.functions[function].target] = set().union(*(starts.get(each, ()) for each in seen))
    return found
