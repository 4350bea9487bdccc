"""Compare our import edges with grimp's, edge for edge and line for line: `python benchmarks/import_edges.py FOLDER PACKAGE...`.

FOLDER holds the unpacked packages. Needs grimp (in the `dev` extra). Exit 1 where any edge differs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import grimp

from readiness.discover import discover
from readiness.extract import extract
from readiness.link.imports import ModuleIndex, import_edges
from readiness.types.config import Config
from readiness.types.tree import GitFacts

Edges = set[tuple[str, str, int]]


def ours(folder: Path, package: str, with_typing: bool) -> Edges:
    tree = discover(folder, Config(), GitFacts())
    sources = [s for s in tree.sources if s.name.partition(".")[0] == package]
    facts = {s.path: extract((folder / s.path).read_bytes()) for s in sources}
    edges, _ = import_edges(sources, facts, ModuleIndex(sources))
    return {(e.importer, e.imported, e.line) for e in edges if with_typing or e.when != "typing"}


def theirs(package: str, with_typing: bool) -> Edges:
    graph = grimp.build_graph(package, exclude_type_checking_imports=not with_typing, cache_dir=None)
    found = set()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            for row in graph.get_import_details(importer=importer, imported=imported):
                found.add((importer, imported, row["line_number"]))
    return found


def main(folder: Path, packages: list[str]) -> int:
    sys.path.insert(0, str(folder))
    differs = 0
    for package in packages:
        for with_typing in (True, False):
            mine, other = ours(folder, package, with_typing), theirs(package, with_typing)
            print(
                f"{package} typing={with_typing}: ours {len(mine)}, grimp {len(other)}, only ours {len(mine - other)}, only grimp {len(other - mine)}"
            )
            for row in sorted(mine ^ other)[:10]:
                print("  ", "ours " if row in mine else "grimp", *row)
            differs += bool(mine ^ other)
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))
