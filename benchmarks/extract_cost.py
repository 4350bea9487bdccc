"""Folder -> what extraction costs in U. U is the CPU time of libcst.parse_module over the same bytes, gc at its default.

python benchmarks/extract_cost.py FOLDER [ROUNDS]
"""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path

import libcst

from readiness.extract import extract


def main() -> None:
    """The least of a few rounds of each, one after the other."""
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    sources = []
    for path in sorted(Path(sys.argv[1]).rglob("*.py")):
        source = path.read_bytes()
        if extract(source).failure is None:
            sources.append(source)
    bare = full = float("inf")
    for _ in range(rounds):
        begin = time.process_time()
        for source in sources:
            libcst.parse_module(source)
        bare = min(bare, time.process_time() - begin)
        gc.collect()
        gc.disable()
        begin = time.process_time()
        for source in sources:
            extract(source)
        full = min(full, time.process_time() - begin)
        gc.enable()
    print(f"{len(sources)} files: parse {bare:.2f} s, extract {full:.2f} s, {full / bare:.2f} U")


main()
