"""Whether what a call is handed takes its I/O away: memory in the place of a file, a flag that asks nobody. Never looks into the memory."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.link.resolver import Resolver
from readiness.link.values import Value
from readiness.types.facts import Call
from readiness.types.rulebook import Api

MEMORY = "memory"  # tag of what is used like a file and is none


def does_nothing(resolver: Resolver, module: str, scope: int, call: Call, api: Api) -> bool:
    """One of the arguments is memory where the call would touch a file, no time where it would pause, or a constant of which the
    page says that nobody is asked."""
    if api.kind == "filesystem":
        return any(is_memory(resolver, value) for value in handed(resolver, module, scope, call))
    if api.kind == "sleep":
        return call.args[:1] == ("int:0",)
    if not api.nothing_with:
        return False
    return any(value[0] == "X" and value[1] in api.nothing_with for value in handed(resolver, module, scope, call))


def is_memory(resolver: Resolver, value: Value) -> bool:
    known = resolver.catalogue.api.get(str(value[1])) if value[0] == "E" else None
    return known is not None and MEMORY in known[0].tags


def handed(resolver: Resolver, module: str, scope: int, call: Call) -> Iterator[Value]:
    """What the arguments can hold."""
    exprs = resolver.spaces[module].facts.exprs
    for ref in (*call.args, *(value for _, value in call.keywords)):
        number = ref.removeprefix("expr:")
        for each in exprs[int(number)].items if number != ref and number.isdigit() else (ref,):  # `A | B`
            if each.startswith(("local:", "call:")):
                yield from resolver.evaluate(module, scope, each, (call.order, call.context))
