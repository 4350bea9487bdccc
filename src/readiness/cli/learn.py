"""`readiness learn`: a library's source -> a library page to look over. Imports nothing of it, and replaces no page without being told to."""

from __future__ import annotations

from pathlib import Path

import click

from readiness.cli import outcome
from readiness.cli.options import settings
from readiness.cli.pages import own_rulebook


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", help="The distribution, where pyproject.toml in PATH does not say it.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.  [default: standard output]"
)
@click.option("--force", is_flag=True, help="Replace the file, with what was looked over in it.")
def learn(path: Path, name: str | None, output: Path | None, force: bool) -> int:
    """Write a library page of the library in PATH: what its public functions wait for, give and register.

    PATH is a checkout or a package as it is installed; its source is read, and none of it is run. Look the page over, put it
    into `libraries/` of a folder that the setting `rules` names, and hold it with `readiness rules test`. The setting
    `library-paths` does without a page: each scan reads those folders.
    """
    from readiness.learn.read import LearnError, read_library
    from readiness.report.text import count
    from readiness.rulebook.libraries import library_of
    from readiness.rulebook.page import page_of

    if output is not None and output.exists() and not force:
        raise click.UsageError(f"{output} is there; --force replaces it, with what was looked over in it")
    try:
        text = read_library(path, own_rulebook(), settings(path, None), None, name)
        library = library_of(page_of(f"libraries/{name or path.name}.md", text.encode()))
        if output is None:
            click.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8")
    except LearnError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"cannot write {output}: {error.strerror}") from None
    names = {name for api in library.apis for name in api.names}
    waiting = {name for api in library.apis if api.kind is not None for name in api.names}
    told = f"{count(len(names), 'public name')}, {len(waiting)} that wait, {count(len(library.entries), 'entry form')}"
    click.echo(f"readiness: {library.distribution}: {told}", err=True)
    return outcome.DONE
