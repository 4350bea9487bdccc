"""What a scan costs beside bare LibCST, radon and whatever peers are installed, measured interleaved in one run.

python benchmarks/speed.py NAME=FOLDER... [--rounds N] [--output results/NAME.json] [--only TOOL,...]

U is the CPU time of `libcst.parse_module` over the same bytes in memory, collector at its default, imports and reading left out.
`scan warm` finds its report in the store, `stages warm` only the facts. `check` runs in a git copy whose facts are stored: first,
once more with nothing changed, then with a function added to five files. All else is CPU (user + system, children included) of whole
processes, imports and start-up included, but for `extract`, which is measured like U. Each tool runs once per round, the least CPU of
the rounds counts; a U is taken in every round, too. Above LARGE lines only the tools of CORE run, unless --only names others: radon's
four commands alone take five minutes there.
Every tool runs with Python's bytecode at hand, as after an installation by pip, whatever this shell says of writing it.
Memory is the peak of the whole process tree, sampled (process_tree.py). Seconds are this machine's; ratios are what to read.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

from process_tree import Cost, measure

PYTHON = sys.executable
HERE = Path(__file__).resolve().parent
LOOP = """
import gc, sys, time
from pathlib import Path
{imports}
sources = [p.read_bytes() for p in sorted(Path(sys.argv[1]).rglob("*.py")) if p.is_file()]
{prepare}
begin = time.process_time()
for source in sources:
    try:
        {call}
    except Exception:
        pass
print(time.process_time() - begin)
"""
BARE = LOOP.format(imports="import libcst", prepare="", call="libcst.parse_module(source)")
EXTRACT = LOOP.format(
    imports="from readiness.extract import extract", prepare="gc.disable(); gc.freeze()", call="extract(source)"
)
GRIMP = """
import sys, grimp
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    try:
        grimp.build_graph(name, cache_dir=None)
    except BaseException as error:
        print(name, type(error).__name__)
"""
RADON = (("cc",), ("mi",), ("hal",), ("raw",))
PEERS = {  # name -> a command and its arguments before the folder; measured when it lies beside this Python or on the path
    "ruff": ("ruff", "check", "--no-cache", "--isolated", "--select", "C901,ASYNC", "--exit-zero", "-q"),
    "vulture": ("vulture", "--min-confidence", "100"),
    "bandit": ("bandit", "-r", "-q"),
    "complexipy": ("complexipy", "-q"),
    "pyscn": ("pyscn", "analyze", "--json", "--skip-clones"),
    "pyscn with clones": ("pyscn", "analyze", "--json"),
    "flake8-async": ("flake8", "--isolated", "--select", "ASYNC"),
}
LARGE = 500_000
CORE = (
    "python",
    "bare libcst",
    "extract",
    "scan cold (1 worker)",
    "scan cold",
    "scan warm",
    "stages warm",
    "check first",
    "check unchanged",
    "check five changed",
)
Row = dict[str, Any]


def main() -> int:
    options = arguments()
    tools = {name: run for name, run in all_tools().items() if not options.only or name in options.only}
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = bytecode
        with_bytecode()
        for corpus in options.corpora:
            name, _, folder = corpus.partition("=")
            rows += measured(name, Path(folder).resolve(), tools, options.rounds, is_whole=bool(options.only))
    document = {"machine": machine(), "rounds": options.rounds, "rows": rows}
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(document, indent=1) + "\n")
    print(table(rows))
    return 0


def with_bytecode() -> None:
    """One scan and one run of each of radon's commands that nobody measures."""
    with tempfile.TemporaryDirectory() as place:
        code, scratch = Path(place) / "code", Path(place) / "scratch"
        code.mkdir()
        (scratch / "out").mkdir(parents=True)
        (code / "one.py").write_text("import os\n")
        scan(code, scratch, is_cold=True)
        check(code, scratch)
        radon(code)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--only", type=lambda text: text.split(","))
    return parser.parse_args()


