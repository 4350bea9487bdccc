"""Services -> Quadrant: where each mark, whisker and label of the effort-benefit chart stands. Draws nothing; labels never overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from readiness.report.text import VERDICTS, clean
from readiness.types.report import ServiceRow

MOST_POINTS, MOST_LABELS = 30, 12
SPLIT_DAYS, SPLIT_BENEFIT = 60.0, 50.0
STEPS = (1, 2, 5)
LETTER = 0.58  # mean width of a letter in ems, bold sans

Box = tuple[float, float, float, float]  # left, top, right, bottom


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
    label: tuple[float, float, str] | None  # x, baseline, text-anchor
    leader: tuple[float, float] | None


class Quadrant(Struct, frozen=True):
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    split_x: float | None
    split_y: float
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    marks: tuple[Mark, ...]


def quadrant(services: Sequence[ServiceRow], width: int, height: int) -> Quadrant | None:
    """The chart in whole pixels, for the first 30 services that have a benefit and days; None with fewer than two of them."""
    shown = [s for s in services if s.benefit is not None and s.effort_days is not None][:MOST_POINTS]
    if len(shown) < 2:
        return None
    left, right, top, bottom = 46.0, width - 14.0, 14.0, height - 46.0
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
    split = across(SPLIT_DAYS) if ticks[0] < SPLIT_DAYS < ticks[-1] else None
    frame = (left + 2, top, right, bottom - 2)
    return Quadrant(
        width, height, left, right, top, bottom, split, up(SPLIT_BENEFIT),
        tuple((across(t), f"{t:g}") for t in ticks),
        tuple((up(b), str(b)) for b in (0, 25, 50, 75, 100)),
        tuple(_labelled(marks, frame, _zones(frame))),
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
    name = clean(service.name, 22) if len(service.name) <= 22 else clean(service.name[:21]) + "…"
    return Mark(
        service.id, name, letter, across(span.production), up(service.benefit), radius,
        across(span.expert), across(span.worst),
        f"{clean(service.name, 60)}: {words}, benefit {service.benefit:.0f}, "
        f"{span.expert:.0f} to {span.worst:.0f} person-days, {span.production:.0f} likely",
        None, None,
    )  # fmt: skip


def _zones(frame: Box) -> list[Box]:
    left, top, right, bottom = frame
    return [
        (left, top, left + 130, top + 20),
        (right - 130, top, right, top + 20),
        (left, bottom - 22, left + 130, bottom),
        (right - 130, bottom - 22, right, bottom),
    ]


def _labelled(marks: list[Mark], frame: Box, taken: list[Box]) -> list[Mark]:
    """Gives each mark the nearest free place for its name, big marks first; a name without one stays in the table alone."""
    taken = [*taken, *((m.x - m.r, m.y - m.r, m.x + m.r, m.y + m.r) for m in marks)]
    taken += [(m.low - 1, m.y - 4, m.high + 1, m.y + 4) for m in marks]
    done: dict[str, Mark] = {}
    for mark in sorted(marks[:MOST_LABELS], key=lambda m: (-m.r, m.id)):
        done[mark.id] = _place(mark, frame, taken)
    return [done.get(mark.id, mark) for mark in marks]


def _place(mark: Mark, frame: Box, taken: list[Box]) -> Mark:
    width, height = len(mark.name) * 12.5 * LETTER + 6, 15.0
    for gap in (4, 10, 18, 28, 40, 54, 70):
        away = mark.r + gap
        near = away * 0.8
        for dx, dy, anchor in (
            (away, 0, "start"), (0, -away, "middle"), (0, away, "middle"), (-away, 0, "end"),
            (near, -near, "start"), (near, near, "start"), (-near, -near, "end"), (-near, near, "end"),
        ):  # fmt: skip
            x, y = mark.x + dx, mark.y + dy
            left = x - {"start": 0.0, "end": width, "middle": width / 2}[anchor]
            top = y - height / 2 if anchor != "middle" else (y - height if dy < 0 else y)
            box = (left, top, left + width, top + height)
            inside = box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]
            if inside and not any(_meet(box, other) for other in taken):
                taken.append((left - 3, top - 3, left + width + 3, top + height + 3))
                end = (x, y) if anchor != "middle" else (x, top + height + 1 if dy < 0 else top - 1)
                label = (round(x), round(top + height / 2 + 4), anchor)
                leader = (round(end[0]), round(end[1])) if gap > 18 else None
                return Mark(
                    mark.id,
                    mark.name,
                    mark.letter,
                    mark.x,
                    mark.y,
                    mark.r,
                    mark.low,
                    mark.high,
                    mark.title,
                    label,
                    leader,
                )
    return mark


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
