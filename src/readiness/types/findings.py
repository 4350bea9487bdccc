"""One rule hit at one place."""

from __future__ import annotations

from msgspec import Struct

from readiness.types.program import Hop


class Finding(Struct, frozen=True):
    rule: str
    category: str
    severity: str
    path: str
    line: int
    column: int
    end_line: int
    module: str
    function: str | None  # target
    message: str
    fingerprint: str  # rule + symbol + normalised statement + ordinal; survives moved lines
    hops: tuple[Hop, ...] = ()
    name: str = ""  # the API, module or symbol that it is about
    suppressed: str | None = None  # the reason of the suppression that covers it
    value: float | None = None  # what a rule about a metric measured: more is worse
    confidence: str = "sure"  # sure | possible: one of the proofs that its rule asks for is missing
    is_shown: bool = True  # a possible one counts for the effort, and is shown with the previews only
