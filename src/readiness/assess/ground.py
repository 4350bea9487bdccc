"""Program, Coupling, GitFacts -> what is known of each module and of the borders between units. Linear passes; never scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from readiness.assess.dependencies import Fits, fits_of
from readiness.assess.marks import Marked, Marks, mark
from readiness.types.config import Config
from readiness.types.declared import Declared
from readiness.types.facts import Facts
from readiness.types.program import Coupling, EntryPoint, Module, Program
from readiness.types.rulebook import Rulebook, Scoring
from readiness.types.services import Service
from readiness.types.tree import GitFacts

DAY = 86_400


class Border(NamedTuple):
    """Calls over the border of a unit, and inside it."""

    symbols: int  # functions called over it, in either direction
    across: int
    inside: int


class History(NamedTuple):
    commits_90: int
    commits_365: int
    authors: Mapping[str, int]  # digest -> commits in a year


class Unit(NamedTuple):
    """What is scored: a service, or one module."""

    functions: tuple[int, ...]
    entries: tuple[EntryPoint, ...]
    own: tuple[str, ...]
    shared: tuple[str, ...]
    service: Service | None  # None: a module
    border: Border
    marked: Marked


class Ground(NamedTuple):
    """Everything that more than one unit needs, read once."""

    program: Program
    coupling: Coupling
    scoring: Scoring
    rulebook: Rulebook
    marks: Marks
    modules: Mapping[str, Module]
    functions_of: Mapping[str, list[int]]
    points: Mapping[str, float]  # module -> points of dynamic features
    imports: Mapping[str, Mapping[str, int]]  # module -> distribution -> line of its first import
    fits: Fits
    tests_of: Mapping[str, frozenset[str]]  # module -> test modules that import it
    has_tests: bool
    data_of: Mapping[str, list[tuple[str, str, str]]]  # module -> (kind, name, access)
    users_of_data: Mapping[tuple[str, str], frozenset[str]]  # (kind, name) -> modules
    history: Mapping[str, History]  # path -> its history; empty where there is none
    git: GitFacts
    names_data: frozenset[int]  # functions that name a table, queue, cache, bucket or file


def survey(
    program: Program, facts: Mapping[str, Facts], coupling: Coupling, rulebook: Rulebook, scoring: Scoring,
    config: Config, git: GitFacts, declared: Mapping[str, Declared] = {},
) -> Ground:  # fmt: skip
    """All tables of `Ground`, each from one pass."""
    functions_of: dict[str, list[int]] = {}
    for i, function in enumerate(program.functions):
        functions_of.setdefault(function.module, []).append(i)
    weights = scoring.tables["features"]
    fits = fits_of(program, rulebook, config, declared)
    data_of, users = _data(program)
    return Ground(
        program=program,
        coupling=coupling,
        scoring=scoring,
        rulebook=rulebook,
        marks=mark(program, facts, rulebook, declared),
        modules={module.module: module for module in program.modules},
        functions_of=functions_of,
        points={name: sum(weights.get(row.name, 0.0) for row in file.features) for name, file in facts.items()},
        imports=fits.imports,
        fits=fits,
        tests_of=_tests(program),
        has_tests=any(module.is_test for module in program.modules),
        data_of=data_of,
        users_of_data=users,
        history=_history(git),
        git=git,
        names_data=frozenset(use.function for use in program.data if use.kind != "env"),
    )


def borders(program: Program, owners: Mapping[str, tuple[str, ...]]) -> dict[str, Border]:
    """Unit -> its border, in one pass over the calls. `owners`: module -> the units whose own module it is."""
    symbols: dict[str, set[int]] = {}
    across: dict[str, int] = {}
    inside: dict[str, int] = {}
    nobody: tuple[str, ...] = ()
    for edge in program.calls:
        if edge.callee < 0:
            continue
        mine = owners.get(program.functions[edge.caller].module, nobody)
        theirs = owners.get(program.functions[edge.callee].module, nobody)
        for unit in mine if mine == theirs else sorted({*mine, *theirs}):
            if unit in mine and unit in theirs:
                inside[unit] = inside.get(unit, 0) + 1
            else:
                across[unit] = across.get(unit, 0) + 1
                symbols.setdefault(unit, set()).add(edge.callee)
    units = {unit for row in owners.values() for unit in row}
    return {u: Border(len(symbols.get(u, ())), across.get(u, 0), inside.get(u, 0)) for u in units}


def source_lines(module: Module) -> int:
    """SLOC where radon could measure it, else all lines."""
    return module.metrics.sloc if module.metrics is not None else module.lines


def _tests(program: Program) -> dict[str, frozenset[str]]:
    tests = {module.module for module in program.modules if module.is_test}
    found: dict[str, set[str]] = {}
    for edge in program.imports:
        if edge.importer in tests and edge.imported not in tests:
            found.setdefault(edge.imported, set()).add(edge.importer)
    return {module: frozenset(importers) for module, importers in found.items()}


def _data(
    program: Program,
) -> tuple[dict[str, list[tuple[str, str, str]]], dict[tuple[str, str], frozenset[str]]]:
    of: dict[str, list[tuple[str, str, str]]] = {}
    users: dict[tuple[str, str], set[str]] = {}
    for use in program.data:
        if use.function < 0 or use.kind == "env":  # configuration is no shared state
            continue
        module = program.functions[use.function].module
        of.setdefault(module, []).append((use.kind, use.name, use.access))
        users.setdefault((use.kind, use.name), set()).add(module)
    return of, {store: frozenset(modules) for store, modules in users.items()}


def _history(git: GitFacts) -> dict[str, History]:
    """Path -> commits of the last 90 and 365 days before HEAD. Nothing where the clone is shallow: it would undercount."""
    if git.head_date is None or git.is_shallow:
        return {}
    rows: dict[str, tuple[int, int, dict[str, int]]] = {}
    for path, when, author in git.commits:
        age = (git.head_date - when) / DAY
        if age > 365:
            continue
        recent, year, authors = rows.get(path, (0, 0, {}))
        authors[author] = authors.get(author, 0) + 1
        rows[path] = (recent + (age <= 90), year + 1, authors)
    return {path: History(recent, year, authors) for path, (recent, year, authors) in rows.items()}
