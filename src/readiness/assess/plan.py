"""Unit -> days in three named scenarios, itemised; blockers; fixes in Python; steps. Days never enter the score."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from readiness.assess.ground import Ground, Unit, source_lines
from readiness.assess.moves import listed, steps_of
from readiness.assess.score import DECOUPLE, KEEP, OPTIMISE, PORT_FIRST, PORT_LATER, limit
from readiness.assess.signals import plural
from readiness.findings.mends import Mend
from readiness.types.effort import EffortDays, EffortItem, TeamRow
from readiness.types.findings import Finding
from readiness.types.plan import Move, Place
from readiness.types.report import Blocker, Fix
from readiness.types.rulebook import Rule

LEARNING = "learning"
CAUTION = 3  # ports that weigh as much as the published cases behind the worst case
DRIVER_DAYS = {"parity tests": 3.0, "roll-out": 2.0, "routes": 0.5, "clients": 0.75, "data": 1.0, "seams": 0.5}


class Effort(NamedTuple):
    days: EffortDays
    items: tuple[EffortItem, ...]
    chart: float  # 0-100, for charts only


def size(unit: Unit, ground: Ground) -> int:
    """Source lines to move: those of its own modules, and of the functions that it uses in shared ones."""
    own = sum(source_lines(ground.modules[name]) for name in unit.own if name in ground.modules)
    shared = set(unit.shared)
    functions, outer = ground.program.functions, ground.columns.outer
    return own + sum(outer[i] for i in unit.functions if functions[i].module in shared) if shared else own


def effort(unit: Unit, at_risk: float, found: Iterable[Finding], ground: Ground) -> Effort:
    """Days of one expert, in production, at worst; `chart` = 100 log10(1 + production days) / log10(1 + chart days).

    expert = lines / 150 m, production = lines / 60 m, worst = COCOMO II.2000 nominal with adapted code, m = 1 + R / 100,
    nearer to what finished ports of the team met;
    each blocker rule adds days log2(1 + n) to production and worst.
    """
    at = {name: row.value for name, row in ground.scoring.thresholds.items()}
    lines, m = size(unit, ground), 1 + at_risk / 100
    expert, production = lines / at["lines_expert"] * m, lines / at["lines_production"] * m
    kilo = lines * at["go_expansion"] * at["adapt"] / 1000
    months = at["cocomo_a"] * kilo ** at["cocomo_exponent"] * m
    worst = _met(max(months * at["days_per_month"], production), production, at)
    items = [EffortItem("code", f"{lines} source lines to write again", expert, expert, expert)]
    items += _drivers(unit, production - expert, worst - expert)
    items += _blocker_items(found, ground)
    days = EffortDays(
        round(sum(row.expert for row in items), 1),
        round(sum(row.production for row in items), 1),
        round(sum(row.worst for row in items), 1),
    )
    return Effort(days, tuple(_rounded(row) for row in items), _chart(days, ground))


def _met(worst: float, production: float, at: Mapping[str, float]) -> float:
    """The worst case, drawn to the worst that n finished ports of the team met: by n / (n + 3), and never below production."""
    ports = at["calibration_ports"]
    met = production * max(1.0, at["calibration_spread"])
    return worst - ports / (ports + CAUTION) * max(0.0, worst - met)


def with_learning(found: Effort, team: TeamRow, ground: Ground) -> Effort:
    """The days of a team's first Go service, where its people do not know Go yet: an expert has nothing to learn."""
    extra = team.learning_days or 0.0
    if not extra:
        return found
    detail = f"the first Go service of the team: {team.go} of {team.people or 'its'} people know Go"
    expert, production, worst = found.days.expert, found.days.production + extra, found.days.worst + extra
    days = EffortDays(expert, round(production, 1), round(worst, 1))
    return Effort(days, (*found.items, EffortItem(LEARNING, detail, 0.0, extra, extra)), _chart(days, ground))


def _chart(days: EffortDays, ground: Ground) -> float:
    most = limit(ground.scoring, "effort_chart_days")
    return 100 * min(1.0, math.log10(1 + days.production) / math.log10(1 + most))


def _rounded(row: EffortItem) -> EffortItem:
    return EffortItem(row.driver, row.detail, round(row.expert, 1), round(row.production, 1), round(row.worst, 1))


def _drivers(unit: Unit, production: float, worst: float) -> list[EffortItem]:
    """What production and worst have above the expert's days, divided by what the unit has to keep working."""
    service = unit.service
    counts = {
        "parity tests": 1,
        "roll-out": 1,
        "routes": len(unit.entries),
        "clients": sum(not wire.contract.startswith("table ") for wire in service.calls_out) if service else 0,
        "data": sum(row.kind != "env" for row in service.data) if service else 0,
        "seams": len(service.seams) if service else 0,
    }
    words = {
        "parity tests": "recorded requests compared between Python and Go",
        "roll-out": "shadow traffic, switch, removal of the Python unit",
        "routes": f"{plural(counts['routes'], 'entry point')} to keep compatible",
        "clients": f"{plural(counts['clients'], 'call')} to other services",
        "data": f"{plural(counts['data'], 'store')} it reads or writes",
        "seams": f"{plural(counts['seams'], 'import')} to cut first",
    }
    # the count enters by its logarithm: the second route is cheaper than the first
    shares = {name: DRIVER_DAYS[name] * math.log2(1 + count) for name, count in counts.items() if count}
    total = sum(shares.values())
    return [EffortItem(n, words[n], 0.0, production * s / total, worst * s / total) for n, s in shares.items()]


