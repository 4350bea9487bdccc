"""Places in the scanned code -> the lines that the report holds, and addresses of them on a code host. Opens no file."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from readiness.types.report import Report

AROUND = 2
SCHEMES = ("https://", "http://")


class Line(Struct, frozen=True):
    number: int
    text: str
    is_meant: bool


def lines_at(report: Report, path: str, line: int) -> tuple[Line, ...]:
    """The line and two around it, but for empty ones at the ends; empty where the report holds no source."""
    held = (report.snippets or {}).get(path, {})
    if str(line) not in held:
        return ()
    around = [n for n in range(line - AROUND, line + AROUND + 1) if str(n) in held]
    while not held[str(around[0])].strip() and around[0] < line:
        around.pop(0)
    while not held[str(around[-1])].strip() and around[-1] > line:
        around.pop()
    return tuple(Line(n, held[str(n)], n == line) for n in around)


def dedented(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines without the indentation that all of them share; a tab is four spaces."""
    texts = [line.text.rstrip("\r\n").expandtabs(4) for line in lines]
    shared = min((len(text) - len(text.lstrip(" ")) for text in texts if text.strip()), default=0)
    return tuple(replace(line, text=text[shared:]) for line, text in zip(lines, texts, strict=True))


def address(report: Report, path: str, line: int | None) -> str | None:
    """The place under `source_url`, or None: without a template, with one that is no web address, or without a commit that it asks for.

    The template comes from a configuration or from somebody else's document: only http and https are ever linked.
    """
    template, commit = report.repository.source_url, report.repository.commit
    if not template or not template.startswith(SCHEMES) or ("{commit}" in template and not commit):
        return None
    parts = {"{commit}": quote(commit or "", safe=""), "{path}": quote(path), "{line}": str(line or 1)}
    for mark, text in parts.items():
        template = template.replace(mark, text)
    return template
