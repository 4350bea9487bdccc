"""Coupling figures and cycles of small programs."""

from __future__ import annotations

import random
import time

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from readiness.coupling import couple
from readiness.graph import EXACT_NODES, SAMPLES, betweenness, cheapest_cuts, strongly_connected
from tests.programs import program_of

CYCLE = {
    "a.py": "import b\nimport c\n",
    "b.py": "import a\nimport a as again\n",
    "c.py": "def f():\n    import a\n",
    "d.py": "import abc\nclass P(abc.ABC): pass\nclass Q(P): pass\n",
    "e.py": "from d import P\n",
}


def test_cycle_names_its_modules_and_the_cheapest_edges() -> None:
    coupling = couple(program_of(CYCLE))

    assert [c.modules for c in coupling.cycles] == [("a", "b", "c")]
    assert [(e.importer, e.imported, e.line) for e in coupling.cycles[0].cuts] == [("a", "b", 1), ("a", "c", 2)]


def test_lazy_import_is_no_load_time_cycle() -> None:
    coupling = couple(program_of(CYCLE))

    assert [c.modules for c in coupling.cycles_load] == [("a", "b")]
    assert coupling.modules["c"].cycle == 1
    assert coupling.modules["c"].cycle_load is None


def test_instability_abstractness_and_distance_follow_martins_formulas() -> None:
    coupling = couple(program_of(CYCLE))

    d = coupling.modules["d"]
    assert (d.afferent, d.efferent, d.instability, d.abstractness, d.distance) == (1, 0, 0.0, 0.5, 0.5)
    assert coupling.modules["e"].instability == 1.0
    assert coupling.modules["e"].abstractness is None


EDGES = st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=20)


@given(EDGES)
def test_components_are_those_of_networkx(edges: set[tuple[str, str]]) -> None:
    known = nx.strongly_connected_components(nx.DiGraph(sorted(edges)))
    assert sorted(strongly_connected(edges)) == sorted(tuple(sorted(c)) for c in known if len(c) > 1)


@given(EDGES, st.integers(0, 3))
def test_without_its_cuts_a_cycle_is_none_and_every_cut_is_needed(edges: set[tuple[str, str]], salt: int) -> None:
    weights = {edge: 1 + (hash_of(edge) + salt) % 4 for edge in sorted(edges)}
    for component in strongly_connected(weights):
        inside = {e for e in edges if set(e) <= set(component) and e[0] != e[1]}
        cuts = set(cheapest_cuts(component, weights))
        assert cuts <= inside
        assert strongly_connected(inside - cuts) == ()
        assert all(strongly_connected(inside - cuts | {cut}) for cut in cuts)


def hash_of(edge: tuple[str, str]) -> int:
    return sum(map(ord, "".join(edge)))


def test_the_cheapest_edge_of_a_ring_is_cut() -> None:
    weights = {("a", "b"): 3, ("b", "c"): 1, ("c", "d"): 2, ("d", "a"): 3}
    assert cheapest_cuts("abcd", weights) == (("b", "c"),)


def test_a_cycle_of_thousands_of_modules_gets_its_cuts_in_seconds() -> None:
    choose = random.Random(1)
    names = [f"m{number:04}" for number in range(3_000)]
    weights = {(a, b): 1 for a, b in zip(names, [*names[1:], names[0]], strict=True)}
    weights |= {(choose.choice(names), choose.choice(names)): 1 for _ in range(12_000)}
    (component,) = strongly_connected(weights)
    begin = time.process_time()
    cuts = set(cheapest_cuts(component, weights))
    assert time.process_time() - begin < 10
    assert len(component) == 3_000 and 0 < len(cuts) < len(weights) / 2
    assert nx.is_directed_acyclic_graph(nx.DiGraph(e for e in weights if e not in cuts and e[0] != e[1]))


def test_betweenness_is_exact_for_few_and_sampled_for_many_modules() -> None:
    ring = [(str(n), str((n + 1) % 5)) for n in range(5)]
    exact, samples = betweenness(ring, [str(n) for n in range(5)])
    assert samples is None and set(exact.values()) == {0.5}
    star = [(f"m{n}", "hub") for n in range(EXACT_NODES)] + [("hub", f"n{n}") for n in range(EXACT_NODES)]
    sampled, samples = betweenness(star, ["hub", "m1", "alone"])
    assert samples == SAMPLES
    assert sampled["hub"] > 0 and sampled["m1"] == sampled["alone"] == 0
    assert betweenness(star, ["hub"])[0]["hub"] == sampled["hub"]
