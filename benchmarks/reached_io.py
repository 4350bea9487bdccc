"""Claims about I/O against what functions did at run time: `python benchmarks/reached_io.py [--list] TRUTH.json FOLDER [...]`.

TRUTH is a record of a package's own test suite: for every function that it executed, which I/O happened in it or below it, and
`clean` ones that ran at least 20 times without any. FOLDER is the unpacked source of that version. Neither is part of this project.
Prints recall over functions with I/O in or below them (any), in them (direct), coroutine functions (async), the share of found
direct ones with a kind that happened, and the share of clean functions with any claim (alarm). `--list` names misses and alarms with paths.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from readiness.discover import discover
from readiness.extract import extract
from readiness.link import link
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.program import Effect, Program
from readiness.types.rulebook import Rulebook
from readiness.types.tree import GitFacts

KINDS = frozenset({"network", "filesystem", "subprocess", "database", "broker", "cache"})
WIRE = frozenset({"database", "broker", "cache"})  # seen as network from outside
MEASURES = (("any", "any"), ("direct", "direct"), ("async", "async"), ("kind", "found"), ("alarm", "clean"))


def main(arguments: list[str]) -> None:
    names = [name for name in arguments if name != "--list"]
    book = load_rulebook([rules_folder()])
    total: Counter[str] = Counter()
    for truth, folder in zip(names[::2], names[1::2], strict=True):
        record = json.loads(Path(truth).read_text())
        counts = score(record, program_of(Path(folder), book), "--list" in arguments)
        print(line(record["package"], counts))
        total += counts
    print(line("all", total))


def program_of(folder: Path, book: Rulebook) -> Program:
    tree = discover(folder, Config(), GitFacts())
    return link(tree, {s.path: extract((folder / s.path).read_bytes()) for s in tree.sources}, book)


def score(record: dict[str, Any], program: Program, is_listed: bool) -> Counter[str]:
    places = {(f.path, f.line, f.qualname.rpartition(".")[2]): n for n, f in enumerate(program.functions)}
    counts: Counter[str] = Counter()
    for row in record["functions"]:
        if row["synthetic"] or not row["calls"]:
            continue
        number = places.get((row["file"], row["line"], row["qualname"].rpartition(".")[2]))
        effect = program.effects[number] if number is not None else Effect()
        direct, reach = fold(effect.direct), fold(effect.reachable)
        did, below = fold(row["direct"]), fold(row["direct"]) | fold(row["transitive"])
        for measure, holds, hit in (
            ("any", below, reach), ("async", below and row["async"], reach), ("direct", did, direct),
            ("clean", row["label"] == "clean", reach),
        ):  # fmt: skip
            counts[measure] += bool(holds)
            counts["alarm_hit" if measure == "clean" else f"{measure}_hit"] += bool(holds and hit)
        counts["found"] += bool(did and direct)
        counts["kind_hit"] += bool(did and (direct & did or direct & WIRE and did & {"network", "database"}))
        if is_listed and bool(below) != bool(reach) and (below or row["label"] == "clean"):
            way = " > ".join(f"{hop.target}:{hop.line}" for via in effect.via[:1] for hop in via.hops)
            print("  miss " if below else "  alarm", row["file"], row["line"], row["qualname"], way)
    return counts


def fold(kinds: Any) -> frozenset[str]:
    """The hard kinds; a look-up of a name is network."""
    return frozenset("network" if kind == "dns" else kind for kind in kinds) & KINDS


def line(name: str, counts: Counter[str]) -> str:
    shares = (f"{word} {counts[f'{word}_hit'] / counts[of]:.3f}" for word, of in MEASURES if counts[of])
    return f"{name}: {'  '.join(shares)}  n={counts['any']}/{counts['clean']}"


if __name__ == "__main__":
    main(sys.argv[1:])
