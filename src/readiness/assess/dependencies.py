"""External imports -> distributions -> what Go has for them. Never grades by guess: what no page knows is `unknown`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from readiness.assess.marks import Marks, distribution_of, import_names
from readiness.types.config import Config
from readiness.types.program import Program
from readiness.types.report import Dependency
from readiness.types.rulebook import GoChoice, Rulebook

UNKNOWN, TOOLING, KEEP = "unknown", "tooling", "keep-python"


class Fits(NamedTuple):
    fit: Mapping[str, str]  # distribution -> fit
    choice: Mapping[str, GoChoice]
    import_name: Mapping[str, str]  # distribution -> the first name it is imported by
    imports: Mapping[str, Mapping[str, int]]  # module -> distribution -> line of its first import


def fits_of(program: Program, rulebook: Rulebook, config: Config) -> Fits:
    """Every distribution that is imported, with its fit; `[tool.readiness.dependencies]` overrules the pages.

    A module of the standard library that no page grades is left out: it needs no counterpart to be looked for by name.
    """
    names = import_names(rulebook)
    choices: dict[str, GoChoice] = {}
    for library in rulebook.libraries:
        if library.go is not None:
            choices.setdefault(library.distribution, library.go)
    imports: dict[str, dict[str, int]] = {}
    import_name: dict[str, str] = {}
    for row in sorted(program.imports_external, key=lambda row: (row.importer, row.line, row.name)):
        if row.when == "typing":
            continue
        top = row.name.partition(".")[0]
        distribution = distribution_of(row.name, names) or top
        if top in sys.stdlib_module_names and distribution not in choices:
            continue
        imports.setdefault(row.importer, {}).setdefault(distribution, row.line)
        import_name[distribution] = min(import_name.get(distribution, top), top)
    fit = {name: choices[name].fit if name in choices else UNKNOWN for name in import_name}
    fit.update({name: config.dependencies[name] for name in import_name if name in config.dependencies})
    return Fits(fit, choices, import_name, imports)


def dependencies_of(
    modules: Iterable[str], functions: Iterable[int], fits: Fits, marks: Marks
) -> tuple[Dependency, ...]:
    """The distributions that a unit imports, hardest first. `sites` counts the calls that were resolved to each."""
    sites: dict[str, int] = {}
    for module in modules:
        for distribution in fits.imports.get(module, {}):
            sites.setdefault(distribution, 0)
    for function in functions:
        for distribution, count in marks.distributions[function].items():
            if distribution in sites:
                sites[distribution] += count
    rows = [_row(name, count, fits) for name, count in sites.items()]
    return tuple(sorted(rows, key=lambda row: (HARDNESS.index(row.fit), -row.sites, row.distribution)))


def _row(name: str, sites: int, fits: Fits) -> Dependency:
    choice = fits.choice.get(name)
    note = "" if choice is None else choice.note or choice.lost or ""
    if fits.fit[name] == UNKNOWN:
        note = "no page and no line of go-equivalents.tsv knows it; say its fit in [tool.readiness.dependencies]"
    return Dependency(
        name, fits.import_name[name], fits.fit[name], () if choice is None else choice.modules, note, sites
    )


HARDNESS = (KEEP, "none", UNKNOWN, "partial", "close", "drop-in", "stdlib", TOOLING)
