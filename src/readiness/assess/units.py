"""Services and modules -> units: the functions of each, the marks on them, and what crosses its border. Never weighs anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from readiness.assess.ground import Border, Ground, Unit
from readiness.assess.marks import HANDLERS, Paths, marks_of
from readiness.assess.named import overrides
from readiness.assess.reach import members, spread
from readiness.types.program import EntryPoint, Program
from readiness.types.services import LOOPS, Service, Services


def unit_of(
    own: tuple[str, ...], functions: tuple[int, ...], entries: tuple[EntryPoint, ...], border: Border, paths: Paths,
    ground: Ground, service: Service | None = None,
) -> Unit:  # fmt: skip
    """A service, or the union of some modules where there is none."""
    bit, on_path, body = paths.bit, paths.on_path, ground.columns.body
    marked = marks_of(sorted(ground.columns.marked.intersection(functions)), ground.marks, paths)
    # a retry sleeps, and yet the command that it stands in ends
    if service is not None and is_command(service):
        marked.pop("stays", None)
    elif service is None and "stays" in marked:
        marked["stays"] = marks_of([i for i in functions if not _ends(i, ground)], ground.marks, paths).get("stays", [])
    calls: dict[str, int] = {}
    for i in functions:
        for name, count in ground.marks.distributions[i].items():
            calls[name] = calls.get(name, 0) + count
    return Unit(
        functions=functions,
        entries=entries,
        own=own,
        shared=service.shared if service else (),
        service=service,
        border=border,
        marked=marked,
        paths=paths,
        served=tuple(i for i in functions if on_path[i] & bit and body[i]),
        calls=calls,
    )


def leaving(unit: Unit, ground: Ground) -> Unit:
    """What is asked for its reasons: a slice leaves with what only its entries run, and what it shares stays behind in Python."""
    service = unit.service
    if service is None or not service.alone:
        return unit
    mine, ways = set(service.alone), ground.marks.ways
    called = [callee for i in service.alone for callee in ways.every[i]]
    outside = [i for i in called if i not in mine]
    calling = [i for own in service.alone for i in ways.callers[own] if i not in mine]
    border = Border(len({*outside, *calling}), len(outside) + len(calling), len(called) - len(outside))
    return unit_of(unit.own, service.alone, unit.entries, border, unit.paths, ground, service)


def _ends(number: int, ground: Ground) -> bool:
    """Whether it is run by what ends by itself, and by nothing that stays."""
    return bool(ground.marks.entries[number]) and not ground.staying[number]


def is_command(service: Service) -> bool:
    """Started at a prompt, and over by itself: `services` looked for what stays on the way of its entry and found nothing.

    Requests and messages do not come to it, whatever servers do with the shared code that it calls.
    """
    if service.kind != "deployable" or {entry.kind for entry in service.entries} != {"cli"}:
        return False
    return all(row.kind != "stays" for row in service.evidence)


def answering(service: Service, ground: Ground) -> Iterable[int]:
    """The handlers by shape that can answer in it: of a command none, of a process that nobody can ask those that fetch messages."""
    if is_command(service):
        return ()
    return ground.marks.handlers if _is_asked(service, ground) else ground.marks.taking


def _is_asked(service: Service, ground: Ground) -> bool:
    """Whether requests can come to it. A daemon that loops over its work and opens no port runs handlers in shared code, where it
    does, for itself: nobody sends it a request, and nobody waits for the answer."""
    is_looping = any(row.kind == "stays" and row.detail.startswith(LOOPS) for row in service.evidence)
    has_handlers = any(entry.kind in HANDLERS for entry in service.entries)
    return has_handlers or not is_looping or any(ground.marks.listening[i] for i in service.functions)


def with_own(services: Services, ground: Ground) -> Services:
    """Processes with what their own modules are loaded for, where no call shows it: handlers, and overrides of methods they run."""
    overriding = overrides(ground.program)
    found = [
        replace(service, functions=_completed(service, overriding, ground)) if service.kind == "deployable" else service
        for service in services.found
    ]
    return replace(services, found=tuple(found))


def _completed(service: Service, overriding: Mapping[int, list[int]], ground: Ground) -> tuple[int, ...]:
    """A server gets its handlers by a name in its configuration as often as by an import. A daemon hands its class to a runner,
    and a call graph that says which of many subclasses run stops at some number of them."""
    functions, edges = ground.program.functions, ground.marks.ways.every
    own, loaded = set(service.own), {*service.own, *service.shared}
    open_ = [*service.functions, *(i for i in answering(service, ground) if functions[i].module in own)]
    known = set(open_)
    while open_:
        number = open_.pop()
        mine = [i for i in overriding.get(number, ()) if functions[i].module in own]
        for following in (*edges[number], *mine):
            if following not in known and functions[following].module in loaded:
                known.add(following)
                open_.append(following)
    return tuple(sorted(known))


def module_unit(names: tuple[str, ...], border: Border, ground: Ground) -> Unit:
    """Modules with their own functions and the entries that reach these."""
    functions = tuple(i for name in names for i in ground.functions_of.get(name, ()))
    numbers = sorted({number for i in functions for number in ground.marks.entries[i]})
    entries = tuple(ground.program.entries[number] for number in numbers)
    return unit_of(names, functions, entries, border, Paths(1, ground.marks.on_loop, ground.marks.on_path), ground)


def service_paths(services: Services, ground: Ground) -> list[Paths]:
    """Per service, where its own coroutines and handlers run: another service that shares a function does not count.

    A package that could be cut out is no process: requests come to it from others, and these are its path.
    """
    functions, edges = ground.program.functions, ground.marks.ways
    inside = members([service.functions for service in services.found], len(functions))
    coroutines = {i: bits for i, bits in enumerate(inside) if bits and functions[i].is_async}
    handlers: dict[int, int] = {}
    for number, service in enumerate(services.found):
        for entry in service.entries:
            if entry.kind in HANDLERS and entry.function >= 0:
                handlers[entry.function] = handlers.get(entry.function, 0) | 1 << number
    for number, service in enumerate(services.found):
        for function in answering(service, ground):
            handlers[function] = handlers.get(function, 0) | inside[function] & 1 << number
    on_loop, on_path = spread(coroutines, edges.direct, inside), spread(handlers, ground.marks.followed, inside)
    anywhere = Paths(1, ground.marks.on_loop, ground.marks.on_path)
    return [
        anywhere if service.kind == "seam" else Paths(1 << number, on_loop, on_path)
        for number, service in enumerate(services.found)
    ]


def borders(program: Program, owners: Mapping[str, tuple[str, ...]]) -> dict[str, Border]:
    """Unit -> its border, in one pass over the calls. `owners`: module -> the units whose own module it is."""
    symbols: dict[str, set[int]] = {}
    across: dict[str, int] = {}
    inside: dict[str, int] = {}
    nobody: tuple[str, ...] = ()
    of = [owners.get(function.module, nobody) for function in program.functions]
    for edge in program.calls:
        callee = edge.callee
        if callee < 0:
            continue
        mine, theirs = of[edge.caller], of[callee]
        if mine == theirs:
            for unit in mine:
                inside[unit] = inside.get(unit, 0) + 1
            continue
        for unit in {*mine, *theirs} if len(mine) > 1 or len(theirs) > 1 else mine + theirs:
            if unit in mine and unit in theirs:
                inside[unit] = inside.get(unit, 0) + 1
            else:
                across[unit] = across.get(unit, 0) + 1
                symbols.setdefault(unit, set()).add(callee)
    units = {unit for row in owners.values() for unit in row}
    return {u: Border(len(symbols.get(u, ())), across.get(u, 0), inside.get(u, 0)) for u in units}
