"""Program, services, findings, scoring -> Assessment: every service ranked with its reasons, every module and function rated.

Reads facts only for loops, literal widths and dynamic features. Never touches disk, git or the clock.
"""

from __future__ import annotations

from collections.abc import Mapping

from readiness.assess.ground import Ground, survey
from readiness.assess.hotspots import hotspots
from readiness.assess.judge import Judged, judge_modules, judge_services
from readiness.assess.plan import waves
from readiness.assess.rows import service_row
from readiness.assess.score import tune
from readiness.assess.stability import Candidate, rank_stability
from readiness.types.assess import Assessment
from readiness.types.config import Config
from readiness.types.declared import Declared
from readiness.types.facts import Facts
from readiness.types.findings import Finding
from readiness.types.program import Coupling, Program
from readiness.types.rulebook import Rulebook
from readiness.types.services import Services
from readiness.types.tree import GitFacts


def assess(
    program: Program, facts: Mapping[str, Facts], coupling: Coupling, services: Services, findings: tuple[Finding, ...],
    rulebook: Rulebook, config: Config, git: GitFacts, declared: Mapping[str, Declared] = {},
) -> Assessment:  # fmt: skip
    """Scores are 0-100 and None where less than half of a service's lines could be read; hotspots are 0-100."""
    ground = survey(program, facts, coupling, rulebook, tune(rulebook.scoring, config), config, git, declared)
    judged = judge_services(services, findings, ground, config.goal)
    judged.sort(key=_rank_key)
    rated = [Candidate(row.service.id, row.values, row.numbers, row.verdict) for row in judged if row.score is not None]
    stable = rank_stability(rated, ground.scoring, config.goal)
    planned = _waves(judged, ground)
    wave_of = {name: number for number, wave in enumerate(planned, start=1) for name in wave}
    rows = []
    for place, row in enumerate(judged, start=1):
        name, rank = row.service.id, place if row.score is not None else None
        rows.append(service_row(row, rank, stable.get(name), wave_of.get(name), ground, config.goal))
    targets = [entry.target for entry in program.entries]
    return Assessment(
        services=tuple(rows),
        modules=judge_modules(ground, config.goal),
        hotspots=hotspots(ground, facts),
        entry_points=tuple(tuple(dict.fromkeys(targets[n] for n in row)) for row in ground.marks.entries),
        concurrency=tuple(
            tuple(sorted(row, key=lambda u: (u.line, u.construct, u.api))) for row in ground.marks.concurrency
        ),
        waves=tuple(tuple(wave) for wave in planned),
    )


def _rank_key(row: Judged) -> tuple[bool, float, float, int, str]:
    """By score alone; ties by less effort, fewer dependants, name."""
    shown = round(row.score or 0.0, 4)
    return (row.score is None, -shown, row.effort.days.production, len(row.service.called_by), row.service.id)


def _waves(judged: list[Judged], ground: Ground) -> list[list[str]]:
    owner = {module: row.service.id for row in judged for module in row.service.own}
    needs: dict[str, set[str]] = {row.service.id: set() for row in judged}
    for edge in ground.program.imports:
        importer, imported = owner.get(edge.importer), owner.get(edge.imported)
        if importer is not None and imported is not None and importer != imported and edge.when != "typing":
            needs[importer].add(imported)
    ported = [
        (row.service.id, row.verdict, row.numbers.benefit, row.numbers.risk, row.effort.days.production)
        for row in judged
    ]
    return waves(ported, {name: frozenset(rows) for name, rows in needs.items()}, ground)
