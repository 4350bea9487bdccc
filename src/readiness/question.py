"""A repository -> all that a report of it depends on, read, and the digest of it. Never parses a file or analyses anything.

Apart from scan.py, since a scan of what has not changed needs nothing else: the stages take longer to import than this takes to run.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct, msgpack
from msgspec.structs import replace

from readiness.cache import FOLDER, Store, digest_of, open_store, program_version
from readiness.config import check_scoring
from readiness.decisions import calibrated, load_decisions
from readiness.discover import discover
from readiness.evidence import load_evidence
from readiness.git import read_git
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.decisions import Decision
from readiness.types.evidence import NO_EVIDENCE, Evidence
from readiness.types.rulebook import Rulebook
from readiness.types.tree import Tree

Progress = Callable[[str, int, int], None]
OnTree = Callable[[Tree], None]
GIT_SECONDS = 10.0


class ScanOptions(Struct, frozen=True):
    """What concerns the running of a scan and never its result."""

    cache_dir: Path | None = None
    use_cache: bool = True
    with_facts: bool = False  # `Scan.facts` is wanted, also where the report is known already


class Question(Struct, frozen=True):
    """All that a report depends on, read. `key` is the digest of what `analyse` gets, None where a content is not known yet."""

    root: Path
    tree: Tree
    rulebook: Rulebook
    config: Config
    decisions: tuple[Decision, ...]
    evidence: Evidence
    digests: dict[str, bytes]
    key: bytes | None
    begin: float
    started: str


@contextmanager
def opened(root: Path, config: Config, options: ScanOptions, progress: Progress) -> Iterator[tuple[Question, Store]]:
    """What a scan of `root` asks, and the store that may know the answer: open, and no garbage collected, until the end."""
    begin, started = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    root = root.resolve()
    with without_collection():
        rulebook = load_rulebook([rules_folder(), *(root / folder for folder in config.rules)])
        check_scoring(config, rulebook.scoring)
        decisions, evidence = load_decisions(root, config), load_evidence(root, config)
        progress("discover", 0, 1)
        tree = discover(root, config, read_git(root, GIT_SECONDS))
        config = calibrated(dated(config), decisions, rulebook.scoring)
        with closing(store_of(root, options)) as store:
            if config.library_paths:
                from readiness.learn.read import with_libraries  # late: it follows calls, with all that this takes

                rulebook = with_libraries(root, rulebook, config, store)
            digests = store.digests(root, tree.sources)
            key = analysis_key(tree, digests, rulebook, config, evidence)
            yield Question(root, tree, rulebook, config, decisions, evidence, digests, key, begin, started), store


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


def store_of(root: Path, options: ScanOptions) -> Store:
    """The store for a scan of `root`, opened; one that keeps nothing where none is wanted."""
    return open_store((options.cache_dir or root / FOLDER) if options.use_cache else None)


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
    lies, which is given whole; snippets and names of authors come later, so that `scan` and `services` ask for one and the same report."""
    return replace(config, workers=None, fail_on=(), evidence=(), snippets=True, authors=False)


def dated(config: Config) -> Config:
    """With the day (UTC) on which suppressions and decisions end: two scans of one day say the same."""
    return replace(config, today=config.today or datetime.now(UTC).date().isoformat())


def said_key(question: Question, key: bytes | None) -> bytes | None:
    """Digest of all that the finished report of a question depends on but `run`, where `key` is that of what `analyse` gets."""
    if key is None:
        return None
    return digest_of(msgpack.encode((key, question.decisions, question.config.snippets, question.config.authors)))
