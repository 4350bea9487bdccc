"""A baseline file <-> the known items in it: one line each, sorted. Never reads or writes the file itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import msgspec

from readiness.types.changes import Item, KnownItem

SCHEMA = "readiness-baseline/1"


class BaselineError(Exception):
    """The text is no baseline that this version reads."""


class Document(msgspec.Struct, frozen=True):
    schema: str
    known: tuple[KnownItem, ...]


def read_baseline(text: bytes) -> tuple[KnownItem, ...]:
    """The entries of a baseline file. Raises BaselineError where the text is none, with the path of the wrong field."""
    try:
        document = msgspec.json.decode(text, type=Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BaselineError(f"not a baseline: {error}") from None
    if document.schema != SCHEMA:
        raise BaselineError(
            f"the schema is {document.schema!r}, this version reads {SCHEMA!r}: write the baseline anew"
        )
    return document.known


def write_baseline(rows: Iterable[KnownItem]) -> bytes:
    """The file: sorted, one entry per line, so that two branches that add entries can be merged line by line."""
    ordered = sorted(set(rows), key=lambda row: (row.path, row.rule, row.symbol, row.fingerprint, row.reason))
    lines = [json.dumps(_plain(row), ensure_ascii=False) for row in ordered]
    head = f'{{"schema": {json.dumps(SCHEMA)}, "known": ['
    text = head + ("\n" + ",\n".join(lines) + "\n" if lines else "") + "]}\n"
    return text.encode("utf-8", "backslashreplace")


def _plain(row: KnownItem) -> dict[str, object]:
    return {name: value for name, value in msgspec.to_builtins(row).items() if value is not None}


def take_in(items: Iterable[Item], old: Sequence[KnownItem], reason: str) -> tuple[KnownItem, ...]:
    """A baseline of all items. Those that were known keep their reason, the others get `reason`."""
    reasons = {row.fingerprint: row.reason for row in old}
    return tuple(
        KnownItem(
            item.fingerprint, item.rule, item.path, item.symbol, reasons.get(item.fingerprint, reason), item.value
        )
        for item in items
    )


def stale(rows: Sequence[KnownItem], items: Iterable[Item], unread: frozenset[str]) -> tuple[KnownItem, ...]:
    """Entries that no item has any more. What lies in a file that could not be analysed is not stale: nobody knows."""
    there = {item.fingerprint for item in items}
    return tuple(row for row in rows if row.fingerprint not in there and row.path not in unread)