def _rules(ground: Ground) -> dict[str, Rule]:
    return {rule.id: rule for rule in ground.rulebook.rules}


def _blocker_items(found: Iterable[Finding], ground: Ground) -> list[EffortItem]:
    rules = _rules(ground)
    counts: dict[str, int] = {}
    for row in found:
        if _is_blocker(row, rules):
            counts[row.rule] = counts.get(row.rule, 0) + 1
    items = []
    for rule, count in sorted(counts.items()):
        days = (rules[rule].days or 0.0) * math.log2(1 + count)
        items.append(EffortItem(rule, f"{rules[rule].title}: {plural(count, 'place')}", 0.0, days, days))
    return items


def _is_blocker(row: Finding, rules: Mapping[str, Rule]) -> bool:
    rule = rules.get(row.rule)
    return rule is not None and bool(rule.days) and row.suppressed is None


def blockers(found: Iterable[Finding], ground: Ground) -> tuple[Blocker, ...]:
    """Findings of rules that say what a port costs in days."""
    rules = _rules(ground)
    rows = [
        Blocker(row.rule, row.path, row.line, row.message) for row in found if row.is_shown and _is_blocker(row, rules)
    ]
    return tuple(sorted(rows, key=lambda row: (row.path, row.line, row.rule, row.detail)))


def fixes(unit: Unit, mended: Mapping[str, list[Mend]], by_target: Mapping[str, int]) -> tuple[Fix, ...]:
    """What to change in Python, most freed entries first, what is optional last. `mended`: module -> the mends of findings in it.

    Paths begin in own modules, or in functions of shared ones that it uses; entries are its own: what a fix does for other
    services stands with them.
    """
    own, used = set(unit.own), set(unit.functions)
    targets = {entry.target for entry in unit.entries}
    near = {
        (mend.rule, mend.path, mend.line): mend
        for module in (*unit.own, *unit.shared)
        for mend in mended.get(module, ())
    }  # each once: a line that thousands of modules come to stands with all of them
    rows = []
    for mend in near.values():
        begins = [f for f in mend.findings if f.module in own or by_target.get(f.function or "", -1) in used]
        if begins:
            rows.append((mend.is_optional, _fix(mend, begins, targets)))
    rows.sort(
        key=lambda row: (row[0], -row[1].entries_freed, -row[1].paths_ended, row[1].path, row[1].line, row[1].rule)
    )
    return tuple(fix for _, fix in rows)


def _fix(mend: Mend, begins: Iterable[Finding], targets: set[str]) -> Fix:
    places = sorted({(row.path, row.line) for row in begins})
    freed = tuple(target for target in mend.freed if target in targets)
    return Fix(
        mend.rule, mend.path, mend.line, mend.change, mend.days, len(places), len(freed), mend.api, mend.replacement,
        tuple(Place(*place) for place in places),
        tuple(target for target in mend.entries if target in targets), freed,
    )  # fmt: skip


def steps(
    of: str, unit: Unit, gates: tuple[str, ...], repairs: tuple[Fix, ...], order: tuple[Move, ...]
) -> tuple[str, ...]:
    """The steps under a verdict, in their order; `order`: that of its entries."""
    service = unit.service
    done: list[str] = []
    if repairs and of in {OPTIMISE, PORT_FIRST, PORT_LATER, DECOUPLE}:
        done.append(f"{repairs[0].path}:{repairs[0].line}: {repairs[0].change}")
    if "wire" in gates:
        done.append("Change the pickled messages to JSON or protobuf, so that both languages can read them")
    if "cycle" in gates:
        done.append("Break the import cycle that ties its modules to others")
    if "scripts" in gates:
        done.append("Run its users' scripts in a Python process of their own, asked over a protocol")
    if "no-oracle" in gates:
        done.append("Record requests and answers at its border: no test holds its behaviour today")
    if of == DECOUPLE and service is not None:
        done += [
            f"Cut the import of {seam.imported} in {seam.importer}, line {seam.line}" for seam in service.seams[:3]
        ]
        done += [f"Give {row.name} one owner" for row in service.data if row.also and row.writes and row.kind != "env"][
            :2
        ]
    if of in {PORT_FIRST, PORT_LATER}:
        shared = sorted({seam.imported for seam in service.seams}) if service is not None else []
        if shared:
            done.append(f"Write again what it uses of {listed(shared)}: others keep the Python code")
        done.append("Measure its traffic and latency: static analysis cannot see them")
        done.append("Record requests and answers of each entry point, and compare the Go answers to them in the shadow")
        done += steps_of(order)
        done.append("Delete the Python unit: it is not done before")
    if of == KEEP:
        return ()
    return tuple(done)
