"""Services + Program -> the cheapest border of each: the calls that would become an API, by minimum cut over modules.

On one side stands what a service has for itself, on the other what another service has, and the models of tables that both touch.
Shared modules between them go to the side where fewer and better typed calls are cut. Inheritance is no call: where only that
leads across, the row says that it has to be refactored first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from readiness.graph import Edge, minimum_cut
from readiness.types.program import CallEdge, Program
from readiness.types.services import Seam, Service

UNCUTTABLE = 1_000_000.0  # the weight of inheritance: cut only where nothing else is left
IMPORT_ONLY = 1.0  # names that are used without a call
MAX_MODULES = 400  # between what is fixed on either side; beyond, the border is not computed
OWN, FAR = "own\0", "far\0"  # the fixed sides as one node each
MAX_ROWS = 60


def with_borders(services: Sequence[Service], program: Program) -> tuple[Service, ...]:
    """The services with `api`; empty where nothing of another service is reached."""
    weights, crossing = weights_of(program)
    declared: dict[str, set[str]] = {}
    for use in program.data:
        if use.kind == "table" and use.access == "declare":
            declared.setdefault(use.name, set()).add(program.functions[use.function].module)
    homes = {m.module: root_of(m.path, services) for m in program.modules}
    homes |= {module: service.root for service in services for module in service.own}
    found = []
    for service in services:
        inside = {*service.own, *service.shared}
        tables = {m for row in service.data if row.kind == "table" and row.also for m in declared.get(row.name, ())}
        sinks = {m for m in service.shared if homes.get(m, service.root) not in (service.root, "") or m in tables}
        if not sinks or not service.own or len(inside - {*service.own} - sinks) > MAX_MODULES:
            found.append(service)
            continue
        near = {edge: weight for edge, weight in weights.items() if edge[0] in inside and edge[1] in inside}
        side = near_side(near, frozenset(service.own), sinks)
        found.append(replace(service, api=api_of(side, program, crossing, near) if side else ()))
    return tuple(found)


def near_side(weights: Mapping[Edge, float], own: frozenset[str], sinks: set[str]) -> frozenset[str]:
    """The modules that stay with `own`: what is fixed on either side is one node, so that only the modules between cost time."""
    folded: dict[Edge, float] = {}
    for (a, b), weight in weights.items():
        pair = (fold(a, own, sinks), fold(b, own, sinks))
        if pair[0] != pair[1]:
            folded[pair] = folded.get(pair, 0.0) + weight
    side = minimum_cut(folded, [OWN], [FAR])
    return (side - {OWN}) | own if side else side


def fold(module: str, own: frozenset[str], sinks: set[str]) -> str:
    return OWN if module in own else FAR if module in sinks else module


def root_of(path: str, services: Sequence[Service]) -> str:
    """The root of the service in whose folder a file lies, the innermost; "" where it lies in none."""
    return max((one.root for one in services if path.startswith(one.root + "/")), key=len, default="")


class Crossing(NamedTuple):
    """What leads from one module to another, by (importing module, imported module)."""

    bases: dict[Edge, tuple[str, str, int]]  # inheritance: class, base, line
    calls: dict[Edge, list[CallEdge]]
    imports: dict[Edge, int]  # the first line, where it is not for types alone


def weights_of(program: Program) -> tuple[dict[Edge, float], Crossing]:
    """(importing module, imported module) -> cost of cutting it; and what leads across.

    A call costs 1 and 1 more for each parameter without a type: it has to be given one before it can go over a wire.
    """
    weights: dict[Edge, float] = {}
    imports: dict[Edge, int] = {}
    for edge in program.imports:
        if edge.when != "typing":
            pair = (edge.importer, edge.imported)
            weights[pair] = IMPORT_ONLY
            imports[pair] = min(imports.get(pair, edge.line), edge.line)
    calls: dict[Edge, list[CallEdge]] = {}
    for call in program.calls:
        if call.callee >= 0:
            caller, callee = program.functions[call.caller], program.functions[call.callee]
            if caller.module != callee.module:
                pair = (caller.module, callee.module)
                weights[pair] = weights.get(pair, 0.0) + 1 + max(0, callee.parameters - callee.annotated)
                calls.setdefault(pair, []).append(call)
    bases: dict[Edge, tuple[str, str, int]] = {}
    for row in program.classes:
        for base in row.bases:
            pair = (row.target.partition(":")[0], base.partition(":")[0])
            if ":" in base and pair[0] != pair[1]:
                weights[pair] = weights.get(pair, 0.0) + UNCUTTABLE
                bases.setdefault(pair, (row.target, base, row.line))
    return weights, Crossing(bases, calls, imports)


def api_of(side: frozenset[str], program: Program, crossing: Crossing, near: Mapping[Edge, float]) -> tuple[Seam, ...]:
    """Inheritance across the border, the functions that are called across it, then what is only used by name."""
    bases, across = crossing.bases, sorted(edge for edge in near if edge[0] in side and edge[1] not in side)
    rows = [
        Seam(*edge, bases[edge][2], f"{bases[edge][0]} inherits from {bases[edge][1]}: to be refactored first")
        for edge in across
        if edge in bases
    ]
    rows += called_across([call for edge in across for call in crossing.calls.get(edge, ())], program)
    told = {(row.importer, row.imported) for row in rows}
    rows += [
        Seam(*pair, crossing.imports[pair], f"names of {pair[1]} are used, none is called")
        for pair in across
        if pair in crossing.imports and pair not in told
    ]
    return tuple(rows[:MAX_ROWS])


def called_across(calls: Sequence[CallEdge], program: Program) -> list[Seam]:
    """One row per function that these calls reach, with its first call; the most called first."""
    reached: dict[int, list[tuple[str, int, int]]] = {}
    for call in calls:
        reached.setdefault(call.callee, []).append((program.functions[call.caller].module, call.line, call.loop))
    found = []
    for number, sites in reached.items():
        callee = program.functions[number]
        module, line, _ = min(sites)
        loops = sum(loop > 0 for _, _, loop in sites)
        places = f"{len(sites)} place{'' if len(sites) == 1 else 's'}" + (f", {loops} in a loop" if loops else "")
        found.append((-len(sites), Seam(module, callee.module, line, f"{callee.target} is called at {places}")))
    return [row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1].imported, pair[1].reason))]
