"""Target -> inputs to begin with: this repository's own examples and tests, and small files of folders that are given."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from fuzz.targets import fixed_report
from readiness.report.json import render_json

TOP = Path(__file__).parents[1]
MOST_BYTES = 12_000  # of one seed: what is longer is slow to mutate and says no more
MOST_FILES = 400  # of each folder that is given


def seeds_of(target: str, folders: Iterable[Path]) -> list[bytes]:
    """Sorted, each once, none longer than MOST_BYTES (a whole document may be)."""
    found = {seed for seed in SEEDS[target](list(folders)) if len(seed) <= MOST_BYTES or target == "document"}
    return sorted(found, key=lambda seed: (len(seed), seed))


def _python(folders: list[Path]) -> Iterator[bytes]:
    """Real files, some of them; the same on every run."""
    for folder in [TOP / "examples", TOP / "tests", *folders]:
        files = sorted(path for path in folder.rglob("*.py") if path.is_file() and path.stat().st_size <= MOST_BYTES)
        for path in random.Random(1).sample(files, min(len(files), MOST_FILES)):
            yield path.read_bytes()


def _bundles(folders: list[Path]) -> Iterator[bytes]:
    for top in [TOP / "examples" / "shop" / "services", TOP / "tests" / "repos", *folders]:
        for folder in sorted(path for path in top.iterdir() if path.is_dir()):
            files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size < 4_000)
            yield _bundle((path.relative_to(folder).as_posix(), path.read_bytes()) for path in files[:25])
    yield from _written(TOP / "tests" / "services")


def _manifests(folders: list[Path]) -> Iterator[bytes]:
    """Each alone, and what the tests write down."""
    for top in (TOP / "examples", TOP / "tests" / "repos"):
        for path in sorted(path for path in top.rglob("*") if path.is_file() and path.suffix != ".py"):
            yield _bundle([(path.name, path.read_bytes())])
    yield from _written(TOP / "tests" / "services")
    yield from _written(TOP / "tests")


def _written(folder: Path) -> Iterator[bytes]:
    """Dicts of names and texts in the tests' code: small repositories."""
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Dict):
                pairs = [(_text(key), _text(value)) for key, value in zip(node.keys, node.values, strict=True)]
                files = [(key, value.encode("utf-8", "replace")) for key, value in pairs if key and value]
                if files and any("." in key or key[:1].isupper() for key, _ in files):
                    yield _bundle(files)


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _bundle(files: Iterable[tuple[str, bytes]]) -> bytes:
    return b"".join(b"%%% " + name.encode("utf-8", "replace") + b"\n" + text + b"\n" for name, text in files)


def _pages(folders: list[Path]) -> Iterator[bytes]:
    files = sorted((TOP / "rules").rglob("*.md"))
    yield from (path.read_bytes() for path in random.Random(1).sample(files, min(len(files), MOST_FILES)))


def _tables(folders: list[Path]) -> Iterator[bytes]:
    yield b"\0" + (TOP / "rules" / "scoring.toml").read_bytes()[:MOST_BYTES]
    yield b"\1" + (TOP / "rules" / "go-equivalents.tsv").read_bytes()[:3_000]
    yield from (b"\2" + path.read_bytes() for path in sorted((TOP / "rules" / "go").glob("*.go")))
    yield b'\0[families.io]\nweight = 1.0\nwhy = "x"\nsource = "y"\n'


def _config(folders: list[Path]) -> Iterator[bytes]:
    yield from _strings([TOP / "tests" / "test_config.py", TOP / "tests" / "test_settings.py"], "=")
    yield b'goal = "throughput"\nexclude = ["x/"]\n[weights]\nio = 1\n[thresholds]\nx = 2\n[team]\npeople = 3\ngo = 1\n'


def _strings(files: Iterable[Path], mark: str) -> Iterator[bytes]:
    for path in files:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and mark in node.value:
                yield node.value.encode("utf-8", "replace")


def _evidence(folders: list[Path]) -> Iterator[bytes]:
    files = sorted((TOP / "tests" / "evidence").glob("test_*.py"))
    for text in _strings(files, "\n"):
        yield from (bytes([kind]) + text for kind in range(3))
    for path in sorted((TOP / "examples").rglob("*evidence*")):
        yield b"\0" + path.read_bytes()
    yield b'\x0210.0.0.1 - - [23/Nov/2026:10:00:00 +0000] "GET /a/1 HTTP/1.1" 200 12 "-" "x" 0.012\n' * 3
    yield b'\x02{"time": "2026-11-23T10:00:00Z", "method": "GET", "path": "/x", "status": 200, "duration": 0.1}\n'


def _decisions(folders: list[Path]) -> Iterator[bytes]:
    yield from _strings([TOP / "tests" / "test_calibration.py", TOP / "tests" / "test_compare.py"], "[[")
    yield b'[[decision]]\nservice = "api"\nstatus = "accepted"\nreason = "x"\ndate = 2026-01-01\nuntil = 2026-02-01\n'


def _documents(folders: list[Path]) -> Iterator[bytes]:
    yield render_json(fixed_report())
    yield b'{"schema": "readiness-baseline/1", "known": [\n{"fingerprint": "a", "rule": "IO101", "path": "a.py", "symbol": "f"}\n]}\n'


def _git(folders: list[Path]) -> Iterator[bytes]:
    yield b"*.py\n!a.py\n/a\na/**/b.py\n[ab].py\n\\#x\n**/b\n"
    for version in (2, 3, 4):
        entry = bytes(24) + b"\0\0\x81\xa4" + bytes(32) + b"\0\4" + (b"\0" if version == 4 else b"") + b"a.py\0"
        yield b"DIRC" + version.to_bytes(4, "big") + b"\0\0\0\1" + entry + bytes(8)


SEEDS = {
    "extract": _python,
    "repository": _bundles,
    "manifests": _manifests,
    "page": _pages,
    "tables": _tables,
    "config": _config,
    "evidence": _evidence,
    "decisions": _decisions,
    "document": _documents,
    "git": _git,
}
