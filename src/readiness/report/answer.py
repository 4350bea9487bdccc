"""Report -> Answer: what to do in three sentences, made from what was found. Speaks of things that exist, never of points."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from readiness.assess.words import inside, named
from readiness.report.known import confirmed, is_library, not_measured
from readiness.report.text import PORTS, clause, clean, count, days, listed, plain, sentence, work
from readiness.types.report import Contribution, Fix, Report, ServiceRow

WIDE, FIRM = 3, 0.8  # places of an interval, and the share of draws, from which on weights decide rather than the code
MOST_CHANGE = 110  # characters of a change on the decision page
MOST_REASONS = 2
PLACED = re.compile(r" \([^\s()]+:\d+\)")  # where a reason was seen
REPEATED = ("Port first, if traffic confirms", "Port first", "Stays in Python")


class Answer(Struct, frozen=True):
    headline: str
    why: str
    against: str
    missing: str  # what was not measured or not analysed
    turn: str = "Against"  # what the third sentence is: Against, Instead or Next
    service: str | None = None  # the id of the one that the headline names


def answer(report: Report) -> Answer:
    """The three sentences and what they leave out; for a report without Python or without services they say so."""
    if report.repository.files == 0:
        return Answer(
            "No Python was found here.",
            "No file of the scanned folder is Python source, or every one was left out.",
            "Name the folder that holds the code, or look at what was left out below.",
            "",
            "Next",
        )
    if not report.services:
        return _library(report)
    ranked = in_order(report)
    ports = [service for service in ranked if service.verdict in PORTS]
    best = next((service for service in ports if is_open(service)), None)
    if best is None:
        return _decided(report, ports) if ports else _nothing(report, ranked)
    why_not = _both(best)
    return Answer(_port(best), _apart(seen(best), why_not), sentence(why_not), missing(report), service=best.id)


def is_open(service: ServiceRow) -> bool:
    """Whether a port of it is still to be thought of: it is neither done, rejected nor deferred. A decision's first word says so."""
    return (service.decision or "").partition(" ")[0].rstrip(":") not in ("done", "rejected", "deferred")


def in_order(report: Report) -> list[ServiceRow]:
    """The services by rank; those without one last, by name."""
    return sorted(report.services, key=lambda s: (s.rank is None, s.rank or 0, s.name, s.id))


def why(service: ServiceRow) -> str:
    """The strongest thing that speaks for it."""
    found = top(service, "benefit")
    if found is not None:
        return found.detail or inside(named(found.signal))
    return service.reason if service.verdict in PORTS else "nothing was found that only Go would bring"


def against(service: ServiceRow) -> str:
    """The strongest thing that stands against it: fixes in Python, then the greatest risk."""
    if service.fixes:
        spent = sum(fix.days for fix in service.fixes)
        ended = sum(fix.paths_ended for fix in service.fixes)
        todo = f"{count(len(service.fixes), 'fix', 'fixes')} in Python ({work(spent)})"
        if ended:
            return f"{todo} would clear {count(ended, 'finding')} without a port"
        return f"{todo} {'comes' if len(service.fixes) == 1 else 'come'} first"
    found = top(service, "risk")
    if found is not None:
        return found.detail or inside(named(found.signal))
    return "nothing was found against it" if service.verdict in PORTS else service.reason


def top(service: ServiceRow, axis: str) -> Contribution | None:
    """The contribution that gives an axis most of its points."""
    rows = [row for row in service.contributions if row.axis == axis and row.points > 0]
    return max(rows, key=lambda row: (row.points, row.signal), default=None)


def all_fixes(report: Report) -> list[tuple[ServiceRow, Fix]]:
    """Every place to fix once, with the first service that it helps and what it does for all of them; those that free most
    come first, the cheaper before the dearer; what its rule calls optional is last."""
    optional = {rule.id for rule in report.rules if rule.category == "optional"}
    seen: dict[tuple[str, str, int], tuple[ServiceRow, Fix]] = {}
    for service in in_order(report):
        for fix in service.fixes:
            key = (fix.rule, fix.path, fix.line)
            first, before = seen.get(key, (service, None))
            seen[key] = (first, fix if before is None else _together(before, fix))
    return sorted(
        seen.values(),
        key=lambda p: (
            p[1].rule in optional,
            -p[1].entries_freed,
            -p[1].paths_ended,
            p[1].days,
            p[1].path,
            p[1].line,
            p[1].rule,
        ),
    )


def begin(fix: Fix) -> str:
    """The fix that comes first in a few words, with its place."""
    said = clause(change_of(fix), MOST_CHANGE)
    return f"first{',' if said.startswith(('in ', 'for ')) else ':'} {said} ({clean(fix.path)}:{fix.line})"


def change_of(fix: Fix) -> str:
    """The change in words, with what stands there where the words do not name it."""
    what = clean(fix.api, 60)
    return plain(fix.change) if not what or what in fix.change else f"for {what}: {plain(fix.change)}"


def _together(fix: Fix, other: Fix) -> Fix:
    """One place as two services have it; a document of an older version counts only, and keeps the greater count."""
    begins = tuple(sorted({*fix.begins, *other.begins}, key=lambda place: (place.path, place.line)))
    freed = tuple(sorted({*fix.freed, *other.freed}))
    return replace(
        fix,
        paths_ended=max(fix.paths_ended, other.paths_ended, len(begins)),
        entries_freed=max(fix.entries_freed, other.entries_freed, len(freed)),
        begins=begins,
        entries=tuple(sorted({*fix.entries, *other.entries})),
        freed=freed,
    )


