"""Judged services -> what is done in which order: enablers, a pilot, then what others import first, within a team's capacity. Ranks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from readiness.assess.asserted import NOTHING
from readiness.assess.ground import Ground
from readiness.assess.judge import Judged
from readiness.assess.marks import PICKLES
from readiness.assess.risks import scripts
from readiness.assess.score import DECOUPLE, PORT_FIRST, PORT_LATER
from readiness.assess.signals import PLACES, plural
from readiness.types.evidence import Figure
from readiness.types.plan import Enabler, Place
from readiness.types.rulebook import Scoring

PORTED = frozenset({PORT_FIRST, PORT_LATER})
ROUTES = frozenset({"http-route", "websocket", "rpc-method"})
CRITICAL = "high"


class Port(NamedTuple):
    """A service as the order of ports sees it."""

    id: str
    verdict: str
    benefit: float
    risk: float
    days: float  # in production
    needs: frozenset[str]  # services whose own modules its own modules import
    may_be_pilot: bool  # apart from its numbers


def waves(ported: Sequence[Port], scoring: Scoring) -> list[list[str]]:
    """Services in rank order -> ids per wave: a pilot, then what others import first.

    A unit follows those whose own modules it imports; a wave holds one unit of R above `port_risk` and `wave_days` days.
    """
    at = {name: row.value for name, row in scoring.thresholds.items()}
    left = {row.id: row for row in ported if row.verdict in PORTED}
    pilot = next((row.id for row in left.values() if _is_pilot(row, at)), None)
    found = [[pilot]] if pilot is not None else []
    left.pop(pilot or "", None)
    while left:
        free = [row for row in left.values() if not row.needs & (set(left) - {row.id})] or list(left.values())[:1]
        wave: list[str] = []
        days = 0.0
        is_risky = False
        for row in free:
            if wave and (days + row.days > at["wave_days"] or (is_risky and row.risk > at["port_risk"])):
                continue
            wave.append(row.id)
            days, is_risky = days + row.days, is_risky or row.risk > at["port_risk"]
        for name in wave:
            del left[name]
        found.append(wave)
    return found


def _is_pilot(row: Port, at: Mapping[str, float]) -> bool:
    is_small = row.risk <= at["pilot_risk"] and row.days <= at["pilot_days"]
    return row.may_be_pilot and row.benefit >= at["pilot_benefit"] and is_small


def ports(judged: Sequence[Judged], ground: Ground) -> list[Port]:
    """The judged services with what ties them to others' code. A pilot has no such tie, and is not what matters most."""
    owner = {module: row.service.id for row in judged for module in row.service.own}
    needs: dict[str, set[str]] = {row.service.id: set() for row in judged}
    for edge in ground.program.imports:
        importer, imported = owner.get(edge.importer), owner.get(edge.imported)
        if importer is not None and imported is not None and importer != imported and edge.when != "typing":
            needs[importer].add(imported)
    tied = {name for name, others in needs.items() if others} | {other for others in needs.values() for other in others}
    critical = _critical(judged, ground)
    return [
        Port(
            row.service.id, row.verdict, row.numbers.benefit, row.numbers.risk, row.effort.days.production,
            frozenset(needs[row.service.id]), row.service.id not in tied | critical,
        )
        for row in judged
    ]  # fmt: skip


def _critical(judged: Sequence[Judged], ground: Ground) -> set[str]:
    """What the user calls so; else the services of which most instances run, where it is not the same of all."""
    known = {row.service.id: ground.known.get(row.service.id, NOTHING) for row in judged}
    said = {name for name, row in known.items() if row.criticality == CRITICAL}
    instances = {
        row.service.id: float(count)
        for row in judged
        if (count := _instances(row, known[row.service.id].figures.get("instances"))) is not None
    }
    most = max(instances.values(), default=0.0)
    if said or most == min(instances.values(), default=0.0):
        return said
    return {name for name, count in instances.items() if count == most}


