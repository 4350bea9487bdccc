"""Report -> the numbers from outside that would change its answer most: each tried at its least and its most. By the program's own arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readiness.assess.asserted import PER_REQUEST
from readiness.report.arithmetic import Values, can_score, rescore, scoring_of, values_of
from readiness.types.report import Report, ServiceRow
from readiness.types.rulebook import Scoring

MOST = 5
SIGNALS = {  # key of evidence -> the signal that it makes known
    "requests_per_second": "traffic",
    "cost_per_month": "cost_share",
    "instances": "replicas",
    "memory_mib": "prefork_memory",
    "start_seconds": "cold_start",
}


class Telling(Struct, frozen=True):
    """A number that nobody said, with the score and the verdict at its least and its most."""

    service: str  # id
    key: str  # of types.evidence.ServiceEvidence
    low: float
    high: float
    verdict_low: str
    verdict_high: str


def telling(report: Report) -> list[Telling]:
    """At most MOST: those that turn a verdict first, then those that move a score furthest. Empty where the document is too old."""
    if not can_score(report):
        return []
    scoring = scoring_of(report)
    found = [
        row for service in report.services if service.score is not None for row in _tried(service, scoring, report.goal)
    ]
    found.sort(key=lambda row: (row.verdict_low == row.verdict_high, row.low - row.high, row.service, row.key))
    return [row for row in found if row.high - row.low >= 0.05 or row.verdict_low != row.verdict_high][:MOST]


def _tried(service: ServiceRow, scoring: Scoring, goal: str) -> Iterator[Telling]:
    values = values_of(service, scoring)
    said = {row.name for row in service.asserted}
    for key, signal in SIGNALS.items():
        if key not in said and signal in values and values[signal] is None:
            least, most = (rescore(service, _at(values, key, to), scoring, scoring, goal) for to in (0.0, 1.0))
            yield Telling(service.id, key, least.score or 0.0, most.score or 0.0, least.verdict, most.verdict)


def _at(values: Values, key: str, to: float) -> Values:
    """Without requests nothing waits for one, where requests come in."""
    is_idle = key == "requests_per_second" and not to and bool(values.get("served"))
    rest = {name: 0.0 if is_idle and value and name in PER_REQUEST else value for name, value in values.items()}
    return {**rest, SIGNALS[key]: to}