def missing(report: Report) -> str:
    """What the answer rests not on: run-time figures, files without a tree, calls that could not be followed."""
    parts = [not_measured(report)]
    lost = report.repository.files - report.repository.parsed
    if lost > 0:
        parts.append(f"{count(lost, 'Python file')} could not be analysed")
    calls = report.summary.calls
    total = calls.resolved + calls.external + calls.unresolved
    if calls.unresolved:
        parts.append(f"{calls.unresolved / total:.0%} of {count(total, 'call')} could not be followed")
    return sentence("; ".join(parts))


def _port(best: ServiceRow) -> str:
    do = (
        f"Port {best.name} first{'' if confirmed(best) else ', if traffic confirms'}"
        if best.verdict == "port-first"
        else f"Nothing is urgent; {best.name} is the first to port later"
    )
    ways_in = {(e.kind, e.path, e.line, e.target, e.detail) for e in best.entry_points}
    entries = f"{count(len(ways_in), 'entry point')} in " if ways_in else ""
    size = f"{entries}{count(best.lines, 'line')}"
    if best.effort_days is None:
        return f"{do}: {size}."
    effort = best.effort_days
    return f"{do}: {days(effort.production)} person-days ({days(effort.expert)} to {days(effort.worst)}) for {size}."


def seen(service: ServiceRow) -> str:
    """The first sentence of its reason, without the verdict, which stands beside it."""
    return sentence(said(service).partition(". ")[0]) if service.reason else sentence(why(service))


def _apart(said: str, against: str) -> str:
    """What speaks for it, without its last clause where what stands against it says the same."""
    head, but, rest = said.rpartition(", but ")
    return sentence(head) if but and rest.rstrip(".").partition(" (")[0] in against else said


def _both(service: ServiceRow) -> str:
    """What stands against it, and the greatest risk where that is another thing."""
    risks = [row for row in service.contributions if row.axis == "risk" and row.points > 0 and row.state == "present"]
    found, first = max(risks, key=lambda row: (row.points, row.signal), default=None), against(service)
    said = f"{first}; the greatest risk: {found.detail}" if found and found.detail and found.detail != first else first
    return f"{said}; {loose}" if (loose := unsettled(service)) else said


def unsettled(service: ServiceRow) -> str:
    """How far its place and verdict rest on the weights, where they do; else ""."""
    found = service.rank_stability
    if found is None or (found.high - found.low < WIDE and found.verdict_share >= FIRM):
        return ""
    place = f"it may be anywhere from place {found.low} to {found.high}" if found.high - found.low >= WIDE else ""
    verdict = f"the verdict holds in {found.verdict_share:.0%} of draws" if found.verdict_share < FIRM else ""
    return f"with other weights {' and '.join(filter(None, [place, verdict]))}"


def said(service: ServiceRow) -> str:
    """The reason without the words of the verdict at its start: they stand beside it."""
    head, colon, rest = service.reason.partition(": ")
    return rest if colon and head in REPEATED else service.reason


def _decided(report: Report, ports: list[ServiceRow]) -> Answer:
    """Every service that a port would help is done, rejected or deferred: it is not proposed again."""
    said = [f"{service.name}: {(service.decision or '').partition(';')[0]}" for service in ports]
    head = "Nothing is open: every service that a port would help is decided."
    after = "a decision that is over by its date comes back here"
    return Answer(head, sentence(listed(said)), sentence(after), missing(report), "Next")


def _nothing(report: Report, ranked: list[ServiceRow]) -> Answer:
    head = "Nothing here is worth porting to Go now."
    close = next((s for s in ranked if s.verdict in ("decouple-first", "optimise-in-python")), ranked[0])
    if close.verdict == "decouple-first":
        head = f"Nothing here is ready for Go yet: decouple {close.name} first."
    elif close.verdict == "optimise-in-python":
        head = f"Nothing here is worth porting to Go now: fix {close.name} in Python."
    elif all(is_library(service) for service in ranked):
        head = "This is a library: nothing in it is worth porting to Go on its own."
    fixes = all_fixes(report)
    instead = (
        f"{count(len(fixes), 'fix', 'fixes')} in Python, {work(sum(fix.days for _, fix in fixes))}; {begin(fixes[0][1])}"
        if fixes
        else "leave it as it is: no place to fix in Python was found either"
    )
    is_named = close.name in head
    why_not = seen(close) if is_named else _reasons(ranked)
    return Answer(head, why_not, sentence(instead), missing(report), "Instead", close.id if is_named else None)


def _reasons(ranked: list[ServiceRow]) -> str:
    """Why the first services stay, each by name; a reason that holds for several is given once."""
    names: dict[str, list[str]] = {}
    for service in ranked:
        names.setdefault(PLACED.sub("", seen(service)), []).append(service.name)
    first = {PLACED.sub("", seen(service)): seen(service) for service in reversed(ranked)}
    return " ".join(f"{listed(of)}: {inside(first[reason])}" for reason, of in list(names.items())[:MOST_REASONS])


def _library(report: Report) -> Answer:
    size = f"{count(report.summary.modules, 'module')} and {count(report.summary.functions, 'function')}"
    near = f": {listed([row.name for row in report.rejected])}" if report.rejected else ""
    seen = (
        f"{count(len(report.rejected), 'thing')} looked like a service and is none{near}"
        if report.rejected
        else "no start command, application or handler was found"
    )
    return Answer(
        "No service was found: this is a library, or its start commands lie elsewhere.",
        sentence(f"{size} were read, and {seen}"),
        "Name one under [[tool.readiness.services]] if it runs on its own; until then start with the hotspots below.",
        missing(report),
        "Next",
    )
