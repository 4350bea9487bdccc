"""Sources and Facts -> import edges: who imports whom, on which line and when. Never follows a value, never guesses a name.

The rules are grimp's (an import of a.b.c counts for a.b.c, else for a.b), so that its users find the same edges.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from readiness.types.facts import Facts, Import
from readiness.types.program import ExternalImport, ImportEdge
from readiness.types.tree import Source


class ModuleIndex:
    """Import names -> unique modules. A name that several roots have is looked up in the importer's root first."""

    def __init__(
        self,
        sources: Iterable[Source],
        generated: Iterable[Source] = (),
        run_here: Collection[str] = (),
        lent: Collection[str] = (),
    ) -> None:
        """`run_here`: folders in which something is started, and from which Python then finds modules; `lent`: those that a library adds."""
        self.by_name: dict[str, list[Source]] = {}
        self.by_module: dict[str, Source] = {}
        self._by_path: dict[str, Source] = {}
        self._run_here = frozenset(run_here)
        self._lent = sorted(lent)
        # generated modules are left out of the analysis, but importing one is no import of something outside
        self.top_level: set[str] = {source.name.partition(".")[0] for source in generated}
        for source in sorted(sources, key=lambda s: s.path):
            self.by_name.setdefault(source.name, []).append(source)
            self.by_module[source.module] = source
            self._by_path[source.path] = source
            self.top_level.add(source.name.partition(".")[0])
        # folders without `__init__.py` that lead to a module
        self.prefixes = {name[:place] for name in self.by_name for place, letter in enumerate(name) if letter == "."}

    def find(self, name: str, root: str) -> str | None:
        """The unique module that `name` means for an importer in `root`."""
        found = self.by_name.get(name)
        if not found:
            return None
        for source in found:
            if source.root == root:
                return source.module
        return found[0].module

    def meant(self, name: str, importer: Source) -> str | None:
        """The unique module that `name` means in a file: by its import name, else beside where the file is run."""
        found = self.find(name, importer.root)
        folder = importer.path.rpartition("/")[0] if found is None and self._run_here else ""
        while folder and found is None:
            found = self._below(folder, name, importer) if folder in self._run_here else None
            folder = folder.rpartition("/")[0]
        for folder in self._lent if found is None else ():
            if importer.path.startswith(folder[: folder.rfind("/") + 1]):
                found = found or self._below(folder, name, importer)
        return found

    def _below(self, folder: str, name: str, importer: Source) -> str | None:
        """The module that a dotted name means from a folder, never the importer itself."""
        place = f"{folder}/{name.replace('.', '/')}"
        beside = self._by_path.get(f"{place}.py") or self._by_path.get(f"{place}/__init__.py")
        return beside.module if beside is not None and beside.path != importer.path else None

    def absolute(self, source: Source, level: int, module: str) -> str | None:
        """The dotted name of a relative import; None where it has more dots than the package is deep."""
        if level == 0:
            return module
        parts = source.name.split(".")
        if not source.is_package:
            parts = parts[:-1]
        if level - 1 >= len(parts) + (not parts and level == 1):
            return None
        base = parts[: len(parts) - (level - 1)]
        return ".".join([*base, module] if module else base)


def import_edges(
    sources: Iterable[Source], facts: Mapping[str, Facts], index: ModuleIndex
) -> tuple[tuple[ImportEdge, ...], tuple[ExternalImport, ...]]:
    """Edges between modules and imports of what is outside, each sorted and one row per line."""
    edges: set[tuple[str, str, int, str]] = set()
    outside: set[tuple[str, str, int, str]] = set()
    for source in sources:
        found = facts.get(source.path)
        for row in found.imports if found else ():
            target = imported_module(row, source, index)
            if target is not None:
                edges.add((source.module, target, row.line, row.when))
            elif row.level == 0:
                name = row.module if row.name in (None, "*") else f"{row.module}.{row.name}"
                if name.partition(".")[0] not in index.top_level:
                    outside.add((source.module, name, row.line, row.when))
    return (
        tuple(ImportEdge(*row) for row in sorted(edges)),
        tuple(ExternalImport(*row) for row in sorted(outside)),
    )


def imported_module(row: Import, source: Source, index: ModuleIndex) -> str | None:
    """The module that one import statement's name means: itself, else its parent, else nothing."""
    base = index.absolute(source, row.level, row.module)
    if base is None:
        return None
    if row.name == "*":
        return index.meant(base, source)
    if row.name is None:
        name, parent = base, base.rpartition(".")[0]
    else:
        name, parent = (f"{base}.{row.name}" if base else row.name), base
    return index.meant(name, source) or (index.meant(parent, source) if parent else None)
