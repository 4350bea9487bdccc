"""`readiness services`: a repository -> its units with their evidence, and what was rejected. Ranks nothing, writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli.options import Engine, engine_options, run_scan, settings

if TYPE_CHECKING:
    from readiness.types.report import RejectedRow, Report, ServiceRow


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, readable=True, path_type=Path), default=".")
@engine_options
def services(path: Path, **engine: Any) -> int:
    """List the services of PATH with their evidence, and what was rejected and why.

    Each comes with the line for [tool.readiness] that would change it.
    """
    run = Engine(**engine)
    config = run.override(settings(path, run.config_file))
    report = run_scan(path, config, no_cache=run.no_cache, cache_dir=run.cache_dir)
    for line in _lines(report):
        click.echo(line)
    return 0


def _lines(report: Report) -> Iterator[str]:
    for row in sorted(report.services, key=lambda row: (row.root, row.id)):
        yield from _found(row)
    if not report.services:
        yield "no services found"
    if report.rejected:
        yield "\nrejected:"
    for rejected in report.rejected:
        yield from _rejected(rejected)


def _found(row: ServiceRow) -> Iterator[str]:
    yield f"{row.name}  ({row.kind}, {row.archetype}, {row.root}, {row.lines} lines)"
    for evidence in row.evidence:
        yield f"    {evidence.kind}: {_place(evidence.path, evidence.line)}  {evidence.detail}  ({evidence.strength:g})"
    # a name that several services have would leave all of them out; the file that starts it does not
    key = row.name if row.id == row.name or not row.entry_points else row.entry_points[0].path
    yield f"    to leave it out: services = [{{ match = [{json.dumps(key)}], exclude = true }}]"


def _rejected(row: RejectedRow) -> Iterator[str]:
    yield f"{row.name}  {_place(row.path, row.line)}  {row.evidence}: {row.reason}"
    if row.correction:
        yield f"    to take it in: {row.correction}"


def _place(path: str, line: int | None) -> str:
    return f"{path}:{line}" if line else path
