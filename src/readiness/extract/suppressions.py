"""Comments -> Suppression rows. Never looks into strings where the file can be tokenized."""

from __future__ import annotations

import io
import re
import tokenize

from readiness.types.facts import Suppression

COMMENT = re.compile(r"#\s*readiness:\s*ignore(-file)?\s*\[([^\]]*)\]\s*(.*)")
UNTIL = re.compile(r"\buntil=(\d{4}-\d{2}-\d{2})\b\s*")

BROKEN = (
    tokenize.TokenError,
    SyntaxError,
    ValueError,
    IndexError,
    SystemError,
)  # the last by Python 3.12.1's own tokenizer
OTHER = re.compile(r"(?:^|\s)#(?:\s|$)")  # the next comment on the line; `#123` is a ticket


def suppressions_of(text: str) -> tuple[Suppression, ...]:
    """All `# readiness: ignore[...]` comments, in the order of lines."""
    if "readiness:" not in text:
        return ()
    found = []
    for line, comment in _comments(text):
        match = COMMENT.search(comment)
        if match is None:
            continue
        rules = tuple(rule.strip() for rule in match[2].split(",") if rule.strip())
        until = UNTIL.search(match[3])
        reason = OTHER.split(UNTIL.sub("", match[3]), maxsplit=1)[0].strip()
        found.append(Suppression(rules, reason, until[1] if until else None, line, match[1] is not None))
    return tuple(found)


def _comments(text: str) -> list[tuple[int, str]]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except BROKEN:
        return [(n, line) for n, line in enumerate(text.split("\n"), 1) if "#" in line]
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]
