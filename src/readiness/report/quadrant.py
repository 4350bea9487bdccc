"""Services -> Quadrant: where each mark, whisker and label of the effort-benefit chart stands. Draws nothing; labels never overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from readiness.report.labels import Box, Label, Point, meet, place_labels
from readiness.report.text import VERDICTS, clean, tail
from readiness.types.report import ServiceRow

MOST_POINTS, MOST_LABELS = 30, 12
SPLIT_DAYS, SPLIT_BENEFIT = 60.0, 50.0
NEAR = 6  # pixels between two marks below which one name stands for both
STEPS = (1, 2, 5)


class Mark(Struct, frozen=True):
    id: str
    name: str
    letter: str
    x: float
    y: float
    r: float
    low: float
    high: float
    title: str
    label: Label | None


class Quadrant(Struct, frozen=True):
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    split_x: float  # at the left or right edge where every service is on one side of it
    split_y: float
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    marks: tuple[Mark, ...]
    zones: tuple[Zone, ...]


class Zone(Struct, frozen=True):
    """The name of a quarter, where nothing stands on it."""

    text: str
    x: float
    y: float
    anchor: str


def quadrant(services: Sequence[ServiceRow], width: int, height: int) -> Quadrant | None:
    """The chart in whole pixels, for the first 30 services that have a benefit and days; None with fewer than two of them."""
    shown = [s for s in services if s.benefit is not None and s.effort_days is not None][:MOST_POINTS]
    if len(shown) < 2:
        return None
    left, right, top, bottom = 46.0, width - 26.0, 14.0, height - 46.0
    ticks = _ticks(shown)
    low, high = math.log10(ticks[0]), math.log10(ticks[-1])

    def across(value: float) -> float:
        share = (math.log10(max(value, ticks[0])) - low) / (high - low)
        return round(left + (right - left) * min(share, 1.0))

    def up(benefit: float) -> float:
        return round(bottom - (bottom - top) * benefit / 100)

    most = max(s.lines for s in shown) or 1
    small = 0.8 if width < 600 else 1.0
    marks = [_mark(s, across, up, round((8.5 + 8 * math.sqrt(s.lines / most)) * small)) for s in shown]
    split = across(min(SPLIT_DAYS, ticks[-1]))
    frame = (left + 2, top, right, bottom - 2)
    zones = _zones(frame, split, marks)
    return Quadrant(
        width, height, left, right, top, bottom, split, up(SPLIT_BENEFIT),
        tuple((across(t), f"{t:,g}") for t in ticks),
        tuple((up(b), str(b)) for b in (0, 25, 50, 75, 100)),
        tuple(_labelled(marks, frame, [box for box, _ in zones])),
        tuple(zone for _, zone in zones),
    )  # fmt: skip


def _ticks(services: Sequence[ServiceRow]) -> list[float]:
    """1-2-5 steps that hold every whisker, three at least."""
    spans = [s.effort_days for s in services if s.effort_days is not None]
    low = max(min(span.expert for span in spans), 0.1)
    high = max(max(span.worst for span in spans), low * 4)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = [step * 10.0**power for power in range(first, last + 1) for step in STEPS]
    start = max(step for step in steps if step <= low * 1.0001)
    end = min(step for step in [*steps, 10.0 ** (last + 1)] if step >= high)
    return [step for step in [*steps, 10.0 ** (last + 1)] if start <= step <= end]


def _mark(service: ServiceRow, across: object, up: object, radius: int) -> Mark:
    assert callable(across) and callable(up) and service.effort_days is not None and service.benefit is not None
    span = service.effort_days
    letter, words = VERDICTS.get(service.verdict, ("N", service.verdict))
    return Mark(
        service.id, tail(service.name, 22), letter, across(span.production), up(service.benefit), radius,
        across(span.expert), across(span.worst),
        f"{clean(service.name, 60)}: {words}, benefit {service.benefit:.0f}, "
        f"{span.expert:.0f} to {span.worst:.0f} person-days, {span.production:.0f} likely",
        None,
    )  # fmt: skip


def _zones(frame: Box, split: float, marks: Sequence[Mark]) -> list[tuple[Box, Zone]]:
    """The quarters that there are, and whose corner is free."""
    left, top, right, bottom = frame
    wide, high = 118, 20
    corners = [
        (split > left, "Much for little", left, top, "start"),
        (split > left, "Little, but cheap", left, bottom - high, "start"),
        (split < right, "Much, but costly", right - wide, top, "end"),
        (split < right, "Leave alone", right - wide, bottom - high, "end"),
    ]
    full = [(m.low, m.y - m.r, m.high, m.y + m.r) for m in marks]
    found = []
    for is_there, text, x, y, anchor in corners:
        box = (x, y, x + wide, y + high)
        if is_there and not any(meet(box, other) for other in full):
            found.append((box, Zone(text, x + 6 if anchor == "start" else x + wide - 6, y + 15, anchor)))
    return found


def _labelled(marks: list[Mark], frame: Box, taken: list[Box]) -> list[Mark]:
    """The marks with their names placed, big ones first; a name without a free place stays in the table alone."""
    whiskers = [(m.low - 1, m.y - 4, m.high + 1, m.y + 4) for m in marks]
    names = _names(marks)
    unnamed = [(m.x - m.r, m.y - m.r, m.x + m.r, m.y + m.r) for m in marks if m.id not in names]
    points = [Point(m.id, names[m.id], m.x, m.y, m.r, (m.low, m.high)) for m in marks if m.id in names]
    labels = place_labels(points, [*taken, *whiskers, *unnamed], frame, 12.5)
    return [replace(mark, name=names.get(mark.id, mark.name), label=labels.get(mark.id)) for mark in marks]


def _names(marks: Sequence[Mark]) -> dict[str, str]:
    """The first marks' names; of several at one place the first has the name, and the number of the others."""
    heads: list[tuple[Mark, int]] = []
    for mark in marks:
        near = next(
            (i for i, (head, _) in enumerate(heads) if math.dist((head.x, head.y), (mark.x, mark.y)) < NEAR), None
        )
        if near is None:
            heads.append((mark, 0))
        else:
            heads[near] = (heads[near][0], heads[near][1] + 1)
    return {head.id: f"{head.name} +{more}" if more else head.name for head, more in heads[:MOST_LABELS]}
