"""A repository's baseline and decisions files -> what is known. A file that cannot be read is the user's mistake: exit code 2."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from readiness.types.changes import KnownItem
    from readiness.types.config import Config
    from readiness.types.decisions import Decision

MAX_BYTES = 64 << 20  # about 300,000 entries; the folder may be hostile


class Known(NamedTuple):
    file: str = ""  # of the baseline, as the user would write it
    items: tuple[KnownItem, ...] = ()
    decisions: tuple[Decision, ...] = ()


def load_known(root: Path, config: Config, explicit: Path | None) -> Known:
    """The baseline of `explicit`, else the one that the settings name if it is there; and the decisions that are in force."""
    from readiness.config import ConfigError
    from readiness.decisions import in_force, load_decisions
    from readiness.question import dated

    file = explicit or root / config.baseline
    try:
        decisions = load_decisions(root, config)
    except ConfigError as error:
        raise click.UsageError(str(error)) from None
    name = str(explicit) if explicit else config.baseline
    return Known(name, read(file, name), in_force(decisions, dated(config).today))


def read(file: Path, name: str) -> tuple[KnownItem, ...]:
    """The entries of a baseline file, none where it is missing."""
    from readiness.baseline import BaselineError, read_baseline
    from readiness.disk import read_bytes

    if not file.exists():
        return ()
    try:
        data = read_bytes(str(file), MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise BaselineError(f"larger than {MAX_BYTES} bytes")
        return read_baseline(data)
    except (OSError, BaselineError) as error:
        raise click.UsageError(f"{name}: {error}") from None
