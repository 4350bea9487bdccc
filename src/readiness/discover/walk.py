"""root, Config -> every file that is not left out, and what was. Follows no link; opens .gitignore, git's index and heads of suspects only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from readiness.discover import patterns
from readiness.discover.ignores import Ignore, ignore_file, ignore_of, ignores_above, is_ignored, repository_of
from readiness.discover.tracked import Tracked
from readiness.disk import read_bytes, shown
from readiness.types.config import Config
from readiness.types.tree import Skipped

KEPT_HEAD = 64 * 1024  # placeholders stand early in a template
MARK_HEAD = 2 * 1024  # a generator's mark stands in the first lines

Head = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class File:
    """A regular file that was kept, or left out but importable (`reason`)."""

    path: str
    kind: str  # python | text | python+text | unknown (the name says nothing) | other
    size: int = 0  # this and what follows: 0 for `other`, which nobody opens
    mtime_ns: int = 0
    inode: int = 0
    reason: str = ""


@dataclass(slots=True)
class Found:
    files: list[File] = field(default_factory=list)
    importable: list[File] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rules:
    root: Path
    exclude: Ignore | None
    include: Ignore | None
    tracked: Tracked
    in_repository: bool


@dataclass(frozen=True, slots=True)
class Folder:
    path: str  # "" for PATH, else with a `/` at the end; not escaped
    ignores: tuple[Ignore, ...]
    reason: str  # not empty: left out, and walked only for what `include` names, git tracks or others import
    is_service: bool = False  # below a folder in which names like `run` mean a start script
    is_stack: bool = False  # below a folder whose TypeScript says what is deployed


def walk(root: Path, config: Config) -> Found:
    """All regular files below `root` by name order, minus what patterns.REASONS leaves out."""
    found = Found()
    rules = rules_of(root, config)
    stack = [Folder("", ignores_above(root), "")]
    while stack:
        folder = stack.pop()
        stack.extend(reversed(list(_scan(rules, folder, found))))
    return found


def rules_of(root: Path, config: Config) -> Rules:
    """What `config` and the repository around `root` say about leaving out."""
    top = repository_of(root)
    inner = root.relative_to(top).as_posix() + "/" if top is not None and top != root else ""
    return Rules(
        root,
        ignore_of("", "", list(config.exclude)),
        ignore_of("", "", list(config.include)),
        Tracked(top, inner),
        top is not None,
    )


def _scan(rules: Rules, folder: Folder, found: Found) -> Iterator[Folder]:
    """Sorts one folder's entries into `found`; gives the folders to go on with."""
    try:
        with os.scandir(os.path.join(rules.root, folder.path)) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        found.skipped.append(Skipped(shown(folder.path.rstrip("/")) or ".", "unreadable", error.strerror or "OSError"))
        return
    names = frozenset(entry.name for entry in listed)
    ignores = folder.ignores
    for name in (".gitignore", ".git/info/exclude"):
        if name.split("/")[0] in names:
            own = ignore_file(os.path.join(rules.root, folder.path, name), folder.path, "")
            ignores = (*ignores, own) if own else ignores
    is_service = bool(patterns.TEXT_FOLDER.match(folder.path))
    here = Folder(folder.path, ignores, folder.reason, is_service, folder.is_stack or patterns.STACK_FILE in names)
    for entry in listed:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _folder(rules, here, entry.name, names, found)
            else:
                _file(rules, here, entry, found)
        except OSError as error:
            found.skipped.append(Skipped(shown(here.path + entry.name), "unreadable", error.strerror or "OSError"))


def _folder(rules: Rules, above: Folder, name: str, siblings: frozenset[str], found: Found) -> Iterator[Folder]:
    path = above.path + name
    reason, detail = above.reason, ""
    if not reason:
        reason, detail = folder_reason(rules, path, siblings, above.ignores)
        if reason and detail:
            found.skipped.append(Skipped(shown(path), reason, detail))
    # Left out, yet walked: what `include` may name in it, what git tracks, and generated modules, which others import.
    if (
        not reason
        or reason == "generated"
        or (rules.include and (detail or above.reason))
        or (reason == "ignored" and rules.tracked.has_below(path + "/"))
    ):
        yield Folder(path + "/", above.ignores, reason, is_stack=above.is_stack)


def folder_reason(rules: Rules, path: str, siblings: frozenset[str], ignores: tuple[Ignore, ...]) -> tuple[str, str]:
    """(reason, detail) for leaving a folder out, ("", "") to walk it; without detail it is not even listed."""
    name = path.rpartition("/")[2]
    if name in patterns.UNLISTED:
        return "cache", ""
    if _verdict(rules.exclude, path + "/"):
        return "excluded", "exclude of the configuration"
    if _verdict(rules.include, path + "/"):
        return "", ""
    folder = os.path.join(rules.root, path)
    if name in patterns.ENVIRONMENTS or _has(folder, "pyvenv.cfg") or _has(folder, "conda-meta"):
        return "virtual-environment", "pyvenv.cfg" if _has(folder, "pyvenv.cfg") else name
    if name in patterns.CACHES or name.endswith(".egg-info"):
        return "cache", name
    if name in patterns.VENDORED and not (name == "vendor" and _is_application(folder)):
        return "vendored", name
    if name in patterns.GENERATED_FOLDERS:
        return "generated", name
    if "{{" in name or "{%" in name:
        return "template", "a placeholder in the folder's name"
    if name == "build" and siblings & patterns.MANIFESTS and _is_build(folder):
        return "build-output", "build beside a manifest"
    if rules.in_repository and _is_other_repository(folder):
        return "other-repository", ".git"
    if not is_ignored(ignores, path + "/"):
        return "", ""
    return "ignored", ".gitignore, but for what git tracks" if rules.tracked.has_below(path + "/") else ".gitignore"


