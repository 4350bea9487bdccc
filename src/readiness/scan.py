"""A repository -> Report: the stages in order. The spine; read this first.

`analyse` is pure: it touches no disk, clock, process or environment. `scan` is discover + stored extract + analyse + snippets.
"""

from __future__ import annotations

import gc
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct, msgpack
from msgspec.structs import replace

from readiness.assess import assess
from readiness.cache import FOLDER, Store, digest_of, open_store, program_version
from readiness.config import ConfigError, check_scoring
from readiness.coupling import couple
from readiness.decisions import calibrated, decide, load_decisions
from readiness.declared import by_distribution, read_declared
from readiness.discover import discover
from readiness.document import document
from readiness.evidence import load_evidence, strangers
from readiness.findings import find
from readiness.git import read_git
from readiness.learn.read import with_libraries
from readiness.link import link
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.rulebook.versions import at_versions
from readiness.services import find_services
from readiness.snippets import snippets
from readiness.types.config import Config
from readiness.types.evidence import NO_EVIDENCE, Evidence
from readiness.types.facts import Facts
from readiness.types.report import Report
from readiness.types.rulebook import Rulebook
from readiness.types.run import CacheCount, Run, Tool
from readiness.types.tree import Skipped, Tree
from readiness.workers import Extracted, extract_files

Progress = Callable[[str, int, int], None]
OnTree = Callable[[Tree], None]
GIT_SECONDS = 10.0
NO_RUN = Run("", 0.0, 0, "", CacheCount(0, 0))


class ScanOptions(Struct, frozen=True):
    """What concerns the running of a scan and never its result."""

    cache_dir: Path | None = None
    use_cache: bool = True
    with_facts: bool = False  # `Scan.facts` is wanted, also where the report is known already


class Scan(Struct, frozen=True):
    """A report and what has to be told about the run itself."""

    report: Report
    warnings: tuple[str, ...]
    tree: Tree
    rulebook: Rulebook
    facts: Mapping[str, Facts]  # by path; empty without `ScanOptions.with_facts`: they are most of the memory of a scan


@contextmanager
def without_collection() -> Iterator[None]:
    """Facts and programs are many records and no cycles: the collector would walk them again and again (a sixth of the CPU, measured)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def scan(root: Path, config: Config, options: ScanOptions, progress: Progress) -> Report:
    """The report of the repository at `root`. Raises RulebookError for a broken rule page of the user, ConfigError for broken
    decisions or evidence."""
    return scan_with_warnings(root, config, options, progress).report


@without_collection()
def scan_with_warnings(
    root: Path, config: Config, options: ScanOptions, progress: Progress, on_tree: OnTree = lambda tree: None
) -> Scan:
    """As `scan`, with the store's warnings. `on_tree` gets the tree before any file of it is read by a parser."""
    begin, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    root = root.resolve()
    rulebook = load_rulebook([rules_folder(), *(root / folder for folder in config.rules)])
    check_scoring(config, rulebook.scoring)
    decisions, evidence = load_decisions(root, config), load_evidence(root, config)
    progress("discover", 0, 1)
    tree = discover(root, config, read_git(root, GIT_SECONDS))
    on_tree(tree)
    config = calibrated(dated(config), decisions, rulebook.scoring)
    with closing(store_of(root, options)) as store:
        rulebook = with_libraries(root, rulebook, config, store)
        report, got = stored_or_analysed(root, tree, store, rulebook, config, options, progress, evidence)
    if unknown := strangers(evidence, report):
        raise ConfigError("\n".join(unknown))
    report = decide(report, decisions, config.today, config.actuals)
    if config.snippets:
        report = replace(report, snippets=snippets(root, report, got.digests))
    seconds = round(time.perf_counter() - begin, 3)
    run = Run(started, seconds, got.workers, platform.python_version(), CacheCount(got.hits, got.misses))
    facts = got.facts if options.with_facts else {}
    return Scan(replace(report, run=run), tuple(store.warnings), tree, rulebook, facts)


def store_of(root: Path, options: ScanOptions) -> Store:
    """The store for a scan of `root`, opened; one that keeps nothing where none is wanted."""
    return open_store((options.cache_dir or root / FOLDER) if options.use_cache else None)


def stored_or_analysed(
    root: Path, tree: Tree, store: Store, rulebook: Rulebook, config: Config, options: ScanOptions, progress: Progress,
    evidence: Evidence,
) -> tuple[Report, Extracted]:  # fmt: skip
    """What `analyse` says, out of the store where it was asked the same before; and what was read for it.

    Of a report out of the store there are no facts, unless `options` ask for them.
    """
    digests = store.digests(root, tree.sources)
    key = analysis_key(tree, digests, rulebook, config, evidence)
    report = store.report(key) if key is not None else None
    if report is not None and not options.with_facts:
        return report, Extracted({}, digests, len(tree.sources), 0, 0)
    got = extract_files(root, tree.sources, store, config, lambda done, total: progress("parse", done, total), digests)
    if report is not None:
        return report, got
    report = analyse(tree, got.facts, rulebook, config, progress, evidence)
    if not options.with_facts:
        got.facts.clear()  # nobody reads them any more, and packing the report takes its own memory
    key = analysis_key(tree, got.digests, rulebook, config, evidence)
    if key is not None:
        store.put_report(root, key, report)
    return report, got


def analysis_key(
    tree: Tree, digests: Mapping[str, bytes], rulebook: Rulebook, config: Config, evidence: Evidence = NO_EVIDENCE
) -> bytes | None:
    """Digest of all that `analyse` depends on, contents in place of times and inodes. None where a content is not known."""
    if any(source.path not in digests for source in tree.sources):
        return None
    contents = [digests[source.path] for source in tree.sources]
    sources = [[(s.path, s.module, s.name, s.root) for s in group] for group in (tree.sources, tree.importable)]
    settings = asked(config)
    rest = replace(tree, sources=(), importable=())
    return digest_of(msgpack.encode((program_version(), rulebook.digest, settings, sources, contents, rest, evidence)))


def asked(config: Config) -> Config:
    """The settings that the numbers depend on: without who reads the files, what is done with the report, and where the evidence
    lies, which is given whole; snippets come later, so that `scan` and `services` ask for one and the same report."""
    return replace(config, workers=None, fail_on=(), evidence=(), snippets=True)


def dated(config: Config) -> Config:
    """With the day (UTC) on which suppressions and decisions end: two scans of one day say the same."""
    return replace(config, today=config.today or datetime.now(UTC).date().isoformat())


def analyse(
    tree: Tree, facts: Mapping[str, Facts], rulebook: Rulebook, config: Config, progress: Progress = lambda *_: None,
    evidence: Evidence = NO_EVIDENCE,
) -> Report:  # fmt: skip
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
    assessment = assess(
        program, by_module, coupling, services, found, rulebook, config, tree.git, declared, evidence, tree.files
    )
    settings = digest_of(msgpack.encode(replace(asked(config), today=None, source_url=None, calls=False))).hex()[:32]
    tool = Tool("readiness", version("go-port-readiness"), rulebook.digest, settings)
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
