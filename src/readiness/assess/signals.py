"""Unit -> benefit signals: why Go would help here, each with its lines. Three-valued: None where nothing could be seen.

Counts saturate as x / (x + K), K from scoring.toml; widths as log2(w) / 10; shares are used as they are.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection

from readiness.assess.columns import Doing, chosen, total
from readiness.assess.ground import Ground, Unit
from readiness.assess.marks import HANDLERS, SLOW_IO, Mark, Marked, marks_of
from readiness.assess.score import HOLDS, limit
from readiness.types.assess import Signal
from readiness.types.program import EntryPoint
from readiness.types.report import Place

PASSING_HOPS = 3  # handler, a client's method, the call itself
PLACES = 5  # evidence lines kept per signal
START_MATTERS = frozenset({"cli", "lambda"})
ROUTES = frozenset({"http-route", "rpc-method"})


def benefit_signals(unit: Unit, ground: Ground) -> tuple[Signal, ...]:
    """All benefit signals of scoring.toml, in its order; one that no reader knows is unknown."""
    marked = unit.marked
    signals = []
    for name, row in ground.scoring.signals.items():
        if row.axis == "benefit" and row.family not in HOLDS:
            read = READERS.get(name)
            signals.append(read(unit, marked, ground) if read else Signal(name, None, "nothing was given to tell"))
    return tuple(signals)


def places(rows: list[Mark]) -> tuple[Place, ...]:
    """The first places of some marks by path and line, each once."""
    return tuple(Place(path, line) for path, line in heapq.nsmallest(PLACES, {(row.path, row.line) for row in rows}))


def saturate(count: float, half: float | None) -> float:
    return count / (count + (half or 1.0)) if count > 0 else 0.0


def plural(count: float, one: str, many: str = "") -> str:
    return f"{count:g} {one if count == 1 else many or one + 's'}"


def _half(ground: Ground, name: str) -> float | None:
    return ground.scoring.signals[name].half


def _served(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    """A process by their number: its start and its tools are no part of a path. A module by their share, whatever its size."""
    count = len(unit.served)
    if unit.service is None:
        value = count / max(1, total(ground.columns.body, unit.functions))
    else:
        value = saturate(count, _half(ground, "served"))
    handlers = [entry for entry in unit.entries if entry.kind in HANDLERS]
    detail = f"requests or messages reach {plural(count, 'function')} of it"
    return Signal(
        "served",
        value,
        detail if count else "no request and no message reaches it",
        _entry_places(handlers) if count else (),
    )


def doing(unit: Unit, ground: Ground) -> Doing:
    """A process takes its helpers along, so that all it reaches is its own; a module and a slice leave them behind."""
    is_alone = unit.service is None or bool(unit.service.alone)
    return ground.columns.near if is_alone else ground.columns.reached


def _waits(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    """Share of its functions that wait for I/O beyond the machine."""
    bit, on_loop = unit.paths.bit, unit.paths.on_loop
    does = doing(unit, ground)
    blocked = does.remote_blocking
    # what blocks an event loop is counted there: the same call is no second reason
    waiting = [i for i in chosen(does.remote, unit.functions) if not (blocked[i] and on_loop[i] & bit)]
    if not waiting:
        return Signal("waits", 0.0, "it waits for no other machine")
    ends = {ground.columns.ends[i] for i in waiting}
    found = tuple(Place(*end) for end in heapq.nsmallest(PLACES, ends))
    value = len(waiting) / total(ground.columns.body, unit.functions)
    return Signal(
        "waits", value, f"{plural(len(waiting), 'function waits', 'functions wait')} for other machines", found
    )


def _machinery(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    functions, concurrency = ground.program.functions, ground.marks.concurrency
    concurrent = ground.columns.concurrent.intersection(unit.functions)
    uses = {(functions[i].path, use.line) for i in concurrent for use in concurrency[i]}
    found = tuple(Place(*place) for place in heapq.nsmallest(PLACES, uses))
    detail = f"{plural(len(uses), 'place')} of threads, tasks, queues, pools or locks"
    value = saturate(len(uses), _half(ground, "machinery"))
    if unit.service is not None:  # a few in a large process are its edge
        dense = limit(ground.scoring, "machinery_share") * max(1, total(ground.columns.body, unit.functions))
        value = min(value, len(uses) / dense)
    return Signal("machinery", value, detail if uses else "no concurrency", found)


def _resident(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    """The process that stays, by its handlers or endless loop; a module by the share of it that such a process runs, too."""
    rows = marked.get("stays", [])
    share = total(ground.staying, unit.functions) / max(1, len(unit.functions)) if unit.service is None else 0.0
    shaped = set(ground.marks.handlers)
    count = sum(1 for e in _entries(unit, HANDLERS)) + sum(1 for i in unit.served if i in shaped)
    value = max(saturate(count, _half(ground, "resident")), 0.5 if rows else 0.5 * share)
    detail = "it stays in memory between requests or rounds" if value else "nothing shows that it stays in memory"
    return Signal("resident", value, detail, places(rows))


def answered_so(
    unit: Unit, flags: bytearray, ground: Ground, least: str, more: Collection[EntryPoint] = ()
) -> float:  # fmt: skip
    """How much of what a process answers does something, as `flags` and the entries `more` say: 1 from a part of its handlers on
    (the threshold `least`), less below, and 1 where it has no handlers. One route in a hundred that streams is a reason to cut out
    that route, not to move the ninety-nine.
    """
    handlers = handlers_of(unit, ground)
    if unit.service is None or not handlers:
        return 1.0
    unresolved = sum(1 for entry in more if entry.function < 0)
    doing = {*chosen(flags, handlers), *(entry.function for entry in more if entry.function >= 0)}
    share = (len(doing) + unresolved) / (len(handlers | doing) + unresolved)
    return min(1.0, share / limit(ground.scoring, least))


def handlers_of(unit: Unit, ground: Ground) -> set[int]:
    """The functions of a unit to which requests or messages come: entries, and what has the shape of a protocol."""
    known = {entry.function for entry in _entries(unit, HANDLERS) if entry.function >= 0}
    return known.union(ground.marks.handlers) & {*known, *unit.functions}


def fanout_share(marked: Marked, ground: Ground) -> float:
    serial = {(row.path, row.line) for row in marked.get("serial_loop", [])}
    return saturate(len(marked.get("fanout", [])) + 0.5 * len(serial), _half(ground, "fanout"))


def _fanout(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    wide, serial = marked.get("fanout", []), marked.get("serial_loop", [])
    lines = {(row.path, row.line) for row in serial}
    said = [plural(len(wide), "place fans", "places fan") + " out over I/O"] if wide else []
    said += [plural(len(lines), "loop waits", "loops wait") + " for I/O one item at a time"] if serial else []
    value = fanout_share(marked, ground)
    if unit.service is not None:  # what it does beside its handlers is no share of them, but of its code
        aside = [i for i in unit.functions if not unit.paths.on_path[i] & unit.paths.bit]
        beside = fanout_share(marks_of(aside, ground.marks, unit.paths), ground)
        beside *= min(1.0, len(aside) / max(1, len(unit.functions)) / limit(ground.scoring, "fanout_share"))
        value = max(value * answered_so(unit, ground.marks.fanning, ground, "fanout_share"), beside)
    return Signal("fanout", value, " and ".join(said) or "no call fans out over I/O", places(wide + serial))


def _entries(unit: Unit, kinds: frozenset[str]) -> list[EntryPoint]:
    """A module has the handlers that stand in it; what merely passes through it is `served`."""
    own = set(unit.own) if unit.service is None else None
    return [e for e in unit.entries if e.kind in kinds and (own is None or e.target.partition(":")[0] in own)]


def _entry_places(entries: list[EntryPoint]) -> tuple[Place, ...]:
    return tuple(Place(entry.path, entry.line) for entry in entries[:PLACES])


def _weight(entry: EntryPoint, ground: Ground) -> float:
    """The latency classes of the kinds of I/O that an entry waits for, added up; one per kind and mode."""
    latency = ground.scoring.tables["latency"]
    return sum(latency.get(via.latency or "unknown", 0.0) for via in ground.program.effects[entry.function].via)


def _request_wait(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    routes = [entry for entry in _entries(unit, ROUTES) if entry.function >= 0]
    sync = [entry for entry in routes if not ground.program.functions[entry.function].is_async]
    waiting = [entry for entry in sync if _weight(entry, ground) > 0]
    if not routes and _entries(unit, ROUTES):
        return Signal("request_wait", None, "the handlers of the routes could not be resolved")
    if not waiting:
        return Signal("request_wait", 0.0, "no synchronous route waits for I/O")
    mean = sum(_weight(entry, ground) for entry in sync) / len(sync)
    detail = f"{plural(len(waiting), 'synchronous route waits', 'synchronous routes wait')} for I/O"
    return Signal("request_wait", saturate(mean, _half(ground, "request_wait")), detail, _entry_places(waiting))


def _blocking(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    rows = marked.get("blocking_in_async", [])
    sites = len({(row.path, row.line) for row in rows})
    detail = f"{plural(sites, 'call blocks', 'calls block')} the event loop" if rows else "nothing blocks an event loop"
    return Signal("blocking_in_async", saturate(sites, _half(ground, "blocking_in_async")), detail, places(rows))


def _long_lived(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    sockets, rows = _entries(unit, frozenset({"websocket"})), marked.get("long_lived", [])
    if not sockets and not rows:
        return Signal("long_lived", 0.0, "no connection stays open")
    said = plural(len(sockets), "websocket handler") if sockets else plural(len(rows), "call keeps", "calls keep")
    detail = f"{said} {'with connections that stay open' if sockets else 'connections open'}"
    value = answered_so(unit, ground.marks.keeping, ground, "open_share", sockets)
    return Signal("long_lived", value, detail, (_entry_places(sockets) + places(rows))[:PLACES])


def width_share(width: float, ground: Ground) -> float:
    return min(1.0, math.log2(width) / limit(ground.scoring, "width_log2")) if width > 1 else 0.0


def _pool_width(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    rows = marked.get("pool_width", [])
    workers = unit.service.workers if unit.service else None
    width = max([row.weight for row in rows] + ([float(workers)] if workers else []), default=0.0)
    if not width:
        uses = [
            use
            for i in ground.columns.concurrent.intersection(unit.functions)
            for use in ground.marks.concurrency[i]
            if use.construct in {"pool", "semaphore"}
        ]
        if uses:
            return Signal("pool_width", None, "a pool is built whose width is not written as a number")
        return Signal("pool_width", 0.0, "no pool of a known width")
    widest = [row for row in rows if row.weight == width]
    detail = min(row.detail for row in widest) if widest else f"{workers} workers are started"
    return Signal("pool_width", width_share(width, ground), detail, places(widest))


def _consumer(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    handlers = _entries(unit, frozenset({"task", "consumer"}))
    doing = [e for e in handlers if e.function >= 0 and SLOW_IO & set(ground.program.effects[e.function].reachable)]
    if handlers and all(entry.function < 0 for entry in handlers):
        return Signal("consumer", None, "the handlers of the messages could not be resolved")
    said = plural(len(doing), "message handler does", "message handlers do") + " I/O for each message"
    value = saturate(len(doing), _half(ground, "consumer"))
    return Signal("consumer", value, said if doing else "no handler does I/O per message", _entry_places(doing))


def _proxy_shape(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    routes = [entry for entry in _entries(unit, ROUTES) if entry.function >= 0]
    if not routes:
        is_hidden = bool(_entries(unit, ROUTES))
        return Signal(
            "proxy_shape", None if is_hidden else 0.0, "no route whose handler is known" if is_hidden else "no route"
        )
    passing = [entry for entry in routes if _passes_on(entry.function, ground)]
    detail = f"{len(passing)} of {plural(len(routes), 'route')} call another service and touch no database"
    return Signal("proxy_shape", len(passing) / len(routes), detail, _entry_places(passing))


def _passes_on(handler: int, ground: Ground) -> bool:
    """An outgoing call near the handler and no database. Whether the answer is the upstream's body is not seen; nearness
    stands for it. A call that blocks an event loop is left out: that is a bug to repair, not a shape."""
    effect, is_async = ground.program.effects[handler], ground.program.functions[handler].is_async
    return "database" not in effect.reachable and any(
        via.kind == "network" and len(via.hops) <= PASSING_HOPS and not (is_async and via.mode == "blocking")
        for via in effect.via
    )


def _cpu_loops(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    """Weighted loops per 1,000 source lines of what the unit runs, less the share of loop calls that run compiled code."""
    least = limit(ground.scoring, "cpu_complexity")
    rows = [row for row in marked.get("inner_loop", []) if row.weight >= least]
    lines = total(ground.columns.lines, unit.functions)
    value = saturate(1000 * len(rows) / max(lines, 1000), _half(ground, "cpu_loops"))
    detail = f"{plural(len(rows), 'inner loop computes', 'inner loops compute')} in pure Python"
    return Signal("cpu_loops", value, detail if rows else "no nested loop computes in pure Python", places(rows))


def _serialisation(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    rows = marked.get("serialisation", [])
    detail = f"{plural(len(rows), 'call serialises', 'calls serialise')} per item or per message"
    dense = limit(ground.scoring, "serialising_share") * max(1, total(ground.columns.body, unit.functions))
    value = min(
        saturate(len(rows), _half(ground, "serialisation")), len(rows) / dense
    )  # each of the two says "few" once
    return Signal("serialisation", value, detail if rows else "nothing is serialised per message", places(rows))


def _process_pool(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    rows = marked.get("process_pool", [])
    if rows and unit.service is not None and unit.service.kind == "seam":
        own, functions = set(unit.own), ground.program.functions
        spread = {functions[i].module for caller in unit.functions for i in ground.marks.spawned.get(caller, ())}
        if spread and own.isdisjoint(spread):
            return Signal("process_pool", 0.0, "what its processes do belongs to others, and would stay in Python")
    detail = min(row.detail for row in rows) if rows else "no pool of processes"
    return Signal("process_pool", 1.0 if rows else 0.0, detail, places(rows))


def _cost_of_imports(unit: Unit, ground: Ground, field: str) -> float | None:
    """Sum of a measured cost over the libraries that a unit imports; None where none of them was measured."""
    used = {name for module in (*unit.own, *unit.shared) for name in ground.imports.get(module, {})}
    known = {row.distribution: getattr(row, field) for row in ground.rulebook.libraries if row.distribution in used}
    measured = [value for value in known.values() if value is not None]
    return sum(measured) if measured else None


def _prefork_memory(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    workers = unit.service.workers if unit.service else None
    resident = _cost_of_imports(unit, ground, "resident_mib") if workers is not None else None
    if workers is None or resident is None:
        return Signal("prefork_memory", None, "the number of worker processes or the libraries' memory is not known")
    value = min(1.0, workers * resident / limit(ground.scoring, "memory_mib")) if workers > 1 else 0.0
    return Signal("prefork_memory", value, f"{workers} worker processes load {resident:.0f} MiB of libraries each")


def _cold_start(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    started = _entries(unit, START_MATTERS)
    if not started:
        return Signal("cold_start", 0.0, "nothing that is started for each call")
    cost = _cost_of_imports(unit, ground, "import_ms")
    if cost is None:
        return Signal("cold_start", None, "the import time of its libraries was not measured", _entry_places(started))
    value = saturate(cost / 1000, _half(ground, "cold_start"))
    return Signal("cold_start", value, f"each start imports libraries for {cost / 1000:.1f} s", _entry_places(started))


def _ship_binary(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    if unit.service is None:
        return Signal("ship_binary", None, "a module is not shipped by itself")
    ships = unit.service.ships
    found = tuple(Place(row.path, row.line or 1) for row in ships[:PLACES])
    detail = f"it is shipped to other machines: {ships[0].detail}" if ships else "nothing packs it for other machines"
    return Signal("ship_binary", 1.0 if ships else 0.0, detail, found)


def _replicas(unit: Unit, marked: Marked, ground: Ground) -> Signal:
    count = unit.service.replicas if unit.service else None
    if count is None:
        return Signal("replicas", None, "no manifest says how many run")
    value = min(1.0, math.log2(count) / limit(ground.scoring, "leverage_log2")) if count > 1 else 0.0
    return Signal("replicas", value, f"{plural(count, 'replica runs', 'replicas run')}")


READERS: dict[str, Callable[[Unit, Marked, Ground], Signal]] = {
    "served": _served,
    "machinery": _machinery,
    "waits": _waits,
    "resident": _resident,
    "fanout": _fanout,
    "request_wait": _request_wait,
    "blocking_in_async": _blocking,
    "long_lived": _long_lived,
    "pool_width": _pool_width,
    "consumer": _consumer,
    "proxy_shape": _proxy_shape,
    "cpu_loops": _cpu_loops,
    "serialisation": _serialisation,
    "process_pool": _process_pool,
    "prefork_memory": _prefork_memory,
    "cold_start": _cold_start,
    "ship_binary": _ship_binary,
    "replicas": _replicas,
}
