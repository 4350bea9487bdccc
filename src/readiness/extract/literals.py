"""A literal of the source -> its reference. Never evaluates more than one literal."""

from __future__ import annotations

import ast
import re
from typing import Any

import libcst as cst

from readiness.types.facts import MAX_LITERAL, SEP

# keys of well-known services, private keys, and long runs of letters and digits without a word in them
SECRET = re.compile(
    r"-----BEGIN|^(?:gh[opsu]|sk|pk|rk|xox[abp]|AKIA|glpat)[_-]?[A-Za-z0-9_-]{12,}$|^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/=]{32,}$"
)


def literal(node: Any) -> str:
    """The reference of a string, bytes, number or `...`; texts are cut at MAX_LITERAL characters."""
    kind = type(node)
    if kind is cst.SimpleString:
        root = "bytes:" if "b" in _prefix(node.value) else "str:"
        return root + masked(text_of(node)[:MAX_LITERAL].replace(SEP, " "))
    if kind is cst.Integer:
        return "int:" + str(node.value)[:MAX_LITERAL].replace("_", "")
    if kind is cst.Float:
        return "float:" + str(node.value)[:MAX_LITERAL].replace("_", "")
    return "ellipsis:" if kind is cst.Ellipsis else "unknown:"


def masked(text: str) -> str:
    """A text as it may be stored: nothing of it where it looks like a secret."""
    return "***" if len(text) >= 16 and SECRET.search(text) else text


def _prefix(value: str) -> str:
    return value[:2].lower().partition("'")[0].partition('"')[0]


def text_of(node: Any) -> str:
    """The text of a string or bytes literal, escapes resolved, as text that can be encoded."""
    value: str = node.value
    start = 0
    while value[start] not in "'\"":
        start += 1
    width = 3 if value[start : start + 3] in ("'''", '"""') and len(value) >= start + 6 else 1
    if "\\" not in value or "r" in value[:start].lower():
        return value[start + width : -width]
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value[start + width : -width]
    if isinstance(found, bytes):
        return found.decode("ascii", "backslashreplace")
    return str(found).encode("utf-8", "backslashreplace").decode("utf-8")
