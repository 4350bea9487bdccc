"""Bindings of one name and a place -> those that can hold there, by order and branch. Knows nothing of values.

A binding that stands on every way to the place replaces the ones before it; bindings in another arm of the same statement
do not reach it; one that stands behind it does where both are in one loop. Approximate where statements jump: too many, never too few.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from readiness.link.space import ModuleSpace, Place
from readiness.types.facts import Binding, Branch, Facts, loops_around

Arms = frozenset[tuple[int, int]]

LASTING = ("declare", "augment")  # add to what holds already


def reaching(space: ModuleSpace, rows: Sequence[Binding], at: Place) -> Sequence[Binding]:
    """The rows whose value the name can have at this place, latest first; all of them where none is before it."""
    found, _ = latest(space, rows, at)
    found += [row for row in rows if row.kind == "declare" and row not in found]
    return found or [row for row in rows if row.kind != "narrow"]


def lasting(space: ModuleSpace, rows: Sequence[Binding]) -> Sequence[Binding]:
    """The rows of a module's name that hold when its code has ended, and those of functions that bind it by `global`."""
    contexts = space.facts.contexts
    own = [row for row in rows if contexts[row.context].scope == 0]
    inner = [row for row in rows if contexts[row.context].scope and row.kind != "narrow"]
    return [*(reaching(space, own, (sys.maxsize, 0)) if own else ()), *inner]


def settled(space: ModuleSpace, rows: Sequence[Binding], at: Place) -> Sequence[Binding]:
    """The same for a field within one method; () where some way to the place sets it nowhere before."""
    found, is_settled = latest(space, rows, at)
    return found if is_settled else ()


def latest(space: ModuleSpace, rows: Sequence[Binding], at: Place) -> tuple[list[Binding], bool]:
    """Rows before the place that can reach it, and whether one of them stands on every way to it."""
    facts = space.facts
    order, number = at
    context = facts.contexts[number]
    here = arms(space, context.branch)
    found: list[Binding] = []
    last: Binding | None = None
    for row in reversed(rows):
        if row.order >= order:
            continue
        branch = facts.contexts[row.context].branch
        if branch >= 0 and excludes(arms(space, branch), here):
            continue
        stays = branch < 0 or arm(facts.branches[branch]) in here
        if row.kind == "narrow" and not stays:
            continue
        found.append(row)
        if stays and row.kind not in LASTING:
            last = row
            break
    if context.loop >= 0:
        found += again(facts, rows, at, last)
    return found, last is not None


def arms(space: ModuleSpace, branch: int) -> Arms:
    """All branches around a place."""
    known = space.arms.get(branch)
    if known is None:
        found, walk = set(), branch
        while walk >= 0:
            row = space.facts.branches[walk]
            found.add(arm(row))
            walk = row.parent
        known = space.arms[branch] = frozenset(found)
    return known


def arm(row: Branch) -> tuple[int, int]:
    """(statement, arm); the arms of `try` are negative, since what it began may have happened when `except` runs."""
    return row.node, row.arm if row.kind not in ("try", "except") else -row.arm - 1


def excludes(one: Arms, other: Arms) -> bool:
    """Whether two places stand in different arms of one `if` or `match`."""
    nodes = {node: number for node, number in one if number >= 0}
    return any(number >= 0 and nodes.get(node, number) != number for node, number in other)


def again(facts: Facts, rows: Sequence[Binding], at: Place, last: Binding | None) -> list[Binding]:
    """Bindings behind the place that reach it on the next round of a loop."""
    loops = loops_around(facts, facts.contexts[at[1]].loop)
    if last is not None and facts.contexts[last.context].loop in loops:
        inner = facts.contexts[last.context].loop
        loops = loops[: loops.index(inner)]
    return [
        row
        for row in rows
        if row.order >= at[0] and row.kind != "narrow" and facts.contexts[row.context].loop >= 0
        and any(loop in loops for loop in loops_around(facts, facts.contexts[row.context].loop))
    ]  # fmt: skip
