"""Services that share modules -> the cheapest border between them."""

from __future__ import annotations

import pytest

from readiness.graph import minimum_cut
from readiness.services import borders
from tests.services.scans import found_in


def test_the_border_is_where_few_and_typed_calls_cross() -> None:
    found = found_in({
        "a/main.py": "from a import deep\ndeep.run([])\n",
        "a/deep.py": """
            from lib import api
            def run(rows):
                for row in rows:
                    api.price(row)
            """,
        "lib/api.py": """
            from b import core
            def price(row: int) -> int:
                return core.one(row, 1, 2) + core.two(row, 1, 2)
            """,
        "b/core.py": "def one(a, b, c):\n    return 1\ndef two(a, b, c):\n    return 2\n",
        "b/main.py": "from b import core\nfrom lib import api\ncore.one(1, 2, 3)\n",
        "Procfile": "a: python a/main.py\nb: python b/main.py\n",
    }).found  # fmt: skip
    rows = {one.name: [(s.importer, s.imported, s.line, s.reason) for s in one.api] for one in found}
    assert rows["b"] == []
    assert rows["a"] == [("a.deep", "lib.api", 5, "lib.api:price is called at 1 place, 1 in a loop")]


def test_inheritance_is_cut_last_and_said_to_be_no_call() -> None:
    found = found_in({
        "a/main.py": "from b.core import Base\nclass Mine(Base):\n    pass\nMine().run()\n",
        "b/core.py": "class Base:\n    def run(self):\n        return 1\n",
        "b/main.py": "from b.core import Base\nBase().run()\n",
        "Procfile": "a: python a/main.py\nb: python b/main.py\n",
    }).found  # fmt: skip
    (one,) = (one for one in found if one.name == "a")
    assert one.api[0].reason == "a.main:Mine inherits from b.core:Base: to be refactored first"
    assert (one.api[0].importer, one.api[0].imported, one.api[0].line) == ("a.main", "b.core", 2)


def test_a_minimum_cut_takes_the_cheapest_edges() -> None:
    weights = {("s", "a"): 5.0, ("a", "t"): 1.0, ("s", "b"): 2.0, ("b", "t"): 3.0, ("t", "s"): 9.0}
    assert minimum_cut(weights, ["s"], ["t"]) == {"s", "a"}
    assert minimum_cut(weights, ["x"], ["t"]) == frozenset()


def test_what_a_service_has_for_itself_costs_no_time_in_its_border(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "a/main.py": "from a import deep, more, most\ndeep.run()\nmore.run()\nmost.run()\n",
        **{f"a/{name}.py": "from lib import api\ndef run():\n    api.price(1)\n" for name in ("deep", "more", "most")},
        "lib/api.py": "from b import core\ndef price(row: int) -> int:\n    return core.one(row, 1, 2)\n",
        "b/core.py": "def one(a, b, c):\n    return 1\n",
        "b/main.py": "from b import core\nfrom lib import api\ncore.one(1, 2, 3)\n",
        "Procfile": "a: python a/main.py\nb: python b/main.py\n",
    }
    whole = {one.name: one.api for one in found_in(files).found}
    monkeypatch.setattr(borders, "MAX_MODULES", 1)  # one module lies between: lib.api
    assert {one.name: one.api for one in found_in(files).found} == whole
    assert [(s.importer, s.imported) for s in whole["a"]] == [("lib.api", "b.core")]
    monkeypatch.setattr(borders, "MAX_MODULES", 0)
    assert {one.name: one.api for one in found_in(files).found}["a"] == ()
