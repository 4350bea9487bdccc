"""docs/robustness.md, group by group: no input ends a scan, holds it up or gets lost; one bad file costs only itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.cache import digest_of, open_store
from readiness.question import ScanOptions
from readiness.report.html import render_html
from readiness.report.json import render_json
from readiness.scan import NO_RUN, scan_with_warnings
from readiness.types.config import Config
from readiness.types.facts import Facts
from readiness.types.report import Report
from readiness.types.tree import Source
from readiness.workers import process

LIMITS = Config(file_seconds=0.7, max_file_bytes=200_000, snippets=False)


def scanned(root: Path, config: Config = LIMITS) -> Report:
    return scan_with_warnings(root, config, ScanOptions(use_cache=False), lambda *_: None).report


def reasons(report: Report) -> dict[str, str]:
    return {row.path: row.reason for row in report.repository.skipped}


DEADLY = {
    "parens.py": "x = " + "(" * 20_000 + "1" + ")" * 20_000,
    "lists.py": "x = " + "[" * 20_000 + "]" * 20_000,
    "calls.py": "x = " + "f(" * 10_000 + ")" * 10_000,
    "unclosed.py": "(" * 100_000,
    "lambdas.py": "x = " + "lambda: " * 10_000 + "1",
    "elif.py": "if a:\n    pass\n" + "elif a:\n    pass\n" * 10_000,
    "and.py": "x = " + " and ".join(["a"] * 10_000),
    "plus.py": "x = " + " + ".join(["a"] * 20_000),
    "not.py": "x = " + "not " * 20_000 + "1",
}


def test_what_kills_or_holds_up_the_parser_costs_its_file(tmp_path: Path) -> None:
    for name, text in DEADLY.items():
        (tmp_path / name).write_text(text + "\n")
    (tmp_path / "good.py").write_text("import os\n\n\ndef f():\n    os.remove('x')\n")
    report = scanned(tmp_path)
    found = reasons(report)
    assert found.keys() == DEADLY.keys()
    assert set(found.values()) <= {"crashed", "timed-out", "too-deep", "out-of-memory", "syntax-error"}
    assert {row.path: row.metrics is not None for row in report.modules if row.path == "good.py"} == {"good.py": True}
    assert [row.io.direct for row in report.functions if row.qualname == "f"] == [("filesystem",)]


LONG = {
    "chain.py": "x = a" + ".b()" * 400,
    "ladder.py": "if a:\n    pass\n" + "elif a:\n    b()\n" * 400,
    "sum.py": "x = " + " + ".join(["f(1)"] * 400),
    "strings.py": "x = (" + "'a'\n" * 800 + ")",
    "literal.py": "x = [\n" + "    'a',\n" * 4_000 + "]",  # radon's own count of lines takes 90 s
    "nested.py": "".join(" " * i + "if a:\n" for i in range(90)) + " " * 90 + "b()",
    "items.py": "x = {" + ", ".join(f"{n}: f({n})" for n in range(2_000)) + "}",
}


def test_long_but_lawful_shapes_are_read_to_the_end(tmp_path: Path) -> None:
    """Three times what a walk that calls itself survives, and radon's own limit does not cost the tree."""
    for name, text in LONG.items():
        (tmp_path / name).write_text(text + "\n")
    report = scanned(tmp_path, Config(snippets=False))
    assert {row.path for row in report.modules} == LONG.keys()
    assert report.repository.parsed == len(LONG)
    assert set(reasons(report).values()) <= {"no-metrics"}


BYTES = {
    b"# coding: rot13\nk = 1\n": "undecodable",
    b"# coding: nosuch\nx = 1\n": "undecodable",
    b"# coding: utf-16\nx = 1\n": "undecodable",
    b"x = '\xe9'\n": "undecodable",
    b"x = '\xed\xa0\x80'\n": "undecodable",
    "x = 1\n".encode("utf-16"): "undecodable",
    b"x = 1\0\n": "syntax-error",
    b"x = 1\\": "syntax-error",
    b"  x = 1\n": "syntax-error",
    b"async = 1\n": "syntax-error",
    b"print 'x'\n": "python2",
    b"x = 0777\n": "python2",
    b"exec 'x'\n": "python2",
    b"x = 1 <> 2\n": "python2",
    b"x = 1\n" * 50_000: "too-large",
    b"# coding: latin-1\nx = '\xe9'\n": "",
    b"\xef\xbb\xbfx = 1\n": "",
    b"x = 1\r\ny = 2\r\n": "",
    b"x = 1\n\x0cy = 2\n": "",
    b"": "",
    b"\n" * 1_000: "",
    "\ufb01 = 1\n".encode(): "",
    b"x = 'a' * 10**9\ny = 10 ** 10 ** 10\n": "",
}


