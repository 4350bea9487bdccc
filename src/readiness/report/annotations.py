"""Report, Changes -> GitHub's workflow commands, one a line: they show as annotations at the line. Capped, as the host's display is."""

from __future__ import annotations

from readiness.compare import finding_items
from readiness.report.text import clean
from readiness.types.changes import Changes, Item
from readiness.types.report import Report

LEVELS = {"error": "error", "warning": "warning", "info": "notice"}
MOST = 10  # of a level: the host shows no more of one step


def render_annotations(report: Report, changes: Changes | None) -> str:
    """The new items, without changes the report's findings; errors first, at most MOST of a level, then one line with the rest."""
    items = changes.new if changes is not None else finding_items(report)
    lines, left = [], 0
    for severity, level in LEVELS.items():
        rows = [item for item in items if item.severity == severity]
        lines += [_command(level, item) for item in rows[:MOST]]
        left += len(rows) - len(rows[:MOST])
    if left:
        lines.append(f"::notice title=readiness::{left} more are not shown here; the report has them all")
    return "".join(f"{line}\n" for line in lines)


def _command(level: str, item: Item) -> str:
    fields = {
        "file": item.path,
        "line": item.line,
        "endLine": item.end_line,
        "col": item.column,
        "title": f"readiness {item.rule}",
    }
    said = ",".join(f"{name}={_field(str(value))}" for name, value in fields.items())
    return f"::{level} {said}::{_text(clean(item.message))}"


def _text(text: str) -> str:
    """A line end would begin another command, which the scanned code could choose."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _field(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
