"""Text such as `1..3` -> Interval."""

from __future__ import annotations

from intervals.sets import Interval

Text = str


def parse(text: Text) -> Interval:
    low, _, high = text.partition("..")
    return Interval(float(low), float(high or low))


if __name__ == "__main__":
    print(parse("1..3"))
