"""What the parts of extraction cost beside a bare LibCST parse, file by file in turn: `python benchmarks/extract_parts.py FOLDER...`.

U is the CPU time of `libcst.parse_module` over the same bytes with the collector at its default; the parts run without it, as in a worker.
Each file is parsed bare and extracted right after, so that a machine whose speed changes changes both. Files that do not parse are left out.
"""

from __future__ import annotations

import ast
import gc
import sys
import time
import warnings
from pathlib import Path

import libcst as cst

from readiness.extract import build, decode, measure, parse_ast, positions, suppressions_of, survey, walk


def main(folders: list[str]) -> int:
    warnings.simplefilter("ignore")  # of invalid escapes in the files
    for folder in folders:
        spent: dict[str, float] = {}
        gc.collect()
        gc.freeze()
        for path in sorted(Path(folder).rglob("*.py")):
            one_file(path.read_bytes(), spent)
        bare = spent.pop("bare")
        parts = {name: round(seconds / bare, 3) for name, seconds in spent.items()}
        print(f"{Path(folder).name}: {sum(spent.values()) / bare:.2f} U of {bare:.2f} s: {parts}")
    return 0


def one_file(source: bytes, spent: dict[str, float]) -> None:
    """Adds the CPU seconds of each part."""
    begin = time.process_time()

    def done(part: str) -> None:
        nonlocal begin
        now = time.process_time()
        spent[part] = spent.get(part, 0.0) + now - begin
        begin = now

    gc.enable()
    try:
        cst.parse_module(source)
    except (cst.ParserSyntaxError, SyntaxError, ValueError, LookupError, RecursionError):
        return
    done("bare")
    gc.disable()
    begin = time.process_time()
    text = str(decode(source)).removeprefix("\ufeff")
    tree = parse_ast(text)
    done("decode and ast")
    if not isinstance(tree, ast.Module):
        return
    seen = survey(tree)
    done("pass over the ast")
    metrics, _, blocks = measure(seen, text)
    done("radon's raw counts and formulas")
    module = cst.parse_module(text)
    done("LibCST parse")
    w = walk(module)
    done("walk")
    facts = build(w, positions(w, module, seen), text.split("\n"), suppressions_of(text), metrics, blocks)
    done("positions and records")
    del module, w, tree, seen, facts
    done("giving the trees back")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
