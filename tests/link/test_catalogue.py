"""Pages -> what a name outside the repository means."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.extract import extract
from readiness.link import link
from readiness.link.catalogue import Catalogue
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.tree import GitFacts, Source, Tree

BOOK = load_rulebook([rules_folder()])

PAGE = """# thing

```toml
distribution = "thing"
imports = ["thing"]

[[api]]
name = ["thing.Client.*", "thing.*Api.*"]
kind = "network"
mode = "blocking"

[[api]]
name = ["thing.Client.*_path", "thing.Base.close"]

[[api]]
name = "**.*_pb2_grpc.*Stub"
returns = "arg:0"

[classes]
"thing.Client" = ["thing.Base"]

[attributes]
"thing.Client.pool" = "thing.Pool"
"thing.Root.*" = "thing.Part"

[go]
fit = "none"
```
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    (tmp_path / "libraries").mkdir()
    (tmp_path / "libraries" / "thing.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "scoring.toml").write_text((rules_folder() / "scoring.toml").read_text(encoding="utf-8"))
    return Catalogue(load_rulebook([tmp_path]))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("thing.Client.get", "network"),
        ("thing.CoreApi.list_pods", "network"),
        ("thing.Client.topic_path", None),  # the pattern with more letters of its own
    ],
)
def test_a_pattern_covers_what_no_page_spells_out(catalogue: Catalogue, name: str, kind: str | None) -> None:
    found = catalogue.api.get(name)
    assert found is not None and found[0].kind == kind


@pytest.mark.parametrize("name", ["thing.Client._private", "thing.Client.a.b", "thing.Client", "other.Client.get"])
def test_a_pattern_covers_no_private_name_and_no_other_depth(catalogue: Catalogue, name: str) -> None:
    assert name not in catalogue.api


def test_two_stars_stand_for_any_packages(catalogue: Catalogue) -> None:
    assert "orders_pb2_grpc.OrdersStub" in catalogue.api
    assert "a.b.orders_pb2_grpc.OrdersStub" in catalogue.api
    assert "a.b.orders_pb2.OrdersStub" not in catalogue.api


def test_what_a_base_spells_out_goes_before_a_pattern_of_the_class(catalogue: Catalogue) -> None:
    assert catalogue.canonical("thing.Client.close") == "thing.Base.close"
    assert catalogue.canonical("thing.Client.get") == "thing.Client.get"


def test_attributes_may_be_patterns_but_methods_are_none(catalogue: Catalogue) -> None:
    assert catalogue.attribute("thing.Client.pool") == "thing.Pool"
    assert catalogue.attribute("thing.Root.anything") == "thing.Part"
    assert catalogue.attribute("thing.Base.close") is None


def test_the_text_of_a_type_becomes_values(catalogue: Catalogue) -> None:
    one = (("E", "a.B"),)
    assert catalogue.typed("a.B") == one
    assert catalogue.typed("[a.B]") == (("L", one),)
    assert catalogue.typed("{a.B}") == (("D", (), one),)
    assert catalogue.typed("a.B, [a.B]") == (("T", (one, (("L", one),))),)


def test_a_pattern_of_one_base_does_not_hide_a_method_of_the_next(tmp_path: Path) -> None:
    code = (
        "import time\nfrom pydantic import BaseModel\n\n\nclass Slow:\n    def rest(self):\n        time.sleep(1)\n\n\n"
        "class Row(BaseModel, Slow):\n    pass\n\n\ndef work(row: Row):\n    row.rest()\n    row.model_dump()\n"
    )
    source = Source("a.py", "a", "a", ".", False, len(code), 0, 0)
    program = link(Tree("x", (source,), (), (), GitFacts()), {"a.py": extract(code.encode())}, BOOK)
    work = next(i for i, row in enumerate(program.functions) if row.qualname == "work")
    assert program.effects[work].reachable == ("sleep",)
    assert [edge.external for edge in program.calls if edge.caller == work] == ["", "pydantic.BaseModel.model_dump"]
