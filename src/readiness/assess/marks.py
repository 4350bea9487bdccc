"""Program -> what each function does that a signal asks for, and which entries reach it. Linear passes; never weighs anything.

A mark is one place with a count. Signals add the marks of a unit's functions up, so that no unit reads the calls again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct

from readiness.declared.requirements import normalised
from readiness.types.facts import Facts
from readiness.types.program import ApiUse, CallEdge, Program
from readiness.types.report import ConcurrencyUse
from readiness.types.rulebook import Rulebook

ENTRY_CAP = 8  # entries remembered per function; counts of entries saturate at two, so more would change nothing
SLOW_IO = frozenset({"network", "database", "broker", "cache", "subprocess", "dns"})
HANDLERS = frozenset({"http-route", "websocket", "rpc-method", "task", "consumer", "lambda"})
PARALLEL = frozenset({"task", "fan-out", "thread", "process", "pool", "greenlet"})
SPAWNS = frozenset({"task", "thread", "process"})
MAGIC_TAGS = frozenset({"template", "form", "admin", "orm-signal", "context-local"})
RENDER_TAGS = frozenset({"template", "form", "admin"})
PICKLES = frozenset({"pickle", "dill", "marshal", "shelve"})


class Mark(Struct, frozen=True, gc=False):
    signal: str
    weight: float
    path: str
    line: int
    detail: str


Marked = dict[str, list[Mark]]


class Marks(NamedTuple):
    """One row per Program.functions."""

    rows: list[list[Mark]]
    concurrency: list[list[ConcurrencyUse]]
    entries: list[list[int]]  # indices into Program.entries, at most ENTRY_CAP, the first in the order of entries
    is_concurrent: bytearray  # async, spawned, a handler, or reached from one
    on_loop: bytearray  # its body can run on an event loop
    sites: list[int]  # call sites with a known callee
    distributions: list[dict[str, int]]  # distribution -> calls of it


def mark(program: Program, facts: Mapping[str, Facts], rulebook: Rulebook, declared: Container[str] = ()) -> Marks:
    """One pass over the calls, one over the loops, and reachability from the entries and the concurrent functions."""
    count = len(program.functions)
    direct, all_edges = _edges(program)
    on_loop = _closure((i for i, row in enumerate(program.functions) if row.is_async), direct, count)
    for i, row in enumerate(program.functions):
        if row.is_async:
            on_loop[i] = 1
    marks = Marks(
        rows=[[] for _ in range(count)],
        concurrency=[[] for _ in range(count)],
        entries=_reaching_entries(program, all_edges),
        is_concurrent=bytearray(count),
        on_loop=on_loop,
        sites=[0] * count,
        distributions=[{} for _ in range(count)],
    )
    _mark_calls(program, facts, rulebook, import_names(rulebook, declared), marks)
    _mark_loops(program, facts, marks)
    seeds = [entry.function for entry in program.entries if entry.kind in HANDLERS and entry.function >= 0]
    seeds += [edge.callee for edge in program.calls if edge.how in SPAWNS and edge.callee >= 0]
    seeds += [
        i
        for i, row in enumerate(program.functions)
        if row.is_async or any(use.construct in PARALLEL for use in marks.concurrency[i])
    ]
    marks.is_concurrent[:] = _closure(seeds, all_edges, count)
    return marks


def marks_of(functions: Iterable[int], marks: Marks) -> Marked:
    """Signal -> marks of some functions."""
    marked: Marked = {}
    for function in functions:
        for row in marks.rows[function]:
            marked.setdefault(row.signal, []).append(row)
    return marked


def distribution_of(name: str, imports: Mapping[str, str]) -> str | None:
    """The distribution whose import name is the longest prefix of a dotted name."""
    while name:
        if name in imports:
            return imports[name]
        name = name.rpartition(".")[0]
    return None


def import_names(rulebook: Rulebook, declared: Container[str] = ()) -> dict[str, str]:
    """Import name -> distribution. Of several with one import name (psycopg2 and psycopg2-binary) the one that the repository
    asks for, else the one with a page, else the first.

    `declared` holds normalised names. A module of the standard library is `python:MODULE`; `family` is what all belong to.
    """
    names: dict[str, tuple[bool, bool, str]] = {}
    for library in rulebook.libraries:
        claim = (normalised(library.distribution) not in declared, not library.apis, library.distribution)
        for name in library.imports:
            names[name] = min(names.get(name, claim), claim)
    return {name: distribution for name, (_, _, distribution) in names.items()}


def family(distribution: str) -> str:
    """The distribution that a name belongs to: `python` for every module of the standard library."""
    return distribution.partition(":")[0]


def _edges(program: Program) -> tuple[list[set[int]], list[set[int]]]:
    """Callees per function: those that run at once in the same thread, and all."""
    count = len(program.functions)
    direct: list[set[int]] = [set() for _ in range(count)]
    every: list[set[int]] = [set() for _ in range(count)]
    for edge in program.calls:
        if edge.callee >= 0:
            every[edge.caller].add(edge.callee)
            if edge.how not in SPAWNS and not program.functions[edge.callee].is_async:
                direct[edge.caller].add(edge.callee)
    return direct, every


def _closure(seeds: Iterable[int], edges: list[set[int]], count: int) -> bytearray:
    seen = bytearray(count)
    stack = list(seeds)
    for seed in stack:
        seen[seed] = 1
    while stack:
        for callee in edges[stack.pop()]:
            if not seen[callee]:
                seen[callee] = 1
                stack.append(callee)
    return seen


def _reaching_entries(program: Program, edges: list[set[int]]) -> list[list[int]]:
    """The first ENTRY_CAP entries that reach each function.

    A search stops at a function whose list is full: all behind it is full too, so the cost is at most ENTRY_CAP passes.
    """
    reach: list[list[int]] = [[] for _ in program.functions]
    for number, entry in enumerate(program.entries):
        stack = [entry.function] if entry.function >= 0 else []
        while stack:
            function = stack.pop()
            row = reach[function]
            if len(row) >= ENTRY_CAP or (row and row[-1] == number):
                continue
            row.append(number)
            stack.extend(edges[function])
    return reach


def _mark_calls(
    program: Program, facts: Mapping[str, Facts], rulebook: Rulebook, names: Mapping[str, str], marks: Marks
) -> None:
    known: dict[str, str | None] = {}
    latency = rulebook.scoring.tables["latency"]
    widths = {
        name: api.width for library in rulebook.libraries for api in library.apis if api.width for name in api.names
    }
    is_slow = [not SLOW_IO.isdisjoint(effect.reachable) for effect in program.effects]
    seen: set[tuple[int, int, int, int]] = set()
    for edge in program.calls:
        place = (edge.caller, edge.line, edge.column, edge.call)
        is_first = place not in seen
        seen.add(place)
        marks.sites[edge.caller] += is_first
        if edge.callee >= 0:
            if is_first and edge.loop and edge.how == "call" and is_slow[edge.callee]:
                callee = program.functions[edge.callee].qualname
                _add(program, marks, edge, "serial_loop", 1.0, f"{callee} waits inside a loop")
            continue
        if edge.external not in known:
            known[edge.external] = distribution_of(edge.external, names)
        distribution = known[edge.external]
        if distribution is not None and is_first:
            marks.distributions[edge.caller][distribution] = marks.distributions[edge.caller].get(distribution, 0) + 1
        if edge.api >= 0:
            api = program.apis[edge.api]
            _mark_api(program, marks, edge, api, latency, is_slow[edge.caller])
            if api.name in widths:
                _mark_width(program, facts, marks, edge, str(widths[api.name]))


def _add(program: Program, marks: Marks, edge: CallEdge, signal: str, weight: float, detail: str) -> None:
    marks.rows[edge.caller].append(Mark(signal, weight, program.functions[edge.caller].path, edge.line, detail))


def _mark_api(
    program: Program, marks: Marks, edge: CallEdge, api: ApiUse, latency: Mapping[str, float], is_slow: bool
) -> None:
    """What one call of a library's API says."""
    if api.kind is not None and edge.how != "callback":
        weight = latency.get(api.latency or "unknown", latency["unknown"])
        _add(program, marks, edge, "io", weight, api.name)
        if api.kind in SLOW_IO and edge.loop:
            _add(program, marks, edge, "serial_loop", 1.0, f"{api.name} waits inside a loop")
        is_waiting = api.kind in SLOW_IO or api.kind == "sleep"
        if api.mode == "blocking" and is_waiting and edge.how == "call" and marks.on_loop[edge.caller]:
            _add(program, marks, edge, "blocking_in_async", 1.0, f"{api.name} holds the event loop")
    if api.construct is not None:
        marks.concurrency[edge.caller].append(ConcurrencyUse(api.construct, api.name, edge.line))
        if is_slow and api.construct == "fan-out":
            _add(program, marks, edge, "fanout", 1.0, f"{api.name} fans out over I/O")
        if is_slow and api.construct == "lock":
            _add(program, marks, edge, "narrow", 1.0, api.name)
        if "process-pool" in api.tags or (api.construct == "process" and not is_slow):
            _add(program, marks, edge, "process_pool", 1.0, f"{api.name} spreads Python work over processes")
    if api.serialises is not None and not api.native and (edge.loop or marks.entries[edge.caller]):
        _add(
            program, marks, edge, "serialisation", 1.0, f"{api.name} per item" if edge.loop else f"{api.name} per entry"
        )
    if api.serialises in PICKLES:
        _add(program, marks, edge, "pickle", 1.0, api.name)
    if api.native and edge.loop:
        _add(program, marks, edge, "native", 1.0, api.name)
    tags = set(api.tags)
    if "stream" in tags or "websocket" in tags:
        _add(program, marks, edge, "long_lived", 1.0, f"{api.name} keeps connections open")
    if tags & MAGIC_TAGS:
        _add(program, marks, edge, "magic", 1.0, api.name)
    if tags & RENDER_TAGS:
        _add(program, marks, edge, "render", 1.0, api.name)


