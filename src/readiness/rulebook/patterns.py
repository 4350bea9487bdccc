"""Go files -> patterns: the lines between `// pattern: NAME` and `// end`. Never looks at what the lines say."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path

from readiness.rulebook.check import RulebookError
from readiness.rulebook.source import source_of, text_of

BEGIN, END, MOST_LINES = "// pattern:", "// end", 5


def read_patterns(paths: Iterable[Path], most: int = MOST_LINES) -> dict[str, str]:
    """Name -> one to `most` lines of Go (blank ones and the doc comment of a declaration do not count), sorted by name.

    Raises RulebookError for a region that is empty, too long or never closed, and for a name that stands twice.
    """
    found: dict[str, str] = {}
    for path in paths:
        name, lines = "", list[str]()
        for number, line in enumerate(text_of(source_of(path, path.name), path.name).splitlines(), 1):
            text = line.strip()
            if text.startswith(BEGIN):
                if name:
                    raise RulebookError(path.name, f"line {number}", f"the pattern {name} is not closed by `{END}`")
                name, lines = text.removeprefix(BEGIN).strip(), []
            elif text == END and name:
                if name in found:
                    raise RulebookError(path.name, f"line {number}", f"the pattern {name} stands twice")
                found[name] = _text(path, name, lines, most)
                name = ""
            elif name:
                lines.append(line)
        if name:
            raise RulebookError(path.name, name, f"is not closed by `{END}`")
    return dict(sorted(found.items()))


def _text(path: Path, name: str, lines: list[str], most: int) -> str:
    text = textwrap.dedent("\n".join(lines)).strip("\n").expandtabs(4)
    count = sum(
        bool(line.strip()) and not line.startswith("//") or line.startswith("//go:") for line in text.splitlines()
    )
    if not 1 <= count <= most:
        raise RulebookError(path.name, name, f"has {count} lines; a pattern has 1 to {most}")
    return text
