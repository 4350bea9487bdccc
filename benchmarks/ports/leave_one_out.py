"""Sources x cases -> what the ranking is worth on a port that had no part in its weights. One slow step, two in seconds.

    python benchmarks/ports/leave_one_out.py read VALUES.json CACHE CASE.json=FOLDER [CASE.json=FOLDER ...]
    python benchmarks/ports/leave_one_out.py refit VALUES.json [VALUES.json ...]
    python benchmarks/ports/leave_one_out.py try NAME=VALUE VALUES.json [VALUES.json ...]
    python benchmarks/ports/leave_one_out.py drop VALUES.json [VALUES.json ...]

`read` scans each case's source (FOLDER is its scan_root) and keeps the signal values of its units: no weight touches them.
`refit` leaves one case out, sets exactly the weights that were changed with a case in view (`GRID`) anew by the other cases, from
what they were before any case was seen (`BEFORE`), by coordinate ascent of the mean AUC, and scores the case that was left out.
`try` says the mean AUC with one weight of `GRID` at another value, all others as shipped. `drop` says what each family and each
signal of the benefit carries: the mean AUC without it less the shipped one, and in how many cases it is worse or better without it.
Cases without units that stayed take no part.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from score import auc, owner, summary

from readiness import scan as spine
from readiness.assess.ground import survey
from readiness.assess.judge import Rated, Union, judge_services, module_score, rated, unions
from readiness.assess.score import NOT_JUDGED, Numbers, factor, priority, tune, verdict
from readiness.assess.words import moved
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.rulebook import Scoring

HOLD = ("python_only", "shell", "pages", "user_api", "queries", "background", "one_shot")
# Before a case was seen there was no family `hold`, and a process was known by its framework's entries alone.
BEFORE = dict.fromkeys(HOLD, 0.0) | {
    "served": 0.0, "served.remedy": 0.6, "waits": 0.0, "machinery": 0.0, "resident": 0.0, "consumer.half": 3.0,
    "package_share": 0.0, "optimise_benefit": 45.0,
}  # fmt: skip
TENTHS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
GRID: Mapping[str, Sequence[float]] = dict.fromkeys((*HOLD, "served", "waits", "machinery", "resident"), TENTHS) | {
    "served.remedy": (0.3, 0.45, 0.6), "consumer.half": (1.0, 2.0, 3.0), "package_share": (0.0, 0.3, 0.6),
    "optimise_benefit": (40.0, 45.0),
}  # fmt: skip
SWEEPS = 2
FOOT = ("distribution", "footprint", "shared", "memory")
Units = list[tuple[bool, float, int]]
Weights = dict[str, float]


def main(arguments: Sequence[str]) -> None:
    if len(arguments) > 3 and arguments[0] == "read":
        pairs = [argument.split("=") for argument in arguments[3:]]
        found = [
            values_of(json.loads(Path(case).read_text()), Path(folder), Path(arguments[2])) for case, folder in pairs
        ]
        Path(arguments[1]).write_text(json.dumps(found))
    elif len(arguments) > 1 and arguments[0] == "refit":
        refit(rankings(arguments[1:]))
    elif len(arguments) > 2 and arguments[0] == "try" and arguments[1].partition("=")[0] in GRID:
        name, _, value = arguments[1].partition("=")
        tried({name: float(value)}, rankings(arguments[2:]))
    elif len(arguments) > 1 and arguments[0] == "drop":
        dropped(rankings(arguments[1:]))
    else:
        sys.exit(__doc__)


def rankings(files: Sequence[str]) -> list[dict[str, Any]]:
    """The cases with units that moved and units that stayed."""
    cases = [case for file in files for case in json.loads(Path(file).read_text())]
    return [case for case in cases if {"ported", "kept"} <= set(case["labels"].values())]


def values_of(case: dict[str, Any], folder: Path, cache: Path) -> dict[str, Any]:
    """Units of one case with their lines, and every module, package and service with its signal values."""
    goal = "footprint" if case["driver"]["reason"].startswith(FOOT) else "throughput"
    kept: dict[str, Any] = {
        "id": case["id"],
        "goal": goal,
        "labels": {unit["name"]: unit["label"] for unit in case["units"]},
        "lines": {unit["name"]: 0 for unit in case["units"]},
        "packages": [],
        "services": [],
    }

    def keep(*given: Any) -> Any:
        program, facts, coupling, services, findings, rulebook, config, git, declared = given[:9]
        scoring = tune(rulebook.scoring, config)
        ground = survey(program, facts, coupling, rulebook, scoring, config, git, declared, services.staying)
        homes = {m.module: owner(m.path, case["units"]) for m in program.modules}
        for module in program.modules:
            if homes[module.module] is not None:
                kept["lines"][homes[module.module]] += module.lines
        for alone, joint in unions(ground):
            rows = [(homes[n], ground.modules[n].lines, u.values, u.risk, u.is_kept) for n, u in alone.items()]
            kept["packages"].append({"joint": (joint.values, joint.risk, joint.is_kept), "modules": rows})
        for row in judge_services(services, findings, ground, goal):
            home = home_of([(homes[n], ground.modules[n].lines) for n in row.service.own if n in homes])
            if home is not None and row.verdict != NOT_JUDGED:
                n = row.numbers
                kept["services"].append((home, row.values, n.risk, n.confidence, n.strength, n.gates))
        return assess(*given)

    assess, spine.assess = spine.assess, keep
    report, spine.Store.report = spine.Store.report, lambda self, key: None  # type: ignore[method-assign]
    options = spine.ScanOptions(cache_dir=cache)
    spine.scan(folder, Config(goal=goal, snippets=False, workers=1), options, lambda *_: None)
    spine.assess, spine.Store.report = assess, report  # type: ignore[method-assign]
    return kept


def home_of(own: Sequence[tuple[str | None, int]]) -> str | None:
    """The unit that has at least half of a service's own lines."""
    inside: dict[str, int] = {}
    for home, lines in own:
        if home is not None:
            inside[home] = inside.get(home, 0) + lines
    best = max(sorted(inside), key=lambda home: inside[home], default=None)
    return best if best is not None and inside[best] * 2 >= sum(lines for _, lines in own) > 0 else None


