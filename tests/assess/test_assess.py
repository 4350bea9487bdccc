"""Services ranked for reasons that name the right lines; modules and functions rated; what was not read is not rated."""

from __future__ import annotations

from msgspec.structs import replace

from readiness.assess.words import unread_files
from readiness.extract import extract
from readiness.types.assess import Hotspot
from readiness.types.config import Config
from readiness.types.findings import Finding
from readiness.types.program import ExternalImport
from readiness.types.report import ServiceRow
from readiness.types.services import SharedData, Wire
from tests.assess.units import (
    APIS,
    FRAME,
    external,
    function,
    gateway,
    module,
    network,
    program,
    project,
    rate,
    route,
    service,
)


def points(row: ServiceRow, axis: str) -> float:
    return round(sum(part.points for part in row.contributions if part.axis == axis), 6)


def blocked() -> tuple:
    functions = (function("api", "pay", 10, is_async=True), function("api", "charge", 30))
    effects = (network("blocking", "api", 32, is_direct=False), network("blocking", "api", 32))

    calls = (project(0, 1, 12), external(1, 0, 32))
    entries = (route("api", "pay", 10, 0),)
    return program((module("api"),), functions, calls, effects, entries), service("api", (0, 1), entries)


def finding(rule: str, line: int, target: str) -> Finding:
    return Finding(rule, "mandatory", "warning", "api.py", line, 5, line, "api", target, "httpx.get blocks pay", "f")


def test_a_gateway_is_ported_first_for_its_lines() -> None:
    whole, edge = gateway()
    (row,) = rate(whole, edge).services
    assert (row.rank, row.verdict) == (1, "port-first")
    at = {part.signal: [(place.path, place.line) for place in part.evidence] for part in row.contributions}
    assert at["fanout"] == [("edge.py", 12), ("edge.py", 33), ("edge.py", 52)]
    assert at["long_lived"] == [("edge.py", 50)]
    assert at["proxy_shape"] == [("edge.py", 10), ("edge.py", 30)]
    assert "if traffic confirms" in row.reason and "edge.py:" in row.reason and "days" in row.reason
    assert "point" not in row.reason.replace("entry point", "")
    assert row.wave == 1 and row.rank_stability is not None and row.rank_stability.low == 1


def test_points_of_every_axis_add_up_to_what_is_shown() -> None:
    whole, edge = gateway()
    (row,) = rate(whole, edge).services
    assert points(row, "benefit") == row.benefit
    assert points(row, "risk") == row.risk
    assert points(row, "effort") == row.effort


def test_three_states_of_a_signal() -> None:
    whole, edge = gateway()
    (row,) = rate(whole, edge).services
    states = {part.signal: (part.state, part.value) for part in row.contributions}
    assert states["long_lived"] == ("present", 1.0)
    assert states["blocking_in_async"] == ("absent", 0.0)
    assert states["cost_share"] == ("unknown", None)
    assert states["tests"][0] == "present"  # there are tests, and none imports it


def test_a_blocked_loop_is_repaired_in_python() -> None:
    whole, api = blocked()
    (row,) = rate(whole, api, findings=(finding("IO101", 32, "api:charge"),)).services
    assert row.verdict in {"keep-in-python", "optimise-in-python"}
    held = {part.signal: part.evidence for part in row.contributions}
    assert [(place.path, place.line) for place in held["blocking_in_async"]] == [("api.py", 32)]
    (fix,) = row.fixes
    assert (fix.path, fix.line, fix.change, fix.days) == ("api.py", 32, "use httpx.AsyncClient", 0.5)
    assert (fix.paths_ended, fix.entries_freed, fix.freed) == (1, 1, ("api:pay",))
    assert [(place.path, place.line) for place in fix.begins] == [("api.py", 32)]


def test_blockers_add_days_that_grow_slower_than_their_number() -> None:
    whole, api = blocked()
    days = []
    for count in (0, 1, 3):
        found = tuple(finding("PY201", 40 + number, "api:charge") for number in range(count))
        (row,) = rate(whole, api, findings=found).services
        assert row.effort_days is not None and len(row.blockers) == count
        assert row.effort_days.expert <= row.effort_days.production <= row.effort_days.worst
        days.append(row.effort_days.production)
    assert (round(days[1] - days[0], 1), round(days[2] - days[0], 1)) == (4.0, 8.0)


def test_below_half_judged_nothing_is_scored() -> None:
    whole, edge = gateway()
    (row,) = rate(whole, replace(edge, judged=0.4)).services
    assert (row.verdict, row.score, row.rank, row.benefit, row.risk) == ("not-judged", None, None, None, None)
    assert row.reason == "Only 40% of its lines could be analysed."


