"""`readiness config` and `readiness init`: the settings in force and where each comes from; a commented file of settings to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from readiness.cli import outcome
from readiness.cli.options import Engine, engine_options, run_scan, settings, settings_place

FILE = "readiness.toml"


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, readable=True, path_type=Path), default=".")
@click.option(
    "--config",
    "config_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Settings file instead of the readiness.toml or pyproject.toml that is found.",
)
def config(path: Path, config_file: Path | None) -> int:
    """Print every setting in force for PATH, with the file that it comes from or `default`; valid as a readiness.toml."""
    from readiness.config import origins
    from readiness.settings import render_settings

    values = settings(path, config_file)
    click.echo(render_settings(values, origins(path, config_file)), nl=False)
    return outcome.DONE


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, readable=True, path_type=Path), default=".")
@engine_options
def init(path: Path, **engine: Any) -> int:
    """Write PATH/readiness.toml: every setting with its default and meaning, and the services that were found, to correct.

    A file that is there, or [tool.readiness] in pyproject.toml, is never overwritten.
    """
    from readiness.report.text import count
    from readiness.settings import render_template

    run = Engine(**engine)
    there = (path / FILE).exists() or (path / FILE).is_symlink()
    where = FILE if there else settings_place(path, run.config_file)
    if where:
        raise click.UsageError(f"{where} has settings already; `readiness config` shows what is in force")
    report = run_scan(
        path, run.override(settings(path, run.config_file)), no_cache=run.no_cache, cache_dir=run.cache_dir
    )
    try:
        with (path / FILE).open("x", encoding="utf-8") as file:  # x: not even one that came into being meanwhile
            file.write(render_template(report))
    except OSError as error:
        raise click.UsageError(f"cannot write {path / FILE}: {error.strerror}") from None
    names = f"{count(len(report.services), 'service')}, {len(report.rejected)} rejected"
    click.echo(f"{path / FILE}: {names}; all of it is comment until you take a mark away")
    click.echo("Next: readiness evidence --template > readiness.evidence.toml, to say what runs")
    return outcome.DONE
