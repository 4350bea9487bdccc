"""Marks, call sites -> a hotspot of 0-100 per function with the lines that make it: where concurrent I/O is.

Never more than 0 without I/O in a concurrent context. What starts concurrent work is no such context itself, unless what it
starts waits for I/O; a loop, a lock and a blocking call are those of the findings.
"""

from __future__ import annotations

from collections.abc import Mapping

from readiness.assess.ground import Ground
from readiness.assess.marks import HANDLERS, SLOW_IO
from readiness.assess.score import limit
from readiness.assess.signals import plural
from readiness.findings.ground import Ground as Places
from readiness.types.assess import Hotspot
from readiness.types.facts import Facts
from readiness.types.program import CallEdge, Via
from readiness.types.report import HotSign

NARROW = 4  # a pool or semaphore of at most this width over I/O is a bottleneck, like a lock
SPAWNS = frozenset({"task", "thread", "process"})
COLD = Hotspot(0.0)
Seen = dict[str, tuple[int, str]]  # signal -> line and words of its first place


def hotspots(ground: Ground, facts: Mapping[str, Facts]) -> tuple[Hotspot, ...]:
    """100 (1 - prod(1 - v s)) over the rows of axis `hotspot`; 0 for tests and for code without concurrent I/O."""
    places = Places(ground.program, facts)
    beside = _beside(ground, places)
    seen = _signs(ground, places, beside)
    return tuple(
        _hotspot(i, ground, seen.get(i, {})) if i in beside else COLD for i in range(len(ground.program.functions))
    )


def _beside(ground: Ground, places: Places) -> set[int]:
    """Functions with I/O in a concurrent context: coroutines, handlers, what was spawned, and all that these call."""
    seeds = {i for i, row in enumerate(ground.program.functions) if row.is_async}
    seeds |= {entry.function for entry in ground.program.entries if entry.kind in HANDLERS}
    seeds |= {edge.callee for edge in ground.program.calls if edge.how in SPAWNS}
    found = places.closure(seeds, everywhere=True)
    found |= {edge.caller for edge in ground.program.calls if edge.how in SPAWNS and _waits(ground, edge)}
    return {
        i
        for i in found
        if ground.program.effects[i].reachable and not ground.modules[ground.program.functions[i].module].is_test
    }


def _signs(ground: Ground, places: Places, beside: set[int]) -> dict[int, Seen]:
    """Per function the first place of each signal that a call site shows."""
    found: dict[int, Seen] = {}
    for edge in ground.program.calls:
        if edge.caller not in beside or edge.how == "callback":
            continue
        is_waiting, is_blocking = _waits(ground, edge), _blocks(ground, edge)
        if not (is_waiting or is_blocking):
            continue
        name = edge.external or ground.program.functions[edge.callee].qualname
        words = places.contexts(edge)
        seen = found.setdefault(edge.caller, {})
        if edge.how in SPAWNS and is_waiting:
            seen.setdefault("hotspot_fanout", (edge.line, f"{name} runs beside others"))
        if "on-loop" in words and is_blocking:
            seen.setdefault("hotspot_blocking", (edge.line, f"{name} holds the event loop"))
        if "loop" in words and is_waiting and edge.how not in SPAWNS:
            seen.setdefault("hotspot_loop", (edge.line, f"{name} waits once per element"))
        if "lock" in words and is_waiting:
            seen.setdefault("hotspot_narrow", (edge.line, f"{name} waits while a lock is held"))
    return found


def _waits(ground: Ground, edge: CallEdge) -> bool:
    """The call itself, or what it runs, waits for somebody else: not for a local file, not for the clock."""
    if edge.api >= 0:
        api = ground.program.apis[edge.api]
        return api.kind in SLOW_IO and api.latency != "local"
    vias = ground.program.effects[edge.callee].via if edge.callee >= 0 else ()
    return any(via.kind in SLOW_IO and via.latency != "local" for via in vias)


def _blocks(ground: Ground, edge: CallEdge) -> bool:
    """The call holds the thread that it runs in, for the clock too."""
    if edge.how in SPAWNS:
        return False
    if edge.api >= 0:
        api = ground.program.apis[edge.api]
        is_there = api.mode == "blocking" and api.latency != "local" and not edge.is_awaited
        return is_there and (api.kind in SLOW_IO or api.kind == "sleep")
    if edge.callee < 0:
        return False
    # the helper holds the loop; what blocks in another coroutine is that one's
    caller, callee = ground.program.functions[edge.caller], ground.program.functions[edge.callee]
    effect = ground.program.effects[edge.callee]
    return caller.is_async and not callee.is_async and any(_holds(via) for via in effect.via)


def _holds(via: Via) -> bool:
    return via.mode == "blocking" and via.latency != "local" and (via.kind in SLOW_IO or via.kind == "sleep")


def _hotspot(i: int, ground: Ground, seen: Seen) -> Hotspot:
    function, rows = ground.program.functions[i], ground.marks.rows[i]
    io, line = _waiting(i, ground)
    narrow = [row for row in rows if row.signal == "pool_width" and row.weight <= NARROW]
    if narrow and io >= 0.25:
        seen = {"hotspot_narrow": (narrow[0].line, narrow[0].detail), **seen}
    entries = len(ground.marks.entries[i])
    excess = max(0.0, (function.complexity or 0) - limit(ground.scoring, "cpu_complexity"))
    # an entry matters in so far as it waits here
    counts: dict[str, tuple[float, int, str]] = {
        "hotspot_entries": (
            entries * min(1.0, io),
            function.line,
            f"{plural(entries, 'entry point reaches', 'entry points reach')} it",
        ),
        "hotspot_io": (io, line, f"waits as long as {plural(float(f'{io:.2g}'), 'call')} beyond the own network"),
        "hotspot_complexity": (excess * min(1.0, io), function.line, f"complexity {function.complexity}"),
    }
    counts |= {name: (1.0, *place) for name, place in seen.items()}
    left, signs = 1.0, []
    for name, (count, at, words) in sorted(counts.items()):
        weight = ground.scoring.signals[name]
        share = weight.value * (count / (count + weight.half) if weight.half else count)
        left *= 1 - share
        if share:
            signs.append(HotSign(name.removeprefix("hotspot_"), round(share, 4), at, words))
    return Hotspot(100 * (1 - left), tuple(sorted(signs, key=lambda sign: (-sign.share, sign.signal))))


def _waiting(i: int, ground: Ground) -> tuple[float, int]:
    """The latency weights of the I/O calls in a function, or of what it reaches over the number of hops; and a line of it."""
    latency = ground.scoring.tables["latency"]
    function = ground.program.functions[i]
    own = [row for row in ground.marks.rows[i] if row.signal == "io"]
    direct = sum(row.weight for row in own)
    far = [via for via in ground.program.effects[i].via if len(via.hops) > 1]
    # the place to change is further down
    reached = sum(latency.get(via.latency or "unknown", 0.0) / len(via.hops) for via in far)
    if direct >= reached:
        return direct, max(own, key=lambda row: (row.weight, -row.line)).line if own else function.line
    return reached, min(far, key=lambda via: (len(via.hops), via.kind, via.mode)).hops[0].line
