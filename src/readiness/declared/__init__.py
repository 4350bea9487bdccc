"""Texts of a repository -> Declared*: the distributions that it names, with the versions that are locked.

Reads requirement files, pyproject, Pipfile, setup.cfg, setup.py (its facts: it is never run), conda environments and the
lock files of Poetry, uv, PDM and Pipenv. A file that does not parse names nothing. Never asks a package index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from readiness.declared.locks import read_lock
from readiness.declared.projects import conda, pipfile, pyproject, setup_call, setup_cfg
from readiness.declared.requirements import kind_of, requirements
from readiness.types.declared import Declared
from readiness.types.facts import Facts
from readiness.types.tree import Source, Text

LOCKS = frozenset({"poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock"})
REQUIREMENTS = re.compile(r"(?i).*(requirements|constraints).*\.(txt|in|pip)")
CONDA = re.compile(r"(?i)(conda.*|environment.*)\.ya?ml")


def read_declared(texts: Sequence[Text], sources: Sequence[Source], facts: Mapping[str, Facts]) -> tuple[Declared, ...]:
    """All of them, sorted by path, line and name. `facts` by path."""
    found = [row for text in texts for row in _rows(text)]
    for source in sources:
        if source.path.rpartition("/")[2] == "setup.py" and source.path in facts:
            found += setup_call(source.path, facts[source.path])
    return tuple(sorted(set(found), key=lambda row: (row.path, row.line, row.distribution, row.kind, row.wanted)))


def by_distribution(declared: Iterable[Declared]) -> dict[str, Declared]:
    """Distribution -> the first place that asks for it, lock files last; its version is the one that all files agree on."""
    versions: dict[str, set[str]] = {}
    first: dict[str, Declared] = {}
    for row in sorted(declared, key=lambda row: (row.kind == "lock", row.kind != "run", row.path, row.line)):
        first.setdefault(row.distribution, row)
        if row.version is not None:
            versions.setdefault(row.distribution, set()).add(row.version)
    agreed = {name: next(iter(found)) for name, found in versions.items() if len(found) == 1}
    return {name: replace(row, version=agreed.get(name)) for name, row in sorted(first.items())}


def _rows(text: Text) -> Iterator[Declared]:
    folder, _, name = text.path.rpartition("/")
    if name in LOCKS:
        yield from read_lock(text)
    elif name == "pyproject.toml":
        yield from pyproject(text)
    elif name == "Pipfile":
        yield from pipfile(text)
    elif name == "setup.cfg":
        yield from setup_cfg(text)
    elif CONDA.fullmatch(name):
        yield from conda(text)
    elif REQUIREMENTS.fullmatch(name) or (folder.endswith("requirements") and name.endswith((".txt", ".in"))):
        told = f"{folder.rpartition('/')[2]}/{name.rpartition('.')[0]}"
        yield from requirements(text, kind_of(told))
