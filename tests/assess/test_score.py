"""The one arithmetic: the worked set of the model under both goals, and what must hold for every unit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.assess.score import (
    UNKNOWN,
    Numbers,
    benefit,
    benefit_shares,
    borderline,
    factor_near,
    priority,
    risk,
    risk_shares,
    risk_weights,
    tune,
    verdict,
    whole_tenths,
)
from readiness.assess.words import reason
from readiness.paths import rules_folder
from readiness.rulebook.scoring import read_scoring
from readiness.types.config import Config
from readiness.types.effort import EffortDays

SCORING = read_scoring(rules_folder() / "scoring.toml")
WEIGHTS = risk_weights(SCORING)
GAINS = sorted(name for name, row in SCORING.signals.items() if row.axis == "benefit")
REASONS = [name for name in GAINS if SCORING.signals[name].family not in ("hold", "idle")]
HOLDS = [name for name in GAINS if SCORING.signals[name].family in ("hold", "idle")]
RISKS = sorted(WEIGHTS)
GOALS = ("throughput", "footprint")


def risks(*values: float) -> dict[str, float]:
    names = ("dynamic", "ecosystem", "cut", "data", "cycles", "tests", "types", "magic", "moving")
    return dict(zip(names, values, strict=True))


HUB = {"fanout": 0.6, "long_lived": 1, "pool_width": 0.5, "consumer": 0.5, "serialisation": 0.4, "prefork_memory": 0.5}
GATEWAY = {"fanout": 0.8, "request_wait": 0.7, "proxy_shape": 0.9, "pool_width": 0.4, "prefork_memory": 0.5}
FETCHER = {"fanout": 0.9, "pool_width": 0.7, "cpu_loops": 0.2, "serialisation": 0.4}
CRUD = {"request_wait": 0.4, "serialisation": 0.4, "prefork_memory": 0.4}
BACK_OFFICE = {"request_wait": 0.3, "prefork_memory": 0.5}
BLOCKED = {"blocking_in_async": 0.9, "request_wait": 0.2}
ETL = {"pool_width": 0.4, "process_pool": 0.7}
WORKER = {"consumer": 0.9, "fanout": 0.5, "serialisation": 0.5, "process_pool": 0.5}
AGENT = {"pool_width": 0.4, "ship_binary": 1, "cold_start": 0.5, "consumer": 0.3}

# name: signals, risks, gates, then (B, B_net, R, verdict) for throughput and (B, B_net, verdict) for footprint
WORKED = {
    "websocket hub": (HUB, risks(0.25, 0.15, 0.2, 0.1, 0, 0.4, 0.5, 0.1, 0.3), (),
                      (75.3, 54.0, 20.5, "port-first"), (45.4, 30.4, "port-later")),
    "gateway": (GATEWAY, risks(0.3, 0.15, 0.25, 0.05, 0, 0.3, 0.4, 0.2, 0.3), (),
                (67.4, 51.0, 20.5, "port-first"), (42.1, 29.0, "port-later")),
    "fetcher": (FETCHER, risks(0.3, 0.35, 0.2, 0.2, 0, 0.5, 0.6, 0.1, 0.3), (),
                (66.1, 39.6, 28.1, "port-first"), (22.1, 12.6, "keep-in-python")),
    "crud api": (CRUD, risks(0.3, 0.45, 0.5, 0.8, 0.2, 0.4, 0.3, 0.3, 0.5), (),
                 (33.3, 16.5, 45.1, "optimise-in-python"), (29.8, 17.1, "optimise-in-python")),
    "back office": (BACK_OFFICE, risks(0.6, 0.7, 0.8, 0.9, 0.4, 0.5, 0.9, 1, 0.5), ("keep",),
                    (18.9, 9.0, 72.2, "keep-in-python"), (30.9, 18.1, "keep-in-python")),
    "async api, blocking calls": (BLOCKED, risks(0.3, 0.25, 0.3, 0.3, 0, 0.4, 0.3, 0.2, 0.3), (),
                                  (36.3, 5.2, 27.5, "optimise-in-python"), (10.9, 1.6, "keep-in-python")),
    "etl on pandas": (ETL, risks(0.3, 0.9, 0.3, 0.4, 0, 0.6, 0.7, 0, 0.3), ("keep",),
                      (35.8, 23.4, 43.6, "keep-in-python"), (11.5, 7.3, "keep-in-python")),
    "event worker": (WORKER, risks(0.35, 0.5, 0.75, 0.9, 0.4, 0.5, 0.7, 0.5, 0.5), (),
                     (60.8, 39.9, 58.6, "decouple-first"), (20.7, 12.9, "keep-in-python")),
    "agent": (AGENT, risks(0.35, 0.2, 0.1, 0, 0, 0.4, 0.6, 0, 0.2), (),
              (33.2, 23.1, 19.2, "optimise-in-python"), (66.3, 51.3, "port-first")),
}  # fmt: skip


def numbers_of(values: dict, at_risk: dict, goal: str, gates: tuple[str, ...] = (), confidence: float = 0.8) -> Numbers:
    beside = {name: value for name, value in values.items() if name != "blocking_in_async"}
    return Numbers(
        benefit(values, SCORING, goal),
        benefit(values, SCORING, goal, is_net=True),
        risk(at_risk, WEIGHTS)[0],
        confidence,
        0.9,
        at_risk.get("cut") or 0.0,
        at_risk.get("data") or 0.0,
        benefit(beside, SCORING, goal),
        benefit(beside, SCORING, goal, is_net=True),
        gates,
    )


@pytest.mark.parametrize("name", WORKED)
def test_worked_set(name: str) -> None:
    values, at_risk, gates, throughput, footprint = WORKED[name]
    n = numbers_of(values, at_risk, "throughput", gates)
    assert (round(n.benefit, 1), round(n.net, 1), round(n.risk, 1), verdict(n, SCORING)) == throughput
    n = numbers_of(values, at_risk, "footprint", gates)
    assert (round(n.benefit, 1), round(n.net, 1), verdict(n, SCORING)) == footprint


def test_one_signal_by_hand() -> None:
    # one signal alone: L counts twice, so family = 1 - exp(-L) = v s; B = 100 W v s
    assert benefit({"long_lived": 1.0}, SCORING, "throughput") == pytest.approx(100 * 0.75 * 0.85)
    assert benefit({"long_lived": 1.0}, SCORING, "footprint") == pytest.approx(100 * 0.75 * 0.3 * 0.85)
    assert benefit({"ship_binary": 1.0}, SCORING, "throughput") == pytest.approx(100 * 0.6 * 0.3 * 0.75)
    assert benefit({"ship_binary": 1.0}, SCORING, "footprint") == pytest.approx(100 * 0.8 * 0.75)


def test_what_holds_code_in_python_takes_its_share_of_every_reason() -> None:
    free = benefit({"long_lived": 1.0, "ship_binary": 1.0}, SCORING, "throughput")
    held = benefit({"long_lived": 1.0, "ship_binary": 1.0, "python_only": 1.0, "one_shot": 0.5}, SCORING, "throughput")
    assert held == pytest.approx(free * (1 - 0.9) * (1 - 0.4 * 0.5))
    shares = benefit_shares({"long_lived": 1.0, "python_only": 1.0, "shell": 0.0}, SCORING, "throughput")
    assert shares == {"long_lived": pytest.approx(63.75), "python_only": pytest.approx(-57.375), "shell": 0.0}


def test_speed_that_nobody_needs_is_no_reason_and_memory_stays_one() -> None:
    # by hand: io .75 x .85, less .4 of it for what sleeps between rounds; foot .6 x .3 x .75 is left whole
    values = {"long_lived": 1.0, "ship_binary": 1.0, "background": 1.0}
    fast, shipped = 0.75 * 0.85 * (1 - 0.4), 0.6 * 0.3 * 0.75
    assert benefit(values, SCORING, "throughput") == pytest.approx(100 * (1 - (1 - fast) * (1 - shipped)))
    assert benefit({"ship_binary": 1.0, "background": 1.0}, SCORING, "footprint") == pytest.approx(60)
    shares = benefit_shares({**values, "python_only": 0.5}, SCORING, "throughput")
    assert sum(shares.values()) == pytest.approx(benefit({**values, "python_only": 0.5}, SCORING, "throughput"))
    whole = benefit({"long_lived": 1.0, "ship_binary": 1.0}, SCORING, "throughput")
    assert shares["background"] == pytest.approx(benefit(values, SCORING, "throughput") - whole)


def test_a_score_without_a_verdict_lies_between_the_verdicts_around_it() -> None:
    # the middles of keep (0-25), optimise (25-40) and port (40-55)
    assert [factor_near(gain, SCORING) for gain in (0, 12.5, 32.5, 47.5, 99)] == pytest.approx([0.35, 0.35, 0.6, 1, 1])
    assert factor_near(22.5, SCORING) == pytest.approx(0.475)
    assert factor_near(40, SCORING) == pytest.approx(0.8)


def test_money_without_a_technical_reason_is_no_benefit() -> None:
    assert benefit({"replicas": 1.0, "cost_share": 1.0}, SCORING, "throughput") == 0


def test_unknown_risk_leans_to_one_half() -> None:
    assert risk({}, WEIGHTS) == (50.0, 0.0)
    at, cover = risk({"ecosystem": 0.0}, WEIGHTS)
    assert (at, cover) == (pytest.approx(41.0), pytest.approx(0.18))


def test_a_blocked_event_loop_alone_is_never_a_reason_for_go() -> None:
    free = tune(SCORING, Config(thresholds={"port_benefit": 10.0, "port_net": 3.0, "optimise_benefit": 10.0,
                                            "optimise_net": 3.0, "keep_benefit": 5.0}))  # fmt: skip
    low = dict.fromkeys(RISKS, 0.0)
    assert verdict(numbers_of({"blocking_in_async": 1.0}, low, "throughput"), free) == "optimise-in-python"
    assert verdict(numbers_of({"long_lived": 1.0}, low, "throughput"), free) == "port-first"


def test_what_cannot_be_ported_first() -> None:
    values, at_risk, *_ = WORKED["gateway"]
    assert verdict(numbers_of(values, at_risk, "throughput", ("library",)), SCORING) == "port-later"
    assert verdict(numbers_of(values, at_risk, "throughput", confidence=0.59), SCORING) == "port-later"
    for gate in ("wire", "cycle", "no-oracle"):
        assert verdict(numbers_of(values, at_risk, "throughput", (gate,)), SCORING) == "decouple-first"
    assert verdict(numbers_of(values, at_risk | {"data": 0.7}, "throughput"), SCORING) == "decouple-first"


def test_borderline_names_the_other_verdict_within_three_points() -> None:
    near = Numbers(56.0, 50.0, 20.0, 0.8, 0.9)
    assert (verdict(near, SCORING), borderline(near, SCORING)) == ("port-first", "port-later")
    assert borderline(Numbers(70.0, 50.0, 20.0, 0.8, 0.9), SCORING) is None


def test_the_users_weights_and_thresholds_count() -> None:
    tuned = tune(SCORING, Config(weights={"io": 0.1, "data": 0.5}, thresholds={"keep_benefit": 5.0}))
    assert benefit({"long_lived": 1.0}, tuned, "throughput") == pytest.approx(8.5)
    assert risk_weights(tuned)["data"] == 0.5
    assert verdict(Numbers(8.5, 6.0, 20.0, 0.8, 0.9), tuned) == "optimise-in-python"


quick = settings(deadline=None, max_examples=60)  # a loaded machine is no failure
share = st.one_of(st.none(), st.just(0.0), st.just(1.0), st.floats(0, 1))
gain_values = st.fixed_dictionaries({name: share for name in GAINS})
risk_values = st.fixed_dictionaries({name: share for name in RISKS})
goals = st.sampled_from(GOALS)


@quick
@given(gain_values, risk_values, goals)
def test_bounded_and_net_below_benefit(values: dict, at_risk: dict, goal: str) -> None:
    whole, net = benefit(values, SCORING, goal), benefit(values, SCORING, goal, is_net=True)
    at, cover = risk(at_risk, WEIGHTS)
    assert 0 <= net <= whole + 1e-9 <= 100 + 1e-6
    assert 0 <= at <= 100 + 1e-9 and 0 <= cover <= 1 + 1e-9
    assert 0 <= priority(net, at, SCORING) <= 100 + 1e-6


@quick
@given(gain_values, goals, st.sampled_from(HOLDS), st.floats(0, 1))
def test_more_of_what_holds_code_in_python_never_raises_the_benefit(
    values: dict, goal: str, name: str, to: float
) -> None:
    if values[name] is not None and to >= values[name]:
        for is_net in (False, True):
            more = benefit(values | {name: to}, SCORING, goal, is_net)
            assert more <= benefit(values, SCORING, goal, is_net) + 1e-9


@quick
@given(gain_values, goals, st.sampled_from(REASONS), st.floats(0, 1))
def test_more_of_a_reason_never_lowers_the_benefit(values: dict, goal: str, name: str, to: float) -> None:
    if values[name] is not None and to >= values[name]:
        for is_net in (False, True):
            more = benefit(values | {name: to}, SCORING, goal, is_net)
            assert more >= benefit(values, SCORING, goal, is_net) - 1e-9


@quick
@given(gain_values, risk_values, goals, st.sampled_from(RISKS), st.floats(0, 1))
def test_more_risk_never_raises_a_score(values: dict, at_risk: dict, goal: str, name: str, to: float) -> None:
    if at_risk[name] is not None and to >= at_risk[name]:
        factors = SCORING.tables["verdict_factor"]
        before, after = numbers_of(values, at_risk, goal), numbers_of(values, at_risk | {name: to}, goal)
        scores = [priority(n.net, n.risk, SCORING) * factors[verdict(n, SCORING)] for n in (before, after)]
        assert scores[1] <= scores[0] + 1e-9


@quick
@given(gain_values, risk_values, goals)
def test_shares_add_up_exactly(values: dict, at_risk: dict, goal: str) -> None:
    whole, at = benefit(values, SCORING, goal), risk(at_risk, WEIGHTS)[0]
    assert math.isclose(sum(benefit_shares(values, SCORING, goal).values()), whole, abs_tol=1e-6)
    assert math.isclose(sum(risk_shares(at_risk, SCORING).values()), at, abs_tol=1e-6)
    for shares, total in ((benefit_shares(values, SCORING, goal), whole), (risk_shares(at_risk, SCORING), at)):
        points = whole_tenths(shares, total)
        assert round(sum(points.values()), 9) == round(total, 1)
        assert all(shares[name] * point >= 0 for name, point in points.items())


@quick
@given(st.dictionaries(st.sampled_from(RISKS), st.floats(0, 100), min_size=1))
def test_rounding_moves_no_share_by_more_than_a_tenth(shares: dict) -> None:
    points = whole_tenths(shares, sum(shares.values()))
    assert all(abs(points[name] - shares[name]) <= 0.1 + 1e-6 for name in shares)


def test_the_row_for_what_is_not_known() -> None:
    rows = risk_shares({"ecosystem": 0.5}, SCORING)
    assert rows == {"ecosystem": pytest.approx(9.0), UNKNOWN: pytest.approx(41.0)}


@pytest.mark.parametrize(
    ("stages", "ending"),
    [
        ("load", "could leave: load."),
        ("a, b, c, d, e", "could leave: a, b, c and 2 more."),
        ("none", "None of its stages stands apart far enough to be a task of its own."),
    ],
)
def test_a_dag_says_that_it_stays_and_which_stages_could_leave(stages: str, ending: str) -> None:
    said = reason("keep-in-python", (), ("keep",), EffortDays(1, 2, 3), (), stages=stages)
    assert said.startswith("The DAG stays: ") and said.endswith(ending)