def _instances(row: Judged, said: Figure | None) -> float | None:
    return said.value if said is not None else row.service.replicas


def enablers(
    judged: Sequence[Judged], planned: Sequence[Sequence[str]], ground: Ground, has_go: bool
) -> tuple[Enabler, ...]:
    """What comes before the first wave: what ties services that should move, and what all ports need."""
    days = ground.scoring.tables["enablers"]
    found = []
    for row in judged:
        if row.verdict in {*PORTED, DECOUPLE}:
            found += [*_wire(row, days), *_cycle(row, days, ground), *_scripts(row, days, ground)]
            found += [*_oracle(row, days), *_data(row, days)]
    return (*found, *_for_all(judged, planned, days, has_go))


def _wire(row: Judged, days: Mapping[str, float]) -> Iterator[Enabler]:
    wires = (*row.service.calls_out, *row.service.called_by)
    places = sorted({(wire.path, wire.line) for wire in wires if wire.serialisation in PICKLES})
    if "wire" in row.numbers.gates:
        what = "Send JSON or protobuf in place of pickles, with readers of both for one release"
        yield _enabler("wire", what, row, places, days["wire"] * max(1, len(places)))


def _cycle(row: Judged, days: Mapping[str, float], ground: Ground) -> Iterator[Enabler]:
    if "cycle" in row.numbers.gates:
        own = set(row.service.own)
        tied = [c for c in ground.coupling.cycles_load if own & set(c.modules) and not own.issuperset(c.modules)]
        cuts = sorted({(ground.modules[edge.importer].path, edge.line) for cycle in tied for edge in cycle.cuts})
        what = f"Break {plural(len(tied), 'import cycle')} with modules of others"
        yield _enabler("cycle", what, row, cuts, days["cycle"] * len(tied))


def _scripts(row: Judged, days: Mapping[str, float], ground: Ground) -> Iterator[Enabler]:
    if "scripts" in row.numbers.gates:
        places = [(place.path, place.line) for place in scripts(row.unit, ground)]
        what = "Run its users' scripts in a Python process of their own, asked over a protocol"
        yield _enabler("scripts", what, row, places, days["scripts"])


def _oracle(row: Judged, days: Mapping[str, float]) -> Iterator[Enabler]:
    if "no-oracle" in row.numbers.gates:
        yield _enabler(
            "no-oracle", "Record requests and answers: nothing holds its behaviour", row, [], days["no-oracle"]
        )


def _data(row: Judged, days: Mapping[str, float]) -> Iterator[Enabler]:
    names = sorted(store.name for store in row.service.data if store.also and store.writes and store.kind != "env")
    if row.verdict == DECOUPLE and names:
        more = " and more" if len(names) > 3 else ""
        what = f"Give {', '.join(names[:3])}{more} one owner, whom the others ask"
        yield _enabler("data", what, row, [], days["data"] * len(names))


def _for_all(
    judged: Sequence[Judged], planned: Sequence[Sequence[str]], days: Mapping[str, float], has_go: bool
) -> list[Enabler]:
    """What every port needs, once."""
    first = [name for wave in planned for name in wave]
    if not first:
        return []
    routed = [
        row.service.id
        for row in judged
        if row.service.id in first and any(entry.kind in ROUTES for entry in row.service.entries)
    ]
    found = []
    if not has_go:
        found.append(
            Enabler("build", "A Go module with its build, tests, image and alarms", tuple(first), (), days["build"])
        )
    if routed:
        what = "A proxy in front that sends one route at a time to Go, and back in a minute"
        found.append(Enabler("diversion", what, tuple(routed), (), days["diversion"]))
    return found


def _enabler(kind: str, what: str, row: Judged, places: Sequence[tuple[str, int]], days: float) -> Enabler:
    return Enabler(kind, what, (row.service.id,), tuple(Place(*place) for place in places[:PLACES]), days)
