"""Edges -> graph facts: components, cuts, betweenness, levels, dominators. The only place that knows networkx."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import networkx as nx

Edge = tuple[str, str]
SEED = 20_261_101
EXACT_NODES = 400  # betweenness is exact up to here and sampled above
SAMPLES = 50


def strongly_connected(edges: Iterable[Edge]) -> tuple[tuple[str, ...], ...]:
    """Components of more than one node, each sorted, largest first."""
    graph = directed(edges)
    found = [tuple(sorted(c)) for c in nx.strongly_connected_components(graph) if len(c) > 1]
    return tuple(sorted(found, key=lambda c: (-len(c), c)))


def betweenness(edges: Iterable[Edge], nodes: Sequence[str]) -> tuple[dict[str, float], int | None]:
    """Share of shortest paths that lead over each node (Freeman 1977), and the sample size, None where exact.

    Sampled sources are fixed by a seed (Brandes and Pich 2007).
    """
    graph = directed(edges)
    if graph.number_of_nodes() <= EXACT_NODES:
        return {n: round(v, 4) for n, v in nx.betweenness_centrality(graph).items()}, None
    found = nx.betweenness_centrality(graph, k=SAMPLES, seed=SEED)
    return {n: round(found.get(n, 0.0), 4) for n in nodes}, SAMPLES


def cheapest_cuts(component: Sequence[str], weights: dict[Edge, int]) -> tuple[Edge, ...]:
    """Edges whose removal leaves a component without cycles: a feedback arc set by Eades, Lin and Smyth (1993), then pruned.

    `weights` counts the import lines of an edge: fewer lines are cheaper to cut.
    """
    members = set(component)
    inside = {e: w for e, w in weights.items() if e[0] in members and e[1] in members and e[0] != e[1]}
    order = {node: place for place, node in enumerate(eades_order(component, inside))}
    against = sorted((e for e in inside if order[e[0]] > order[e[1]]), key=lambda e: (-inside[e], e))
    kept = directed(e for e in inside if order[e[0]] < order[e[1]])
    cuts = []
    for edge in against:
        if edge[1] in kept and edge[0] in kept and nx.has_path(kept, edge[1], edge[0]):
            cuts.append(edge)
        else:
            kept.add_edge(*edge)
    return tuple(sorted(cuts))


def eades_order(component: Sequence[str], weights: dict[Edge, int]) -> list[str]:
    """An order of nodes in which few edges point backwards."""
    out = {n: 0 for n in component}
    into = {n: 0 for n in component}
    for (a, b), weight in weights.items():
        out[a] += weight
        into[b] += weight
    left = sorted(component)
    order = []
    while left:
        node = max(left, key=lambda n: (into[n] == 0, out[n] - into[n], n))
        left.remove(node)
        order.append(node)
        for (a, b), weight in weights.items():
            if a == node:
                into[b] -= weight
            elif b == node:
                out[a] -= weight
    return order


def directed(edges: Iterable[Edge]) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from(sorted(set(edges)))
    return graph
