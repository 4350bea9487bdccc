"""reports as JSON -> a random sample of findings, to be judged by reading the source. Runs nothing of the scanned code.

`python tools/sample_findings.py --seed N --rows 100 REPORT.json ... > sample.tsv`. Packs take turns, then their rules, so that a
rule with thousands of findings does not push the others out. One line per row: pack, rule, report, path, line, message; the column
`judged` is left for who reads (`right`, `wrong`), the last for the reason.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook

Row = tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path, nargs="+")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rows", type=int, default=100)
    chosen = parser.parse_args()
    packs = {rule.id: rule.pack for rule in load_rulebook([rules_folder()]).rules}
    rows: dict[str, dict[str, list[Row]]] = {}
    for report in sorted(chosen.reports):
        for found in json.loads(report.read_text(encoding="utf-8"))["findings"]:
            row = (
                packs[found["rule"]],
                found["rule"],
                report.stem,
                found["path"],
                str(found["line"]),
                found["message"],
            )
            rows.setdefault(row[0], {}).setdefault(row[1], []).append(row)
    print("pack\trule\tcode\tpath\tline\tmessage\tjudged\treason")
    for row in sorted(drawn(rows, random.Random(chosen.seed))[: chosen.rows]):
        print(*row, "", "", sep="\t")


def drawn(rows: dict[str, dict[str, list[Row]]], draw: random.Random) -> list[Row]:
    """All rows in the order in which they are taken: one of each pack in turn, inside of a pack one of each rule."""
    for rules in rows.values():
        for found in rules.values():
            found.sort()
            draw.shuffle(found)
    packs = [list(turns(list(rules.values()))) for _, rules in sorted(rows.items())]
    return list(turns(packs))


def turns(groups: list[list[Row]]) -> Iterator[Row]:
    for step in zip_longest(*groups):
        yield from (row for row in step if row is not None)


if __name__ == "__main__":
    main()
