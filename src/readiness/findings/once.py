"""Program and Facts -> places whose work is done once and kept: what a path goes through there is no repetition.

Kept is what a cached property gives, or a cached function that can be called without arguments, and what a call edge says of itself.
Never asks whether anybody clears it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from readiness.types.facts import Facts
from readiness.types.program import Function, Hop, Program

PROPERTY, FUNCTION = "cached-property", "cache"  # tags on the pages of decorators


class Once(Struct, frozen=True):
    functions: frozenset[str]  # targets
    cached: frozenset[str]  # those that are kept by their arguments: one more time where these differ
    calls: frozenset[tuple[str, int]]  # target of a function, line of a call in it

    def covers(self, hops: Sequence[Hop], by_arguments: bool) -> bool:
        """One of the hops is done once; `by_arguments`: once for equal arguments is enough."""
        functions = self.functions | self.cached if by_arguments else self.functions
        return any(hop.target in functions or (hop.target, hop.line) in self.calls for hop in hops)


def done_once(program: Program, facts_by_module: Mapping[str, Facts]) -> Once:
    """All such functions and calls of a program."""
    tagged = {tag: {use.name for use in program.apis if tag in use.tags} for tag in (PROPERTY, FUNCTION)}
    functions = frozenset(
        row.target
        for row in program.functions
        if not tagged[PROPERTY].isdisjoint(row.decorators)
        or (not tagged[FUNCTION].isdisjoint(row.decorators) and _needs_nothing(row, facts_by_module))
    )
    cached = frozenset(row.target for row in program.functions if not tagged[FUNCTION].isdisjoint(row.decorators))
    calls = frozenset((program.functions[edge.caller].target, edge.line) for edge in program.calls if edge.is_first)
    return Once(functions, cached, calls)


def _needs_nothing(function: Function, facts_by_module: Mapping[str, Facts]) -> bool:
    """It can be called without arguments, so that most callers share one result."""
    params = facts_by_module[function.module].scopes[function.scope].params[1 if function.owner else 0 :]
    return all(row.default or row.kind in ("star", "double-star") for row in params)
