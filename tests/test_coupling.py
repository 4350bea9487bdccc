"""Coupling figures and cycles of small programs."""

from __future__ import annotations

from readiness.coupling import couple
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
