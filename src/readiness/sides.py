"""A repository and a name -> what is compared with what, as commits; and whether anything differs. Runs git only, imports nothing heavy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from readiness.git import Git, GitError, commit_of, differences, merge_base, merging, open_git

if TYPE_CHECKING:
    from pathlib import Path

GIT_SECONDS = 10.0
INDEX = ""  # as the head: what is staged


class Wanted(NamedTuple):
    """What to compare, as commits: `head` is None for the work tree, INDEX for what is staged, else a commit."""

    head: str | None
    bases: tuple[str, ...]
    label: str  # what the bases are, for people
    note: str = ""


class SidesError(Exception):
    """What cannot be compared, in one line for the user."""


def resolve(root: Path, base: str, is_staged: bool) -> Wanted:
    """What `base` names: a commit (its merge base with HEAD counts), `A..B` or `A...B`, "" for HEAD and what is being merged.

    Raises SidesError where a name stands for no commit, or there is nothing to compare with.
    """
    git = open_git(root, GIT_SECONDS)
    if git is None:
        if base or is_staged:
            raise SidesError("no git repository: nothing to compare with")
        return Wanted(None, (), "")
    left, dots, right = base.partition("..." if "..." in base else "..")
    if dots:
        if is_staged:
            raise SidesError("--staged and a range exclude each other")
        start, end = _commit(git, left or "HEAD"), _commit(git, right or "HEAD")
        return _with_fork(git, start, end, end, left) if dots == "..." else Wanted(end, (start,), left or "HEAD")
    head = INDEX if is_staged else None
    here = commit_of(git, "HEAD")
    if not base:
        if here is None:
            return Wanted(head, (), "")
        return Wanted(head, (here, *merging(git)), "HEAD")
    return _with_fork(git, _commit(git, base), here or _commit(git, base), head, base)


def is_untouched(root: str | Path, wanted: Wanted, files: Sequence[str]) -> bool:
    """Whether nothing that the analysis reads differs between the work tree and its one base; False where that is not cheap to say.

    pre-commit puts away what is not staged: there, besides the index, only the `files` that it hands over are looked at.
    """
    git = open_git(root, GIT_SECONDS) if len(wanted.bases) == 1 and wanted.head is None else None
    if git is None:
        return False
    only = tuple(files) if os.environ.get("PRE_COMMIT") == "1" else ()
    try:
        found = differences(git, () if only else None, wanted.bases[0], only)
    except GitError as error:
        raise SidesError(str(error)) from None
    if not found:
        return True
    from readiness.discover import is_relevant  # late: it costs more than all of git's answers

    return not any(is_relevant(path) for path in found)


def _commit(git: Git, name: str) -> str:
    found = commit_of(git, name)
    if found is None:
        raise SidesError(f"{name} names no commit here; a shallow clone has the last ones only")
    return found


def _with_fork(git: Git, base: str, here: str, head: str | None, label: str) -> Wanted:
    fork = merge_base(git, base, here)
    note = "" if fork else f"no common ancestor with {label} is known here: compared with {label} itself"
    return Wanted(head, (fork or base,), label, note)
