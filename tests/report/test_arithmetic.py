"""The score comes again from the document: as it was, and as the program would have it under other weights."""

from __future__ import annotations

import inspect
import re

import pytest
from msgspec.structs import replace

from readiness.assess import score, words
from readiness.report import arithmetic
from readiness.report.arithmetic import ASKED, can_score, rescore, scoring_of, turning_share, values_of
from readiness.report.html import render_html
from readiness.types import report as r

from . import example
from .weighed import in_new_order, weighed


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_document_alone_gives_the_score_again(seed: int) -> None:
    report = weighed(20, seed)
    scoring = scoring_of(report)
    for service in report.services:
        again = rescore(service, values_of(service, scoring), scoring, scoring, report.goal)
        assert again.verdict == service.verdict
        assert again.score == pytest.approx(service.score)


def test_all_verdicts_come_up() -> None:
    verdicts = {service.verdict for service in weighed(200, 1).services}
    assert verdicts >= {"port-first", "port-later", "decouple-first", "optimise-in-python", "keep-in-python"}


def test_a_service_below_its_turning_share_is_no_port_any_more() -> None:
    report = weighed(200, 1)
    turned = [s for s in report.services if turning_share(s, scoring_of(report), report.goal) is not None]
    assert turned and {service.verdict for service in turned} <= {"port-first", "port-later"}
    for service in turned:
        share, other = turning_share(service, scoring_of(report), report.goal) or (0.0, "")
        assert 0 < share <= 1 and other not in ("port-first", "port-later")
        assert _weaker(service, share, report) in ("port-first", "port-later")
        assert _weaker(service, share - 0.01, report) == other


def _weaker(service: r.ServiceRow, part: float, report: r.Report) -> str:
    scoring = scoring_of(report)
    technical = {row.name for row in report.signals if row.family in ("io", "cpu", "foot")}
    values = {
        name: value * part if value is not None and name in technical else value
        for name, value in values_of(service, scoring).items()
    }
    return rescore(service, values, scoring, scoring, report.goal).verdict


def test_an_effort_driver_is_no_signal() -> None:
    report = weighed(1, 1)
    driver = r.Contribution("effort", "data", 99.0, 5.0, "3 stores", ())
    service = replace(report.services[0], contributions=(*report.services[0].contributions, driver))
    assert values_of(service, scoring_of(report))["data"] != 99.0


def test_a_document_of_an_older_version_has_no_score_to_make_again() -> None:
    assert not can_score(example.report())
    whole = weighed(1, 1)
    assert can_score(whole)
    for name in ("unknown_risk", "oracle_risk", "port_entry"):
        less = {key: value for key, value in whole.scoring.items() if key != f"threshold.{name}"}
        assert not can_score(replace(whole, scoring=less))
    less = {key: value for key, value in whole.scoring.items() if key != "family.lever"}
    assert not can_score(replace(whole, scoring=less)) and "svc-0" in render_html(replace(whole, scoring=less))
    used = re.findall(
        r'(?:limit\(\w+, |\bat\[)"(\w+)"', "".join(inspect.getsource(m) for m in (arithmetic, score, words))
    )
    assert set(used) - {"days_per_month", "borderline"} <= ASKED  # these two are asked while scanning only


def test_what_was_not_judged_stays_last() -> None:
    report = weighed(3, 4)
    scoring = scoring_of(report)
    lost = example.service("lost", "not-judged", None, None, confidence=None)
    rows = [(s, rescore(s, values_of(s, scoring), scoring, scoring, report.goal)) for s in (lost, *report.services)]
    assert in_new_order(rows) == [s.id for s in report.services] + ["lost"]
