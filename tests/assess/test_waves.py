"""The order of ports: a pilot that is neither critical nor tied, what others import first, capacity; what comes before; entry by entry."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.assess import assess
from readiness.assess.waves import PORTED, Port, waves
from readiness.types.assess import Assessment
from readiness.types.config import Config
from readiness.types.evidence import Asserted, Evidence
from readiness.types.program import CallEdge, Coupling, DataUse, Outgoing, Program
from readiness.types.services import Service, Services, SharedData, Wire
from readiness.types.tree import GitFacts
from tests.assess.units import function, gateway, module, program, project, rate, route, rulebook, service

SCORING = rulebook().scoring
AT = {name: row.value for name, row in SCORING.thresholds.items()}


def port(name: str, *needs: str, benefit: float = 60.0, risk: float = 20.0, days: float = 10.0, pilot: bool = True, verdict: str = "port-first") -> Port:  # fmt: skip
    return Port(name, verdict, benefit, risk, days, frozenset(needs), pilot)


def test_the_pilot_is_the_first_that_is_small_safe_and_not_critical() -> None:
    rows = [
        port("gate", pilot=False),
        port("risky", risk=31),
        port("long", days=58),
        port("thin", benefit=49),
        port("hub"),
        port("job"),
    ]
    assert waves(rows, SCORING)[0] == ["hub"]
    assert waves([port("gate", pilot=False), port("a", pilot=False)], SCORING) == [["gate", "a"]]


def test_what_others_import_goes_first_and_a_wave_holds_what_the_team_can_do() -> None:
    rows = [
        port("a", "b", pilot=False),
        port("b", "c", pilot=False),
        port("c", pilot=False),
        port("kept", verdict="keep-in-python"),
    ]
    assert waves(rows, SCORING) == [["c"], ["b"], ["a"]]
    big = [port(str(n), days=60, risk=35, pilot=False) for n in range(5)]
    assert waves(big, SCORING) == [["0", "1"], ["2", "3"], ["4"]]  # 171 days
    risky = [port(str(n), risk=45, pilot=False) for n in range(3)]
    assert waves(risky, SCORING) == [["0"], ["1"], ["2"]]
    assert waves([port("x", "y", pilot=False), port("y", "x", pilot=False)], SCORING) == [["x"], ["y"]]


PORTS = st.lists(
    st.builds(
        Port, st.sampled_from("abcdefgh"), st.sampled_from(["port-first", "port-later", "keep-in-python"]), st.floats(0, 100),
        st.floats(0, 100), st.floats(0, 400), st.frozensets(st.sampled_from("abcdefgh")), st.booleans(),
    ),
    unique_by=lambda row: row.id,
)  # fmt: skip


@given(PORTS)
def test_every_port_is_in_one_wave_within_the_capacity(rows: list[Port]) -> None:
    planned = waves(rows, SCORING)
    by_id = {row.id: row for row in rows}
    assert sorted(name for wave in planned for name in wave) == sorted(row.id for row in rows if row.verdict in PORTED)
    for wave in planned:
        assert wave and (len(wave) == 1 or sum(by_id[name].days for name in wave) <= AT["wave_days"])
        assert sum(by_id[name].risk > AT["port_risk"] for name in wave) <= 1


def pair() -> tuple[Program, Service, Service]:
    """Two gateways in modules of their own."""
    whole, edge = gateway()
    hub = replace(edge, id="hub", name="hub", own=("hub",), functions=(), entries=())
    return replace(whole, modules=(*whole.modules, module("hub"))), edge, hub


def both(of: Program, *services: Service, evidence: Evidence = Evidence(), files: tuple[str, ...] = ()) -> Assessment:  # noqa: B008
    return assess(
        of,
        {},
        Coupling({}, (), (), None),
        Services(services, ()),
        (),
        rulebook(),
        Config(),
        GitFacts(),
        {},
        evidence,
        files,
    )


def may_be_pilot(found: Assessment) -> set[str]:
    return {row.id for row in found.services if row.may_be_pilot}


def test_what_runs_most_or_is_called_critical_is_no_pilot() -> None:
    whole, edge, hub = pair()
    assert may_be_pilot(both(whole, edge, hub)) == {"edge", "hub"}
    assert may_be_pilot(both(whole, replace(edge, replicas=12), replace(hub, replicas=2))) == {"hub"}
    assert may_be_pilot(both(whole, replace(edge, replicas=2), replace(hub, replicas=2))) == {"edge", "hub"}
    said = Evidence((Asserted("hub", "", "e.toml", 3, "service[0]", {}, "", "high"),))
    assert may_be_pilot(both(whole, replace(edge, replicas=12), replace(hub, replicas=2), evidence=said)) == {"edge"}


def test_enablers_name_what_ties_and_what_all_need_once() -> None:
    whole, edge = gateway()
    wire = Wire("worker", "queue", "edge:home", "edge.py", 12, "pickle", 0.9)
    orders = SharedData("postgres", "table", "orders", 2, 3, ("worker",))
    found = both(whole, replace(edge, calls_out=(wire,), data=(orders,)))
    assert [(row.kind, row.services, [(p.path, p.line) for p in row.places], row.days) for row in found.enablers] == [
        ("wire", ("edge",), [("edge.py", 12)], 3.0), ("data", ("edge",), [], 5.0),
    ]  # fmt: skip
    assert "orders" in found.enablers[1].what
    plain = both(whole, edge)
    assert [(row.kind, row.services) for row in plain.enablers] == [("build", ("edge",)), ("diversion", ("edge",))]
    assert [row.kind for row in both(whole, edge, files=("tools/x.go",)).enablers] == ["diversion"]


def shop() -> tuple[Program, Service]:
    """Routes that read, write through a helper and call on; tasks that consume, one that sends; a command."""
    names = ("show", "save", "store", "pay", "confirm", "fan", "tidy", "lost")
    functions = tuple(function("api", name, 10 * (i + 1)) for i, name in enumerate(names))
    calls: tuple[CallEdge, ...] = (project(1, 2, 22), project(5, 4, 62))
    kinds = ("http-route", "http-route", "", "http-route", "task", "task", "cli", "http-route")
    entries = tuple(
        route("api", name, 10 * (i + 1), i, kind)
        for i, (name, kind) in enumerate(zip(names, kinds, strict=True))
        if kind
    )
    entries = (*entries[:-1], replace(entries[-1], function=-1))
    data = (
        DataUse(0, "table", "orders", "read", "api.py", 11), DataUse(2, "table", "orders", "write", "api.py", 31),
        DataUse(5, "queue", "mails", "write", "api.py", 61), DataUse(1, "env", "HOME", "write", "api.py", 21),
    )  # fmt: skip
    whole = replace(
        program((module("api"),), functions, calls, (), entries), data=data,
        outgoing=(Outgoing(3, "http", "http://bank/charges", "POST", "api.py", 41, "httpx.post", None, 0.9),
                  Outgoing(0, "http", "http://bank/rates", "GET", "api.py", 12, "httpx.get", None, 0.9)),
    )  # fmt: skip
    return whole, service("api", tuple(range(len(names))), entries)


def test_what_only_reads_moves_before_what_writes_and_consumers_before_producers() -> None:
    whole, api = shop()
    (row,) = rate(whole, api).services
    assert [(move.detail, move.way, move.touches) for move in row.moves] == [
        ("/show", "read", ()),
        ("/confirm", "consume", ()),
        ("/fan", "produce", ("sends to mails",)),
        ("/save", "write", ("writes orders",)),
        ("/pay", "write", ("calls POST http://bank/charges",)),
        ("/lost", "write", ("what its handler does is not known",)),
        ("/tidy", "run", ()),
    ]


def test_the_steps_of_a_port_name_its_entries_in_that_order() -> None:
    whole, edge = gateway()
    (row,) = rate(whole, edge).services
    steps = list(row.steps)
    read = next(i for i, step in enumerate(steps) if step.startswith("Divert what only reads first"))
    connect = next(i for i, step in enumerate(steps) if step.startswith("Send a growing share of new connections"))
    assert "/home, /search" in steps[read] and "/live" in steps[connect] and read < connect < len(steps) - 1
    assert steps[-1] == "Delete the Python unit: it is not done before"
