"""Service -> the steps of its move, entry by entry: what only reads before what writes, consumers before producers. Changes no number.

An entry writes where it answers a method that asks to change something (POST, PUT, PATCH, DELETE), or reaches, in its unit, a store that
is written, a queue that is sent to, or a call of another service that is no GET. A store without a name here may be written: it counts as such.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from readiness.assess.ground import Ground, Unit
from readiness.types.plan import Move
from readiness.types.program import EntryPoint

WAYS = ("read", "consume", "connect", "produce", "write", "run")  # in this order
ASKING = frozenset({"GET", "HEAD", "OPTIONS"})
KINDS = {
    "http-route": "route", "rpc-method": "route", "websocket": "connection", "task": "message", "consumer": "message",
    "schedule": "start", "cli": "start", "lambda": "start",
}  # fmt: skip
MOST = 300  # entries of one service; the rest moves like them


def moves(unit: Unit, ground: Ground) -> tuple[Move, ...]:
    """The entries of a unit in the order in which they move."""
    entries = [entry for entry in unit.entries if entry.kind in KINDS][:MOST]
    changes = _changes(unit, ground) if entries else {}
    names = sorted({what for row in changes.values() for what in row})
    reached = _reached(
        changes, {what: 1 << number for number, what in enumerate(names)}, frozenset(unit.functions), ground
    )
    rows = []
    for entry in entries:
        touched = _touched(entry, reached.get(entry.function, 0), names)
        rows.append(Move(entry.target, entry.detail, entry.path, entry.line, _way(entry, touched), touched[:5]))
    return tuple(sorted(rows, key=lambda row: (WAYS.index(row.way), len(row.touches), row.path, row.line, row.detail)))


def steps_of(rows: Iterable[Move]) -> list[str]:
    """One step per way, in words."""
    by_way: dict[str, list[str]] = {}
    for row in rows:
        by_way.setdefault(row.way, []).append(row.detail or row.target.rpartition(":")[2])
    return [WORDS[way].format(listed=listed(names)) for way in WAYS if (names := by_way.get(way))]


WORDS = {
    "read": "Divert what only reads first, one route at a time: {listed}",
    "consume": "Let Go consume beside Python, with a key that makes a second delivery harmless: {listed}",
    "connect": "Send a growing share of new connections to Go; open ones stay where they are: {listed}",
    "produce": "Then the messages that send others: {listed}",
    "write": "Then the routes that write, behind a switch for each: {listed}",
    "run": "Last the commands and timetables: {listed}",
}


def _way(entry: EntryPoint, touched: tuple[str, ...]) -> str:
    kind = KINDS[entry.kind]
    if kind == "route":
        return "write" if touched else "read"
    if kind == "message":
        return "produce" if any(what.startswith("sends to ") for what in touched) else "consume"
    return "connect" if kind == "connection" else "run"


def _changes(unit: Unit, ground: Ground) -> dict[int, list[str]]:
    """Function of the unit -> what it changes outside of itself."""
    inside = frozenset(unit.functions)
    found: dict[int, list[str]] = {}
    for use in ground.program.data:
        if use.function in inside and use.access == "write" and use.kind != "env":
            verb = "sends to" if use.kind == "queue" else "writes"
            found.setdefault(use.function, []).append(f"{verb} {use.name}")
    for call in ground.program.outgoing:
        if call.function in inside and call.kind in ("queue", "topic"):
            found.setdefault(call.function, []).append(f"sends to {call.address}")
        elif call.function in inside and call.kind == "http" and call.method and call.method not in ASKING:
            found.setdefault(call.function, []).append(f"calls {call.method} {call.address}")
    for function in inside:
        if ground.columns.nameless[function] and function not in found:
            found[function] = ["uses a store that has no name here"]
    return found


def _reached(
    changes: Mapping[int, list[str]], bit: Mapping[str, int], inside: frozenset[int], ground: Ground
) -> dict[int, int]:
    """Function -> bits of what it or what it reaches in the unit changes: they flow from callees to callers, one walk for all entries."""
    found = {function: sum(bit[what] for what in set(row)) for function, row in changes.items()}
    queue = deque(sorted(found))
    while queue:
        callee = queue.popleft()
        for caller in ground.marks.ways.callers[callee]:
            if caller in inside and found[callee] & ~found.get(caller, 0):
                found[caller] = found.get(caller, 0) | found[callee]
                queue.append(caller)
    return found


def _touched(entry: EntryPoint, bits: int, names: Sequence[str]) -> tuple[str, ...]:
    """What an entry changes, on all ways from it within its unit; a method that asks to change something may."""
    if entry.function < 0:
        return ("what its handler does is not known",)
    asked = {f"answers {verb}" for verb in entry.verbs if verb not in ASKING}
    return tuple(sorted(asked | {what for number, what in enumerate(names) if bits >> number & 1}))


def listed(names: list[str], most: int = 3) -> str:
    """The first of them, and how many more there are."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(dict.fromkeys(names[:most])) + rest
