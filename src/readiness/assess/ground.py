"""Program, Coupling, GitFacts -> what is known of each module and of the borders between units. Linear passes; never scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from readiness.assess.asserted import Known
from readiness.assess.columns import Columns, columns
from readiness.assess.dependencies import Fits, fits_of
from readiness.assess.marks import RENDER_TAGS, Marked, Marks, Paths, mark
from readiness.assess.reach import closure
from readiness.reached import reached
from readiness.types.config import Config
from readiness.types.declared import Declared
from readiness.types.facts import Facts
from readiness.types.program import Coupling, EntryPoint, ImportEdge, Module, Program
from readiness.types.report import Place
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
    paths: Paths  # where its code runs on an event loop, and for requests or messages
    served: tuple[int, ...]  # functions that its requests or messages reach
    calls: Mapping[str, int]  # distribution -> calls of it


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
    columns: Columns
    exposed: Mapping[str, Place]  # module -> where a package's `__init__` hands its names to users
    classes: Mapping[str, int]  # module -> number of its classes
    page_classes: Mapping[str, list[Place]]  # module -> its classes that are forms or an admin
    model_classes: Mapping[str, list[Place]]  # module -> its classes that are an ORM's models
    handed: frozenset[str]  # what a package's `__init__` hands to users, and what that imports
    unread: Mapping[str, str] = {}  # module -> why it has no tree, or `no-metrics`
    known: Mapping[str, Known] = {}  # service id -> what was said of it from outside
    offered: frozenset[str] = frozenset()  # what a package's `__init__` hands to users
    staying: Sequence[int] = ()  # 1 for each function that a process which stays can run


def survey(
    program: Program, facts: Mapping[str, Facts], coupling: Coupling, rulebook: Rulebook, scoring: Scoring,
    config: Config, git: GitFacts, declared: Mapping[str, Declared] = {}, staying: Iterable[int] = (),
    known: Mapping[str, Known] = {},
) -> Ground:  # fmt: skip
    """All tables of `Ground`, each from one pass. `staying`: functions that begin a process which does not end by itself."""
    weights = scoring.tables["features"]
    fits = fits_of(program, rulebook, config, declared)
    data_of, users = _data(program)
    marks = mark(program, facts, rulebook, declared)
    exposed = _exposed(program)
    return Ground(
        program=program,
        coupling=coupling,
        scoring=scoring,
        rulebook=rulebook,
        marks=marks,
        columns=columns(program, marks),
        modules={module.module: module for module in program.modules},
        functions_of=_functions_of(program),
        points={name: sum(weights.get(row.name, 0.0) for row in file.features) for name, file in facts.items()},
        imports=fits.imports,
        fits=fits,
        tests_of=_tests(program),
        has_tests=any(module.is_test for module in program.modules),
        data_of=data_of,
        users_of_data=users,
        history=_history(git),
        git=git,
        exposed=exposed,
        classes=Counter(row.target.partition(":")[0] for row in program.classes),
        page_classes=_classes_with(RENDER_TAGS, program, rulebook),
        model_classes=_classes_with(frozenset({"model"}), program, rulebook),
        unread=_unread(facts),
        known=known,
        staying=closure((*staying, *marks.answering), marks.ways.every),
        offered=_offered(exposed, program),
        handed=_handed(exposed, program),
    )


def _functions_of(program: Program) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i, function in enumerate(program.functions):
        found.setdefault(function.module, []).append(i)
    return found


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


def _exposed(program: Program) -> dict[str, Place]:
    """Modules that users' programs import, or a host by name, with the place that shows it.

    Users import what a top-level package's `__init__` imports, through the `__init__`s of its parts. A module with classes
    or functions that nothing imports and nothing starts is loaded by somebody else's word.
    """
    packages = {module.name: module for module in program.modules if module.is_package}
    imports: dict[str, list[ImportEdge]] = {}
    for edge in program.imports:
        if edge.when != "typing":
            imports.setdefault(edge.importer, []).append(edge)
    by_module = {module.module: module for module in program.modules}
    found: dict[str, Place] = {}
    open_ = sorted(m.module for name, m in packages.items() if name.rpartition(".")[0] not in packages)
    seen = set(open_)
    while open_:
        importer = open_.pop()
        for edge in imports.get(importer, ()):
            found.setdefault(edge.imported, Place(by_module[importer].path, edge.line))
            if edge.imported not in seen and by_module[edge.imported].is_package:
                seen.add(edge.imported)
                open_.append(edge.imported)
    tests = {module.module for module in program.modules if module.is_test}
    used = {e.imported for e in (*program.imports, *program.imports_dynamic) if e.importer not in tests}
    used |= {entry.target.partition(":")[0] for entry in program.entries}
    for row in program.classes:
        module = row.target.partition(":")[0]
        if module not in used and not by_module[module].is_package:
            found.setdefault(module, Place(row.path, row.line))
    return found


def _unread(facts: Mapping[str, Facts]) -> dict[str, str]:
    return {
        name: file.failure.reason if file.failure else "no-metrics"
        for name, file in facts.items()
        if file.failure or file.metrics_failure
    }


def _offered(exposed: Mapping[str, Place], program: Program) -> frozenset[str]:
    packages = {m.path for m in program.modules if m.is_package}
    return frozenset(name for name, place in exposed.items() if place.path in packages)


def _handed(exposed: Mapping[str, Place], program: Program) -> frozenset[str]:
    imports: dict[str, set[str]] = {}
    for edge in program.imports:
        if edge.when != "typing":
            imports.setdefault(edge.importer, set()).add(edge.imported)
    return frozenset(reached(_offered(exposed, program), imports))


def _classes_with(tags: frozenset[str], program: Program, rulebook: Rulebook) -> dict[str, list[Place]]:
    """Classes of each module whose ancestors a library page tags so."""
    tagged = {name for row in rulebook.libraries for api in row.apis if tags & set(api.tags) for name in api.names}
    found: dict[str, list[Place]] = {}
    for row in program.classes:
        if not tagged.isdisjoint(row.ancestors):
            found.setdefault(row.target.partition(":")[0], []).append(Place(row.path, row.line))
    return found


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
