"""Rulebook -> Families: what the libraries of the pages are for, as services are told by it. Knows no library by name."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from readiness.types.rulebook import Library, Rulebook

ADMIN_TAG = "admin"
PROJECT_TAG = "project"


class Families(Struct, frozen=True):
    """What library pages say of whole libraries and of calls that stay."""

    imports: Mapping[str, frozenset[str]]  # import name -> families
    distributions: Mapping[str, frozenset[str]]
    serves: frozenset[str]  # calls that come back only when somebody stops the process
    admins: frozenset[str]  # classes that put a model into an admin site
    projects: frozenset[str]  # calls behind which a framework loads the modules of a project by name
    habits: Mapping[str, Library]  # by distribution, those whose settings and options are rows of a ledger

    def of(self, name: str) -> frozenset[str]:
        """The families of a dotted name from outside, by the longest import that a page has."""
        while name:
            if name in self.imports:
                return self.imports[name]
            name = name.rpartition(".")[0]
        return frozenset()


NO_FAMILIES = Families({}, {}, frozenset(), frozenset(), frozenset(), {})


def families_of(rulebook: Rulebook) -> Families:
    """All pages and lines of the Rulebook."""
    imports: dict[str, frozenset[str]] = {}
    for row in rulebook.libraries:
        for name in row.imports if row.family else ():
            imports[name] = imports.get(name, frozenset()) | frozenset(row.family)
    return Families(
        imports,
        {row.distribution: frozenset(row.family) for row in rulebook.libraries if row.family},
        frozenset(name for row in rulebook.libraries for name in row.serves),
        tagged(ADMIN_TAG, rulebook),
        tagged(PROJECT_TAG, rulebook),
        {row.distribution: row for row in rulebook.libraries if row.settings or row.options},
    )


def tagged(tag: str, rulebook: Rulebook) -> frozenset[str]:
    return frozenset(name for row in rulebook.libraries for api in row.apis if tag in api.tags for name in api.names)