def _file(rules: Rules, folder: Folder, entry: os.DirEntry[str], found: Found) -> None:
    """Keeps a file or says why not; rows are made only for files that would have been of use."""
    path, name = folder.path + entry.name, entry.name
    kind = kind_of(name)
    if folder.is_service and kind in ("unknown", "other") and patterns.TEXT_PATH.fullmatch(path):
        kind = "text"
    if folder.is_stack and kind == "other" and patterns.STACK_NAME.fullmatch(name):
        kind = "text"
    is_wanted = kind not in ("unknown", "other")
    if entry.is_symlink():
        target = os.path.join(rules.root, path)
        if is_wanted or os.path.isdir(target):
            found.skipped.append(Skipped(shown(path), "link", _link_detail(rules.root, target)))
        return
    if not entry.is_file(follow_symlinks=False):
        found.skipped.append(Skipped(shown(path), "special-file", "a FIFO, socket or device"))
        return
    reason, detail = file_reason(rules, folder, path, kind, partial(_head, rules.root, path))
    if reason and not is_wanted:
        return
    file = File(path, kind)
    if kind != "other":
        status = entry.stat(follow_symlinks=False)
        file = File(path, kind, status.st_size, status.st_mtime_ns, status.st_ino, reason)
    if not reason:
        found.files.append(file)
        return
    if reason == "generated" and name.endswith(".py"):
        found.importable.append(file)
    if not folder.reason:
        found.skipped.append(Skipped(shown(path), reason, detail))


@lru_cache(maxsize=1 << 14)
def kind_of(name: str) -> str:
    """What a file's name says of it; repositories have many files of few names."""
    is_text = bool(patterns.TEXT_NAME.fullmatch(name) or patterns.LOCK_NAME.fullmatch(name))
    if name.endswith(patterns.PYTHON_SUFFIXES):
        return "python+text" if is_text else "python"
    if is_text:
        return "text"
    suffix = os.path.splitext(name)[1]
    is_unknown = not name.startswith(".") and (not suffix or patterns.UNKNOWN_SUFFIX.fullmatch(suffix))
    return "unknown" if is_unknown else "other"


def file_reason(rules: Rules, folder: Folder, path: str, kind: str, head: Head) -> tuple[str, str]:
    """(reason, detail) for leaving a file out, ("", "") to keep it. `head` gives its first bytes."""
    if _verdict(rules.exclude, path):
        return "excluded", "exclude of the configuration"
    if _verdict(rules.include, path):
        return "", ""
    if folder.reason and not (folder.reason == "ignored" and rules.tracked.has(path)):
        return folder.reason, "its folder"
    if not folder.reason and is_ignored(folder.ignores, path) and not rules.tracked.has(path):
        return "ignored", ".gitignore"
    return _made_reason(path, head) if kind.startswith("python") else ("", "")


def _made_reason(path: str, head: Head) -> tuple[str, str]:
    """Whether a Python file is not written by hand: generated, or a template."""
    name = path.rpartition("/")[2]
    if patterns.GENERATED.fullmatch(name):
        return "generated", "its name"
    if "{{" in name or "{%" in name:
        return "template", "a placeholder in the name"
    folders = path.split("/")[:-1]
    if any(patterns.TEMPLATE_FOLDER.fullmatch(folder) for folder in folders) and _has_placeholder(head(KEPT_HEAD)):
        return "template", "placeholders"
    if mark := _generator_mark(head(MARK_HEAD)):
        return "generated", mark
    return "", ""


def _verdict(spec: Ignore | None, path: str) -> bool:
    return bool(spec and spec.verdict(path))


def _has(folder: str, name: str) -> bool:
    return os.path.lexists(os.path.join(folder, name))


def _is_application(folder: str) -> bool:
    return any(_has(folder, name) for name in patterns.APPLICATION_FILES)


def _is_build(folder: str) -> bool:
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    return any(name == "lib" or name.startswith(("lib.", "bdist.", "temp.", "scripts-")) for name in names)


def _is_other_repository(folder: str) -> bool:
    """A clone or a work tree inside a repository. A submodule belongs to the repository."""
    mark = os.path.join(folder, ".git")
    if os.path.isdir(mark):
        return True
    try:
        return b"/worktrees/" in read_bytes(mark, 4096)
    except OSError:
        return False


def _has_placeholder(head: bytes) -> bool:
    """Whether placeholders stand in the code itself: a template engine's own source has them in its strings and comments only."""
    return bool(patterns.PLACEHOLDER.search(head) and patterns.PLACEHOLDER.search(patterns.STRINGS.sub(b"", head)))


def _generator_mark(head: bytes) -> str:
    """The line by which a generator signs its file, "" without one. Only comments and a docstring before all code count."""
    opening = patterns.OPENING.match(head)
    found = patterns.GENERATOR_MARK.search(opening[0]) if opening else None
    return shown(" ".join(found[0].decode("ascii", "replace").split())[:100]) if found else ""


def _head(root: Path, path: str, limit: int) -> bytes:
    try:
        return read_bytes(os.path.join(root, path), limit)
    except OSError:
        return b""


def _link_detail(root: Path, target: str) -> str:
    real = os.path.realpath(target)
    inner = os.path.relpath(real, root)
    if inner == ".." or inner.startswith("../"):
        return "leads out of the scanned folder"
    return f"leads to {shown(inner)}" if os.path.exists(real) else "leads nowhere"