def all_tools() -> dict[str, Callable[[Path, Path], Cost]]:
    """name -> (folder, scratch folder) -> Cost. In this order, so that `scan warm` finds what `scan cold` has stored."""
    tools: dict[str, Callable[[Path, Path], Cost]] = {
        "python": lambda folder, scratch: measure([PYTHON, "-c", "pass"]),
        "version": lambda folder, scratch: measure([PYTHON, "-m", "readiness", "--version"]),
        "bare libcst": lambda folder, scratch: own_time([PYTHON, "-c", BARE, str(folder)]),
        "extract": lambda folder, scratch: own_time([PYTHON, "-c", EXTRACT, str(folder)]),
        "scan cold (1 worker)": lambda folder, scratch: scan(folder, scratch, is_cold=True, workers=1),
        "scan cold": lambda folder, scratch: scan(folder, scratch, is_cold=True),
        "scan warm": lambda folder, scratch: scan(folder, scratch, is_cold=False),
        "check first": lambda folder, scratch: check(folder, scratch),
        "check unchanged": lambda folder, scratch: check(folder, scratch),
        "check five changed": lambda folder, scratch: check(folder, scratch, changed=5),
        "stages cold": lambda folder, scratch: stages(folder, "-"),
        "stages warm": lambda folder, scratch: stages(folder, str(scratch / "store"), "analyse"),
        "radon": lambda folder, scratch: radon(folder),
    }
    if importlib.util.find_spec("grimp"):
        tools["grimp"] = lambda folder, scratch: measure([PYTHON, "-c", GRIMP, str(folder), *packages(folder)])
    for name, command in PEERS.items():
        if program := found(command[0]):
            tools[name] = peer((program, *command[1:]))
    return tools


def found(program: str) -> str | None:
    """Where a peer's command lies."""
    return shutil.which(program, path=f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}")


def peer(command: tuple[str, ...]) -> Callable[[Path, Path], Cost]:
    """In the scratch folder: some write their reports where they are started."""
    return lambda folder, scratch: measure([*command, str(folder)], folder=scratch)


def own_time(command: list[str]) -> Cost:
    """A loop that prints its own CPU time: start-up and imports do not count."""
    cost = measure(command)
    return cost._replace(cpu=float(cost.output.split()[-1]))


def scan(folder: Path, scratch: Path, *, is_cold: bool, workers: int = 0) -> Cost:
    """With as many workers as there are processors, or so many: two on the two threads of one core slow each other."""
    store = scratch / "store"
    if is_cold:
        shutil.rmtree(store, ignore_errors=True)
    command = [PYTHON, "-m", "readiness", "scan", str(folder), "--quiet", "--format", "html,json"]
    command += ["--workers", str(workers)] if workers else []
    return measure([*command, "--output", str(scratch / "out"), "--cache-dir", str(store)])


