"""Report -> exit code and the lines that explain it. Decides nothing about a service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from readiness.types.report import Report
    from readiness.types.tree import Skipped

DONE, GATE, INCOMPLETE = 0, 1, 3
ALLOWANCE = 0.01  # share of the lines that may be lost before a report no longer speaks for its repository

# The reasons of types.facts.Failure, and of a file that could not be opened. Everything else was left out on purpose.
LOST = frozenset(
    (
        *("unreadable", "undecodable", "too-large", "too-deep"),
        *("syntax-error", "python2", "newer-syntax"),
        *("crashed", "timed-out", "out-of-memory"),
    )
)


class Outcome(NamedTuple):
    code: int
    problems: tuple[str, ...]  # why the code is not 0
    notes: tuple[str, ...]  # below the allowance: worth a grey line


class _Loss(NamedTuple):
    files: int
    lines: int
    share: float  # of all lines
    candidates: tuple[str, ...]  # ids of services of which a module is among the lost


def judge(report: Report, gates: Sequence[str]) -> Outcome:
    """3 before 1 before 0: a gate over half a repository says nothing."""
    loss = _loss(report)
    problems = _incomplete(report, loss)
    failed = failed_gates(report, gates)
    if problems:
        return Outcome(INCOMPLETE, (*problems, *failed), ())
    notes = (_lost(loss) + "; the report lists them",) if loss.files else ()
    return Outcome(GATE if failed else DONE, failed, notes)


def failed_gates(report: Report, gates: Iterable[str]) -> tuple[str, ...]:
    """One line per `--fail-on` condition that holds; conditions as config.GATE allows them."""
    return tuple(f"--fail-on {gate}: {reason}" for gate in gates if (reason := _hit(report, gate)))


def lost_files(report: Report) -> tuple[Skipped, ...]:
    """Python files (and folders that could not be listed) that should have been analysed and were not."""
    modules = {row.path for row in report.modules}
    return tuple(
        row
        for row in report.repository.skipped
        if row.reason in LOST
        and (row.lines is not None or row.path in modules or PurePosixPath(row.path).suffix in ("", ".py", ".pyw"))
    )


def _hit(report: Report, gate: str) -> str:
    if gate.startswith("verdict:"):
        names = [row.name for row in report.services if row.verdict == gate.removeprefix("verdict:")]
    elif gate.startswith("score<"):
        floor = float(gate.removeprefix("score<"))
        names = [
            f"{row.name} ({row.score:g})" for row in report.services if row.score is not None and row.score < floor
        ]
    else:
        severities = ("error",) if gate == "error" else ("error", "warning")
        count = sum(row.severity in severities for row in report.findings)
        return _count(count, "finding") if count else ""
    return _listed(names)


def _loss(report: Report) -> _Loss:
    """A lost file whose lines nobody could count is taken to be as long as the average one that was read."""
    rows = {row.path: row for row in report.modules}
    lost = {row.path: row for row in lost_files(report)}
    read = [row.lines for row in report.modules if row.path not in lost]
    average = round(sum(read) / len(read)) if read else 1
    lines = sum(
        next((n for n in (row.lines, rows[path].lines if path in rows else None) if n), average)
        for path, row in lost.items()
    )
    modules = {rows[path].module for path in lost if path in rows}
    candidates = tuple(row.id for row in report.services if row.judged < 1 or modules.intersection(row.modules.own))
    return _Loss(len(lost), lines, lines / max(1, lines + sum(read)), candidates)


def _incomplete(report: Report, loss: _Loss) -> tuple[str, ...]:
    if not report.modules and not loss.files:
        return ("no Python file found; nothing was analysed",)
    problems = []
    if loss.share > ALLOWANCE:
        problems.append(f"{_lost(loss)}; more than {ALLOWANCE:.0%} of all lines")
    if loss.candidates:
        problems.append(f"not all of these services could be analysed: {_listed(loss.candidates)}")
    return tuple(problems)


def _lost(loss: _Loss) -> str:
    return f"not analysed: {_count(loss.files, 'file')}, about {_count(loss.lines, 'line')} ({loss.share:.2%})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str], most: int = 5) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
