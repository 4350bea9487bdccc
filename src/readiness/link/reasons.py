"""A call that stays unresolved -> why, in a few words. Reads facts only."""

from __future__ import annotations

from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Call

FIRST = ("self", "cls")


def reason_of(space: ModuleSpace, scope: int, call: Call) -> str:
    """unknown field | unknown result | untyped parameter | unknown name | other expression."""
    root = call.callee.partition(SEP)[0]
    kind, _, name = root.partition(":")
    if kind == "local" and name in FIRST:
        return "unknown field"
    if kind == "call":
        return "unknown result"
    if kind != "local":
        return "other expression"
    while scope >= 0:
        rows = space.names[scope].get(name)
        if rows:
            return "untyped parameter" if rows[0].kind == "param" else "unknown name"
        scope = space.facts.scopes[scope].parent
    return "unknown name"
