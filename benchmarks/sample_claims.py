"""A random sample of claims to read against the source: `python benchmarks/sample_claims.py SEED COUNT FOLDER...`.

Prints COUNT functions that are said to do or reach I/O, with the path, and COUNT that are said to do none, each with its source.
Functions of tests, lambdas and module bodies are left out, and so are bodies of fewer than MIN_LINES lines: they are seldom wrong.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from readiness.discover import discover
from readiness.extract import extract
from readiness.link import link
from readiness.link.space import is_test_path
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.program import Effect, Function
from readiness.types.tree import GitFacts

MIN_LINES = 4
SHOWN = 45  # lines of one function

Row = tuple[Path, Function, Effect]


def main(arguments: list[str]) -> None:
    seed, count, folders = int(arguments[0]), int(arguments[1]), [Path(a) for a in arguments[2:]]
    book = load_rulebook([rules_folder()])
    rows: list[Row] = []
    for folder in folders:
        tree = discover(folder, Config(), GitFacts())
        program = link(tree, {s.path: extract((folder / s.path).read_bytes()) for s in tree.sources}, book)
        rows += [(folder, f, e) for f, e in zip(program.functions, program.effects, strict=True) if is_asked(f)]
    chance = random.Random(seed)
    for title, asked in (("does I/O", True), ("clean", False)):
        drawn = [row for row in rows if bool(row[2].reachable) == asked]
        print(f"===== {title}: {len(drawn)} functions")
        for row in chance.sample(drawn, min(count, len(drawn))):
            show(*row)


def is_asked(function: Function) -> bool:
    is_plain = function.qualname.rpartition(".")[2][:1] != "<" and not is_test_path(function.path)
    return is_plain and function.end_line - function.line + 1 >= MIN_LINES


def show(folder: Path, function: Function, effect: Effect) -> None:
    print(f"\n--- {folder.name}/{function.path}:{function.line} {function.qualname}  unresolved {function.unresolved}")
    for via in effect.via:
        hops = " > ".join(f"{hop.target}:{hop.line}" for hop in via.hops)
        print(f"    {via.kind} {via.mode} {via.api}: {hops}")
    lines = (folder / function.path).read_text(encoding="utf-8").splitlines()
    print("\n".join(lines[function.line - 1 : min(function.end_line, function.line - 1 + SHOWN)]))


if __name__ == "__main__":
    main(sys.argv[1:])
