"""`readiness report`: a JSON report -> every other format, from the document alone. Reads no repository, scans nothing."""

from __future__ import annotations

import click

from readiness.cli import outputs


@click.command()
@click.argument("document", metavar="SCAN.JSON", type=click.Path(exists=True, allow_dash=True))
@click.option("--format", "formats", metavar="FORMATS", help=f"{outputs.WORDS}; several by comma.  [default: html]")
@click.option("--output", metavar="PLACE", help="Folder, or file for one format; `-` is standard output.  [default: .]")
@click.option("-q", "--quiet", is_flag=True, help="No summary.")
def report(document: str, formats: str | None, output: str | None, quiet: bool) -> int:
    """Write the reports of SCAN.JSON again, which `readiness scan --format json` wrote; `-` is standard input."""
    from readiness.report.json import ReportError, read_json
    from readiness.report.terminal import render_summary

    wanted = outputs.targets(formats, output)
    try:
        with click.open_file(document, "rb") as file:
            found = read_json(file.read())
    except ReportError as error:
        raise click.UsageError(f"{document}: {error}") from None
    for target in wanted:
        outputs.write(target, outputs.render(found, target.format))
    if not quiet:
        is_taken = any(target.path is None for target in wanted)
        click.echo(render_summary(found, outputs.paths(wanted)).rstrip("\n"), err=is_taken)
    return 0
