"""Functions and call edges -> effects: which I/O each function does or reaches, over the shortest path. Never names a rule.

Work handed to a thread or process does not block its caller: it is reached, but as `async`. Callbacks kept by somebody else
are not followed. One breadth-first search per (kind, mode) over the reversed call graph: linear in its edges.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from readiness.types.program import ApiUse, CallEdge, Effect, Function, Hop, Via

MAX_HOPS = 12
AWAY = ("thread", "process")
CPU_OPERATIONS = 6  # operations in loops from which a function counts as computing

Step = tuple[int, int, str, str, str]  # next function (-1: outside), line, api, confidence, latency
Reach = dict[int, Step]


def effects(
    functions: Sequence[Function], edges: Sequence[CallEdge], apis: Sequence[ApiUse], operations: Sequence[int]
) -> tuple[Effect, ...]:
    """One Effect per function, in the functions' order."""
    direct = direct_effects(edges, apis)
    callers = reversed_edges(edges)
    reach: dict[tuple[str, str], Reach] = {}
    away: dict[str, Reach] = {}
    for kind, mode in sorted(direct):
        reach[kind, mode] = spread(direct[kind, mode], callers)
        if mode == "blocking":
            away[kind] = handed_over(reach[kind, mode], edges)
    for kind, seeds in sorted(away.items()):
        if seeds:
            joined = {**seeds, **direct.get((kind, "async"), {})}
            reach[kind, "async"] = spread(joined, callers)
    return tuple(describe(i, functions, direct, reach, operations[i]) for i in range(len(functions)))


def direct_effects(edges: Sequence[CallEdge], apis: Sequence[ApiUse]) -> dict[tuple[str, str], Reach]:
    """(kind, mode) -> function -> the first call site that does it."""
    found: dict[tuple[str, str], Reach] = {}
    for edge in edges:
        if edge.api < 0:
            continue
        use = apis[edge.api]
        if use.kind is None or edge.how == "callback":
            continue
        mode = "async" if edge.how in AWAY or use.mode == "async" else "blocking"
        row = found.setdefault((use.kind, mode), {})
        row.setdefault(edge.caller, (-1, edge.line, use.name, edge.confidence, use.latency or ""))
    return found


def reversed_edges(edges: Sequence[CallEdge]) -> dict[int, list[tuple[int, int, str]]]:
    """Callee -> (caller, line, confidence), for work that runs in the caller's own thread."""
    callers: dict[int, list[tuple[int, int, str]]] = {}
    for edge in edges:
        if edge.callee >= 0 and edge.how not in AWAY and edge.how != "callback":
            callers.setdefault(edge.callee, []).append((edge.caller, edge.line, edge.confidence))
    return callers


def spread(seeds: Reach, callers: dict[int, list[tuple[int, int, str]]]) -> Reach:
    """Every function that reaches a seed, with its next step on a shortest path."""
    reach = dict(seeds)
    queue = deque(sorted(seeds))
    while queue:
        callee = queue.popleft()
        _, _, api, confidence, latency = reach[callee]
        for caller, line, own in callers.get(callee, ()):
            if caller not in reach:
                reach[caller] = (callee, line, api, weaker(own, confidence), latency)
                queue.append(caller)
    return reach


def weaker(one: str, other: str) -> str:
    order = ("exact", "typed", "named")
    return order[max(order.index(one), order.index(other))]


def handed_over(reach: Reach, edges: Sequence[CallEdge]) -> Reach:
    """Functions that hand blocking work to a thread or process."""
    found: Reach = {}
    for edge in edges:
        if edge.how in AWAY and edge.callee in reach:
            step = reach[edge.callee]
            found.setdefault(edge.caller, (edge.callee, edge.line, step[2], weaker(edge.confidence, step[3]), step[4]))
    return found


def describe(
    index: int,
    functions: Sequence[Function],
    direct: dict[tuple[str, str], Reach],
    reach: dict[tuple[str, str], Reach],
    operations: int,
) -> Effect:
    via = []
    for (kind, mode), row in sorted(reach.items()):
        if index in row:
            hops, step = path(index, functions, reach, kind, mode)
            via.append(Via(kind, mode, row[index][3], hops, step[2], step[4] or None))
    own = sorted({kind for (kind, _), row in direct.items() if index in row})
    kinds = sorted({v.kind for v in via})
    computes = operations >= CPU_OPERATIONS
    bound = "mixed" if kinds and computes else "io" if kinds else "cpu" if computes else "unknown"
    return Effect(tuple(own), tuple(kinds), tuple(via), bound) if kinds or computes else NOTHING


NOTHING = Effect()


def path(
    index: int, functions: Sequence[Function], reach: dict[tuple[str, str], Reach], kind: str, mode: str
) -> tuple[tuple[Hop, ...], Step]:
    """The hops from a function to the call itself; where work is handed over, the path goes on with the blocking one."""
    hops = []
    seen = set()
    row = reach[kind, mode]
    while True:
        step = row.get(index) or reach[kind, "blocking"][index]
        function = functions[index]
        hops.append(Hop(function.target, function.path, step[1]))
        seen.add(index)
        if step[0] < 0 or step[0] in seen or len(hops) >= MAX_HOPS:
            return tuple(hops), step
        index = step[0]
