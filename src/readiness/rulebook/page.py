"""a Markdown file -> Page: title, prose, the one toml block, the py examples. Never looks at what the keys mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from readiness.rulebook.check import RulebookError
from readiness.rulebook.source import source_of, table_of, text_of


class Example(Struct, frozen=True):
    """One ```py block; `line` is the page's line of its first code line."""

    code: str
    line: int


class Page(Struct, frozen=True):
    path: str  # relative to its rule folder, with `/`
    title: str
    text: str
    data: Mapping[str, Any]
    examples: tuple[Example, ...]
    source: bytes


def read_page(path: Path, folder: Path) -> Page:
    """One page. Linear in its size: lines are looked at once, no regular expression."""
    return page_of(path.relative_to(folder).as_posix(), source_of(path, path.name))


def page_of(name: str, source: bytes) -> Page:
    """The same of a page that lies in no file. Raises RulebookError, as all reading of pages does."""
    lines = text_of(source, name).splitlines()
    prose, blocks = _split(name, lines)
    title = next((line[2:].strip() for line in prose if line.startswith("# ")), "")
    if not title:
        raise RulebookError(name, "title", "a page opens with one line `# Title`")
    tables = [block for language, block in blocks if language == "toml"]
    if len(tables) != 1:
        raise RulebookError(name, "toml", f"a page has one ```toml block, this one has {len(tables)}")
    data = table_of(tables[0].code, name, "toml", f" (the block begins in line {tables[0].line})")
    text = "\n".join(line for line in prose if not line.startswith("# ")).strip()
    examples = tuple(block for language, block in blocks if language == "py")
    return Page(path=name, title=title, text=text, data=data, examples=examples, source=source)


def _split(name: str, lines: list[str]) -> tuple[list[str], list[tuple[str, Example]]]:
    prose: list[str] = []
    blocks: list[tuple[str, Example]] = []
    start, language = 0, None
    for number, line in enumerate(lines, 1):
        if not line.startswith("```"):
            if language is None:
                prose.append(line)
        elif language is None:
            start, language = number, line[3:].strip()
        else:
            blocks.append((language, Example(code="\n".join(lines[start : number - 1]) + "\n", line=start + 1)))
            language = None
    if language is not None:
        raise RulebookError(name, language, f"the block that begins in line {start} is never closed")
    return prose, blocks
