"""Report -> its score made again, under the same or other weights, by the program's own arithmetic. Needs nothing but the document."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from readiness.assess.score import (
    NOT_JUDGED,
    PORT_FIRST,
    PORT_LATER,
    TECHNICAL,
    Numbers,
    factor,
    limit,
    priority,
    verdict,
)
from readiness.assess.words import moved
from readiness.types.report import Report, ServiceRow
from readiness.types.rulebook import Scoring, Weight

BLIND = "no-oracle"  # the one gate that depends on the weights: no test and no contract, and the risk is high
ASKED = frozenset(  # thresholds without which no score is made anew
    [
        "off_goal",
        "foot_own",
        "unknown_risk",
        "oracle_risk",
        "priority_benefit",
        "priority_risk",
        "keep_benefit",
        "optimise_net",
        "optimise_benefit",
        "decouple_cut",
        "decouple_data",
        "decouple_risk",
        "port_benefit",
        "port_net",
        "port_risk",
        "port_confidence",
        "port_entry",
    ]
)
GROUPS = {"factor": "verdict_factor", "confidence": "confidence"}

Values = Mapping[str, float | None]


class Scored(Struct, frozen=True):
    """A service under some weights. `score` is None where it could not be judged."""

    id: str
    verdict: str
    score: float | None
    numbers: Numbers


def scoring_of(report: Report) -> Scoring:
    """The scoring table that the document was made with; empty tables for a document without one."""
    named: dict[str, dict[str, float]] = {}
    for key, value in report.scoring.items():
        group, _, name = key.partition(".")
        named.setdefault(group, {})[name] = value

    def weights(group: str) -> dict[str, Weight]:
        return {name: Weight(name, value, "", "") for name, value in named.get(group, {}).items()}

    signals = {
        row.name: Weight(row.name, row.weight, row.why, "", row.axis, row.family, row.remedy) for row in report.signals
    }
    tables = {table: named.get(group, {}) for group, table in GROUPS.items()}
    return Scoring("", weights("family"), signals, weights("threshold"), tables)


def can_score(report: Report) -> bool:
    """Whether the document holds what makes a score; one of an older version may not."""
    asked = {"factor.port-first", *(f"threshold.{name}" for name in ASKED)}
    asked |= {f"family.{row.family}" for row in report.signals if row.family is not None}
    return bool(report.signals) and asked <= report.scoring.keys()


def values_of(service: ServiceRow, scoring: Scoring) -> dict[str, float | None]:
    """Signal -> its value, None where unknown."""
    return {
        row.signal: row.value
        for row in service.contributions
        if row.axis != "effort" and row.signal in scoring.signals  # a driver of effort may be called like a signal
    }


def rescore(service: ServiceRow, values: Values, now: Scoring, before: Scoring, goal: str) -> Scored:
    """The service with these values under `now`. Its confidence is known under `before`, the weights of the document."""
    if service.score is None or service.confidence is None:
        return Scored(service.id, NOT_JUDGED, None, Numbers(0.0, 0.0, 0.0, 0.0, 0.0))
    share = now.tables["confidence"].get("coverage", 0.0)
    known = share * (_coverage(values, now) - _coverage(values_of(service, before), before))
    gates = tuple(gate for gate in service.gates if gate != BLIND)
    blank = Numbers(0.0, 0.0, 0.0, service.confidence + known, service.strength or 0.0, gates=gates)
    numbers = moved(blank, values, now, goal)
    if values.get("tests") == 1.0 and not service.contracts and numbers.risk >= limit(now, "oracle_risk"):
        numbers = replace(numbers, gates=(*gates, BLIND))
    of = verdict(numbers, now)
    return Scored(service.id, of, priority(numbers.net, numbers.risk, now) * factor(of, now), numbers)


def turning_share(service: ServiceRow, scoring: Scoring, goal: str) -> tuple[float, str] | None:
    """The share of its technical signals, in whole per cent, below which a service to port is none any more, and the verdict then."""
    if service.verdict not in (PORT_FIRST, PORT_LATER):
        return None
    values = values_of(service, scoring)
    families = {name: row.family for name, row in scoring.signals.items()}
    for percent in range(99, -1, -1):
        weaker = {
            name: value * percent / 100 if value is not None and families.get(name) in TECHNICAL else value
            for name, value in values.items()
        }
        other = rescore(service, weaker, scoring, scoring, goal).verdict
        if other not in (PORT_FIRST, PORT_LATER):
            return (percent + 1) / 100, other
    return None


def _coverage(values: Values, scoring: Scoring) -> float:
    """As assess.confidence has it: the share of the weight of all signals whose value is known."""
    weights = {name: row.value for name, row in scoring.signals.items() if name in values}
    total = sum(weights.values())
    return sum(weight for name, weight in weights.items() if values[name] is not None) / total if total else 0.0