def refit(cases: Sequence[dict[str, Any]]) -> None:
    """Prints one row per case that was left out, and the means with their intervals, per goal."""
    shipped = load_rulebook([rules_folder()]).scoring
    rows: dict[str, dict[str, list[Units]]] = {}
    print(f"{'left out':22} {'goal':11} shipped  refitted  before  by size")
    for out in cases:
        weights = fitted([case for case in cases if case is not out], shipped)
        three = [
            units_of(out, scoring, shipped)
            for scoring in (shipped, changed(shipped, weights), changed(shipped, BEFORE))
        ]
        shown = [auc([(ported, score) for ported, score, _ in units]) for units in three]
        size = auc([(ported, float(lines)) for ported, _, lines in three[0]])
        print(
            f"{out['id']:22} {out['goal']:11} {shown[0]:7.2f} {shown[1]:9.2f} {shown[2]:7.2f} {size:8.2f}   {told(weights)}"
        )
        for name, units in zip(("shipped", "refitted", "before"), three, strict=True):
            rows.setdefault(out["goal"], {}).setdefault(name, []).append(units)
    for goal, by_name in sorted(rows.items()):
        for name, units_of_cases in by_name.items():
            print(f"{goal}, {name}, {len(units_of_cases)} cases: {summary(units_of_cases)}")


def tried(weights: Weights, cases: Sequence[dict[str, Any]]) -> None:
    """Prints the mean AUC per goal, as shipped and with other weights."""
    shipped = load_rulebook([rules_folder()]).scoring
    for goal in sorted({case["goal"] for case in cases}):
        some = [case for case in cases if case["goal"] == goal]
        before, after = worth(some, shipped, shipped), worth(some, changed(shipped, weights), shipped)
        print(f"{goal}, {len(some)} cases: shipped {before:.3f}, tried {after:.3f}")


def dropped(cases: Sequence[dict[str, Any]]) -> None:
    """Prints one row per family and per signal that changes a case: per goal the difference, then cases worse and better without."""
    shipped = load_rulebook([rules_folder()]).scoring
    before = [worth([case], shipped, shipped) for case in cases]
    goals = sorted({case["goal"] for case in cases})
    print(", ".join(f"{goal} {statistics.mean(_of(goal, cases, before)):.3f}" for goal in goals))
    signals = {name: row for name, row in shipped.signals.items() if row.axis == "benefit"}
    groups = {
        f"family {family}": [n for n, row in signals.items() if row.family == family] for family in shipped.families
    }
    for label, names in {**groups, **{name: [name] for name in signals}}.items():
        without = changed(shipped, dict.fromkeys(names, 0.0))
        moves = [worth([case], without, shipped) - old for case, old in zip(cases, before, strict=True)]
        if any(moves):
            shown = "  ".join(f"{goal} {statistics.mean(_of(goal, cases, moves)):+.3f}" for goal in goals)
            print(f"{label:20} {shown}  worse {sum(m < 0 for m in moves)}  better {sum(m > 0 for m in moves)}")


