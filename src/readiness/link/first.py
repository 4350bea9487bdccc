"""call edges -> the same, those marked that run the first time only: what they give is kept, and asked for before they run again.

Kept is what is put into a `global`, into an attribute or element that was just found missing, or what the called method itself puts
there. Never asks whether anybody clears it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import TypeVar

from msgspec.structs import replace

from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Binding, Call, Context, Facts, is_within
from readiness.types.program import CallEdge, Function

KEEPERS = frozenset({"add", "append", "setdefault", "update", "set"})  # methods that put something into a container
EMPTY = ("none:", "bool:False")
STORED = frozenset({"assign", "walrus", "augment"})
MAX_LOOK = 64  # guards before a call, and rows behind a guard
Row = TypeVar("Row", Binding, Call)


def mark_first(
    edges: Iterable[CallEdge], functions: Sequence[Function], spaces: Mapping[str, ModuleSpace]
) -> Iterator[CallEdge]:
    """All edges in their order, which is that of their modules: only one module's guards are in memory."""
    for module, group in groupby(edges, key=lambda edge: functions[edge.caller].module):
        guards = Guards(spaces[module].facts)
        kept: dict[int, bool] = {}
        for edge in group:
            if edge.call >= 0 and guards.rows_or_globals:
                if edge.call not in kept:
                    kept[edge.call] = guards.is_kept(edge.call)
                if kept[edge.call] or edge.callee >= 0 and _is_settled_below(guards, edge, functions, spaces):
                    edge = replace(edge, is_first=True)
            yield edge


class Guards:
    """What one file says of places that were found missing."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.rows: dict[tuple[int, int], list[tuple[int, Context, str]]] = {}  # scope, branch -> order, where, place
        for row in facts.missing:
            where = facts.contexts[row.context]
            self.rows.setdefault((where.scope, where.branch), []).append((row.order, where, row.place))
        self.named: dict[tuple[int, str], list[Binding]] = {}  # scope, place -> what is put there
        self.inside: dict[tuple[int, str], list[Binding]] = {}  # scope, place -> what is put into it
        self.putting: dict[tuple[int, str], list[Call]] = {}  # the same by methods that put something into a container
        self.by_call: set[tuple[int, str]] = set()  # scope, call whose result goes into a global name
        self.asked = {scope for scope, _ in self.rows}
        for binding in facts.bindings:
            if binding.kind in STORED:
                self._store(binding, facts.contexts[binding.context].scope)
        for call in facts.calls if self.asked else ():
            scope = facts.contexts[call.context].scope
            base, _, last = call.callee.rpartition(SEP)
            if scope in self.asked and last.removeprefix(".") in KEEPERS:
                self.putting.setdefault((scope, base), []).append(call)
        self.rows_or_globals = bool(self.rows or self.by_call)

    @cached_property
    def own(self) -> set[tuple[int, str]]:
        """Scope and name of what a function binds for itself."""
        facts = self.facts
        return {
            (scope, row.name)
            for row in facts.bindings
            if not row.target and not _is_outer(facts, scope := facts.contexts[row.context].scope, row.name)
        }

    def _store(self, binding: Binding, scope: int) -> None:
        if not binding.target and binding.name in self.facts.scopes[scope].global_names:
            self.by_call.add((scope, binding.value))
        if scope not in self.asked:
            return
        name = f"{binding.target}{SEP}{binding.name}" if binding.target else f"local:{binding.name}"
        self.named.setdefault((scope, name), []).append(binding)
        if binding.target:
            self.inside.setdefault((scope, binding.target), []).append(binding)

    def is_kept(self, number: int) -> bool:
        """What the call gives goes into a global name, or stands behind a place that was missing and is filled there."""
        call = self.facts.calls[number]
        scope = self.facts.contexts[call.context].scope
        if self.by_call and (scope, f"call:{number}") in self.by_call:
            return True
        if scope not in self.asked:
            return False
        return any(self._is_filled(scope, guard, number) for guard in self.around(call))

    def around(self, call: Call) -> Iterator[tuple[int, Context, str]]:
        """The places that were found missing before a call, in the arm in which it stands."""
        where = self.facts.contexts[call.context]
        branch = where.branch
        while where.scope in self.asked:
            rows = self.rows.get((where.scope, branch), ())
            before = bisect_right(rows, call.order, key=lambda row: row[0])
            yield from rows[max(0, before - MAX_LOOK) : before]
            if branch < 0:
                return
            branch = self.facts.branches[branch].parent

    def _is_filled(self, scope: int, guard: tuple[int, Context, str], number: int) -> bool:
        order, where, place = guard
        result, stays = f"call:{number}", self._stays(scope, place)
        for row in self._after(self.named.get((scope, place), ()), order, where):
            if row.value not in EMPTY and (stays or row.value.partition(SEP)[0] == result):
                return True
        if not stays:
            return False
        if any(row.value not in EMPTY for row in self._after(self.inside.get((scope, place), ()), order, where)):
            return True
        return any(True for _ in self._after(self.putting.get((scope, place), ()), order, where))

    def _after(self, rows: Sequence[Row], order: int, where: Context) -> Iterator[Row]:
        """Of rows in the order of the file those from a place on, in its arm; not further than MAX_LOOK rows."""
        first = bisect_left(rows, order, key=lambda row: row.order)
        for row in rows[first : first + MAX_LOOK]:
            if is_within(self.facts, self.facts.contexts[row.context].branch, where.branch):
                yield row

    def _stays(self, scope: int, place: str) -> bool:
        """It outlives the call: an attribute, or a name of the module or of a function around."""
        return SEP in place or (scope, place.removeprefix("local:")) not in self.own


def _is_outer(facts: Facts, scope: int, name: str) -> bool:
    row = facts.scopes[scope]
    return name in row.global_names or name in row.nonlocal_names


def _is_settled_below(
    guards: Guards, edge: CallEdge, functions: Sequence[Function], spaces: Mapping[str, ModuleSpace]
) -> bool:
    """`if not self.loaded: self.load()`: the method fills the place itself."""
    call = guards.facts.calls[edge.call]
    base = call.callee.rpartition(SEP)[0]
    names = {place.rpartition(SEP)[2] for _, _, place in guards.around(call) if place.rpartition(SEP)[0] == base}
    if not base or not names:
        return False
    callee = functions[edge.callee]
    space = spaces[callee.module]
    scope = space.facts.scopes[callee.scope]
    own = f"local:{scope.params[0].name}" if scope.params else ""
    return any(
        row.kind in STORED and row.value not in EMPTY and space.facts.contexts[row.context].scope == callee.scope
        for name in names
        for row in space.settings.get((callee.scope, f"{own}{SEP}{name}"), ())
    )
