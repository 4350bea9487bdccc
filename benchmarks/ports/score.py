"""Reports x cases -> does the ranking agree with ports that really happened? Prints one row per case, the means, and intervals.

    python benchmarks/ports/score.py CASE.json REPORT.json [CASE.json REPORT.json ...]

auc    probability that a unit which was ported scores above one that stayed (ties count one half)
top1   probability that the unit which is ranked first was ported
size   the same AUC if the ranking were by lines alone
port   services that are told port-first or port-later: what a port of the whole repository has to have

A unit's score is the best score of a service at least half of whose own lines lie in the unit; where there is none, the mean of
its modules' scores weighted by lines. A file belongs to the unit with the longest path over it. A unit without a score ranks last.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

DRAWS = 2000
Pair = tuple[bool, float]


def main(arguments: Sequence[str]) -> None:
    if len(arguments) < 2 or len(arguments) % 2:
        sys.exit(__doc__)
    rows: dict[str, list[list[tuple[bool, float, int]]]] = {}
    for case_file, report_file in zip(arguments[::2], arguments[1::2], strict=True):
        case, report = json.loads(Path(case_file).read_text()), json.loads(Path(report_file).read_text())
        found = unit_scores(case, report)
        units = [(u["label"] == "ported", *found[u["name"]]) for u in case["units"] if u["label"] in ("ported", "kept")]
        port = sum(row["verdict"] in ("port-first", "port-later") for row in report["services"])
        is_ranking = len({ported for ported, _, _ in units}) == 2
        print(f"{case['id']:22} {row_of(units) if is_ranking else 'whole repository':40} port {port} {report['goal']}")
        if is_ranking:
            rows.setdefault(report["goal"], []).append(units)
    for goal, cases in sorted(rows.items()):
        print(f"mean of {len(cases)}, {goal}: {summary(cases)}")


def row_of(units: Sequence[tuple[bool, float, int]]) -> str:
    mine, size = auc([(p, s) for p, s, _ in units]), auc([(p, n) for p, _, n in units])
    return f"auc {mine:.2f} top1 {top1([(p, s) for p, s, _ in units]):.2f} size {size:.2f}"


def summary(cases: Sequence[Sequence[tuple[bool, float, int]]]) -> str:
    """Means with 95 % intervals over 2,000 draws of cases and, inside each, of its ported and of its kept units."""
    draw = random.Random(0)
    mine, size, gain = [], [], []
    for _ in range(DRAWS):
        picked = [resampled(draw.choice(cases), draw) for _ in cases]
        ours = statistics.mean(auc([(p, s) for p, s, _ in units]) for units in picked)
        theirs = statistics.mean(auc([(p, n) for p, _, n in units]) for units in picked)
        mine.append(ours)
        size.append(theirs)
        gain.append(ours - theirs)
    point = statistics.mean(auc([(p, s) for p, s, _ in units]) for units in cases)
    by_size = statistics.mean(auc([(p, n) for p, _, n in units]) for units in cases)
    return (
        f"auc {point:.3f} {interval(mine)}, by size {by_size:.3f} {interval(size)}, "
        f"difference {point - by_size:+.3f} {interval(gain)}"
    )


def resampled(units: Sequence[tuple[bool, float, int]], draw: random.Random) -> list[tuple[bool, float, int]]:
    ported, kept = [u for u in units if u[0]], [u for u in units if not u[0]]
    return [draw.choice(ported) for _ in ported] + [draw.choice(kept) for _ in kept]


def interval(values: list[float]) -> str:
    ordered = sorted(values)
    return f"[{ordered[int(0.025 * DRAWS)]:.3f}, {ordered[int(0.975 * DRAWS)]:.3f}]"


def owner(path: str, units: Sequence[dict[str, Any]]) -> str | None:
    """The unit with the longest path over a file."""
    best, longest = None, -1
    for unit in units:
        for given in unit["paths"]:
            claim = given.rstrip("/")
            is_inside = path == claim or path.startswith(claim + "/") or claim in (".", "") or fnmatch(path, claim)
            if is_inside and len(claim) > longest:
                best, longest = unit["name"], len(claim)
    return best


def unit_scores(case: dict[str, Any], report: dict[str, Any]) -> dict[str, tuple[float, int]]:
    """Unit -> (score, lines)."""
    lines = {unit["name"]: 0 for unit in case["units"]}
    weighted, judged = dict.fromkeys(lines, 0.0), dict.fromkeys(lines, 0)
    homes: dict[str, list[tuple[str | None, int]]] = {}
    for row in report["modules"]:
        home = owner(row["path"], case["units"])
        homes.setdefault(row["module"], []).append((home, row["lines"]))
        if home is not None:
            lines[home] += row["lines"]
            if row["score"] is not None:
                judged[home] += row["lines"]
                weighted[home] += row["lines"] * row["score"]
    best: dict[str, float] = {}
    for service in report["services"]:
        inside: dict[str | None, int] = {}
        for module in service["modules"]["own"]:
            for home, count in homes.get(module, []):
                inside[home] = inside.get(home, 0) + count
        for home, count in inside.items():
            if home is not None and service["score"] is not None and count * 2 >= sum(inside.values()) > 0:
                best[home] = max(best.get(home, 0.0), service["score"])
    mean = {name: weighted[name] / judged[name] if judged[name] else -1.0 for name in lines}
    return {name: (best.get(name, mean[name]), lines[name]) for name in lines}


def auc(pairs: Sequence[Pair]) -> float:
    ported, kept = [v for p, v in pairs if p], [v for p, v in pairs if not p]
    return sum((p > k) + 0.5 * (p == k) for p in ported for k in kept) / (len(ported) * len(kept))


def top1(pairs: Sequence[Pair]) -> float:
    first = [p for p, v in pairs if v == max(v for _, v in pairs)]
    return sum(first) / len(first)


if __name__ == "__main__":
    main(sys.argv[1:])
