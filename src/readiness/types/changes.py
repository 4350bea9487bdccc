"""What a gate can fail on, and what of it a change made new. Made by compare, read by the command line and by report."""

from __future__ import annotations

from msgspec import Struct

from readiness.types.program import Hop


class Item(Struct, frozen=True):
    """A finding of a rule, or something that a policy speaks of. `also` are further files that it goes through."""

    rule: str  # a rule's id, or the name of a policy: compare.POLICIES
    severity: str  # info | warning | error
    path: str
    line: int
    column: int
    end_line: int
    symbol: str  # target, module, service, or the files of a cycle joined by `, `
    message: str
    fingerprint: str
    hops: tuple[Hop, ...] = ()
    also: tuple[str, ...] = ()
    value: float | None = None  # what was measured, where more is worse


class Changes(Struct, frozen=True):
    """`new` and `known` stand in the head, `gone` only in what it is compared with. Each sorted by path, line, column, rule."""

    new: tuple[Item, ...]
    known: tuple[Item, ...] = ()
    gone: tuple[Item, ...] = ()
    passed: tuple[
        Item, ...
    ] = ()  # in the head only, and no step back: told nowhere, but nothing of a baseline is stale for it


class KnownItem(Struct, frozen=True):
    """One line of a baseline file."""

    fingerprint: str
    rule: str
    path: str
    symbol: str
    reason: str = ""
    value: float | None = None  # what was measured; more is worse, and no longer known
