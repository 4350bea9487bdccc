"""The scorer of ports that happened: units by path, ties, and the interval's bounds."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

PLACE = Path(__file__).parent.parent / "benchmarks" / "ports"


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ports_score", PLACE / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CASE = {"units": [{"name": "edge", "paths": ["app/edge"]}, {"name": "rest", "paths": ["app"]}]}
REPORT = {
    "modules": [
        {"module": "app.edge.a", "path": "app/edge/a.py", "lines": 30, "score": 10.0},
        {"module": "app.edge.b", "path": "app/edge/b.py", "lines": 10, "score": 50.0},
        {"module": "app.c", "path": "app/c.py", "lines": 20, "score": None},
        {"module": "app.d", "path": "app/d.py", "lines": 5, "score": 8.0},
    ],
    "services": [],
}


def test_a_unit_has_the_mean_of_its_modules_by_lines_or_its_best_service() -> None:
    score = scorer()
    assert score.unit_scores(CASE, REPORT) == {"edge": (20.0, 40), "rest": (8.0, 25)}
    service = {"score": 70.0, "modules": {"own": ["app.edge.a", "app.d"]}}
    assert score.unit_scores(CASE, {**REPORT, "services": [service]})["edge"] == (70.0, 40)


def test_ties_count_one_half() -> None:
    score = scorer()
    assert score.auc([(True, 2.0), (False, 1.0), (False, 2.0)]) == 0.75
    assert score.top1([(True, 2.0), (False, 1.0), (False, 2.0)]) == 0.5


def test_every_case_names_its_source_its_reason_and_evidence() -> None:
    for file in sorted(
        [*(PLACE / "cases").glob("*.json"), *(PLACE / "later").glob("*.json"), *(PLACE / "fresh").glob("*.json")]
    ):
        case = json.loads(file.read_text(encoding="utf-8"))
        assert case["id"] == file.stem and case["source"]["kind"] in ("pypi", "github")
        assert case["driver"]["reason"] and case["evidence"]
        assert {unit["label"] for unit in case["units"]} <= {"ported", "kept", "neutral"}


def refitter(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(PLACE)
    return importlib.import_module("leave_one_out")


def case_of(name: str, signals: dict[str, dict[str, float]]) -> dict:
    """One module per unit; what moved answers requests."""
    modules = [(unit, 100, values, 30.0, False) for unit, values in signals.items()]
    packages = [{"joint": row[2:], "modules": [row]} for row in modules]
    labels = {unit: "ported" if unit == "edge" else "kept" for unit in signals}
    return {"id": name, "goal": "throughput", "labels": labels, "lines": dict.fromkeys(signals, 100), "packages": packages,
            "services": []}  # fmt: skip


def test_the_case_that_is_left_out_has_no_part_in_its_weights(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In two cases what is served moved; in the third it stayed, and the weights of the two others get it wrong."""
    refit = refitter(monkeypatch)
    usual = {"edge": {"served": 0.9}, "rest": {"machinery": 0.5}}
    odd = {"edge": {"machinery": 0.5}, "rest": {"served": 0.9}}
    refit.refit([case_of("one", usual), case_of("two", usual), case_of("odd", odd)])
    rows = {line.split()[0]: line.split() for line in capsys.readouterr().out.splitlines()[1:4]}
    assert rows["odd"][3:6] == ["0.00", "0.50", "0.50"]  # refitted, before (neither signal has a weight), size
    assert rows["odd"][-1].startswith("served=")


def test_one_weight_at_another_value_moves_the_mean(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What is served moved: without the weight of `served` the unit with the machinery stands first. A case that ranks nothing counts not."""
    refit = refitter(monkeypatch)
    file = tmp_path / "values.json"
    whole = case_of("whole", {"edge": {"machinery": 0.5}})
    file.write_text(json.dumps([case_of("one", {"edge": {"served": 0.9}, "rest": {"machinery": 0.1}}), whole]))
    refit.main(["try", "served=0", str(file)])
    assert capsys.readouterr().out == "throughput, 1 cases: shipped 1.000, tried 0.000\n"
    with pytest.raises(SystemExit):
        refit.main(["try", "nothing=1", str(file)])


def test_a_count_is_found_again_behind_another_half_value(monkeypatch: pytest.MonkeyPatch) -> None:
    refit = refitter(monkeypatch)
    shipped = refit.load_rulebook([refit.rules_folder()]).scoring
    half = shipped.signals["consumer"].half
    other = refit.changed(shipped, {"consumer.half": 1.0})
    assert refit.halved({"consumer": 4 / (4 + half)}, other, shipped)["consumer"] == pytest.approx(4 / 5)


def test_a_service_belongs_to_the_unit_with_half_of_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    refit = refitter(monkeypatch)
    assert refit.home_of([("edge", 60), ("rest", 30), (None, 30)]) == "edge"
    assert refit.home_of([("edge", 40), (None, 60)]) is None
    assert refit.home_of([]) is None
