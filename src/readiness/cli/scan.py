"""`readiness scan`: a repository -> report files, a summary and an exit code. Never writes into PATH except the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from readiness.cli import outputs
from readiness.cli.options import asked, engine_options, evidence_option, settings, with_evidence

if TYPE_CHECKING:
    from readiness.cli.repeated import Told
    from readiness.types.config import Config


def _gates(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    if not values or context.resilient_parsing:
        return values
    from readiness.config import gate_mistake

    for value in values:
        if mistake := gate_mistake(value):
            raise click.UsageError(f"--fail-on: {mistake}")
    return values


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, readable=True, path_type=Path), default=".")
@click.option("--format", "formats", metavar="FORMATS", help=f"{outputs.WORDS}; several by comma.  [default: html]")
@click.option("--output", metavar="PLACE", help="Folder, or file for one format; `-` is standard output.  [default: .]")
@click.option("--goal", type=click.Choice(["throughput", "footprint"]), help="Why Go is wanted; orders the ranking.")
@evidence_option
@engine_options
@click.option("--calls", is_flag=True, help="Add every call to the JSON document.")
@click.option("--no-snippets", is_flag=True, help="Leave the cited source lines out of the report.")
@click.option("--authors", is_flag=True, help="Name those who changed each service most; else people are only counted.")
@click.option("--timestamp", is_flag=True, help="Show in the page when the scan began; else no page holds a time.")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="CONDITION",
    callback=_gates,
    help="Exit 1 on error, warning, verdict:NAME or score<N; may repeat.",
)
@click.option("-q", "--quiet", is_flag=True, help="No summary and no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Name on stderr each file that was left out, and why.")
@click.pass_context
def scan(
    context: click.Context,
    path: Path,
    formats: str | None,
    output: str | None,
    goal: str | None,
    evidence: tuple[str, ...],
    workers: int | None,
    exclude: tuple[str, ...],
    config_file: Path | None,
    no_cache: bool,
    cache_dir: Path | None,
    calls: bool,
    no_snippets: bool,
    authors: bool,
    timestamp: bool,
    fail_on: tuple[str, ...],
    quiet: bool,
    verbose: bool,
) -> int:
    """Scan the repository at PATH and write the ranked report.

    No code of the repository is run or imported.
    """
    from readiness.cli.repeated import repeated
    from readiness.question import ScanOptions

    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose exclude each other")
    wanted = outputs.targets(formats, output)
    config = with_evidence(_override(settings(path, config_file), context), evidence)
    with asked(path, config, ScanOptions(cache_dir, not no_cache), is_quiet=quiet) as question:
        told = repeated(question, wanted, config.fail_on, is_verbose=verbose, is_timed=timestamp)
    return _tell(told, wanted, is_quiet=quiet)


def _override(config: Config, context: click.Context) -> Config:
    """What stands on the command line wins over the file; `--exclude` adds to it."""
    from msgspec.structs import replace

    given = {name: context.params[name] for name in context.params if _is_given(context, name)}
    changes: dict[str, Any] = {
        name: given[name] for name in ("goal", "workers", "calls", "authors", "fail_on") if name in given
    }
    if "exclude" in given:
        changes["exclude"] = (*config.exclude, *given["exclude"])
    if "no_snippets" in given:
        changes["snippets"] = False
    return replace(config, **changes)


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _tell(told: Told, written: tuple[outputs.Target, ...], *, is_quiet: bool) -> int:
    """The summary on stdout (on stderr when the report itself is there), everything else on stderr."""
    if not is_quiet:
        is_taken = any(target.path is None for target in written)
        click.echo(told.summary.rstrip("\n"), err=is_taken)
        for note in told.outcome.notes:
            click.secho(note, err=True, fg="bright_black")
    for line in told.left_out:
        click.echo(line, err=True)
    for problem in told.outcome.problems:
        click.echo(f"readiness: {problem}", err=True)
    return told.outcome.code
