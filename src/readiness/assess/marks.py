"""Program -> what each function does that a signal asks for, and which entries reach it. Linear passes; never weighs anything.

A mark is one place with a count. Signals add the marks of a unit's functions up, so that no unit reads the calls again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from readiness.assess.named import named_edges
from readiness.assess.protocols import listens, protocol_handlers
from readiness.assess.reach import SPAWNS, Ways, closure, near, reaching_entries, ways
from readiness.declared.requirements import normalised
from readiness.types.facts import SEP, Facts
from readiness.types.program import ApiUse, CallEdge, Program
from readiness.types.report import ConcurrencyUse
from readiness.types.rulebook import Rulebook

SLOW_IO = frozenset({"network", "database", "broker", "cache", "subprocess", "dns"})
FAR = frozenset({"network", "dns"})  # a loop over these is a fan-out in series
QUERIED = frozenset({"database", "cache"})  # a loop over these is one query per row: a join or a bulk call ends it
EACH = frozenset({"for", "comprehension"})  # one round per element; a `while` waits for the world
HANDLERS = frozenset({"http-route", "websocket", "rpc-method", "task", "consumer", "lambda"})
PARALLEL = frozenset({"task", "fan-out", "thread", "process", "pool", "greenlet"})
MAGIC_TAGS = frozenset({"template", "form", "admin", "orm-signal", "context-local"})
RENDER_TAGS = frozenset({"template", "form", "admin"})
NOT_PURE = frozenset({"native", "serial_loop", "query_loop"})  # a function with these waits or runs compiled code
# A file of Python that is named at run time; one read for its settings is data (`SETTINGS`).
LOADERS = frozenset(
    {
        "importlib.machinery.SourceFileLoader",
        "importlib.util.spec_from_file_location",
        "runpy.run_path",
        "imp.load_source",
    }
)
SETTINGS = ("conf", "setting")
RENDERING, QUERYING = frozenset({"render"}), frozenset({"orm"})
FANNING, KEEPING = frozenset({"fanout", "serial_loop"}), frozenset({"long_lived"})
NEAR = 2  # calls: from a handler over a method of its own to a client; further on it is another part's doing
PICKLES = frozenset({"pickle", "dill", "marshal", "shelve"})


class Paths(NamedTuple):
    """Where a unit runs: its bit in one number per function."""

    bit: int
    on_loop: Sequence[int]
    on_path: Sequence[int]


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
    on_loop: bytearray  # its body can run on an event loop, of whatever unit
    on_path: bytearray  # a handler of requests or messages reaches it, of whatever unit
    renders: bytearray  # it renders a template, a form or an admin page, or calls what does
    ways: Ways
    followed: list[set[int]]  # callees, those that only a method's rare name tells among them
    handlers: tuple[int, ...]  # functions that answer by the shape of a protocol; entries are known besides
    sites: list[int]  # call sites with a known callee
    distributions: list[dict[str, int]]  # distribution -> calls of it
    spawned: Mapping[int, Sequence[int]]  # function -> what it starts in tasks, threads and processes
    taking: frozenset[int] = frozenset()  # those of `handlers` that fetch the next message themselves
    listening: bytearray = bytearray()  # it opens a port, or waits at one
    answering: tuple[int, ...] = ()  # all functions to which requests or messages come: handlers and entries
    fanning: bytearray = bytearray()  # it waits for many others, side by side or in turn, itself or NEAR calls on
    querying: bytearray = bytearray()  # it builds queries on an ORM, or calls what does
    keeping: bytearray = bytearray()  # it keeps a connection open, itself or NEAR calls on


def mark(program: Program, facts: Mapping[str, Facts], rulebook: Rulebook, declared: Container[str] = ()) -> Marks:
    """One pass over the calls, one over the loops, and reachability from the entries and the concurrent functions."""
    count = len(program.functions)
    edges = ways(program)
    shaped = protocol_handlers(program, facts)
    handlers = [entry.function for entry in program.entries if entry.kind in HANDLERS and entry.function >= 0]
    handlers += [*shaped.asked, *shaped.taking]
    followed = named_edges(program, facts, edges.every)
    marks = Marks(
        rows=[[] for _ in range(count)],
        concurrency=[[] for _ in range(count)],
        entries=reaching_entries(program, edges.every),
        is_concurrent=bytearray(count),
        on_loop=closure((i for i, row in enumerate(program.functions) if row.is_async), edges.direct),
        on_path=closure(handlers, followed),
        renders=bytearray(count),
        ways=edges,
        followed=followed,
        handlers=tuple(sorted({*shaped.asked, *shaped.taking})),
        taking=frozenset(shaped.taking),
        sites=[0] * count,
        distributions=[{} for _ in range(count)],
        listening=bytearray(count),
        spawned=_spawned(program),
        fanning=bytearray(count),
        keeping=bytearray(count),
        querying=bytearray(count),
        answering=tuple(handlers),
    )
    _mark_calls(program, facts, rulebook, import_names(rulebook, declared), marks)
    _mark_loops(program, facts, marks)
    _forget_daemons(program, marks)
    _flag_callers(marks)
    seeds = handlers + [callee for callees in marks.spawned.values() for callee in callees]
    seeds += [
        i
        for i, row in enumerate(program.functions)
        if row.is_async or any(use.construct in PARALLEL for use in marks.concurrency[i])
    ]
    marks.is_concurrent[:] = closure(seeds, edges.every)
    return marks


def _flag_callers(marks: Marks) -> None:
    """Who calls what has a mark: at any distance what a page or a query is made for, near by what waits or is kept open."""

    def doing(signals: frozenset[str]) -> list[int]:
        return [i for i, rows in enumerate(marks.rows) if any(row.signal in signals for row in rows)]

    marks.renders[:] = closure(doing(RENDERING), marks.ways.callers)
    marks.querying[:] = closure(doing(QUERYING), marks.ways.callers)
    marks.fanning[:] = near(doing(FANNING), marks.ways.callers, NEAR)
    marks.keeping[:] = near(doing(KEEPING), marks.ways.callers, NEAR)


def _spawned(program: Program) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for edge in program.calls:
        if edge.how in SPAWNS and edge.callee >= 0:
            found.setdefault(edge.caller, []).append(edge.callee)
    return found


def marks_of(functions: Iterable[int], marks: Marks, paths: Paths) -> Marked:
    """Signal -> marks of a unit's functions. What is so only on an event loop or for a message counts where the unit's own is."""
    marked: Marked = {}
    for function in functions:
        for row in marks.rows[function]:
            if row.signal == "blocking_in_async" and not paths.on_loop[function] & paths.bit:
                continue
            if row.signal == "serialised_once":
                if paths.on_path[function] & paths.bit:
                    marked.setdefault("serialisation", []).append(row)
                continue
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


def _mark_calls(
    program: Program, facts: Mapping[str, Facts], rulebook: Rulebook, names: Mapping[str, str], marks: Marks
) -> None:
    known: dict[str, tuple[str | None, bool]] = {}
    latency = rulebook.scoring.tables["latency"]
    widths = {
        name: api.width for library in rulebook.libraries for api in library.apis if api.width for name in api.names
    }
    is_slow = [not SLOW_IO.isdisjoint(effect.reachable) for effect in program.effects]
    is_far = [not FAR.isdisjoint(effect.reachable) for effect in program.effects]
    asks = [not QUERIED.isdisjoint(effect.reachable) for effect in program.effects]
    seen: set[tuple[int, int, int, int]] = set()
    for edge in program.calls:
        place = (edge.caller, edge.line, edge.column, edge.call)
        is_first = place not in seen
        seen.add(place)
        marks.sites[edge.caller] += is_first
        if edge.callee >= 0:
            callee = program.functions[edge.callee].qualname
            waits = is_far[edge.callee] or asks[edge.callee]
            if is_first and edge.loop and edge.how == "call" and waits and _is_each(program, facts, edge):
                signal = "serial_loop" if is_far[edge.callee] else "query_loop"
                _add(program, marks, edge, signal, 1.0, f"{callee} waits inside a loop")
            if edge.loop and edge.how in ("task", "thread") and is_slow[edge.callee] and _is_each(program, facts, edge):
                _add(program, marks, edge, "fanout", 1.0, f"{callee} is started for each element")
            continue
        if edge.external not in known:
            known[edge.external] = distribution_of(edge.external, names), listens(edge.external)
        distribution, is_listening = known[edge.external]
        marks.listening[edge.caller] |= is_listening
        if edge.external in LOADERS:
            _mark_script(program, marks, edge)
        if distribution is not None and is_first:
            marks.distributions[edge.caller][distribution] = marks.distributions[edge.caller].get(distribution, 0) + 1
        if edge.api >= 0:
            api = program.apis[edge.api]
            is_each = bool(edge.loop) and _is_each(program, facts, edge)
            _mark_api(program, marks, edge, api, latency, is_slow[edge.caller], is_each)
            if api.name in widths:
                _mark_width(program, facts, marks, edge, str(widths[api.name]))


def _mark_script(program: Program, marks: Marks, edge: CallEdge) -> None:
    if not any(word in program.functions[edge.caller].target.lower() for word in SETTINGS):
        _add(program, marks, edge, "script", 1.0, edge.external)


def _forget_daemons(program: Program, marks: Marks) -> None:
    """A fork in a module that opens a session (setsid) makes a daemon, and spreads no work."""
    functions = program.functions
    daemons = {functions[edge.caller].module for edge in program.calls if edge.external == "os.setsid"}
    for i, rows in enumerate(marks.rows):
        if rows and functions[i].module in daemons:
            rows[:] = [row for row in rows if row.signal != "process_pool"]


def _is_each(program: Program, facts: Mapping[str, Facts], edge: CallEdge) -> bool:
    """Whether the innermost loop around a call goes over elements: a `while` waits for the world, `range(3)` tries again."""
    file = facts.get(program.functions[edge.caller].module)
    if file is None or not 0 <= edge.call < len(file.calls):
        return True  # an implied call in a loop; nothing says otherwise
    number = file.contexts[file.calls[edge.call].context].loop
    if number < 0:
        return True
    loop = file.loops[number]
    root, _, rest = loop.iterates.partition(SEP)
    counter = root.removeprefix("call:")
    if (
        rest in ("", "iter")
        and counter.isdigit()
        and _is_tried(file, file.contexts[file.calls[edge.call].context].branch)
    ):
        call = file.calls[int(counter)]
        if call.callee == "local:range" and not any(ref.startswith("call:") for ref in call.args):
            return False
    return loop.kind in EACH


def _is_tried(file: Facts, branch: int) -> bool:
    while branch >= 0:
        if file.branches[branch].kind == "try":
            return True
        branch = file.branches[branch].parent
    return False


def _add(program: Program, marks: Marks, edge: CallEdge, signal: str, weight: float, detail: str) -> None:
    marks.rows[edge.caller].append(Mark(signal, weight, program.functions[edge.caller].path, edge.line, detail))


def _mark_api(
    program: Program,
    marks: Marks,
    edge: CallEdge,
    api: ApiUse,
    latency: Mapping[str, float],
    is_slow: bool,
    is_each: bool,
) -> None:
    """What one call of a library's API says. `is_each`: it stands in a loop over elements."""
    if api.kind is not None and edge.how != "callback":
        weight = latency.get(api.latency or "unknown", latency["unknown"])
        _add(program, marks, edge, "io", weight, api.name)
        if api.kind == "sleep" and edge.loop and not is_each:
            _add(program, marks, edge, "stays", 1.0, f"{api.name} between two rounds")
        if is_each and api.kind in FAR | QUERIED:
            signal = "serial_loop" if api.kind in FAR else "query_loop"
            _add(program, marks, edge, signal, 1.0, f"{api.name} waits inside a loop")
        is_waiting = api.kind in SLOW_IO or api.kind == "sleep"
        if api.mode == "blocking" and is_waiting and edge.how == "call" and marks.on_loop[edge.caller]:
            _add(program, marks, edge, "blocking_in_async", 1.0, f"{api.name} holds the event loop")
    _mark_construct(program, marks, edge, api, is_slow)
    _mark_content(program, marks, edge, api)


