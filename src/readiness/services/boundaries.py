"""Processes -> what belongs to each: modules own and shared, functions reached, crossing imports. Plain reachability over values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from readiness.reached import reached
from readiness.types.program import ImportEdge, Program
from readiness.types.services import Seam

MAX_SEAMS = 200
Seed = tuple[str, str, tuple[str, ...]]  # id, unit, modules


class Boundary(Struct, frozen=True):
    """What one process has."""

    reach: tuple[str, ...]
    own: tuple[str, ...]
    shared: tuple[str, ...]
    seams: tuple[Seam, ...]
    cut: float | None  # crossing import edges / all import edges with an end in its own modules


def reaches_of(
    program: Program,
    seeds: Sequence[Seed],
    begins: Sequence[tuple[str, tuple[tuple[int, int], ...]]] = (),
) -> list[frozenset[str]]:
    """Per process the modules that its own import, tests left out. `begins`: (module, line ranges) where it begins in functions."""
    tests = {module.module for module in program.modules if module.is_test}
    followers = imports_of(program)
    lazy: dict[str, list[ImportEdge]] = {}
    for edge in (*program.imports, *program.loads):
        if edge.when != "typing" and edge.importer not in tests:
            lazy.setdefault(edge.importer, []).append(edge)
    found = []
    for number, (_, _, modules) in enumerate(seeds):
        module, ranges = begins[number] if begins else ("", ())
        narrowed = dict(followers)
        if ranges:
            narrowed[module] = {
                e.imported for e in lazy.get(module, ()) if e.when != "lazy" or any(a <= e.line <= b for a, b in ranges)
            }
        found.append(frozenset(reached(modules, narrowed) - tests))
    return found


def imports_of(program: Program) -> dict[str, set[str]]:
    """Module -> the modules that it loads; tests left out."""
    tests = {module.module for module in program.modules if module.is_test}
    found: dict[str, set[str]] = {}
    for edge in (*program.imports, *program.loads):
        if edge.when != "typing" and edge.importer not in tests:
            found.setdefault(edge.importer, set()).add(edge.imported)
    return found


def with_named(program: Program, known: frozenset[str]) -> Program:
    """The program with imports of the modules that literal texts name, where no process comes to such a module otherwise (`known`):
    a table of commands names what each process loads one of, and a default what nobody else would load.
    """
    more = [edge for edge in program.texts if edge.imported not in known]
    return replace(program, loads=(*program.loads, *more)) if more else program


def draw_boundaries(
    program: Program, seeds: Sequence[Seed], reaches: Sequence[frozenset[str]], executed: Sequence[frozenset[str]]
) -> list[Boundary]:
    """One boundary per (id, unit, modules it begins in), in order; `executed`: modules with functions that its entries reach.

    A module is own where only processes of one unit (one code base) reach it. Of several roles of one unit the one that begins
    in it has it, else the first whose entries run code of it, else the first that imports it: so a worker has what only its
    tasks run, and a web server and its worker do not leave each other with nothing.
    """
    tests = {module.module for module in program.modules if module.is_test}
    edges = [
        edge for edge in (*program.imports, *program.loads) if edge.when != "typing" and edge.importer not in tests
    ]
    users: dict[str, list[int]] = {}
    for number, reach in enumerate(reaches):
        for module in reach:
            users.setdefault(module, []).append(number)
    calls = calls_between(program)
    home = {module: home_of(module, numbers, seeds, executed) for module, numbers in users.items()}
    return [boundary(number, seeds, reach, home, users, edges, calls) for number, reach in enumerate(reaches)]


def home_of(module: str, numbers: list[int], seeds: Sequence[Seed], executed: Sequence[frozenset[str]]) -> int:
    """The process that has a module, -1 where several units reach it; those that begin in it come before those that import it."""
    beginning = [number for number in numbers if module in seeds[number][2]]
    units = {seeds[number][1] for number in beginning or numbers}
    if len(units) > 1:
        return -1
    running = [number for number in beginning or numbers if module in executed[number]]
    return (running or beginning or numbers)[0]


def boundary(
    number: int,
    seeds: Sequence[Seed],
    reach: frozenset[str],
    home: Mapping[str, int],
    users: Mapping[str, list[int]],
    edges: Sequence[ImportEdge],
    calls: Mapping[tuple[str, str], tuple[frozenset[int], int]],
) -> Boundary:
    own = {module for module in reach if home[module] == number}
    seams, volume = [], 0
    for edge in edges:
        ends = (edge.importer in own) + (edge.imported in own)
        volume += ends > 0
        if ends != 1:
            continue
        other = edge.imported if edge.importer in own else edge.importer
        names = [seeds[user][0] for user in users.get(other, ()) if user != number]
        reason = f"also used by {', '.join(names[:3])}" if names else "not reached by any process"
        called, in_loops = calls.get((edge.importer, edge.imported), (frozenset(), 0))
        if called:
            chatty = f", {in_loops} of the calls in a loop" if in_loops else ""
            reason += f"; {len(called)} of its functions {'is' if len(called) == 1 else 'are'} called{chatty}"
        seams.append(Seam(edge.importer, edge.imported, edge.line, reason))
    cut = round(len(seams) / volume, 4) if volume else None
    seams.sort(key=lambda seam: (seam.importer, seam.imported, seam.line))
    return Boundary(tuple(sorted(reach)), tuple(sorted(own)), tuple(sorted(reach - own)), tuple(seams[:MAX_SEAMS]), cut)


def calls_between(program: Program) -> dict[tuple[str, str], tuple[frozenset[int], int]]:
    """(calling module, called module) -> the functions that are called, and how many of the calls stand in a loop."""
    found: dict[tuple[str, str], tuple[set[int], int]] = {}
    for edge in program.calls:
        if edge.callee >= 0:
            pair = (program.functions[edge.caller].module, program.functions[edge.callee].module)
            if pair[0] != pair[1]:
                called, in_loops = found.get(pair, (set(), 0))
                called.add(edge.callee)
                found[pair] = (called, in_loops + (edge.loop > 0))
    return {pair: (frozenset(called), in_loops) for pair, (called, in_loops) in found.items()}


def followers_of(program: Program) -> dict[int, list[int]]:
    """Function -> the functions that it calls or hands over."""
    found: dict[int, list[int]] = {}
    for edge in program.calls:
        if edge.callee >= 0:
            found.setdefault(edge.caller, []).append(edge.callee)
    return found


def reached_functions(
    program: Program,
    begin: Iterable[int],
    followers: Mapping[int, Sequence[int]],
    strange: frozenset[str] = frozenset(),
) -> tuple[int, ...]:
    """Functions that are reached from `begin` over calls and hand-overs, none of them in a `strange` module."""
    functions = program.functions
    found = {number for number in begin if 0 <= number < len(functions)}
    open_ = list(found)
    while open_:
        for following in followers.get(open_.pop(), ()):
            if following not in found and functions[following].module not in strange:
                found.add(following)
                open_.append(following)
    return tuple(sorted(found))