def test_odd_bytes_give_a_reason_or_a_tree(tmp_path: Path) -> None:
    wanted = {}
    for number, (data, reason) in enumerate(BYTES.items()):
        (tmp_path / f"m{number:02}.py").write_bytes(data)
        if reason:
            wanted[f"m{number:02}.py"] = reason
    assert reasons(scanned(tmp_path)) == wanted


def test_a_tree_without_metrics_and_newer_syntax(tmp_path: Path) -> None:
    """The parser reads what the running Python does not: a tree without metrics is a state of its own, no zero."""
    (tmp_path / "later.py").write_text("import os\nlazy import json\nx = t'{os}'\n")
    report = scanned(tmp_path)
    (module,) = report.modules
    assert (reasons(report), module.metrics) == ({"later.py": "no-metrics"}, None)


def test_a_service_whose_own_module_has_no_tree_is_marked_and_not_scored(tmp_path: Path) -> None:
    """Python 2, broken, and whole; the mark stands at each service, and one with a tree but no metrics says so too."""
    code = "import requests\nimport time\n\n\ndef main():\n    while True:\n        requests.get('http://a')\n        time.sleep(9)\n"
    start = "\n\nif __name__ == '__main__':\n    main()\n"
    for name, more in {"old": "    print 'x'\n", "torn": "    f(\n", "later": "    x = t'{1}'\n", "whole": ""}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.py").write_text(code + more + start)
        (tmp_path / name / "Dockerfile").write_text('FROM python:3\nCOPY . /app\nCMD ["python", "/app/main.py"]\n')
    report = scanned(tmp_path)
    rows = {row.root: row for row in report.services}
    assert {root: (row.verdict == "not-judged", row.score is None, row.rank is None) for root, row in rows.items()} == {
        "old": (True,) * 3, "torn": (True,) * 3, "later": (False,) * 3, "whole": (False,) * 3,
    }  # fmt: skip
    assert {root: dict(row.unread) for root, row in rows.items()} == {
        "old": {"python2": 1}, "torn": {"syntax-error": 1}, "later": {"no-metrics": 1}, "whole": {},
    }  # fmt: skip
    assert rows["old"].reason == "Only 0% of its lines could be analysed: 1 file is Python 2."
    page = render_html(report)
    assert "Incomplete: 0 % of its lines could be analysed: 1 file is Python 2." in page
    assert "1 file has a tree and no metrics." in page


