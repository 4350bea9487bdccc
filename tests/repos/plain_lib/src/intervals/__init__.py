"""Sets of numbers as sorted intervals. A library: nothing here is started on its own."""

from intervals.parse import parse
from intervals.sets import Interval, union

__all__ = ["Interval", "parse", "union"]
