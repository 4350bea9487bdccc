"""Signal values x Scoring -> benefit, risk, priority, score, verdict: the one arithmetic. Never looks at code, never rounds.

The formulas, with v the strength of a signal, s its value, W the weight of a family:

    L = -ln(1 - v s)      family = 1 - exp(-(max L + sum L) / 2)      B = 100 (1 - prod(1 - W family)) prod((1 - v s)^W)
                                                                      the second product over the family `hold`; the families
                                                                      io and cpu are each times the same over `idle`
    R = 100 (c sum(w s) / sum(w known) + (1 - c) / 2)                 c = share of the risk weight that is known
    priority = B_net^0.6 (100 - R)^0.4                                score = priority x factor of the verdict

B_net is B with every value times (1 - remedy): what is left after the best fix in Python. Correlated signals share a family,
families are alternative reasons (noisy-or), and what holds code in Python takes its share of them away. An unknown benefit is left out, an unknown risk leans to one half.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from readiness.types.config import Config, Team
from readiness.types.rulebook import Scoring, Weight

PORT_FIRST, PORT_LATER, DECOUPLE = "port-first", "port-later", "decouple-first"
OPTIMISE, KEEP, NOT_JUDGED = "optimise-in-python", "keep-in-python", "not-judged"
TECHNICAL = ("io", "cpu", "foot")
HOLD, IDLE = "hold", "idle"
HOLDS = frozenset({HOLD, IDLE})  # what holds code in Python, and what makes speed worthless
FAST = ("io", "cpu")  # the families that speed is the reason of
BLOCKED = "blocking_in_async"
ON_GOAL = {"throughput": ("io", "cpu"), "footprint": ("foot",)}
DECOUPLING_GATES = frozenset({"wire", "cycle", "scripts", "no-oracle"})
LARGE = "large"
NEVER_FIRST = frozenset({"library", LARGE})
UNKNOWN = "unknown"

Values = Mapping[str, float | None]


class Numbers(Struct, frozen=True):
    """All that a verdict looks at. Scores are 0-100, shares 0-1."""

    benefit: float
    net: float
    risk: float
    confidence: float
    strength: float
    cut: float = 0.0
    data: float = 0.0
    benefit_beside_blocking: float = 100.0  # both without the signal blocking_in_async: a blocked loop alone is a bug,
    net_beside_blocking: float = 100.0  # not a reason for Go
    gates: tuple[str, ...] = ()


def tune(scoring: Scoring, config: Config) -> Scoring:
    """The scoring table with the user's weights, thresholds and team in it. `config.check_scoring` has seen to the names."""

    def changed(rows: Mapping[str, Weight], by: Mapping[str, float]) -> dict[str, Weight]:
        return {name: replace(row, value=by[name]) if name in by else row for name, row in rows.items()}

    return replace(
        scoring,
        families=changed(scoring.families, config.weights),
        signals=changed(scoring.signals, config.weights),
        thresholds=changed(scoring.thresholds, {**_capacity(scoring, config.team), **config.thresholds}),
    )


def _capacity(scoring: Scoring, team: Team) -> dict[str, float]:
    """Days that a wave may take: people x months x working days of a month x the part of their time; the table's without people."""
    if team.people is None:
        return {}
    return {"wave_days": team.people * team.months * limit(scoring, "days_per_month") * team.share}


def limit(scoring: Scoring, name: str) -> float:
    """A threshold by its name in scoring.toml."""
    return scoring.thresholds[name].value


def family_weights(scoring: Scoring, goal: str) -> dict[str, float]:
    """Family -> W under a goal: off-goal families count at a part of it; leverage and what is taken off serve both."""
    off = limit(scoring, "off_goal")
    weights: dict[str, float] = {}
    for name, row in scoring.families.items():
        value = row.value
        if goal == "footprint" and name == "foot":
            value = limit(scoring, "foot_own")
        weights[name] = value if name == "lever" or name in HOLDS or name in ON_GOAL[goal] else value * off
    return weights


def benefit_logs(values: Values, scoring: Scoring, is_net: bool = False) -> dict[str, dict[str, float]]:
    """Family -> signal -> L, for the benefit signals whose value is known. What holds has no remedy."""
    logs: dict[str, dict[str, float]] = {name: {} for name in scoring.families}
    signals = scoring.signals
    for name, value in values.items():
        row = signals.get(name)
        if value is None or row is None or row.family is None or row.axis != "benefit":
            continue
        kept = value * (1 - row.remedy) if is_net and row.remedy else value
        logs[row.family][name] = -math.log(1 - min(row.value * kept, 0.999)) if kept else 0.0
    return logs