def test_a_file_that_goes_and_one_that_changes_while_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from readiness import scan as spine

    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.py").write_text("x = 1\n")
    real = spine.extract_files

    def late(root: Path, *rest: object) -> object:
        (root / "a.py").unlink()
        (root / "b.py").write_text("def f(:\n")
        return real(root, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(spine, "extract_files", late)
    assert reasons(scanned(tmp_path)) == {"a.py": "unreadable", "b.py": "syntax-error"}


def document(root: Path, *more: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "readiness", "scan", str(root), "--format", "json", "--output", "-", "-q", *more],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    del found["run"]
    return found


def test_a_scan_that_was_killed_leaves_a_store_that_is_right(tmp_path: Path) -> None:
    root, store = tmp_path / "r", tmp_path / "store"
    root.mkdir()
    for number in range(6):
        (root / f"m{number}.py").write_text("".join(f"def f{n}(x):\n    return g(x, {n})\n" for n in range(150)))
    line = [sys.executable, "-m", "readiness", "scan", str(root), "--cache-dir", str(store), "--output", os.devnull]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as scan:
        while not store.exists() and scan.poll() is None:
            time.sleep(0.01)
        time.sleep(0.2)
        scan.send_signal(signal.SIGKILL)
    assert document(root, "--cache-dir", str(store)) == document(root, "--no-cache")


@pytest.mark.parametrize("most", [0, 8192])
def test_a_full_disk_costs_the_store_and_not_the_scan(tmp_path: Path, most: int) -> None:
    """No file of this process may grow beyond `most` bytes: sqlite, and Python's own files, meet what a full disk gives them."""
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "a.py").write_text("x = 1\n")
    program = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom readiness.scan import *\nfrom readiness.question import ScanOptions\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))\n"
        "options = ScanOptions(cache_dir=Path(sys.argv[2]))\n"
        "done = scan_with_warnings(Path(sys.argv[1]), Config(), options, lambda *_: None)\n"
        "print(len(done.report.modules), *done.warnings)"
    )
    line = [sys.executable, "-c", program, str(tmp_path / "r"), str(tmp_path / "store"), str(most)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 the store is not used (")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Source], bytes]:
    """(root, its files, the bytes of a store that knows them)."""
    root = tmp_path_factory.mktemp("stored")
    sources = []
    for number in range(6):
        file = root / f"m{number}.py"
        file.write_text(f"x = {number}\n")
        os.utime(file, (1_600_000_000, 1_600_000_000))
        status = file.stat()
        sources.append(Source(file.name, "m", "m", ".", False, status.st_size, status.st_mtime_ns, status.st_ino))
    store = open_store(root / "c")
    store.digests(root, sources)
    rows = [
        (s, digest_of((root / s.path).read_bytes()), msgspec.msgpack.encode(Facts(i))) for i, s in enumerate(sources)
    ]
    store.put(root, rows)
    store.close()
    (file,) = (root / "c").glob("facts-*.sqlite")
    return root, sources, file.read_bytes()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=12), st.integers(0, 2**20))
def test_no_damage_to_a_store_makes_it_lie(
    stored: tuple[Path, list[Source], bytes], flips: list[tuple[int, int]], cut: int
) -> None:
    """Bytes changed and the end cut off: what is still told is what was put."""
    root, sources, good = stored
    data = bytearray(good)
    for place, value in flips:
        data[place % len(data)] = value
    (file,) = (root / "c").glob("facts-*.sqlite")
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    file.write_bytes(data[: len(data) - cut % len(data)] if cut % 3 == 0 else data)
    store = open_store(root / "c")
    found = store.facts(store.digests(root, sources))
    store.close()
    assert found.items() <= {s.path: Facts(i) for i, s in enumerate(sources)}.items()
    assert len(store.warnings) <= 1


def test_a_hostile_repository_brings_its_own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made by the real program under another key, with reports that say nothing is wrong: it is as if it were not there."""
    (tmp_path / "a.py").write_text("import requests\n\n\nasync def f():\n    requests.get('http://a')\n")
    os.utime(tmp_path / "a.py", (1_600_000_000, 1_600_000_000))
    clean = scanned(tmp_path, Config())
    with monkeypatch.context() as attacker:
        attacker.setenv("XDG_STATE_HOME", str(tmp_path.parent / "attacker"))
        scan_with_warnings(tmp_path, Config(), ScanOptions(), lambda *_: None)
    done = scan_with_warnings(tmp_path, Config(), ScanOptions(), lambda *_: None)
    assert done.report.run.cache.hits == 0
    mine, plain = (render_json(msgspec.structs.replace(report, run=NO_RUN)) for report in (done.report, clean))
    assert mine == plain


def test_a_file_that_takes_too_much_memory_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte of source takes about 0.6 GB; here a third of that, and a tenth is allowed."""
    monkeypatch.setattr(process, "HEADROOM", 64 << 20)
    monkeypatch.setattr(process, "can_fork", lambda: True)  # a spawned worker would have the real headroom
    (tmp_path / "big.py").write_text("x = [" + "f(1), " * 60_000 + "]\n")
    (tmp_path / "good.py").write_text("x = 1\n")
    report = scanned(tmp_path, Config(worker_memory_mib=64, snippets=False))
    assert reasons(report) == {"big.py": "out-of-memory"}
