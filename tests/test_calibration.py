"""Finished ports of the team calibrate the days: by the median of what they took, and nearer to the worst that they met."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from readiness.cli import run
from readiness.config import ConfigError, load_config
from readiness.decisions import calibrated, calibration, read_decisions
from readiness.types.config import Actual, Config
from readiness.types.decisions import Calibration
from readiness.types.effort import EffortDays
from tests.assess.units import gateway, rate, rulebook

DONE = """
[[decision]]
service = "batch"
status = "done"
owner = "team"
date = 2026-06-01
estimated_days = 10
actual_days = 30
"""


def days(*actuals: Actual) -> EffortDays:
    whole, edge = gateway()
    config = calibrated(Config(actuals=actuals), (), rulebook().scoring)
    found = rate(whole, edge, config=config).services[0].effort_days
    assert found is not None
    return found


def test_settings_and_decisions_say_it_each_service_once() -> None:
    decisions = read_decisions(DONE, "d.toml")
    actuals = (Actual("a", 10, 15), Actual("b", 20, 20), Actual("batch", 10, 99))
    assert calibration(decisions, actuals) == Calibration(1.5, 3, 2.0)  # 1.5, 1.0 and the 3.0 of the decision
    assert calibration((), actuals[:1]) == Calibration(1.5, 1, 1.0)
    assert calibration((), ()) is None and calibrated(Config(), (), rulebook().scoring) == Config()


def test_days_are_multiplied_by_the_median_and_the_range_narrows_with_ports_only() -> None:
    plain, one, six = days(), days(Actual("a", 10, 15)), days(*(Actual(str(n), 10, 15) for n in range(6)))
    for found in (one, six):
        assert (found.expert, found.production) == pytest.approx((1.5 * plain.expert, 1.5 * plain.production), abs=0.15)
    ratios = [found.worst / found.production for found in (plain, one, six)]
    assert ratios == sorted(ratios, reverse=True) and ratios[-1] >= 1
    assert one.worst == pytest.approx(1.5 * (plain.worst - (plain.worst - plain.production) / 4), abs=0.2)  # 1 of 1 + 3
    assert six.worst == pytest.approx(1.5 * (plain.worst - (plain.worst - plain.production) * 6 / 9), abs=0.2)


def test_a_port_that_went_badly_keeps_the_range_wide() -> None:
    even = days(*(Actual(str(n), 10, 10) for n in range(3)))
    odd = days(Actual("a", 10, 10), Actual("b", 10, 10), Actual("c", 10, 25))
    assert odd.production == even.production and odd.worst > even.worst


def test_the_report_says_by_how_many_ports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.py").write_text("from flask import Flask\n\napp = Flask(__name__)\n")
    (tmp_path / "Procfile").write_text("web: gunicorn main:app\n")
    (tmp_path / "readiness.toml").write_text(
        '[[actuals]]\nservice = "hub"\nestimated = 10\ndays = 14\ndate = "2026-05-02"\n'
    )
    assert run(["scan", str(tmp_path), "--workers", "1", "--quiet", "--format", "json", "--output", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["calibration"] == {"factor": 1.4, "ports": 1, "spread": 1.0}
    assert found["scoring"]["threshold.calibration_ports"] == 1.0
    assert run(["config", str(tmp_path)]) == 0
    assert '[[actuals]]  # readiness.toml\nservice = "hub"\n' in capsys.readouterr().out


def test_mistakes_are_told_with_their_key(tmp_path: Path) -> None:
    (tmp_path / "readiness.toml").write_text(
        '[[actuals]]\nservice = "hub"\nestimated = 0\ndays = 14\ndate = "soon"\n[team]\npeople = 1\ngo = 2\nshare = 2\n'
    )
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, None, {})
    assert str(caught.value).splitlines() == [
        "readiness.toml: team.share: must be from 0.01 to 1, is 2",
        "readiness.toml: team.go: 2 of 1 people cannot know Go",
        "readiness.toml: actuals[0].estimated: must be above 0",
        "readiness.toml: actuals[0].date: 'soon' is no day; it is written YYYY-MM-DD",
    ]
    (tmp_path / "readiness.toml").write_text('[[actuals]]\nservice = "hub"\nestimate = 1\n')
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, None, {})
    assert str(caught.value).splitlines() == [
        "readiness.toml: actuals[0].estimate: unknown key, did you mean `estimated`?",
        "readiness.toml: actuals[0].estimated: missing",
        "readiness.toml: actuals[0].days: missing",
    ]
