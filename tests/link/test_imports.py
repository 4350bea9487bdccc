"""Import edges by grimp's rules, and what counts as outside."""

from __future__ import annotations

from msgspec.structs import replace

from readiness.extract import extract
from readiness.link import link
from readiness.types.tree import Source
from tests.programs import program_of, shipped_rulebook, tree_of


def test_an_import_counts_for_the_module_else_for_its_parent_and_on_its_first_line() -> None:
    program = program_of(
        {
            "pkg/__init__.py": "",
            "pkg/a.py": "from pkg import b\nfrom pkg.b import (\n    name,\n)\nimport os.path\n",
            "pkg/b.py": "from . import missing\ndef f():\n    from .a import x\n",
        }
    )

    assert [(e.importer, e.imported, e.line, e.when) for e in program.imports] == [
        ("pkg.a", "pkg.b", 1, "runtime"),
        ("pkg.a", "pkg.b", 2, "runtime"),
        ("pkg.b", "pkg", 1, "runtime"),
        ("pkg.b", "pkg.a", 3, "lazy"),
    ]
    assert [(e.importer, e.name, e.line) for e in program.imports_external] == [("pkg.a", "os.path", 5)]


def test_typing_guard_is_its_own_kind_and_its_else_is_not() -> None:
    program = program_of(
        {
            "a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import b\nelse:\n    import c\n",
            "b.py": "",
            "c.py": "",
        }
    )

    assert [(e.imported, e.line, e.when) for e in program.imports] == [("b", 3, "typing"), ("c", 5, "conditional")]


def test_a_generated_module_is_nothing_outside() -> None:
    text = "import demo_pb2\nimport requests\n"
    generated = Source("demo_pb2.py", "demo_pb2", "demo_pb2", ".", False, 1, 0, 0)
    tree = replace(tree_of({"a.py": text}), importable=(generated,))

    program = link(tree, {"a.py": extract(text.encode())}, shipped_rulebook())

    assert [e.name for e in program.imports_external] == ["requests"]
