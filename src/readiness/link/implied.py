"""Resolver -> edges of calls that nobody wrote: properties, `with`, `for`, decorators that are applied, setters."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.link.arguments import argument_positions
from readiness.link.classes import ancestors
from readiness.link.learn import runs
from readiness.link.members import attribute
from readiness.link.resolver import Resolver
from readiness.link.results import DEPENDENCY, argument
from readiness.link.space import ModuleSpace, Place
from readiness.link.values import Value
from readiness.types.facts import SEP, loops_around
from readiness.types.program import CallEdge

Numbers = dict[tuple[str, int], int]
Where = tuple[int, int, int]  # scope, loop, line


def implied_edges(resolver: Resolver, numbers: Numbers) -> list[CallEdge]:
    """All of them, module by module."""
    read = {f".{name}" for name in property_names(resolver, "property", "cached_property")}
    setters = property_names(resolver, "setter")
    spoken = resolver.catalogue.last_names()
    known = method_names(resolver) | spoken | {f"{name}=" for name in setters}
    found: list[CallEdge] = []
    methods: Methods = {}
    for name in sorted(resolver.spaces):
        space = resolver.spaces[name]
        for places in (
            property_reads(resolver, space, read), property_writes(resolver, space, setters),
            contexts(resolver, space), loops(resolver, space), run_by_language(resolver, space),
            elements_read(resolver, space), elements_set(resolver, space),
            awaited(resolver, space) if "__await__" in known else (),
        ):  # fmt: skip
            for value, names, where in places:
                # Instances only: nothing else has methods that the language asks for, and that the program or a page knows.
                if value[0] == "I" and not known.isdisjoint(names) or value[0] == "E" and not spoken.isdisjoint(names):
                    found += special_edges(resolver, numbers, space, value, names, where, methods)
        found += decorations(resolver, numbers, space)
        found += raised(resolver, numbers, space)
        found += dependencies(resolver, numbers, space)
    return found


# Functions of the language -> the special methods of their first argument that they run.
ITERATING = ("__iter__", "__next__")
RUN_BY = {
    "local:len": ("__len__",), "local:next": ("__next__",), "local:bool": ("__bool__", "__len__"), "local:anext": ("__anext__",),
    **{f"local:{name}": ITERATING for name in (
        "iter", "list", "tuple", "set", "frozenset", "sorted", "sum", "min", "max", "any", "all", "dict", "enumerate", "zip",
    )},
}  # fmt: skip
Places = Iterator[tuple[Value, tuple[str, ...], Where]]
Methods = dict[tuple[Value, str], list[int]]  # class or instance, and name -> the functions
AWAIT = f"{SEP}await"


def property_names(resolver: Resolver, *decorators: str) -> frozenset[str]:
    return frozenset(
        scope.name
        for space in resolver.spaces.values()
        for scope in space.facts.scopes
        if scope.kind == "function" and resolver.has_decorator(scope, *decorators)
    )


def method_names(resolver: Resolver) -> frozenset[str]:
    return frozenset(
        scope.name for s in resolver.spaces.values() for scope in s.facts.scopes if scope.kind == "function"
    )


def property_reads(resolver: Resolver, space: ModuleSpace, wanted: set[str]) -> Places:
    """Properties in what is read, and on the way to what is called."""
    facts = space.facts
    places = {(r.value, r.context): (r.order, r.line) for r in facts.reads if SEP in r.value}
    for call in facts.calls:
        base = call.callee.rpartition(SEP)[0]
        if SEP in base:
            places.setdefault((base, call.context), (call.order, call.line))
    for (ref, context), (order, line) in places.items():
        steps = ref.split(SEP)
        if wanted.isdisjoint(steps):
            continue
        row = facts.contexts[context]
        for length, step in enumerate(steps):
            if step in wanted:
                base = SEP.join(steps[:length])
                for value in resolver.evaluate(space.source.module, row.scope, base, (order, context)):
                    if value[0] == "I":
                        yield value, (step[1:],), (row.scope, row.loop, line)


def property_writes(resolver: Resolver, space: ModuleSpace, names: frozenset[str]) -> Places:
    """`x.name = value` where name has a setter."""
    for row in space.facts.bindings:
        if row.target and row.name[1:] in names and row.kind in ("assign", "augment"):
            context = space.facts.contexts[row.context]
            at: Place = (row.order, row.context)
            for value in resolver.evaluate(space.source.module, context.scope, row.target, at):
                if value[0] == "I":
                    yield value, (f"{row.name[1:]}=",), (context.scope, context.loop, row.line)


def contexts(resolver: Resolver, space: ModuleSpace) -> Places:
    facts = space.facts
    places = {context.region: context for context in facts.contexts if context.region >= 0}
    for number, region in enumerate(facts.regions):
        context = places.get(number, facts.contexts[0])
        names = ("__aenter__", "__aexit__") if region.is_async else ("__enter__", "__exit__")
        for value in resolver.evaluate(space.source.module, context.scope, region.manager):
            yield value, names, (context.scope, context.loop, region.line)


def loops(resolver: Resolver, space: ModuleSpace) -> Places:
    facts = space.facts
    inner = {context.loop: context for context in facts.contexts if context.loop >= 0}
    begins: dict[int, Place] = {}  # where the first target of a loop is bound: a loop says no place itself
    for row in facts.bindings:
        if row.kind == "for":
            begins.setdefault(facts.contexts[row.context].loop, (row.order, row.context))
    for number, loop in enumerate(facts.loops):
        context = inner.get(number, facts.contexts[0])
        names = ("__aiter__", "__anext__") if loop.kind.startswith("async") else ("__iter__", "__next__")
        values = resolver.evaluate(space.source.module, context.scope, loop.iterates, begins.get(number))
        for value in values if loop.iterates else ():
            yield value, names, (context.scope, loop.parent, loop.line)


def run_by_language(resolver: Resolver, space: ModuleSpace) -> Places:
    """`len(x)`, `list(x)`: the function asks the object."""
    facts = space.facts
    for call in facts.calls:
        names = RUN_BY.get(call.callee)
        if names is None or not call.args or not call.args[0].startswith(("local:", "call:")):
            continue
        row = facts.contexts[call.context]
        if resolver.evaluate(space.source.module, row.scope, call.callee) != (("X", f"builtins.{call.callee[6:]}"),):
            continue
        for value in resolver.evaluate(space.source.module, row.scope, call.args[0], (call.order, call.context)):
            yield value, names, (row.scope, row.loop, call.line)


def elements_read(resolver: Resolver, space: ModuleSpace) -> Places:
    """`x[key]` in what is read, and on the way to what is called."""
    facts = space.facts
    places = {(r.value, r.context): (r.order, r.line) for r in facts.reads if f"{SEP}[" in r.value}
    for call in facts.calls:
        if f"{SEP}[" in call.callee:
            places.setdefault((call.callee, call.context), (call.order, call.line))
    for (ref, context), (order, line) in places.items():
        steps, row = ref.split(SEP), facts.contexts[context]
        for length in range(1, len(steps)):
            if steps[length].startswith("[") and not steps[length].startswith("[*"):
                base = SEP.join(steps[:length])
                for value in resolver.evaluate(space.source.module, row.scope, base, (order, context)):
                    yield value, ("__getitem__",), (row.scope, row.loop, line)


def elements_set(resolver: Resolver, space: ModuleSpace) -> Places:
    """`x[key] = value`."""
    for row in space.facts.bindings:
        if row.target and row.name.startswith("[") and row.kind in ("assign", "augment"):
            context = space.facts.contexts[row.context]
            for value in resolver.evaluate(space.source.module, context.scope, row.target, (row.order, row.context)):
                yield value, ("__setitem__",), (context.scope, context.loop, row.line)


def awaited(resolver: Resolver, space: ModuleSpace) -> Places:
    """`await connect(...)`, where that gives an object of the program that says itself what waiting for it is.

    What a function returns has no line in the facts: there the edge stands on the function's own.
    """
    facts, module = space.facts, space.source.module
    for number, call in enumerate(facts.calls):
        if call.is_awaited:
            row = facts.contexts[call.context]
            for value in resolver.evaluate(module, row.scope, f"call:{number}", (call.order, call.context)):
                if value[0] == "I":
                    yield value, ("__await__",), (row.scope, row.loop, call.line)
    held = [(r, n, -1, scope.line) for n, scope in enumerate(facts.scopes) for r in scope.results if r.endswith(AWAIT)]
    for binding in facts.bindings:
        if binding.value.endswith(AWAIT):
            where = facts.contexts[binding.context]
            held.append((binding.value, where.scope, where.loop, binding.line))
    for ref, scope, loop, line in held:
        if ref.startswith("local:"):
            for value in resolver.evaluate(module, scope, ref.removesuffix(AWAIT)):
                if value[0] == "I":
                    yield value, ("__await__",), (scope, loop, line)


def special_edges(
    resolver: Resolver, numbers: Numbers, space: ModuleSpace, value: Value, names: tuple[str, ...], where: Where,
    methods: Methods,
) -> Iterator[CallEdge]:  # fmt: skip
    """Edges to special methods and properties of an instance."""
    scope, loop, line = where
    caller = numbers[space.source.module, space.owner[scope]]
    depth = len(loops_around(space.facts, loop))
    for name in names:
        targets: list[tuple[int, str]] = []
        if value[0] == "I":
            known = methods.get((value, name))
            if known is None:
                known = methods[value, name] = special_functions(resolver, numbers, value, name)
            targets = [(t, "") for t in known]
        if not targets:
            found = attribute(resolver, value, name)
            targets = [(-1, str(v[1])) for v in found if v[0] == "X" and v[1] in resolver.catalogue.api]
        for callee, external in targets:
            use = resolver.catalogue.use(external) if external else -1
            yield CallEdge(caller, callee, external, line, 1, line, -1, "call", "typed", False, depth, use)


def special_functions(resolver: Resolver, numbers: Numbers, value: Value, name: str) -> list[int]:
    """The functions that a special method or property of an instance is; `name=` is its setter."""
    plain, is_setter = name.rstrip("="), name.endswith("=")
    found: list[int] = []
    below = () if len(value) > 3 else resolver.below.get((value[1], value[2]), ())
    for cls in (*ancestors(resolver, value[1], value[2]), *below):
        if cls[0] != "C" or found and cls not in below:
            continue
        space = resolver.spaces[cls[1]]
        for row in space.names[cls[2]].get(plain, ()):
            number = int(row.value[6:]) if row.kind == "def" else -1
            if number >= 0 and is_setter == resolver.has_decorator(space.facts.scopes[number], "setter"):
                found.append(numbers[cls[1], number])
    return list(dict.fromkeys(found))


def decorations(resolver: Resolver, numbers: Numbers, space: ModuleSpace) -> Iterator[CallEdge]:
    """A decorator of the program is called where it is applied."""
    for scope in space.facts.scopes:
        for ref in scope.decorators:
            for value in resolver.evaluate(space.source.module, scope.parent, ref, space.defined_at(scope)):
                target = runs(resolver, value) if value[0] in "FBC" else None
                if target is not None:
                    context = space.facts.contexts[scope.context]
                    caller = numbers[space.source.module, space.owner[context.scope]]
                    depth = len(loops_around(space.facts, context.loop))
                    number = numbers[target[1], target[2]]
                    yield CallEdge(caller, number, "", scope.line, 1, scope.line, -1, "call", "exact", False, depth)


def raised(resolver: Resolver, numbers: Numbers, space: ModuleSpace) -> Iterator[CallEdge]:
    """`raise Failure` makes an object of the class."""
    for row in space.facts.raises:
        context = space.facts.contexts[row.context]
        for value in resolver.evaluate(space.source.module, context.scope, row.value, (row.order, row.context)):
            target = runs(resolver, value) if value[0] == "C" else None
            if target is not None:
                caller = numbers[space.source.module, space.owner[context.scope]]
                depth = len(loops_around(space.facts, context.loop))
                number = numbers[target[1], target[2]]
                yield CallEdge(caller, number, "", row.line, 1, row.line, -1, "call", "exact", False, depth)


def dependencies(resolver: Resolver, numbers: Numbers, space: ModuleSpace) -> Iterator[CallEdge]:
    """`db = Depends(get_db)`, `Annotated[Session, Depends(get_db)]`: the function has it called before it runs."""
    module = space.source.module
    for number, scope in enumerate(space.facts.scopes):
        for param in scope.params:
            noted = resolver.evaluate(module, scope.parent, param.annotation) if param.annotation else ()
            calls = [v[2] for v in noted if v[0] == "A" and v[1] == "Q"]
            if param.default.startswith("call:") and SEP not in param.default:
                calls.append((module, int(param.default[5:])))
            for where, call in calls:
                for target in depended_on(resolver, where, call):
                    caller, callee = numbers[module, space.owner[number]], numbers[target[1], target[2]]
                    yield CallEdge(caller, callee, "", scope.line, 1, scope.line, -1, "call", "exact", False, 0)


def depended_on(resolver: Resolver, module: str, number: int) -> list[Value]:
    """The functions that a call of a library's marker names, () for any other call."""
    space = resolver.spaces[module]
    call = space.facts.calls[number]
    scope = space.facts.contexts[call.context].scope
    found: list[Value] = []
    for value in resolver.evaluate(module, scope, call.callee, (call.order, call.context)):
        known = resolver.catalogue.api.get(resolver.catalogue.canonical(str(value[1]))) if value[0] == "X" else None
        if known is None or DEPENDENCY not in known[0].tags:
            continue
        for where in argument_positions(known[0].hands_argument or ""):
            given = argument(resolver, module, scope, call, where)
            found += [target for each in given for target in (runs(resolver, each),) if target is not None]
    return found
