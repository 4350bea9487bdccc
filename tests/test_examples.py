"""The example and the small repositories, scanned as a whole: what their expected.toml says is what a scan finds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from readiness.question import ScanOptions
from readiness.scan import scan
from readiness.types.config import Config
from readiness.types.report import FunctionRow, Report, ServiceRow

TOP = Path(__file__).parent.parent
FOLDERS = (
    "examples/shop",
    "tests/repos/blocking_async",
    "tests/repos/celery_app",
    "tests/repos/overlaid",
    "tests/repos/plain_lib",
    "tests/repos/proto_elsewhere",
    "tests/repos/timetable",
)


@cache
def expected(folder: str) -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((TOP / folder / "expected.toml").read_text(encoding="utf-8"))


@cache
def report(folder: str) -> Report:
    return scan(TOP / folder, Config(workers=1), ScanOptions(use_cache=False), lambda phase, done, total: None)


def rows(table: str, key: str = "path") -> list[Any]:
    """Every row of `table` that has `key`, in every repository, as (folder, row)."""
    return [
        pytest.param(folder, row, id=f"{Path(folder).name}-{'-'.join(_words(row))}")
        for folder in FOLDERS
        for row in expected(folder).get(table, [])
        if key in row
    ]


def _words(row: dict[str, Any]) -> Iterator[str]:
    for key in ("name", "function", "importer", "imported", "module", "kind", "line"):
        if key in row:
            yield str(row[key])
    if not {"name", "function", "importer", "module"} & set(row):
        yield str(row.get("path") or row.get("modules"))


def service(folder: str, name: str) -> ServiceRow:
    """Manifests write a dash where folders have an underscore: both are one name."""
    found = [row for row in report(folder).services if row.name.replace("_", "-") == name]
    assert len(found) == 1, [(row.name, row.root) for row in report(folder).services]
    return found[0]


def function(folder: str, path: str, qualname: str) -> FunctionRow:
    found = [row for row in report(folder).functions if (row.path, row.qualname) == (path, qualname)]
    assert len(found) == 1, [row.qualname for row in report(folder).functions if row.path == path]
    return found[0]


def lines_with_text(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "text" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from lines_with_text(item)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_expectation_quotes_its_lines(folder: str) -> None:
    for row in lines_with_text(expected(folder)):
        assert row["text"] in (TOP / folder / row["path"]).read_text(encoding="utf-8").split("\n")[row["line"] - 1]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_is_analysed(folder: str) -> None:
    repository = report(folder).repository
    assert not [row.path for row in repository.skipped if row.path.endswith(".py")]
    assert repository.parsed == repository.files


@pytest.mark.parametrize("folder", FOLDERS)
def test_these_services_and_no_others(folder: str) -> None:
    names = sorted(row.name.replace("_", "-") for row in report(folder).services if row.kind == "deployable")
    assert names == sorted(row["name"] for row in expected(folder).get("service", []))


@pytest.mark.parametrize(("folder", "row"), rows("service", "entry"))
def test_a_service_stands_at_its_root_and_entry(folder: str, row: dict[str, Any]) -> None:
    found = service(folder, row["name"])
    assert found.root == row["root"]
    assert row["entry"] in {entry.path for entry in found.entry_points} | {item.path for item in found.evidence}


@pytest.mark.parametrize(("folder", "row"), rows("service", "archetypes"))
def test_a_service_has_its_archetype(folder: str, row: dict[str, Any]) -> None:
    assert service(folder, row["name"]).archetype in row["archetypes"]


@pytest.mark.parametrize(("folder", "row"), rows("service", "verdicts"))
def test_a_service_gets_the_verdict_of_an_engineer(folder: str, row: dict[str, Any]) -> None:
    assert service(folder, row["name"]).verdict in row["verdicts"]


@pytest.mark.parametrize(("folder", "row"), rows("not_a_service"))
def test_what_only_looks_like_a_service_is_none(folder: str, row: dict[str, Any]) -> None:
    for found in (one for one in report(folder).services if one.kind == "deployable"):
        assert row["path"] not in {entry.path for entry in found.entry_points}
        assert row["path"] not in {item.path for item in found.evidence}


@pytest.mark.parametrize(("folder", "row"), rows("reaches"))
def test_a_function_reaches_io_over_a_path(folder: str, row: dict[str, Any]) -> None:
    via = function(folder, row["path"], row["function"]).io.via
    ends = {(way.hops[-1].path, way.hops[-1].line) for way in via if (way.kind, way.mode) == (row["kind"], row["mode"])}
    assert ends and ends <= {(site["path"], site["line"]) for site in row["sites"]}, via


@pytest.mark.parametrize(("folder", "row"), rows("blocks"))
def test_blocking_coroutines_are_found_and_others_left_alone(folder: str, row: dict[str, Any]) -> None:
    named = {
        finding.function.partition(":")[2]
        for finding in report(folder).findings
        if finding.path == row["path"] and finding.function and "event loop" in finding.message
    }
    assert set(row["functions"]) <= named
    assert not named & set(row["not_functions"])


@pytest.mark.parametrize(("folder", "row"), rows("concurrency"))
def test_a_construct_stands_in_its_line(folder: str, row: dict[str, Any]) -> None:
    uses = function(folder, row["path"], row["function"]).concurrency
    assert (row["construct"], row["line"]) in {(use.construct, use.line) for use in uses}


@pytest.mark.parametrize(("folder", "row"), rows("entry"))
def test_an_entry_point_belongs_to_a_service(folder: str, row: dict[str, Any]) -> None:
    found = function(folder, row["path"], row["function"])
    assert found.line == row["line"]
    target = f"{found.module}:{found.qualname}"
    kinds = {entry.kind for one in report(folder).services for entry in one.entry_points if entry.target == target}
    assert kinds == {row["kind"]}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_import_cycles_are_these(folder: str) -> None:
    found = {(row.modules, row.is_load_time) for row in report(folder).cycles}
    assert found == {(tuple(row["modules"]), row["load_time"]) for row in expected(folder).get("cycle", [])}


@pytest.mark.parametrize(("folder", "row"), rows("import", "line"))
def test_an_import_is_an_edge_with_its_line(folder: str, row: dict[str, Any]) -> None:
    edges = {(edge.importer, edge.imported, edge.line, edge.when) for edge in report(folder).imports}
    assert (row["importer"], row["imported"], row["line"], row["when"]) in edges


@pytest.mark.parametrize(("folder", "row"), rows("shared_module", "module"))
def test_a_shared_module_names_its_users(folder: str, row: dict[str, Any]) -> None:
    users = [one.name.replace("_", "-") for one in report(folder).services if row["module"] in one.modules.shared]
    assert sorted(users) == row["services"]


@pytest.mark.parametrize(("folder", "row"), rows("shared_table", "service"))
def test_a_table_that_services_share_is_seen_from_each_end(folder: str, row: dict[str, Any]) -> None:
    (found,) = (one for one in service(folder, row["service"]).data if (one.kind, one.name) == ("table", row["name"]))
    assert (list(found.also), found.writes > 0) == (row["also"], row["is_written"])


@pytest.mark.parametrize(("folder", "row"), rows("wire", "service"))
def test_a_wire_joins_its_two_ends(folder: str, row: dict[str, Any]) -> None:
    wanted = (row["contract"], row["caller"], row["line"])
    out = [w for w in service(folder, row["service"]).calls_out if (w.contract, w.caller, w.line) == wanted]
    back = [w for w in service(folder, row["other"]).called_by if (w.contract, w.caller, w.line) == wanted]
    assert [w.service for w in out] == [row["other"]] and [w.service for w in back] == [row["service"]]
    assert out[0].serialisation == row.get("serialisation", out[0].serialisation) and out[0].confidence > 0.8
