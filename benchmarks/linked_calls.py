"""What becomes of the calls of a repository: `python benchmarks/linked_calls.py FOLDER...`.

Per folder: call sites, how many lead to code of the folder, to a name outside, and to nowhere, with the reasons; functions by the number
of their unresolved sites; limits that were hit; the CPU of the link stage in units of U, the CPU of a bare `libcst.parse_module` over
the same files. Facts are made first and are in neither figure.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import libcst as cst

from readiness.discover import discover
from readiness.extract import extract
from readiness.link import link
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.program import Program
from readiness.types.tree import GitFacts


def main(folders: list[Path]) -> None:
    book = load_rulebook([rules_folder()])
    for folder in folders:
        tree = discover(folder, Config(), GitFacts())
        sources = {source.path: (folder / source.path).read_bytes() for source in tree.sources}
        unit = parse_seconds(list(sources.values()))
        facts = {path: extract(text) for path, text in sources.items()}
        begin = time.process_time()
        program = link(tree, facts, book)
        cost = time.process_time() - begin
        print(f"{folder.name}: link {cost:.2f} s CPU = {cost / unit:.2f} U")
        show(program)


def parse_seconds(sources: list[bytes]) -> float:
    """CPU seconds of a bare parse of every file that has a tree."""
    begin = time.process_time()
    for text in sources:
        with suppress(cst.ParserSyntaxError, SyntaxError, ValueError, RecursionError):  # costs its attempt all the same
            cst.parse_module(text)
    return time.process_time() - begin


def show(program: Program) -> None:
    total = program.resolved + program.external + program.unresolved
    print(
        f"  calls {total}: resolved {program.resolved}, outside {program.external}, unresolved {program.unresolved}",
        end="",
    )
    print(f" ({program.unresolved / max(total, 1):.1%})")
    for reason, count in sorted(program.unresolved_reasons.items(), key=lambda row: (-row[1], row[0])):
        print(f"    {reason}: {count}")
    sites = Counter(min(function.unresolved, 5) for function in program.functions)
    rows = ", ".join(f"{count} functions with {'5 or more' if n == 5 else n}" for n, count in sorted(sites.items()))
    print(f"  {rows}")
    print(f"  limits that were hit: {dict(program.bounds_hit) or 'none'}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
