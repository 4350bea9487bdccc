"""Marks -> a hotspot of 0-100 per function: where concurrent I/O is. Never more than 0 without I/O in a concurrent context."""

from __future__ import annotations

from readiness.assess.ground import Ground
from readiness.assess.score import limit

NARROW = 4  # a pool or semaphore of at most this width over I/O is a bottleneck, like a lock


def hotspots(ground: Ground) -> tuple[float, ...]:
    """100 (1 - prod(1 - v s)) over the rows of axis `hotspot`; 0 for tests and for code without concurrent I/O."""
    return tuple(_hotspot(i, ground) for i in range(len(ground.program.functions)))


def _hotspot(i: int, ground: Ground) -> float:
    effect, marks = ground.program.effects[i], ground.marks
    function = ground.program.functions[i]
    if not marks.is_concurrent[i] or not (effect.direct or effect.reachable) or ground.modules[function.module].is_test:
        return 0.0
    latency = ground.scoring.tables["latency"]
    by_signal: dict[str, float] = {}
    for row in marks.rows[i]:
        by_signal[row.signal] = by_signal.get(row.signal, 0.0) + row.weight
    is_narrow = "narrow" in by_signal or any(
        row.signal == "pool_width" and row.weight <= NARROW for row in marks.rows[i]
    )
    # what is only reached counts half: the place to change is further down
    reached = sum(latency.get(via.latency or "unknown", 0.0) for via in effect.via) / 2
    counts = {
        "hotspot_entries": float(len(marks.entries[i])),
        "hotspot_io": max(by_signal.get("io", 0.0), reached),
        "hotspot_blocking": float("blocking_in_async" in by_signal),
        "hotspot_loop": float("serial_loop" in by_signal or "query_loop" in by_signal),
        "hotspot_fanout": float("fanout" in by_signal),
        "hotspot_narrow": float(is_narrow),
        "hotspot_complexity": max(0.0, (function.complexity or 0) - limit(ground.scoring, "cpu_complexity")),
    }
    left = 1.0
    for name, count in counts.items():
        weight = ground.scoring.signals[name]
        value = count / (count + weight.half) if weight.half else count
        left *= 1 - weight.value * value
    return 100 * (1 - left)
