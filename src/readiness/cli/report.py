"""`readiness report`: a JSON report -> every other format, from the document alone. Reads no repository, scans nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from readiness.cli import outputs

if TYPE_CHECKING:
    from readiness.types.report import Report


@click.command()
@click.argument("document", metavar="SCAN.JSON", type=click.Path(exists=True, allow_dash=True))
@click.option("--format", "formats", metavar="FORMATS", help=f"{outputs.WORDS}; several by comma.  [default: html]")
@click.option("--output", metavar="PLACE", help="Folder, or file for one format; `-` is standard output.  [default: .]")
@click.option(
    "--compare",
    metavar="OLD.JSON",
    multiple=True,
    type=click.Path(exists=True),
    help="Show in html and md what is new, gone or moved since an older document, and why. Several, the oldest first: html also "
    "shows the trend.",
)
@click.option("--timestamp", is_flag=True, help="Show in the page when the scan began; else no page holds a time.")
@click.option("-q", "--quiet", is_flag=True, help="No summary.")
def report(
    document: str, formats: str | None, output: str | None, compare: tuple[str, ...], timestamp: bool, quiet: bool
) -> int:
    """Write the reports of SCAN.JSON again, which `readiness scan --format json` wrote; `-` is standard input."""
    from readiness.report.terminal import render_summary

    wanted = outputs.targets(formats, output)
    found = read_document(document)
    earlier = [read_document(one) for one in compare]
    for target in wanted:
        outputs.write(target, _render(found, earlier, target.format, is_timed=timestamp))
    if not quiet:
        is_taken = any(target.path is None for target in wanted)
        click.echo(render_summary(found, outputs.paths(wanted)).rstrip("\n"), err=is_taken)
    return 0


def read_document(document: str) -> Report:
    """A document that is none of ours is a usage error that says what to do."""
    from readiness.report.json import ReportError, read_json

    try:
        with click.open_file(document, "rb") as file:
            return read_json(file.read())
    except ReportError as error:
        raise click.UsageError(f"{document}: {error}") from None


def _render(found: Report, earlier: Sequence[Report], format: str, *, is_timed: bool) -> bytes | Iterator[bytes]:
    """The formats that can show a comparison, with it; every other one as `scan` writes it."""
    if earlier and format == "html":
        from readiness.report.html import render_html

        return render_html(found, earlier, is_timed=is_timed).encode("utf-8", "backslashreplace")
    if earlier and format == "md":
        from readiness.report.markdown import render_markdown

        return render_markdown(found, earlier[-1]).encode("utf-8", "backslashreplace")
    return outputs.render(found, format, is_timed=is_timed)
