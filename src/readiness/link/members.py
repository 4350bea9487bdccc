"""Values -> values: what an attribute, an element, `with`, `for` or `await` of a value gives."""

from __future__ import annotations

from readiness.link.classes import called_members, member, super_member
from readiness.link.resolver import Resolver
from readiness.link.values import Value, Values, element, elements, unite

TAKES = frozenset(
    {
        "get",
        "pop",
        "popleft",
        "popitem",
        "get_nowait",
        "setdefault",
        "values",
        "items",
        "copy",
        "__getitem__",
        "__next__",
    }
)
OWN_NAMES = {"L": "builtins.list", "D": "builtins.dict", "S": "builtins.str", "T": "builtins.tuple"}


def take_step(resolver: Resolver, values: Values, step: str) -> Values:
    """One step of a reference, applied to all that its base can hold."""
    if step.startswith("."):
        return unite([attribute(resolver, value, step[1:]) for value in values])
    if step == "await":
        return unite([waited(resolver, value) for value in values])
    if step in ("iter", "aiter"):
        return unite([iterated(resolver, value) for value in values])
    if step in ("enter", "aenter"):
        return unite([entered(resolver, value, step) for value in values])
    return unite([element_of(resolver, value, step) for value in values])


def waited(resolver: Resolver, value: Value) -> Values:
    """What `await` gives: an object of the program says it itself; a coroutine is its own result already."""
    if value[0] == "W":
        return elements((value,))
    found = [
        resolver.evaluate(method[1], method[2], ref)
        for method in (member(resolver, value, "__await__") if value[0] == "I" else ())
        if method[0] == "B"
        for ref in resolver.spaces[method[1]].facts.scopes[method[2]].results
    ]
    return unite(found) or (value,)


def attribute(resolver: Resolver, value: Value, name: str) -> Values:
    kind = value[0]
    if kind == "I":
        if name == "__class__":
            return (("C", value[1], value[2]),)
        return member(resolver, value, name) or called_members(resolver, value, ("__getattr__",))
    if kind == "C":
        return member(resolver, value, name)
    if kind == "X":
        full = resolver.catalogue.real_name(f"{value[1]}.{name}")
        known = resolver.catalogue.attributes.exact.get(full)
        if known is None and value[1] in resolver.catalogue.holders:
            return resolver.language.configured(resolver, value[1], name) or (("X", full),)
        return resolver.catalogue.typed(known) if known else (("X", full),)
    if kind == "E":
        full = resolver.catalogue.canonical(f"{value[1]}.{name}")
        known = resolver.catalogue.attribute(full)
        return resolver.catalogue.typed(known) if known else (("X", full, *value[2:]),)
    if kind == "M":
        return resolver.member_of_module(value[1], name)
    if kind == "N":
        return resolver.module_value(value[2], f"{value[1]}.{name}")
    if kind == "U":
        return super_member(resolver, value, name)
    if kind == "F":
        return function_attribute(resolver, value, name)
    if kind in ("D", "W", "L") and name in TAKES:
        return (("V", name, value),)
    return (("X", f"{OWN_NAMES[kind]}.{name}"),) if kind in OWN_NAMES else ()


def function_attribute(resolver: Resolver, value: Value, name: str) -> Values:
    """`task.delay`: an attribute of a function that an outside decorator turned into something else."""
    space = resolver.spaces[value[1]]
    row = space.facts.scopes[value[2]]
    for decorator in row.decorators:
        for made in resolver.evaluate(value[1], row.parent, decorator):
            known = resolver.catalogue.api.get(made[1]) if made[0] == "X" else None
            returned = made[1] if made[0] == "E" else known[0].returns if known else None
            if returned:
                return (("X", resolver.catalogue.canonical(f"{returned}.{name}")),)
    return ()


def element_of(resolver: Resolver, value: Value, step: str) -> Values:
    found = element(value, step)
    if found is not None:
        return found
    if value[0] == "I":
        return called_members(resolver, value, ("__getitem__",))
    if value[0] == "E":
        return resolver.catalogue.result_of(f"{value[1]}.__getitem__")
    return (value,) if value[0] in ("C", "X") and step == "[]" else ()


def iterated(resolver: Resolver, value: Value) -> Values:
    if value[0] in ("L", "T", "W"):
        return elements((value,))
    if value[0] == "I":
        return elements(called_members(resolver, value, ("__iter__", "__aiter__"))) or called_members(
            resolver, value, ("__next__", "__anext__")
        )
    if value[0] == "E":
        for method in ("__iter__", "__aiter__"):
            known = resolver.catalogue.api.get(resolver.catalogue.canonical(f"{value[1]}.{method}"))
            if known and known[0].iterates:
                return resolver.catalogue.typed(known[0].iterates)
            found = resolver.catalogue.result_of(f"{value[1]}.{method}")
            if found:
                return elements(found)
        known = resolver.catalogue.api.get(value[1])
        if known and known[0].iterates:
            return resolver.catalogue.typed(known[0].iterates)
    return ()


def entered(resolver: Resolver, value: Value, step: str) -> Values:
    if value[0] == "I":
        found = called_members(resolver, value, ("__aenter__",) if step == "aenter" else ("__enter__",))
        return found or (value,)
    if value[0] == "L":
        return tuple(value[1])  # a @contextmanager: what it yields
    if value[0] == "E":
        for owner in resolver.catalogue.lineage(value[1]):
            known = resolver.catalogue.api.get(owner)
            if known and known[0].enters:
                return resolver.catalogue.typed(known[0].enters)
    return (value,)
