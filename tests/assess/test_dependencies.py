"""Imports, pages and declarations -> the rows of what a unit needs."""

from __future__ import annotations

from msgspec.structs import replace

from readiness.assess.dependencies import dependencies_of, fits_of
from readiness.assess.marks import Marks
from readiness.assess.reach import Ways
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.declared import Declared
from readiness.types.program import ExternalImport, Program
from tests.assess.units import gateway

BOOK = load_rulebook([rules_folder()])


def program(*names: str) -> Program:
    rows = tuple(ExternalImport("edge", name, line, "runtime") for line, name in enumerate(names, 1))
    return replace(gateway()[0], imports_external=rows)


def marks(**calls: int) -> Marks:
    counts = [{name.replace("python_", "python:"): count for name, count in calls.items()}]
    none = bytearray()
    return Marks([], [], [], none, none, none, none, Ways([], [], []), [], (), [], counts, {})


def test_the_standard_library_is_one_row_with_the_packages_that_are_used() -> None:
    fits = fits_of(program("socket", "json", "pickle", "requests"), BOOK, Config())
    rows = dependencies_of(["edge"], [0], fits, marks(python_socket=3, python_json=2, python_pickle=1, requests=4))
    assert [(row.distribution, row.fit, row.sites) for row in rows] == [
        ("python:pickle", "none", 1),
        ("python", "stdlib", 5),
        ("requests", "stdlib", 4),
    ]
    assert rows[1].go == ("encoding/json", "net")


def test_a_row_says_where_its_distribution_is_asked_for_and_at_which_version() -> None:
    asked = {"requests": Declared("requests", "svc/requirements.txt", 7, ">=2", "2.31.0")}
    row = dependencies_of(["edge"], [], fits_of(program("requests.adapters"), BOOK, Config(), asked), marks())[0]
    assert (row.version, row.path, row.line) == ("2.31.0", "svc/requirements.txt", 7)


def test_an_unknown_import_goes_by_the_declared_distribution_of_that_name() -> None:
    asked = {"our-house": Declared("our-house", "requirements.txt", 1)}
    fits = fits_of(program("our_house.clients", "nobody_knows"), BOOK, Config(), asked)
    rows = dependencies_of(["edge"], [], fits, marks())
    assert [(row.distribution, row.import_name, row.fit) for row in rows] == [
        ("nobody_knows", "nobody_knows", "unknown"),
        ("our-house", "our_house", "unknown"),
    ]


def test_of_two_distributions_with_one_import_name_the_one_that_is_asked_for_counts() -> None:
    names = ["psycopg2", "psycopg2-binary"]
    for name in names:
        asked = {name: Declared(name, "requirements.txt", 1, "", "2.9")}
        row = dependencies_of(["edge"], [], fits_of(program("psycopg2.extras"), BOOK, Config(), asked), marks())[0]
        assert (row.distribution, row.version, row.fit) == (name, "2.9", "drop-in")
