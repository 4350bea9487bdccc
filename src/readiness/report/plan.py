"""Report -> the decision page and the waves: at most five rows to do, fix, cut loose or leave, three unknowns, days and people. No markup."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from readiness.report.answer import all_fixes, begin, in_order, is_open, said, seen, why
from readiness.report.known import confirmed, is_library
from readiness.report.text import clause, count, days, listed, sentence, work
from readiness.types.report import Report, ServiceRow

MOST_ROWS, MOST_UNKNOWNS, MOST_FIXES = 5, 3, 10
MOST_REASON = 130  # characters of why the first of several stays
WEEK = 5  # working days
SUPPLIERS = {  # signal that is unknown -> (what is missing, who can say it)
    "cost_share": ("share of the monthly bill", "whoever pays for the machines"),
    "replicas": ("how many instances run", "operations: the manifests or the orchestrator"),
    "prefork_memory": ("worker processes and their memory", "operations: one look at a running host"),
    "cold_start": ("the time from start to first answer", "operations: one timed start"),
    "pool_width": ("how many threads its pools start", "operations: its settings"),
    "one_shot": ("whether it runs once and ends, or stays", "operations: how it is started"),
    "proxy_shape": ("which other services its routes only pass requests on to", "its developers"),
    "moving": ("how often the code changes", "whoever runs the scan: a checkout with its full history"),
    "tests": ("which tests guard its behaviour", "its developers: scan the folder with the tests too"),
    "ecosystem": ("what Go has for its libraries", "its developers: [tool.readiness.dependencies]"),
    "data": ("who owns the data that it shares", "its developers and the owners of the database"),
    "types": ("the types at its border", "its developers"),
}
TRAFFIC = ("requests per second and latency of each entry point", "operations: metrics of the load balancer")
USERS = (
    "which programs use it, and how much of their time they spend in it",
    "the teams that run them: one profile under load",
)
OF_PROCESSES = (
    "cost_share",
    "replicas",
    "prefork_memory",
    "cold_start",
    "one_shot",
    "proxy_shape",
)  # signals that only what runs on its own can have


class PlanRow(Struct, frozen=True):
    do: str  # Do | Fix | Cut | Later | Leave
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
    """The rows of the decision page: what to port, what to fix, what to cut loose, what comes later, what to leave.

    What is done, rejected or deferred is in none of them.
    """
    ranked = [service for service in in_order(report) if is_open(service)]
    kinds = {"port-first": "Do", "port-later": "Later", "decouple-first": "Cut", "optimise-in-python": "Fix"}
    by: dict[str, list[ServiceRow]] = {"Do": [], "Fix": [], "Later": [], "Cut": [], "Leave": []}
    for service in ranked:
        by[kinds.get(service.verdict, "Leave")].append(service)
    fix = _fix(by["Fix"], report)
    others = sum(map(bool, (fix, by["Cut"], by["Later"] or by["Do"][2:], by["Leave"])))
    first = min(2, MOST_ROWS - others)
    rows = [_service("Do", service, report) for service in by["Do"][:first]] + fix
    for kind in ("Cut", "Later", "Leave"):
        several = [*by["Do"][first:], *by["Later"]] if kind == "Later" else by[kind]
        if len(several) == 1:
            rows.append(_service(kind, several[0], report))
        elif several:
            rows.append(_several(kind, several))
    return rows


def _fix(mended: Sequence[ServiceRow], report: Report) -> list[PlanRow]:
    """The fixes of all services, and those services for which they are enough."""
    fixes, names = all_fixes(report), listed([service.name for service in mended])
    if not fixes:
        return [PlanRow("Fix", None, names, sentence(mended[0].reason), "not estimated", "")] if mended else []
    spent, first = sum(fix.days for _, fix in fixes), fixes[0][1]
    what = sentence(begin(first))
    what += f" {names} {'needs' if len(mended) == 1 else 'need'} nothing else." if mended else ""
    return [PlanRow("Fix", None, count(len(fixes), "place") + " in Python", what, work(spent), people(spent, report))]


def _service(do: str, service: ServiceRow, report: Report) -> PlanRow:
    span = service.effort_days
    shown = f"{work(span.production)} ({days(span.expert)}–{days(span.worst)})" if span else "not estimated"
    if do == "Leave":
        return PlanRow(do, service.id, service.name, sentence(said(service)), "none", "nobody")
    who = people(span.production, report) if span else ""
    return PlanRow(do, service.id, service.name, _what(do, service), shown, who)


def _what(do: str, service: ServiceRow) -> str:
    if do == "Cut":
        stores = sum(1 for row in service.data if row.also and row.kind != "env")
        ties = [count(len(service.seams), "import")] if service.seams or not stores else []
        ties += [count(stores, "shared store")] if stores else []
        verb = "ties" if len(service.seams) + stores == 1 else "tie"
        return sentence(f"{listed(ties)} {verb} it to others; cut them, then port")
    return sentence(why(service))


def _several(do: str, services: Sequence[ServiceRow]) -> PlanRow:
    head = services[0].name
    what = {
        "Cut": f"First {head}: {_what('Cut', services[0])}",
        "Later": f"First {head}: {why(services[0])}.",
        "Leave": f"{head}: {sentence(clause(seen(services[0]), MOST_REASON).rstrip('.'))}",
    }[do]
    if do == "Leave":
        return PlanRow(do, None, listed([s.name for s in services]), what, "none", "nobody")
    spent = sum(s.effort_days.production for s in services if s.effort_days is not None)
    together = "together at most" if _is_shared(services) else "together"
    return PlanRow(
        do, None, listed([s.name for s in services]), what, f"{work(spent)} {together}", "after the rows above"
    )


def _is_shared(services: Sequence[ServiceRow]) -> bool:
    """Whether two of them count the same module in their days."""
    every = [module for service in services for module in {*service.modules.own, *service.modules.shared}]
    return len(set(every)) < len(every)


def people(spent: float, report: Report) -> str:
    """Person-days as people and weeks; a team of more than one where one needs longer than three months."""
    quarter = 3 * report.scoring.get("threshold.days_per_month", 19.0)
    if spent <= 0:
        return "nobody"
    if spent <= quarter:
        return f"1 person, {count(math.ceil(spent / WEEK), 'week')}"
    return f"{math.ceil(spent / quarter)} people, 3 months"


def unknowns(report: Report) -> list[Unknown]:
    """What would change the answer most and nobody said: traffic, which no reading of code can tell, then the heaviest signals.

    A library is asked for its users: it has no requests, no workers and no bill.
    """
    ranked = [service for service in in_order(report) if service.score is not None][:MOST_ROWS]
    if not ranked:
        return []
    libraries = [service.name for service in ranked if is_library(service)]
    silent = [service.name for service in ranked if not is_library(service) and not confirmed(service)]
    of = "every service" if len(silent) == len(ranked) else listed(silent)
    found = [Unknown(TRAFFIC[0], of, TRAFFIC[1])] if silent else []
    found += [Unknown(USERS[0], listed(libraries), USERS[1])] if libraries else []
    weight = {row.name: row.weight for row in report.signals}
    missing: dict[str, list[str]] = {}
    for service in ranked:
        for row in service.contributions:
            if (
                row.state == "unknown"
                and row.signal in SUPPLIERS
                and not (is_library(service) and row.signal in OF_PROCESSES)
            ):
                missing.setdefault(row.signal, []).append(service.name)
    order = sorted(missing, key=lambda name: (-len(missing[name]) * weight.get(name, 0.1), name))
    for name in order[: MOST_UNKNOWNS - len(found)]:
        what, who = SUPPLIERS[name]
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


def needed(ranked: Sequence[ServiceRow], report: Report) -> dict[str, tuple[str, ...]]:
    """Service -> the ids of those whose own modules its own modules import while running."""
    owner = {module: row.id for row in ranked for module in row.modules.own}
    needs: dict[str, set[str]] = {row.id: set() for row in ranked}
    for edge in report.imports:
        importer, imported = owner.get(edge.importer), owner.get(edge.imported)
        if importer is not None and imported is not None and importer != imported and edge.when != "typing":
            needs[importer].add(imported)
    return {name: tuple(sorted(rows)) for name, rows in needs.items()}


def touched(ranked: Sequence[ServiceRow], needs: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Service -> the ids of those that feel its move: they import it, call it over a wire, or share a store with it."""
    found: dict[str, set[str]] = {row.id: set() for row in ranked}
    for row in ranked:
        for other in needs[row.id]:
            found[other].add(row.id)
        found[row.id].update(call.service for call in row.called_by if call.service)
        found[row.id].update(other for store in row.data if store.kind != "env" for other in store.also)
        found[row.id].discard(row.id)
    return {name: tuple(sorted(rows)) for name, rows in found.items()}
