"""A file of a rule folder -> bytes, text, table. What cannot be read is a RulebookError; never waits on a pipe, never reads on without end."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from readiness.disk import read_bytes
from readiness.rulebook.check import RulebookError

MAX_PAGE = 1 << 20  # bytes; ours are below 60 KB


def source_of(path: Path, name: str) -> bytes:
    """The bytes of a page or table; `name` is what errors call it. Links are followed: a package manager may have laid them.

    Raises RulebookError for what is no regular file of at most MAX_PAGE bytes: the folder of rules can be a stranger's.
    """
    try:
        source = read_bytes(str(path), MAX_PAGE + 1, follow=True)
    except OSError as error:
        raise RulebookError(name, "", f"cannot be read ({error.strerror or 'no regular file'})") from None
    if len(source) > MAX_PAGE:
        raise RulebookError(name, "", f"is larger than {MAX_PAGE} bytes")
    return source


def text_of(source: bytes, name: str) -> str:
    """The same as text. Raises RulebookError where it is no UTF-8."""
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RulebookError(name, "", f"is not UTF-8 ({error.reason} at byte {error.start})") from None


def table_of(text: str, name: str, key: str, place: str = "") -> dict[str, Any]:
    """A TOML text as a table. Raises RulebookError with `key`, and with `place` behind what is wrong."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        said = str(error) if isinstance(error, ValueError) else "nested too deeply"
        raise RulebookError(name, key, said + place) from None
