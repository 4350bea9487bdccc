"""Formats and `--output` -> files: where a report goes, and its writing in one step. Never leaves half a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from readiness.disk import shown, write_whole

if TYPE_CHECKING:
    from readiness.types.changes import Changes
    from readiness.types.report import Report

CHECK = ("text", "md", "sarif", "gitlab", "github")
CSV = ("candidates.csv", "fixes.csv", "findings.csv", "dependencies.csv")  # `csv` is all of them
FORMATS = ("html", "json", "md", "sarif", "gitlab", "github", *CSV)
WORDS = "html, json, md, csv, sarif, gitlab, github"
SUFFIXES = {"gitlab": "gitlab.json", "github": "github.txt"}  # of files whose format is not their suffix
NAME = "readiness-report"
STDOUT = "-"


class Target(NamedTuple):
    format: str
    path: Path | None  # None: standard output


def targets(formats: str | None, output: str | None) -> tuple[Target, ...]:
    """Where each format goes: to its own place in `NAME=PLACE`, the others to `output`.

    `output` is `-`, a folder (there, or without a suffix), or a file for exactly one format. Without formats the file's suffix
    says which, else it is html. What cannot be written is a usage error before the scan.
    """
    path = Path(output) if output not in (None, STDOUT) else None
    suffix = path.suffix.removeprefix(".") if path else ""
    wanted, placed = _formats(formats or (suffix if suffix in (*FORMATS, "csv") else FORMATS[0]), FORMATS)
    is_folder = path is not None and (path.is_dir() or (not path.exists() and not suffix))
    if (output == STDOUT or (path and not is_folder)) and len(wanted) != 1:
        raise click.UsageError(
            f"--output {output}: one place takes exactly one format, not {', '.join(wanted) or 'none'}; name a folder"
        )
    if output == STDOUT:
        return _one_stdout((Target(wanted[0], None), *placed))
    if path and not is_folder:
        _check_folder(path.parent)
        return _one_stdout((Target(wanted[0], path), *placed))
    folder = path or Path()
    _check_folder(folder)
    found = [Target(format, folder / f"{NAME}.{SUFFIXES.get(format, format)}") for format in wanted]
    return _one_stdout((*found, *placed))


def check_targets(formats: str | None) -> tuple[Target, ...]:
    """The same for `check`, where a format without a place of its own goes to standard output."""
    wanted, placed = _formats(formats or CHECK[0], CHECK)
    return _one_stdout((*(Target(format, None) for format in wanted), *placed))


def _one_stdout(found: tuple[Target, ...]) -> tuple[Target, ...]:
    taken = [target.format for target in found if target.path is None]
    if len(taken) > 1:
        raise click.UsageError(
            f"standard output takes one format, not {', '.join(taken)}; write NAME=FILE for the others"
        )
    for target in found:
        if target.path is not None:
            _check_folder(target.path.parent)
            _refuse_links(target.path)
    return found


def render(report: Report, format: str, *, is_timed: bool = False) -> bytes | Iterator[bytes]:
    """The report in one of FORMATS, as UTF-8; JSON in pieces. A page says when the scan began only where it `is_timed`."""
    if format == "json":
        from readiness.report.json import json_parts

        return json_parts(report)
    if format == "md":
        from readiness.report.markdown import render_markdown

        return render_markdown(report).encode("utf-8", "backslashreplace")
    if format in ("sarif", "gitlab", "github"):
        return render_changes(report, None, "", format, Path())
    if format in CSV:
        from readiness.report.csv import render_csv

        return render_csv(report, format.removesuffix(".csv")).encode("utf-8", "backslashreplace")
    from readiness.report.html import render_html

    return render_html(report, is_timed=is_timed).encode("utf-8", "backslashreplace")


def render_changes(report: Report, changes: Changes | None, base: str, format: str, root: Path) -> bytes:
    """What a check found, in one of CHECK; without changes all findings of the report, in a format that does not compare.

    Paths in text are as an editor in the current folder can open them; in other formats relative to `root`.
    """
    if format == "sarif":
        from readiness.report.sarif import render_sarif

        return render_sarif(report, changes)
    if format == "gitlab":
        from readiness.report.gitlab import render_gitlab

        return render_gitlab(report, changes)
    if format == "github":
        from readiness.report.annotations import render_annotations

        return render_annotations(report, changes).encode("utf-8", "backslashreplace")
    from readiness.report.note import render_lines, render_note

    assert changes is not None  # text and md exist for changes only
    if format == "md":
        return render_note(report, changes, base).encode("utf-8", "backslashreplace")
    return render_lines(changes, base, lambda path: shown_path(root, path)).encode("utf-8", "backslashreplace")


def shown_path(root: Path, path: str) -> str:
    """As an editor that stands in the current folder can open it."""
    return os.path.relpath(root / path)


def write(target: Target, data: bytes | Iterator[bytes]) -> None:
    """Into a temporary file beside the target, then renamed: whoever reads the target sees the old or the new one, whole."""
    parts = iter((data,)) if isinstance(data, bytes) else data
    if target.path is None:
        for part in parts:
            click.echo(part, nl=False)
        return
    _refuse_links(target.path)  # again: a scan takes its time
    try:
        _replace(target.path, parts)
    except OSError as error:
        raise click.UsageError(f"cannot write {target.path}: {error.strerror}") from None


def _formats(text: str, allowed: Sequence[str]) -> tuple[tuple[str, ...], tuple[Target, ...]]:
    """The formats without a place of their own, and those with one; each once."""
    wanted: dict[str, None] = {}
    placed: dict[str, Target] = {}
    for given in filter(None, (part.strip() for part in text.split(","))):
        name, has_place, place = given.partition("=")
        names = CSV if name == "csv" and CSV[0] in allowed and not has_place else (name,)
        if not set(names) <= set(allowed) or (has_place and not place):
            word = "unknown format" if not set(names) <= set(allowed) else f"{name} has no place behind `=`"
            words = ("csv", *allowed) if CSV[0] in allowed else allowed
            raise click.UsageError(f"--format {text}: {word}; allowed: {', '.join(words)}, several by comma")
        if has_place:
            placed[name] = Target(name, None if place == STDOUT else Path(place))
        wanted |= dict.fromkeys(() if has_place else names)
    if not wanted and not placed:
        raise click.UsageError(f"--format {text}: no format; allowed: {', '.join(allowed)}, several by comma")
    return tuple(wanted), tuple(placed.values())


def _check_folder(folder: Path) -> None:
    """The nearest folder that exists has to be one, and writable; the rest is made when there is something to write."""
    there = next(place for place in (folder, *folder.parents, Path()) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise click.UsageError(f"--output: {there} is no folder that can be written to")


def _refuse_links(path: Path) -> None:
    """A link in a repository or in the current folder may be a stranger's, who could send the report over any file of the user.

    Those elsewhere on the way are the user's own, or the system's.
    """
    from readiness.config import repository_root

    whole, here = Path(os.path.abspath(path)), Path.cwd()
    for place in (*reversed(whole.parents), whole):
        if place.is_symlink() and (here in place.parents or repository_root(place.parent)):
            raise click.UsageError(
                f"--output: {shown(str(path))}: a symbolic link is not followed; name the place itself"
            )


def _replace(path: Path, parts: Iterator[bytes]) -> None:
    if path.exists() and not path.is_file():  # a device or a pipe is written to, never replaced
        with path.open("wb") as file:
            file.writelines(parts)
        return
    place = path.resolve()  # a link keeps pointing to the new report
    write_whole(place, parts, place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask())


def _umask() -> int:
    mask = os.umask(0o077)  # reading it is only possible by setting it
    os.umask(mask)
    return mask


def paths(written: Sequence[Target]) -> tuple[str, ...]:
    """The files among the targets, as the user would write them."""
    return tuple(str(target.path) for target in written if target.path is not None)
