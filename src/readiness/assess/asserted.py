"""Evidence x services -> what is known of each from outside, and the signals that this changes. Never guesses what was not said.

With r requests or messages a second and t the seconds that one takes (p50, or the mean of an access log):

    demand d  = r max(1, t)                            open at once where that is more than arrive in a second (Little's law)
    traffic   = min(1, log2(1 + d) / traffic_log2)
    busy      = min(1, d / busy_requests)              where requests come in, what one has to do counts by how many there are
    waits     = 1 - computing / t                      computing: processors that are busy over r, in seconds a request
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from readiness.assess.score import limit
from readiness.types.assess import Signal
from readiness.types.evidence import AccessLog, Asserted, Evidence, Figure, Hit
from readiness.types.program import EntryPoint
from readiness.types.report import Place
from readiness.types.rulebook import Scoring
from readiness.types.services import Service

PER_REQUEST = frozenset(
    ("served", "waits", "fanout", "request_wait", "blocking_in_async", "consumer", "proxy_shape", "cpu_loops", "serialisation")
)  # fmt: skip
COMPUTING = ("cpu_loops", "serialisation")
ROUTES = frozenset({"http-route", "websocket"})
REST = re.compile(r"\{[^}]*:(path|\.[*+])\}|<path:[^>]*>")  # the rest of a path
PART = re.compile(r"\{[^}]*\}|<[^>]*>|:[A-Za-z_]\w*")


class Known(NamedTuple):
    """What was said of one service."""

    figures: Mapping[str, Figure] = {}
    rows: tuple[Asserted, ...] = ()
    rate: Figure | None = None  # requests or messages a second
    demand: float = 0.0
    seconds: float | None = None  # that one takes
    share: Figure | None = None  # of the bill, 0-1
    owner: str = ""
    criticality: str = ""


NOTHING = Known()


def known_of(evidence: Evidence, services: Sequence[Service]) -> tuple[dict[str, Known], tuple[str, ...]]:
    """Service id -> what was said of it; and a line per access log about what nothing could be said of."""
    rows: dict[str, list[Asserted]] = {}
    ids = {service.name: service.id for service in services} | {service.id: service.id for service in services}
    for row in evidence.rows:
        rows.setdefault(ids.get(row.service, ""), []).append(row)
    hits: dict[str, list[tuple[AccessLog, Hit]]] = {}
    notes = tuple(_share_out(log, services, ids, hits) for log in evidence.logs)
    known = {s.id: _known(rows.get(s.id, []), hits.get(s.id, [])) for s in services if s.id in rows or s.id in hits}
    return _with_shares(known, evidence.bill), notes


def told(base: Mapping[str, Signal], known: Known, workers: int | None, scoring: Scoring, factor: float = 1.0) -> dict[str, Signal]:  # fmt: skip
    """The signals that evidence makes known or corrects, at `factor` times the traffic, on as many more instances."""
    found: dict[str, Signal] = {}
    if known.rate is not None:
        found |= _by_traffic(base, known, scoring, factor)
    if known.share is not None:
        found["cost_share"] = _signal(
            "cost_share", known.share.value, f"{known.share.value:.0%} of the bill", known.share
        )
    figures = known.figures
    if (instances := figures.get("instances")) is not None:
        count = instances.value * factor
        value = min(1.0, math.log2(count) / limit(scoring, "leverage_log2")) if count > 1 else 0.0
        found["replicas"] = _signal("replicas", value, f"{count:g} instances run", instances)
    if (memory := figures.get("memory_mib")) is not None and workers != 1:
        value = min(1.0, memory.value / limit(scoring, "memory_mib"))
        found["prefork_memory"] = _signal("prefork_memory", value, f"one instance uses {memory.value:,.0f} MiB", memory)
    start, cold = figures.get("start_seconds"), base.get("cold_start")
    if start is not None and cold is not None and (cold.value is None or cold.value > 0):
        value = start.value / (start.value + (scoring.signals["cold_start"].half or 1.0))
        found["cold_start"] = _signal(
            "cold_start", value, f"{start.value:g} s from the start to the first answer", start
        )
    return {name: row for name, row in found.items() if name in base}


def sentence(known: Known) -> str:
    """What was said of its traffic, with its line; "" where nothing was."""
    if known.rate is None:
        return ""
    return f"{_rate(known.rate.value)} ({known.rate.path}:{known.rate.line})"


def _rate(value: float) -> str:
    return (
        f"{value:,.3g} requests or messages a second" if value < 1000 else f"{value:,.0f} requests or messages a second"
    )


def _by_traffic(base: Mapping[str, Signal], known: Known, scoring: Scoring, factor: float) -> dict[str, Signal]:
    assert known.rate is not None
    demand, rate = known.demand * factor, known.rate
    served = base.get("served")
    busy = min(1.0, demand / limit(scoring, "busy_requests")) if served is not None and served.value else 1.0
    found = _computing(base, known)
    if busy < 1:
        for name in sorted(PER_REQUEST & set(base)):
            row = found.get(name, base[name])
            if row.value:
                detail = f"{row.detail}; counted by {busy:.1%}, at {_rate(rate.value * factor)}"
                found[name] = replace(
                    row, value=row.value * busy, detail=detail, evidence=(*row.evidence, _place(rate))
                )
    open_at_once = "" if known.seconds is None else f", {rate.value * factor * known.seconds:,.3g} open at once"
    value = min(1.0, math.log2(1 + demand) / limit(scoring, "traffic_log2"))
    found["traffic"] = _signal("traffic", value, _rate(rate.value * factor) + open_at_once, rate)
    return found


def _computing(base: Mapping[str, Signal], known: Known) -> dict[str, Signal]:
    """What was measured of a request's time stands in place of what functions look like: waiting, and at most so much computing."""
    cores, instances = known.figures.get("cpu_cores"), known.figures.get("instances")
    if cores is None or instances is None or not known.seconds or known.rate is None or not known.rate.value:
        return {}
    share = min(1.0, cores.value * instances.value / known.rate.value / known.seconds)
    found = {
        "waits": _signal("waits", 1 - share, f"a request waits for {1 - share:.0%} of its time, as measured", cores)
    }
    for name in COMPUTING:
        row = base.get(name)
        if row is not None and row.value is not None and row.value > share:
            detail = f"{row.detail}; a request computes for {share:.0%} of its time, as measured"
            found[name] = replace(row, value=share, detail=detail, evidence=(*row.evidence, _place(cores)))
    return found


