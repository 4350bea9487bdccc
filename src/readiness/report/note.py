"""Changes -> text: lines for a terminal and a hook, and a Markdown note for a merge request. Writes nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from readiness.report.text import clean, count
from readiness.types.changes import Changes, Item
from readiness.types.report import Report

SHOWN = 50  # of a note: more is read by nobody, and hosts cut a long comment anywhere


def render_lines(changes: Changes, base: str, place: Callable[[str], str]) -> str:
    """A line per new item, `path:line:column: severity: RULE message`, then one with the count of what is known. "" for nothing."""
    lines = [
        f"{clean(place(item.path))}:{item.line}:{item.column}: {item.severity}: {item.rule} {clean(item.message)}"
        for item in changes.new
    ]
    lines += [summary(changes, base)] if changes.known or changes.gone else []
    return "".join(f"{line}\n" for line in lines)


def render_suppressed(items: Sequence[tuple[Item, str]], place: Callable[[str], str]) -> str:
    """A line per finding that a comment covers, with the comment's reason."""
    return "".join(
        f"{clean(place(item.path))}:{item.line}: suppressed: {item.rule} {clean(item.message)} ({clean(reason)})\n"
        for item, reason in items
    )


def summary(changes: Changes, base: str) -> str:
    """known 12 (+2 -3 since main)"""
    since = f" since {clean(base)}" if base else ""
    return f"known: {len(changes.known)} (+{len(changes.new)} -{len(changes.gone)}{since})"


def render_note(report: Report, changes: Changes, base: str) -> str:
    """The same as a Markdown note: new items in a table, the rest as counts."""
    since = f" since `{_code(base)}`" if base else ""
    head = (
        f"**readiness**: {count(len(changes.new), 'new item')}{since}"
        if changes.new
        else f"**readiness**: nothing new{since}"
    )
    lines = [f"{head}, {len(changes.gone)} gone, {len(changes.known)} known.", ""]
    if changes.new:
        lines += ["| where | severity | what |", "| --- | --- | --- |"]
        lines += [_row(item) for item in changes.new[:SHOWN]]
        if len(changes.new) > SHOWN:
            lines.append(f"\nand {count(len(changes.new) - SHOWN, 'more', 'more')}")
        lines += ["", *_remedies(report, changes.new)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(item: Item) -> str:
    return f"| `{_code(item.path)}:{item.line}` | {item.severity} | {item.rule}: {_cell(item.message)} |"


def _remedies(report: Report, items: tuple[Item, ...]) -> list[str]:
    """What to do about the rules of the table, once each."""
    used = {item.rule for item in items[:SHOWN]}
    rows = [f"- {rule.id}: {_cell(rule.fix)}" for rule in report.rules if rule.id in used and rule.fix]
    return ["<details><summary>What to do</summary>", "", *rows, "", "</details>"] if rows else []


def _code(text: str) -> str:
    """Inside of backticks nothing but a backtick ends them, and a pipe a cell."""
    return clean(text).replace("`", "'").replace("|", "\\|")


def _cell(text: str) -> str:
    """Names come from the scanned repository: no mark-up, mention or reference of theirs takes effect."""
    plain = clean(text)
    for char in "\\`*_[]<>|#!~@":
        plain = plain.replace(char, f"\\{char}" if char != "@" else "@\u200b")
    return plain
