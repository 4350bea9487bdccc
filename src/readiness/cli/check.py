"""`readiness check`: files and what they are compared with -> what is new, as text or for other tools. Never touches work tree or index."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from readiness.cli import outcome, outputs
from readiness.cli.known import load_known
from readiness.cli.options import Engine, engine_options, reviewed, settings

if TYPE_CHECKING:
    from readiness.cli.known import Known
    from readiness.review import Review
    from readiness.sides import Wanted
    from readiness.types.config import Config

SEVERITIES = ("info", "warning", "error")


class Asked(NamedTuple):
    """What the command line says besides the engine's options."""

    root: Path
    files: tuple[str, ...]  # relative to the root
    base: str | None
    is_staged: bool
    is_all: bool
    is_strict: bool
    fail_on: str
    shows_suppressed: bool


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--base",
    metavar="REF",
    envvar=("READINESS_BASE", "PRE_COMMIT_FROM_REF"),
    help="Compare with where REF and HEAD part, or a range A..B or A...B.  [default: HEAD]",
)
@click.option("--staged", is_flag=True, help="Judge what is staged instead of the work tree.")
@click.option("--all", "is_all", is_flag=True, help="Compare with nothing, not even the baseline: all is new.")
@click.option(
    "--baseline",
    "baseline_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Known findings, as `readiness baseline write` left them.  [default: .readiness-baseline.json]",
)
@click.option("--strict-baseline", is_flag=True, help="Exit 1 if entries of the baseline have nothing to stand for.")
@click.option(
    "--format",
    "formats",
    metavar="FORMATS",
    help="text, md, sarif, gitlab, github; several by comma, each with its own place as in sarif=FILE.  [default: text]",
)
@click.option("--show-suppressed", is_flag=True, help="List on stderr what comments in the code cover, and why.")
@engine_options
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="warning",
    show_default=True,
    help="Exit 1 on something new of this severity or above.",
)
def check(
    files: tuple[Path, ...], base: str | None, staged: bool, is_all: bool, baseline_file: Path | None,
    strict_baseline: bool, formats: str | None, show_suppressed: bool, fail_on: str, **engine: Any,
) -> int:  # fmt: skip
    """Print what a change makes new or worse, and fail on it. What was there before is one line with its count.

    The change is the work tree against HEAD, if nothing else is said. Both sides are analysed as a whole, so that rules
    over several files hold; of FILES, only what lies in them or goes through them is told.
    """
    from readiness.config import repository_root

    if is_all and (staged or _said_by_user("base")):
        raise click.UsageError("--all and --base or --staged exclude each other")
    places = outputs.check_targets(formats)
    root = repository_root(Path.cwd()) or Path.cwd()
    run = Engine(**engine)
    asked = Asked(root, _below(root, files), base, staged, is_all, strict_baseline, fail_on, show_suppressed)
    config = run.override(settings(root, run.config_file))
    known = load_known(root, config, baseline_file)
    known = known._replace(items=()) if is_all else known
    wanted = _wanted(asked, config)
    if _can_stop(asked, wanted, places):
        return outcome.DONE
    return _judge(asked, wanted, places, known, config, reviewed(root, wanted, config, run))


def _said_by_user(name: str) -> bool:
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.COMMANDLINE


def _below(root: Path, files: tuple[Path, ...]) -> tuple[str, ...]:
    """Paths relative to the root, with `/`. A file that lies elsewhere is a usage error."""
    places = [(path, Path(os.path.normpath(Path.cwd() / path))) for path in files]
    outside = [str(path) for path, place in places if not place.is_relative_to(root)]
    if outside:
        raise click.UsageError(f"{', '.join(outside)}: outside of the repository {root}; run it there")
    return tuple(place.relative_to(root).as_posix() for _, place in places)


def _wanted(asked: Asked, config: Config) -> Wanted:
    """What to compare with. Outside of a repository nothing is, unless it was asked for."""
    from readiness.sides import SidesError, Wanted, resolve

    base = asked.base or config.check.base or ""
    if asked.is_all:
        return Wanted(None, (), "")
    try:
        wanted = resolve(asked.root, base, asked.is_staged)
    except SidesError as error:
        raise click.UsageError(str(error)) from None
    if wanted.note:
        click.echo(f"readiness: {wanted.note}", err=True)
    return wanted


def _can_stop(asked: Asked, wanted: Wanted, places: tuple[outputs.Target, ...]) -> bool:
    """Whether nothing can be new and nobody waits for a file or for the baseline's state."""
    from readiness.sides import SidesError, is_untouched

    if asked.is_strict or asked.shows_suppressed or [place.format for place in places] != ["text"]:
        return False
    try:
        return is_untouched(asked.root, wanted, asked.files)
    except SidesError as error:
        raise click.UsageError(str(error)) from None


def _judge(
    asked: Asked, wanted: Wanted, places: tuple[outputs.Target, ...], known: Known, config: Config, found: Review
) -> int:
    """Findings where they were asked for, everything else on stderr."""
    from readiness.baseline import stale
    from readiness.compare import compare, suppressed_items, touches
    from readiness.report.note import render_suppressed
    from readiness.types.changes import Changes

    every = compare(found.head, found.bases, known.items, known.decisions, config.check)
    shown = Changes(
        *(tuple(i for i in side if touches(i, asked.files)) for side in (every.new, every.known, every.gone))
    )
    for place in places:
        data = outputs.render_changes(found.head, shown, wanted.label, place.format, asked.root)
        outputs.write(place, data)
    if asked.shows_suppressed:
        covered = [(item, why) for item, why in suppressed_items(found.head) if touches(item, asked.files)]
        click.echo(render_suppressed(covered, lambda path: outputs.shown_path(asked.root, path)), nl=False, err=True)
    lost = outcome.lost_files(found.head)
    old = stale(known.items, (*every.new, *every.known, *every.passed), frozenset(row.path for row in lost))
    if old:
        click.echo(
            f"readiness: {known.file}: {len(old)} stale; `readiness baseline prune` removes what is gone", err=True
        )
    if _tell_lost(asked, found):
        return outcome.INCOMPLETE
    bad = SEVERITIES[SEVERITIES.index(asked.fail_on) :]
    return outcome.GATE if any(i.severity in bad for i in shown.new) or (old and asked.is_strict) else outcome.DONE


def _tell_lost(asked: Asked, found: Review) -> bool:
    """Names what could not be analysed; whether that is new, so that the answer is incomplete."""
    from readiness.compare import is_below

    before = {row.path for base in found.bases[:1] for row in outcome.lost_files(base)}
    lost = [row for row in outcome.lost_files(found.head) if is_below(row.path, asked.files)]
    for row in lost:
        where = f"{outputs.shown_path(asked.root, row.path)}:{row.line or 1}"
        click.echo(f"{where}: not analysed: {row.reason}: {row.detail}".rstrip(": "), err=True)
    return any(row.path not in before for row in lost)
