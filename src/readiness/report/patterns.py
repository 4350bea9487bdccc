"""Go patterns -> the Go lines that stand beside a Python line that waits. Patterns, never translations of a line."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

FAN_OUT = "fan-out"
MANY = "errgroup"  # what the Go words of a rule say where one call becomes many


def pattern_for(
    kind: str, own: Sequence[str | None], go: Sequence[str], patterns: Mapping[str, str]
) -> tuple[str, ...]:
    """The first pattern of a rule (`own`); for many calls at once where the words say so, else for a kind of I/O; empty without any."""
    first = next((text for text in own if text), None)
    return lines_of(first or patterns.get(FAN_OUT if any(MANY in words for words in go) else kind, ""))


def lines_of(pattern: str) -> tuple[str, ...]:
    """The lines of a pattern without the indentation that they share; a tab is four spaces."""
    return tuple(textwrap.dedent(pattern.strip("\n")).expandtabs(4).splitlines())
