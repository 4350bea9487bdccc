"""What assess gives: every service as a row of the report, and numbers for each module and function."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from readiness.types.effort import TeamRow
from readiness.types.plan import Enabler
from readiness.types.report import ConcurrencyUse, HotSign, Place, ServiceRow


class Signal(Struct, frozen=True):
    """A three-valued signal: None is unknown, 0 is known absent, (0, 1] is how strongly it is present."""

    name: str
    value: float | None
    detail: str  # what was seen, in words that name things
    evidence: tuple[Place, ...] = ()


class ModuleScore(Struct, frozen=True, gc=False):
    """A module as a unit of its own, each 0-100; all None where it could not be judged."""

    score: float | None
    benefit: float | None
    risk: float | None
    effort: float | None


class Hotspot(Struct, frozen=True, gc=False):
    """How much concurrent I/O a function is about, 0-100, and what makes it so, strongest first."""

    score: float
    signs: tuple[HotSign, ...] = ()


class Assessment(Struct, frozen=True):
    services: tuple[ServiceRow, ...]  # ranked; those without a score last
    modules: Mapping[str, ModuleScore]
    hotspots: tuple[Hotspot | None, ...]  # one per Program.functions
    entry_points: tuple[tuple[str, ...], ...]  # targets of the entries that reach a function, at most ENTRY_CAP of them
    concurrency: tuple[tuple[ConcurrencyUse, ...], ...]
    waves: tuple[tuple[str, ...], ...] = ()  # ids of services, first wave first
    evidence: tuple[str, ...] = ()  # notes about access logs
    team: TeamRow | None = None
    enablers: tuple[Enabler, ...] = ()
