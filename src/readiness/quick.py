"""The arguments of a `check` -> whether it is sure that nothing can be new. Before anything heavy is imported; says no where it is not sure.

A hook runs at every commit. Reading the settings, the command line and the analysis takes ten times as long as git's answer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

SETTINGS = ("readiness.toml", "pyproject.toml")
MAX_BYTES = 1 << 20


def has_nothing_to_check(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """True only for plain `check [FILES]` inside of a repository without settings of its own, where nothing differs from HEAD."""
    command, files = arguments[:1], arguments[1:]
    if command != ["check"] or any(name.startswith("-") for name in files) or not all(map(os.path.exists, files)):
        return False
    if "PRE_COMMIT_FROM_REF" in environment or any(name.startswith("READINESS_") for name in environment):
        return False
    root = _top(os.getcwd())
    if root is None or any(_speaks_of_us(os.path.join(root, name)) for name in SETTINGS):
        return False
    if not os.path.isdir(os.path.join(root, ".git")) or os.path.exists(os.path.join(root, ".git", "MERGE_HEAD")):
        return False  # a work tree elsewhere, or a merge: more than one commit may count
    from readiness.sides import SidesError, Wanted, is_untouched

    inside = [os.path.relpath(name, root) for name in files]
    try:
        is_inside = not any(name.startswith("..") for name in inside)
        return is_inside and is_untouched(root, Wanted(None, ("HEAD",), "HEAD"), inside)
    except SidesError:
        return False


def _top(folder: str) -> str | None:
    while not os.path.exists(os.path.join(folder, ".git")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None
    return folder


def _speaks_of_us(file: str) -> bool:
    """A file of settings for this program, or one too large to tell: then the settings have to be read."""
    try:
        with open(file, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError:
        return os.path.exists(file)
    return os.path.basename(file) == SETTINGS[0] or b"readiness" in data or len(data) > MAX_BYTES
