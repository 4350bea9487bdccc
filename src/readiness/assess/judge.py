"""Services, findings, Ground -> Judged: the numbers and the verdict of every service, and of every module by the same arithmetic.

Never rates what could not be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from readiness.assess.asserted import NOTHING as NOTHING_SAID
from readiness.assess.asserted import told
from readiness.assess.confidence import confidence
from readiness.assess.ground import Border, Ground, Unit
from readiness.assess.holds import hold_signals
from readiness.assess.plan import Effort, effort, fixes
from readiness.assess.risks import gates_of, risk_signals
from readiness.assess.score import (
    KEEP,
    LARGE,
    NOT_JUDGED,
    Numbers,
    Values,
    benefit,
    factor,
    factor_near,
    limit,
    priority,
    risk,
    risk_weights,
    verdict,
)
from readiness.assess.signals import benefit_signals
from readiness.assess.units import borders, leaving, module_unit, service_paths, unit_of, with_own
from readiness.assess.words import moved
from readiness.findings.mends import Mend, mends
from readiness.types.assess import ModuleScore, Signal
from readiness.types.findings import Finding
from readiness.types.report import Doubt, Fix, Scores
from readiness.types.rulebook import Scoring
from readiness.types.services import Service, Services

GOALS = ("throughput", "footprint")
NOTHING = ModuleScore(None, None, None, None)


class Judged(NamedTuple):
    """A service with its numbers, before it has a rank."""

    unit: Unit
    service: Service
    signals: Mapping[str, Signal]
    values: Values
    numbers: Numbers
    verdict: str
    score: float | None
    scores: Scores
    effort: Effort
    doubts: tuple[Doubt, ...]
    findings: tuple[Finding, ...]
    fixes: tuple[Fix, ...]
    base: Mapping[str, Signal]  # the signals as the code alone shows them


class Union(NamedTuple):
    """What was read of some modules together: signal values, R, whether the gate `keep` holds, effort for charts."""

    values: Values
    risk: float
    is_kept: bool
    chart: float


class Rated(NamedTuple):
    value: float  # its priority, less where it is kept
    gain: float  # B
    is_kept: bool


def judge_services(services: Services, findings: tuple[Finding, ...], ground: Ground, goal: str) -> list[Judged]:
    services = with_own(services, ground)
    owners: dict[str, tuple[str, ...]] = {}
    for service in services.found:
        for module in service.own:
            owners[module] = (*owners.get(module, ()), service.id)
    border = borders(ground.program, owners)
    by_module: dict[str, list[Finding]] = {}
    for row in findings:
        by_module.setdefault(row.module, []).append(row)
    by_target = {row.target: i for i, row in enumerate(ground.program.functions)}
    mended = _mended(services, findings, ground)
    judged = []
    for service, paths in zip(services.found, service_paths(services, ground), strict=True):
        here = border.get(service.id, Border(0, 0, 0))
        unit = unit_of(service.own, service.functions, service.entries, here, paths, ground, service)
        own = tuple(row for module in service.own for row in by_module.get(module, ()))
        judged.append(_judge(unit, service, own, fixes(unit, mended, by_target), ground, goal))
    return judged


def _mended(services: Services, findings: tuple[Finding, ...], ground: Ground) -> dict[str, list[Mend]]:
    """Module -> the changes in Python that mend its findings."""
    entries = tuple(entry for service in services.found for entry in service.entries)
    found: dict[str, list[Mend]] = {}
    for mend in mends(findings, entries, ground.program, ground.rulebook):
        for module in sorted({row.module for row in mend.findings}):
            found.setdefault(module, []).append(mend)
    return found


def _judge(
    unit: Unit, service: Service, own: tuple[Finding, ...], repairs: tuple[Fix, ...], ground: Ground, goal: str
) -> Judged:
    moved_away = leaving(unit, ground)
    base = {row.name: row for read in (benefit_signals, hold_signals, risk_signals) for row in read(moved_away, ground)}
    signals = {**base, **told(base, ground.known.get(service.id, NOTHING_SAID), service.workers, ground.scoring)}
    values = {name: row.value for name, row in signals.items()}
    at_risk = _risk(values, ground.scoring)
    sure, doubts = confidence(unit, values, ground)
    work = effort(unit, at_risk, own, ground)
    gates = gates_of(unit, values, at_risk, ground)
    if work.days.production > limit(ground.scoring, "first_days"):
        gates = (*gates, LARGE)
    blank = Numbers(0.0, 0.0, at_risk, sure, service.strength, gates=gates)
    by_goal = {name: moved(blank, values, ground.scoring, name) for name in GOALS}
    is_judged = service.judged >= limit(ground.scoring, "judged")
    numbers = by_goal[goal]
    of = verdict(numbers, ground.scoring) if is_judged else NOT_JUDGED
    scores = {name: _score(row, ground.scoring) if is_judged else None for name, row in by_goal.items()}
    return Judged(
        unit, service, signals, values, numbers, of, scores[goal], Scores(scores["throughput"], scores["footprint"]),
        work, doubts, own, repairs, base,
    )  # fmt: skip


def at_traffic(row: Judged, factor: float, ground: Ground, goal: str) -> tuple[float, str]:
    """Score and verdict at `factor` times the traffic that was said, on as many more instances."""
    more = told(row.base, ground.known.get(row.service.id, NOTHING_SAID), row.service.workers, ground.scoring, factor)
    values = {**row.values, **{name: signal.value for name, signal in more.items()}}
    numbers = moved(row.numbers, values, ground.scoring, goal)
    return _score(numbers, ground.scoring), verdict(numbers, ground.scoring)


def _risk(values: Values, scoring: Scoring) -> float:
    return risk(values, risk_weights(scoring), limit(scoring, "unknown_risk"))[0]


def _score(numbers: Numbers, scoring: Scoring) -> float:
    return priority(numbers.net, numbers.risk, scoring) * factor(verdict(numbers, scoring), scoring)


def judge_modules(ground: Ground, goal: str) -> dict[str, ModuleScore]:
    """Every module as S = {module}; `package_share` of its score is that of its package: what moves is rarely one file.

    Gates other than `keep`, and verdicts, are for services; what part of its priority counts, its benefit says.
    """
    found = dict.fromkeys(ground.modules, NOTHING)
    for alone, package in unions(ground):
        joint = rated(package, ground.scoring, goal)
        for name, union in alone.items():
            own = rated(union, ground.scoring, goal) if len(alone) > 1 else joint
            score = module_score(own, joint, ground.scoring)
            found[name] = ModuleScore(round(score, 4), round(own.gain, 1), round(union.risk, 1), round(union.chart, 1))
    return found


def rated(union: Union, scoring: Scoring, goal: str) -> Rated:
    net = benefit(union.values, scoring, goal, is_net=True)
    value = priority(net, union.risk, scoring) * (factor(KEEP, scoring) if union.is_kept else 1.0)
    return Rated(value, benefit(union.values, scoring, goal), union.is_kept)


def module_score(own: Rated, package: Rated, scoring: Scoring) -> float:
    """The score of a module in its package (of a module without one: in itself), on the scale of a service's score."""
    share = limit(scoring, "package_share")
    value = (1 - share) * own.value + share * package.value
    return value if own.is_kept else value * factor_near((1 - share) * own.gain + share * package.gain, scoring)


