"""Compare the services that a scan finds with what repositories deploy: `python benchmarks/services.py SOURCES [ID...]`.

SOURCES holds one folder per case, named by its id, at the commit that benchmarks/services/ID.json names. Those files were written
from the repositories' own manifests before any scan; each process has the lines that say so. A found process is right when one of
its entry points is the true object, or when the true entry file is among its entry points, its evidence or its own modules: a
sub-command of `manage.py` begins in its function, and the file is then the web server's. Exit 1 where one is missed or made up.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from readiness.question import ScanOptions
from readiness.scan import scan
from readiness.types.config import Config
from readiness.types.report import Report, ServiceRow

CASES = Path(__file__).parent / "services"


def compare(case: dict[str, Any], report: Report) -> tuple[list[str], list[str]]:
    """Names that were missed, names that were made up; each found process is used once."""
    paths = {row.module: row.path for row in report.modules}
    found = [row for row in report.services if row.kind == "deployable"]
    free = list(found)
    missed = []
    for true in sorted(case["services"], key=is_needed, reverse=True):
        fits = [row for row in free if is_right(row, true, paths)]
        if not fits:
            missed += [str(true["name"])] if is_needed(true) else []
            continue
        free.remove(
            max(
                fits,
                key=lambda row: (
                    begins_in(row, true),
                    row.name.replace("_", "-") == true["name"],
                    row.root == true["root"],
                ),
            )
        )
    denied = [str(row["path"]) for row in case["not_services"]]
    extra = [
        row.name for row in free
        if row.archetype != "cli" or any(e.path.startswith(path) for e in row.entry_points for path in denied)
    ]  # fmt: skip
    return missed, extra


def is_needed(true: dict[str, Any]) -> bool:
    """What is published code, or only tests start it, may be found or not."""
    return bool(true["deployed"] == "yes")


def is_right(row: ServiceRow, true: dict[str, Any], paths: dict[str, str]) -> bool:
    return begins_in(row, true) or true["entry_file"] in files_of(row, paths)


def begins_in(row: ServiceRow, true: dict[str, Any]) -> bool:
    return true["object"] in {entry.target for entry in row.entry_points}


def files_of(row: ServiceRow, paths: dict[str, str]) -> set[str]:
    named = {entry.path for entry in row.entry_points} | {item.path for item in row.evidence}
    return named | {paths[module] for module in row.modules.own if module in paths}


def main(sources: Path, only: list[str]) -> int:
    true = hits = extras = 0
    for file in sorted(CASES.glob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        if (only and case["id"] not in only) or not (sources / case["id"]).is_dir():
            continue
        report = scan(sources / case["id"], Config(), ScanOptions(use_cache=False), lambda phase, done, total: None)
        missed, extra = compare(case, report)
        needed = sum(is_needed(row) for row in case["services"])
        true, hits, extras = true + needed, hits + needed - len(missed), extras + len(extra)
        print(f"{case['id']:24} {needed:3} missed {missed} made up {extra}")
    recall, precision = hits / max(1, true), hits / max(1, hits + extras)
    print(
        f"recall {recall:.3f} precision {precision:.3f} F1 {2 * recall * precision / max(1e-9, recall + precision):.3f}"
    )
    return 0 if hits == true and not extras else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
