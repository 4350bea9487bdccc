"""Program and Facts -> places whose work is done once and kept: what a path goes through there is no repetition.

Kept is what a cached property or a cached function without parameters gives, what is put into a `global` name, and what is put
into a place that was just found to be None. Never asks whether anybody clears it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from readiness.types.facts import Facts
from readiness.types.program import Hop, Program

CACHED = frozenset(
    {"functools.cached_property", "django.utils.functional.cached_property", "werkzeug.utils.cached_property"}
)
CACHED_WITHOUT_PARAMETERS = frozenset({"functools.cache", "functools.lru_cache"})
FunctionAt = Callable[[str, int], int]  # module, scope -> index into Program.functions, -1 for none


class Once(Struct, frozen=True):
    functions: frozenset[str]  # targets
    calls: frozenset[tuple[str, int]]  # target of a function, line of a call in it

    def covers(self, hops: tuple[Hop, ...]) -> bool:
        """One of the hops is done once."""
        return any(hop.target in self.functions or (hop.target, hop.line) in self.calls for hop in hops)


def done_once(program: Program, facts_by_module: Mapping[str, Facts], function_at: FunctionAt) -> Once:
    """All such functions and calls of a program."""
    functions = frozenset(
        row.target
        for row in program.functions
        if not CACHED.isdisjoint(row.decorators)
        or (row.parameters == 0 and not CACHED_WITHOUT_PARAMETERS.isdisjoint(row.decorators))
    )
    calls: set[tuple[str, int]] = set()
    for module, facts in facts_by_module.items():
        for scope, line in _kept(facts):
            number = function_at(module, scope)
            if number >= 0:
                calls.add((program.functions[number].target, line))
    return Once(functions, frozenset(calls))


def _kept(facts: Facts) -> set[tuple[int, int]]:
    """(scope, line) of calls whose result is kept."""
    empty = {
        (row.context, row.target, row.name) for row in facts.bindings if row.kind == "narrow" and row.value == "none:"
    }
    found = set()
    for row in facts.bindings:
        kind, _, number = row.value.partition(":")
        if row.kind != "assign" or kind != "call" or not number.isdigit():
            continue
        scope = facts.contexts[row.context].scope
        is_global = not row.target and row.name in facts.scopes[scope].global_names
        if is_global or (row.context, row.target, row.name) in empty:
            found.add((scope, facts.calls[int(number)].line))
    return found
