"""A folder with a library -> its page; `library_paths` -> a rulebook that knows those libraries. Reads files and imports nothing."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from readiness.cache import Store
from readiness.config import ConfigError
from readiness.discover import discover
from readiness.learn import learn
from readiness.link.space import is_test_path
from readiness.rulebook.libraries import library_of
from readiness.rulebook.page import page_of
from readiness.types.config import Config
from readiness.types.rulebook import Rulebook
from readiness.types.tree import GitFacts, Source, Text
from readiness.workers import extract_files

BESIDE = frozenset({"doc", "docs", "example", "examples", "benchmark", "benchmarks", "scripts", "tools"})


class LearnError(ConfigError):
    """What is wrong with a folder that should hold a library, in one line for the user."""


def read_library(folder: Path, rulebook: Rulebook, config: Config, store: Store | None, name: str | None = None) -> str:
    """The page of the library in `folder`: a checkout, or a package as it is installed. Raises LearnError where there is none.

    `config` bounds what is read. `name` is the distribution, where the folder does not say it.
    """
    limits = Config(
        max_file_bytes=config.max_file_bytes, file_seconds=config.file_seconds, worker_memory_mib=config.worker_memory_mib,
        workers=config.workers,
    )  # fmt: skip
    try:
        tree = discover(folder, limits, GitFacts())
    except OSError as error:
        raise LearnError(f"{folder}: {error.strerror or 'cannot be read'}") from None
    sources = _of_the_library(tree.sources)
    if not sources:
        raise LearnError(f"{folder}: holds no Python")
    facts = extract_files(folder, sources, store, limits, None).facts
    return learn(replace(tree, sources=sources), facts, rulebook, name or _distribution(tree.texts, sources))


def with_libraries(root: Path, rulebook: Rulebook, config: Config, store: Store | None) -> Rulebook:
    """The rulebook with a page for each of `config.library_paths` that has none; its digest follows what was learnt.

    Read in the order of the settings, so that one library may build on another. Raises LearnError.
    """
    for path in config.library_paths:
        text = read_library(root / path, rulebook, config, store)
        library = library_of(page_of(f"library_paths/{path}", text.encode()))
        if any(known.distribution == library.distribution and known.apis for known in rulebook.libraries):
            continue  # somebody wrote a page: it was looked over
        digest = hashlib.blake2b(f"{rulebook.digest}{text}".encode(), digest_size=16).hexdigest()
        others = [known for known in rulebook.libraries if known.distribution != library.distribution]
        rulebook = replace(rulebook, libraries=(*others, library), digest=digest)
    return rulebook


def _of_the_library(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Without tests, manuals and examples; and where there are packages, without single modules beside them (setup.py)."""
    own = [row for row in sources if not BESIDE.intersection(row.path.split("/")[:-1]) and not is_test_path(row.path)]
    packages = {row.name.partition(".")[0] for row in own if row.is_package}
    return tuple(row for row in own if not packages or row.name.partition(".")[0] in packages)


def _distribution(texts: Sequence[Text], sources: Sequence[Source]) -> str:
    """What pyproject.toml calls it, else the import name with most modules."""
    said = next((name for text in texts if text.path == "pyproject.toml" and (name := _named(text.text))), "")
    tops = Counter(source.name.partition(".")[0] for source in sources)
    return said or min(tops, key=lambda top: (-tops[top], top)).replace("_", "-")


def _named(text: str) -> str:
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError):
        return ""
    for keys in (("project", "name"), ("tool", "poetry", "name")):
        found: object = table
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, str) and found.strip():
            return found.strip()
    return ""
