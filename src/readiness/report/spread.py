"""Functions and modules -> how complexity and waiting are spread: over bins of complexity, over packages. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from readiness.types.report import HOT, FunctionRow

BINS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50)  # the first complexity of each bin; the last one is open


class Bin(Struct, frozen=True):
    label: str
    functions: int
    hot: int  # of them hotspots
    share: float  # of the fullest bin, in per cent
    hot_share: float


class Package(Struct, frozen=True):
    name: str
    functions: int  # with a hotspot score
    total: float
    top: FunctionRow


def histogram(functions: Iterable[FunctionRow]) -> list[Bin]:
    """Functions by cyclomatic complexity, up to the last bin that holds one; empty where none is known."""
    every, hot = [0] * len(BINS), [0] * len(BINS)
    for row in functions:
        if row.complexity is not None:
            place = sum(row.complexity >= first for first in BINS[1:])
            every[place] += 1
            hot[place] += (row.hotspot or 0.0) >= HOT
    most = max(every)
    if not most:
        return []
    last = max(i for i, n in enumerate(every) if n)
    return [
        Bin(_label(i), n, hot[i], round(100 * n / most, 1), round(100 * hot[i] / most, 1))
        for i, n in enumerate(every[: last + 1])
    ]


def _label(place: int) -> str:
    if place == len(BINS) - 1:
        return f"{BINS[place]} and more"
    low, high = BINS[place], BINS[place + 1] - 1
    return str(low) if low == high else f"{low}–{high}"


def hot_packages(functions: Sequence[FunctionRow], most: int) -> list[Package]:
    """The packages with the greatest sums of scores; none where there is only one."""
    found: dict[str, list[FunctionRow]] = {}
    for row in functions:
        if row.hotspot:
            found.setdefault(_package(row.module), []).append(row)
    rows = [_summed(name, rows) for name, rows in found.items()]
    ordered = sorted(rows, key=lambda row: (-row.total, row.name))
    return ordered[:most] if len(ordered) > 1 else []


def _package(module: str) -> str:
    """What the module lies in; of several modules with one name, the folder tells them apart."""
    name, at, root = module.partition("@")
    head = name.rpartition(".")[0] or name
    return f"{head} ({root})" if at else head


def _summed(name: str, rows: Sequence[FunctionRow]) -> Package:
    top = min(rows, key=lambda row: (-(row.hotspot or 0.0), row.path, row.line, row.qualname))
    return Package(name, len(rows), sum(row.hotspot or 0.0 for row in rows), top)
