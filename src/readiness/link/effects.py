"""Functions and call edges -> effects: which I/O each function does or reaches, over the shortest path. Never names a rule.

Work handed to a thread or process, or spawned as a task, does not block its caller: it is reached, but as `async`. Callbacks kept
by somebody else are not followed. What came in as a parameter is reached by the function that calls it and by the caller that
handed it over, not by everybody who calls that function. One breadth-first search per (kind, mode) over the reversed call graph:
linear in its edges.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from readiness.link.calls import CallGraph, Handed, Param
from readiness.types.program import ApiUse, CallEdge, Effect, Function, Hop, Via

MAX_HOPS = 12
AWAY = ("thread", "process")
CPU_OPERATIONS = 6  # operations in loops from which a function counts as computing

LOOP, FAN_OUT, LOCK, FIRST = 1, 2, 4, 8
ENDS = frozenset(("__aexit__", "__exit__", "aclose", "close", "rollback"))
READ_ONCE = "filesystem"  # what is read once and kept is no steady I/O of who asks for it; a connection is used by who opened it
WORDS = ((FAN_OUT, "fan-out"), (LOCK, "lock"), (LOOP, "loop"))

Step = tuple[
    int, int, str, str, str, int
]  # next function (-1: outside), line, api, confidence, latency, words on the way
Reach = dict[int, Step]
Table = dict[tuple[str, str], Reach]  # by kind and mode
Link = tuple[int, int, int, str, int]  # caller, callee, line, confidence, words


class Ways:
    """The call graph as effects travel on it."""

    def __init__(self, edges: Sequence[CallEdge], graph: CallGraph) -> None:
        self.callers: dict[
            int, list[tuple[int, int, str, int]]
        ] = {}  # callee -> who runs it in its own thread and waits
        self.given: list[Link] = []  # the callee came in as a parameter: reached here, and no further up
        self.away: list[Link] = []  # threads, processes, spawned tasks
        self.lent: list[
            tuple[Handed, str]
        ] = []  # what is outside and was handed to a parameter, and how that is called
        for edge in edges:
            if edge.callee >= 0 and edge.how != "callback":
                way = (edge.caller, edge.callee, edge.line, edge.confidence, words_of(edge))
                self._add(way, is_away(edge), edge.is_parameter)
        called = called_parameters(graph.called, graph.passed)
        for row in graph.handed:
            how = "call" if row.param is None else called.get(row.param)
            if how is not None and row.callee < 0:
                self.lent.append((row, how))
            elif how is not None:
                way = (row.caller, row.callee, row.line, "typed", 0 if how == "call" else FAN_OUT)
                self._add(way, how != "call", row.is_parameter)

    def _add(self, way: Link, goes_away: bool, is_parameter: bool) -> None:
        if goes_away:
            self.away.append(way)
        elif is_parameter:
            self.given.append(way)
        else:
            self.callers.setdefault(way[1], []).append((way[0], *way[2:]))


def words_of(edge: CallEdge) -> int:
    fans_out = FAN_OUT if edge.how in (*AWAY, "task") else 0
    return fans_out | (LOOP if edge.loop else 0) | (LOCK if edge.is_locked else 0) | (FIRST if edge.is_first else 0)


def is_away(edge: CallEdge) -> bool:
    """Whether the caller goes on at once."""
    return edge.how in AWAY or not edge.is_waited


def called_parameters(called: Mapping[Param, str], passed: Mapping[Param, set[Param]]) -> dict[Param, str]:
    """Parameters that are called, here or by a function that they are passed on to."""
    found = dict(called)
    takers: dict[Param, list[Param]] = {}
    for param in sorted(passed):
        for taker in passed[param]:
            takers.setdefault(taker, []).append(param)
    todo = sorted(found)
    for taker in todo:
        for param in takers.get(taker, ()):
            if param not in found:
                found[param] = found[taker]
                todo.append(param)
    return found


def effects(
    functions: Sequence[Function], edges: Sequence[CallEdge], graph: CallGraph, apis: Sequence[ApiUse],
    operations: Sequence[int], handlers: frozenset[int], named: Sequence[CallEdge] = (),
) -> tuple[Effect, ...]:  # fmt: skip
    """One Effect per function, in the functions' order. `handlers`: functions that run for an entry point.

    `named`: calls that are known by their name alone; what only they reach is kept apart.
    """
    direct = direct_effects(edges, apis)
    ways = Ways(edges, graph)
    begins = direct_effects([edge for edge in edges if not edge.is_parameter], apis)
    here = lent_effects(ways, apis, True)
    for table, more in ((begins, lent_effects(ways, apis, False)), (here, direct)):
        for key, row in more.items():
            table[key] = {**row, **table.get(key, {})}
    reach = reached(begins, here, ways)
    hops = Hops(functions)
    found = [
        describe(i, hops, direct, reach, operations[i], base_words(functions[i], i in handlers))
        for i in range(len(functions))
    ]
    by_name = reached(direct_effects(named, apis), {}, ways) if named else {}
    for i in sorted({i for row in by_name.values() for i in row}):
        vias = ways_of(i, hops, by_name, base_words(functions[i], i in handlers))
        aside = tuple(via for via in vias if via.kind not in found[i].reachable)
        found[i] = replace(found[i], named=aside) if aside else found[i]
    return tuple(found)


def reached(begins: Table, here: Table, ways: Ways) -> Table:
    """(kind, mode) -> who reaches it: in its own thread, then what was handed to others as `async`."""
    reach: Table = {}
    away: dict[str, Reach] = {}
    for kind, mode in sorted({*begins, *here}):
        reach[kind, mode] = spread(begins.get((kind, mode), {}), here.get((kind, mode), {}), ways, kind)
        for function, step in handed_over(reach[kind, mode], ways).items():
            away.setdefault(kind, {}).setdefault(function, step)
    for kind, seeds in sorted(away.items()):
        key = (kind, "async")
        reach[key] = spread({**seeds, **begins.get(key, {})}, here.get(key, {}), ways, kind)
    return reach


class Hops:
    """The hops of all paths, each made once: paths meet where the I/O is."""

    def __init__(self, functions: Sequence[Function]) -> None:
        self._functions = functions
        self._made: dict[tuple[int, int], Hop] = {}

    def at(self, function: int, line: int) -> Hop:
        made = self._made.get((function, line))
        if made is None:
            row = self._functions[function]
            made = self._made[function, line] = Hop(row.target, row.path, line)
        return made


def base_words(function: Function, is_handler: bool) -> frozenset[str]:
    words = {"async"} if function.is_async else {"import-time"} if function.qualname == "<module>" else set()
    return frozenset(words | {"handler"} if is_handler else words)


def direct_effects(edges: Sequence[CallEdge], apis: Sequence[ApiUse]) -> Table:
    """(kind, mode) -> function -> the first call site that does it, one that ends something only where there is no other."""
    found: Table = {}
    for edge in edges:
        if edge.api < 0:
            continue
        use = apis[edge.api]
        if use.kind is None or edge.how == "callback":
            continue
        mode = "async" if is_away(edge) or use.mode == "async" else "blocking"
        row = found.setdefault((use.kind, mode), {})
        known = row.get(edge.caller)
        if known is None or (is_end(known[2]) and not is_end(use.name)):
            row[edge.caller] = (-1, edge.line, use.name, edge.confidence, use.latency or "", words_of(edge))
    return found


def is_end(name: str) -> bool:
    """It closes what another call has opened: of a function that does both, the other one tells more."""
    return name.rpartition(".")[2] in ENDS


def lent_effects(ways: Ways, apis: Sequence[ApiUse], is_parameter: bool) -> Table:
    """(kind, mode) -> who hands such a call to somebody that runs it; `is_parameter`: those to whom it was handed as well."""
    found: Table = {}
    for handed, how in ways.lent:
        use = apis[handed.api]
        if use.kind is None or handed.is_parameter != is_parameter:
            continue
        mode = "blocking" if how == "call" and use.mode != "async" else "async"
        step = (-1, handed.line, use.name, "typed", use.latency or "", 0 if how == "call" else FAN_OUT)
        found.setdefault((use.kind, mode), {}).setdefault(handed.caller, step)
    return found


def spread(seeds: Reach, here: Reach, ways: Ways, kind: str) -> Reach:
    """Every function that reaches a seed, with its next step on a shortest path; what is only `here` goes no further up."""
    stops = FIRST if kind == READ_ONCE else 0
    reach = dict(seeds)
    queue = deque(sorted(seeds))
    while queue:
        callee = queue.popleft()
        below = reach[callee]
        for caller, line, own, words in ways.callers.get(callee, ()):
            if caller not in reach and not words & stops:
                reach[caller] = onto(below, callee, line, own, words)
                queue.append(caller)
    given: Reach = {}
    for caller, callee, line, own, words in ways.given:
        if caller not in reach and callee in reach and not words & stops:
            given.setdefault(caller, onto(reach[callee], callee, line, own, words))
    reach.update(given)
    return {**here, **reach}


def onto(below: Step, callee: int, line: int, confidence: str, words: int) -> Step:
    """One step further up."""
    return callee, line, below[2], weaker(confidence, below[3]), below[4], words | below[5]


def weaker(one: str, other: str) -> str:
    order = ("exact", "typed", "named")
    return order[max(order.index(one), order.index(other))]


def handed_over(reach: Reach, ways: Ways) -> Reach:
    """Functions that hand such work to a thread, process or task and go on."""
    found: Reach = {}
    for caller, callee, line, confidence, words in ways.away:
        if callee in reach:
            found.setdefault(caller, onto(reach[callee], callee, line, confidence, words))
    return found


def describe(
    index: int, hops: Hops, direct: Table, reach: Table, operations: int, words: frozenset[str]
) -> Effect:  # fmt: skip
    via = ways_of(index, hops, reach, words)
    own = sorted({kind for (kind, _), row in direct.items() if index in row})
    kinds = sorted({v.kind for v in via})
    computes = operations >= CPU_OPERATIONS
    bound = "mixed" if kinds and computes else "io" if kinds else "cpu" if computes else "unknown"
    return Effect(tuple(own), tuple(kinds), tuple(via), bound) if kinds or computes else NOTHING


NOTHING = Effect()


def ways_of(index: int, hops: Hops, reach: Table, words: frozenset[str]) -> list[Via]:
    via = []
    for (kind, mode), row in sorted(reach.items()):
        if index in row:
            way, step = path(index, hops, reach, kind, mode)
            contexts = sorted(words | {word for bit, word in WORDS if row[index][5] & bit})
            via.append(Via(kind, mode, row[index][3], way, step[2], step[4] or None, tuple(contexts)))
    return via


def path(index: int, hops: Hops, reach: Table, kind: str, mode: str) -> tuple[tuple[Hop, ...], Step]:
    """The hops from a function to the call itself; where work is handed over, the path goes on with the blocking one."""
    found = []
    seen = set()
    row = reach[kind, mode]
    while True:
        step = row.get(index) or reach[kind, "async" if mode == "blocking" else "blocking"][index]
        found.append(hops.at(index, step[1]))
        seen.add(index)
        if step[0] < 0 or step[0] in seen or len(found) >= MAX_HOPS:
            return tuple(found), step
        index = step[0]
