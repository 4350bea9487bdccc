"""The JSON report, field by field. The schema is generated from these records.

Fields may be added; none is renamed or dropped. What no stage knows is an empty tuple or None, never a made-up value."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from readiness.types.decisions import Calibration, DecisionRow
from readiness.types.effort import EffortDays, EffortItem, TeamRow
from readiness.types.evidence import AssertedRow, Savings
from readiness.types.facts import Metrics
from readiness.types.plan import Enabler, Move
from readiness.types.plan import Place as Place  # noqa: PLC0414 - a place is the report's for whoever reads one
from readiness.types.program import EntryReach, Hop, Via
from readiness.types.run import Repository, Run, Summary, Tool
from readiness.types.services import Contract, Evidence, Seam, SharedData

SCHEMA = "readiness/1"
HOT = 30.0  # points from which a function counts as a hotspot in the summary


class Entry(Struct, frozen=True):
    kind: str
    path: str
    line: int
    target: str
    detail: str
    reach: EntryReach | None = None  # I/O that it reaches: one after another, in loops, side by side


class ModuleSets(Struct, frozen=True):
    own: tuple[str, ...]
    shared: tuple[str, ...]


class Scores(Struct, frozen=True):
    throughput: float | None
    footprint: float | None


class Doubt(Struct, frozen=True):
    cause: str
    points: float
    remedy: str


class RankStability(Struct, frozen=True):
    low: int
    high: int
    top3_share: float
    verdict_share: float


class Flip(Struct, frozen=True):
    change: str
    verdict: str


class Contribution(Struct, frozen=True):
    axis: str
    signal: str
    value: float | None
    points: float
    detail: str
    evidence: tuple[Place, ...]
    state: str = "present"  # present | absent | unknown


class Dependency(Struct, frozen=True, rename={"import_name": "import"}):
    distribution: str
    import_name: str
    fit: str
    go: tuple[str, ...]
    note: str
    sites: int
    version: str | None = None  # pinned or locked, where all files of the repository agree
    path: str | None = None  # the file that asks for it first
    line: int | None = None


class Blocker(Struct, frozen=True):
    rule: str
    path: str
    line: int
    detail: str


class Fix(Struct, frozen=True):
    """A change in Python at one place, as far as it concerns one service."""

    rule: str
    path: str
    line: int
    change: str
    days: float
    paths_ended: int
    entries_freed: int  # entries that no other place of the rule is left below
    api: str = ""  # the call, module or symbol that stands there
    replacement: str | None = None  # what takes its place, where a page names it
    begins: tuple[Place, ...] = ()  # where the paths begin that it ends
    entries: tuple[str, ...] = ()  # targets of the entries that reach it
    freed: tuple[str, ...] = ()  # targets of the entries that it frees alone


class CallOut(Struct, frozen=True):
    service: str | None
    contract: str
    caller: str
    line: int
    serialisation: str | None
    confidence: float


class TestsFound(Struct, frozen=True):
    modules: tuple[str, ...]
    lines: int


class Author(Struct, frozen=True):
    name: str
    changes: int  # a commit that touches three files counts three times


class ServiceRow(Struct, frozen=True):
    rank: int | None
    id: str
    name: str
    root: str
    kind: str
    archetype: str
    archetypes: tuple[str, ...]
    roles: tuple[str, ...]
    judged: float
    evidence: tuple[Evidence, ...]
    entry_points: tuple[Entry, ...]
    modules: ModuleSets
    lines: int
    verdict: str
    borderline: str | None
    reason: str
    score: float | None
    scores: Scores
    benefit: float | None
    benefit_net: float | None
    effort: float | None
    risk: float | None
    confidence: float | None
    grade: str | None
    doubts: tuple[Doubt, ...] = ()
    rank_stability: RankStability | None = None
    flips: tuple[Flip, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    seams: tuple[Seam, ...] = ()
    fixes: tuple[Fix, ...] = ()
    data: tuple[SharedData, ...] = ()
    contracts: tuple[Contract, ...] = ()
    calls_out: tuple[CallOut, ...] = ()
    called_by: tuple[CallOut, ...] = ()
    operations: Mapping[str, str] | None = None
    tests: TestsFound | None = None
    history: Mapping[str, float] | None = None
    owners: tuple[str, ...] | None = None
    effort_days: EffortDays | None = None
    effort_items: tuple[EffortItem, ...] = ()
    steps: tuple[str, ...] = ()
    wave: int | None = None
    decision: str | None = None
    gates: tuple[str, ...] = ()  # what overrules the numbers in the verdict
    strength: float | None = None  # of the evidence that it is started on its own, 0-1
    api: tuple[Seam, ...] = ()  # the cheapest border to other services: functions that would become an API
    asserted: tuple[AssertedRow, ...] = ()  # evidence from outside of the code
    savings: Savings | None = None  # None: nobody said what it costs
    moves: tuple[Move, ...] = ()  # its entries in the order in which they move
    may_be_pilot: bool = False  # apart from its numbers: tied to no other's code, and not what matters most
    unread: Mapping[
        str, int
    ] = {}  # Failure.reason -> how many of its modules have no tree; `no-metrics`: a tree, but no metrics
    changed_by: tuple[Author, ...] = ()  # who changed its files most in a year; only where names were asked for


class CouplingRow(Struct, frozen=True, gc=False):
    afferent: int
    efferent: int
    instability: float | None
    abstractness: float | None
    distance: float | None
    cycle: int | None
    cycle_load: int | None
    betweenness: float


class ModuleRow(Struct, frozen=True, gc=False):
    module: str
    path: str
    service: str | None
    lines: int
    score: float | None
    benefit: float | None
    risk: float | None
    effort: float | None
    metrics: Metrics | None
    coupling: CouplingRow


class ConcurrencyUse(Struct, frozen=True, gc=False):
    construct: str
    api: str
    line: int


class IoRow(Struct, frozen=True, gc=False):
    direct: tuple[str, ...]
    reachable: tuple[str, ...]
    via: tuple[Via, ...]
    named: tuple[Via, ...] = ()  # what the names of calls alone say, where that counts for nothing


class HotSign(Struct, frozen=True, gc=False):
    """One reason for a hotspot: its factor 1 - share, and a line of the function."""

    signal: str  # entries | io | blocking | loop | fanout | narrow | complexity
    share: float
    line: int
    detail: str


class FunctionRow(Struct, frozen=True, gc=False, rename={"is_async": "async"}):
    module: str
    qualname: str
    path: str
    line: int
    end_line: int
    is_async: bool
    complexity: int | None
    entry_points: tuple[str, ...]
    hotspot: float | None
    concurrency: tuple[ConcurrencyUse, ...]
    bound: str
    io: IoRow
    hotspot_signs: tuple[HotSign, ...] = ()  # of those that have HOT points


class ImportRow(Struct, frozen=True, gc=False):
    importer: str
    imported: str
    line: int
    when: str


class DynamicImportRow(Struct, frozen=True, gc=False):
    importer: str
    imported: str
    line: int


class CallRow(Struct, frozen=True, gc=False):
    caller: str
    callee: str
    line: int


class CycleRow(Struct, frozen=True):
    id: int
    modules: tuple[str, ...]
    is_load_time: bool
    cuts: tuple[ImportRow, ...]


class RejectedRow(Struct, frozen=True):
    name: str
    path: str
    line: int | None
    evidence: str
    reason: str
    correction: str


class FindingRow(Struct, frozen=True):
    rule: str
    category: str
    severity: str
    path: str
    line: int
    column: int
    end_line: int
    function: str | None
    message: str
    fingerprint: str
    hops: tuple[Hop, ...]
    suppressed: str | None = None  # the reason that its comment gives; only in Report.suppressed
    value: float | None = None  # what a rule about a metric measured: more is worse
    confidence: str = "sure"  # sure | possible: a proof that its rule asks for is missing; only with previews


class RuleRow(Struct, frozen=True):
    """What a reader has to know of a rule that has findings."""

    id: str
    title: str
    category: str
    severity: str
    go: str | None
    fix: str | None
    text: str = ""  # the page's prose
    pattern: str | None = None  # the usual Go for it, one to five lines; no translation of a line


class SignalRow(Struct, frozen=True):
    """A signal of the score as it is weighed; with `scoring` and the services' contributions every score can be made again."""

    name: str
    axis: str  # benefit | risk
    family: str | None  # of benefit signals
    weight: float
    remedy: float  # the share of the gain that the best fix in Python gives
    why: str