def unions(ground: Ground) -> Iterator[tuple[dict[str, Union], Union]]:
    """Per package its modules, each read by itself, and all of them read as one. Tests and what was not judged are left out."""
    judged = {name: m for name, m in ground.modules.items() if m.is_judged and not m.is_test}
    folders: dict[str, list[str]] = {}
    packages_at = {m.path.rpartition("/")[0] for m in ground.modules.values() if m.is_package}
    for name, module in judged.items():
        folder = module.path.rpartition("/")[0]
        folders.setdefault(folder if folder in packages_at else module.path, []).append(name)
    alone = borders(ground.program, {name: (name,) for name in judged})
    joint = borders(ground.program, {name: (folder,) for folder, names in folders.items() for name in names})
    for folder, names in folders.items():
        read = {name: _read((name,), alone[name], ground) for name in names}
        yield read, _read(tuple(names), joint[folder], ground) if len(names) > 1 else read[names[0]]


def _read(names: tuple[str, ...], border: Border, ground: Ground) -> Union:
    unit = module_unit(names, border, ground)
    signals = (*benefit_signals(unit, ground), *hold_signals(unit, ground), *risk_signals(unit, ground))
    values = {row.name: row.value for row in signals}
    at_risk = _risk(values, ground.scoring)
    is_kept = "keep" in gates_of(unit, values, at_risk, ground)
    return Union(values, at_risk, is_kept, effort(unit, at_risk, (), ground).chart)
