"""A work tree's .git/index -> the paths that git tracks. Reads that one file; runs nothing. What it cannot read it takes for "not known".

Format: gitformat-index(5), versions 2 to 4. A split or sparse index does not name every file and counts as not known, and so does
one whose checksum is wrong: what git ignores is then left out, tracked or not.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
from bisect import bisect_left
from pathlib import Path

from readiness.disk import read_bytes

MAX_INDEX = 256 << 20
STAT_BYTES = 40  # of an entry, before the object's name
EXTENDED = 0x4000
TREE_MODE = 0o040000  # a folder in place of its files: a sparse index


class Tracked:
    """The tracked paths below one folder, read when first asked for: most scans meet nothing that is ignored and of interest."""

    def __init__(self, top: Path | None, inner: str) -> None:
        """`top` is the work tree's folder (None: no repository), `inner` the way from it to the scanned folder, with `/` at the end."""
        self._top = top
        self._inner = inner
        self._paths: list[str] | None = None

    def has(self, path: str) -> bool:
        """Whether git tracks this file."""
        place = self._place(path)
        return place < len(self._sorted()) and self._sorted()[place] == self._inner + path

    def has_below(self, folder: str) -> bool:
        """Whether git tracks a file in this folder (named with a `/` at the end)."""
        place = self._place(folder)
        return place < len(self._sorted()) and self._sorted()[place].startswith(self._inner + folder)

    def _place(self, path: str) -> int:
        return bisect_left(self._sorted(), self._inner + path)

    def _sorted(self) -> list[str]:
        if self._paths is None:
            found = read_index(self._top) if self._top is not None else None
            self._paths = sorted(os.fsdecode(path) for path in found or ())
        return self._paths


def read_index(top: Path) -> list[bytes] | None:
    """The paths of the index of the work tree at `top`; None where they cannot be known."""
    try:
        data = read_bytes(str(_git_folder(top) / "index"), MAX_INDEX)
        digest_size = _digest_size(data)
        return _paths(data, digest_size) if digest_size else None
    except (OSError, ValueError, IndexError, struct.error):
        return None


def _git_folder(top: Path) -> Path:
    """`.git`, or where the file `.git` of a work tree or submodule points."""
    mark = top / ".git"
    if not mark.is_file():
        return mark
    found = re.fullmatch(rb"gitdir: ([^\n]+)\n?", read_bytes(str(mark), 4096))
    return top / os.fsdecode(found[1]) if found else mark


def _digest_size(data: bytes) -> int:
    """20 or 32, by which checksum at the end fits (or is left at zero, as git may be told to); 0 where none does."""
    if data[:4] != b"DIRC":
        return 0
    for name, size in (("sha1", 20), ("sha256", 32)):
        end = data[-size:]
        if end == bytes(size) or hashlib.new(name, data[:-size], usedforsecurity=False).digest() == end:
            return size
    return 0


def _paths(data: bytes, digest_size: int) -> list[bytes] | None:
    version, count = struct.unpack_from(">II", data, 4)
    if version not in (2, 3, 4):
        return None
    paths: list[bytes] = []
    place, path = 12, b""
    flags_at = STAT_BYTES + digest_size
    for _ in range(count):
        (mode,) = struct.unpack_from(">I", data, place + 24)
        (flags,) = struct.unpack_from(">H", data, place + flags_at)
        if mode == TREE_MODE:
            return None
        name = place + flags_at + (4 if flags & EXTENDED and version > 2 else 2)
        if version == 4:
            cut, name = _varint(data, name)
            end = data.index(b"\0", name)
            path = path[: len(path) - cut] + data[name:end]
            place = end + 1
        else:
            end = data.index(b"\0", name)
            path = data[name:end]
            place += (end - place + 8) & ~7  # one to eight NULs, so that entries begin at multiples of 8
        paths.append(path)
    return None if data[place : place + 4] == b"link" else paths


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """(number, place behind it): git's offset encoding, in which each further byte adds one first."""
    byte = data[place]
    value = byte & 127
    while byte & 128:
        place += 1
        byte = data[place]
        value = ((value + 1) << 7) | (byte & 127)
    return value, place + 1
