"""`readiness brief SERVICE`: a folder to begin the port of one service with. Writes only below --output, whole files only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from readiness.cli.options import Engine, engine_options, run_whole_scan, service_row, settings


@click.command()
@click.argument("service")
@click.argument("path", type=click.Path(exists=True, file_okay=False, readable=True, path_type=Path), default=".")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to make; it must be empty or absent.  [default: brief-SERVICE]",
)
@engine_options
def brief(service: str, path: Path, output: Path | None, **engine: Any) -> int:
    """Make a folder to begin the port of SERVICE with.

    BRIEF.md, openapi.yaml, characterisation tests, a Go module that builds, a proxy snippet and a load script. What the code does not
    say is a TODO with its Python line.
    """
    from readiness.brief import SHIPPED
    from readiness.brief import brief as make
    from readiness.brief.golang import module_name
    from readiness.paths import reports_folder
    from readiness.question import ScanOptions

    if output is not None:
        _free(output)  # before the scan: a mistake that costs a minute is two
    run = Engine(**engine)
    config = run.override(settings(path, run.config_file))
    done = run_whole_scan(path, config, ScanOptions(run.cache_dir, not run.no_cache, with_facts=True))
    row = service_row(done.report, service)
    # the name is the repository's: no path may be in it
    folder = _free(output or Path(f"brief-{module_name(row.name)}"))
    shipped = {name: (reports_folder() / "brief" / name).read_text(encoding="utf-8") for name in SHIPPED}
    files = make(done.report, row, done.tree, done.facts, done.rulebook, shipped)
    _write(folder, files)
    click.echo(f"{row.name}: {row.verdict}; {len(files)} files in {folder}. Begin with {folder / 'BRIEF.md'}")
    return 0


def _free(folder: Path) -> Path:
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"--output: {folder} is not empty; name a new folder")
    return folder


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """The whole folder or nothing: made beside its place, then renamed."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as made:
            for name, text in files.items():
                place = Path(made, "brief", name)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8", errors="backslashreplace")
            os.replace(Path(made, "brief"), folder)
    except OSError as error:
        raise click.UsageError(f"cannot write {folder}: {error.strerror}") from None
