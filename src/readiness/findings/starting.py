"""Program -> the functions that run when a process starts or ends, and those that only a command runs.

What starts is named so, or called by such functions only: the name is the author's own word for it. What a handler reaches is never
among them. Never looks at what a function does.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from readiness.types.program import Program

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
# the first word of a name; `initialise_tables`, `setupLogging`, `shutdown`
WORDS = frozenset(
    (
        "bootstrap", "downgrade", "init", "initialise", "initialize", "lifespan", "main", "migrate", "migrations", "setup",
        "shutdown", "startup", "teardown", "upgrade",
    )
)  # fmt: skip


COMMANDS = ("cli", "main")
MIGRATIONS = frozenset(
    ("migrate", "migration", "migrations")
)  # parts of the name of a module that changes a database once
PAIRS = frozenset(
    {("on", "startup"), ("on", "shutdown"), ("set", "up"), ("start", "up"), ("tear", "down"), ("shut", "down")}
    | {
        (verb, what)
        for verb in ("start", "stop", "close", "run")
        for what in ("app", "application", "daemon", "polling", "server", "servers", "service", "services", "workers")
    }
)


def starting(program: Program, served: Collection[int]) -> frozenset[int]:
    """Functions by number. `served`: those that handlers reach."""
    named = {
        number
        for number, row in enumerate(program.functions)
        if is_named_so(row.qualname) or not MIGRATIONS.isdisjoint(row.module.split("."))
    }
    return only_below(program, named, served)


def commanded(program: Program, served: Collection[int]) -> frozenset[int]:
    """Functions that only the commands of a program run: one caller, and nobody else who waits."""
    return only_below(program, {row.function for row in program.entries if row.kind in COMMANDS}, served)


def only_below(program: Program, begin: Collection[int], served: Collection[int]) -> frozenset[int]:
    """These, and whatever nobody else calls."""
    waiting = [0] * len(program.functions)  # callers that are not known to be among them
    callees: dict[int, list[int]] = {}
    for caller, callee in {(edge.caller, edge.callee) for edge in program.calls if edge.callee >= 0}:
        if caller != callee:
            callees.setdefault(caller, []).append(callee)
            waiting[callee] += 1
    found = {number for number in begin if number >= 0 and number not in served}
    todo = list(found)
    for number in todo:
        for callee in callees.get(number, ()):
            waiting[callee] -= 1
            if not waiting[callee] and callee not in found and callee not in served:
                found.add(callee)
                todo.append(callee)
    return frozenset(found)


def is_named_so(qualname: str) -> bool:
    """`_start_servers`, `App.on_startup`, `initialize`; no special method."""
    words = words_of(qualname)
    return not qualname.endswith("__") and bool(words) and (words[0] in WORDS or tuple(words[:2]) in PAIRS)


def words_of(qualname: str) -> list[str]:
    """`start`, `servers` of `App._startServers`."""
    return [word.lower() for word in WORD.findall(qualname.rpartition(".")[2])]
