"""`readiness explain`: the page of a rule, library or construct, or the whole derivation of a service's score. Writes nothing."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness.cli.options import (
    Engine,
    engine_options,
    evidence_option,
    run_scan,
    service_row,
    settings,
    with_evidence,
)
from readiness.cli.pages import own_rulebook
from readiness.cli.report import read_document

if TYPE_CHECKING:
    from readiness.types.report import Report
    from readiness.types.rulebook import GoChoice, Library, Rule, Rulebook

NAMES_SHOWN = 6
RULE = re.compile(r"[A-Z]{2,4}[0-9]{3,4}")  # what looks like an id of a rule is none of a service
MISSPELT = (
    0.75  # from this likeness on a name is taken for a page's with a typing error, and no folder is scanned for it
)


@click.command()
@click.argument("name", metavar="NAME")
@click.argument("path", type=click.Path(exists=True, readable=True, path_type=Path), required=False)
@click.option("--goal", type=click.Choice(["throughput", "footprint"]), help="Why Go is wanted; for a service.")
@evidence_option
@engine_options
def explain(name: str, path: Path | None, goal: str | None, evidence: tuple[str, ...], **engine: Any) -> int:
    """Print the page of NAME (a rule's id, a library, a concurrency construct), or how the score of a service comes about.

    Of a rule: what it finds, why it matters, what Go or better Python would do. Of a library: what its calls wait for, how work
    comes in through it, and its Go counterpart. Of a service of PATH, which is a repository or a JSON report of one: every
    contribution with its lines, the tests of the verdict, days, fixes, and what would turn it. Without PATH, pages come first, then
    the services of the current folder.
    """
    page = _page(name, own_rulebook()) if path is None else None
    if page is not None:
        click.echo(page)
        return 0
    from readiness.report.explain import render_explanation

    place = path or Path()
    if place.is_file() and (evidence or goal):
        raise click.UsageError(
            f"{place}: a report has its goal and evidence already; name the repository to change them"
        )
    report = read_document(str(place)) if place.is_file() else _scanned(place, goal, evidence, Engine(**engine))
    click.echo(render_explanation(report, service_row(report, name)).rstrip("\n"))
    return 0


def _scanned(path: Path, goal: str | None, evidence: tuple[str, ...], run: Engine) -> Report:
    from msgspec.structs import replace

    config = run.override(settings(path, run.config_file))
    config = with_evidence(replace(config, goal=goal or config.goal), evidence)
    return run_scan(path, config, no_cache=run.no_cache, cache_dir=run.cache_dir)


def _page(name: str, book: Rulebook) -> str | None:
    """The page of that name; None for what may be a service. What is nearly the name of a page is a usage error."""
    rules = {rule.id: rule for rule in book.rules}
    libraries = {library.distribution.lower(): library for library in book.libraries}
    if name.upper() in rules:
        return _rule_page(rules[name.upper()])
    if name.lower() in libraries:
        return _library_page(libraries[name.lower()])
    if name.lower() in book.patterns:
        return _pattern(book.patterns[name.lower()])
    known = [*rules, *libraries, *book.patterns]
    close = difflib.get_close_matches(name, known, 1, MISSPELT) or difflib.get_close_matches(
        name.upper(), rules, 1, 0.5
    )
    if close or RULE.fullmatch(name.upper()):
        hint = f", did you mean {close[0]}?" if close else ""
        more = "`readiness rules` lists the rules; for a service name its folder too"
        raise click.UsageError(f"no rule, library or construct {name}{hint}; {more}")
    return None


def _rule_page(rule: Rule) -> str:
    state = ", preview: off without the setting `preview` or its id in `select`" if rule.is_preview else ""
    lines = [
        f"{rule.id}  {rule.title}",
        f"{rule.severity}, {rule.category}, pack {rule.pack}{state}",
        "",
        rule.text.strip(),
    ]
    if rule.sure:
        lines.append(
            f"\nTold where it is proven ({', '.join(rule.sure)}); elsewhere possible, shown with the setting `preview`."
        )
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
