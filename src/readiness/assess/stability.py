"""Candidates under other weights -> rank interval, share of draws in the first three, share with the same verdict.

Draws: risk weights ~ Dirichlet(50 w), family weights ~ N(W, .12), signals ~ N(s, .05 + .15 (1 - confidence)). The weights of
a draw are the same for all; the signals of a candidate are seeded by its id, so that another candidate never changes them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from readiness.assess.score import (
    Numbers,
    factor,
    family_weights,
    limit,
    priority,
    rescored,
    risk_weights,
    verdict,
)
from readiness.types.report import RankStability
from readiness.types.rulebook import Scoring

BUDGET = 6_000  # candidates x draws, so that the test costs about half a second; at least 200 draws
LEAST = 200


class Candidate(NamedTuple):
    id: str
    values: Mapping[str, float | None]
    numbers: Numbers
    verdict: str


def rank_stability(candidates: Sequence[Candidate], scoring: Scoring, goal: str) -> dict[str, RankStability]:
    """For the best `draw_candidates` in rank order. Intervals are the 5th and 95th percentile."""
    best = list(candidates[: int(limit(scoring, "draw_candidates"))])
    if not best:
        return {}
    draws = min(int(limit(scoring, "draws")), max(LEAST, BUDGET // len(best)))
    streams = {row.id: random.Random(f"signals {row.id}") for row in best}
    weights = random.Random("weights")
    places: dict[str, list[int]] = {row.id: [] for row in best}
    same = dict.fromkeys(places, 0)
    for _ in range(draws):
        families, risks = _draw_weights(weights, scoring, goal)
        scores = []
        for row in best:
            numbers = _redraw(row, streams[row.id], families, risks, scoring)
            now = verdict(numbers, scoring)
            same[row.id] += now == row.verdict
            scores.append((-priority(numbers.net, numbers.risk, scoring) * factor(now, scoring), row.id))
        for place, (_, name) in enumerate(sorted(scores), start=1):
            places[name].append(place)
    return {name: _interval(sorted(rows), same[name] / draws) for name, rows in places.items()}


def _interval(places: list[int], verdict_share: float) -> RankStability:
    count = len(places)
    top = sum(place <= 3 for place in places) / count
    return RankStability(places[int(0.05 * count)], places[int(0.95 * count)], top, verdict_share)


def _draw_weights(stream: random.Random, scoring: Scoring, goal: str) -> tuple[dict[str, float], dict[str, float]]:
    sigma, sharp = limit(scoring, "draw_family_sigma"), limit(scoring, "draw_concentration")
    families = {name: min(0.95, max(0.05, stream.gauss(w, sigma))) for name, w in family_weights(scoring, goal).items()}
    gammas = {name: stream.gammavariate(w * sharp, 1) if w > 0 else 0.0 for name, w in risk_weights(scoring).items()}
    total = sum(gammas.values())
    return families, {name: value / total for name, value in gammas.items()} if total else gammas


def _redraw(
    row: Candidate, stream: random.Random, families: Mapping[str, float], risks: Mapping[str, float], scoring: Scoring
) -> Numbers:
    sigma = 0.05 + 0.15 * (1 - row.numbers.confidence)
    # what is known absent stays absent: noise would invent evidence
    values = {
        name: min(1.0, max(0.0, stream.gauss(value, sigma))) if value else value for name, value in row.values.items()
    }
    return rescored(row.numbers, values, scoring, families, risks)
