"""Report -> the numbers that the page needs to weigh again: the signals of every service, the weights, the thresholds. No markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from readiness.assess.plan import LEARNING
from readiness.assess.words import named
from readiness.report.arithmetic import BLIND, can_score, scoring_of, values_of
from readiness.report.plan import needed
from readiness.report.text import VERDICTS, clean
from readiness.types.report import Report, ServiceRow

FAMILIES = {
    "io": "Waiting for I/O",
    "cpu": "Computing in Python",
    "foot": "Memory, start-up, shipping",
    "lever": "Money and instances",
    "hold": "Held in Python",
    "idle": "Speed nobody needs",
}
ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class Slider(Struct, frozen=True):
    """A weight that the reader may move, as `[tool.readiness.weights]` names it."""

    name: str
    label: str
    value: float
    most: float
    why: str


class Controls(Struct, frozen=True):
    families: tuple[Slider, ...]
    risks: tuple[Slider, ...]
    people: int  # whose days fill a wave
    months: int


def controls(report: Report) -> Controls | None:
    """The sliders of the page, or None where the document does not hold what a score is made of."""
    if not can_score(report) or not any(service.score is not None for service in report.services):
        return None
    families = [
        Slider(name, FAMILIES.get(name, name), report.scoring[f"family.{name}"], 1.0, "")
        for name in (*FAMILIES, *sorted(_names(report, "family") - set(FAMILIES)))
        if f"family.{name}" in report.scoring
    ]
    risks = [
        Slider(row.name, named(row.name), row.weight, 0.5, row.why)
        for row in sorted(report.signals, key=lambda row: (-row.weight, row.name))
        if row.axis == "risk"
    ]
    months = 3
    month = report.scoring.get("threshold.days_per_month", 19.0)
    people = max(1, round(report.scoring.get("threshold.wave_days", 171.0) / (month * months)))
    return Controls(tuple(families), tuple(risks), people, months)


def page_data(report: Report, anchors: Mapping[str, str], ranked: tuple[ServiceRow, ...]) -> str:
    """The block that the page's script reads and its button saves: JSON that cannot end the element it stands in."""
    scoring = scoring_of(report)
    needs = needed(ranked, report)
    data: dict[str, Any] = {
        "repository": clean(report.repository.name, 80),
        "commit": report.repository.commit,
        "tool": f"{report.tool.name} {report.tool.version}",
        "goal": report.goal,
        "families": {name: row.value for name, row in scoring.families.items()},
        "signals": {
            row.name: {"axis": row.axis, "family": row.family, "weight": row.weight, "remedy": row.remedy}
            for row in report.signals
        },
        "thresholds": {name: row.value for name, row in scoring.thresholds.items()},
        "factors": scoring.tables.get("verdict_factor", {}),
        "verdicts": VERDICTS,
        "coverage": scoring.tables.get("confidence", {}).get("coverage", 0.0),
        "services": [_service(row, anchors[row.id], list(needs[row.id]), report) for row in ranked],
    }
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return "".join(ESCAPES.get(char, char) for char in text)


def _names(report: Report, group: str) -> set[str]:
    return {key.partition(".")[2] for key in report.scoring if key.startswith(f"{group}.")}


def _service(row: ServiceRow, anchor: str, needs: list[str], report: Report) -> dict[str, Any]:
    span = row.effort_days
    # the order of waves was made before the first of them had to learn Go
    learnt = sum(item.production for item in row.effort_items if item.driver == LEARNING)
    return {
        "key": anchor,
        "name": clean(row.name, 80),
        "id": clean(row.id, 200),
        "rank": row.rank,
        "verdict": row.verdict,
        "score": row.score,
        "benefit": row.benefit,
        "net": row.benefit_net,
        "risk": row.risk,
        "confidence": row.confidence,
        "strength": row.strength or 0.0,
        "days": [span.expert, round(span.production - learnt, 1), round(span.worst - learnt, 1)] if span else None,
        "called": len(row.called_by),
        "gates": [gate for gate in row.gates if gate != BLIND],
        "contracts": len(row.contracts),
        "values": values_of(row, scoring_of(report)) if row.score is not None else {},
        "needs": needs,
        "wave": row.wave,
        "pilot": row.may_be_pilot,
    }
