"""What the user may say in `[tool.readiness]`, the environment or on the command line. Each field carries its own documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

POLICIES = ("blocking-path", "crossing-import", "import-cycle", "blocker", "score")
Words: TypeAlias = tuple[str, ...]


class ServiceRule(Struct, frozen=True):
    """One `[[tool.readiness.services]]`: names, excludes or adds a service."""

    match: Annotated[Words, Meta(description="Globs over a service's entry file, its root or its name.")]
    name: Annotated[str | None, Meta(description="What to call it.")] = None
    exclude: Annotated[bool, Meta(description="Leave it out.")] = False
    entry: Annotated[str | None, Meta(description="A file that is an entry although nothing says so.")] = None
    archetype: Annotated[str | None, Meta(description="What kind of service it is, where the guess is wrong.")] = None


class Team(Struct, frozen=True):
    """`[tool.readiness.team]`: who is there to port. Never changes a benefit."""

    people: Annotated[int | None, Meta(description="How many work on ports; not set: as many as fill a wave.")] = None
    go: Annotated[int | None, Meta(description="How many of them know Go; not set: read from the repository.")] = None
    months: Annotated[float, Meta(description="How long a wave lasts.")] = 3.0
    share: Annotated[float, Meta(description="The part of their time that is for ports, 0-1.")] = 1.0


class Actual(Struct, frozen=True):
    """One `[[tool.readiness.actuals]]`: a port that this team has finished."""

    service: Annotated[str, Meta(description="What was ported.")]
    estimated: Annotated[float, Meta(description="Production days that the report said, uncalibrated.")]
    days: Annotated[float, Meta(description="Days that it took.")]
    date: Annotated[str | None, Meta(description="When it was done (YYYY-MM-DD); for the reader.")] = None


class CheckRules(Struct, frozen=True):
    """`[tool.readiness.check]`: what `readiness check` compares with, and what besides findings it fails on."""

    base: Annotated[str | None, Meta(description="A branch or commit to compare with; not set: HEAD.")] = None
    policies: Annotated[
        Words, Meta(description="Fail on these when they are new: a kind of blocking I/O that an entry reaches, an import across the cut of an accepted service, an import cycle, a blocker inside an accepted service, a score under the floor.")
    ] = POLICIES  # fmt: skip
    strict: Annotated[
        Words, Meta(description="Ids or prefixes of rules that fail wherever they hold, known or not.")
    ] = ()
    score_floor: Annotated[float | None, Meta(description="The floor for the policy `score`; not set: none.")] = None


class Config(Struct, frozen=True):
    """All settings with their defaults. Paths are relative to the scanned folder."""

    goal: Annotated[str, Meta(description="Why Go is wanted; orders the ranking: throughput or footprint.")] = (
        "throughput"
    )
    source_roots: Annotated[
        Words, Meta(description="Folders that are on sys.path, where the layout does not show it.")
    ] = ()
    exclude: Annotated[Words, Meta(description="Leave out what these patterns name, as in .gitignore.")] = ()
    include: Annotated[
        Words, Meta(description="Take in what these patterns name, whatever else would leave it out.")
    ] = ()
    max_file_bytes: Annotated[int, Meta(description="A larger Python file is left out, and said so.")] = 1_000_000
    file_seconds: Annotated[float, Meta(description="CPU seconds after which a file is given up.")] = 20.0
    worker_memory_mib: Annotated[int, Meta(description="Memory of one worker; a file that needs more is given up.")] = (
        2_048
    )
    workers: Annotated[int | None, Meta(description="Processes that read files; not set: one per processor.")] = None
    services: Annotated[tuple[ServiceRule, ...], Meta(description="Services to name, leave out or add.")] = ()
    rules: Annotated[Words, Meta(description="Folders with rule and library pages of your own.")] = ()
    library_paths: Annotated[
        Words, Meta(description="Folders of libraries without a page, private ones say: read (never imported) by each scan, as `learn` does.")
    ] = ()  # fmt: skip
    select: Annotated[Words, Meta(description="Ids or prefixes of the rules to use; empty: all.")] = ()
    ignore: Annotated[Words, Meta(description="Ids or prefixes of rules to leave out.")] = ()
    preview: Annotated[
        bool,
        Meta(
            description="Use the rules that are previews too: what a port rewrites by hand, and what is new; show findings that are only possible."
        ),
    ] = False
    named: Annotated[
        bool, Meta(description="Count I/O that the name of a call alone tells, where nothing in its file binds that name; else it is only shown.")
    ] = False  # fmt: skip
    per_file_ignores: Annotated[
        Mapping[str, Words], Meta(description="Glob over paths -> rules to leave out there.")
    ] = {}
    weights: Annotated[Mapping[str, float], Meta(description="Family or signal of the score -> weight.")] = {}
    thresholds: Annotated[Mapping[str, float], Meta(description="Threshold of the score -> value.")] = {}
    dependencies: Annotated[Mapping[str, str], Meta(description="Distribution -> how well Go replaces it.")] = {}
    fail_on: Annotated[Words, Meta(description="`scan` exits with 1 on error, warning, verdict:NAME or score<N.")] = ()
    source_url: Annotated[str | None, Meta(description="Address of a line, with {commit}, {path} and {line}.")] = None
    snippets: Annotated[bool, Meta(description="Show the cited source lines.")] = True
    authors: Annotated[
        bool, Meta(description="Name those who changed each service most; else people are only counted.")
    ] = False
    calls: Annotated[bool, Meta(description="Add every call to the JSON document.")] = False
    today: Annotated[
        str | None, Meta(description="Day (YYYY-MM-DD) by which suppressions and decisions end; not set: the day of the scan, UTC.")
    ] = None  # fmt: skip
    baseline: Annotated[str, Meta(description="File of known findings, by `readiness baseline write`.")] = (
        ".readiness-baseline.json"
    )
    decisions: Annotated[str, Meta(description="File of decisions about services.")] = "readiness-decisions.toml"
    evidence: Annotated[
        Words, Meta(description="Files that say what runs: TOML, CSV, or an access log, also as SERVICE=FILE.")
    ] = ("readiness.evidence.toml",)  # fmt: skip
    check: Annotated[CheckRules, Meta(description="What `readiness check` fails on.")] = CheckRules()
    actuals: Annotated[
        tuple[Actual, ...], Meta(description="Finished ports: they calibrate the days of the others.")
    ] = ()
    team: Annotated[Team, Meta(description="Who is there to port.")] = Team()
