"""Settings, files, history -> who is there to port: people, who knows Go, days of a wave, what learning costs. Never changes a benefit.

What nobody said is read from the repository: who changed its Go files in the last year knows Go. Where nobody did, it is unknown, not
none, and adds nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from readiness.assess.ground import DAY
from readiness.assess.score import limit
from readiness.types.config import Config
from readiness.types.effort import TeamRow
from readiness.types.rulebook import Scoring
from readiness.types.tree import GitFacts

OWNERS = "owners"  # the gate on the first wave
NEEDED = 2  # people who own Go code: one is on holiday
YEAR = 365 * DAY


def team_of(config: Config, files: Sequence[str], git: GitFacts, scoring: Scoring) -> TeamRow:
    """What is known of the team. `files`: every path of the repository."""
    said = config.team
    of_go = sum(path.endswith(".go") for path in files)
    authors = _authors(git) or None if of_go and git.head_date is not None and not git.is_shallow else None
    go = said.go if said.go is not None else authors
    source = "settings" if said.go is not None else "repository" if authors is not None else "nobody"
    people = said.people if said.people is not None else _usual(scoring)
    learning = None if go is None else 0.0 if go >= NEEDED else _learning(max(0, people - go), scoring)
    return TeamRow(said.people, go, of_go, authors, source, round(limit(scoring, "wave_days"), 1), learning)


def gated(gates: tuple[str, ...], wave: int | None, row: TeamRow) -> tuple[str, ...]:
    """Fewer than two people who own Go code hold the first wave back; it turns no verdict."""
    return (*gates, OWNERS) if wave == 1 and row.go is not None and row.go < NEEDED else gates


def _usual(scoring: Scoring) -> int:
    """People of a wave, where nobody said how many there are: those whose three months fill it."""
    return max(1, round(limit(scoring, "wave_days") / (3 * limit(scoring, "days_per_month"))))


def _learning(learners: int, scoring: Scoring) -> float:
    return limit(scoring, "learning_days") * math.ceil(learners / 2)


def _authors(git: GitFacts) -> int:
    """Who changed Go files in the year before HEAD."""
    return len(
        {author for path, when, author in git.commits if path.endswith(".go") and (git.head_date or 0) - when <= YEAR}
    )
