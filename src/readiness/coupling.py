"""Program -> Coupling: afferent and efferent coupling, instability, abstractness, distance, cycles. Never opens a file.

Runtime, conditional and lazy imports count; imports for type checking never do. `cycles_load` leaves lazy ones out: what
is still a cycle then can fail while loading.
"""

from __future__ import annotations

from readiness.graph import betweenness, cheapest_cuts, strongly_connected
from readiness.types.program import Coupling, Cycle, ImportEdge, ModuleCoupling, Program


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
    lines: dict[tuple[str, str], list[ImportEdge]] = {}
    for edge in edges:
        lines.setdefault((edge.importer, edge.imported), []).append(edge)
    load = {m for c in strongly_connected({(e.importer, e.imported) for e in edges if e.when != "lazy"}) for m in c}
    components = strongly_connected(lines)
    number = {module: place for place, component in enumerate(components) for module in component}
    inside: list[dict[tuple[str, str], int]] = [{} for _ in components]
    for (a, b), rows in lines.items():
        if a in number and number[a] == number.get(b):
            inside[number[a]][a, b] = len(rows)
    found = []
    for place, component in enumerate(components):
        cuts = [edge for pair in cheapest_cuts(component, inside[place]) for edge in lines[pair]]
        is_load_time = any(module in load for module in component)
        found.append(Cycle(place + 1, component, tuple(sorted(cuts, key=_place)), is_load_time))
    return tuple(found)


def _place(edge: ImportEdge) -> tuple[str, str, int, str]:
    return edge.importer, edge.imported, edge.line, edge.when


def abstractness(program: Program) -> dict[str, float]:
    """Share of abstract classes among a module's classes; modules without classes are left out."""
    total: dict[str, int] = {}
    abstract: dict[str, int] = {}
    for row in program.classes:
        module = row.target.partition(":")[0]
        total[module] = total.get(module, 0) + 1
        abstract[module] = abstract.get(module, 0) + row.is_abstract
    return {module: round(abstract[module] / count, 4) for module, count in total.items()}
