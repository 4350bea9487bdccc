"""`readiness rules`, `schema`, `completion`: what the tool itself knows -> text. Scans nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from readiness.cli import outcome
from readiness.cli.options import settings

if TYPE_CHECKING:
    from readiness.types.rulebook import Rulebook


@click.group(invoke_without_command=True)
@click.option("--pack", help="Only the rules of one pack: io, concurrency, cpu, coupling, data, portability ...")
@click.option("--severity", type=click.Choice(["info", "warning", "error"]), help="Only the rules of this severity.")
@click.pass_context
def rules(context: click.Context, pack: str | None, severity: str | None) -> None:
    """List the rules: id, severity, category and title. A rule marked `preview` is off without the setting `preview` or its id in `select`."""
    if context.invoked_subcommand is not None:
        return
    listed = sorted(own_rulebook().rules, key=lambda rule: rule.id)
    packs = sorted({rule.pack for rule in listed})
    if pack is not None and pack not in packs:
        raise click.UsageError(f"no pack {pack}; there are {', '.join(packs)}")
    for rule in listed:
        if pack in (None, rule.pack) and severity in (None, rule.severity):
            mark = "  (preview)" if rule.is_preview else ""
            click.echo(f"{rule.id:<8} {rule.severity:<8} {rule.category:<10} {rule.title}{mark}")


@rules.command("test")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
def test_pages(path: Path) -> int:
    """Hold the pages of your own in PATH against their examples, with the shipped rules; exit 1 where one claims what is not so.

    Every rule page needs a line that is found and a block where nothing is; a library page one line for each kind of I/O.
    """
    from readiness.report.text import count
    from readiness.rulebook import RulebookError, page_files
    from readiness.rulecheck import check_folder

    try:
        problems = check_folder(path)
    except RulebookError as error:
        raise click.UsageError(str(error)) from None
    pages = len(list(page_files(path)))
    if not pages:
        raise click.UsageError(f"{path} has no page; they lie in {path}/findings and {path}/libraries")
    for problem in problems:
        click.echo(f"{problem.path}:{problem.line}: {problem.problem}")
    click.echo(f"readiness: {count(pages, 'page')}, {count(len(problems), 'problem')}", err=True)
    return outcome.GATE if problems else outcome.DONE


@click.command()
def schema() -> None:
    """Print the JSON Schema of the JSON report."""
    from readiness.report.json import schema as json_schema

    click.echo(json_schema(), nl=False)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for SHELL; for bash: eval "$(readiness completion bash)"."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None  # click knows all three
    click.echo(script(context.find_root().command, {}, "readiness", "_READINESS_COMPLETE").source())


def own_rulebook() -> Rulebook:
    """The pages that ship, and those that the current folder's settings name."""
    from readiness.paths import rules_folder
    from readiness.rulebook import RulebookError, load_rulebook

    here = Path.cwd()
    try:
        return load_rulebook([rules_folder(), *(here / folder for folder in settings(here, None).rules)])
    except RulebookError as error:
        raise click.UsageError(str(error)) from None