def test_why_it_could_not_be_analysed_is_said_of_each_unit() -> None:
    whole, edge = gateway()
    (row,) = rate(whole, replace(edge, judged=0.4), facts={"edge": extract(b"print 'x'\n")}).services
    assert row.unread == {"python2": 1}
    assert row.reason == "Only 40% of its lines could be analysed: 1 file is Python 2."
    assert unread_files({"crashed": 1, "no-metrics": 2, "syntax-error": 1, "python2": 3}) == (
        "3 files are Python 2, 2 have a tree and no metrics, 1 is left out (crashed), 1 is broken"
    )


def test_a_library_is_never_ported_first() -> None:
    whole, edge = gateway()
    for other in (replace(edge, archetype="library"), replace(edge, strength=0.2)):
        assert rate(whole, other).services[0].verdict != "port-first"


def test_python_only_libraries_keep_a_service() -> None:
    functions = (function("etl", "load", 10),)
    calls = (external(0, APIS.index(FRAME), 12),)
    entries = (route("etl", "load", 10, 0, "cli"),)
    imports = (ExternalImport("etl", "pandas", 1, "runtime"), ExternalImport("etl", "oddlib", 2, "runtime"))
    whole = program((module("etl"),), functions, calls, (), entries, imports)
    (row,) = rate(whole, service("etl", (0,), entries)).services
    assert row.verdict == "keep-in-python" and "Python-only" in row.reason
    assert [(d.distribution, d.fit, d.sites) for d in row.dependencies] == [
        ("pandas", "keep-python", 1),
        ("oddlib", "unknown", 0),
    ]
    (row,) = rate(whole, service("etl", (0,), entries), config=Config(dependencies={"pandas": "partial"})).services
    assert row.dependencies[1].fit == "partial" and "Python-only" not in row.reason


def test_pickled_messages_and_shared_writes_are_decoupled_first() -> None:
    whole, edge = gateway()
    wire = Wire("worker", "queue", "edge:home", "edge.py", 12, "pickle", 0.9)
    (row,) = rate(whole, replace(edge, calls_out=(wire,))).services
    assert row.verdict == "decouple-first" and "pickled" in row.reason
    assert "JSON or protobuf" in row.steps[0]
    orders = SharedData("postgres", "table", "orders", 2, 3, ("worker",))
    (row,) = rate(whole, replace(edge, data=(orders,))).services
    assert row.verdict == "decouple-first"
    assert any(flip.verdict == "port-first" and "data" in flip.change for flip in row.flips)


def test_an_unrelated_service_changes_no_number() -> None:
    whole, edge = gateway()
    other, api = blocked()
    shift = len(whole.functions)
    both = replace(
        whole,
        modules=(*whole.modules, *other.modules),
        functions=(*whole.functions, *other.functions),
        calls=(*whole.calls, *(replace(e, caller=e.caller + shift, callee=e.callee + shift if e.callee >= 0 else -1)
                               for e in other.calls)),
        effects=(*whole.effects, *other.effects),
        entries=(*whole.entries, *(replace(e, function=e.function + shift) for e in other.entries)),
    )  # fmt: skip
    alone = rate(whole, edge)
    moved = replace(api, functions=tuple(i + shift for i in api.functions), entries=both.entries[3:])
    together = rate(both, moved, edge)
    assert [row.id for row in together.services] == ["edge", "api"]
    first, again = alone.services[0], together.services[0]
    assert replace(again, rank_stability=None) == replace(first, rank_stability=None)
    assert together.modules["edge"] == alone.modules["edge"]


def test_hotspots_need_io_in_a_concurrent_context() -> None:
    whole, edge = gateway()
    found = rate(whole, edge)
    assert all(hot is not None and 0 < hot.score <= 100 and hot.signs for hot in found.hotspots[:3])
    assert found.hotspots[3] == Hotspot(0.0)  # a test
    serial = replace(whole, functions=tuple(replace(f, is_async=False) for f in whole.functions), entries=(), calls=())
    assert rate(serial).hotspots == (Hotspot(0.0),) * 4


def test_functions_know_the_entries_that_reach_them() -> None:
    whole, edge = gateway()
    found = rate(whole, edge)
    assert found.entry_points[2] == ("edge:home", "edge:search", "edge:live")
    assert found.entry_points[3] == ()
    assert [(use.construct, use.api, use.line) for use in found.concurrency[0]] == [("fan-out", "asyncio.gather", 12)]


def test_modules_are_scored_by_the_same_arithmetic() -> None:
    whole, edge = gateway()
    found = rate(whole, edge)
    scored = found.modules["edge"]
    assert scored.benefit is not None and scored.score is not None and scored.score > 0
    assert found.modules["test_edge"].score is None


def test_same_input_same_result() -> None:
    whole, edge = gateway()
    assert rate(whole, edge) == rate(whole, edge)


def test_a_store_without_a_name_is_unknown_not_absent() -> None:
    whole, edge = gateway()
    store = replace(whole.effects[2], direct=("database",), reachable=("database",))
    (row,) = rate(replace(whole, effects=(*whole.effects[:2], store, whole.effects[3])), edge).services
    assert {part.signal: part.state for part in row.contributions}["data"] == "unknown"
