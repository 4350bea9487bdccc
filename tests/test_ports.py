"""The scorer of ports that happened: units by path, ties, and the interval's bounds."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

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
    for file in sorted((PLACE / "cases").glob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        assert case["id"] == file.stem and case["source"]["kind"] in ("pypi", "github")
        assert case["driver"]["reason"] and case["evidence"]
        assert {unit["label"] for unit in case["units"]} <= {"ported", "kept", "neutral"}
