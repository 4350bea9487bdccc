"""Reports with the real weights and made-up services: what the score is made of, without scanning anything."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from readiness.document import scoring_numbers, signal_rows
from readiness.paths import rules_folder
from readiness.report.arithmetic import Scored, rescore, scoring_of
from readiness.rulebook import load_rulebook
from readiness.types import report as r
from readiness.types.rulebook import Scoring

from . import example

BOOK = load_rulebook([rules_folder()]).scoring
SIGNALS = signal_rows(BOOK)
GATES = ("keep", "wire", "cycle", "no-oracle", "library")
TIES = {"cycle": "scripts"}  # of every other service


def weighed(count: int, seed: int) -> r.Report:
    """`count` services with values, gates and days drawn from `seed`, ranked as the program ranks them."""
    stream = random.Random(seed)
    empty = replace(example.with_services(), signals=SIGNALS, scoring=scoring_numbers(BOOK))
    scoring = scoring_of(empty)
    rows = [_service(f"svc-{i}", stream, scoring) for i in range(count)]
    rows.sort(key=_place)
    ranked = tuple(replace(row, rank=place) for place, row in enumerate(rows, start=1))
    modules = [row.modules.own[0] for row in ranked]
    imports = tuple(
        r.ImportRow(stream.choice(modules), stream.choice(modules), i + 1, stream.choice(("runtime", "lazy", "typing")))
        for i in range(count)
    )
    return replace(example.with_services(*ranked), signals=SIGNALS, scoring=empty.scoring, imports=imports)


def _service(name: str, stream: random.Random, scoring: Scoring) -> r.ServiceRow:
    values = {row.name: _value(row, stream) for row in SIGNALS}
    production = round(stream.uniform(1, 120), 1)
    blank = example.service(
        name, "port-later", 1, 1.0,
        confidence=round(stream.uniform(0.3, 1.0), 4), strength=round(stream.uniform(0.2, 1.0), 4),
        contributions=tuple(_row(row, values[row.name]) for row in SIGNALS),
        gates=tuple(
            TIES.get(gate, gate) if name[-1] in "13579" else gate for gate in GATES if stream.random() < 0.07
        ),
        contracts=(r.Contract("http", "GET /", "m:f"),) if stream.random() < 0.5 else (),
        called_by=(r.CallOut(None, "http GET /", "a:b", 1, None, 0.5),) * stream.randrange(3),
        effort_days=r.EffortDays(round(production / 2, 1), production, round(production * 2, 1)),
        modules=r.ModuleSets((f"{name}.main",), ()),
        may_be_pilot=name[-1] in "02468",
    )  # fmt: skip
    scored = rescore(blank, values, scoring, scoring, "throughput")
    n = scored.numbers
    return replace(
        blank, verdict=scored.verdict, score=scored.score, benefit=n.benefit, benefit_net=n.net, risk=n.risk
    )  # fmt: skip


def _value(row: r.SignalRow, stream: random.Random) -> float | None:
    """A third is unknown, a fifth absent; Python's fixes leave more of the strong ones, so that all verdicts come up."""
    kind = stream.random()
    if kind < 0.2:
        return None
    if kind < 0.45:
        return 0.0
    return round(stream.random() ** 2 if row.axis == "risk" else stream.random(), 4)


def _row(row: r.SignalRow, value: float | None) -> r.Contribution:
    state = "unknown" if value is None else "present" if value else "absent"
    return r.Contribution(row.axis, row.name, value, 10.0 * (value or 0.0), f"{row.name} was seen", (), state)


def _place(row: r.ServiceRow) -> tuple[float, float, int, str]:
    days = row.effort_days.production if row.effort_days else 0.0
    return (-round(row.score or 0.0, 4), days, len(row.called_by), row.id)


def reweighed(scoring: Scoring, weights: Mapping[str, float], thresholds: Mapping[str, float]) -> Scoring:
    """As `[tool.readiness.weights]` and `[tool.readiness.thresholds]` would have it."""
    return replace(
        scoring,
        families={name: replace(row, value=weights.get(name, row.value)) for name, row in scoring.families.items()},
        signals={name: replace(row, value=weights.get(name, row.value)) for name, row in scoring.signals.items()},
        thresholds={name: replace(row, value=thresholds.get(name, row.value)) for name, row in scoring.thresholds.items()},
    )  # fmt: skip


def in_new_order(rows: Iterable[tuple[r.ServiceRow, Scored]]) -> list[str]:
    """Ids by score; ties by less effort, fewer dependants, name, as the ranking does."""

    def key(pair: tuple[r.ServiceRow, Scored]) -> tuple[bool, float, float, int, str]:
        service, scored = pair
        days = service.effort_days.production if service.effort_days else 0.0
        return (scored.score is None, -round(scored.score or 0.0, 4), days, len(service.called_by), service.id)

    return [service.id for service, _ in sorted(rows, key=key)]
