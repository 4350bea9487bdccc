"""What a repository says of the distributions that it needs. Plain data."""

from __future__ import annotations

from msgspec import Struct


class Declared(Struct, frozen=True):
    """One distribution as one file names it."""

    distribution: str  # normalised as the package index does: lower case, `-` between the words
    path: str  # of the file, relative to the scanned root
    line: int  # 1 where the file tells no better
    wanted: str = ""  # the condition on the version as it is written, `>=2,<3`; empty for none
    version: str | None = None  # the exact version: pinned with `==`, or locked
    kind: str = "run"  # run | extra | development | lock
