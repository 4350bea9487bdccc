"""readiness.evidence.toml -> rows, each number with its line. Never reads a file; knows no service."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec import structs

from readiness.config import ConfigError, build, nearest
from readiness.types.evidence import (
    CRITICALITIES,
    TEXTS,
    AccessLog,
    Asserted,
    EvidenceFile,
    Figure,
    ServiceEvidence,
)

FIGURES = tuple(name for name in ServiceEvidence.__struct_fields__ if name not in ("name", "route", *TEXTS))
MOST = 1e15
HEADER = re.compile(r"\s*\[\[\s*\"?service\"?\s*\]\]")
OTHER = re.compile(r"\s*\[")
KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=")


class Said(NamedTuple):
    """What one file says."""

    rows: tuple[Asserted, ...] = ()
    log: AccessLog | None = None
    bill: Figure | None = None
    person_day: Figure | None = None
    currency: str = ""


def read_toml(data: bytes, where: str) -> Said:
    """The rows of a file, in its order. Raises ConfigError with a line per mistake, each with `where` and its key."""
    try:
        text = data.decode("utf-8-sig")
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: {str(error) or 'nested too deeply'}") from None
    file = build(table, EvidenceFile, where, _mistakes)
    top, tables = lines_of(text)

    def figure(name: str, value: float | None) -> Figure | None:
        return None if value is None else Figure(value, where, top.get(name, 1))

    rows = [asserted(row, where, f"service[{i}]", *_lines(tables, i)) for i, row in enumerate(file.service)]
    return Said(
        tuple(rows), None, figure("bill_per_month", file.bill_per_month), figure("person_day", file.person_day),
        file.currency,
    )  # fmt: skip


def asserted(row: ServiceEvidence, where: str, key: str, line: int, lines: Mapping[str, int]) -> Asserted:
    """A record as a row; `lines`: key -> its line, where that is not the row's."""
    said = structs.asdict(row)
    figures = {name: Figure(said[name], where, lines.get(name, line)) for name in FIGURES if said[name] is not None}
    return Asserted(row.name, row.route or "", where, line, key, figures, row.owner or "", row.criticality or "")


def row_mistakes(row: Mapping[str, Any], key: str) -> Iterator[str]:
    """What the types cannot say of one row: numbers that are none, and closed lists of words."""
    for name in FIGURES:
        value = row.get(name)
        if value is not None and not (math.isfinite(value) and 0 <= value <= MOST):
            yield f"{key}.{name}: must be a number from 0 to {MOST:g}, is {value}"
    word = row.get("criticality")
    if word is not None and word not in CRITICALITIES:
        hint = f"{nearest(word, CRITICALITIES)}; allowed: {', '.join(CRITICALITIES)}"
        yield f"{key}.criticality: {word!r} is no criticality{hint}"
    if not row["name"].strip():
        yield f"{key}.name: is empty"
    if not any(row.get(name) is not None for name in (*FIGURES, *TEXTS)):
        yield f"{key}: says nothing of {row['name']!r}; allowed: {', '.join((*FIGURES, *TEXTS))}"


def lines_of(text: str) -> tuple[dict[str, int], list[tuple[int, dict[str, int]]]]:
    """Lines of the keys at the top, and per `[[service]]` its line and those of its keys.

    tomllib gives none. A key inside of a string over several lines may be taken for one: that misleads a reader by a line, no number.
    """
    top: dict[str, int] = {}
    tables: list[tuple[int, dict[str, int]]] = []
    now: dict[str, int] = top
    for number, line in enumerate(text.split("\n"), start=1):
        if HEADER.match(line):
            now = {}
            tables.append((number, now))
        elif OTHER.match(line):
            now = {}
        elif found := KEY.match(line):
            now.setdefault(found[1].replace("-", "_"), number)
    return top, tables


def _lines(tables: list[tuple[int, dict[str, int]]], index: int) -> tuple[int, dict[str, int]]:
    """A table that is written in another way, all in one line for example, stands in the first."""
    return tables[index] if index < len(tables) else (1, {})


def _mistakes(known: Mapping[str, Any]) -> list[str]:
    found = []
    for name in ("bill_per_month", "person_day"):
        value = known.get(name, 1)
        if not (math.isfinite(value) and 0 < value <= MOST):
            found.append(f"{name}: must be a number above 0, is {value}")
    for index, row in enumerate(known.get("service", ())):
        found += row_mistakes(row, f"service[{index}]")
    return found
