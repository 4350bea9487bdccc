"""What the user may say in `[tool.readiness]` or on the command line."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class ServiceRule(Struct, frozen=True):
    """One `[[tool.readiness.services]]`: names, merges, splits or excludes services by globs."""

    match: tuple[str, ...]  # globs over an entry file's path, a root or a found id
    name: str | None = None
    exclude: bool = False
    entry: str | None = None  # path or module:object that is an entry although nothing says so
    archetype: str | None = None


class Config(Struct, frozen=True):
    """All settings with their defaults. Paths are relative to the scanned root."""

    goal: str = "throughput"  # throughput | footprint
    source_roots: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()  # gitignore patterns
    include: tuple[str, ...] = ()  # gitignore patterns that overrule the left-out rules
    max_file_bytes: int = 1_000_000
    file_seconds: float = 20.0
    worker_memory_mib: int = 2_048
    workers: int | None = None  # None: as many as there are processors
    services: tuple[ServiceRule, ...] = ()
    rules: tuple[str, ...] = ()  # further folders of rule and library pages
    select: tuple[str, ...] = ()  # rule ids or prefixes; empty: all
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = {}
    weights: Mapping[str, float] = {}  # family or risk signal -> weight
    thresholds: Mapping[str, float] = {}
    dependencies: Mapping[str, str] = {}  # distribution -> fit
    fail_on: tuple[str, ...] = ()
    source_url: str | None = None
    snippets: bool = True
    calls: bool = False
    today: str | None = None  # YYYY-MM-DD against which suppressions end; None: the day (UTC) on which the scan began
