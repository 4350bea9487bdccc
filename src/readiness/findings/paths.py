"""Program and Facts -> whether a path of calls can be one walk: all methods that it goes through on one `self` are of one class.

Edges lead from a method to whatever a class below may have in its place; two of them in a row may need two classes at once. Never
looks for another path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from readiness.types.facts import SEP, Facts
from readiness.types.program import CallEdge, Function, Hop, Program


class Paths:
    """Answers are kept: paths share their ends."""

    def __init__(self, program: Program, facts: Mapping[str, Facts], edges: Sequence[Sequence[CallEdge]]) -> None:
        self._functions, self._facts, self._edges = program.functions, facts, edges
        self._numbers = {row.target: number for number, row in enumerate(program.functions)}
        self._below: dict[str, list[frozenset[str]]] = {}  # class -> the lines of ancestors of all that stand below it
        for cls in program.classes:
            line = frozenset((cls.target, *cls.ancestors))
            for name in line:
                self._below.setdefault(name, []).append(line)
        self._same: dict[tuple[Hop, str], bool] = {}

    def is_walk(self, hops: Sequence[Hop]) -> bool:
        """No two methods on one object contradict each other."""
        owners: set[str] = set()
        for hop, after in pairwise(hops):
            owner = self._owner(hop.target)
            if owner is None or not self._stays(hop, after.target):
                owners = set()
                continue
            owners |= {owner, self._owner(after.target) or owner}
            if not any(owners <= line for line in self._below.get(owner, ())):
                return False
        return True

    def _owner(self, target: str) -> str | None:
        number = self._numbers.get(target)
        return self._functions[number].owner if number is not None else None

    def _stays(self, hop: Hop, callee: str) -> bool:
        """The call at this hop is one on the caller's own `self`, or the property that its code asks it for."""
        key = (hop, callee)
        if key not in self._same:
            self._same[key] = self._finds_self(hop, callee)
        return self._same[key]

    def _finds_self(self, hop: Hop, callee: str) -> bool:
        number, other = self._numbers[hop.target], self._numbers.get(callee, -1)
        caller = self._functions[number]
        facts = self._facts[caller.module]
        scope = facts.scopes[caller.scope]
        if not scope.params:
            return False
        own = f"local:{scope.params[0].name}{SEP}."
        found = [edge for edge in self._edges[number] if edge.callee == other and edge.line == hop.line]
        return bool(found) and all(self._is_own(facts, edge, own, caller, callee) for edge in found)

    @staticmethod
    def _is_own(facts: Facts, edge: CallEdge, own: str, caller: Function, callee: str) -> bool:
        if edge.call >= 0:
            ref = facts.calls[edge.call].callee
            return ref.startswith(own) and ref.count(SEP) == 1
        asked = own + callee.rpartition(".")[2]
        return any(
            row.line == edge.line and row.value.startswith(asked) and facts.contexts[row.context].scope == caller.scope
            for row in facts.reads
        )
