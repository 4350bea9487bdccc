"""reports/patterns.go -> the Go lines that stand beside a Python line that waits, by name. Patterns, never translations of a line."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

START, END = "// pattern: ", "// end"
FAN_OUT = "fan-out"
MANY = "errgroup"  # what the Go words of a rule say where one call becomes many


def read_patterns(text: str) -> dict[str, tuple[str, ...]]:
    """Name -> its lines, without the indentation that they share; a tab is four spaces. Lines outside of a pattern are left out.

    A pattern may have several names: a kind of I/O, or the rules whose findings it answers.
    """
    found: dict[str, tuple[str, ...]] = {}
    name, lines = "", list[str]()
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith(START):
            name, lines = bare.removeprefix(START), []
        elif bare == END and name:
            shown = tuple(textwrap.dedent("\n".join(lines)).expandtabs(4).splitlines())
            found |= dict.fromkeys(name.split(), shown)
            name = ""
        elif name:
            lines.append(line)
    return found


def pattern_for(
    kind: str, rules: Sequence[str], go: Sequence[str], patterns: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The lines for the first rule that has some, for many calls at once where the words say so, or for a kind of I/O; else empty."""
    own = next((rule for rule in rules if rule in patterns), None)
    name = own or (FAN_OUT if any(MANY in words for words in go) else kind)
    return patterns.get(name, ())
