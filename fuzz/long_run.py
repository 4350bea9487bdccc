"""Folders of Python -> one row each: how a whole scan of it ended, what it lost and why, CPU, wall, memory. One after another, one worker.

    python fuzz/long_run.py OUT.json FOLDER... [--python INTERPRETER]

Rows are added to OUT.json; a folder that is there already is not scanned again. Never scans two folders at once.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from process_tree import measure

PARSER_REASONS = (
    "syntax-error",
    "python2",
    "newer-syntax",
    "undecodable",
    "too-deep",
    "timed-out",
    "out-of-memory",
    "crashed",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--python", default=sys.executable)
    asked = parser.parse_args()
    rows = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    for folder in asked.folders:
        if (name := name_of(folder)) not in rows:
            rows[name] = row_of(folder, asked.python)
            asked.out.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n")
            print(name, json.dumps({key: rows[name][key] for key in ("exit", "files", "cpu_s", "lost")}), flush=True)
    return 0


def name_of(folder: Path) -> str:
    """The last two names of its path: `3.12.1/python3.12`, or the last where the one before says nothing."""
    parts = folder.resolve().parts
    return f"{parts[-3]}/{parts[-1]}" if parts[-2] == "lib" else parts[-1]


def row_of(folder: Path, python: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "r.json"
        line = [python, "-m", "readiness", "scan", str(folder), "--no-cache", "--workers", "1", "--quiet"]
        cost = measure([*line, "--format", "json", "--output", str(output)])
        document = json.loads(output.read_text()) if output.exists() else {}
    repository = document.get("repository", {})
    skipped = repository.get("skipped", [])
    read = [row for row in skipped if row["reason"] in PARSER_REASONS]
    return {
        "exit": cost.code,
        "files": repository.get("files"),
        "parsed": repository.get("parsed"),
        "lines": repository.get("lines"),
        "lost": dict(sorted(Counter(row["reason"] for row in skipped).items())),
        "lost_files": {row["path"]: f"{row['reason']}: {row['detail']}" for row in read},
        "findings": len(document.get("findings", [])),
        "cpu_s": round(cost.cpu, 1),
        "wall_s": round(cost.wall, 1),
        "peak_mb": round(cost.pss_mb),
        "with": versions_of(python),
    }


def versions_of(python: str) -> dict[str, str]:
    program = (
        "import json, platform\nfrom importlib.metadata import version\n"
        "print(json.dumps({'python': platform.python_version(), **{n: version(n) for n in ('libcst', 'radon')}}))"
    )
    found: dict[str, str] = json.loads(subprocess.run([python, "-c", program], capture_output=True, check=True).stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
