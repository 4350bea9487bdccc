"""Entry points and call edges -> what each entry reaches: I/O one after another, in loops, side by side, and how wide it fans out."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from readiness.link.arguments import arguments
from readiness.link.calls import CallGraph
from readiness.link.effects import called_parameters, is_away
from readiness.link.resolver import Resolver
from readiness.types.program import CallEdge, Effect, EntryPoint, EntryReach, Function

# entries that serve a request or message; a command or a main module serves one user once
SERVED = frozenset(("http-route", "websocket", "rpc-method", "task", "consumer", "schedule", "lambda"))
MAX_STATES = 600  # (function, looped, beside) that are looked at for one entry
IN_LOOP, BESIDE = 1, 2
Site = tuple[int, int, int, str]  # caller, line, column, name
Row = tuple[int, int, Site | None]  # callee or -1, words, the site of I/O


def handled(entries: Sequence[EntryPoint], edges: Sequence[CallEdge], count: int) -> frozenset[int]:
    """Functions that run below an entry which serves requests or messages, threads and tasks included."""
    below: list[list[int]] = [[] for _ in range(count)]
    for edge in edges:
        if edge.callee >= 0 and edge.how != "callback":
            below[edge.caller].append(edge.callee)
    todo = sorted({e.function for e in entries if e.kind in SERVED and e.function >= 0})
    found = set(todo)
    for function in todo:
        for callee in below[function]:
            if callee not in found:
                found.add(callee)
                todo.append(callee)
    return frozenset(found)


def with_reach(
    resolver: Resolver, entries: Sequence[EntryPoint], functions: Sequence[Function], edges: Sequence[CallEdge],
    graph: CallGraph, effects: Sequence[Effect],
) -> tuple[EntryPoint, ...]:  # fmt: skip
    """The entries with what each reaches; nothing where the handler is not known."""
    kinds = [use.kind for use in resolver.catalogue.uses]
    rows = below_rows(edges, graph, kinds, len(functions))
    widths = literal_widths(resolver, functions, edges)
    known: dict[int, EntryReach | None] = {-1: None}
    for entry in entries:
        if entry.function not in known:
            known[entry.function] = reach_of(resolver, entry.function, rows, widths, effects)
    return tuple(replace(entry, reach=known[entry.function]) for entry in entries)


def below_rows(edges: Sequence[CallEdge], graph: CallGraph, kinds: Sequence[str | None], count: int) -> list[list[Row]]:
    """Per function what it runs. What came in as a parameter counts for the caller that handed it over."""
    rows: list[list[Row]] = [[] for _ in range(count)]
    for edge in edges:
        if edge.how == "callback" or edge.is_parameter:
            continue
        words = (IN_LOOP if edge.loop else 0) | (BESIDE if is_away(edge) or edge.how == "task" else 0)
        if edge.callee >= 0:
            rows[edge.caller].append((edge.callee, words, None))
        elif edge.api >= 0 and kinds[edge.api] is not None:
            rows[edge.caller].append((-1, words, (edge.caller, edge.line, edge.column, edge.external)))
    called = called_parameters(graph.called, graph.passed)
    for row in graph.handed:
        how = "call" if row.param is None else called.get(row.param)
        if how is None or row.is_parameter:
            continue
        words = 0 if how == "call" else BESIDE
        if row.callee >= 0:
            rows[row.caller].append((row.callee, words, None))
        elif kinds[row.api] is not None:
            rows[row.caller].append((-1, words, (row.caller, row.line, 1, row.external)))
    return rows


def reach_of(
    resolver: Resolver, start: int, rows: Sequence[Sequence[Row]], widths: dict[int, int], effects: Sequence[Effect]
) -> EntryReach:
    sites: dict[Site, int] = {}
    seen = {(start, 0)}
    todo = [(start, 0)]
    width: int | None = None
    for function, words in todo:
        if function in widths:
            width = max(width or 0, widths[function])
        for callee, own, site in rows[function]:
            if site is not None:
                sites[site] = sites.get(site, 0) | words | own
            elif (state := (callee, words | own)) not in seen and len(seen) < MAX_STATES:
                seen.add(state)
                todo.append(state)
    if len(seen) >= MAX_STATES:
        resolver.hit("entry-reach")
    beside = sum(1 for words in sites.values() if words & BESIDE)
    looped = sum(1 for words in sites.values() if words == IN_LOOP)
    effect = effects[start]
    return EntryReach(effect.reachable, beside, looped, len(sites) - beside - looped, width, effect.bound)


def literal_widths(resolver: Resolver, functions: Sequence[Function], edges: Sequence[CallEdge]) -> dict[int, int]:
    """Function -> the widest pool, semaphore or gather that it makes with a literal width."""
    found: dict[int, int] = {}
    for edge in edges:
        if edge.api < 0 or edge.call < 0:
            continue
        api = resolver.catalogue.api.get(edge.external)
        if api is None or not (api[0].width or api[0].construct == "fan-out"):
            continue
        call = resolver.spaces[functions[edge.caller].module].facts.calls[edge.call]
        width = None
        for ref in arguments(call, api[0].width) if api[0].width else ():
            width = int(ref[4:]) if ref.startswith("int:") and ref[4:].isdigit() else None
        if api[0].construct == "fan-out" and api[0].hands == "task" and len(call.args) > 1:
            width = None if any(ref.startswith("*") for ref in call.args) else len(call.args)
        if width is not None:
            found[edge.caller] = max(found.get(edge.caller, 0), width)
    return found
