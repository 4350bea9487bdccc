"""library pages + a scratch environment -> what importing each library costs, written into the pages' [cost] tables.

`python tools/measure_libraries.py FOLDER DISTRIBUTION[=MODULE] ...` makes a virtual environment in FOLDER (or takes the one that is
there), installs each distribution's wheel into it and imports its first import name, or MODULE where that name alone loads
next to nothing (`celery=celery.app.base`), in processes of their own, never here.
`import_ms` is processor time of the import with warm files, the least of RUNS runs, so that a busy machine changes little;
`resident_mib` is what the process holds more than a bare interpreter. What does not install or import stays unknown.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook

RUNS, SECONDS = 3, 120
CHILD = """
import importlib, json, sys, time, warnings
warnings.simplefilter("ignore")
real, sys.stdout = sys.stdout, sys.stderr

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1048576

before, start = resident(), time.process_time()
if sys.argv[1]:
    importlib.import_module(sys.argv[1])
json.dump([(time.process_time() - start) * 1000, resident() - before], real)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="of the scratch environment")
    parser.add_argument("distributions", nargs="+", help="with a page each")
    chosen = parser.parse_args()
    python = chosen.folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(chosen.folder)], check=True)
    imports = {row.distribution: row.imports[0] for row in load_rulebook([rules_folder()]).libraries if row.imports}
    for asked in chosen.distributions:
        name, _, module = asked.partition("=")
        done = subprocess.run([str(python), "-m", "pip", "install", "-q", "--only-binary", ":all:", name], check=False)
        cost = measure(str(python), module or imports[name]) if done.returncode == 0 else None
        print(name, module or imports[name], cost, flush=True)
        if cost is not None:
            write(rules_folder() / "libraries" / f"{name}.md", cost)


def measure(python: str, name: str) -> tuple[int, int] | None:
    """(processor milliseconds, MiB), None where the import fails."""
    rows = []
    for _ in range(RUNS):
        try:
            done = subprocess.run(
                [python, "-c", CHILD, name], check=False, capture_output=True, text=True, timeout=SECONDS
            )
            rows.append(json.loads(done.stdout))
        except (subprocess.TimeoutExpired, json.JSONDecodeError):
            return None
    return round(min(row[0] for row in rows)), round(min(row[1] for row in rows))


def write(page: Path, cost: tuple[int, int]) -> None:
    """Replaces the page's [cost] table, or puts one at the end of its toml block."""
    text = page.read_text(encoding="utf-8")
    table = f"[cost]\nimport_ms = {cost[0]}\nresident_mib = {cost[1]}\n"
    if "\n[cost]\n" in text:
        text = re.sub(r"\[cost\]\n(?:\w+ = .*\n)*", table, text, count=1)
    else:
        begin = text.index("```toml\n") + len("```toml\n")
        end = text.index("\n```\n", begin)
        text = f"{text[: end + 1]}\n{table}{text[end + 1 :]}"
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
