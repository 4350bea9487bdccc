"""root, Config -> every file that is not left out, and what was. Follows no link, opens no file but .gitignore and the placeholders' suspects."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pathspec

from readiness.discover import patterns
from readiness.disk import read_bytes, shown
from readiness.types.config import Config
from readiness.types.tree import Skipped

MAX_IGNORE_FILE = 1 << 20
KEPT_HEAD = 64 * 1024  # placeholders stand early in a template


@dataclass(frozen=True, slots=True)
class File:
    """A regular file that was kept, or left out but importable (`reason`)."""

    path: str
    size: int
    mtime_ns: int
    inode: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ignore:
    """The patterns of one file and the folder they speak about: its path below PATH, or (`above`) the way from it down to PATH."""

    base: str
    above: str
    spec: pathspec.GitIgnoreSpec
    any_pattern: re.Pattern[str]

    def verdict(self, path: str) -> bool | None:
        """Whether `path` (a folder ends with `/`) is ignored; None where no pattern speaks."""
        inner = self.above + path[len(self.base) :]
        # One regular expression first: most files meet no pattern, and pathspec asks them one after the other.
        if not self.any_pattern.match(inner):
            return None
        for pattern in reversed(list(self.spec.patterns)):
            found = pattern.regex.match(inner) if pattern.regex is not None else None
            if found and (pattern.include or _is_whole(found, inner)):
                return pattern.include
        return None


def _is_whole(found: re.Match[str], inner: str) -> bool:
    """Whether a pattern speaks of the path itself. pathspec's reach below a folder too, but git's `!folder/` takes nothing in it back."""
    if "ps_d" not in found.re.groupindex or found.start("ps_d") < 0:
        return True
    return found.end("ps_d") >= len(inner)


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
    in_repository: bool


@dataclass(frozen=True, slots=True)
class Folder:
    path: str  # "" for PATH, else with a `/` at the end; not escaped
    ignores: tuple[Ignore, ...]
    reason: str  # not empty: left out, and walked only for what `include` names


def walk(root: Path, config: Config) -> Found:
    """All regular files below `root` by name order, minus what patterns.REASONS leaves out."""
    found = Found()
    above = _ignores_above(root)
    rules = Rules(
        root,
        _ignore("", "", list(config.exclude)),
        _ignore("", "", list(config.include)),
        _repository(root) is not None,
    )
    stack = [Folder("", above, "")]
    while stack:
        folder = stack.pop()
        stack.extend(reversed(list(_scan(rules, folder, found))))
    return found


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
    for name, base in ((".gitignore", folder.path), (".git/info/exclude", folder.path)):
        if name.split("/")[0] in names:
            own = _ignore_file(os.path.join(rules.root, folder.path, name), base, "")
            ignores = (*ignores, own) if own else ignores
    for entry in listed:
        path = folder.path + entry.name
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            found.skipped.append(Skipped(shown(path), "unreadable", error.strerror or "OSError"))
            continue
        if stat.S_ISDIR(status.st_mode):
            reason, detail = folder.reason, ""
            if not reason:
                reason, detail = _folder_reason(rules, path, names, ignores)
                if reason and detail:
                    found.skipped.append(Skipped(shown(path), reason, detail))
            # Left out, yet walked: what `include` may name in it, and generated modules, which others import.
            if not reason or reason == "generated" or (rules.include and (detail or folder.reason)):
                yield Folder(path + "/", ignores, reason)
        else:
            _file(rules, Folder(path, ignores, folder.reason), status, found)


def _folder_reason(rules: Rules, path: str, siblings: frozenset[str], ignores: tuple[Ignore, ...]) -> tuple[str, str]:
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
    return ("ignored", ".gitignore") if _is_ignored(ignores, path + "/") else ("", "")


def _file(rules: Rules, at: Folder, status: os.stat_result, found: Found) -> None:
    """Keeps a file or says why not; rows are made only for files that would have been of use."""
    name = at.path.rpartition("/")[2]
    is_wanted = is_python_name(name) or is_text_name(at.path)
    if stat.S_ISLNK(status.st_mode):
        target = os.path.join(rules.root, at.path)
        if is_wanted or os.path.isdir(target):
            found.skipped.append(Skipped(shown(at.path), "link", _link_detail(rules.root, target)))
        return
    if not stat.S_ISREG(status.st_mode):
        found.skipped.append(Skipped(shown(at.path), "special-file", "a FIFO, socket or device"))
        return
    reason, detail = _file_reason(rules, at, name, is_wanted)
    file = File(at.path, status.st_size, status.st_mtime_ns, status.st_ino, reason)
    if not reason:
        found.files.append(file)
        return
    if reason == "generated" and name.endswith(".py"):
        found.importable.append(file)
    if is_wanted and not at.reason:
        found.skipped.append(Skipped(shown(at.path), reason, detail))


def _file_reason(rules: Rules, at: Folder, name: str, is_wanted: bool) -> tuple[str, str]:
    if _verdict(rules.exclude, at.path):
        return "excluded", "exclude of the configuration"
    if _verdict(rules.include, at.path):
        return "", ""
    if at.reason:
        return at.reason, "its folder"
    if _is_ignored(at.ignores, at.path):
        return "ignored", ".gitignore"
    if not is_wanted or not name.endswith(patterns.PYTHON_SUFFIXES):
        return "", ""
    if patterns.GENERATED.fullmatch(name):
        return "generated", "its name"
    if "{{" in name or "{%" in name:
        return "template", "a placeholder in the name"
    folders = at.path.split("/")[:-1]
    if any(patterns.TEMPLATE_FOLDER.fullmatch(folder) for folder in folders) and _has_placeholder(rules.root, at.path):
        return "template", "placeholders"
    return "", ""


def is_python_name(name: str) -> bool:
    return name.endswith(patterns.PYTHON_SUFFIXES)


def is_text_name(path: str) -> bool:
    name = path.rpartition("/")[2]
    return bool(
        patterns.TEXT_NAME.fullmatch(name) or patterns.LOCK_NAME.fullmatch(name) or patterns.TEXT_PATH.fullmatch(path)
    )


def _verdict(spec: Ignore | None, path: str) -> bool:
    return bool(spec and spec.verdict(path))


def _is_ignored(ignores: tuple[Ignore, ...], path: str) -> bool:
    """git's rule: the nearest file with a matching pattern decides."""
    for ignore in reversed(ignores):
        verdict = ignore.verdict(path)
        if verdict is not None:
            return verdict
    return False


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


