"""Person-days, as every part of the report has them, and the people who have them."""

from __future__ import annotations

from msgspec import Struct


class EffortDays(Struct, frozen=True):
    expert: float
    production: float
    worst: float


class EffortItem(Struct, frozen=True):
    driver: str
    detail: str
    expert: float
    production: float
    worst: float


class TeamRow(Struct, frozen=True):
    """Who is there to port."""

    people: int | None  # None: nobody said
    go: int | None  # how many of them know Go
    go_files: int  # of the repository
    go_authors: int | None  # who changed Go files in the last year; None where nobody did, or the history is not whole
    source: str  # where `go` is from: settings | repository | nobody
    wave_days: float  # what a wave may take
    learning_days: float | None  # added to the first port; None: unknown
