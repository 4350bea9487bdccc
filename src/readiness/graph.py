"""Edges -> graph facts: components, cuts, betweenness, levels, dominators. The only place that knows networkx."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a tenth of a second, which a report out of the store does not need
    import networkx as nx

Edge = tuple[str, str]
SEED = 20_261_101
EXACT_NODES = 400  # betweenness is exact up to here and sampled above
SAMPLES = 50
WALKED = 400_000  # nodes seen while cuts are pruned: about a second


def strongly_connected(edges: Iterable[Edge]) -> tuple[tuple[str, ...], ...]:
    """Components of more than one node, each sorted, largest first (Tarjan 1972, without recursion).

    Not by networkx, whose import a report out of the store would pay for this alone.
    """
    following: dict[str, list[str]] = {}
    for a, b in sorted(set(edges)):
        following.setdefault(a, []).append(b)
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    found: list[tuple[str, ...]] = []
    for root, first in following.items():
        todo = [] if root in number else [(root, iter(first))]
        while todo:
            node, rest = todo[-1]
            if node not in number:
                number[node] = low[node] = len(number)
                path.append(node)
                on_path.add(node)
            ahead = next((other for other in rest if other not in number or other in on_path), None)
            if ahead is not None and ahead not in number:
                todo.append((ahead, iter(following.get(ahead, ()))))
            elif ahead is not None:
                low[node] = min(low[node], number[ahead])
            else:
                todo.pop()
                if todo:
                    low[todo[-1][0]] = min(low[todo[-1][0]], low[node])
                if low[node] == number[node]:
                    found.append(_cut_off(path, on_path, node))
    return tuple(sorted((c for c in found if len(c) > 1), key=lambda c: (-len(c), c)))


def _cut_off(path: list[str], on_path: set[str], node: str) -> tuple[str, ...]:
    """The component that ends with `node`, taken off the path."""
    at = path.index(node)
    component = path[at:]
    del path[at:]
    on_path.difference_update(component)
    return tuple(sorted(component))


def betweenness(edges: Iterable[Edge], nodes: Sequence[str]) -> tuple[dict[str, float], int | None]:
    """Share of shortest paths that lead over each node (Freeman 1977), and the sample size, None where exact.

    Sampled sources are fixed by a seed (Brandes and Pich 2007).
    """
    import networkx as nx

    graph = directed(edges)
    if graph.number_of_nodes() <= EXACT_NODES:
        return {n: round(v, 4) for n, v in nx.betweenness_centrality(graph).items()}, None
    found = nx.betweenness_centrality(graph, k=SAMPLES, seed=SEED)
    return {n: round(found.get(n, 0.0), 4) for n in nodes}, SAMPLES


def cheapest_cuts(component: Iterable[str], weights: Mapping[Edge, int]) -> tuple[Edge, ...]:
    """Edges whose removal leaves a component without cycles: a feedback arc set by Eades, Lin and Smyth (1993), then pruned.

    `weights` counts the import lines of an edge: fewer lines are cheaper to cut. Pruning puts edges back that close no cycle,
    the dearest first, and ends after WALKED steps: beyond (some thousand modules in one cycle) edges too many may be left.
    """
    members = set(component)
    inside = {e: w for e, w in weights.items() if e[0] in members and e[1] in members and e[0] != e[1]}
    # The heuristic is greedy, and ties decide much: both ways of breaking them are tried.
    orders = (eades_order(members, inside, is_reverse=flag) for flag in (False, True))
    return min((_pruned(order, inside) for order in orders), key=lambda cuts: (sum(inside[e] for e in cuts), cuts))


def _pruned(names: Sequence[str], inside: Mapping[Edge, int]) -> tuple[Edge, ...]:
    """The backward edges of an order, without those that close no cycle."""
    order = {node: place for place, node in enumerate(names)}
    following: dict[str, list[str]] = {node: [] for node in names}
    for a, b in inside:
        if order[a] < order[b]:
            following[a].append(b)
    cuts, steps = [], 0
    for edge in sorted((e for e in inside if order[e[0]] > order[e[1]]), key=lambda e: (-inside[e], e)):
        reached = _reached(following, edge[1], edge[0], WALKED - steps)
        steps += len(reached)
        if edge[0] in reached or steps >= WALKED:
            cuts.append(edge)
        else:
            following[edge[0]].append(edge[1])
    return tuple(sorted(cuts))


def _reached(following: Mapping[str, Sequence[str]], start: str, wanted: str, most: int) -> set[str]:
    """Nodes on ways from `start`, until `wanted` is among them or `most` were seen."""
    seen, stack = {start}, [start]
    while stack and wanted not in seen and len(seen) < most:
        for node in following[stack.pop()]:
            if node not in seen:
                seen.add(node)
                stack.append(node)
    return seen


def eades_order(component: Iterable[str], weights: Mapping[Edge, int], *, is_reverse: bool) -> list[str]:
    """An order of nodes in which few edges point backwards: sources first, sinks last, else the greatest surplus of outgoing weight.

    Ties go to the first name, with `is_reverse` to the last one.
    """
    names = sorted(component)
    neighbours: dict[str, list[tuple[str, int, int]]] = {n: [] for n in names}  # (other, weight to it, weight from it)
    out, into = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for (a, b), weight in sorted(weights.items()):
        out[a] += weight
        into[b] += weight
        neighbours[a].append((b, weight, 0))
        neighbours[b].append((a, 0, weight))
    rank = {name: -place if is_reverse else place for place, name in enumerate(names)}
    # Old entries stay in the heap: one that no longer says what holds for its node is passed over.
    heap = [(_urgency(out[n], into[n]), rank[n], n) for n in names]
    heapify(heap)
    left = set(names)
    first: list[str] = []
    last: list[str] = []
    while heap:
        urgency, _, node = heappop(heap)
        if node not in left or urgency != _urgency(out[node], into[node]):
            continue
        left.remove(node)
        (last if not out[node] and into[node] else first).append(node)
        for other, to, back in neighbours[node]:
            if other in left:
                into[other] -= to
                out[other] -= back
                heappush(heap, (_urgency(out[other], into[other]), rank[other], other))
    return [*first, *reversed(last)]


def _urgency(out: int, into: int) -> tuple[int, int]:
    """What comes first: sinks and sources, then the greatest surplus."""
    return (0, 0) if not out or not into else (1, into - out)


def directed(edges: Iterable[Edge]) -> nx.DiGraph[str]:
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from(sorted(set(edges)))
    return graph


def minimum_cut(weights: Mapping[Edge, float], sources: Iterable[str], sinks: Iterable[str]) -> frozenset[str]:
    """The nodes that stay with `sources` when the edges of least total weight towards `sinks` are cut (Ford and Fulkerson 1956).

    Empty where nothing leads from the ones to the others.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    for (a, b), weight in sorted(weights.items()):
        graph.add_edge(a, b, capacity=weight)
    for node in sorted(set(sources)):
        graph.add_edge("source\0", node)  # an edge without a capacity cannot be cut
    for node in sorted(set(sinks)):
        graph.add_edge(node, "sink\0")
    if "source\0" not in graph or "sink\0" not in graph or not nx.has_path(graph, "source\0", "sink\0"):
        return frozenset()
    _, (side, _) = nx.minimum_cut(graph, "source\0", "sink\0", flow_func=nx.algorithms.flow.shortest_augmenting_path)
    return frozenset(side) - {"source\0"}
