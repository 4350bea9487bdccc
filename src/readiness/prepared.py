"""Our own files -> what was worked out from them at an earlier start, kept beside them as Python keeps its bytecode.

Only for files that are installed with this program: whoever can write there can change the program itself. Never for a file of the
scanned repository. Where Python writes no bytecode, or may not, nothing is kept and nothing said.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Callable, Sequence
from importlib.util import cache_from_source
from pathlib import Path

from readiness.disk import write_whole


def prepared(folder: Path, name: str, sources: Sequence[Path], make: Callable[[], bytes], *parts: str) -> bytes:
    """`make()`, or what it gave when `sources` had the same places, sizes and times and `parts` were the same."""
    stamp = _stamp(sources, parts)
    kept = Path(cache_from_source(str(folder / f"{name}.py"))) if sys.implementation.cache_tag else None
    if kept is not None:
        with contextlib.suppress(OSError):
            data = kept.read_bytes()
            if data.startswith(stamp) and _seal(data[: -len(stamp)]) == data[-len(stamp) :]:
                return data[len(stamp) : -len(stamp)]
    made = make()
    if kept is not None and not sys.dont_write_bytecode:
        with contextlib.suppress(OSError):
            write_whole(kept, (stamp, made, _seal(stamp + made)), 0o644)
    return made


def _stamp(sources: Sequence[Path], parts: Sequence[str]) -> bytes:
    rows = [*parts, sys.version]
    for source in sources:
        status = source.stat()
        rows.append(f"{source} {status.st_size} {status.st_mtime_ns}")
    return _seal("\n".join(rows).encode("utf-8", "surrogateescape"))


def _seal(data: bytes) -> bytes:
    """What tells a whole file from one that was cut or damaged."""
    return hashlib.blake2b(data, digest_size=16).digest()
