"""Two reports -> what changed between them: services that are new, gone or moved and why, findings, cycles. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from readiness.assess.words import inside, named
from readiness.report.text import count, listed
from readiness.types.report import Report, ServiceRow

LEAST = 0.5  # points of a signal below which it is no cause


class Move(Struct, frozen=True):
    """A service in both reports whose rank, verdict or score changed; or in one of them only."""

    id: str
    name: str
    kind: str  # new | gone | up | down | same
    ranks: tuple[int | None, int | None]  # before, after
    scores: tuple[float | None, float | None]
    verdicts: tuple[str | None, str | None]
    causes: tuple[str, ...]


class Difference(Struct, frozen=True):
    before: str  # commit or name of the older scan
    moves: tuple[Move, ...]
    findings_new: int
    findings_gone: int
    cycles_new: int
    cycles_gone: int
    changed: tuple[str, ...]  # what makes the two hard to compare: another goal, other rules, other weights

    @property
    def is_empty(self) -> bool:
        return not (self.moves or self.findings_new or self.findings_gone or self.cycles_new or self.cycles_gone)


def difference(now: Report, before: Report) -> Difference:
    """Services are the same by id, findings by fingerprint, cycles by their modules."""
    old = {row.id: row for row in before.services}
    moves = [move for row in now.services if (move := _move(old.get(row.id), row)) is not None]
    ids = {row.id for row in now.services}
    moves += [move for row in before.services if row.id not in ids and (move := _move(row, None)) is not None]
    prints = ({f.fingerprint for f in before.findings}, {f.fingerprint for f in now.findings})
    cycles = ({frozenset(c.modules) for c in before.cycles}, {frozenset(c.modules) for c in now.cycles})
    return Difference(
        before.repository.commit or before.repository.name,
        tuple(sorted(moves, key=lambda m: (m.ranks[1] or 9999, m.ranks[0] or 9999, m.id))),
        len(prints[1] - prints[0]), len(prints[0] - prints[1]), len(cycles[1] - cycles[0]), len(cycles[0] - cycles[1]),
        tuple(_changed(now, before)),
    )  # fmt: skip


def _move(old: ServiceRow | None, new: ServiceRow | None) -> Move | None:
    row = new or old
    assert row is not None
    ranks = (old.rank if old else None, new.rank if new else None)
    scores = (old.score if old else None, new.score if new else None)
    verdicts = (old.verdict if old else None, new.verdict if new else None)
    if old is None or new is None:
        return Move(row.id, row.name, "new" if old is None else "gone", ranks, scores, verdicts, ())
    if ranks[0] == ranks[1] and verdicts[0] == verdicts[1] and round(scores[0] or 0) == round(scores[1] or 0):
        return None
    kind = "same" if ranks[0] == ranks[1] else "up" if (ranks[1] or 9999) < (ranks[0] or 9999) else "down"
    return Move(row.id, row.name, kind, ranks, scores, verdicts, _causes(old, new))


def _causes(old: ServiceRow, new: ServiceRow) -> tuple[str, ...]:
    """The three signals whose points changed most, and gates; a rank that moved without any was moved by others."""
    points: tuple[Mapping[tuple[str, str], float], ...] = tuple(
        {(c.axis, c.signal): c.points for c in row.contributions if c.axis != "effort"} for row in (old, new)
    )
    deltas = {key: points[1].get(key, 0.0) - points[0].get(key, 0.0) for key in {*points[0], *points[1]}}
    order = sorted((key for key in deltas if abs(deltas[key]) >= LEAST), key=lambda key: (-abs(deltas[key]), key))
    causes = [f"{axis}: {inside(named(name))} {deltas[axis, name]:+.0f}" for axis, name in order[:3]]
    causes += [f"now: {gate}" for gate in sorted(set(new.gates) - set(old.gates))]
    causes += [f"no more: {gate}" for gate in sorted(set(old.gates) - set(new.gates))]
    return tuple(causes or ["other services moved"])


def _changed(now: Report, before: Report) -> list[str]:
    found = []
    if now.goal != before.goal:
        found.append(f"the goal was {before.goal}")
    if now.tool.version != before.tool.version:
        found.append(f"made by version {before.tool.version}")
    if now.tool.rules != before.tool.rules:
        found.append("by other rules")
    names = sorted(
        key for key in {*now.scoring, *before.scoring} if now.scoring.get(key) != before.scoring.get(key)
    )  # fmt: skip
    settings = (now.tool.config, before.tool.config)
    if not names and now.goal == before.goal and all(settings) and len(set(settings)) == 2:
        found.append("with other settings")
    if names:
        found.append(f"with {count(len(names), 'other weight')} ({listed(names)})")
    return found
