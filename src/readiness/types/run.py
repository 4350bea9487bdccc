"""What a report says of the scan itself: the tool, the run, the repository, the counts. Part of types/report.py's document."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from readiness.types.tree import Skipped


class Tool(Struct, frozen=True):
    name: str
    version: str
    rules: str
    config: str = (
        ""  # digest of the settings that the numbers depend on: two reports with another one are not made alike
    )


class CacheCount(Struct, frozen=True):
    hits: int
    misses: int


class Run(Struct, frozen=True):
    """The only part that differs between two scans of one tree."""

    started: str
    seconds: float
    workers: int
    python: str
    cache: CacheCount


class Repository(Struct, frozen=True):
    name: str
    root: str
    commit: str | None
    dirty: bool | None
    files: int
    lines: int
    parsed: int
    skipped: tuple[Skipped, ...]
    source_url: str | None = None  # of the configuration: where a line is shown, with {commit}, {path} and {line}


class CallCount(Struct, frozen=True):
    resolved: int
    external: int
    unresolved: int
    reasons: Mapping[str, int] = {}


class UnknownLibrary(Struct, frozen=True):  # imported from outside, on no page: nobody knows what its calls wait for
    name: str  # as it is imported
    sites: int  # call sites, outside of tests


class Summary(Struct, frozen=True):
    verdicts: Mapping[str, int]
    services: int
    modules: int
    functions: int
    hotspots: int
    findings: int
    cycles: int
    calls: CallCount
    fixes: int
    unknown_libraries: tuple[UnknownLibrary, ...] = ()  # the three that hide most call sites, most first
