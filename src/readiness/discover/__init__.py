"""root, Config, GitFacts -> Tree: Python files with import names, the text of manifests, what was left out and why. Never runs or imports them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from readiness.discover.names import name_modules
from readiness.discover.patterns import (
    LOCK_NAME,
    LOCK_TEXTS,
    MAX_LOCK,
    MAX_TEXT,
    MAX_TEXTS,
    REASONS,
)
from readiness.discover.revise import HEAD_BYTES, is_relevant, kind_of_head, revise
from readiness.discover.walk import File, walk
from readiness.disk import on_disk, read_bytes, shown
from readiness.types.config import Config
from readiness.types.tree import GitFacts, Skipped, Source, Text, Tree

__all__ = ["REASONS", "discover", "is_relevant", "revise"]

COUNTED_BYTES = 256 << 20  # lines of a file above the size limit are counted so far


def discover(root: Path, config: Config, git: GitFacts) -> Tree:
    """What lies below `root`: sorted by path, no link followed, nothing outside of `root` read but `__init__.py` names above it.

    Raises OSError when `root` itself is no readable folder.
    """
    root = root.resolve(strict=True)
    os.scandir(root).close()
    found = walk(root, config)
    files, skipped = _by_shown_path(found.files, found.skipped)
    kinds = {path: _kind(root, file) for path, file in files.items()}
    python: list[str] = []
    large: list[str] = []
    for path in sorted(files):
        if kinds[path].startswith("python"):
            (large if files[path].size > config.max_file_bytes else python).append(path)
    skipped += [_too_large(root, path, files[path].size, config.max_file_bytes) for path in large]
    importable = {shown(file.path): file for file in found.importable}
    every = sorted([*python, *(path for path in importable if path not in files)])
    named = name_modules(root, every, frozenset(files), config.source_roots)
    texts, refused = _texts(root, files, kinds)
    return Tree(
        name=shown(root.name),
        sources=_sources(python, files, named),
        texts=texts,
        skipped=tuple(sorted([*skipped, *refused], key=lambda row: (row.path, row.reason, row.detail))),
        git=git,
        files=tuple(sorted(files)),
        importable=_sources(sorted(set(importable) - set(files)), importable, named),
    )


def _by_shown_path(found: Sequence[File], skipped: Sequence[Skipped]) -> tuple[dict[str, File], list[Skipped]]:
    """Two names can be shown alike (the byte FF, and the text `\\xff`): the one that is written like this stays."""
    files: dict[str, File] = {}
    rows = list(skipped)
    for file in sorted(found, key=lambda file: (shown(file.path) != file.path, file.path)):
        path = shown(file.path)
        if path in files:
            rows.append(Skipped(path, "name-clash", "another file is shown by the same name"))
        else:
            files[path] = file
    return files, rows


def _kind(root: Path, file: File) -> str:
    """As File.kind; where the name says nothing the first line decides."""
    if file.kind != "unknown":
        return file.kind
    try:
        return kind_of_head(read_bytes(os.path.join(root, file.path), HEAD_BYTES) if file.size >= 4 else b"")
    except OSError:
        return "other"


def _too_large(root: Path, path: str, size: int, limit: int) -> Skipped:
    lines = 0
    try:
        with open(on_disk(root, path), "rb") as stream:
            while (block := stream.read(1 << 20)) and stream.tell() <= COUNTED_BYTES:
                lines += block.count(b"\n")
    except OSError as error:
        return Skipped(path, "unreadable", error.strerror or "OSError")
    return Skipped(path, "too-large", f"{size} bytes, the limit is {limit}", lines=lines)


def _sources(
    paths: Sequence[str], files: dict[str, File], named: dict[str, tuple[str, str, str]]
) -> tuple[Source, ...]:
    rows = []
    for path in paths:
        module, name, root = named[path]
        file = files[path]
        is_package = path.rpartition("/")[2] == "__init__.py"
        rows.append(Source(path, module, name, root, is_package, file.size, file.mtime_ns, file.inode))
    return tuple(rows)


def _texts(root: Path, files: dict[str, File], kinds: dict[str, str]) -> tuple[tuple[Text, ...], list[Skipped]]:
    """The text of what patterns.TEXT_NAME names; of lock files that pin no Python only that they are there."""
    texts, refused, total = [], [], 0
    for path in sorted(files):
        if not kinds[path].endswith("text"):
            continue
        name, size, limit = path.rpartition("/")[2], files[path].size, MAX_TEXT
        if LOCK_NAME.fullmatch(name):
            limit = MAX_LOCK
            if name not in LOCK_TEXTS:
                texts.append(Text(path, ""))
                continue
        if size > limit or total + size > MAX_TEXTS:
            refused.append(Skipped(path, "too-large", f"{size} bytes of text, the limit is {limit}"))
            continue
        try:
            data = read_bytes(on_disk(root, path), limit)
        except OSError as error:
            refused.append(Skipped(path, "unreadable", error.strerror or "OSError"))
            continue
        if path.endswith(".ts") and b"handler" not in data:
            continue  # of the TypeScript below a cdk.json most says nothing of what is deployed
        total += len(data)
        texts.append(Text(path, data.decode("utf-8-sig", "replace")))
    return tuple(texts), refused
