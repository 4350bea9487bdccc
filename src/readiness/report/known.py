"""Report -> what was said of services from outside of the code, in words, and what was not. Numbers are the user's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from readiness.report.text import count, listed, money, number
from readiness.types.evidence import AssertedRow
from readiness.types.report import Report, ServiceRow

SAYS = {  # what a reader asks for -> the keys that answer it
    "traffic": ("requests_per_second",),
    "latency": ("p50_ms", "p95_ms", "p99_ms", "mean_ms"),
    "memory": ("memory_mib",),
    "cost": ("cost_per_month",),
}
LABELS = {
    "requests_per_second": "Requests or messages a second",
    "p50_ms": "Half of the answers within, ms",
    "p95_ms": "95 of 100 answers within, ms",
    "p99_ms": "99 of 100 answers within, ms",
    "mean_ms": "Mean time to the answer, ms",
    "instances": "Instances",
    "cpu_cores": "Processors busy per instance",
    "memory_mib": "Memory per instance, MiB",
    "start_seconds": "Start to first answer, s",
    "cost_per_month": "Cost a month",
    "growth_per_year": "Traffic in a year over traffic now",
    "owner": "Owner",
    "criticality": "Criticality",
}
POTENTIAL = "every benefit is a potential until they confirm it"


class Case(Struct, frozen=True):
    """A line of the table on more traffic."""

    traffic: str
    cost: str
    saving: str
    verdict: str


def confirmed(service: ServiceRow) -> bool:
    """Whether somebody said how much traffic it has."""
    return any(row.name == "requests_per_second" for row in service.asserted)


def is_library(service: ServiceRow) -> bool:
    """Whether it runs only inside of other programs: it has no traffic, no workers and no bill of its own."""
    return service.archetype == "library"


def not_measured(report: Report) -> str:
    """What nobody said of any service, and of how many it was said."""
    judged = [service for service in report.services if service.score is not None]
    if judged and all(is_library(service) for service in judged):
        return "What the programs that use it spend in it was not measured"
    known = {what: sum(_is_said(service, keys) for service in judged) for what, keys in SAYS.items()}
    none = [what for what in SAYS if not known[what]]
    said = f"{_capital(listed(none, 4))} {'was' if len(none) == 1 else 'were'} not measured" if none else ""
    parts = [said + (f": {POTENTIAL}" if "traffic" in none else "")] if none else []
    for many in sorted(set(known.values()) - {0}, reverse=True):
        whats = [what for what in SAYS if known[what] == many]
        parts.append(
            f"{listed(whats, 4)} {'is' if len(whats) == 1 else 'are'} known of {many} of {count(len(judged), 'service')}"
        )
    return "; ".join(parts)


def unsaid(services: Sequence[ServiceRow]) -> dict[int, list[str]]:
    """Number of services, the most first -> what nobody said of so many, out of traffic, latency and cost. A library has none."""
    services = [service for service in services if not is_library(service)]
    found: dict[int, list[str]] = {}
    if not services:
        return {}
    for what in ("traffic", "latency", "cost"):
        found.setdefault(sum(not _is_said(service, SAYS[what]) for service in services), []).append(what)
    return {many: found[many] for many in sorted(found, reverse=True) if many}


def shown(row: AssertedRow) -> str:
    """The value as a reader wants it."""
    return row.text if row.value is None else f"{row.value:,g}"


def label(row: AssertedRow) -> str:
    route = f", {row.route}" if row.route else ""
    return LABELS.get(row.name, row.name) + route


def saving(service: ServiceRow) -> str:
    """The bound in a sentence; "" where nobody said what the service costs."""
    found = service.savings
    if found is None:
        return ""
    unit = f" {found.currency}" if found.currency else ""
    span = f"{money(found.high)}{unit} a month of {money(found.cost)}, likely {money(found.likely)}, or only {money(found.low)}"
    months = found.payback_months
    back = f"; at the likely saving it pays for itself after {months:,.0f} months" if months is not None else ""
    return f"A port saves at most {span}{back}"


def cases(service: ServiceRow) -> list[Case]:
    """At 1, 3 and 10 times the traffic, if cost and instances grow with it."""
    rows = service.savings.cases if service.savings is not None else ()
    return [
        Case(
            f"x {row.factor:g}" + (f", in {row.months:,.0f} months" if row.months is not None else ""),
            money(row.cost), f"{money(row.low)} to {money(row.high)}", row.verdict,
        )
        for row in rows
    ]  # fmt: skip


def team(report: Report) -> str:
    """Who is there to port, and what that adds to the first port; "" for a document of an older version."""
    row = report.team
    if row is None:
        return ""
    holds = f"a wave holds {number(row.wave_days)} days"
    if row.go is None:
        each = report.scoring.get("threshold.learning_days", 19.0)
        return f"Nobody said who knows Go: a team's first Go service takes {each:g} days more for each two who learn it; {holds}"
    of = f" of {row.people}" if row.people is not None else ""
    said = "as the settings say" if row.source == "settings" else "who changed Go files here in the last year"
    parts = [f"{row.go}{of} know Go, {said}", holds]
    parts += [f"{row.learning_days:g} days of learning are in the first port"] if row.learning_days else []
    parts += ["find two who will own the Go code before the first wave"] if row.go < 2 else []
    return "; ".join(parts)


def _is_said(service: ServiceRow, keys: Iterable[str]) -> bool:
    return any(row.name in keys for row in service.asserted)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