class Report(Struct, frozen=True, omit_defaults=False):
    schema: str
    goal: str
    tool: Tool
    run: Run
    repository: Repository
    summary: Summary
    services: tuple[ServiceRow, ...]
    rejected: tuple[RejectedRow, ...]
    modules: tuple[ModuleRow, ...]
    functions: tuple[FunctionRow, ...]
    imports: tuple[ImportRow, ...]
    imports_dynamic: tuple[DynamicImportRow, ...]
    cycles: tuple[CycleRow, ...]
    findings: tuple[FindingRow, ...]
    rules: tuple[RuleRow, ...]
    scoring: Mapping[str, float] = {}  # the weights, thresholds and verdict factors in force, by dotted name
    limits: Mapping[str, int] = {}  # a bound of the analysis that was reached -> how often
    calls: tuple[CallRow, ...] | None = None
    snippets: Mapping[str, Mapping[str, str]] | None = None
    signals: tuple[SignalRow, ...] = ()
    decisions: tuple[DecisionRow, ...] = ()
    suppressed: tuple[FindingRow, ...] = ()  # findings that a comment with a reason covers; counted nowhere else
    calibration: Calibration | None = None  # None: the days are not calibrated by a port of this team
    team: TeamRow | None = None
    enablers: tuple[Enabler, ...] = ()  # what comes before the first wave
    evidence: tuple[
        str, ...
    ] = ()  # what was read of evidence from outside that is no table, and what could not be used
    patterns: Mapping[str, str] = {}  # concurrency construct that occurs -> the usual Go for it, one to five lines
    rules_unmatched: tuple[str, ...] = ()  # ids of the rules that were run and found nothing
