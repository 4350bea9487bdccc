"""Modules and imports -> a partitioned dependency matrix of packages: importers above what they import, cycles as blocks. No markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from readiness.graph import cheapest_cuts, strongly_connected
from readiness.types.report import ImportRow, ModuleRow

Edge = tuple[str, str]
REST = "(all others)"
COUNTED = ("runtime", "conditional", "lazy")  # typing never counts


class Cell(Struct, frozen=True):
    imports: int
    lazy: int
    is_back: bool  # against the order: an import to cut
    block: int | None  # number of the cycle that both packages are in


class Matrix(Struct, frozen=True):
    """Row imports column. `cells` by (row, column), only where there is an import or a block."""

    names: tuple[str, ...]
    cells: Mapping[tuple[int, int], Cell]
    out: tuple[int, ...]  # imports of other packages
    blocks: tuple[tuple[int, int], ...]  # first and last row of each cycle
    back: tuple[tuple[str, str, int, int], ...]  # (importer, imported, imports, lazy ones) against the order


def matrix(modules: Sequence[ModuleRow], imports: Iterable[ImportRow], most: int) -> Matrix | None:
    """At most `most` packages: the tree of modules is opened where most imports are. None with fewer than two packages."""
    edges = [(row.importer, row.imported, row.when == "lazy") for row in imports if row.when in COUNTED]
    label = _labels([row.module for row in modules], edges, most)
    count: Counter[Edge] = Counter()
    lazy: Counter[Edge] = Counter()
    for importer, imported, is_lazy in edges:
        pair = (label.get(importer, ""), label.get(imported, ""))
        if all(pair) and pair[0] != pair[1]:
            count[pair] += 1
            lazy[pair] += is_lazy
    tied = {name for pair in count for name in pair}
    names = sorted(tied)
    if len(names) < 2:
        return None
    components = strongly_connected(sorted(count))
    order, blocks = _order(names, count, components)
    return _filled(order, blocks, count, lazy)


def _labels(modules: Sequence[str], edges: Sequence[tuple[str, str, bool]], most: int) -> dict[str, str]:
    """Module -> its package. Starts with top packages and opens the one with most imports inside while all fit."""
    groups: dict[str, list[str]] = {}
    for module in modules:
        groups.setdefault(_prefix(module, 1), []).append(module)
    depth = dict.fromkeys(groups, 1)
    if len(groups) > most:
        return _largest(groups, edges, most)
    label = {module: name for name, rows in groups.items() for module in rows}
    inside = _inside(edges)
    done: set[str] = set()
    while True:
        free = [name for name in groups if name not in done and inside[name]]
        if not free:
            return label
        name = max(free, key=lambda one: (inside[one], one))
        parts: dict[str, list[str]] = {}
        for module in groups[name]:
            parts.setdefault(_prefix(module, depth[name] + 1), []).append(module)
        if len(parts) < 2 or len(groups) - 1 + len(parts) > most:
            if len(groups) == 1 and len(parts) > 1:
                return _largest(parts, edges, most)
            done.add(name)
            continue
        level = depth[name] + 1
        del groups[name]
        for part, rows in parts.items():
            groups[part] = rows
            depth[part] = level
            label.update(dict.fromkeys(rows, part))


def _inside(edges: Sequence[tuple[str, str, bool]]) -> Counter[str]:
    """Package -> imports between its modules, for packages of every depth: counted once, not at each opening."""
    found = Counter[str]()
    for importer, imported, _ in edges:
        a, b = importer.split("."), imported.split(".")
        depth = 0
        while depth < min(len(a), len(b)) and a[depth] == b[depth]:
            depth += 1
            found[".".join(a[:depth])] += 1
    return found


def _largest(groups: Mapping[str, list[str]], edges: Sequence[tuple[str, str, bool]], most: int) -> dict[str, str]:
    """More packages than rows: those with most imports over their border, and one row for the rest."""
    label = {module: name for name, rows in groups.items() for module in rows}
    weight: Counter[str] = Counter()
    for importer, imported, _ in edges:
        ends = {label.get(importer), label.get(imported)} - {None}
        if len(ends) == 2:
            weight.update(end for end in ends if end)
    kept = set(sorted(groups, key=lambda name: (-weight[name], name))[: most - 1])
    return {module: name if name in kept else REST for module, name in label.items()}


def _prefix(module: str, depth: int) -> str:
    """The first parts of a module's name; of several modules with one name, the folder tells them apart."""
    name, at, root = module.partition("@")
    return f"{name} ({root})" if at else ".".join(name.split(".")[:depth])


def _order(
    names: Sequence[str], count: Mapping[Edge, int], components: Sequence[Sequence[str]]
) -> tuple[list[str], dict[str, int]]:
    """Importers first. Inside a cycle the order that the cheapest cuts would leave. Package -> number of its cycle."""
    block = {name: number for number, rows in enumerate(components) for name in rows}
    unit = {name: (f"block {block[name]}" if name in block else name) for name in names}
    flat = {(unit[a], unit[b]) for a, b in count if unit[a] != unit[b]}
    order: list[str] = []
    for one in _sorted_by_level(sorted(set(unit.values())), flat):
        members = [name for name in names if unit[name] == one]
        if len(members) > 1:
            weights = {(a, b): n for (a, b), n in count.items() if unit[a] == unit[b] == one}
            cuts = set(cheapest_cuts(sorted(members), weights))
            members = _sorted_by_level(members, {edge for edge in weights if edge not in cuts})
        order += members
    return order, block


def _sorted_by_level(nodes: Sequence[str], edges: Iterable[Edge]) -> list[str]:
    """Nodes of an acyclic graph by the longest way that leads to them, then by name."""
    after: dict[str, set[str]] = {node: set() for node in nodes}
    waits = Counter[str]()
    for a, b in set(edges):
        after[a].add(b)
        waits[b] += 1
    level = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not waits[node]]
    while ready:
        node = ready.pop()
        for other in sorted(after[node]):
            level[other] = max(level[other], level[node] + 1)
            waits[other] -= 1
            if not waits[other]:
                ready.append(other)
    return sorted(nodes, key=lambda node: (level[node], node))


def _filled(order: Sequence[str], block: Mapping[str, int], count: Counter[Edge], lazy: Counter[Edge]) -> Matrix:
    place = {name: number for number, name in enumerate(order)}
    cells: dict[tuple[int, int], Cell] = {}
    for (a, b), n in count.items():
        row, column = place[a], place[b]
        same = block.get(a) if block.get(a) == block.get(b) else None
        cells[row, column] = Cell(n, lazy[a, b], column < row, same)
    rows: dict[int, list[int]] = {}
    for name, number in block.items():
        rows.setdefault(number, []).append(place[name])
    blocks = tuple(sorted((min(places), max(places)) for places in rows.values()))
    out = Counter[str]()
    for (a, _), n in count.items():
        out[a] += n
    back = [(a, b, n, lazy[a, b]) for (a, b), n in count.items() if place[b] < place[a]]
    return Matrix(
        tuple(order), cells, tuple(out[name] for name in order), blocks,
        tuple(sorted(back, key=lambda row: (row[2], row[0], row[1]))),
    )  # fmt: skip
