"""What several commands share: their options, the settings that result, and one scan with progress. Prints progress only."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from readiness.types.config import Config
    from readiness.types.report import Report

Progress = Callable[[str, int, int], None]
Command = TypeVar("Command", bound=Callable[..., Any])

QUIET_SECONDS = 0.5  # a scan that is done by then shows no bar
FRAME_SECONDS = 0.1

ENGINE = (
    click.option(
        "--workers", type=click.IntRange(min=1), help="Processes that read files.  [default: one per processor]"
    ),
    click.option(
        "--exclude", multiple=True, metavar="PATTERN", help="Leave out what this .gitignore pattern names; may repeat."
    ),
    click.option(
        "--config",
        "config_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Settings file instead of the readiness.toml or pyproject.toml that is found.",
    ),
    click.option("--no-cache", is_flag=True, help="Read and write no stored results."),
    click.option(
        "--cache-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the stored results.  [default: .readiness_cache in PATH]",
    ),
)


def engine_options(command: Command) -> Command:
    """The options of every command that scans; they arrive as the keywords that `run_scan` takes."""
    for option in reversed(ENGINE):
        command = option(command)
    return command


def settings(root: Path, config_file: Path | None) -> Config:
    """The configuration for `root`. A mistake in it ends the command with exit code 2."""
    from readiness.config import ConfigError, load_config

    try:
        return load_config(root, config_file)
    except ConfigError as error:
        raise click.UsageError(str(error)) from None


def run_scan(root: Path, config: Config, *, no_cache: bool, cache_dir: Path | None, is_quiet: bool = False) -> Report:
    """One scan of `root`, with progress on stderr where that is a terminal. A broken rule page ends it with exit code 2."""
    from readiness import scan
    from readiness.rulebook import RulebookError

    options = scan.ScanOptions(cache_dir=cache_dir, use_cache=not no_cache)
    with _progress(is_shown=not is_quiet and sys.stderr.isatty()) as progress:
        try:
            done = scan.scan_with_warnings(root, config, options, progress)
        except RulebookError as error:
            raise click.UsageError(str(error)) from None
    for warning in done.warnings:
        click.echo(f"readiness: {warning}", err=True)
    return done.report


@contextmanager
def _progress(*, is_shown: bool) -> Iterator[Progress]:
    """A bar per phase. No thread of its own: a thread that holds a lock while workers are forked stops them for ever."""
    if not is_shown:
        yield lambda phase, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Bar(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
    task = bar.add_task("", total=None)
    begin = time.monotonic()
    last = 0.0

    def show(phase: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - begin < QUIET_SECONDS or (now - last < FRAME_SECONDS and done < total):
            return
        last = now
        bar.update(task, description=phase, completed=done, total=total or None)
        bar.start()
        bar.refresh()

    try:
        yield show
    finally:
        bar.stop()
