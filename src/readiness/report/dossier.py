"""Service -> what its page says beyond the report's own tables: both roads, the operations ledger, what to learn, how to prove it. No markup."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from readiness.assess.words import inside, named
from readiness.report.arithmetic import can_score, scoring_of, turning_share
from readiness.report.hotpaths import STARTED, Ground, HotPath
from readiness.report.patterns import lines_of
from readiness.report.text import VERDICTS, count, days, number, work
from readiness.types.plan import Move
from readiness.types.report import Blocker, Entry, FunctionRow, Report, ServiceRow

GO_SHAPES = {  # concurrency construct -> the Go idea
    "task": "go f(), its result over a channel or an errgroup",
    "fan-out": "errgroup.Group with SetLimit",
    "thread": "a goroutine",
    "process": "a goroutine: all processors are used by one process",
    "pool": "a fixed number of goroutines reading one channel",
    "lock": "sync.Mutex, or one goroutine that owns the value",
    "queue": "a channel with a capacity",
    "semaphore": "a channel with a capacity, or errgroup.SetLimit",
    "event": "closing a channel, or context.Context",
    "timeout": "context.WithTimeout",
    "greenlet": "a goroutine, without patching anything",
}
MEASURES = {  # signal -> what to record while it runs
    "fanout": "calls in flight per request (p50, p95) and the slowest of them",
    "request_wait": "time spent waiting per request, and busy workers",
    "blocking_in_async": "lag of the event loop (p99)",
    "long_lived": "open connections per process, and KiB of memory for each",
    "pool_width": "threads in use and tasks waiting for one",
    "consumer": "messages per second and the age of the oldest waiting one",
    "proxy_shape": "time and CPU that the hop itself adds per request (p99)",
    "cpu_loops": "share of CPU samples in these loops (a sampling profiler)",
    "serialisation": "share of CPU samples in encoding and decoding",
    "process_pool": "memory of all pool processes, and time spent pickling",
    "prefork_memory": "resident MiB of each worker after an hour",
    "cold_start": "seconds from start to first answer",
    "ship_binary": "size of what is installed, and failed installs",
    "replicas": "CPU used per replica at the daily peak",
    "cost_share": "its part of the monthly bill",
}
UNKNOWN, MEASURE = "unknown", "unknown until one replica was measured"
OPERATIONS = (  # key of ServiceRow.operations, its label, what it is after a port
    ("command", "Start command", "one binary, the same arguments and environment"),
    ("process_manager", "Process manager", "none: the process serves by itself"),
    ("workers", "Worker processes", "one process per replica; goroutines do the work"),
    ("replicas", "Replicas", MEASURE),
    ("memory_request", "Memory asked for", MEASURE),
    ("cpu_request", "CPU asked for", MEASURE),
    ("image", "Image", "built from the Go module"),
    ("base_image", "Base image", "any, down to an empty one for a static file"),
    ("system_packages", "System packages", UNKNOWN),
    ("distributions", "Distributions", "compiled in: none to install"),
    ("locked_size", "Their size", "the size of the binary, once it is built"),
    ("wrappers", "Wrappers", UNKNOWN),
    ("probes", "Probes", "the same paths and answers"),
)
MOVING = ("port-first", "port-later", "decouple-first")
HEALTH = re.compile(r"health|ready|live|metrics|ping|status")  # in a route that a probe asks for
ALWAYS = ("command", "workers", "replicas")  # shown as unknown too
KEPT = ("system_packages", "wrappers")
BASE = ("requests or messages per second", "latency p50 and p99", "resident memory per process")


class Row(Struct, frozen=True):
    label: str
    today: str
    after: str


class Idea(Struct, frozen=True):
    """A Go idea beside the line that it replaces."""

    python: str
    go: str
    path: str
    line: int
    places: int
    is_new: bool  # no service that is ranked before, and is to be ported, needs it
    pattern: tuple[str, ...] = ()  # the usual Go for it


class Proof(Struct, frozen=True):
    """How a day of measuring settles it."""

    tried: str  # the entry point
    path: str
    line: int
    records: tuple[str, ...]
    stop: str  # the number at which not to port


class Road(Struct, frozen=True):
    name: str
    days: str
    gives: str
    detail: str


def roads(service: ServiceRow) -> tuple[Road, Road]:
    """Better Python and Go, side by side: days, what each gives, what it leaves."""
    spent = sum(fix.days for fix in service.fixes)
    ended, freed = sum(fix.paths_ended for fix in service.fixes), _freed(service)
    gain, net = service.benefit, service.benefit_net
    if service.fixes:
        rest = f"{_left(gain, net)} of the benefit needs Go" if gain is not None and net is not None else "not judged"
        python = Road(
            "Stay in Python", work(spent), f"{count(len(service.fixes), 'fix', 'fixes')}; afterwards {rest}",
            f"clears {count(ended, 'finding')}, frees {'up to ' if freed > 1 else ''}{count(freed, 'entry point')}",
        )  # fmt: skip
    else:
        python = Road("Stay in Python", "no days", "no rule names a fix for it", "nothing to end by a fix of one line")
    span = service.effort_days
    if span is None:
        return python, Road("Port to Go", "not estimated", "too little of it could be analysed", "")
    only = f"{number(net)} of 100 points of benefit that Python cannot give" if net is not None else "not judged"
    cost = f"{days(span.expert)} to {days(span.worst)} days"
    return python, Road("Port to Go", work(span.production), only, f"{cost}; {count(len(service.seams), 'import')} to cut first")  # fmt: skip


def _freed(service: ServiceRow) -> int:
    """Entries that all fixes together free: one alone does not where another place is left below the entry."""
    together = {target for fix in service.fixes for target in fix.entries}
    return max(len(together), *(fix.entries_freed for fix in service.fixes), 0)


def _left(gain: float, net: float) -> str:
    return f"{net / gain:.0%}" if gain else "nothing"


def ledger(service: ServiceRow) -> list[Row]:
    """What runs today as manifests and code say it, and what that becomes; what nobody said is unknown."""
    known = dict(service.operations or {})
    removes, keeps = known.pop("go_removes", ""), known.pop("go_keeps", "")
    rows = [
        Row(label, known.get(name, UNKNOWN), keeps or after if name in KEPT else after)
        for name, label, after in OPERATIONS
        if name in known or name in ALWAYS
    ]
    rows += _seen(service)
    rows += [Row("Goes away", removes, "nothing takes its place")] if removes and removes != UNKNOWN else []
    rest = sorted(set(known) - {name for name, _, _ in OPERATIONS} - {"stages"})
    return rows + [Row(name.replace("_", " "), known[name], _after(name)) for name in rest]


def _seen(service: ServiceRow) -> list[Row]:
    """What the code says of its running."""
    signals = {row.signal: row for row in service.contributions if row.axis == "benefit"}

    def detail(signal: str) -> str:
        row = signals.get(signal)
        return row.detail if row is not None and row.state != "unknown" and row.detail else UNKNOWN

    memory = detail("prefork_memory")
    rows = [Row("Memory of workers", memory, MEASURE)] if memory != UNKNOWN else []
    rows += [
        Row("Start-up", detail("cold_start"), "no imports to run; measure the first answer"),
        Row("Shipping", detail("ship_binary"), "one static file, if no dependency needs cgo"),
    ]
    formats = sorted({row.serialisation for row in (*service.calls_out, *service.called_by) if row.serialisation})
    env = sum(1 for row in service.data if row.kind == "env")
    rows += [Row("On the wire", ", ".join(formats), "the same bytes, checked against recordings")] if formats else []
    rows += [Row("Environment", f"{count(env, 'variable')} read", "the same names")] if env else []
    return rows


def _after(name: str) -> str:
    """Settings of a task queue are promises to its callers: each has to be made again."""
    return "has to be set again, or answered for" if name.startswith("celery_") else UNKNOWN


class Order(Struct, frozen=True):
    """The entry points of a service; of one that may be ported in the order in which they move, those that do not last."""

    rows: tuple[tuple[Entry, Move | None], ...]
    is_moving: bool


def moving(service: ServiceRow) -> Order:
    """Its entry points, each with its move where the verdict is one that moves it."""
    is_moving = bool(service.moves) and service.verdict in MOVING
    of = {(m.target, m.path, m.line, m.detail): (i, m) for i, m in enumerate(service.moves)} if is_moving else {}
    found = [(of.get((e.target, e.path, e.line, e.detail)), e) for e in service.entry_points]
    found.sort(key=lambda row: row[0][0] if row[0] else len(of))
    return Order(tuple((entry, move[1] if move else None) for move, entry in found), is_moving)


class Places(Struct, frozen=True):
    """The blockers of one rule that are shown: what stands among the fixes is only counted."""

    rows: tuple[Blocker, ...]
    mended: int
    rest: int


def unmended(blockers: Sequence[Blocker], fixes: Collection[tuple[str, str, int]], most: int) -> Places:
    """The blockers that are at none of the places of fixes (rule, path, line), at most so many."""
    left = tuple(row for row in blockers if (row.rule, row.path, row.line) not in fixes)
    return Places(left[:most], len(blockers) - len(left), max(0, len(left) - most))


def learnings(ranked: Sequence[ServiceRow], on: Ground, report: Report) -> dict[str, list[Idea]]:
    """Service -> the distinct Go ideas that it needs. An idea is new where no earlier one that is to be ported needs it."""
    of_module: dict[str, list[FunctionRow]] = {}
    for function in report.functions:
        if function.concurrency:
            of_module.setdefault(function.module, []).append(function)
    known = {name.replace("-", " "): text for name, text in report.patterns.items()}
    known |= {rule.title: rule.pattern for rule in report.rules if rule.pattern}
    met: set[str] = set()
    found: dict[str, list[Idea]] = {}
    for service in ranked:
        ideas = _ideas(service, on, of_module)
        found[service.id] = [
            Idea(python, go, *places[0], len(places), go not in met, lines_of(known.get(python, "")))
            for (python, go), places in ideas.items()
        ]
        if service.verdict in MOVING:
            met.update(go for _, go in ideas)
    return found


def _ideas(
    service: ServiceRow, on: Ground, of_module: Mapping[str, list[FunctionRow]]
) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """(what Python has, the Go idea) -> its places, those of rules first."""
    ideas: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for blocker in service.blockers:
        rule = on.rules.get(blocker.rule)
        if rule is not None and rule.go:
            ideas.setdefault((rule.title, rule.go), []).append((blocker.path, blocker.line))
    for module in (*service.modules.own, *service.modules.shared):
        for function in of_module.get(module, ()):
            for use in function.concurrency:
                shape = GO_SHAPES.get(use.construct)
                if shape:
                    ideas.setdefault((use.construct.replace("-", " "), shape), []).append((function.path, use.line))
    return {key: sorted(set(places)) for key, places in sorted(ideas.items(), key=lambda i: (-len(i[1]), i[0]))}


def proof(service: ServiceRow, paths: Sequence[HotPath], report: Report) -> Proof | None:
    """The entry point to try, what to record, and the share of what was read at which the verdict is no port any more."""
    if service.score is None or not service.entry_points:
        return None
    entry = _tried(service, paths)
    strong = sorted(
        (row for row in service.contributions if row.axis == "benefit" and row.points > 0 and row.signal in MEASURES),
        key=lambda row: (-row.points, row.signal),
    )[:3]
    records = tuple(f"{named(row.signal)}: {MEASURES[row.signal]}" for row in strong) + BASE
    return Proof(
        f"{entry.kind} {entry.detail or entry.target.partition(':')[2]}",
        entry.path,
        entry.line,
        records,
        _stop(service, report),
    )


def _tried(service: ServiceRow, paths: Sequence[HotPath]) -> Entry:
    """What a day is spent on: the hottest route or queue, else one that waits for nothing; a process only where there is no other."""
    every = [*(path.entry for path in paths), *service.entry_points]
    asked = [entry for entry in every if entry.kind not in STARTED]
    return next((entry for entry in asked if not HEALTH.search(entry.detail)), (asked or every)[0])


def _stop(service: ServiceRow, report: Report) -> str:
    turn = turning_share(service, scoring_of(report), report.goal) if can_score(report) else None
    if turn is not None:
        share, other = turn
        words = inside(VERDICTS.get(other, ("", other))[1])
        return (
            f"Do not port if less than {share:.0%} of what was read in the code shows under real load: "
            f"from there on the verdict is “{words}”."
        )
    if service.verdict in ("port-first", "port-later"):
        return "No single number turns this verdict; decide by the cost of running it."
    words = inside(VERDICTS.get(service.verdict, ("", service.verdict))[1])
    return f"The verdict is “{words}” already; a day of measuring is worth it only if one of its flips can be true."
