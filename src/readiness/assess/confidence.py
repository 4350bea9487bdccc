"""Unit -> confidence 0-1, its grade, and the three largest causes of doubt with what would remove each. Never a guess."""

from __future__ import annotations

from readiness.assess.asserted import NOTHING
from readiness.assess.columns import total
from readiness.assess.ground import Ground, Unit
from readiness.assess.score import Values, limit
from readiness.assess.words import inside, named
from readiness.types.report import Doubt

DEPLOY = frozenset({"dockerfile", "compose", "kubernetes", "procfile", "systemd", "helm", "serverless"})


def confidence(unit: Unit, values: Values, ground: Ground) -> tuple[float, tuple[Doubt, ...]]:
    """conf = sum of weight x part over resolution, entry evidence, known signal weight, types and context (MODEL 6), more where traffic is known."""
    weights = ground.scoring.tables["confidence"]
    service = unit.service
    types = values.get("types")
    parts = {
        "resolution": _resolution(unit, ground),
        "entry": service.strength if service else 0.0,
        "coverage": _coverage(values, ground),
        "types": 0.5 if types is None else 1 - types,
        "context": (float(ground.git.commit is not None) + float(is_deployed(unit))) / 2,
    }
    sure = sum(weights[name] * part for name, part in parts.items())
    if service is not None and ground.known.get(service.id, NOTHING).rate is not None:
        sure = min(1.0, sure + limit(ground.scoring, "runtime_confidence"))
    lost = {name: 100 * weights[name] * (1 - part) for name, part in parts.items()}
    worst = sorted((name for name in lost if lost[name] >= 0.5), key=lambda name: (-lost[name], name))[:3]
    return sure, tuple(
        Doubt(_cause(name, unit, values, ground), round(lost[name], 1), REMEDIES[name]) for name in worst
    )


def grade(value: float, ground: Ground) -> str:
    if value >= limit(ground.scoring, "grade_a"):
        return "A"
    return "B" if value >= limit(ground.scoring, "grade_b") else "C"


REMEDIES = {
    "resolution": "annotate the parameters and attributes whose methods are called",
    "entry": "add the manifest or start script that runs it, or name its entry in [tool.readiness.services]",
    "coverage": "scan the whole repository with tests, manifests and git history, and say what runs: `readiness evidence --template`",
    "types": "annotate its public functions",
    "context": "scan a checkout with git history and deployment manifests",
}


def _cause(name: str, unit: Unit, values: Values, ground: Ground) -> str:
    if name == "resolution":
        unresolved = total(ground.columns.unresolved, unit.functions)
        return f"{unresolved} call sites on its paths could not be resolved"
    if name == "coverage":
        unknown = sorted(key for key, value in values.items() if value is None)
        return f"not known: {', '.join(inside(named(name)) for name in unknown)}"
    return {
        "entry": "the evidence that it is started on its own is weak",
        "types": "few parameters and results of its public functions are annotated",
        "context": "git history or deployment files are missing",
    }[name]


def _resolution(unit: Unit, ground: Ground) -> float:
    unresolved = total(ground.columns.unresolved, unit.functions)
    known = total(ground.marks.sites, unit.functions)
    return known / (known + unresolved) if known + unresolved else 0.0


def _coverage(values: Values, ground: Ground) -> float:
    weights = {name: row.value for name, row in ground.scoring.signals.items() if name in values}
    whole = sum(weights.values())
    return sum(weight for name, weight in weights.items() if values[name] is not None) / whole if whole else 0.0


def is_deployed(unit: Unit) -> bool:
    """Whether a file of its deployment names it."""
    return unit.service is not None and any(row.kind.partition("-")[0] in DEPLOY for row in unit.service.evidence)
