"""A repository -> Report: the stages in order. The spine; read this first.

`analyse` is pure: it touches no disk, clock, process or environment. `scan` is discover + stored extract + analyse + snippets.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from readiness.assess import assess
from readiness.cache import FOLDER, open_store
from readiness.coupling import couple
from readiness.declared import by_distribution, read_declared
from readiness.discover import discover
from readiness.document import document
from readiness.findings import find
from readiness.git import read_git
from readiness.link import link
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.rulebook.versions import at_versions
from readiness.services import find_services
from readiness.snippets import snippets
from readiness.types.config import Config
from readiness.types.facts import Facts
from readiness.types.report import CacheCount, Report, Run, Tool
from readiness.types.rulebook import Rulebook
from readiness.types.tree import Skipped, Tree
from readiness.workers import extract_files

Progress = Callable[[str, int, int], None]
GIT_SECONDS = 10.0
NO_RUN = Run("", 0.0, 0, "", CacheCount(0, 0))


class ScanOptions(Struct, frozen=True):
    """What concerns the running of a scan and never its result."""

    cache_dir: Path | None = None
    use_cache: bool = True


class Scan(Struct, frozen=True):
    """A report and what has to be told about the run itself."""

    report: Report
    warnings: tuple[str, ...]


def scan(root: Path, config: Config, options: ScanOptions, progress: Progress) -> Report:
    """The report of the repository at `root`. Raises RulebookError where a rule page of the user is broken."""
    return scan_with_warnings(root, config, options, progress).report


def scan_with_warnings(root: Path, config: Config, options: ScanOptions, progress: Progress) -> Scan:
    """As `scan`, with the store's warnings."""
    begin, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    root = root.resolve()
    rulebook = load_rulebook([rules_folder(), *(root / folder for folder in config.rules)])
    progress("discover", 0, 1)
    tree = discover(root, config, read_git(root, GIT_SECONDS))
    store = open_store(options.cache_dir or root / FOLDER) if options.use_cache else None
    try:
        got = extract_files(root, tree.sources, store, config, lambda done, total: progress("parse", done, total))
    finally:
        if store is not None:
            store.close()
    # suppressions end by the day: two scans of one day say the same
    dated = replace(config, today=config.today or started[:10])
    report = analyse(tree, got.facts, rulebook, dated, progress)
    if config.snippets:
        report = replace(report, snippets=snippets(root, report, tree.sources))
    seconds = round(time.perf_counter() - begin, 3)
    run = Run(started, seconds, got.workers, platform.python_version(), CacheCount(got.hits, got.misses))
    return Scan(replace(report, run=run), tuple(got.warnings))


def read(root: Path, config: Config, options: ScanOptions) -> tuple[Tree, Mapping[str, Facts]]:
    """What the files say, by path, without any analysis: from the store as far as it knows them."""
    root = root.resolve()
    tree = discover(root, config, read_git(root, GIT_SECONDS))
    store = open_store(options.cache_dir or root / FOLDER) if options.use_cache else None
    try:
        return tree, extract_files(root, tree.sources, store, config, lambda done, total: None).facts
    finally:
        if store is not None:
            store.close()


def analyse(
    tree: Tree, facts: Mapping[str, Facts], rulebook: Rulebook, config: Config, progress: Progress = lambda *_: None
) -> Report:
    """Facts (by path) -> Report. Pure: the same values give the same report."""
    progress("link", 0, 4)
    declared = by_distribution(read_declared(tree.texts, tree.sources, facts))
    rulebook = at_versions(rulebook, declared)
    program = link(tree, facts, rulebook)
    progress("couple", 1, 4)
    coupling = couple(program)
    by_module = {s.module: facts[s.path] for s in tree.sources if s.path in facts}
    progress("services", 2, 4)
    services = find_services(tree, by_module, program, coupling, rulebook, config)
    found = find(program, by_module, coupling, services, rulebook, config)
    progress("rank", 3, 4)
    assessment = assess(program, by_module, coupling, services, found, rulebook, config, tree.git, declared)
    tool = Tool("readiness", version("go-port-readiness"), rulebook.digest)
    skipped = (*tree.skipped, *not_analysed(tree, facts))
    return document(
        replace(tree, skipped=tuple(sorted(skipped, key=lambda s: (s.path, s.reason)))),
        program, coupling, services, found, assessment, rulebook, config, tool, NO_RUN,
    )  # fmt: skip


def not_analysed(tree: Tree, facts: Mapping[str, Facts]) -> Sequence[Skipped]:
    """Files that were read but have no tree, or a tree without metrics."""
    rows = []
    for source in tree.sources:
        found = facts.get(source.path)
        failure = (found.failure or found.metrics_failure) if found else None
        if failure is not None and found is not None:
            reason = failure.reason if found.failure else "no-metrics"
            detail = failure.detail if found.failure else f"metrics not measured: {failure.detail}"
            rows.append(Skipped(source.path, reason, detail, failure.line))
        elif found is None:
            rows.append(Skipped(source.path, "unreadable", "the file vanished or could not be read"))
    return rows