def _signal(name: str, value: float, detail: str, figure: Figure) -> Signal:
    return Signal(name, value, detail, (_place(figure),))


def _place(figure: Figure) -> Place:
    return Place(figure.path, figure.line)


def _known(rows: Sequence[Asserted], hits: Sequence[tuple[AccessLog, Hit]]) -> Known:
    figures = {name: figure for row in rows if not row.route for name, figure in row.figures.items()}
    parts = [figures] if "requests_per_second" in figures else [row.figures for row in rows if row.route]
    loads = [
        (figure, of["p50_ms"].value / 1000 if "p50_ms" in of else None)
        for of in parts
        if (figure := of.get("requests_per_second")) is not None
    ]
    if not loads:
        usual = figures["p50_ms"].value / 1000 if "p50_ms" in figures else None
        loads = [
            (Figure(hit.count / log.seconds, log.path, hit.line), usual if hit.seconds is None else hit.seconds)
            for log, hit in hits
            if log.seconds > 0
        ]
    rate = Figure(sum(f.value for f, _ in loads), loads[0][0].path, loads[0][0].line) if loads else None
    timed = [(figure.value, seconds) for figure, seconds in loads if seconds is not None]
    total = sum(value for value, _ in timed)
    return Known(
        figures=figures,
        rows=tuple(rows),
        rate=rate,
        demand=sum(figure.value * max(1.0, seconds or 0.0) for figure, seconds in loads),
        seconds=sum(value * seconds for value, seconds in timed) / total if total else None,
        owner=next((row.owner for row in rows if row.owner), ""),
        criticality=next((row.criticality for row in rows if row.criticality), ""),
    )


def _with_shares(known: dict[str, Known], bill: Figure | None) -> dict[str, Known]:
    """With the share of the bill; of what was said of two or more services, where nobody says how much the bill is."""
    costs = {name: row.figures["cost_per_month"] for name, row in known.items() if "cost_per_month" in row.figures}
    total = bill.value if bill is not None else sum(cost.value for cost in costs.values())
    if not total or (bill is None and len(costs) < 2):
        return known
    shares = {name: Figure(min(1.0, cost.value / total), cost.path, cost.line) for name, cost in costs.items()}
    return {name: row._replace(share=shares.get(name)) for name, row in known.items()}


def _share_out(
    log: AccessLog, services: Sequence[Service], ids: Mapping[str, str], hits: dict[str, list[tuple[AccessLog, Hit]]]
) -> str:
    """Whose each request is: of the service that the user named, else of the only one with the most exact route."""
    lost, total = log.left_out, log.left_out + sum(hit.count for hit in log.hits)
    routes = (
        [] if log.service else [(pattern(entry), s.id) for s in services for entry in s.entries if entry.kind in ROUTES]
    )
    owners = sorted((route, owner) for route, owner in routes if route is not None)
    compiled = [(exact, re.compile(text), owner) for (exact, text), owner in owners]
    for hit in log.hits:
        owner = ids.get(log.service) if log.service else _owner(hit.path, compiled)
        if owner is None:
            lost += hit.count
        else:
            hits.setdefault(owner, []).append((log, hit))
    span = f"{total} requests in {log.seconds:,.0f} s"
    parts = [f"{lost} of them belong to no service's routes, or to several" if not log.service else ""] if lost else []
    parts += [f"{log.unread} lines are no request"] if log.unread else []
    parts += ["only its beginning was read"] if log.is_cut else []
    return f"{log.path}: {'; '.join([span, *filter(None, parts)])}"


def _owner(path: str, routes: Iterable[tuple[int, re.Pattern[str], str]]) -> str | None:
    found = [(exact, owner) for exact, route, owner in routes if route.fullmatch(path)]
    best = max((exact for exact, _ in found), default=0)
    owners = {owner for exact, owner in found if exact == best}
    return owners.pop() if len(owners) == 1 else None


def pattern(entry: EntryPoint) -> tuple[int, str] | None:
    """How exact a route is, and the pattern of its paths; None for one that is written as a regular expression."""
    route = entry.detail.partition(" ")[2] or entry.detail
    if not route or any(char in route for char in "^$(\\"):
        return None
    every = route.strip("/").split("/")
    rest = next((number for number, part in enumerate(every) if REST.search(part)), None)
    parts = every[:rest]  # one `.*` and no more: what stands behind the rest of a path is part of it
    texts = ["[^/]+" if PART.search(part) else re.escape(part) for part in parts]
    exact = sum(text == re.escape(part) for text, part in zip(texts, parts, strict=True))
    return exact, "/" + "/".join(texts if rest is None else [*texts, ".*"]) + "/?"
