"""A package's own test suite -> what each of its functions really did, as a record for `reached_io.py`.

    python benchmarks/traced_io.py --python ENV/bin/python --root src/PACKAGE --tests tests --limit 300 NAME VERSION FOLDER OUT.json -- -m pytest tests

FOLDER is the unpacked source, ENV an environment of one's own (Python 3.12 or later) with the suite's needs: the suite is a third party's
code and runs there, never in `readiness`. Every process that it starts is watched by `tracer/sitecustomize.py`. Each executed function gets
a label: `io` (network, dns, files, processes, databases in it or below it), `soft` (only metadata of files, sleeping, pipes, tasks, threads),
`unclear` (only beyond code of the suite or an event loop), `few_calls` (under 20), `clean_doubtful` (ran code of the suite or a mock, or gave
work to be done later), else `clean`. Not seen: files that are mapped into memory, lines read by `for`, and I/O of compiled extensions.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HARD = frozenset({"network", "dns", "filesystem", "subprocess", "database"})
BUCKETS = ("direct", "transitive", "via_loop", "via_test")
ENOUGH_CALLS = 20
TRACER = Path(__file__).with_name("tracer")
Key = tuple[str, int]  # file below FOLDER, first line with decorators


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--root", action="append", required=True, help="a folder or file of the package, below FOLDER")
    parser.add_argument("--tests", action="append", default=[], help="a folder or file of the suite, below FOLDER")
    parser.add_argument(
        "--limit", type=float, help="seconds after which the suite is interrupted; what ran by then counts"
    )
    parser.add_argument("name")
    parser.add_argument("version")
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("command", nargs="+", help="what --python runs in FOLDER")
    options = parser.parse_args(arguments)
    folder = options.folder.resolve()
    with TemporaryDirectory() as scratch:
        status = run(options, folder, Path(scratch))
        seen = merged(folder, Path(scratch))
    rows = [row_of(key, place, seen[key]) for key, place in sorted(functions(folder, options)) if key in seen]
    labels = Counter(row["label"] for row in rows)
    record = {
        "package": options.name, "version": options.version, "python": options.python, "roots": options.root,
        "tests": options.tests, "suite": {"status": status}, "counts": dict(sorted(labels.items())), "functions": rows,
    }  # fmt: skip
    options.out.write_text(json.dumps(record, indent=0))
    print(f"{options.name} {options.version}: exit {status}, {len(rows)} functions, {dict(sorted(labels.items()))}")


def run(options: argparse.Namespace, folder: Path, scratch: Path) -> int:
    """Runs the suite under the tracer; its exit status, that of an interrupt where it reached the limit."""
    above = sorted({str((folder / root).parent) for root in options.root})
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(TRACER), *above, str(folder)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TRACED_IO_OUT": str(scratch),
        "TRACED_IO_ROOTS": os.pathsep.join(str(folder / root) for root in options.root),
        "TRACED_IO_TESTS": os.pathsep.join(str(folder / test) for test in options.tests),
    }
    with subprocess.Popen([options.python, *options.command], cwd=folder, env=environment) as suite:
        try:
            return suite.wait(options.limit)
        except subprocess.TimeoutExpired:
            suite.send_signal(signal.SIGINT)
            return suite.wait()


def merged(folder: Path, scratch: Path) -> dict[Key, dict[str, Any]]:
    """The rows of all processes, added up."""
    found: dict[Key, dict[str, Any]] = {}
    for file in sorted(scratch.glob("*.json")):
        for row in json.loads(file.read_text()):
            key = (os.path.relpath(row["file"], folder), row["first_line"])
            known = found.setdefault(key, {"ops": {}, "returns_lazy": False})
            for word in ("calls", "test_code_calls", "mock_calls"):
                known[word] = known.get(word, 0) + row[word]
            known["returns_lazy"] |= row["returns_lazy"]
            for table, more in ((known, row), (known["ops"], row["ops"])):
                for bucket in BUCKETS:
                    table[bucket] = dict(Counter(table.get(bucket, {})) + Counter(more.get(bucket, {})))
    return found


def functions(folder: Path, options: argparse.Namespace) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Every function of the package's source by file and first line."""
    tests = [folder / test for test in options.tests]
    for root in options.root:
        top = folder / root
        for file in sorted(top.rglob("*.py")) if top.is_dir() else [top]:
            if not any(file.is_relative_to(test) for test in tests):
                path = str(file.relative_to(folder))
                for place in places(ast.parse(file.read_bytes()), ""):
                    yield (path, place.pop("first_line")), place


def places(node: ast.AST, prefix: str) -> Iterator[dict[str, Any]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield {
                "qualname": prefix + child.name, "line": child.lineno, "end_line": child.end_lineno,
                "first_line": min([child.lineno, *(each.lineno for each in child.decorator_list)]),
                "async": isinstance(child, ast.AsyncFunctionDef),
            }  # fmt: skip
            yield from places(child, f"{prefix}{child.name}.<locals>.")
        else:
            yield from places(child, f"{prefix}{child.name}." if isinstance(child, ast.ClassDef) else prefix)


def row_of(key: Key, place: dict[str, Any], seen: dict[str, Any]) -> dict[str, Any]:
    return {"file": key[0], "first_line": key[1], "synthetic": False, **place, **seen, "label": label(seen)}


def label(seen: dict[str, Any]) -> str:
    did = {*seen["direct"], *seen["transitive"]}
    if did & HARD:
        return "io"
    if did:
        return "soft"
    if seen["via_loop"] or seen["via_test"]:
        return "unclear"
    if seen["calls"] < ENOUGH_CALLS:
        return "few_calls"
    is_doubtful = seen["mock_calls"] or seen["test_code_calls"] or seen["returns_lazy"]
    return "clean_doubtful" if is_doubtful else "clean"


if __name__ == "__main__":
    main(sys.argv[1:])
