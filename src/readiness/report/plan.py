"""Report -> the decision page and the waves: at most five rows to do, fix or leave, three unknowns, days and people. No markup."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from readiness.report.answer import against, all_fixes, in_order, why
from readiness.report.text import PORTS, SIGNALS, count, days, listed, sentence, work
from readiness.types.report import Report, ServiceRow

MOST_ROWS, MOST_UNKNOWNS, MOST_FIXES = 5, 3, 10
WEEK = 5  # working days
SUPPLIERS = {  # signal that is unknown -> (what is missing, who can say it)
    "cost_share": ("its part of the monthly bill", "whoever pays for the machines"),
    "replicas": ("how many instances run", "operations: the manifests or the orchestrator"),
    "prefork_memory": ("worker processes and their memory", "operations: one look at a running host"),
    "cold_start": ("the time from start to first answer", "operations: one timed start"),
    "moving": ("how often the code changes", "whoever runs the scan: a checkout with its full history"),
    "tests": ("which tests guard its behaviour", "its developers: scan the folder with the tests too"),
    "ecosystem": ("what Go has for its libraries", "its developers: [tool.readiness.dependencies]"),
    "data": ("who owns the data that it shares", "its developers and the owners of the database"),
    "types": ("the types at its border", "its developers"),
}
TRAFFIC = ("requests per second and latency of each entry point", "operations: metrics of the load balancer")


class PlanRow(Struct, frozen=True):
    do: str  # Do | Fix | Leave
    id: str | None  # of a service
    name: str
    what: str
    days: str
    people: str


class Unknown(Struct, frozen=True):
    what: str
    of: str  # the services that it is unknown of
    who: str


class Wave(Struct, frozen=True):
    number: int
    rows: tuple[ServiceRow, ...]
    expert: float
    production: float
    worst: float


def plan_rows(report: Report) -> list[PlanRow]:
    """The rows of the decision page: what to port, what to fix, what to leave; the first by rank, the last in one row."""
    ranked = in_order(report)
    fixes = all_fixes(report)
    ports = [service for service in ranked if service.verdict in PORTS]
    tied = [service for service in ranked if service.verdict == "decouple-first"]
    rest = [service for service in ranked if service.verdict not in (*PORTS, "decouple-first")]
    rows = [_service(service, "Do", report) for service in ports[:2]]
    if fixes:
        spent = sum(fix.days for _, fix in fixes)
        first = fixes[0][1]
        what = f"first {first.path}:{first.line}: {first.change}"
        rows.append(PlanRow("Fix", None, count(len(fixes), "place") + " in Python", what, work(spent), people(spent, report)))  # fmt: skip
    rows += [_service(service, "Fix", report) for service in tied[: 1 if rest else 2]]
    others = [*ports[2:], *tied[1:]]
    if rest:
        rows.append(
            PlanRow("Leave", None, listed([s.name for s in rest]), sentence(against(rest[0])), "none", "nobody")
        )
    if others and len(rows) < MOST_ROWS:
        rows.append(PlanRow("Later", None, listed([s.name for s in others]), "after the rows above", _sum(others), ""))
    return rows[:MOST_ROWS]


def people(spent: float, report: Report) -> str:
    """Person-days as people and weeks; a team of more than one where one needs longer than three months."""
    quarter = 3 * report.scoring.get("threshold.days_per_month", 19.0)
    if spent <= 0:
        return "nobody"
    if spent <= quarter:
        return f"1 person, {count(math.ceil(spent / WEEK), 'week')}"
    return f"{math.ceil(spent / quarter)} people, 3 months"


def unknowns(report: Report) -> list[Unknown]:
    """What would change the answer most and nobody said: traffic, which no reading of code can tell, then the heaviest signals."""
    ranked = [service for service in in_order(report) if service.score is not None][:MOST_ROWS]
    if not ranked:
        return []
    found = [Unknown(TRAFFIC[0], "every service", TRAFFIC[1])]
    weight = {row.name: row.weight for row in report.signals}
    missing: dict[str, list[str]] = {}
    for service in ranked:
        for row in service.contributions:
            if row.state == "unknown" and row.axis != "effort" and row.signal != "unknown":
                missing.setdefault(row.signal, []).append(service.name)
    order = sorted(missing, key=lambda name: (-len(missing[name]) * weight.get(name, 0.1), name))
    for name in order[: MOST_UNKNOWNS - 1]:
        words = SIGNALS.get(name, name.replace("_", " ")).lower()
        what, who = SUPPLIERS.get(name, (words, "its developers"))
        found.append(Unknown(what, listed(missing[name]), who))
    return found


def waves(ranked: Sequence[ServiceRow]) -> list[Wave]:
    """The services that have a wave, wave by wave, in rank order inside."""
    numbers = sorted({service.wave for service in ranked if service.wave is not None})
    found = []
    for wave in numbers:
        rows = tuple(service for service in ranked if service.wave == wave)
        spans = [service.effort_days for service in rows if service.effort_days is not None]
        found.append(
            Wave(
                wave, rows, sum(s.expert for s in spans), sum(s.production for s in spans), sum(s.worst for s in spans)
            )
        )
    return found


def _service(service: ServiceRow, do: str, report: Report) -> PlanRow:
    span = service.effort_days
    what = sentence(why(service)) if do == "Do" else sentence(against(service))
    if span is None:
        return PlanRow(do, service.id, service.name, what, "not estimated", "")
    shown = f"{work(span.production)} ({days(span.expert)}–{days(span.worst)})"
    return PlanRow(do, service.id, service.name, what, shown, people(span.production, report))


def _sum(services: Sequence[ServiceRow]) -> str:
    return work(sum(s.effort_days.production for s in services if s.effort_days is not None))
