"""The back-test of the days: its page shows what its data say, its sources can be followed, its arithmetic is the program's."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from readiness.decisions import calibrated, calibration
from readiness.types.config import Actual, Config
from tests.assess.units import gateway, rate, rulebook

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def back() -> ModuleType:
    file = ROOT / "benchmarks" / "calibration" / "calibration.py"
    spec = importlib.util.spec_from_file_location("calibration", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_what_the_data_say(back: ModuleType) -> None:
    page = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    assert back.table(back.read("actual.tsv"), back.read("estimate.tsv")) in page


def test_every_port_names_commits_days_and_what_ended_it(back: ModuleType) -> None:
    page = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
    ports = back.read("ports.tsv")
    assert [row["port"] for row in ports] == [row["port"] for row in back.read("actual.tsv")]
    for row in ports:
        assert re.fullmatch(r"github:[\w.-]+/[\w.-]+@[0-9a-f]{40}|pypi:[\w-]+==[\d.]+", row["python"]), row["port"]
        assert re.fullmatch(r"[0-9a-f]{40}", row["last"]) and re.match(r"https?://", row["end_source"]), row["port"]
        assert "2012-01-01" < row["since"] < row["until"]
        assert f"| {row['since']} to {row['until']} | [{row['end']}]({row['end_source']}) |" in page


def test_what_was_vendored_or_made_by_a_program_is_no_work(back: ModuleType) -> None:
    paths = ("a.go", "vendor/x/a.go", "cmd/Godeps/b.go", "pb/x.pb.go", "core/myvendor/c.go", "readme.md")
    assert [path for path in paths if back.is_written(path)] == ["a.go", "core/myvendor/c.go"]


def test_a_port_that_was_left_out_is_rescaled_as_the_program_does_it(back: ModuleType) -> None:
    whole, edge = gateway()
    days = [rate(whole, edge).services[0].effort_days]
    actuals = (Actual("a", 10, 10), Actual("b", 10, 20), Actual("c", 10, 50))
    assert (told := calibration((), actuals)) is not None and (told.factor, told.spread) == (2.0, 2.5)
    days.append(
        rate(whole, edge, config=calibrated(Config(actuals=actuals), (), rulebook().scoring)).services[0].effort_days
    )
    before, after = ((row.expert, row.production, row.worst) for row in days if row is not None)
    others = [back.Back(row.service, row.days, (1.0, row.estimated, 1.0), "") for row in actuals]
    mine = back.Back("mine", 1.0, before, "")
    assert back.left_out(mine, [mine, *others]).days == pytest.approx(after, abs=0.15)  # days have one digit


def test_ports_that_cannot_be_compared_count_for_nothing(back: ModuleType) -> None:
    def row(name: str, days: str, largest: str) -> dict[str, str]:
        return {"port": name, "author_days": days, "largest": largest}

    def told(name: str, judged: str) -> dict[str, str]:
        return {"port": name, "judged": judged, "expert": "5", "production": "10", "worst": "40"}

    actual = [row("a", "10", "0.2"), row("b", "20", "0.1"), row("c", "99", "0.9"), row("d", "99", "0.1")]
    shown = back.table(actual, [told("a", "1.00"), told("b", "1.00"), told("c", "1.00"), told("d", "0.03")])
    assert "| c | 99 | 5 | 10 | 40 | squashed |" in shown and "| d | 99 | – | – | – | not judged |" in shown
    assert "| production | 1.50 | 1.00 | 2.00 | 2 of 2 | 1.50 |" in shown
