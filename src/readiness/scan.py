"""A repository -> Report: the stages in order. The spine; read this first.

`analyse` is pure: it touches no disk, clock, process or environment. `scan` is discover + stored extract + analyse + snippets.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct, msgpack
from msgspec.structs import replace

from readiness.assess import assess
from readiness.authors import with_authors
from readiness.cache import Store, digest_of
from readiness.config import ConfigError
from readiness.coupling import couple
from readiness.decisions import decide
from readiness.declared import by_distribution, read_declared
from readiness.document import document
from readiness.evidence import strangers
from readiness.findings import find
from readiness.git import read_authors
from readiness.link import link
from readiness.question import (
    GIT_SECONDS,
    OnTree,
    Progress,
    Question,
    ScanOptions,
    analysis_key,
    asked,
    opened,
    said_key,
)
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

NO_RUN = Run("", 0.0, 0, "", CacheCount(0, 0))


class Scan(Struct, frozen=True):
    """A report and what has to be told about the run itself."""

    report: Report
    warnings: tuple[str, ...]
    tree: Tree
    rulebook: Rulebook
    facts: Mapping[str, Facts]  # by path; empty without `ScanOptions.with_facts`: they are most of the memory of a scan
    key: bytes | None  # digest of all that the report depends on but `run`; None where a content is not known


def scan(root: Path, config: Config, options: ScanOptions, progress: Progress) -> Report:
    """The report of the repository at `root`. Raises RulebookError for a broken rule page of the user, ConfigError for broken
    decisions or evidence."""
    return scan_with_warnings(root, config, options, progress).report


def scan_with_warnings(root: Path, config: Config, options: ScanOptions, progress: Progress) -> Scan:
    """As `scan`, with the store's warnings."""
    with opened(root, config, options, progress) as (question, store):
        return answered(question, store, options, progress)


def answered(
    question: Question, store: Store, options: ScanOptions, progress: Progress, on_tree: OnTree = lambda tree: None
) -> Scan:
    """The report that `question` asks for. `on_tree` gets the tree before any file of it is read by a parser."""
    config = question.config
    report, got, key = stored_or_analysed(question, store, options, progress, on_tree)
    if unknown := strangers(question.evidence, report):
        raise ConfigError("\n".join(unknown))
    report = decide(report, question.decisions, config.today, config.actuals)
    if config.authors:
        report = with_authors(report, read_authors(question.root, GIT_SECONDS))
    if config.snippets:
        report = replace(report, snippets=snippets(question.root, report, got.digests))
    seconds = round(time.perf_counter() - question.begin, 3)
    run = Run(question.started, seconds, got.workers, platform.python_version(), CacheCount(got.hits, got.misses))
    facts = got.facts if options.with_facts else {}
    report = replace(report, run=run)
    return Scan(report, tuple(store.warnings), question.tree, question.rulebook, facts, said_key(question, key))


def stored_or_analysed(
    question: Question, store: Store, options: ScanOptions, progress: Progress, on_tree: OnTree
) -> tuple[Report, Extracted, bytes | None]:
    """What `analyse` says, out of the store where it was asked the same before; what was read for it, and the digest of all of it.

    Of a report out of the store there are no facts, unless `options` ask for them.
    """
    q, tree = question, question.tree
    report = store.report(q.key) if q.key is not None else None
    if report is not None and not options.with_facts:
        return report, Extracted({}, q.digests, len(tree.sources), 0, 0), q.key
    on_tree(tree)
    got = extract_files(
        q.root, tree.sources, store, q.config, lambda done, total: progress("parse", done, total), q.digests
    )
    if report is not None:
        return report, got, q.key
    report = analyse(tree, got.facts, q.rulebook, q.config, progress, q.evidence)
    if not options.with_facts:
        got.facts.clear()  # nobody reads them any more, and packing the report takes its own memory
    key = analysis_key(tree, got.digests, q.rulebook, q.config, q.evidence)
    if key is not None:
        store.put_report(q.root, key, report)
    return report, got, key


def analyse(
    tree: Tree, facts: Mapping[str, Facts], rulebook: Rulebook, config: Config, progress: Progress = lambda *_: None,
    evidence: Evidence = NO_EVIDENCE,
) -> Report:  # fmt: skip
    """Facts (by path) -> Report. Pure: the same values give the same report."""
    progress("link", 0, 4)
    declared = by_distribution(read_declared(tree.texts, tree.sources, facts))
    rulebook = at_versions(rulebook, declared)
    program = link(tree, facts, rulebook, config.named)
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
