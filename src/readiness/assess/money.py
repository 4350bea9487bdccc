"""Known, effort, scoring -> what a port saves at most, and what more traffic changes. Only from a cost that the user gives.

saving <= C p (1 - 1/k) u       p: part of the cost that is this unit's Python compute; k: ratio of resources; u: what can be realised
"""

from __future__ import annotations

import math
from collections.abc import Callable

from readiness.assess.asserted import Known
from readiness.assess.score import limit
from readiness.types.effort import EffortDays
from readiness.types.evidence import Savings, TrafficCase
from readiness.types.rulebook import Scoring

FACTORS = (1.0, 3.0, 10.0)
DATABASE_BOUND = "crud-api"
CASES = ("low", "likely", "high")

Rate = Callable[[float], tuple[float, str]]  # traffic factor -> score and verdict


def savings(
    known: Known,
    archetype: str,
    days: EffortDays,
    scoring: Scoring,
    rate: Rate,
    person_day: float | None,
    currency: str,
) -> Savings | None:
    """A month's saving at most, low to high, and at 1, 3 and 10 times the traffic, if cost and instances grow with it."""
    cost = known.figures.get("cost_per_month")
    if cost is None:
        return None
    low, likely, high = (_bound(cost.value, case, archetype, scoring) for case in CASES)
    cases = []
    for factor in FACTORS:
        score, verdict = rate(factor)
        demand = round(known.demand * factor, 4) if known.rate is not None else None
        cases.append(
            TrafficCase(
                factor, demand, round(cost.value * factor, 2), round(low * factor, 2), round(likely * factor, 2),
                round(high * factor, 2), round(score, 4), verdict, _months(known, factor),
            )
        )  # fmt: skip
    months = days.production * person_day / likely if person_day is not None and likely else None
    return Savings(
        cost.value, currency, round(low, 2), round(likely, 2), round(high, 2), months and round(months, 1), tuple(cases),
        cost.path, cost.line,
    )  # fmt: skip


def _months(known: Known, factor: float) -> float | None:
    """Until traffic is `factor` times what it is, at the growth of a year that was given."""
    growth = known.figures.get("growth_per_year")
    if growth is None or growth.value <= 1 or factor <= 1:
        return None
    return round(12 * math.log(factor) / math.log(growth.value), 1)


def _bound(cost: float, case: str, archetype: str, scoring: Scoring) -> float:
    part = limit(scoring, "save_part_database" if archetype == DATABASE_BOUND else f"save_part_{case}")
    return cost * part * (1 - 1 / limit(scoring, f"save_ratio_{case}")) * limit(scoring, "save_realised")
