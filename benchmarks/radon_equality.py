"""Compare our figures with radon's own API, file by file: `python benchmarks/radon_equality.py [--max-bytes N] FOLDER...`.

radon's raw counts take a time that grows with the square of a statement's lines, hence the limit. Exit 1 where a figure differs.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

from radon.complexity import cc_visit
from radon.metrics import h_visit, mi_visit
from radon.raw import analyze
from radon.visitors import ComplexityVisitor

from readiness.extract import extract

NAMES = (
    "loc", "lloc", "sloc", "comments", "multi", "blank", "maintainability", "halstead_volume", "halstead_effort",
    "complexity_total", "complexity_max",
)  # fmt: skip


def theirs(text: str) -> dict[str, float]:
    """radon's figures under our names, floats to 4 places."""
    raw, halstead = analyze(text), h_visit(text).total
    values = (
        raw.loc, raw.lloc, raw.sloc, raw.comments, raw.multi, raw.blank, mi_visit(text, True), halstead.volume,
        halstead.effort, ComplexityVisitor.from_code(text).total_complexity, max((b.complexity for b in cc_visit(text)), default=0),
    )  # fmt: skip
    return {name: round(value, 4) for name, value in zip(NAMES, values, strict=True)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--max-bytes", type=int, default=40_000)
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of invalid escapes in the files
    differs = 0
    for folder in options.folders:
        equal = left_out = wrong = 0
        for path in sorted(folder.rglob("*.py")):
            data = path.read_bytes()
            metrics = extract(data).metrics
            if len(data) > options.max_bytes or metrics is None:
                left_out += 1
                continue
            want = theirs(data.decode())
            got = {name: round(getattr(metrics, name), 4) for name in NAMES}
            equal, wrong = equal + (got == want), wrong + (got != want)
            if got != want:
                print(path, {n: (got[n], want[n]) for n in NAMES if got[n] != want[n]})
        print(f"{folder.name}: {equal} files equal, {wrong} differ, {left_out} left out")
        differs += wrong
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
