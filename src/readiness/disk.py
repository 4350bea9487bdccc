"""A path of a report <-> a file on disk. Never follows a link in the last step unasked, never waits on a FIFO, never reads beyond a limit."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ESCAPED = re.compile(rb"\\x([89a-f][0-9a-f])")


def shown(name: str) -> str:
    """A file name as it can stand in JSON: bytes that are no UTF-8 become `\\xNN`."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def on_disk(root: Path, path: str) -> str:
    """The file that `path` (relative to `root`, as `shown` wrote it) names."""
    literal = os.path.join(root, path)
    if "\\x" not in path or os.path.lexists(literal):
        return literal
    raw = ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), path.encode("utf-8"))
    return os.path.join(root, os.fsdecode(raw))


def write_whole(target: Path, parts: Iterable[bytes], mode: int) -> None:
    """Into a temporary file beside it, then renamed: whoever reads sees the old or the new file, whole. Makes its folder."""
    import tempfile  # only for who writes: a hook that finds nothing to do starts without it

    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)  # it is there only where something went wrong, or somebody pressed Ctrl-C


def read_bytes(file: str, limit: int, *, follow: bool = False) -> bytes:
    """At most `limit` bytes of a regular file. Raises OSError, also for a link (unless to `follow` it) or what is no regular file."""
    no_follow = 0 if follow else getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(file, os.O_RDONLY | no_follow | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"not a regular file: {os.path.basename(file)}")
        return stream.read(limit)
