"""Resolver -> resolver: what calls hand to parameters and constructors, and what is set on objects from outside.

Run once or twice before the calls are linked; never makes an edge.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.link.arguments import argument_positions, arguments
from readiness.link.classes import member
from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.link.values import Value, Values, elements, unite
from readiness.types.facts import Binding, Call


def learn(resolver: Resolver, is_last: bool) -> None:
    """One pass over all call sites; the next round of the resolver uses what was seen."""
    for name in sorted(resolver.spaces):
        space, learned = resolver.spaces[name], resolver.learned(name)
        for number, call in enumerate(space.facts.calls):
            learned(number, hand_all, resolver, space, call)
        for number, row in enumerate(space.outer):
            learned(-1 - number, set_outside, resolver, space, row)
    resolver.next_round(is_last)


def hand_all(resolver: Resolver, space: ModuleSpace, call: Call) -> None:
    """The arguments of one call go to all that it can run."""
    scope = space.facts.contexts[call.context].scope
    for value in resolver.evaluate(space.source.module, scope, call.callee, (call.order, call.context)):
        hand(resolver, space, scope, call, value)


def hand(resolver: Resolver, space: ModuleSpace, scope: int, call: Call, value: Value) -> None:
    """The arguments of one call go to what it runs."""
    if value[0] == "X":
        hand_through(resolver, space, scope, call, str(value[1]))
        return
    target = runs(resolver, value)
    if target is None:
        if value[0] == "C":
            fill_fields(resolver, space, scope, call, value)
        return
    give(resolver, space, scope, call, target, list(call.args), call.keywords)
    if len(target) > 3 and target[0] == "F":  # a wrapper hands on what it gets
        give(resolver, space, scope, call, target[3], list(call.args), call.keywords)


def runs(resolver: Resolver, value: Value) -> Value | None:
    """The function of the program that runs when a value is called, None for what is outside."""
    if value[0] in ("F", "B"):
        return value
    if value[0] == "C":
        made = member(resolver, ("I", value[1], value[2], True), "__init__")
        return next((v for v in made if v[0] == "B"), None)
    if value[0] == "I":
        return next((v for v in member(resolver, value, "__call__") if v[0] == "B"), None)
    return runs(resolver, value[1]) if value[0] == "P" else None


def give(
    resolver: Resolver, space: ModuleSpace, scope: int, call: Call, target: Value, args: list[str],
    keywords: tuple[tuple[str, str], ...],
) -> None:  # fmt: skip
    """References of this call to the parameters of a function."""
    module, at = space.source.module, (call.order, call.context)
    offset = 1 if target[0] == "B" else 0
    for position, ref in enumerate(args):
        if ref.startswith("*"):
            break
        found = resolver.evaluate(module, scope, ref, at)
        if found:
            resolver.receive(target, position + offset, found)
    for keyword, ref in keywords:
        found = resolver.evaluate(module, scope, ref, at)
        if not found:
            continue
        if keyword != "**":
            resolver.receive(target, keyword, found)
            continue
        for mapping in found:
            for key, values in mapping[1] if mapping[0] in ("D", "W") else ():
                resolver.receive(target, key, values)


def hand_through(resolver: Resolver, space: ModuleSpace, scope: int, call: Call, name: str) -> None:
    """`submit(work, x)`, `partial(work, x)`, `Thread(target=work, args=(x,))`: the work gets what stands behind it."""
    if name in ("functools.partial", "functools.partialmethod"):
        where = "arg:0"
    else:
        known = resolver.catalogue.api.get(resolver.catalogue.canonical(name))
        where = known[0].hands_argument or "" if known and known[0].hands else ""
    module, at = space.source.module, (call.order, call.context)
    for text in argument_positions(where):
        kind, _, key = text.partition(":")
        refs = arguments(call, text) if kind in ("arg", "kw", "self") else []
        for value in [v for ref in refs for v in resolver.evaluate(module, scope, ref.lstrip("*"), at)]:
            target = runs(resolver, value)
            if target is None:
                continue
            if kind in ("arg", "self"):
                behind = call.args[int(key) + 1 :] if kind == "arg" else call.args
                give(resolver, space, scope, call, target, list(behind), call.keywords)
            for position, values in enumerate(resolver.catalogue.handed_types(resolver.catalogue.canonical(name))):
                resolver.receive(target, position + (target[0] == "B"), values)
            for position, values in handed_tuple(resolver, space, scope, call):
                resolver.receive(target, position + (target[0] == "B"), values)
            for _, ref in [row for row in call.keywords if row[0] == "kwargs"]:
                give(resolver, space, scope, call, target, [], (("**", ref),))


def handed_tuple(resolver: Resolver, space: ModuleSpace, scope: int, call: Call) -> Iterator[tuple[int, Values]]:
    """The positions of `args=(...)`."""
    for keyword, ref in call.keywords:
        if keyword == "args":
            for value in resolver.evaluate(space.source.module, scope, ref, (call.order, call.context)):
                if value[0] == "T":
                    yield from enumerate(value[1])
                elif value[0] == "L":
                    yield 0, elements((value,))


def fill_fields(resolver: Resolver, space: ModuleSpace, scope: int, call: Call, cls: Value) -> None:
    """A class without a constructor of its own (a dataclass, a model): arguments are its fields, in order."""
    names = resolver.spaces[cls[1]].names[cls[2]]
    declared = [name for name, rows in names.items() if rows[0].annotation and rows[0].kind in ("declare", "assign")]
    module, at = space.source.module, (call.order, call.context)
    pairs = [*zip(declared, call.args), *((key, ref) for key, ref in call.keywords if key in names)]
    for name, ref in pairs:
        if not ref.startswith("*"):
            resolver.keep((cls[1], cls[2], f".{name}"), resolver.evaluate(module, scope, ref, at))


def set_outside(resolver: Resolver, space: ModuleSpace, row: Binding) -> None:
    """`worker.client = Client()`: the class of what `worker` holds has that field."""
    scope, at = space.facts.contexts[row.context].scope, (row.order, row.context)
    owners = [v for v in resolver.evaluate(space.source.module, scope, row.target, at) if v[0] in ("I", "C")]
    if owners:
        found = resolver.evaluate(space.source.module, scope, row.value, at)
        for owner in owners:
            resolver.keep((owner[1], owner[2], row.name), found)


def default_of(resolver: Resolver, module: str, scope: int, name: str) -> Values:
    """What a parameter holds where a call hands nothing over."""
    row = resolver.spaces[module].facts.scopes[scope]
    refs = [param.default for param in row.params if param.name == name and param.default]
    return unite([resolver.evaluate(module, row.parent, ref) for ref in refs])