def family_scores(logs: Mapping[str, Mapping[str, float]], idle: float = 0.0) -> dict[str, float]:
    """Family -> 0-1. Those of speed are left at exp(-W L) of what makes speed worthless (`idle`: that sum of W L).

    Leverage is multiplied by the best technical family: money without a technical reason scores nothing.
    """
    scores = {}
    for family, rows in logs.items():
        if family not in HOLDS:
            found = rows.values()
            scores[family] = 1 - math.exp(-0.5 * (max(found) + sum(found))) if rows else 0.0
            scores[family] *= math.exp(-idle) if idle and family in FAST else 1.0
    if "lever" in scores:
        scores["lever"] *= max((scores.get(family, 0.0) for family in TECHNICAL), default=0.0)
    return scores


def taken_off(family: str, logs: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> float:
    """The sum of W L over what holds, or over what makes speed worthless; exp(-it) of the reasons is left."""
    return weights.get(family, 1.0) * sum(logs.get(family, {}).values())


def benefit(values: Values, scoring: Scoring, goal: str, is_net: bool = False) -> float:
    """B, or B_net: 0-100."""
    logs, weights = benefit_logs(values, scoring, is_net), family_weights(scoring, goal)
    return left(logs, weights)


def benefits(values: Values, scoring: Scoring, weights: Mapping[str, float]) -> tuple[float, float, float, float]:
    """B and B_net under given family weights (the stability draws vary them), and both without the signal of blocked event loops."""
    # a value of 0 adds nothing to a family: without it the logs are shorter, and the draws ask for thousands of them
    present = {name: value for name, value in values.items() if value}
    both = [benefit_logs(present, scoring, is_net) for is_net in (False, True)]
    gain, net = (left(logs, weights) for logs in both)
    if BLOCKED not in present:
        return gain, net, gain, net
    for logs in both:
        logs["io"].pop(BLOCKED, None)
    gain_beside, net_beside = (left(logs, weights) for logs in both)
    return gain, net, gain_beside, net_beside


def rescored(
    numbers: Numbers, values: Values, scoring: Scoring, families: Mapping[str, float], risks: Mapping[str, float]
) -> Numbers:
    """The numbers of a verdict from other signal values or weights; confidence, evidence and gates stay."""
    gain, net, gain_beside, net_beside = benefits(values, scoring, families)
    return replace(
        numbers,
        benefit=gain,
        net=net,
        risk=risk(values, risks, limit(scoring, "unknown_risk"))[0],
        cut=values.get("cut") or 0.0,
        data=values.get("data") or 0.0,
        benefit_beside_blocking=gain_beside,
        net_beside_blocking=net_beside,
    )


def left(logs: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> float:
    """0-100: what speaks for Go, less what makes speed worthless and what holds code in Python."""
    return reasons(logs, weights, taken_off(IDLE, logs, weights)) * math.exp(-taken_off(HOLD, logs, weights))


def reasons(logs: Mapping[str, Mapping[str, float]], weights: Mapping[str, float], idle: float = 0.0) -> float:
    """0-100: what speaks for Go, before what holds code in Python."""
    nothing = 1.0
    for family, score in family_scores(logs, idle).items():
        nothing *= 1 - weights[family] * score
    return 100 * (1 - nothing)


def risk_weights(scoring: Scoring) -> dict[str, float]:
    return {name: row.value for name, row in scoring.signals.items() if row.axis == "risk"}


def risk(values: Values, weights: Mapping[str, float], lean: float = 0.5) -> tuple[float, float]:
    """(R 0-100, share of the weight that is known). What is unknown counts as `lean`."""
    total = sum(weights.values())
    known = [(weight, value) for name, weight in weights.items() if (value := values.get(name)) is not None]
    if not total or not known:
        return 100 * lean, 0.0
    cover = sum(weight for weight, _ in known) / total
    return 100 * (sum(weight * value for weight, value in known) / total + (1 - cover) * lean), cover


def priority(net: float, at_risk: float, scoring: Scoring) -> float:
    if net <= 0 or at_risk >= 100:
        return 0.0
    return float(net ** limit(scoring, "priority_benefit") * (100 - at_risk) ** limit(scoring, "priority_risk"))


def verdict(numbers: Numbers, scoring: Scoring) -> str:
    """The first that holds of keep, optimise, decouple, port first; else port later."""
    at, n, gates = scoring.thresholds, numbers, numbers.gates
    if "keep" in gates or n.benefit < at["keep_benefit"].value:
        return KEEP
    # a blocked event loop is a bug and no reason for Go: without it the benefit has to hold too
    gain, net = min(n.benefit, n.benefit_beside_blocking), min(n.net, n.net_beside_blocking)
    if net < at["optimise_net"].value or gain < at["optimise_benefit"].value:
        return OPTIMISE
    is_tied = (
        n.cut >= at["decouple_cut"].value or n.data >= at["decouple_data"].value or bool(DECOUPLING_GATES & set(gates))
    )
    if n.risk > at["decouple_risk"].value or is_tied:
        return DECOUPLE
    is_strong = gain >= at["port_benefit"].value and net >= at["port_net"].value and n.risk <= at["port_risk"].value
    is_sure = n.confidence >= at["port_confidence"].value and n.strength >= at["port_entry"].value
    return PORT_FIRST if is_strong and is_sure and NEVER_FIRST.isdisjoint(gates) else PORT_LATER


def factor(of: str, scoring: Scoring) -> float:
    """What part of the priority counts under a verdict; 0 where there is no score."""
    return scoring.tables["verdict_factor"].get(of, 0.0)


def factor_near(gain: float, scoring: Scoring) -> float:
    """The same for what has no verdict: by its benefit, on straight lines between the middles of keep, optimise and port."""
    ends = (0.0, *(limit(scoring, name) for name in ("keep_benefit", "optimise_benefit", "port_benefit")))
    middles = [(low + high) / 2 for low, high in pairwise(ends)]
    factors = [factor(of, scoring) for of in (KEEP, OPTIMISE, PORT_LATER)]
    if gain <= middles[0]:
        return factors[0]
    for (low, high), (first, second) in zip(pairwise(middles), pairwise(factors), strict=True):
        if gain < high:
            return first + (second - first) * (gain - low) / (high - low)
    return factors[-1]


def borderline(numbers: Numbers, scoring: Scoring) -> str | None:
    """The other verdict that the nearest threshold would give, where one lies within three points."""
    here = verdict(numbers, scoring)
    width = int(limit(scoring, "borderline"))
    for step in range(1, width + 1):
        for field in ("benefit", "net", "risk"):
            for signed in (-step, step):
                value = min(100.0, max(0.0, getattr(numbers, field) + signed))
                other = verdict(replace(numbers, **{field: value}), scoring)
                if other != here:
                    return other
    return None


def benefit_shares(values: Values, scoring: Scoring, goal: str) -> dict[str, float]:
    """Signal -> its points of B; what holds has points below zero.

    A family's part is -ln(1 - W f) over their sum; inside, each L (the largest twice). What is taken away is divided by L,
    first what makes speed worthless, then what holds.
    """
    logs, weights = benefit_logs(values, scoring), family_weights(scoring, goal)
    parts = {family: -math.log(1 - weights[family] * score) for family, score in family_scores(logs).items()}
    total, whole = sum(parts.values()), reasons(logs, weights)
    shares: dict[str, float] = {}
    for family, part in parts.items():
        rows = logs[family]
        first = max(rows, key=lambda name: (rows[name], name), default="")
        inside = {name: log * 2 if name == first else log for name, log in rows.items()}
        of_family = sum(inside.values())
        for name, log in inside.items():
            shares[name] = whole * part / total * log / of_family if total and of_family else 0.0
    hurried = reasons(logs, weights, taken_off(IDLE, logs, weights))
    for family, lost in ((IDLE, whole - hurried), (HOLD, hurried * (1 - math.exp(-taken_off(HOLD, logs, weights))))):
        rows = logs.get(family, {})
        taken = sum(rows.values())
        shares.update({name: -lost * log / taken if taken else 0.0 for name, log in rows.items()})
    return shares


def risk_shares(values: Values, scoring: Scoring) -> dict[str, float]:
    """Signal -> its points of R; the row `unknown` is what is not known, taken at one half."""
    weights = risk_weights(scoring)
    total = sum(weights.values())
    shares = {
        name: 100 * weight * value / total
        for name, weight in weights.items()
        if (value := values.get(name)) is not None and total
    }
    hidden = sum(weight for name, weight in weights.items() if values.get(name) is None)
    lean = 100 * limit(scoring, "unknown_risk")
    return {**shares, UNKNOWN: lean * hidden / total if total else lean}


def whole_tenths(shares: Mapping[str, float], total: float) -> dict[str, float]:
    """Shares rounded to tenths so that they add up to `total` rounded to a tenth (largest remainder, then by name)."""
    target = round(total * 10)
    floors = {name: math.floor(share * 10) for name, share in shares.items()}
    missing = target - sum(floors.values())
    # what is nothing stays nothing
    by_rest = sorted(
        (name for name in shares if shares[name]), key=lambda name: (floors[name] - shares[name] * 10, name)
    )
    for name in by_rest[: max(missing, 0)]:
        floors[name] += 1
    for name in reversed(by_rest):  # a share that floats a hair above a whole tenth can make the floors one too many
        if missing < 0 and floors[name] != 0:
            floors[name] -= 1
            missing += 1
    return {name: tenths / 10 for name, tenths in floors.items()}