def _has_placeholder(root: Path, path: str) -> bool:
    """Whether placeholders stand in the code itself: a template engine's own source has them in its strings and comments only."""
    try:
        head = read_bytes(os.path.join(root, path), KEPT_HEAD)
    except OSError:
        return False
    return bool(patterns.PLACEHOLDER.search(head) and patterns.PLACEHOLDER.search(patterns.STRINGS.sub(b"", head)))


def _link_detail(root: Path, target: str) -> str:
    real = os.path.realpath(target)
    inner = os.path.relpath(real, root)
    if inner == ".." or inner.startswith("../"):
        return "leads out of the scanned folder"
    return f"leads to {shown(inner)}" if os.path.exists(real) else "leads nowhere"


def _repository(root: Path) -> Path | None:
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


def _ignores_above(root: Path) -> tuple[Ignore, ...]:
    """The .gitignore files between the repository's top and `root`; none where they ignore `root` itself: the user asked for it."""
    top = _repository(root)
    if top is None or top == root:
        return ()
    found = []
    for folder in reversed([parent for parent in root.parents if parent == top or top in parent.parents]):
        inner = root.relative_to(folder).as_posix() + "/"
        for name in (".git/info/exclude", ".gitignore"):
            ignore = _ignore_file(str(folder / name), "", inner)
            if ignore and ignore.verdict(""):
                return ()
            if ignore:
                found.append(ignore)
    return tuple(found)


def _ignore_file(file: str, base: str, above: str) -> Ignore | None:
    try:
        text = read_bytes(file, MAX_IGNORE_FILE).decode("utf-8", "surrogateescape")
    except OSError:
        return None
    return _ignore(base, above, text.splitlines())


def _ignore(base: str, above: str, lines: list[str]) -> Ignore | None:
    """Patterns that pathspec refuses are passed over one by one, as git does."""
    if not lines:
        return None
    try:
        spec = pathspec.GitIgnoreSpec.from_lines(lines)
    except ValueError:
        spec = pathspec.GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])
    found = [item.regex.pattern for item in spec.patterns if item.regex is not None]
    if not found:
        return None
    plain = [re.sub(r"\(\?P<\w+>", "(?:", item) for item in found]
    return Ignore(base, above, spec, re.compile("|".join(f"(?:{item})" for item in plain)))


def _is_pattern(line: str) -> bool:
    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