def check(folder: Path, scratch: Path, changed: int = 0) -> Cost:
    """In a copy that is a repository of its own; the store is that of the scans, which knows facts by content."""
    copy = scratch / "copy"
    if not copy.exists():
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".git", ".readiness_cache"))
        for words in (
            ("init", "-q"),
            ("add", "-Af"),
            ("-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "all"),
        ):
            subprocess.run(["git", *words], cwd=copy, check=True)
    files = sorted(copy.rglob("*.py"), key=lambda path: (-path.stat().st_size, path))[10 : 10 + changed]
    for file in files:
        file.write_bytes(file.read_bytes() + b"\n\ndef added(): return 1\n")
    # -P: the copy's own modules are not ours
    command = [PYTHON, "-P", "-m", "readiness", "check", "--cache-dir", str(scratch / "store"), *map(str, files)]
    return measure(command, folder=copy)


def stages(folder: Path, store: str, *more: str) -> Cost:
    return measure([PYTHON, str(HERE / "stages.py"), str(folder), store, *more])


def radon(folder: Path) -> Cost:
    """The four commands one after the other; the memory is that of the greediest."""
    costs = [measure([PYTHON, "-m", "radon", *command, "-j", str(folder)]) for command in RADON]
    return Cost(
        sum(c.cpu for c in costs), sum(c.wall for c in costs), max(c.pss_mb for c in costs), max(c.rss_mb for c in costs),
        max(c.code for c in costs), "",
    )  # fmt: skip


def packages(folder: Path) -> list[str]:
    """Top packages of a folder; grimp takes names."""
    return sorted(path.parent.name for path in folder.glob("*/__init__.py") if path.parent.name.isidentifier())


def measured(
    name: str, folder: Path, tools: dict[str, Callable[[Path, Path], Cost]], rounds: int, *, is_whole: bool
) -> list[Row]:
    files = [path for path in folder.rglob("*.py") if path.is_file()]
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    if lines > LARGE and not is_whole:
        tools = {tool: run for tool, run in tools.items() if tool in CORE}
    costs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "out").mkdir()
        for _ in range(rounds):
            for tool, run in tools.items():
                costs.setdefault(tool, []).append(run(folder, Path(scratch)))
                print(f"{name}: {tool}: {costs[tool][-1].cpu:.2f} s CPU", file=sys.stderr, flush=True)
    unit = min((cost.cpu for cost in costs.get("bare libcst", ())), default=math.nan)
    return [row(name, len(files), lines, tool, found, unit) for tool, found in costs.items()]


def row(corpus: str, files: int, lines: int, tool: str, costs: list[Cost], unit: float) -> Row:
    best = min(costs, key=lambda cost: cost.cpu)
    found: Row = {
        "corpus": corpus, "files": files, "lines": lines, "tool": tool, "cpu_s": round(best.cpu, 3),
        "wall_s": round(min(cost.wall for cost in costs), 3), "u": round(best.cpu / unit, 4),
        "pss_mb": round(max(cost.pss_mb for cost in costs), 1), "rss_mb": round(max(cost.rss_mb for cost in costs), 1),
        "code": best.code,
    }  # fmt: skip
    if tool.startswith("stages"):
        found["stages_s"] = json.loads(best.output) if best.code == 0 else None
    return found


def machine() -> dict[str, str]:
    versions = {}
    for name in ("libcst", "radon", "networkx", "msgspec", "grimp"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    for name in sorted({command[0] for command in PEERS.values()}):
        if program := found(name):
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.split(
                "\n"
            )
            versions[name] = said[0].removeprefix(name).removeprefix(" version").strip()
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "processors": str(os.cpu_count()),
        **versions,
    }


def table(rows: list[Row]) -> str:
    """Markdown: a line per tool, a column per corpus: U (CPU s; wall s; peak MB of the tree), and the exponent of growth."""
    corpora = list(dict.fromkeys(row["corpus"] for row in rows))
    found = {(row["tool"], row["corpus"]): row for row in rows}
    lines = [f"| tool | {' | '.join(corpora)} | growth |", f"| --- |{' --- |' * (len(corpora) + 1)}"]
    for tool in dict.fromkeys(row["tool"] for row in rows):
        cells = [cell(found.get((tool, corpus))) for corpus in corpora]
        lines.append(
            f"| {tool} | {' | '.join(cells)} | {growth([found[tool, c] for c in corpora if (tool, c) in found])} |"
        )
    return "\n".join(lines)


def cell(found: Row | None) -> str:
    if found is None:
        return ""
    return f"{found['u']:.3g} U ({found['cpu_s']:.3g} s; {found['wall_s']:.3g} s; {found['pss_mb']:.0f} MB)"


def growth(rows: list[Row]) -> str:
    """The exponent of CPU over lines: slope of the least squares line through the logarithms."""
    points = [(math.log(row["lines"]), math.log(row["cpu_s"])) for row in rows if row["cpu_s"] > 0]
    if len(points) < 2:
        return ""
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return f"{sum((x - mean_x) * (y - mean_y) for x, y in points) / spread:.2f}" if spread else ""


if __name__ == "__main__":
    sys.exit(main())
