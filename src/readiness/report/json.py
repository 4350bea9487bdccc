"""Report -> bytes: one JSON document, and back. Keys stand in the order of the records. Never writes a float past four places."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from readiness.types.report import SCHEMA, Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class ReportError(ValueError):
    """The document is not a report that this version reads. The text says what to do."""


def render_json(report: Report) -> bytes:
    """The report as UTF-8 JSON, indented by one space so that two reports can be compared line by line; ends with a newline."""
    plain = msgspec.to_builtins(report, order="deterministic")
    return msgspec.json.format(msgspec.json.encode(_tidy(plain)), indent=1) + b"\n"


def read_json(data: bytes) -> Report:
    """The report of a document that `render_json` wrote.

    Raises ReportError where it is of another schema, not JSON, or a field has the wrong type (its path is in the text).
    """
    try:
        head = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        schema = msgspec.json.decode(head.get("schema", msgspec.Raw(b"null")))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReportError(f"not a JSON report: {error}") from error
    if schema != SCHEMA:
        raise ReportError(
            f"the report says schema {schema!r}, this version reads {SCHEMA!r}: scan again with this version"
        )
    try:
        return msgspec.json.decode(data, type=Report)
    except msgspec.ValidationError as error:
        raise ReportError(f"not a valid {SCHEMA} report: {error}") from error


def schema() -> bytes:
    """The JSON Schema (2020-12) of the document, generated from the records; ends with a newline."""
    body = msgspec.json.schema(Report)
    document = {"$schema": DIALECT, "title": SCHEMA} | body
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


def _tidy(value: Any) -> Any:
    """Rounds floats; makes names that are no Unicode text printable (a file name may hold any bytes)."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
    if kind is float:
        return round(value, 4) + 0.0 if math.isfinite(value) else None
    if kind is dict:
        return {_tidy(key): _tidy(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_tidy(item) for item in value]
    return value
