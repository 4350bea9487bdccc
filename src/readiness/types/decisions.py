"""What was decided about services: as the user writes it, and as the report shows it."""

from __future__ import annotations

import datetime

from msgspec import Struct


class Decision(Struct, frozen=True):
    """One `[[decision]]`: what was decided about a service, and what is expected of it."""

    service: str  # its id or name in the report
    status: str  # accepted | rejected | deferred | done
    owner: str
    date: datetime.date
    until: datetime.date | None = None  # after that day the service is open again
    reason: str = ""
    expected: str = ""  # the result that is hoped for, in words
    metric: str = ""  # what is measured
    before: float | None = None  # the metric in Python
    target: float | None = None  # what is expected of it
    after: float | None = None  # what came out
    estimated_days: float | None = None  # production days that the report said when it was decided
    actual_days: float | None = None  # what the port took
    modules: tuple[str, ...] = ()  # globs over the files that were cut out; needed once the service itself is gone
    go: str = ""  # where the Go code is


class DecisionRow(Struct, frozen=True):
    """What was decided about a service, from the decisions file: expected beside reported."""

    service: str  # its id; where no service has it any more, what the file says
    status: str  # accepted | rejected | deferred | done
    state: str  # in force | expired (open again) | unmatched (no service is called so)
    owner: str
    date: str
    until: str | None
    reason: str
    expected: str
    metric: str
    before: float | None
    target: float | None
    after: float | None
    estimated_days: float | None
    actual_days: float | None
    go: str


class Calibration(Struct, frozen=True):
    """What finished ports say about estimates: days are multiplied by `factor`, and the worst case comes nearer to what was met."""

    factor: float  # median of actual by estimated days
    ports: int
    spread: float = 1.0  # the greatest of actual by estimated days over the median
