"""`readiness baseline`: what is found now -> the file of known findings; or what of the file is stale. The only command that writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from readiness.cli import outcome, outputs
from readiness.cli.known import load_known, read
from readiness.cli.options import Engine, engine_options, run_scan, settings
from readiness.report.text import clean, count

if TYPE_CHECKING:
    from readiness.types.changes import Item, KnownItem

Command = TypeVar("Command", bound=Callable[..., Any])


class Found(NamedTuple):
    file: Path
    items: tuple[Item, ...]
    known: tuple[KnownItem, ...]
    stale: tuple[KnownItem, ...]
    lost: int  # files that could not be analysed


@click.group()
def baseline() -> None:
    """Write, prune or show the file of known findings, which `check` passes over.

    Nothing else writes it. Commit it: one entry a line, sorted, so that branches merge.
    """


def _options(command: Command) -> Command:
    file = click.option(
        "--baseline",
        "baseline_file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The file.  [default: .readiness-baseline.json at the top of the repository]",
    )
    return file(engine_options(command))


@baseline.command()
@_options
@click.option("--reason", default="", help="Why the new entries are accepted; those that are there keep theirs.")
def write(baseline_file: Path | None, reason: str, **engine: Any) -> int:
    """Take in everything that is found now, and drop what is gone."""
    from readiness.baseline import take_in, write_baseline

    found = _found(baseline_file, Engine(**engine))
    kept = tuple(row for row in found.known if row not in found.stale)
    rows = {row.fingerprint: row for row in (*kept, *take_in(found.items, found.known, reason))}
    outputs.write(outputs.Target("baseline", found.file), write_baseline(rows.values()))
    old = {row.fingerprint for row in found.known}
    added = sum(row not in old for row in rows)
    click.echo(f"{_shown(found)}: {count(len(rows), 'entry', 'entries')} (+{added} -{len(found.stale)})")
    return _code(found)


@baseline.command()
@_options
def prune(baseline_file: Path | None, **engine: Any) -> int:
    """Drop the entries that nothing stands for any more; take in nothing."""
    from readiness.baseline import write_baseline

    found = _found(baseline_file, Engine(**engine))
    if found.stale:
        data = write_baseline(row for row in found.known if row not in found.stale)
        outputs.write(outputs.Target("baseline", found.file), data)
    left = len(found.known) - len(found.stale)
    click.echo(f"{_shown(found)}: {count(left, 'entry', 'entries')} (-{len(found.stale)})")
    return _code(found)


@baseline.command()
@_options
def show(baseline_file: Path | None, **engine: Any) -> int:
    """List the entries, the stale ones marked. Writes nothing."""
    found = _found(baseline_file, Engine(**engine))
    for row in found.known:
        mark = "  stale" if row in found.stale else ""
        reason = f"  ({clean(row.reason)})" if row.reason else ""
        click.echo(f"{clean(row.path)}: {row.rule} {clean(row.symbol)}{reason}{mark}")
    click.echo(f"{_shown(found)}: {count(len(found.known), 'entry', 'entries')}, {len(found.stale)} stale")
    return _code(found)


def _found(explicit: Path | None, engine: Engine) -> Found:
    from readiness.baseline import stale
    from readiness.compare import items
    from readiness.config import repository_root

    root = repository_root(Path.cwd()) or Path.cwd()
    config = engine.override(settings(root, engine.config_file))
    file = explicit or root / config.baseline
    decisions = load_known(root, config, None).decisions
    known = read(file, str(file))
    report = run_scan(root, config, no_cache=engine.no_cache, cache_dir=engine.cache_dir)
    now = items(report, decisions, config.check)
    lost = frozenset(row.path for row in outcome.lost_files(report))
    return Found(file, now, known, stale(known, now, lost), len(lost))


def _shown(found: Found) -> str:
    return outputs.shown_path(Path.cwd(), str(found.file)) if found.file.is_absolute() else str(found.file)


def _code(found: Found) -> int:
    """Entries of files that could not be analysed stay as they were; that this happened is told."""
    if found.lost:
        click.echo(f"readiness: {count(found.lost, 'file')} not analysed; entries for them are kept", err=True)
        return outcome.INCOMPLETE
    return outcome.DONE