def _mark_width(program: Program, facts: Mapping[str, Facts], marks: Marks, edge: CallEdge, where: str) -> None:
    """The width of a pool or semaphore, where it is written as a number."""
    file = facts.get(program.functions[edge.caller].module)
    if file is None or not 0 <= edge.call < len(file.calls):
        return
    call = file.calls[edge.call]
    for place in where.split(","):
        kind, _, key = place.strip().partition(":")
        if kind == "kw":
            value = dict(call.keywords).get(key, "")
        else:
            value = call.args[int(key)] if key.isdigit() and int(key) < len(call.args) else ""
        if value.startswith("int:") and value[4:].isdigit() and int(value[4:]) > 0:
            _add(program, marks, edge, "pool_width", float(int(value[4:])), f"{edge.external} is {value[4:]} wide")
            return


def _mark_loops(program: Program, facts: Mapping[str, Facts], marks: Marks) -> None:
    """Inner loops with arithmetic of their own, in functions complex enough to be work and not plumbing."""
    by_scope: dict[str, dict[int, int]] = {}
    for i, row in enumerate(program.functions):
        by_scope.setdefault(row.module, {})[row.scope] = i
    for module, file in facts.items():
        if module not in by_scope or not any(loop.parent >= 0 and loop.operations for loop in file.loops):
            continue
        scope_of_loop = {context.loop: context.scope for context in file.contexts if context.loop >= 0}
        for number, loop in enumerate(file.loops):
            if loop.parent < 0 or not loop.operations or number not in scope_of_loop:
                continue
            scope = scope_of_loop[number]
            while scope >= 0 and scope not in by_scope[module]:
                scope = file.scopes[scope].parent
            if scope >= 0:
                function = by_scope[module][scope]
                path = program.functions[function].path
                marks.rows[function].append(
                    Mark("inner_loop", 1.0, path, loop.line, "a loop in a loop computes in Python")
                )
