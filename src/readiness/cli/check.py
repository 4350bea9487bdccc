"""`readiness check`: files -> their findings as lines of text, and an exit code. Never writes a report."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from readiness.cli import outcome
from readiness.cli.options import engine_options, run_scan, settings

if TYPE_CHECKING:
    from readiness.types.report import Report


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@engine_options
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="warning",
    show_default=True,
    help="Exit 1 on findings of this severity or above.",
)
def check(
    files: tuple[Path, ...],
    workers: int | None,
    exclude: tuple[str, ...],
    config_file: Path | None,
    no_cache: bool,
    cache_dir: Path | None,
    fail_on: str,
) -> int:
    """Print the findings of FILES (all, if none are given), one line each.

    The whole repository around the current folder is read, so that rules over several files hold. Writes no report.
    """
    from msgspec.structs import replace

    from readiness.config import repository_root

    here = Path.cwd()
    root = repository_root(here) or here
    wanted = _below(root, files)
    config = settings(root, config_file)
    config = replace(config, exclude=(*config.exclude, *exclude), workers=workers or config.workers, snippets=False)
    report = run_scan(root, config, no_cache=no_cache, cache_dir=cache_dir)
    return _tell(report, wanted, root, fail_on)


def _below(root: Path, files: tuple[Path, ...]) -> tuple[str, ...]:
    """Paths relative to the root, with `/`. A file that lies elsewhere is a usage error."""
    places = [(path, Path(os.path.normpath(Path.cwd() / path))) for path in files]
    outside = [str(path) for path, place in places if not place.is_relative_to(root)]
    if outside:
        raise click.UsageError(f"{', '.join(outside)}: outside of the repository {root}; run it there")
    return tuple(place.relative_to(root).as_posix() for _, place in places)


def _tell(report: Report, wanted: tuple[str, ...], root: Path, fail_on: str) -> int:
    """Findings on stdout; a given file that could not be analysed on stderr, and then the code is 3."""
    findings = [row for row in report.findings if _is_wanted(row.path, wanted)]
    for row in findings:
        click.echo(f"{_shown(root, row.path)}:{row.line}:{row.column}: {row.severity}: {row.rule} {row.message}")
    lost = [row for row in outcome.lost_files(report) if _is_wanted(row.path, wanted)]
    for skipped in lost:
        where = f"{_shown(root, skipped.path)}:{skipped.line or 1}"
        click.echo(f"{where}: not analysed: {skipped.reason}: {skipped.detail}".rstrip(": "), err=True)
    if lost:
        return outcome.INCOMPLETE
    severities = ("error",) if fail_on == "error" else ("error", "warning")
    return outcome.GATE if any(row.severity in severities for row in findings) else outcome.DONE


def _is_wanted(path: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or any(path == name or name == "." or path.startswith(f"{name}/") for name in wanted)


def _shown(root: Path, path: str) -> str:
    """As an editor that stands in the current folder can open it."""
    return os.path.relpath(root / path)
