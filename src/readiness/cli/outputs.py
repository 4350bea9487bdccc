"""Formats and `--output` -> files: where a report goes, and its writing in one step. Never leaves half a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from readiness.types.report import Report

CSV = ("candidates.csv", "fixes.csv", "findings.csv", "dependencies.csv")  # `csv` is all of them
FORMATS = ("html", "json", "md", *CSV)
WORDS = "html, json, md, csv"
NAME = "readiness-report"
STDOUT = "-"


class Target(NamedTuple):
    format: str
    path: Path | None  # None: standard output


def targets(formats: str | None, output: str | None) -> tuple[Target, ...]:
    """Where each format goes. `output` is `-`, a folder (there, or without a suffix), or a file for exactly one format.

    Without formats the file's suffix says which, else it is html. What cannot be written is a usage error before the scan.
    """
    path = Path(output) if output not in (None, STDOUT) else None
    suffix = path.suffix.removeprefix(".") if path else ""
    wanted = _formats(formats or (suffix if suffix in (*FORMATS, "csv") else FORMATS[0]))
    is_folder = path is not None and (path.is_dir() or (not path.exists() and not suffix))
    if (output == STDOUT or (path and not is_folder)) and len(wanted) != 1:
        raise click.UsageError(
            f"--output {output}: one place takes exactly one format, not {', '.join(wanted)}; name a folder"
        )
    if output == STDOUT:
        return (Target(wanted[0], None),)
    if path and not is_folder:
        _check_folder(path.parent)
        return (Target(wanted[0], path),)
    folder = path or Path()
    _check_folder(folder)
    return tuple(Target(format, folder / f"{NAME}.{format}") for format in wanted)


def render(report: Report, format: str) -> bytes:
    """The report in one of FORMATS, as UTF-8."""
    if format == "json":
        from readiness.report.json import render_json

        return render_json(report)
    if format == "md":
        from readiness.report.markdown import render_markdown

        return render_markdown(report).encode("utf-8", "backslashreplace")
    if format in CSV:
        from readiness.report.csv import render_csv

        return render_csv(report, format.removesuffix(".csv")).encode("utf-8", "backslashreplace")
    from readiness.report.html import render_html

    return render_html(report).encode("utf-8", "backslashreplace")


def write(target: Target, data: bytes) -> None:
    """Into a temporary file beside the target, then renamed: whoever reads the target sees the old or the new one, whole."""
    if target.path is None:
        click.echo(data, nl=False)
        return
    try:
        _replace(target.path, data)
    except OSError as error:
        raise click.UsageError(f"cannot write {target.path}: {error.strerror}") from None


def _formats(text: str) -> tuple[str, ...]:
    given = [name.strip() for name in text.split(",") if name.strip()]
    names = tuple(dict.fromkeys(one for name in given for one in (CSV if name == "csv" else (name,))))
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise click.UsageError(f"--format {text}: unknown format; allowed: csv, {', '.join(FORMATS)}, several by comma")
    return names


def _check_folder(folder: Path) -> None:
    """The nearest folder that exists has to be one, and writable; the rest is made when there is something to write."""
    there = next(place for place in (folder, *folder.parents, Path()) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise click.UsageError(f"--output: {there} is no folder that can be written to")


def _replace(path: Path, data: bytes) -> None:
    if path.exists() and not path.is_file():  # a device or a pipe is written to, never replaced
        path.write_bytes(data)
        return
    place = path.resolve()  # a link keeps pointing to the new report
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask())
        os.replace(temporary, place)
    except BaseException:  # Ctrl-C too: the temporary file goes, the old report stays
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)  # reading it is only possible by setting it
    os.umask(mask)
    return mask


def paths(written: Sequence[Target]) -> tuple[str, ...]:
    """The files among the targets, as the user would write them."""
    return tuple(str(target.path) for target in written if target.path is not None)
