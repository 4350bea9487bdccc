"""A CSV of metrics -> rows, one per line, each number with its line. Never reads a file, never runs what looks like a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import msgspec

from readiness.config import ConfigError, nearest
from readiness.evidence.written import FIGURES, Said, asserted, row_mistakes
from readiness.types.evidence import TEXTS, Asserted, ServiceEvidence

MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
SEPARATORS = (",", ";", "\t")
COLUMNS = ("service", "route", *FIGURES, *TEXTS)
MOST_ROWS, MOST_MISTAKES, CELL = 10_000, 20, 1_000


def read_csv(data: bytes, where: str) -> Said:
    """The rows of a table whose first line names the columns. Raises ConfigError with a line per mistake, at most MOST_MISTAKES."""
    text = _decoded(data, where)
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=head.count), strict=True)
    rows: list[Asserted] = []
    mistakes: list[str] = []
    try:
        columns = _columns(next(reader, []), where)
        begin = reader.line_num + 1
        for cells in reader:
            line, begin = begin, reader.line_num + 1
            if any(cell.strip() for cell in cells):
                row, wrong = _row(columns, cells, where, line)
                rows += [row] if row else []
                mistakes += wrong
            if len(rows) > MOST_ROWS:
                raise ConfigError(f"{where}: more than {MOST_ROWS} rows")
    except csv.Error as error:
        mistakes.append(f"{where}:{reader.line_num}: {error}")
    if mistakes:
        more = [f"{where}: and {len(mistakes) - MOST_MISTAKES} more"] if len(mistakes) > MOST_MISTAKES else []
        raise ConfigError("\n".join(mistakes[:MOST_MISTAKES] + more))
    return Said(tuple(rows))


def _decoded(data: bytes, where: str) -> str:
    """UTF-8, or UTF-16 where a mark says so, as spreadsheets write it."""
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except ValueError as error:
        raise ConfigError(f"{where}: no text in UTF-8 or UTF-16: {error}") from None
    if "\0" in text:
        raise ConfigError(f"{where}: no table: it holds a NUL")
    return text


def _columns(cells: list[str], where: str) -> list[str]:
    """The names of the columns, `name` for `service`. Raises ConfigError for one that is unknown or there twice."""
    names = [cell.strip().lower().replace(" ", "_").replace("-", "_") for cell in cells]
    names = ["service" if name == "name" else name for name in names]
    wrong = [
        f"{where}:1: {_shown(name)}: unknown column{nearest(name, COLUMNS)}; allowed: {', '.join(COLUMNS)}"
        for name in names
        if name not in COLUMNS
    ]
    wrong += [f"{where}:1: {name}: there twice" for name in sorted({n for n in names if names.count(n) > 1} - {""})]
    if "service" not in names:
        wrong.append(f"{where}:1: no column `service`")
    if wrong:
        raise ConfigError("\n".join(wrong[:MOST_MISTAKES]))
    return names


def _row(columns: list[str], cells: list[str], where: str, line: int) -> tuple[Asserted | None, list[str]]:
    """One line; an empty cell says nothing."""
    if len(cells) > len(columns):
        return None, [f"{where}:{line}: {len(cells)} cells under {len(columns)} columns"]
    found: dict[str, Any] = {"name": ""}
    wrong = []
    for column, cell in zip(columns, (cell.strip() for cell in cells), strict=False):
        if column in FIGURES and cell:
            try:
                found[column] = float(cell)
            except ValueError:
                wrong.append(f"{where}:{line}: {column}: {cell[:CELL]!r} is no number")
        elif cell:
            found["name" if column == "service" else column] = cell[:CELL]
    wrong += [] if wrong else [f"{where}:{line}: {_plain(mistake)}" for mistake in row_mistakes(found, "row")]
    return (None, wrong) if wrong else (_asserted(found, where, line), [])


def _asserted(found: Mapping[str, Any], where: str, line: int) -> Asserted:
    return asserted(msgspec.convert(found, ServiceEvidence), where, "service", line, {})


def _shown(name: str) -> str:
    """The name of a column in an error: nothing in it moves the terminal."""
    return name[:CELL] if name.isprintable() and name else repr(name[:CELL])


def _plain(mistake: str) -> str:
    """Without the name that a row has in TOML."""
    return mistake.removeprefix("row.").removeprefix("row: ").replace("name:", "service:", 1)
