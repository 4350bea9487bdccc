"""Points of a chart -> a free place for each name. Nearest place first, big points first; a name without a place gets none."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

LETTER = 0.58  # mean width of a letter in ems, bold sans
GAPS = (4, 10, 18, 28, 40)  # pixels between a point and its name
FAR = 18  # from here on a line leads to the name

Box = tuple[float, float, float, float]  # left, top, right, bottom


class Point(Struct, frozen=True):
    id: str
    text: str
    x: float
    y: float
    r: float
    ends: tuple[float, float] | None = (
        None  # of the line through it, where its name may stand if there is no room around it
    )


class Label(Struct, frozen=True):
    x: float
    y: float  # of the baseline
    anchor: str  # start | middle | end
    leader: tuple[float, float] | None  # where the line from the point ends


def place_labels(points: Sequence[Point], taken: Sequence[Box], frame: Box, size: float) -> dict[str, Label]:
    """Point id -> label. No label meets a point, a box of `taken`, another label or the edge of `frame`; `size` in pixels."""
    full = [*taken, *((p.x - p.r, p.y - p.r, p.x + p.r, p.y + p.r) for p in points)]
    found: dict[str, Label] = {}
    for point in sorted(points, key=lambda p: (-p.r, p.id)):
        label = _place(point, full, frame, size)
        if label is not None:
            found[point.id] = label
    return found


def _place(point: Point, full: list[Box], frame: Box, size: float) -> Label | None:
    width, height = len(point.text) * size * LETTER + 6, size + 2.5
    around = [(gap, point.x + dx, point.y + dy, anchor) for gap in GAPS for dx, dy, anchor in _slots(point.r + gap)]
    ends = point.ends
    beside = [(0, ends[1] + 5, point.y, "start"), (0, ends[0] - 5, point.y, "end")] if ends else []
    for gap, x, y, anchor in (*around, *beside):
        dy = y - point.y
        left = x - {"start": 0.0, "end": width, "middle": width / 2}[anchor]
        top = y - height / 2 if anchor != "middle" else (y - height if dy < 0 else y)
        box = (left, top, left + width, top + height)
        inside = box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]
        if inside and not any(meet(box, other) for other in full):
            full.append((left - 3, top - 3, left + width + 3, top + height + 3))
            end = (x, y) if anchor != "middle" else (x, top + height + 1 if dy < 0 else top - 1)
            leader = (round(end[0]), round(end[1])) if gap > FAR else None
            return Label(round(x), round(top + height / 2 + size * 0.32), anchor, leader)
    return None


def _slots(away: float) -> tuple[tuple[float, float, str], ...]:
    near = away * 0.8
    return (
        (away, 0, "start"), (0, -away, "middle"), (0, away, "middle"), (-away, 0, "end"),
        (near, -near, "start"), (near, near, "start"), (-near, -near, "end"), (-near, near, "end"),
    )  # fmt: skip


def meet(a: Box, b: Box) -> bool:
    """Whether two boxes share more than an edge."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
