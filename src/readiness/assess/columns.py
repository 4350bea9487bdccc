"""Program, Marks -> one column per question that every unit asks of its functions, so that a unit is summed up, not walked.

A shared helper belongs to many units: each question is answered once per function. Never knows a unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from readiness.assess.marks import Marks
from readiness.types.program import Effect, Program, Via

REMOTE = frozenset({"network", "broker", "cache", "database"})
STORES = frozenset({"database", "broker", "cache"})
NEAR = 2  # calls on the way: the function itself, or one helper


class Doing(NamedTuple):
    """What functions do with the world; one value per Program.functions, 0 or 1."""

    remote: bytes  # a function with I/O on another machine
    remote_blocking: bytes  # such I/O is blocking
    any: bytes  # it does I/O, sleeping apart
    starting: bytes  # it starts another program


class Columns(NamedTuple):
    """One value per Program.functions; the bytes are 0 or 1."""

    body: bytes  # a function, not a module's own code
    reached: Doing  # what a function does, itself or by whatever it calls
    near: Doing  # what it does itself or by one helper: further down it is another function that waits
    ends: Sequence[tuple[str, int]]  # (path, line) of the call on the other end of the first such I/O; ("", 0) without
    acting: bytes  # it does I/O itself, sleeping apart
    asking: bytes  # it builds queries on an ORM
    nameless: bytes  # it uses a store without a name of a table, queue or key to be seen
    unresolved: Sequence[int]  # call sites
    lines: Sequence[int]  # of a function; 0 for a module's own code
    outer: Sequence[int]  # the same, 0 for a function inside another
    marked: frozenset[int]  # functions with a mark
    concurrent: frozenset[int]  # functions with a construct of concurrency


def columns(program: Program, marks: Marks) -> Columns:
    """One pass over the functions."""
    effects, functions = program.effects, program.functions
    named = {use.function for use in program.data if use.kind != "env"}
    reached = [frozenset(effect.reachable) - {"sleep"} for effect in effects]
    direct = [frozenset(effect.direct) - {"sleep"} for effect in effects]
    near = [row.union(via.kind for via in effects[i].via if _is_near(via)) - {"sleep"} for i, row in enumerate(direct)]
    body = bytes(row.qualname != "<module>" for row in functions)
    lines = [(row.end_line - row.line + 1) * body[i] for i, row in enumerate(functions)]
    return Columns(
        body=body,
        reached=_doing(reached, body, [any(_blocks(via) for via in effect.via) for effect in effects]),
        near=_doing(near, body, [any(_blocks(via) and _is_near(via) for via in effect.via) for effect in effects]),
        ends=[_end(effect) for effect in effects],
        acting=bytes(bool(row) for row in direct),
        asking=bytes(any(mark.signal == "orm" for mark in rows) for rows in marks.rows),
        nameless=bytes(i not in named and not STORES.isdisjoint(row) for i, row in enumerate(direct)),
        unresolved=[row.unresolved for row in functions],
        lines=lines,
        outer=[0 if ".<locals>." in row.qualname else lines[i] for i, row in enumerate(functions)],
        marked=frozenset(i for i, rows in enumerate(marks.rows) if rows),
        concurrent=frozenset(i for i, rows in enumerate(marks.concurrency) if rows),
    )


def _doing(kinds: Sequence[frozenset[str]], body: bytes, blocking: Sequence[bool]) -> Doing:
    return Doing(
        remote=bytes(bool(body[i]) and not REMOTE.isdisjoint(row) for i, row in enumerate(kinds)),
        remote_blocking=bytes(blocking),
        any=bytes(bool(row) for row in kinds),
        starting=bytes("subprocess" in row for row in kinds),
    )


def _blocks(via: Via) -> bool:
    return via.kind in REMOTE and via.mode == "blocking"


def _is_near(via: Via) -> bool:
    return len(via.hops) <= NEAR


def _end(effect: Effect) -> tuple[str, int]:
    for via in effect.via:
        if via.kind in REMOTE and via.hops:
            return via.hops[-1].path, via.hops[-1].line
    return "", 0


def total(column: Sequence[int], functions: Iterable[int]) -> int:
    return sum(map(column.__getitem__, functions))


def chosen(column: Sequence[int], functions: Iterable[int]) -> list[int]:
    """The functions whose value is not 0."""
    return list(filter(column.__getitem__, functions))
