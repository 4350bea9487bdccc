"""call edges -> the same, those marked that run the first time only: what they give is kept, and asked for before they run again.

Kept is what is put into a `global`, into an attribute or element that was just found missing, or what the called method itself puts
there. Never asks whether anybody clears it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Binding, Call, Context, Facts
from readiness.types.program import CallEdge, Function

KEEPERS = frozenset({"add", "append", "setdefault", "update", "set"})  # methods that put something into a container
EMPTY = ("none:", "bool:False")
STORED = frozenset({"assign", "walrus", "augment"})


def mark_first(
    edges: Sequence[CallEdge], functions: Sequence[Function], spaces: Mapping[str, ModuleSpace]
) -> list[CallEdge]:
    """All edges in their order."""
    guards = {module: Guards(space.facts) for module, space in spaces.items() if space.facts.calls}
    kept: dict[tuple[str, int], bool] = {}
    found = []
    for edge in edges:
        module = functions[edge.caller].module
        if edge.call >= 0:
            key = (module, edge.call)
            if key not in kept:
                kept[key] = guards[module].is_kept(edge.call)
            if kept[key] or edge.callee >= 0 and _is_settled_below(guards[module], edge, functions, spaces):
                edge = replace(edge, is_first=True)
        found.append(edge)
    return found


class Guards:
    """What one file says of places that were found missing."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.rows: dict[int, list[tuple[int, Context, str]]] = {}  # scope -> order, where, place
        for row in facts.missing:
            where = facts.contexts[row.context]
            self.rows.setdefault(where.scope, []).append((row.order, where, row.place))
        self.stored: dict[int, list[Binding]] = {}  # scope -> what is put somewhere
        self.putting: dict[int, list[Call]] = {}  # scope -> calls of methods that put something into a container
        asked = self.rows.keys()
        for binding in facts.bindings:
            scope = facts.contexts[binding.context].scope
            if binding.kind in STORED and (scope in asked or binding.name in facts.scopes[scope].global_names):
                self.stored.setdefault(scope, []).append(binding)
        for call in facts.calls:
            scope = facts.contexts[call.context].scope
            if scope in asked and call.callee.rpartition(SEP)[2].removeprefix(".") in KEEPERS:
                self.putting.setdefault(scope, []).append(call)
        self.own = {
            (scope, row.name)
            for row in facts.bindings
            if not row.target and not _is_outer(facts, scope := facts.contexts[row.context].scope, row.name)
        }
        self.by_call = {
            (facts.contexts[row.context].scope, row.value): row
            for rows in self.stored.values()
            for row in rows
            if not row.target and row.name in facts.scopes[facts.contexts[row.context].scope].global_names
        }

    def is_kept(self, number: int) -> bool:
        """What the call gives goes into a global name, or stands behind a place that was missing and is filled there."""
        call = self.facts.calls[number]
        scope = self.facts.contexts[call.context].scope
        if (scope, f"call:{number}") in self.by_call:
            return True
        return any(self._is_filled(scope, guard, number) for guard in self.around(call))

    def around(self, call: Call) -> list[tuple[int, Context, str]]:
        """The places that were found missing before a call, in the arm in which it stands."""
        where = self.facts.contexts[call.context]
        return [
            row for row in self.rows.get(where.scope, ()) if row[0] <= call.order and self._is_within(where, row[1])
        ]

    def _is_within(self, inner: Context, outer: Context) -> bool:
        branch = inner.branch
        while branch != outer.branch and branch >= 0:
            branch = self.facts.branches[branch].parent
        return branch == outer.branch

    def _is_filled(self, scope: int, guard: tuple[int, Context, str], number: int) -> bool:
        order, where, place = guard
        result = f"call:{number}"
        for row in self.stored.get(scope, ()):
            if row.order < order or row.value in EMPTY or not self._is_within(self.facts.contexts[row.context], where):
                continue
            name = f"{row.target}{SEP}{row.name}" if row.target else f"local:{row.name}"
            if name == place and (row.value.partition(SEP)[0] == result or self._stays(scope, place)):
                return True
            if row.target == place and self._stays(scope, place):
                return True
        return self._stays(scope, place) and any(
            row.order >= order and row.callee.rpartition(SEP)[0] == place
            and self._is_within(self.facts.contexts[row.context], where)
            for row in self.putting.get(scope, ())
        )  # fmt: skip

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
    base, _, _ = call.callee.rpartition(SEP)
    names = {
        place.rpartition(SEP)[2] for _, _, place in guards.around(call) if base and place.rpartition(SEP)[0] == base
    }
    if not names:
        return False
    callee = functions[edge.callee]
    facts = spaces[callee.module].facts
    scope = facts.scopes[callee.scope]
    own = f"local:{scope.params[0].name}" if scope.params else ""
    return any(_fills(facts, row, callee.scope, own, names) for row in facts.bindings)


def _fills(facts: Facts, row: Binding, scope: int, own: str, names: Iterable[str]) -> bool:
    is_there = row.kind in STORED and row.target == own and row.name in names and row.value not in EMPTY
    return is_there and facts.contexts[row.context].scope == scope
