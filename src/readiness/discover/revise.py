"""Tree, other contents of some paths -> the Tree that discover would give if the disk were so. Reads the disk, never writes it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from readiness.discover.names import name_modules
from readiness.discover.patterns import LOCK_NAME, LOCK_TEXTS, MAX_LOCK, MAX_TEXT, SHEBANG, TEXT_PATH
from readiness.discover.walk import Folder, Rules, file_reason, folder_reason, kind_of, rules_of
from readiness.types.config import Config
from readiness.types.tree import Source, Text, Tree

HEAD_BYTES = 256  # of a file whose name says nothing: its first line


def revise(root: Path, tree: Tree, config: Config, contents: Mapping[str, bytes | None]) -> Tree:
    """`tree` with `contents` in place of what lies on disk; None stands for no file. `tree` is discover's of `root`.

    The contents are those of files that git tracks: no .gitignore speaks of them. What else is left out follows their names and
    text, and the folders on disk. A Source made here has no time and no inode. Import names are given anew, since one more file
    can make a name ambiguous.
    """
    root = root.resolve()
    rules = rules_of(root, config)
    there = {path: data for path, data in contents.items() if data is not None}
    reasons = {path: _reason(rules, path, data) for path, data in there.items()}
    kinds = {path: _kind(path, data) for path, data in there.items() if not reasons[path]}
    files = tuple(sorted((set(tree.files) - set(contents)) | set(kinds)))
    sources = {source.path: source for source in tree.sources if source.path not in contents}
    fits = config.max_file_bytes
    sources |= {p: _source(p, there[p]) for p, k in kinds.items() if k.startswith("python") and len(there[p]) <= fits}
    importable = {source.path: source for source in tree.importable if source.path not in contents}
    importable |= {
        p: _source(p, there[p]) for p, reason in reasons.items() if reason == "generated" and p.endswith(".py")
    }
    named = name_modules(root, sorted({*sources, *importable}), frozenset(files), config.source_roots)
    texts = {text.path: text for text in tree.texts if text.path not in contents}
    texts |= {
        p: _text(p, there[p]) for p, kind in kinds.items() if kind.endswith("text") and len(there[p]) <= _limit(p)
    }
    return replace(
        tree,
        sources=tuple(_named(sources[path], named) for path in sorted(sources)),
        texts=tuple(texts[path] for path in sorted(texts)),
        skipped=tuple(row for row in tree.skipped if row.path not in contents),
        files=files,
        importable=tuple(_named(importable[path], named) for path in sorted(importable)),
    )


def is_relevant(path: str) -> bool:
    """Whether a file of this name can change what is found: its text is read, or its first line could make it a script."""
    return kind_of(path.rpartition("/")[2]) != "other" or TEXT_PATH.fullmatch(path) is not None


def kind_of_head(head: bytes) -> str:
    """python | text | other: of a file whose name says nothing, by its first line."""
    found = SHEBANG.match(head)
    return "other" if not found else "python" if found["python"] else "text"


def _reason(rules: Rules, path: str, data: bytes) -> str:
    """Why discover would leave it out, "" where it would not."""
    *folders, name = path.split("/")
    reason, above = "", ""
    for folder in folders:
        if not reason:
            reason, _ = folder_reason(rules, above + folder, _names(os.path.join(rules.root, above)), ())
        above += folder + "/"
    return file_reason(rules, Folder(above, (), reason), path, kind_of(name), lambda most: data[:most])[0]


def _names(folder: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()


def _kind(path: str, data: bytes) -> str:
    kind = kind_of(path.rpartition("/")[2])
    if kind in ("unknown", "other") and TEXT_PATH.fullmatch(path):
        return "text"
    return kind_of_head(data[:HEAD_BYTES]) if kind == "unknown" else kind


def _source(path: str, data: bytes) -> Source:
    return Source(path, "", "", "", path.rpartition("/")[2] == "__init__.py", len(data), 0, 0)


def _named(source: Source, named: Mapping[str, tuple[str, str, str]]) -> Source:
    module, name, root = named[source.path]
    return replace(source, module=module, name=name, root=root)


def _limit(path: str) -> int:
    return MAX_LOCK if LOCK_NAME.fullmatch(path.rpartition("/")[2]) else MAX_TEXT


def _text(path: str, data: bytes) -> Text:
    name = path.rpartition("/")[2]
    is_named_only = LOCK_NAME.fullmatch(name) and name not in LOCK_TEXTS
    return Text(path, "" if is_named_only else data.decode("utf-8-sig", "replace"))
