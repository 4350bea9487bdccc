"""Facts -> the arms of loops that hand on what was gathered and begin anew: they run once per batch, not once per element.

`if len(batch) >= 100: send(batch); batch = []`. What is emptied has to grow in the same loop outside of the arm. Never looks at a test.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.types.facts import SEP, Context, Facts, is_within

EMPTY = ("int:0", "str:", "bytes:")
MAKERS = frozenset({"local:list", "local:dict", "local:set", "local:bytearray"})
GROWS = frozenset({".append", ".add", ".extend", ".update", ".insert", ".write", ".put", ".setdefault", ".appendleft"})


def flushing_arms(facts: Facts) -> frozenset[int]:
    """The branches, by number."""
    grown: dict[tuple[int, str], list[Context]] = {}
    emptied = {
        (place, where) for place, where in _emptied(facts) if facts.branches[where.branch].kind in ("if", "else")
    }
    if emptied:
        for place, where in _grown(facts):
            grown.setdefault((where.scope, place), []).append(where)
    return frozenset(
        where.branch
        for place, where in emptied
        if any(
            other.loop == where.loop and not is_within(facts, other.branch, where.branch)
            for other in grown.get((where.scope, place), ())
        )
    )


def _emptied(facts: Facts) -> Iterator[tuple[str, Context]]:
    for row in facts.bindings:
        where = facts.contexts[row.context]
        if row.kind == "assign" and where.branch >= 0 and where.loop >= 0 and _is_empty(facts, row.value):
            yield (f"{row.target}{SEP}{row.name}" if row.target else f"local:{row.name}"), where
    for call in facts.calls:
        place, _, method = call.callee.rpartition(SEP)
        where = facts.contexts[call.context]
        if method == ".clear" and where.branch >= 0 and where.loop >= 0:
            yield place, where


def _grown(facts: Facts) -> Iterator[tuple[str, Context]]:
    for row in facts.bindings:
        where = facts.contexts[row.context]
        if where.loop >= 0 and row.kind == "augment":
            yield (f"{row.target}{SEP}{row.name}" if row.target else f"local:{row.name}"), where
        elif where.loop >= 0 and row.kind == "assign" and row.target:
            yield row.target, where
    for call in facts.calls:
        place, _, method = call.callee.rpartition(SEP)
        if method in GROWS and facts.contexts[call.context].loop >= 0:
            yield place, facts.contexts[call.context]


def _is_empty(facts: Facts, value: str) -> bool:
    kind, _, number = value.partition(":")
    if kind == "expr" and number.isdigit():
        row = facts.exprs[int(number)]
        return row.kind in ("list", "dict", "set", "tuple") and not row.items
    if kind == "call" and number.isdigit():
        return facts.calls[int(number)].callee in MAKERS and not facts.calls[int(number)].args
    return value in EMPTY
