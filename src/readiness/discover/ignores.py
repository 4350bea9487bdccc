"""The lines of .gitignore files -> whether a path is ignored, by git's rules. Patterns only; whether git tracks a file all the same is tracked.py's."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import pathspec

from readiness.disk import read_bytes

MAX_IGNORE_FILE = 1 << 20
RUN = re.compile(r"\*{3,}")  # git takes it for one `*`
MAX_STARS = 3  # between two `/`: each multiplies the ways in which a name of 255 letters can fail to match


@dataclass(frozen=True, slots=True)
class Ignore:
    """The patterns of one file and the folder they speak about: its path below PATH, or (`above`) the way from it down to PATH."""

    base: str
    above: str
    spec: pathspec.GitIgnoreSpec
    any_pattern: re.Pattern[str]

    def verdict(self, path: str, is_itself: bool = False) -> bool | None:
        """Whether `path` (a folder ends with `/`) is ignored; None where no pattern speaks. `is_itself`: a pattern that speaks of
        a folder around it says nothing, since that was asked before."""
        inner = self.above + path[len(self.base) :]
        # One regular expression first: most files meet no pattern, and pathspec asks them one after the other.
        if not self.any_pattern.match(inner):
            return None
        for pattern in reversed(list(self.spec.patterns)):
            found = pattern.regex.match(inner) if pattern.regex is not None else None
            if found and (pattern.include and not is_itself or _is_whole(found, inner)):
                return pattern.include
        return None


def _is_whole(found: re.Match[str], inner: str) -> bool:
    """Whether a pattern speaks of the path itself. pathspec's reach below a folder too, but git's `!folder/` takes nothing in it back."""
    if "ps_d" not in found.re.groupindex or found.start("ps_d") < 0:
        return True
    return found.end("ps_d") >= len(inner)


def is_ignored(ignores: tuple[Ignore, ...], path: str) -> bool:
    """git's rule: the nearest file with a matching pattern decides, of a path whose folders are not ignored."""
    for ignore in reversed(ignores):
        verdict = ignore.verdict(path, is_itself=True)
        if verdict is not None:
            return verdict
    return False


def repository_of(root: Path) -> Path | None:
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


def ignores_above(root: Path) -> tuple[Ignore, ...]:
    """The .gitignore files between the repository's top and `root`; none where they ignore `root` itself: the user asked for it."""
    top = repository_of(root)
    if top is None or top == root:
        return ()
    found = []
    for folder in reversed([parent for parent in root.parents if parent == top or top in parent.parents]):
        inner = root.relative_to(folder).as_posix() + "/"
        for name in (".git/info/exclude", ".gitignore"):
            ignore = ignore_file(str(folder / name), "", inner)
            if ignore and ignore.verdict(""):
                return ()
            if ignore:
                found.append(ignore)
    return tuple(found)


def ignore_file(file: str, base: str, above: str) -> Ignore | None:
    try:
        text = read_bytes(file, MAX_IGNORE_FILE).decode("utf-8", "surrogateescape")
    except OSError:
        return None
    return ignore_of(base, above, text.splitlines())


def ignore_of(base: str, above: str, lines: list[str]) -> Ignore | None:
    """The patterns of one file, None where it has none.

    Those that pathspec refuses are passed over one by one, as git does; so are those that would try a name's letters for hours.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of an expression with `[[`
        return _ignore_of(base, above, lines)


def _ignore_of(base: str, above: str, lines: list[str]) -> Ignore | None:
    lines = [RUN.sub("*", line) for line in lines]
    lines = [line for line in lines if max(part.count("*") for part in line.split("/")) <= MAX_STARS]
    if not lines:
        return None
    try:
        spec = pathspec.GitIgnoreSpec.from_lines(lines)
    except (ValueError, re.error):  # `[b-a]` is found by the compiler of expressions only
        spec = pathspec.GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])
    found = [item.regex.pattern for item in spec.patterns if item.regex is not None]
    if not found:
        return None
    plain = [re.sub(r"\(\?P<\w+>", "(?:", item) for item in found]
    return Ignore(base, above, spec, re.compile("|".join(f"(?:{item})" for item in plain)))


def _is_pattern(line: str) -> bool:
    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True
