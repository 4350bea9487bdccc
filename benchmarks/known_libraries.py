"""folders of Python code -> how much of what they import and call the library pages know. Prints the most frequent gaps.

`python benchmarks/known_libraries.py FOLDER ... [--cache-dir DIR]`. Imports: of all import statements of something outside the
folder and the standard library, those whose distribution has a page or a line in go-equivalents.tsv. Calls: of all call sites
that resolve to a name of such a distribution (tools for tests and development left out), those whose name a page knows, with an effect or
without one, or as an entry (a route's decorator). Tests and database migrations count in neither: nothing is judged there.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Container
from contextlib import closing
from pathlib import Path

from readiness.assess.marks import distribution_of, family, import_names
from readiness.cache import open_store
from readiness.discover import discover
from readiness.link import link
from readiness.link.catalogue import Catalogue
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.program import Program
from readiness.types.tree import GitFacts
from readiness.workers import extract_files

SHOWN = 60
MIGRATIONS = frozenset({"migrations", "alembic", "versions"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--cache-dir", type=Path)
    parser.add_argument("--shown", type=int, default=SHOWN, help="so many of the most frequent gaps")
    chosen = parser.parse_args()
    rulebook = load_rulebook([rules_folder()])
    names = import_names(rulebook)
    tools = frozenset(row.distribution for row in rulebook.libraries if row.go is not None and row.go.fit == "tooling")
    entries = Catalogue(rulebook).entry
    imports, calls, missing, unnamed = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for folder in chosen.folders:
        tree = discover(folder, Config(), GitFacts())
        with closing(open_store(chosen.cache_dir)) as store:
            facts = extract_files(folder, tree.sources, store, Config(), None).facts
        program = link(tree, facts, rulebook)
        imported = count_imports(program, names, missing)
        called = count_calls(program, names, tools, entries, unnamed)
        print(f"{folder.name}: imports {share(imported)}, calls {share(called)}", flush=True)
        imports.update(imported)
        calls.update(called)
    print(f"all: imports {share(imports)}, calls {share(calls)}")
    print("imports without a page or line:", ", ".join(f"{name} {n}" for name, n in missing.most_common(chosen.shown)))
    print("calls without a name on a page:", ", ".join(f"{name} {n}" for name, n in unnamed.most_common(chosen.shown)))


def left_out(program: Program) -> frozenset[str]:
    return frozenset(
        row.module for row in program.modules if row.is_test or MIGRATIONS.intersection(row.path.split("/")[:-1])
    )


def count_imports(program: Program, names: dict[str, str], missing: Counter[str]) -> Counter[str]:
    found = Counter[str]()
    ignored = left_out(program)
    for row in program.imports_external:
        if row.importer in ignored:
            continue
        top = row.name.partition(".")[0]
        if top not in sys.stdlib_module_names and row.when != "typing":
            is_known = distribution_of(row.name, names) is not None
            found["known" if is_known else "unknown"] += 1
            missing.update([] if is_known else [top])
    return found


def count_calls(
    program: Program, names: dict[str, str], tools: frozenset[str], entries: Container[str], unnamed: Counter[str]
) -> Counter[str]:
    found = Counter[str]()
    seen: set[tuple[int, int, int, int]] = set()
    ignored = left_out(program)
    for edge in program.calls:
        place = (edge.caller, edge.line, edge.column, edge.call)
        if program.functions[edge.caller].module in ignored:
            continue
        distribution = distribution_of(edge.external, names) if edge.external else None
        if distribution is None or distribution in tools or family(distribution) == "python" or place in seen:
            continue
        seen.add(place)
        is_known = edge.api >= 0 or edge.external in entries
        found["known" if is_known else "unknown"] += 1
        unnamed.update([] if is_known else [edge.external])
    return found


def share(counts: Counter[str]) -> str:
    total = counts.total()
    return f"{counts['known']} of {total} ({counts['known'] / total:.2f})" if total else "none"


if __name__ == "__main__":
    main()
