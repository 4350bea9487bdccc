"""reports/patterns.go -> the Go lines that stand beside a Python line that waits, by name. Patterns, never translations of a line."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

START, END = "// pattern: ", "// end"
FAN_OUT = "fan-out"
MANY = "errgroup"  # what the Go words of a rule say where one call becomes many


def read_patterns(text: str) -> dict[str, tuple[str, ...]]:
    """Name -> its lines, without the indentation that they share; a tab is four spaces. Lines outside of a pattern are left out."""
    found: dict[str, tuple[str, ...]] = {}
    name, lines = "", list[str]()
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith(START):
            name, lines = bare.removeprefix(START), []
        elif bare == END and name:
            found[name] = lines_of("\n".join(lines))
            name = ""
        elif name:
            lines.append(line)
    return found


def lines_of(pattern: str) -> tuple[str, ...]:
    """The lines of a pattern without the indentation that they share; a tab is four spaces."""
    return tuple(textwrap.dedent(pattern.strip("\n")).expandtabs(4).splitlines())


def pattern_for(
    kind: str, own: Sequence[str | None], go: Sequence[str], patterns: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The first pattern of a rule (`own`); for many calls at once where the words say so, else for a kind of I/O; empty without any."""
    first = next((text for text in own if text), None)
    if first:
        return lines_of(first)
    return patterns.get(FAN_OUT if any(MANY in words for words in go) else kind, ())
