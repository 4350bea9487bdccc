"""What a library page says of a whole library -> services and archetypes. A new library needs a page and no code."""

from __future__ import annotations

from msgspec.structs import replace

from readiness.services.families import families_of
from readiness.types.rulebook import Library, Rulebook
from tests.programs import shipped_rulebook
from tests.services.scans import found_in


def with_page(page: Library) -> Rulebook:
    return replace(shipped_rulebook(), libraries=(*shipped_rulebook().libraries, page))


def test_a_call_that_a_page_says_stays_makes_a_packaged_command_a_service() -> None:
    files = {
        "p/__init__.py": "",
        "p/cmd.py": "import housebus\n\n\ndef main():\n    housebus.attend()\n",
        "pyproject.toml": '[project]\nname = "p"\n[project.scripts]\npd = "p.cmd:main"\n',
    }
    page = Library("housebus", ("housebus",), "housebus.md", "housebus", serves=("housebus.attend",))
    assert [s.archetype for s in found_in(files).found if s.kind == "deployable"] == ["cli"]
    found = [s for s in found_in(files, rulebook=with_page(page)).found if s.kind == "deployable"]
    assert [(s.name, s.archetype) for s in found] == [("pd", "daemon")]
    assert [(e.path, e.line, e.detail) for e in found[0].evidence if e.kind == "stays"] == [
        ("p/cmd.py", 5, "housebus.attend serves until it is stopped")
    ]


def test_a_family_on_a_page_decides_the_archetype() -> None:
    files = {"Procfile": "web: python m.py\n", "m.py": "import housenet\n\nhousenet.load()\n"}
    page = Library("housenet", ("housenet",), "housenet.md", "housenet", family=("model",))
    assert [s.archetype for s in found_in(files).found] == ["daemon"]
    assert [s.archetype for s in found_in(files, rulebook=with_page(page)).found] == ["ml"]


def test_the_longest_import_counts_and_a_line_of_the_table_has_a_family_too() -> None:
    known = families_of(shipped_rulebook())
    assert known.of("torch.nn.functional") == {"model"}
    assert known.of("torchish") == frozenset()
    assert known.of("bs4.element") == {"scraper"}
    assert "django.contrib.admin.ModelAdmin" in known.admins
