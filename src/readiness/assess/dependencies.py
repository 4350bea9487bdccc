"""External imports -> distributions -> what Go has for them. Never grades by guess: what no page knows is `unknown`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from readiness.assess.marks import Marks, distribution_of, family, import_names
from readiness.declared.requirements import normalised
from readiness.types.config import Config
from readiness.types.declared import Declared
from readiness.types.program import Program
from readiness.types.report import Dependency
from readiness.types.rulebook import GoChoice, Rulebook

UNKNOWN, TOOLING, KEEP = "unknown", "tooling", "keep-python"
STANDARD = "python"  # the family of the standard library's modules
AT_HAND = ("stdlib", "drop-in", "close")  # fits of standard modules that share the one row `python`


class Fits(NamedTuple):
    fit: Mapping[str, str]  # distribution -> fit; the standard library by module, `python:socket`, and as `python`
    choice: Mapping[str, GoChoice]
    import_name: Mapping[str, str]  # distribution -> the first name it is imported by
    imports: Mapping[str, Mapping[str, int]]  # module -> distribution (`python` for all standard ones) -> first line
    standard: Mapping[str, frozenset[str]]  # module -> modules of the standard library, `python:socket`
    declared: Mapping[str, Declared]  # normalised distribution -> where it is asked for first, with its version


def fits_of(program: Program, rulebook: Rulebook, config: Config, declared: Mapping[str, Declared] = {}) -> Fits:
    """Every distribution that is imported, with its fit; `[tool.readiness.dependencies]` overrules the pages.

    What no page knows goes by the name of the declared distribution that is called like the import, else by the import's.
    Modules of the standard library count as one, which Go's own covers: what is hard about them (pickles, reflection,
    dynamic imports) is measured where it is used. A module of it that no page grades is left out.
    """
    names = import_names(rulebook, declared)
    choices: dict[str, GoChoice] = {}
    for library in rulebook.libraries:
        if library.go is not None:
            choices.setdefault(library.distribution, library.go)
    imports: dict[str, dict[str, int]] = {}
    standard: dict[str, set[str]] = {}
    import_name: dict[str, str] = {}
    for row in sorted(program.imports_external, key=lambda row: (row.importer, row.line, row.name)):
        if row.when == "typing":
            continue
        top = row.name.partition(".")[0]
        distribution = distribution_of(row.name, names) or _declared_name(top, declared)
        if family(distribution) == STANDARD:
            standard.setdefault(row.importer, set()).add(distribution)
        elif top in sys.stdlib_module_names:
            continue
        imports.setdefault(row.importer, {}).setdefault(family(distribution), row.line)
        import_name[distribution] = min(import_name.get(distribution, top), top)
    fit = {name: choices[name].fit if name in choices else UNKNOWN for name in import_name}
    if standard:
        fit[STANDARD] = "stdlib"
        import_name[STANDARD] = STANDARD
    fit.update({name: config.dependencies[name] for name in import_name if name in config.dependencies})
    used = {name: frozenset(rows) for name, rows in standard.items()}
    return Fits(fit, choices, import_name, imports, used, declared)


def dependencies_of(
    modules: Iterable[str], functions: Iterable[int], fits: Fits, marks: Marks
) -> tuple[Dependency, ...]:
    """The distributions that a unit imports, hardest first. `sites` counts the calls that were resolved to each.

    The standard library is one row with the Go packages of all its modules that are used; a module that Go has no close
    counterpart for has a row of its own.
    """
    sites: dict[str, int] = {}
    for module in modules:
        for distribution in (*fits.imports.get(module, {}), *fits.standard.get(module, ())):
            sites.setdefault(distribution, 0)
    for function in functions:
        for distribution, count in marks.distributions[function].items():
            if distribution in sites:
                sites[distribution] += count
    at_hand = {name for name in sites if family(name) != name and fits.fit[name] in AT_HAND}
    rows = [_row(name, count, fits) for name, count in sites.items() if name != STANDARD and name not in at_hand]
    if STANDARD in sites:
        packages = sorted({package for name in at_hand for package in fits.choice[name].modules})
        count = sum(sites[name] for name in at_hand)
        rows.append(Dependency(STANDARD, STANDARD, fits.fit[STANDARD], tuple(packages), "", count))
    return tuple(sorted(rows, key=lambda row: (HARDNESS.index(row.fit), -row.sites, row.distribution)))


def _row(name: str, sites: int, fits: Fits) -> Dependency:
    choice = fits.choice.get(name)
    note = "" if choice is None else choice.note or choice.lost or ""
    if fits.fit[name] == UNKNOWN:
        note = "no Go counterpart is known here; say its fit in [tool.readiness.dependencies]"
    asked = fits.declared.get(normalised(name))
    return Dependency(
        name,
        fits.import_name[name],
        fits.fit[name],
        () if choice is None else choice.modules,
        note,
        sites,
        None if asked is None else asked.version,
        None if asked is None else asked.path,
        None if asked is None else asked.line,
    )


def _declared_name(import_name: str, declared: Mapping[str, Declared]) -> str:
    return normalised(import_name) if normalised(import_name) in declared else import_name


HARDNESS = (KEEP, "none", UNKNOWN, "partial", "close", "drop-in", "stdlib", TOOLING)
