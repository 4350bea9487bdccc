"""Displays, comprehensions and operators -> values; containers together with what was seen to be put into them."""

from __future__ import annotations

from readiness.link.annotations import generic
from readiness.link.resolver import Resolver
from readiness.link.space import Place, Stored
from readiness.link.values import WIDTH, Value, Values, elements, flat, unite

OPEN = frozenset({"L", "D", "T", "W", "E", "X"})  # values into which something may be put


def expression(resolver: Resolver, module: str, scope: int, number: int, at: Place | None) -> Values:
    expr = resolver.spaces[module].facts.exprs[number]
    if expr.kind == "subscript":
        return generic(resolver, module, scope, expr.items)
    each = [resolver.evaluate(module, scope, item, at) for item in expr.items]
    if expr.kind in ("tuple", "list", "set", "dict"):
        each = [flat(values) for values in each]
    if expr.kind == "union":
        return unite(each)
    if expr.kind == "tuple":
        return (("T", tuple(each)),)
    if expr.kind in ("list", "set"):
        return (("L", unite(each)),)
    if expr.kind == "dict":
        return (mapping_of(expr.keys, each),)
    if expr.kind in ("comprehension", "generator"):
        return (("L", element_of(resolver, module, expr.items[0])),)
    if expr.kind == "dict-comprehension":
        return (("D", (), element_of(resolver, module, expr.items[0])),)
    if expr.kind == "starred":
        return elements(each[0])
    if expr.kind == "operation":  # lists are joined by `+`; of numbers nothing is known anyway
        return tuple(value for values in each for value in values if value[0] in ("L", "T", "I", "E"))[:WIDTH]
    if expr.kind == "concat":
        return tuple(("S", v[1], "*") for v in each[0] if v[0] == "S") or (("S", ""),)
    if expr.kind == "yield" and resolver.spaces[module].facts.scopes[scope].name == "__await__":
        return unite(each)  # `yield from` what is waited for
    return ()


def mapping_of(keys: tuple[str, ...], each: list[Values]) -> Value:
    """`{"a": x, **other}`: the literal keys, those of what is unpacked too, and all values."""
    pairs: list[tuple[str | int, Values]] = []
    every: list[Values] = []
    for key, values in zip(keys, each, strict=True):
        if key == "**":
            every.append(elements(values))
            for held in values:
                if held[0] in ("D", "W"):
                    pairs += held[1]
                    every.append(held[2])
            continue
        every.append(values)
        if key.startswith("str:"):
            pairs.append((key[4:], values))
        elif key.startswith("int:") and key[4:].isdigit():
            pairs.append((int(key[4:]), values))
    return ("D", tuple(pairs), unite(every))


def element_of(resolver: Resolver, module: str, ref: str) -> Values:
    number = int(ref.partition(":")[2])
    return unite(resolver.evaluate(module, number, r) for r in resolver.spaces[module].facts.scopes[number].results)


def filled(resolver: Resolver, module: str, values: Values, rows: list[Stored]) -> Values:
    """A container together with what was seen to be put into it."""
    if any(value[0] not in OPEN for value in values):
        return values
    fixed = replaced(resolver, module, rows)
    if fixed:
        values = tuple(
            ("D", tuple((k, () if k in fixed else held) for k, held in v[1]), v[2]) if v[0] == "D" else v
            for v in values
        )
    return unite((values, resolver.once(("kept", module, rows[0].at), kept, resolver, module, rows)))


def replaced(resolver: Resolver, module: str, rows: list[Stored]) -> set[str]:
    """Literal keys that are set once more where the container is made, on every way."""
    facts = resolver.spaces[module].facts
    return {
        row.step[2:-2]
        for row in rows
        if row.step.startswith("['") and (place := facts.contexts[row.at[1]]).branch < 0 and place.loop < 0
    }


def kept(resolver: Resolver, module: str, rows: list[Stored]) -> Values:
    """What rows put into a container: by literal key, all of it, and what has no such key."""
    pairs: dict[str | int, Values] = {}
    every: list[Values] = []
    others: list[Values] = []
    for row in rows:
        found = resolver.evaluate(module, row.scope, row.value, row.at)
        if row.step.startswith("['"):
            pairs[row.step[2:-2]] = flat(unite((pairs.get(row.step[2:-2], ()), found)))
            every.append(found)
            continue
        if row.step == "*":
            for value in found:
                if value[0] in ("D", "W"):
                    pairs.update(value[1])
                    every.append(value[2])
            found = elements(found)
        others.append(found)
    values = flat(unite((*every, *others)))
    return (("W", tuple(pairs.items()), values, flat(unite(others))),) if values else ()
