"""What several commands share: their options, the settings that result, and one scan with progress. Prints progress only."""

from __future__ import annotations

import difflib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

if TYPE_CHECKING:
    from readiness.cache import Store
    from readiness.question import Question, ScanOptions
    from readiness.review import Review
    from readiness.scan import Scan
    from readiness.sides import Wanted
    from readiness.types.config import Config
    from readiness.types.report import Report, ServiceRow
    from readiness.types.tree import Tree

Progress = Callable[[str, int, int], None]
Command = TypeVar("Command", bound=Callable[..., Any])

QUIET_SECONDS = 0.5  # a scan that is done by then shows no bar
FRAME_SECONDS = 0.1
LARGE_BYTES = 4_000_000  # of Python, about 120,000 lines: a cold scan takes longer than a reader waits without a word
SHOWN_NAMES = 12

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


evidence_option = click.option(
    "--evidence",
    multiple=True,
    metavar="FILE",
    help="What runs: a TOML or CSV file, or an access log, also as SERVICE=FILE; may repeat.  [default: readiness.evidence.toml]",
)


def with_evidence(config: Config, files: tuple[str, ...]) -> Config:
    """The settings with the files of the command line, which lie where the user stands, in place of their own."""
    from msgspec.structs import replace

    here = Path.cwd()
    for name in files:
        if not (here / (name.rpartition("=")[2] or name)).is_file() and not (here / name).is_file():
            raise click.UsageError(f"--evidence {name}: there is no such file")
    return replace(config, evidence=tuple(_placed(name, here) for name in files) or config.evidence)


def _placed(name: str, here: Path) -> str:
    if (here / name).is_file():
        return str(here / name)
    service, sign, file = name.rpartition("=")
    return f"{service}{sign}{here / file}"


def engine_options(command: Command) -> Command:
    """The options of every command that scans; they arrive as the fields of Engine."""
    for option in reversed(ENGINE):
        command = option(command)
    return command


class Engine(NamedTuple):
    """The values of ENGINE's options, by their names."""

    workers: int | None
    exclude: tuple[str, ...]
    config_file: Path | None
    no_cache: bool
    cache_dir: Path | None

    def override(self, config: Config) -> Config:
        """What the command line says wins, `--exclude` adds to it; snippets are for pages."""
        from msgspec.structs import replace

        exclude = (*config.exclude, *self.exclude)
        return replace(config, exclude=exclude, workers=self.workers or config.workers, snippets=False)


def settings(root: Path, config_file: Path | None) -> Config:
    """The configuration for `root`. A mistake in it ends the command with exit code 2."""
    from readiness.config import ConfigError, load_config

    try:
        return load_config(root, config_file)
    except ConfigError as error:
        raise click.UsageError(str(error)) from None


def settings_place(root: Path, config_file: Path | None) -> str:
    """The file that has settings for `root`, "" where none has."""
    from readiness.config import ConfigError, find_settings

    try:
        return find_settings(root, config_file)[1]
    except ConfigError as error:
        raise click.UsageError(str(error)) from None


def run_scan(root: Path, config: Config, *, no_cache: bool, cache_dir: Path | None, is_quiet: bool = False) -> Report:
    """The report of one scan of `root`; progress, warnings and mistakes as in `asked`."""
    from readiness.question import ScanOptions

    return run_whole_scan(root, config, ScanOptions(cache_dir, not no_cache), is_quiet=is_quiet).report


def run_whole_scan(root: Path, config: Config, options: ScanOptions, *, is_quiet: bool = False) -> Scan:
    """One scan of `root`; progress, warnings and mistakes as in `asked`."""
    with asked(root, config, options, is_quiet=is_quiet) as question:
        return question.answer()


class Asked(NamedTuple):
    """A scan that is about to begin: what it depends on, the store that may know the answer, and the scan."""

    question: Question
    store: Store
    answer: Callable[[], Scan]


@contextmanager
def asked(root: Path, config: Config, options: ScanOptions, *, is_quiet: bool = False) -> Iterator[Asked]:
    """A scan of `root`, with progress on stderr where that is a terminal, and the store's warnings at the end. What the user
    got wrong ends it with exit code 2.

    Of a large tree the services that manifests alone name are told on stderr before any file is parsed.
    """
    from readiness import question

    def answer() -> Scan:
        from readiness.scan import answered  # late: what has not changed is not analysed

        return answered(depends, store, options, progress, on_tree)

    def on_tree(tree: Tree) -> None:
        if not is_quiet and sum(source.size for source in tree.sources) > LARGE_BYTES:
            click.echo(_first_services(tree, config), err=True)

    with (
        _progress(is_shown=not is_quiet and sys.stderr.isatty()) as progress,
        _told_as_usage(),
        question.opened(root, config, options, progress) as (depends, store),
    ):
        yield Asked(depends, store, answer)
    _warn(store.warnings)


def reviewed(root: Path, wanted: Wanted, config: Config, engine: Engine) -> Review:
    """Both sides of a comparison, analysed; progress, warnings and mistakes as in `asked`."""
    from readiness.question import ScanOptions
    from readiness.review import review

    options = ScanOptions(cache_dir=engine.cache_dir, use_cache=not engine.no_cache)
    with _progress(is_shown=sys.stderr.isatty()) as progress, _told_as_usage():
        found = review(root, wanted, config, options, progress)
    _warn(found.warnings)
    return found


def service_row(report: Report, name: str) -> ServiceRow:
    """The service of that id, else of that name. None or several end the command with exit code 2."""
    rows = [r for r in report.services if r.id == name] or [r for r in report.services if r.name == name]
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise click.UsageError(
            f"{name} is the name of {len(rows)} services; use an id: {', '.join(r.id for r in rows)}"
        )
    ids = sorted(r.id for r in report.services)
    close = difflib.get_close_matches(name, ids, n=1, cutoff=0.5)
    hint = f", did you mean {close[0]}?" if close else ""
    raise click.UsageError(f"no service is called {name}{hint}; known: {', '.join(ids) or 'none was found'}")


@contextmanager
def _told_as_usage() -> Iterator[None]:
    from readiness.config import ConfigError
    from readiness.rulebook import RulebookError
    from readiness.sides import SidesError

    try:
        yield
    except (RulebookError, ConfigError, SidesError) as error:
        raise click.UsageError(str(error)) from None


def _warn(warnings: Sequence[str]) -> None:
    for warning in warnings:
        click.echo(f"readiness: {warning}", err=True)


def _first_services(tree: Tree, config: Config) -> str:
    """The services stage over manifests and start scripts only: no Facts, an empty Program."""
    from readiness.services import find_processes
    from readiness.types.program import Program

    nothing = Program((), (), (), (), (), (), (), (), (), (), (), (), 0, 0, 0)
    names = sorted({one.name for one in find_processes(tree, {}, nothing, config)[0]})
    count = f"{len(names)} service{'' if len(names) == 1 else 's'}"
    listed = ", ".join(names[:SHOWN_NAMES]) + (" ..." if len(names) > SHOWN_NAMES else "")
    return f"readiness: manifests alone name {count}{': ' if names else ''}{listed}; reading {len(tree.sources)} Python files"


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
