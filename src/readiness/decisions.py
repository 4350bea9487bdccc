"""A decisions file, Report -> what was decided, and the Report that says so at each service. Never writes, never ranks anew."""

from __future__ import annotations

import statistics
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.config import MAX_BYTES, ConfigError, build, nearest, repository_root
from readiness.disk import read_bytes
from readiness.types.config import Actual, Config
from readiness.types.decisions import Calibration, Decision, DecisionRow
from readiness.types.report import Report, ServiceRow
from readiness.types.rulebook import Scoring

STATUSES = ("accepted", "rejected", "deferred", "done")


class File(Struct, frozen=True):
    """The whole file: `[[decision]]` tables."""

    decision: tuple[Decision, ...] = ()


def read_decisions(text: str, where: str) -> tuple[Decision, ...]:
    """The decisions of a TOML text, in its order. Raises ConfigError with every mistake, each with `where` and its key."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: {str(error) or 'nested too deeply'}") from None
    return build(table, File, where, _mistakes).decision


def load_decisions(root: Path, config: Config) -> tuple[Decision, ...]:
    """Those of the file that `config` names: below `root`, else at the top of its repository. None where there is no file."""
    top = repository_root(root) or root
    file = next((folder / config.decisions for folder in (root, top) if (folder / config.decisions).is_file()), None)
    if file is None:
        return ()
    try:
        data = read_bytes(str(file), MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES} bytes")
        return read_decisions(data.decode(), config.decisions)
    except OSError as error:
        raise ConfigError(f"{config.decisions}: {error.strerror or error}") from None
    except ValueError as error:
        raise ConfigError(f"{config.decisions}: {error}") from None


def in_force(decisions: Sequence[Decision], today: str | None) -> tuple[Decision, ...]:
    """Those that are not over on `today` (YYYY-MM-DD): an expired one is open again. None: nobody knows the day, all hold."""
    return tuple(row for row in decisions if not _is_over(row, today))


def decide(report: Report, decisions: Sequence[Decision], today: str | None, actuals: Sequence[Actual] = ()) -> Report:
    """The report with the decision of each service, and a row per decision that says whether it holds and what it speaks of."""
    names = {row.id: row for row in report.services} | {row.name: row for row in report.services}
    rows = []
    for decision in decisions:
        service = names.get(decision.service)
        state = (
            "expired"
            if _is_over(decision, today)
            else "in force"
            if service or decision.status == "done"
            else "unmatched"
        )
        rows.append(_row(decision, state, service))
    said = {row.service: row for row in rows if row.state == "in force"}
    services = tuple(_with_decision(row, said.get(row.id) or said.get(row.name)) for row in report.services)
    return replace(report, services=services, decisions=tuple(rows), calibration=calibration(decisions, actuals))


def calibrated(config: Config, decisions: Sequence[Decision], scoring: Scoring) -> Config:
    """The settings with the productivity of this team: its finished ports took `calibration` times the days that were estimated.

    Lines a day are divided by that factor, the worst case is multiplied; how far it then comes down to what was met, effort decides.
    """
    found = calibration(decisions, config.actuals)
    if found is None:
        return config
    at = {name: row.value for name, row in scoring.thresholds.items()} | dict(config.thresholds)
    speed = {name: at[name] / found.factor for name in ("lines_expert", "lines_production")}
    met = {"calibration_ports": float(found.ports), "calibration_spread": found.spread}
    return replace(config, thresholds={**config.thresholds, **speed, **met, "cocomo_a": at["cocomo_a"] * found.factor})


def calibration(decisions: Sequence[Decision], actuals: Sequence[Actual] = ()) -> Calibration | None:
    """The median of actual by estimated days over the ports that are done and say both, in decisions or settings; each service once.

    None without any.
    """
    ratios = {row.service: row.days / row.estimated for row in actuals}
    for row in decisions:
        if row.status == "done" and row.actual_days and row.estimated_days:
            ratios[row.service] = row.actual_days / row.estimated_days
    if not ratios:
        return None
    factor = statistics.median(ratios.values())
    return Calibration(round(factor, 4), len(ratios), round(max(ratios.values()) / factor, 4))


def _mistakes(known: Mapping[str, Any]) -> list[str]:
    """What the types cannot say."""
    found = []
    seen: set[str] = set()
    for index, row in enumerate(known.get("decision", ())):
        key, status = f"decision[{index}]", row["status"]
        if status not in STATUSES:
            hint = f"{nearest(status, STATUSES)}; allowed: {', '.join(STATUSES)}"
            found.append(f"{key}.status: {status!r} is no status{hint}")
        if row["service"] in seen:
            found.append(f"{key}.service: {row['service']!r} was decided above already; keep one of both")
        seen.add(row["service"])
        if row.get("until") and row["until"] < row["date"]:
            found.append(f"{key}.until: {row['until']} lies before its date, {row['date']}")
        if status == "deferred" and not row.get("until"):
            found.append(f"{key}.until: missing; a service is deferred until a day")
        if status in ("rejected", "deferred") and not row.get("reason"):
            found.append(f"{key}.reason: missing; what was {status} needs a reason")
        found += [
            f"{key}.{name}: must be above 0" for name in ("estimated_days", "actual_days") if row.get(name, 1) <= 0
        ]
    return found


def _is_over(decision: Decision, today: str | None) -> bool:
    return decision.until is not None and today is not None and decision.until.isoformat() < today


def _row(decision: Decision, state: str, service: ServiceRow | None) -> DecisionRow:
    return DecisionRow(
        service=service.id if service else decision.service,
        status=decision.status,
        state=state,
        owner=decision.owner,
        date=decision.date.isoformat(),
        until=decision.until.isoformat() if decision.until else None,
        reason=decision.reason,
        expected=decision.expected,
        metric=decision.metric,
        before=decision.before,
        target=decision.target,
        after=decision.after,
        estimated_days=decision.estimated_days,
        actual_days=decision.actual_days,
        go=decision.go,
    )


def _with_decision(row: ServiceRow, decision: DecisionRow | None) -> ServiceRow:
    return replace(row, decision=sentence(decision)) if decision else row


def sentence(row: DecisionRow) -> str:
    """The decision in one line: the status first, so that a tool can read it off; expected beside reported."""
    if row.status == "done":
        parts = [f"done: in Go since {row.date}"]
    else:
        parts = [f"{row.status} on {row.date}" + (f" until {row.until}" if row.until else "")]
    parts.append(f"owner {row.owner}")
    parts += [row.reason] if row.reason else []
    parts += [f"expected: {row.expected}"] if row.expected else []
    figures = [
        f"{name} {value:g}"
        for name, value in (("before", row.before), ("expected", row.target), ("reported", row.after))
        if value is not None
    ]
    parts += [f"{row.metric or 'metric'}: {', '.join(figures)}"] if figures else []
    days = [
        f"{name} {value:g}"
        for name, value in (("estimated", row.estimated_days), ("took", row.actual_days))
        if value is not None
    ]
    parts += [f"days: {', '.join(days)}"] if days else []
    return "; ".join(parts)
