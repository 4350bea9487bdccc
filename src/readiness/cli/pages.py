"""`readiness rules`, `explain`, `schema`, `completion`: what the tool itself knows -> text. Scans nothing."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from readiness.cli import outcome
from readiness.cli.options import settings

if TYPE_CHECKING:
    from readiness.types.rulebook import GoChoice, Library, Rule, Rulebook

NAMES_SHOWN = 6


@click.group(invoke_without_command=True)
@click.option("--pack", help="Only the rules of one pack: io, concurrency, cpu, coupling, data, portability ...")
@click.option("--severity", type=click.Choice(["info", "warning", "error"]), help="Only the rules of this severity.")
@click.pass_context
def rules(context: click.Context, pack: str | None, severity: str | None) -> None:
    """List the rules: id, severity, category and title. A rule marked `preview` is off until it is selected by its id."""
    if context.invoked_subcommand is not None:
        return
    listed = _sorted(_rulebook())
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
@click.argument("name", metavar="NAME")
def explain(name: str) -> None:
    """Print the page of NAME: a rule's id, a library's distribution, or a concurrency construct.

    Of a rule: what it finds, why it matters, what Go or better Python would do. Of a library: what its calls wait for, how work
    comes in through it, and its Go counterpart.
    """
    book = _rulebook()
    found = {rule.id: rule for rule in book.rules}
    libraries = {library.distribution.lower(): library for library in book.libraries}
    if name.upper() in found:
        click.echo(_rule_page(found[name.upper()]))
    elif name.lower() in libraries:
        click.echo(_library_page(libraries[name.lower()]))
    elif name.lower() in book.patterns:
        click.echo(_pattern(book.patterns[name.lower()]))
    else:
        known = [*found, *libraries, *book.patterns]
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.5) or difflib.get_close_matches(
            name.upper(), found, n=1, cutoff=0.5
        )
        hint = f", did you mean {close[0]}?" if close else ""
        raise click.UsageError(f"no rule, library or construct {name}{hint}; `readiness rules` lists the rules")


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


def _rulebook() -> Rulebook:
    """The pages that ship, and those that the current folder's settings name."""
    from readiness.paths import rules_folder
    from readiness.rulebook import RulebookError, load_rulebook

    here = Path.cwd()
    try:
        return load_rulebook([rules_folder(), *(here / folder for folder in settings(here, None).rules)])
    except RulebookError as error:
        raise click.UsageError(str(error)) from None


def _sorted(rulebook: Rulebook) -> list[Rule]:
    return sorted(rulebook.rules, key=lambda rule: rule.id)


def _rule_page(rule: Rule) -> str:
    state = ", preview: off until it is selected by its id" if rule.is_preview else ""
    lines = [
        f"{rule.id}  {rule.title}",
        f"{rule.severity}, {rule.category}, pack {rule.pack}{state}",
        "",
        rule.text.strip(),
    ]
    lines += [f"\nIn Go: {rule.go}"] if rule.go else []
    lines += ["\n" + _pattern(rule.pattern)] if rule.pattern else []
    lines += [f"\nIn Python: {rule.fix}"] if rule.fix else []
    return "\n".join(lines)


def _pattern(text: str) -> str:
    return "\n".join(
        ["Pattern (the usual form, no translation):", *(f"    {line}".rstrip() for line in text.splitlines())]
    )


def _library_page(library: Library) -> str:
    lines = [library.distribution, f"imported as {', '.join(library.imports)}"]
    lines += ["", *waits] if (waits := _waits(library)) else []
    entries = [f"  {entry.kind}: {', '.join(entry.names)}" for entry in library.entries]
    lines += ["", "Work comes in by", *entries] if entries else []
    lines += ["", *_counterpart(library.go)] if library.go is not None else []
    lines += [f"\nIn async code: {library.remedy}"] if library.remedy else []
    return "\n".join(lines)


def _waits(library: Library) -> list[str]:
    """The calls by what they wait for: `network, blocking: a.b, a.c`; at most NAMES_SHOWN of each."""
    rows: dict[tuple[str, str], list[str]] = {}
    for api in library.apis:
        if api.kind is not None:
            rows.setdefault((api.kind, api.mode or ""), []).extend(api.names)
    lines = ["Calls that wait"] if rows else []
    for (kind, mode), names in sorted(rows.items()):
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        lines.append(f"  {kind}, {mode}: {', '.join(sorted(names)[:NAMES_SHOWN])}{more}")
    return lines


def _counterpart(go: GoChoice) -> list[str]:
    facts = [go.maturity, go.licence, {True: "needs cgo", False: "no cgo", None: None}[go.cgo]]
    told = ", ".join(fact for fact in (*facts, f"looked up {go.as_of}" if go.as_of else None) if fact)
    lines = [f"In Go: {', '.join(go.modules) or 'nothing'} ({go.fit})"]
    lines += [f"  {text}" for text in (told, f"lost: {go.lost}" if go.lost else "", go.note or "") if text]
    return lines
