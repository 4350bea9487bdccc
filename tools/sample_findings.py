"""reports as JSON -> a random sample of findings, to be judged by reading the source. Runs nothing of the scanned code.

`python tools/sample_findings.py --seed N --rows 100 REPORT.json ... > sample.tsv`. Packs take turns, then their rules, so that a
rule with thousands of findings does not push the others out. `--in-pack 12 --of-one 3` takes twelve of each pack instead, at most three
of them from one report. One line per row: pack, rule, report, path, line, message; the column `judged` is left for who reads
(`right`, `wrong`), the last for the reason.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
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
    parser.add_argument("--in-pack", type=int, help="rows of each pack, instead of --rows in all")
    parser.add_argument("--of-one", type=int, default=10**6, help="at most so many rows of one report in a pack")
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
    packs_in_turn = [spread(pack, chosen.of_one)[: chosen.in_pack] for pack in drawn(rows, random.Random(chosen.seed))]
    taken = list(turns(packs_in_turn))
    for row in sorted(taken if chosen.in_pack else taken[: chosen.rows]):
        print(*row, "", "", sep="\t")


def drawn(rows: dict[str, dict[str, list[Row]]], draw: random.Random) -> list[list[Row]]:
    """The rows of each pack in the order in which they are taken, its rules in turn."""
    for rules in rows.values():
        for found in rules.values():
            found.sort()
            draw.shuffle(found)
    return [list(turns(list(rules.values()))) for _, rules in sorted(rows.items())]


def spread(pack: list[Row], of_one: int) -> list[Row]:
    """Those that are among the first `of_one` of their report."""
    seen: Counter[str] = Counter()
    kept = []
    for row in pack:
        seen[row[2]] += 1
        if seen[row[2]] <= of_one:
            kept.append(row)
    return kept


def turns(groups: list[list[Row]]) -> Iterator[Row]:
    for step in zip_longest(*groups):
        yield from (row for row in step if row is not None)


if __name__ == "__main__":
    main()
