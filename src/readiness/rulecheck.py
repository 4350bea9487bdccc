"""pages + an analyser of snippets -> problems: what a page's examples claim and the analysis does not say. Never runs an example."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from readiness.coupling import couple
from readiness.extract import extract
from readiness.findings import find
from readiness.link import link
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook, page_files
from readiness.rulebook.page import Example, read_page
from readiness.types.config import Config
from readiness.types.rulebook import Library, Rulebook
from readiness.types.services import Services
from readiness.types.tree import GitFacts, Source, Tree

DAY = "2026-01-01"  # on which the examples are looked at
FINDING, IO, OK, MISSED = "# finding:", "# io:", "# ok:", "# missed:"


class Seen(Struct, frozen=True):
    """What the analysis says of one snippet; lines count from 1 in the snippet."""

    findings: frozenset[tuple[int, str]]  # (line, rule)
    io: frozenset[tuple[int, str]]  # (line, kind)


class Problem(Struct, frozen=True):
    path: str
    line: int
    problem: str


Analyse = Callable[[str], Seen]


def check_folder(folder: Path) -> tuple[Problem, ...]:
    """What is wrong with a user's own folder of pages, sorted by path and line; empty: nothing.

    The pages are read beside those that ship. Raises RulebookError for what a page says wrongly.
    """
    rulebook = load_rulebook([rules_folder(), folder])
    own = {path.relative_to(folder).as_posix() for path in page_files(folder)}
    bare = [row for library in rulebook.libraries if library.path in own for row in _bare_claims(library, folder)]
    found = (*check_pages(rulebook, [folder], snippet_analyser(rulebook)), *bare)
    return tuple(sorted(found, key=lambda problem: (problem.path, problem.line, problem.problem)))


def check_pages(rulebook: Rulebook, folders: Sequence[Path], analyse_snippet: Analyse) -> tuple[Problem, ...]:
    """Every claim of every page's examples that does not hold, sorted by path and line. Empty: all hold.

    A rule page's blocks are held against that rule alone, a library page's against the I/O kinds.
    """
    rules = {rule.path: rule.id for rule in rulebook.rules}
    found: list[Problem] = []
    for folder in folders:
        for path in page_files(folder):
            page = read_page(path, folder)
            rule = rules.get(page.path)
            for example in page.examples:
                seen = analyse_snippet(example.code)
                found += [Problem(page.path, line, text) for line, text in _compare(example, seen, rule)]
    return tuple(sorted(found, key=lambda problem: (problem.path, problem.line, problem.problem)))


def snippet_analyser(rulebook: Rulebook) -> Analyse:
    """The analysis of one snippet as a repository of one module, by the stages of a scan."""

    def analyse_snippet(code: str) -> Seen:
        source = Source("example.py", "example", "example", ".", False, len(code), 0, 0)
        facts = extract(code.encode())
        program = link(Tree("example", (source,), (), (), GitFacts()), {source.path: facts}, rulebook)
        found = find(
            program,
            {source.module: facts},
            couple(program),
            Services((), ()),
            rulebook,
            Config(today=DAY, preview=True),
        )
        uses = [(edge.line, program.apis[edge.api].kind) for edge in program.calls if edge.api >= 0]
        return Seen(
            frozenset((finding.line, finding.rule) for finding in found if finding.suppressed is None),
            frozenset((line, kind) for line, kind in uses if kind is not None),
        )

    return analyse_snippet


def _bare_claims(library: Library, folder: Path) -> Iterator[Problem]:
    """A library page shows one line for each kind of I/O that it claims, and one that must not match."""
    code = "".join(example.code for example in read_page(folder / library.path, folder).examples)
    kinds = {api.kind for api in library.apis if api.kind is not None}
    for kind in sorted(kinds):
        if f"{IO} {kind}" not in code:
            yield Problem(library.path, 1, f"claims {kind} and has no example line with `{IO} {kind}`")
    if kinds and OK not in code:
        yield Problem(library.path, 1, f"has no line `{OK} reason` on which nothing may be seen")


def _compare(example: Example, seen: Seen, rule: str | None) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(example.code.splitlines(), 1):
        place = example.line + number - 1
        said = {name for at, name in seen.findings if at == number and name == rule}
        kinds = {kind for at, kind in seen.io if at == number}
        claims = _claims(line)
        if MISSED in line:
            for name in sorted(said & set(_words(line, MISSED))):
                yield place, f"`{MISSED} {name}` is found now: make it `{FINDING} {name}`"
            continue
        for name in sorted(claims["finding"] - said):
            yield place, f"{name} is not found here"
        for name in sorted(said - claims["finding"]):
            yield place, f"{name} is found here, and the page does not say so"
        for kind in sorted(claims["io"] - kinds):
            yield place, f"no {kind} is seen here"
        if OK in line and rule is None and kinds:
            yield place, f"{', '.join(sorted(kinds))} is seen here, and the page says that there is none"


def _claims(line: str) -> dict[str, set[str]]:
    return {"finding": set(_words(line, FINDING)), "io": set(_words(line, IO))}


def _words(line: str, mark: str) -> list[str]:
    """The names behind a mark, up to the next comment: `x()  # finding: IO101, IO102`."""
    _, found, rest = line.partition(mark)
    return [word.strip() for word in rest.partition("#")[0].split(",") if word.strip()] if found else []
