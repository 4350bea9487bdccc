"""Modules -> the chart of abstractness by instability: where each point and name stands. Draws nothing; names never overlap."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from readiness.report.labels import Box, Label, Point, place_labels
from readiness.report.text import brief
from readiness.types.report import ModuleRow

MOST_POINTS, MOST_LABELS = 200, 6
WIDTH, HEIGHT = 440, 380
FRAME: Box = (42.0, 12.0, 428.0, 340.0)
SIZE = 11.0


class Dot(Struct, frozen=True):
    module: str
    x: float
    y: float
    is_service: bool
    title: str
    label: Label | None
    text: str


class Scatter(Struct, frozen=True):
    dots: tuple[Dot, ...]
    far: tuple[ModuleRow, ...]  # the table beside it: the farthest from the main sequence first
    total: int


def scatter(modules: Sequence[ModuleRow], most: int) -> Scatter | None:
    """The modules that have both numbers, farthest first; None with fewer than three. `most` rows in the table."""
    known = [row for row in modules if row.coupling.distance is not None and row.coupling.afferent]
    far = sorted(known, key=lambda row: (-(row.coupling.distance or 0.0), -row.coupling.afferent, row.module))
    if len(far) < 3:
        return None
    shown = far[:MOST_POINTS]
    first: dict[tuple[float, float], ModuleRow] = {}  # of several at one place the farthest has the name
    for row in shown:
        first.setdefault(_at(row), row)
    named = list(first.items())[:MOST_LABELS]
    points = [Point(row.module, _name(row), *place, 5) for place, row in named]
    taken = [(x - 5, y - 5, x + 5, y + 5) for x, y in list(first)[MOST_LABELS:]]
    left, top, right, bottom = FRAME
    labels = place_labels(points, [*taken, *_zones()], (left + 1, top, right + 2, bottom - 1), SIZE)
    dots = tuple(
        Dot(row.module, *_at(row), row.service is not None, _title(row), labels.get(row.module), _name(row))
        for row in shown
    )
    return Scatter(dots, tuple(far[:most]), len(far))


def _at(row: ModuleRow) -> tuple[float, float]:
    left, top, right, bottom = FRAME
    return (
        round(left + (right - left) * (row.coupling.instability or 0.0)),
        round(bottom - (bottom - top) * (row.coupling.abstractness or 0.0)),
    )


def _zones() -> list[Box]:
    left, top, right, bottom = FRAME
    return [(left + 6, bottom - 24, left + 110, bottom - 6), (right - 130, top + 6, right, top + 24)]


def _name(row: ModuleRow) -> str:
    tail = ".".join(row.module.partition("@")[0].split(".")[-2:])
    return brief(tail, 24)


def _title(row: ModuleRow) -> str:
    c = row.coupling
    return f"{brief(row.module, 60)}: instability {c.instability:.2f}, abstractness {c.abstractness:.2f}"
