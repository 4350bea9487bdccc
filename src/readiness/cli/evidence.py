"""`readiness evidence`: what was said of the services of a repository from outside, and what would help most. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli.options import Engine, engine_options, evidence_option, run_scan, settings, with_evidence

if TYPE_CHECKING:
    from readiness.types.evidence import AssertedRow
    from readiness.types.report import Report


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, readable=True, path_type=Path), default=".")
@evidence_option
@click.option("--template", is_flag=True, help="Print a file to fill in, from the services that are found.")
@engine_options
def evidence(path: Path, evidence: tuple[str, ...], template: bool, **engine: Any) -> int:
    """Show what is known of the services of PATH from outside of their code, each number with its file and line.

    It is read from readiness.evidence.toml, or from the files that --evidence or the settings name.
    """
    from readiness.evidence.template import render_template

    run = Engine(**engine)
    config = with_evidence(run.override(settings(path, run.config_file)), () if template else evidence)
    report = run_scan(path, config, no_cache=run.no_cache, cache_dir=run.cache_dir)
    if template:
        click.echo(render_template(report), nl=False)
        return 0
    for line in _lines(report):
        click.echo(line)
    return 0


def _lines(report: Report) -> Iterator[str]:
    from readiness.report.known import saving
    from readiness.report.telling import telling
    from readiness.report.text import clean

    for row in sorted(report.services, key=lambda row: (row.root, row.id)):
        yield row.id
        yield from (f"    {_said(one)}" for one in row.asserted)
        if not row.asserted:
            yield "    nothing was said of it"
        if row.savings is not None:
            yield f"    {saving(row)}"
    yield from report.evidence
    rows = telling(report)
    yield from ["What would change the answer most:"] if rows else []
    for number in rows:
        turn = (
            f"{number.verdict_low} to {number.verdict_high}"
            if number.verdict_low != number.verdict_high
            else number.verdict_low
        )
        yield f"    {clean(number.service)}: {number.key}: score {number.low:.0f} to {number.high:.0f}, {turn}"
    if not any(row.asserted for row in report.services):
        yield "`readiness evidence --template` prints a file to fill in"


def _said(row: AssertedRow) -> str:
    from readiness.report.known import shown
    from readiness.report.text import clean

    route = f" of {clean(row.route)}" if row.route else ""
    return f"{row.name}{route}: {clean(shown(row))}  ({clean(row.path)}:{row.line})"
