"""What is done in which order, and where: what comes before the first wave, and the steps of one service's move."""

from __future__ import annotations

from msgspec import Struct


class Place(Struct, frozen=True):
    path: str
    line: int


class Move(Struct, frozen=True):
    """One entry of a service, in the order in which they move."""

    target: str
    detail: str
    path: str
    line: int
    way: str  # read | consume | connect | produce | write | run
    touches: tuple[str, ...]  # what it changes outside of itself


class Enabler(Struct, frozen=True):
    """Something to do before the first wave, for some services."""

    kind: str  # wire | cycle | scripts | no-oracle | data | build | diversion
    what: str
    services: tuple[str, ...]  # ids
    places: tuple[Place, ...]
    days: float
