"""Judged -> ServiceRow: what the report shows of a service. Rounds here and nowhere else; never decides anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec.structs import replace

from readiness.assess.asserted import NOTHING, Known, sentence
from readiness.assess.confidence import grade
from readiness.assess.dependencies import dependencies_of
from readiness.assess.ground import Ground, Unit, source_lines
from readiness.assess.judge import Judged, at_traffic
from readiness.assess.money import savings
from readiness.assess.moves import moves
from readiness.assess.plan import blockers, steps
from readiness.assess.score import UNKNOWN, benefit_shares, borderline, risk_shares, risk_weights, whole_tenths
from readiness.assess.team import gated
from readiness.assess.words import flips, inside, named, reason, unread_files
from readiness.types.effort import TeamRow
from readiness.types.evidence import AssertedRow, Evidence, Savings
from readiness.types.program import EntryPoint
from readiness.types.report import (
    CallOut,
    Contribution,
    Entry,
    ModuleSets,
    RankStability,
    Scores,
    ServiceRow,
    TestsFound,
)
from readiness.types.rulebook import Scoring
from readiness.types.services import STAGES, Service, Wire


def service_row(
    row: Judged, rank: int | None, stable: RankStability | None, wave: int | None, ground: Ground, goal: str,
    evidence: Evidence, team: TeamRow,
) -> ServiceRow:  # fmt: skip
    """Axes in tenths, scores to four places, both None below half judged."""
    named = _with_findings(_named(row, rank, ground), row, wave, ground, team)
    if row.score is None:
        return named
    scoring = ground.scoring
    contributions = _contributions(row, scoring, goal)
    return replace(
        named,
        borderline=borderline(row.numbers, scoring),
        reason=reason(
            row.verdict,
            contributions,
            row.numbers.gates,
            row.effort.days,
            row.fixes,
            sentence(_known(row, ground)),
            dict(row.service.operations).get(STAGES),
        ),
        benefit=round(row.numbers.benefit, 1),
        benefit_net=round(row.numbers.net, 1),
        effort=round(row.effort.chart, 1),
        risk=round(row.numbers.risk, 1),
        confidence=round(row.numbers.confidence, 4),
        grade=grade(row.numbers.confidence, ground),
        rank_stability=stable,
        flips=flips(row.numbers, row.signals, row.values, scoring, goal),
        contributions=contributions,
        effort_days=row.effort.days,
        effort_items=row.effort.items,
        wave=wave,
        savings=_saved(row, _known(row, ground), ground, goal, evidence),
    )


def _known(row: Judged, ground: Ground) -> Known:
    return ground.known.get(row.service.id, NOTHING)


def _with_findings(named: ServiceRow, row: Judged, wave: int | None, ground: Ground, team: TeamRow) -> ServiceRow:
    """With what was found in it and said of it, whether or not it could be judged."""
    service, known, order = row.service, _known(row, ground), moves(row.unit, ground)
    return replace(
        named,
        dependencies=dependencies_of((*service.own, *service.shared), service.functions, ground.fits, ground.marks),
        blockers=blockers(row.findings, ground),
        fixes=row.fixes,
        calls_out=tuple(_wire(wire) for wire in service.calls_out),
        called_by=tuple(_wire(wire) for wire in service.called_by),
        operations=_operations(service),
        tests=_tests(service, ground),
        history=_history(row.unit, ground),
        steps=steps(row.verdict, row.unit, row.numbers.gates, row.fixes, order),
        moves=order,
        asserted=_asserted(known),
        owners=(known.owner,) if known.owner else None,
        gates=gated(row.numbers.gates, wave, team),
    )


def _saved(row: Judged, known: Known, ground: Ground, goal: str, evidence: Evidence) -> Savings | None:
    def at(factor: float) -> tuple[float, str]:
        return at_traffic(row, factor, ground, goal)

    day = evidence.person_day.value if evidence.person_day else None
    return savings(known, row.service.archetype, row.effort.days, ground.scoring, at, day, evidence.currency)


def _asserted(known: Known) -> tuple[AssertedRow, ...]:
    """What the user says, in the order of the files; what an access log says is one row."""
    found = []
    for row in known.rows:
        found += [
            AssertedRow(name, figure.value, "", row.route, figure.path, figure.line)
            for name, figure in row.figures.items()
        ]
        words = (("owner", row.owner), ("criticality", row.criticality))
        found += [AssertedRow(name, None, word, row.route, row.path, row.line) for name, word in words if word]
    rate = known.rate
    if rate is not None and not any(row.name == "requests_per_second" for row in found):
        found.append(AssertedRow("requests_per_second", round(rate.value, 4), "", "", rate.path, rate.line))
        if known.seconds is not None:
            found.append(AssertedRow("mean_ms", round(1000 * known.seconds, 1), "", "", rate.path, rate.line))
    return tuple(found)


def _named(row: Judged, rank: int | None, ground: Ground) -> ServiceRow:
    """What services found, with the verdict and the scores; everything else unknown."""
    service = row.service
    unread = dict(sorted(Counter(ground.unread[name] for name in service.own if name in ground.unread).items()))
    lost = unread_files(unread)
    return ServiceRow(
        rank=rank,
        id=service.id,
        name=service.name,
        root=service.root,
        kind=service.kind,
        archetype=service.archetype,
        archetypes=service.archetypes,
        roles=service.roles,
        judged=service.judged,
        evidence=service.evidence,
        entry_points=tuple(_entry(entry) for entry in service.entries),
        modules=ModuleSets(service.own, service.shared),
        lines=service.lines,
        verdict=row.verdict,
        borderline=None,
        reason=f"Only {service.judged:.0%} of its lines could be analysed{': ' + lost if lost else ''}.",
        score=_shown(row.score, 4),
        scores=Scores(_shown(row.scores.throughput, 4), _shown(row.scores.footprint, 4)),
        benefit=None,
        benefit_net=None,
        effort=None,
        risk=None,
        confidence=None,
        grade=None,
        doubts=row.doubts,
        seams=service.seams,
        data=service.data,
        contracts=service.contracts,
        api=service.api,
        gates=row.numbers.gates,
        strength=round(service.strength, 4),
        unread=unread,
    )


def _contributions(row: Judged, scoring: Scoring, goal: str) -> tuple[Contribution, ...]:
    """Points per axis in tenths that add up to the axis as shown, strongest first; unknown and absent signals have none."""
    gains = whole_tenths(benefit_shares(row.values, scoring, goal), row.numbers.benefit)
    risks = whole_tenths(risk_shares(row.values, scoring), row.numbers.risk)
    production = row.effort.days.production
    drivers = {item.driver: row.effort.chart * item.production / production for item in row.effort.items if production}
    days = whole_tenths(drivers, row.effort.chart) if drivers else {}
    rows = []
    for name, signal in row.signals.items():
        axis = scoring.signals[name].axis or "benefit"
        points = (risks if axis == "risk" else gains).get(name, 0.0)
        state = "unknown" if signal.value is None else "present" if signal.value else "absent"
        value = None if signal.value is None else round(signal.value, 4)
        rows.append(Contribution(axis, name, value, points, signal.detail, signal.evidence, state))
    hidden = ", ".join(
        inside(named(name))
        for name, signal in row.signals.items()
        if signal.value is None and name in risk_weights(scoring)
    )
    rows.append(
        Contribution(
            "risk",
            UNKNOWN,
            None,
            risks[UNKNOWN],
            f"what could not be seen counts as half a risk: {hidden or 'nothing'}",
            (),
            UNKNOWN,
        )
    )
    for item in row.effort.items:
        if item.driver in days:
            rows.append(
                Contribution("effort", item.driver, round(item.production, 1), days[item.driver], item.detail, ())
            )
    axes = ("benefit", "risk", "effort")
    return tuple(sorted(rows, key=lambda row: (axes.index(row.axis), -row.points, row.state, row.signal)))


def _shown(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def _entry(entry: EntryPoint) -> Entry:
    return Entry(entry.kind, entry.path, entry.line, entry.target, entry.detail, entry.reach)


def _wire(wire: Wire) -> CallOut:
    return CallOut(wire.service, wire.contract, wire.target, wire.line, wire.serialisation, wire.confidence)


def _operations(service: Service) -> Mapping[str, str] | None:
    known = {"replicas": service.replicas, "workers": service.workers, "command": service.command or None}
    return {name: str(value) for name, value in known.items() if value is not None} | dict(service.operations) or None


def _tests(service: Service, ground: Ground) -> TestsFound | None:
    if not ground.has_tests:
        return None
    modules = tuple(sorted({test for name in service.own for test in ground.tests_of.get(name, ())}))
    return TestsFound(modules, sum(source_lines(ground.modules[name]) for name in modules))


def _history(unit: Unit, ground: Ground) -> Mapping[str, float] | None:
    """Changes of its files (a commit that touches three counts three times) and authors; None without a full history."""
    if ground.git.head_date is None or ground.git.is_shallow:
        return None
    paths = (ground.modules[name].path for name in unit.own if name in ground.modules)
    found = [ground.history[path] for path in paths if path in ground.history]
    authors: dict[str, int] = {}
    for row in found:
        for author, count in row.authors.items():
            authors[author] = authors.get(author, 0) + count
    return {
        "changes_90": float(sum(row.commits_90 for row in found)),
        "changes_365": float(sum(row.commits_365 for row in found)),
        "authors": float(len(authors)),
        "top_author_share": round(max(authors.values(), default=0) / max(1, sum(authors.values())), 4),
    }