def _mark_construct(program: Program, marks: Marks, edge: CallEdge, api: ApiUse, is_slow: bool) -> None:
    """Threads, tasks, pools, locks. `is_slow`: the caller reaches I/O that is slow."""
    if api.construct is None:
        return
    marks.concurrency[edge.caller].append(ConcurrencyUse(api.construct, api.name, edge.line))
    if is_slow and api.construct == "fan-out":
        _add(program, marks, edge, "fanout", 1.0, f"{api.name} fans out over I/O")
    if is_slow and api.construct == "lock":
        _add(program, marks, edge, "narrow", 1.0, api.name)
    if "process-pool" in api.tags or (api.construct == "process" and not is_slow):
        _add(program, marks, edge, "process_pool", 1.0, f"{api.name} spreads Python work over processes")


def _mark_content(program: Program, marks: Marks, edge: CallEdge, api: ApiUse) -> None:
    """What is serialised, queried, rendered, computed in compiled code, or kept open."""
    if api.serialises is not None and not api.native:
        signal, per = ("serialisation", "item") if edge.loop else ("serialised_once", "message")
        _add(program, marks, edge, signal, 1.0, f"{api.name} per {per}")
    if api.serialises == "orm" or "orm" in api.tags:
        _add(program, marks, edge, "orm", 1.0, api.name)
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
        value = _constant(file, file.contexts[call.context].scope, value)
        if value.startswith("int:") and value[4:].isdigit() and int(value[4:]) > 0:
            _add(program, marks, edge, "pool_width", float(int(value[4:])), f"{edge.external} is {value[4:]} wide")
            return


def _constant(file: Facts, scope: int, value: str) -> str:
    """A name's literal: the default of a parameter, else what the module sets once."""
    if not value.startswith("local:") or SEP in value:
        return value
    name = value[6:]
    for param in file.scopes[scope].params:
        if param.name == name:
            return param.default
    given = [row.value for row in file.bindings if row.name == name and not row.target]
    return given[0] if len(given) == 1 else value


def _mark_loops(program: Program, facts: Mapping[str, Facts], marks: Marks) -> None:
    """Inner loops with arithmetic of their own, in functions that neither wait nor run compiled code in a loop.

    The weight is the function's complexity: only what is complex enough is work and not plumbing.
    """
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
                row = program.functions[function]
                if not any(mark.signal in NOT_PURE for mark in marks.rows[function]):
                    found = Mark(
                        "inner_loop", float(row.complexity or 0), row.path, loop.line, "a loop in a loop computes"
                    )
                    marks.rows[function].append(found)