def _of(goal: str, cases: Sequence[dict[str, Any]], values: Sequence[float]) -> list[float]:
    return [value for case, value in zip(cases, values, strict=True) if case["goal"] == goal]


def told(weights: Weights) -> str:
    return " ".join(f"{name}={value:g}" for name, value in weights.items() if value != BEFORE[name])


def fitted(cases: Sequence[dict[str, Any]], shipped: Scoring) -> Weights:
    """Coordinate ascent from what was before; a weight moves only where the mean AUC gets better."""
    weights = dict(BEFORE)
    best = worth(cases, changed(shipped, weights), shipped)
    for _ in range(SWEEPS):
        for name, values in GRID.items():
            for value in values:
                tried = {**weights, name: value}
                got = worth(cases, changed(shipped, tried), shipped)
                if got > best + 1e-9:
                    best, weights = got, tried
    return weights


def worth(cases: Sequence[dict[str, Any]], scoring: Scoring, shipped: Scoring) -> float:
    return statistics.mean(
        auc([(ported, score) for ported, score, _ in units_of(case, scoring, shipped)]) for case in cases
    )


def changed(scoring: Scoring, weights: Weights) -> Scoring:
    signals, thresholds = dict(scoring.signals), dict(scoring.thresholds)
    for name, value in weights.items():
        signal, _, field = name.partition(".")
        if signal in signals:
            signals[signal] = replace(signals[signal], **{field or "value": value})
        else:
            thresholds[name] = replace(thresholds[name], value=value)
    return replace(scoring, signals=signals, thresholds=thresholds)


def units_of(case: dict[str, Any], scoring: Scoring, shipped: Scoring) -> Units:
    """(ported, score, lines) of each labelled unit, as `score.py` has them from a report."""
    goal = case["goal"]
    weighted: dict[str, float] = {}
    judged: dict[str, int] = {}
    for package in case["packages"]:
        if not any(case["labels"].get(home) in ("ported", "kept") for home, *_ in package["modules"]):
            continue
        joint = rate_of(package["joint"], goal, scoring, shipped)
        for home, lines, *read in package["modules"]:
            if home is not None:
                judged[home] = judged.get(home, 0) + lines
                score = module_score(rate_of(read, goal, scoring, shipped), joint, scoring)
                weighted[home] = weighted.get(home, 0.0) + lines * score
    best: dict[str, float] = {}
    for home, values, at_risk, confidence, strength, gates in case["services"]:
        values = halved(values, scoring, shipped)
        numbers = moved(Numbers(0.0, 0.0, at_risk, confidence, strength, gates=tuple(gates)), values, scoring, goal)
        score = priority(numbers.net, numbers.risk, scoring) * factor(verdict(numbers, scoring), scoring)
        best[home] = max(best.get(home, 0.0), score)
    mean = {home: weighted[home] / judged[home] if judged.get(home) else -1.0 for home in weighted}
    labelled = [(name, label) for name, label in case["labels"].items() if label in ("ported", "kept")]
    return [(label == "ported", best.get(name, mean.get(name, -1.0)), case["lines"][name]) for name, label in labelled]


def rate_of(read: Sequence[Any], goal: str, scoring: Scoring, shipped: Scoring) -> Rated:
    values, at_risk, is_kept = read
    return rated(Union(halved(values, scoring, shipped), at_risk, is_kept, 0.0), scoring, goal)


def halved(values: Mapping[str, float | None], scoring: Scoring, shipped: Scoring) -> Mapping[str, float | None]:
    """Counts that saturate at another half value: s = x / (x + K) gives x = K s / (1 - s)."""
    value, old, new = values.get("consumer"), shipped.signals["consumer"].half, scoring.signals["consumer"].half
    if not value or old == new or not old or not new:
        return values
    count = old * value / (1 - value)
    return {**values, "consumer": count / (count + new)}


if __name__ == "__main__":
    main(sys.argv[1:])
