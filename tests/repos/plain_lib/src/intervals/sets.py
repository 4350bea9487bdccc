"""Intervals and what can be done with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intervals.parse import Text


@dataclass(frozen=True, order=True)
class Interval:
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @classmethod
    def of(cls, text: Text) -> Interval:
        from intervals.parse import parse

        return parse(text)


def union(intervals: Iterable[Interval]) -> list[Interval]:
    result: list[Interval] = []
    for interval in sorted(intervals):
        if result and interval.low <= result[-1].high:
            result[-1] = Interval(result[-1].low, max(result[-1].high, interval.high))
        else:
            result.append(interval)
    return result
