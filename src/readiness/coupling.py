"""Program -> Coupling: afferent and efferent coupling, instability, abstractness, distance, cycles. Never opens a file.

Runtime, conditional and lazy imports count; imports for type checking never do. `cycles_load` leaves lazy ones out: what
is still a cycle then can fail while loading.
"""

from __future__ import annotations

from readiness.graph import betweenness, cheapest_cuts, strongly_connected
from readiness.types.program import Coupling, Cycle, ImportEdge, ModuleCoupling, Program

LARGE_CYCLE = 400  # above this many modules no cut is proposed: the order's cost is quadratic


def couple(program: Program) -> Coupling:
    """Coupling of every module (R. Martin, OO Design Quality Metrics, 1994), and the cycles with the edges to cut."""
    edges = [e for e in program.imports if e.when != "typing" and e.importer != e.imported]
    load = [e for e in edges if e.when != "lazy"]
    pairs = {(e.importer, e.imported) for e in edges}
    afferent: dict[str, set[str]] = {}
    efferent: dict[str, set[str]] = {}
    for importer, imported in pairs:
        afferent.setdefault(imported, set()).add(importer)
        efferent.setdefault(importer, set()).add(imported)
    cycles, cycles_load = cycles_of(edges), cycles_of(load)
    in_cycle = {m: c.id for c in cycles for m in c.modules}
    in_load = {m: c.id for c in cycles_load for m in c.modules}
    names = [m.module for m in program.modules]
    between, samples = betweenness(pairs, names)
    abstract = abstractness(program)
    rows = {}
    for name in names:
        ca, ce = len(afferent.get(name, ())), len(efferent.get(name, ()))
        instability = round(ce / (ca + ce), 4) if ca + ce else None
        share = abstract.get(name)
        distance = round(abs(share + instability - 1), 4) if share is not None and instability is not None else None
        rows[name] = ModuleCoupling(
            ca, ce, instability, share, distance, in_cycle.get(name), in_load.get(name), between.get(name, 0.0)
        )
    return Coupling(rows, cycles, cycles_load, samples)


def cycles_of(edges: list[ImportEdge]) -> tuple[Cycle, ...]:
    """Strongly connected components with their cheapest cuts, largest first, numbered from 1."""
    weights: dict[tuple[str, str], int] = {}
    for edge in edges:
        key = (edge.importer, edge.imported)
        weights[key] = weights.get(key, 0) + 1
    load_edges = {(e.importer, e.imported) for e in edges if e.when != "lazy"}
    load = {m for c in strongly_connected(load_edges) for m in c}
    found = []
    for number, component in enumerate(strongly_connected(weights), 1):
        cuts = set(cheapest_cuts(component, weights)) if len(component) <= LARGE_CYCLE else set()
        rows = tuple(e for e in edges if (e.importer, e.imported) in cuts)
        found.append(Cycle(number, component, rows, any(m in load for m in component)))
    return tuple(found)


def abstractness(program: Program) -> dict[str, float]:
    """Share of abstract classes among a module's classes; modules without classes are left out."""
    total: dict[str, int] = {}
    abstract: dict[str, int] = {}
    for row in program.classes:
        module = row.target.partition(":")[0]
        total[module] = total.get(module, 0) + 1
        abstract[module] = abstract.get(module, 0) + row.is_abstract
    return {module: round(abstract[module] / count, 4) for module, count in total.items()}
