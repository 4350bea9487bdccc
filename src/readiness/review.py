"""A repository and what it is compared with -> Reports of both, by the stages of a scan. Never writes but into the store.

The other state is not checked out: the paths that differ are read as blobs from git, everything else is what lies on disk.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from readiness.cache import Store, digest_of
from readiness.config import check_scoring
from readiness.discover import discover, is_relevant, revise
from readiness.evidence import load_evidence
from readiness.git import GitError, blobs, differences, open_git
from readiness.learn.read import with_libraries
from readiness.paths import rules_folder
from readiness.question import Progress, ScanOptions, analysis_key, dated, store_of, without_collection
from readiness.rulebook import load_rulebook
from readiness.scan import analyse
from readiness.sides import SidesError, Wanted
from readiness.types.config import Config
from readiness.types.facts import Facts
from readiness.types.report import Report
from readiness.types.rulebook import Rulebook
from readiness.types.tree import GitFacts, Source, Tree
from readiness.workers import extract_files, is_of_content

BLOB_SECONDS = 60.0  # a change may be large, and nothing can be said without it
MAX_BLOB = 4 << 20  # a Python file or manifest above this is no file for us in a work tree either


class Review(Struct, frozen=True):
    """`bases` are empty where nothing that the analysis reads differs: then nothing can be new."""

    head: Report
    bases: tuple[Report, ...]
    warnings: tuple[str, ...]


@without_collection()
def review(root: Path, wanted: Wanted, config: Config, options: ScanOptions, progress: Progress) -> Review:
    """Both sides, analysed with one configuration and one rulebook. Raises SidesError where git cannot give a side.

    A side that was analysed before comes out of the store: what was the work tree yesterday is the base today.
    """
    root = root.resolve()
    rulebook = load_rulebook([rules_folder(), *(root / folder for folder in config.rules)])
    check_scoring(config, rulebook.scoring)
    tree = discover(root, config, GitFacts())  # without history: nothing that a gate looks at depends on it
    with closing(store_of(root, options)) as store:
        rulebook = with_libraries(root, rulebook, config, store)
        desk = Desk(root, tree, rulebook, dated(config), store, progress)
        head = desk.report({} if wanted.head is None else _changes(root, tree, wanted.head))
        bases = tuple(desk.report(_changes(root, tree, base)) for base in wanted.bases)
    return Review(head, bases, tuple(store.warnings))


class Desk:
    """What all sides have in common. The facts of the work tree are read when the first side is not in the store."""

    def __init__(
        self, root: Path, tree: Tree, rulebook: Rulebook, config: Config, store: Store, progress: Progress
    ) -> None:
        self.root, self.tree, self.rulebook, self.config, self.store = root, tree, rulebook, config, store
        self.evidence = load_evidence(root, config)  # the same for both sides: what runs is no part of a commit
        self._progress = progress
        self._digests: Mapping[str, bytes] = store.digests(root, tree.sources)
        self._facts: Mapping[str, Facts] | None = None

    def report(self, contents: Mapping[str, bytes | None]) -> Report:
        """The report of the tree with `contents` in place of what lies on disk."""
        tree = revise(self.root, self.tree, self.config, contents) if contents else self.tree
        fresh = {source.path: contents[source.path] or b"" for source in tree.sources if source.path in contents}
        key = self._key(tree, fresh)
        report = self.store.report(key) if key is not None else None
        if report is None:
            facts = {path: found for path, found in self._read().items() if path not in contents}
            more = extract_contents(fresh, self.store, self.config)
            report = analyse(tree, facts | more, self.rulebook, self.config, evidence=self.evidence)
            key = self._key(tree, fresh)
            if key is not None and all(is_of_content(found) for found in more.values()):
                self.store.put_report(self.root, key, report)
        return report

    def _key(self, tree: Tree, fresh: Mapping[str, bytes]) -> bytes | None:
        digests = {**self._digests, **{path: digest_of(data) for path, data in fresh.items()}}
        return analysis_key(tree, digests, self.rulebook, self.config, self.evidence)

    def _read(self) -> Mapping[str, Facts]:
        if self._facts is None:
            got = extract_files(
                self.root, self.tree.sources, self.store, self.config,
                lambda done, total: self._progress("parse", done, total), self._digests,
            )  # fmt: skip
            self._facts, self._digests = got.facts, got.digests
        return self._facts


def extract_contents(contents: Mapping[str, bytes], store: Store, config: Config) -> dict[str, Facts]:
    """Facts of contents that lie in no file: the workers read unknown ones from a scratch folder, under names of ours."""
    found = store.facts({path: digest_of(data) for path, data in contents.items()})
    paths = sorted(path for path in contents if path not in found)
    if not paths:
        return found
    with tempfile.TemporaryDirectory(prefix="readiness-") as folder:
        sources = []
        for number, path in enumerate(paths):
            name = f"{number}.py"
            Path(folder, name).write_bytes(contents[path])
            sources.append(Source(name, name, name, ".", False, len(contents[path]), 0, 0))
        made = extract_files(Path(folder), sources, store, config, None, {}).facts
    return found | {path: made[source.path] for path, source in zip(paths, sources, strict=True)}


def _changes(root: Path, tree: Tree, commit: str) -> dict[str, bytes | None]:
    """path -> content in `commit` (INDEX: in the index), where it differs from the work tree and could be of use."""
    git = open_git(root, BLOB_SECONDS)
    if git is None:
        raise SidesError("no git repository: nothing to compare with")
    try:
        found = differences(git, tree.files, commit or None)
        found = {path: name for path, name in found.items() if is_relevant(path)}
        data = blobs(git, [name for name in found.values() if name], MAX_BLOB)
    except GitError as error:
        raise SidesError(str(error)) from None
    return {path: data.get(name) if name else None for path, name in found.items()}
