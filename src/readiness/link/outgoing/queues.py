"""Calls that put work into a queue -> outgoing calls by the task's name, and edges to the functions that a worker runs for them.

Which calls those are, how a job is written and what names a task is said by library pages (`hands = "queue"`). Without a name of its
own a task has that of its module and function.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from readiness.link.arguments import argument_positions, arguments
from readiness.link.calls import QUEUE
from readiness.link.catalogue import Catalogue
from readiness.link.data.stores import text_of
from readiness.link.resolver import Resolver
from readiness.types.facts import SEP, Call, Facts, Scope
from readiness.types.program import CallEdge, EntryPoint, Function, Outgoing
from readiness.types.rulebook import Api

WRITTEN = "serializer"  # how the rows of a ledger end that say in what a library writes its messages
MAX_WORKERS = 4  # functions of one task name


def task_calls(resolver: Resolver, functions: tuple[Function, ...], edges: tuple[CallEdge, ...]) -> Iterator[Outgoing]:
    """One row per site and task that it puts into a queue."""
    default = app_serializer(resolver)
    for edge, api in puts(resolver, edges):
        function = functions[edge.caller]
        for name, written in named(resolver, function, edge, api, default):
            yield Outgoing(edge.caller, "queue", name, "", function.path, edge.line, edge.external, written, 1.0)


def queued_calls(
    edges: Sequence[CallEdge],
    outgoing: Sequence[Outgoing],
    functions: Sequence[Function],
    entries: Sequence[EntryPoint],
) -> tuple[CallEdge, ...]:
    """Edges from who puts a task into a queue to the function that some worker runs, `how` being "queue"; sorted."""
    known: dict[str, set[int]] = {}
    for number, row in enumerate(functions):
        known[row.target] = known[row.target.replace(":", ".")] = {number}
    for entry in entries:
        if entry.kind == "task" and entry.function >= 0:
            known.setdefault(entry.detail, set()).add(entry.function)
    sites = {(edge.caller, edge.line, edge.external): edge for edge in edges if edge.callee < 0}
    found: set[CallEdge] = set()
    for call in outgoing:
        site = sites.get((call.function, call.line, call.api)) if call.kind == "queue" else None
        workers = sorted(known.get(call.address, ()))
        if site is not None and len(workers) <= MAX_WORKERS:
            confidence = "exact" if ":" in call.address else "typed"
            found |= {
                replace(site, callee=n, external="", how=QUEUE, confidence=confidence, api=-1, is_waited=False)
                for n in workers
            }
    return tuple(sorted(found, key=lambda e: (e.caller, e.line, e.column, e.callee)))


def puts(resolver: Resolver, edges: Sequence[CallEdge]) -> Iterator[tuple[CallEdge, Api]]:
    """The calls that put work into a queue, with what their page says."""
    for edge in edges:
        known = resolver.catalogue.api.get(edge.external) if edge.call >= 0 and edge.callee < 0 else None
        if known is not None and known[0].hands == QUEUE:
            yield edge, known[0]


def named(resolver: Resolver, function: Function, edge: CallEdge, api: Api, default: str) -> Iterator[tuple[str, str]]:
    """(task name or target, serialisation) of the functions and names that stand where the page says so."""
    module = function.module
    space = resolver.spaces[module]
    call = space.facts.calls[edge.call]
    scope = space.facts.contexts[call.context].scope
    own = api.serialises or written_in(resolver.catalogue, call)
    for place in argument_positions(api.hands_argument or ""):
        for ref in arguments(call, place):
            for value in resolver.evaluate(module, scope, ref, (call.order, call.context)):
                if value[0] in ("F", "B"):
                    facts = resolver.spaces[value[1]].facts
                    row = facts.scopes[value[2]]
                    name = f"{value[1]}:{row.qualname}"
                    yield name, own or serializer_of(resolver.catalogue, facts, row) or default
            for text in text_of(resolver, module, scope, ref):
                yield text, own or default


def written_in(catalogue: Catalogue, call: Call) -> str:
    """The literal of the option that says in what messages are written, "pickle" for all that are pickles."""
    for key, ref in call.keywords:
        if catalogue.options.get(key, "").endswith(WRITTEN) and ref.startswith("str:"):
            return "pickle" if "pickle" in ref else ref[4:]
    return ""


def serializer_of(catalogue: Catalogue, facts: Facts, scope: Scope) -> str:
    """`@app.task(serializer="pickle")`."""
    calls = (facts.calls[int(ref[5:])] for ref in scope.decorators if ref.startswith("call:") and SEP not in ref)
    return next((text for call in calls if (text := written_in(catalogue, call))), "")


def app_serializer(resolver: Resolver) -> str:
    """What the program's configuration says of all tasks, in a call, an attribute or a settings module; JSON without a word."""
    names = {name for name, row in resolver.catalogue.settings.items() if row.endswith(WRITTEN)}
    for module in sorted(resolver.spaces):
        facts = resolver.spaces[module].facts
        said = [row.value for row in facts.bindings if row.name.lstrip(".") in names]
        said += [ref for call in facts.calls for name, ref in call.keywords if name in names]
        for ref in said:
            if ref.startswith("str:"):
                return ref[4:]
    return "json"
