"""Models and what was evaluated so far -> the modules in which their rows can appear. Never says where in them.

Most modules of a large program never see a row. Following every reference of theirs to say so took a sixth of linking (at 1.1 MLOC);
what was evaluated for the calls says it for nothing, and what calls hand over and return is followed from there.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.link.data.models import Models
from readiness.link.data.rows import Rows
from readiness.link.imports import imported_module
from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Ref
from readiness.types.program import CallEdge, Function

FOLLOWED = ("call", "thread", "task", "callback", "process")


def carriers(rows: Rows, functions: tuple[Function, ...], edges: tuple[CallEdge, ...]) -> set[str]:
    """Names of modules. On the way `rows` learns what calls hand to parameters."""
    resolver, models = rows.resolver, rows.models
    found = sources(resolver, models) | touched(rows)
    leaving, entering = by_module(functions, edges)
    open_ = sorted(found)
    while open_:
        reached: set[str] = set()
        for name in open_:
            for edge in leaving.get(name, ()):
                target = functions[edge.callee]
                is_bound = target.owner is not None and "staticmethod" not in target.decorators
                if rows.learn(name, edge.call, (target.module, target.scope), 1 if is_bound else 0):
                    reached.add(target.module)
            reached |= {
                functions[edge.caller].module
                for edge in entering.get(name, ())
                if functions[edge.caller].module not in found and rows.results(name, functions[edge.callee].scope)
            }
        open_ = sorted(reached - found)
        found |= reached
    return found


def by_module(
    functions: tuple[Function, ...], edges: tuple[CallEdge, ...]
) -> tuple[dict[str, list[CallEdge]], dict[str, list[CallEdge]]]:
    """Calls between functions of the program: by the module of the caller, and by that of the callee."""
    leaving: dict[str, list[CallEdge]] = {}
    entering: dict[str, list[CallEdge]] = {}
    for edge in edges:
        if edge.callee >= 0 and edge.call >= 0 and edge.how in FOLLOWED:
            leaving.setdefault(functions[edge.caller].module, []).append(edge)
            entering.setdefault(functions[edge.callee].module, []).append(edge)
    return leaving, entering


def sources(resolver: Resolver, models: Models) -> set[str]:
    """Modules that define models, packages that hand these on, and whoever imports either."""
    imported = {
        name: {imported_module(row, space.source, resolver.index) for row in space.facts.imports}
        for name, space in resolver.spaces.items()
    }
    found = {key[0] for key in models.of}
    found |= {name for name, space in resolver.spaces.items() if space.source.is_package and imported[name] & found}
    return found | {name for name, targets in imported.items() if targets & found}


def touched(rows: Rows) -> set[str]:
    """Modules that were asked for anything that can be a model or its rows, that may read a relation of such, or ask a manager."""
    resolver, models = rows.resolver, rows.models
    held = {id(values) for values in resolver.rounds.found() if any(map(rows.keys, values))}
    managers = frozenset(f".{name}" for name in rows.words.managers)
    steps = managers | {f".{name}" for name in models.attributes}
    return {
        name
        for name, space in resolver.spaces.items()
        if any(not held.isdisjoint(map(id, table.values())) for table in space.known.values())
        or any(
            step in managers or any(map(rows.keys, resolver.evaluate(name, scope, base)))
            for scope, base, step in taken(space, steps)
        )
    }


def taken(space: ModuleSpace, steps: frozenset[str]) -> Iterator[tuple[int, Ref, str]]:
    """(scope, reference, attribute) of every place where one of these attributes is taken of something."""
    facts = space.facts
    rows = [(r.context, r.value) for r in facts.reads if SEP in r.value]
    rows += [(b.context, b.value) for b in facts.bindings if SEP in b.value]
    rows += [(c.context, c.callee) for c in facts.calls if SEP in c.callee]
    for context, ref in rows:
        parts = ref.split(SEP)
        if not steps.isdisjoint(parts):
            for at, part in enumerate(parts):
                if part in steps:
                    yield facts.contexts[context].scope, SEP.join(parts[:at]), part
