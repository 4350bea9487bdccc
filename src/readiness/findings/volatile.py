"""call that makes bytes of an object, or an object of bytes -> whether that leaves nothing: hashed, measured, or read back at once.

Looks at the call around it and at the one inside of it, and never further.
"""

from __future__ import annotations

from collections.abc import Sequence

from readiness.types.facts import Call
from readiness.types.program import CallEdge

LOOKING = ("builtins.hash", "builtins.len", "sys.getsizeof", "zlib.crc32", "zlib.adler32")
HASHES = ("hashlib.", "_hashlib.", "xxhash.", "blake3.")


def is_volatile(call: Call, number: int, edges: Sequence[CallEdge], formats: Sequence[str | None]) -> bool:
    """`edges`: those of the call's function; `formats`: what each of them serialises."""
    for edge, form in zip(edges, formats, strict=True):
        is_around, is_inside = edge.call == call.handed_to >= 0, f"call:{edge.call}" in call.args
        if is_around and (edge.external in LOOKING or edge.external.startswith(HASHES)):
            return True
        if form is not None and edge.call != number and (is_around or is_inside):  # `loads(dumps(row))` copies
            return True
    return False
