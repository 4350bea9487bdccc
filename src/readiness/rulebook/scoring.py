"""scoring.toml -> Scoring: every weight with its why and its source. Never computes a score."""

from __future__ import annotations

from pathlib import Path

from readiness.rulebook.check import RulebookError, Table
from readiness.rulebook.source import source_of, table_of, text_of
from readiness.types.rulebook import Scoring, Weight

AXES = ("benefit", "risk", "hotspot")
FAMILIES = ("io", "cpu", "foot", "lever", "hold", "idle")


def read_scoring(path: Path) -> Scoring:
    """The whole tuning of the score. Shares and weights are 0-1, thresholds have the unit that their `why` says."""
    name = path.name
    table = Table(name, "", table_of(text_of(source_of(path, name), name), name, ""))
    families = _weights(table.table("families"))
    for name in FAMILIES:
        if name not in families:
            raise RulebookError(path.name, f"families.{name}", "is missing")
    scoring = Scoring(
        version=table.need("version"),
        families=families,
        signals=_weights(table.table("signals")),
        thresholds=_weights(table.table("thresholds")),
        tables=_tables(table.table("tables")),
    )
    table.done()
    return scoring


def _weights(table: Table) -> dict[str, Weight]:
    return {name: _weight(name, table.table(name)) for name in table.data}


def _weight(name: str, table: Table) -> Weight:
    value = table.number("value")
    if value is None:
        raise table.error("value", "is missing")
    weight = Weight(
        name=name,
        value=value,
        why=table.need("why"),
        source=table.need("source"),
        axis=table.text("axis", AXES),
        family=table.text("family", FAMILIES),
        remedy=table.number("remedy"),
        half=table.number("half"),
    )
    table.done()
    return weight


def _tables(table: Table) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for name in table.data:
        part = table.table(name)
        part.need("why")
        part.need("source")
        values = part.table("values")
        found[name] = {key: _number(values, key) for key in values.data}
        part.done()
    return found


def _number(table: Table, key: str) -> float:
    value = table.number(key)
    if value is None:
        raise table.error(key, "is missing")
    return value
