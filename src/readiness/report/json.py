"""Report -> bytes: one JSON document, and back. Keys stand in the order of the records. Never writes a float past four places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import fields

from readiness.types.report import SCHEMA, Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BATCH = 200  # rows that are plain dicts at one time: those of a whole report of 1.1 MLOC would take half a gigabyte


class ReportError(ValueError):
    """The document is not a report that this version reads. The text says what to do."""


def render_json(report: Report) -> bytes:
    """The report as UTF-8 JSON, indented by one space so that two reports can be compared line by line; ends with a newline."""
    return b"".join(json_parts(report))


def json_parts(report: Report) -> Iterator[bytes]:
    """The same in pieces: the document of 1.1 MLOC has 165 MB that nobody has to hold at once."""
    for number, field in enumerate(fields(report)):
        yield b'%s\n "%s": ' % (b"," if number else b"{", field.encode_name.encode())
        yield from _parts(getattr(report, field.name))
    yield b"\n}\n"


def _parts(value: Any) -> Iterator[bytes]:
    """One value of the report; a table in batches."""
    if not isinstance(value, tuple) or not value:
        yield _text(value)
        return
    for begin in range(0, len(value), BATCH):
        rows = _text(value[begin : begin + BATCH])
        yield b"," if begin else b"["
        yield rows[1:-3]  # without the batch's own brackets
    yield b"\n ]"


def _text(value: Any) -> bytes:
    """A value as it stands in the document, where all is one step further in."""
    holder = [_plain(value)]
    _round(holder)
    return msgspec.json.format(msgspec.json.encode(holder[0]), indent=1).replace(b"\n", b"\n ")


def read_json(data: bytes) -> Report:
    """The report of a document that `render_json` wrote.

    Raises ReportError where it is of another schema, not JSON, or a field has the wrong type (its path is in the text).
    """
    try:
        head = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        schema = msgspec.json.decode(head.get("schema", msgspec.Raw(b"null")))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(f"not a JSON report: {error}") from error
    if schema != SCHEMA:
        raise ReportError(
            f"the report says schema {schema!r}, this version reads {SCHEMA!r}: scan again with this version"
        )
    try:
        return msgspec.json.decode(data, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(f"not a valid {SCHEMA} report: {error}") from error


def schema() -> bytes:
    """The JSON Schema (2020-12) of the document, generated from the records; ends with a newline."""
    body = msgspec.json.schema(Report)
    document = {"$schema": DIALECT, "title": SCHEMA} | body
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


def _plain(value: Any) -> Any:
    """The value as dicts and lists. A name that is no Unicode (a file name may hold any bytes) gets its stray bytes spelt out."""
    try:
        return msgspec.json.decode(msgspec.json.encode(value, order="deterministic"))
    except UnicodeEncodeError:  # rare, and three times as slow
        return _readable(msgspec.to_builtins(value, order="deterministic"))


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_readable(key): _readable(item) for key, item in value.items()}
    return [_readable(item) for item in value] if isinstance(value, list | tuple) else value


def _round(value: Any) -> None:
    """Rounds every float of the document where it stands: copying a large report costs more than all the rest."""
    for key, item in value.items() if type(value) is dict else enumerate(value):
        kind = type(item)
        if kind is float:
            value[key] = round(item, 4) + 0.0  # -0.0 becomes 0.0
        elif kind is dict or kind is list:
            _round(item)
