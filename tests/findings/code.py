"""Source of one module in, findings out, by the shipped rules."""

from __future__ import annotations

from textwrap import dedent

from readiness.coupling import couple
from readiness.extract import extract
from readiness.findings import find
from readiness.link import link
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.findings import Finding
from readiness.types.program import Coupling
from readiness.types.rulebook import Rulebook
from readiness.types.services import Services
from readiness.types.tree import GitFacts, Source, Tree

BOOK = load_rulebook([rules_folder()])
NO_COUPLING = Coupling({}, (), (), None)
NO_SERVICES = Services((), ())


def found(code: str, config: Config | None = None, path: str = "app.py", book: Rulebook = BOOK) -> list[Finding]:
    code = dedent(code).lstrip()
    source = Source(path, path[:-3], path[:-3], ".", False, len(code), 0, 0)
    facts = extract(code.encode())
    program = link(Tree("t", (source,), (), (), GitFacts()), {path: facts}, book)
    return list(find(program, {source.module: facts}, couple(program), NO_SERVICES, book, config or Config()))


def places(rows: list[Finding]) -> list[tuple[str, int, str]]:
    return [(row.rule, row.line, row.name) for row in rows]
