"""A string -> the SQL verb and tables that it names, where it reads as SQL. Never parses SQL further than table names."""

from __future__ import annotations

import re

HEAD = re.compile(
    r"\s*(?:(select)\b.+?\bfrom\b|(insert)\s+(?:or\s+\w+\s+)?into\b|(update)\s+\S+\s+set\b|(delete)\s+from\b"
    r"|(create|alter|drop)\s+(?:or\s+replace\s+|temp(?:orary)?\s+|unique\s+|materialized\s+)*(?:table|index|view)\b"
    r"|(merge)\s+into\b|(copy)\s+\S+\s+(?:from|to)\b|with\s+\w+\s+as\s*\(\s*(select)\b)",
    re.IGNORECASE | re.DOTALL,
)
NAME = r"[`\"\[]?([A-Za-z_{][\w.{}]*)"
TABLE = re.compile(
    r"\b(?:from|join|into|update|copy|table(?:\s+if(?:\s+not)?\s+exists)?|view(?:\s+if(?:\s+not)?\s+exists)?"
    r"|index\s+\S+\s+on)\s+(?:only\s+)?" + NAME,
    re.IGNORECASE,
)
WORDS = frozenset({"select", "if", "set", "only", "where", "unnest", "lateral", "values", "stdin", "stdout", "{}"})
FIRST = frozenset("sSiIuUdDcCaAmMwW \n\t\r")


def statement_of(text: str) -> tuple[str, tuple[str, ...]] | None:
    """(verb, sorted table names) or None."""
    if len(text) < 12 or text[0] not in FIRST:
        return None
    text = text[:20_000]
    head = HEAD.match(text)
    if head is None:
        return None
    verb = next(group for group in head.groups() if group)
    tables = {name for name in TABLE.findall(text) if name.lower() not in WORDS and name.strip("{}._")}
    return verb.lower(), tuple(sorted(tables))
