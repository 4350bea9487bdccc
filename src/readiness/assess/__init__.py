"""Program, services, findings, scoring -> Assessment: every service ranked with its reasons, every module and function rated.

Reads facts only for loops, literal widths and dynamic features. Never touches disk, git or the clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from readiness.assess.asserted import known_of
from readiness.assess.ground import survey
from readiness.assess.hotspots import hotspots
from readiness.assess.judge import Judged, judge_modules, judge_services
from readiness.assess.plan import with_learning
from readiness.assess.rows import service_row
from readiness.assess.score import tune
from readiness.assess.stability import Candidate, rank_stability
from readiness.assess.team import team_of
from readiness.assess.waves import enablers, ports, waves
from readiness.types.assess import Assessment
from readiness.types.config import Config
from readiness.types.declared import Declared
from readiness.types.evidence import NO_EVIDENCE, Evidence
from readiness.types.facts import Facts
from readiness.types.findings import Finding
from readiness.types.program import Coupling, Program
from readiness.types.report import ConcurrencyUse
from readiness.types.rulebook import Rulebook
from readiness.types.services import Services
from readiness.types.tree import GitFacts


def assess(
    program: Program, facts: Mapping[str, Facts], coupling: Coupling, services: Services, findings: tuple[Finding, ...],
    rulebook: Rulebook, config: Config, git: GitFacts, declared: Mapping[str, Declared] = {}, evidence: Evidence = NO_EVIDENCE,
    files: Sequence[str] = (),
) -> Assessment:  # fmt: skip
    """Scores are 0-100 and None where less than half of a service's lines could be read; hotspots are 0-100.

    `files`: every path of the repository, for what its team knows.
    """
    known, notes = known_of(evidence, services.found)
    scoring = tune(rulebook.scoring, config)
    ground = survey(program, facts, coupling, rulebook, scoring, config, git, declared, services.staying, known)
    judged = judge_services(services, findings, ground, config.goal)
    judged.sort(key=_rank_key)
    rated = [Candidate(row.service.id, row.values, row.numbers, row.verdict) for row in judged if row.score is not None]
    stable = rank_stability(rated, ground.scoring, config.goal)
    order = ports(judged, ground)
    planned, pilots = waves(order, ground.scoring), {row.id for row in order if row.may_be_pilot}
    team = team_of(config, files, git, ground.scoring)
    first = planned[0][0] if planned else None
    wave_of = {name: number for number, wave in enumerate(planned, start=1) for name in wave}
    rows = []
    for place, row in enumerate(judged, start=1):
        if row.service.id == first:
            row = row._replace(effort=with_learning(row.effort, team, ground))
        name, rank = row.service.id, place if row.score is not None else None
        found = service_row(row, rank, stable.get(name), wave_of.get(name), ground, config.goal, evidence, team)
        rows.append(replace(found, may_be_pilot=name in pilots))
    targets = [entry.target for entry in program.entries]
    return Assessment(
        services=tuple(rows),
        modules=judge_modules(ground, config.goal),
        hotspots=hotspots(ground, facts),
        entry_points=tuple(tuple(dict.fromkeys(targets[n] for n in row)) for row in ground.marks.entries),
        concurrency=tuple(tuple(sorted(row, key=_use_key)) for row in ground.marks.concurrency),
        waves=tuple(tuple(wave) for wave in planned),
        evidence=notes,
        team=team,
        enablers=enablers(judged, planned, ground, bool(team.go_files)),
    )


def _use_key(use: ConcurrencyUse) -> tuple[int, str, str]:
    return use.line, use.construct, use.api


def _rank_key(row: Judged) -> tuple[bool, float, float, int, str]:
    """By score alone; ties by less effort, fewer dependants, name."""
    shown = round(row.score or 0.0, 4)
    return (row.score is None, -shown, row.effort.days.production, len(row.service.called_by), row.service.id)
