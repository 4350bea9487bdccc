"""Workers: every file gets Facts, whatever one of them does to its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness import workers
from readiness.cache import open_store
from readiness.types.config import Config
from readiness.types.facts import Facts, Failure
from readiness.types.tree import Source
from readiness.workers import extract_files, process


def parse(data: bytes) -> Facts:
    """Stands for the extractor: the first line says what happens."""
    word = data.partition(b"\n")[0]
    if word == b"segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == b"spin":
        while True:
            pass
    if word == b"sleep":
        time.sleep(60)
    if word == b"slow":
        for _ in range(12):
            _compute(0.03)
            time.sleep(0.25)
    if word == b"eat":
        bytearray(1 << 40)
    if word == b"native-abort":
        os.write(2, b"memory allocation of 640 bytes failed\n")
        os.abort()
    if word == b"raise":
        raise ValueError("odd")
    if word == b"broken":
        return Facts(1, Failure("syntax-error", "odd", 1))
    return Facts(data.count(b"\n"))


def _compute(seconds: float) -> None:
    begin = time.process_time()
    while time.process_time() - begin < seconds:
        pass


@pytest.fixture(autouse=True)
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> Callable[[bytes], Facts]:
        return parse

    monkeypatch.setattr(process, "load_extract", load)
    # a browser that other tests keep open in this process has threads: workers would be spawned, and those do not know the stub
    monkeypatch.setattr(process, "can_fork", lambda: True)


def write(root: Path, files: dict[str, bytes]) -> list[Source]:
    sources = []
    for path, data in sorted(files.items()):
        (root / path).write_bytes(data)
        os.utime(root / path, (1_600_000_000, 1_600_000_000))
        status = (root / path).stat()
        name = path.removesuffix(".py")
        sources.append(Source(path, name, name, ".", False, status.st_size, status.st_mtime_ns, status.st_ino))
    return sources


def many(count: int) -> dict[str, bytes]:
    return {f"m{number:03}.py": b"x\n" * (number + 1) * 40 for number in range(count)}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_one_bad_file_costs_only_itself(tmp_path: Path, count: int) -> None:
    bad = {
        "a_raise.py": b"raise\n",
        "b_segfault.py": b"segfault\n\n",
        "c_spin.py": b"spin\n",
        "d_eat.py": b"eat\n",
        "e_abort.py": b"native-abort\n",
        "f_broken.py": b"broken\n",
    }
    good = many(60)
    sources = write(tmp_path, good | bad)
    result = extract_files(tmp_path, sources, None, Config(workers=count, file_seconds=0.3), None)
    assert list(result.facts) == [source.path for source in sources]
    assert {path: facts.failure.reason for path, facts in result.facts.items() if facts.failure} == {
        "a_raise.py": "crashed",
        "b_segfault.py": "crashed",
        "c_spin.py": "timed-out",
        "d_eat.py": "out-of-memory",
        "e_abort.py": "out-of-memory",
        "f_broken.py": "syntax-error",
    }
    assert {path: result.facts[path].lines for path in good} == {path: data.count(b"\n") for path, data in good.items()}
    assert result.facts["b_segfault.py"].lines == 2
    assert result.facts["b_segfault.py"].failure == Failure("crashed", "the parser ended by SIGSEGV")
    assert (result.hits, result.misses, result.workers) == (0, 66, count)


def test_a_file_that_waits_for_ever_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "WALL_FACTOR", 1)
    sources = write(tmp_path, {"a.py": b"sleep\n", "b.py": b"1\n2\n"})
    facts = extract_files(tmp_path, sources, None, Config(workers=1, file_seconds=0.5), None).facts
    assert facts["a.py"].failure == Failure("timed-out", "no answer within 0.5 s")
    assert facts["b.py"] == Facts(2)


def test_a_file_that_went_away_or_became_a_link(tmp_path: Path) -> None:
    sources = write(tmp_path, {"a.py": b"1\n", "b.py": b"2\n", "c.py": b"3\n"})
    (tmp_path / "a.py").unlink()
    (tmp_path / "b.py").unlink()
    (tmp_path / "b.py").symlink_to("/etc/passwd")
    facts = extract_files(tmp_path, sources, None, Config(), None).facts
    assert [facts[path].failure and facts[path].failure.reason for path in ("a.py", "b.py", "c.py")] == [
        "unreadable",
        "unreadable",
        None,
    ]


def test_a_file_that_grew_beyond_the_limit(tmp_path: Path) -> None:
    sources = write(tmp_path, {"a.py": b"1\n"})
    (tmp_path / "a.py").write_bytes(b"1\n" * 100)
    failure = extract_files(tmp_path, sources, None, Config(max_file_bytes=50), None).facts["a.py"].failure
    assert failure and failure.reason == "too-large"


def test_workers_cold_and_warm_agree(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    sources = write(root, many(80) | {"bad.py": b"segfault\n", "broken.py": b"broken\n"})
    config = Config(workers=1, file_seconds=5)
    plain = extract_files(root, sources, None, config, None).facts
    store = open_store(tmp_path / "cache")
    cold = extract_files(root, sources, store, Config(workers=2, file_seconds=5), None)
    warm = extract_files(root, sources, store, config, None)
    store.close()
    assert cold.facts == plain == warm.facts
    assert list(cold.facts) == list(warm.facts)
    assert (cold.hits, cold.misses) == (0, 82)
    assert (warm.hits, warm.misses) == (81, 1)  # what crashed is tried again, a syntax error is known
    assert store.warnings == []


def test_nothing_to_do_starts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "spawn", lambda *arguments: pytest.fail("a worker was started"))
    result = extract_files(tmp_path, [], None, Config(), None)
    assert (result.facts, result.workers) == ({}, 0)


def test_progress_goes_up_to_the_total(tmp_path: Path) -> None:
    sources = write(tmp_path, many(10))
    seen: list[tuple[int, int]] = []
    extract_files(tmp_path, sources, None, Config(workers=2), lambda done, total: seen.append((done, total)))
    assert seen == [(number, 10) for number in range(11)]


def test_file_names_that_are_no_utf8(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.py"
    with open(raw, "wb") as stream:
        stream.write(b"1\n2\n3\n")
    source = Source("caf\\xe9.py", "x", "x", ".", False, 6, 0, 0)
    assert extract_files(tmp_path, [source], None, Config(), None).facts == {"caf\\xe9.py": Facts(3)}


def test_where_forking_is_not_safe_workers_are_spawned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second thread in this process: a fork could inherit a lock that it holds. The real extractor, which a spawned worker imports."""
    monkeypatch.undo()
    sources = write(tmp_path, {"a.py": b"def f(): return 1\n", "b.py": b"def f(:\n"})
    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    thread.start()
    try:
        found = extract_files(tmp_path, sources, open_store(tmp_path / "c"), Config(workers=1), None)
    finally:
        release.set()
        thread.join()
    assert [scope.qualname for scope in found.facts["a.py"].scopes] == ["<module>", "f"]
    failure = found.facts["b.py"].failure
    assert failure is not None and (failure.reason, failure.line) == ("syntax-error", 1)
    again = extract_files(tmp_path, sources, open_store(tmp_path / "c"), Config(workers=1), None)
    assert (again.facts, again.digests, again.hits) == (found.facts, found.digests, 2)


def test_a_spawned_worker_that_dies_costs_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel kills it in the midst of a chunk, as it does when memory runs out."""
    monkeypatch.undo()
    sources = write(tmp_path, {"a.py": b"x = 1\n", "b.py": b"(" * 200_000, "c.py": b"y = 2\n"})
    monkeypatch.setattr(process, "can_fork", lambda: False)
    found = extract_files(tmp_path, sources, None, Config(workers=1), None)
    assert [facts.failure.reason if facts.failure else "" for facts in found.facts.values()] == ["", "crashed", ""]
    assert sorted(found.digests) == ["a.py", "c.py"]


def test_a_machine_that_is_busy_elsewhere_is_no_time_out(tmp_path: Path) -> None:
    """Stopped, as a process is that gets no processor: longer than the patience, yet it works in between."""
    sources = write(tmp_path, {"a.py": b"slow\n"})
    found = extract_files(tmp_path, sources, None, Config(workers=1, file_seconds=0.5), None)
    assert found.facts["a.py"] == Facts(1)


SCAN = """
    import os, sys, time
    from pathlib import Path
    from readiness.workers import extract_files, process
    from readiness.cache import open_store
    from readiness.types.config import Config
    from readiness.types.facts import Facts
    from readiness.types.tree import Source

    def parse(data):
        os.write(1, b"%d\\n" % os.getpid())
        time.sleep(60)

    process.load_extract = lambda: parse
    root = Path(sys.argv[1])
    sources = [Source(f"m{n}.py", f"m{n}", f"m{n}", ".", False, 70_000, 1, 1) for n in range(4)]
    extract_files(root, sources, open_store(root / "cache"), Config(workers=2), None)
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_behind(tmp_path: Path, sign: signal.Signals) -> None:
    for number in range(4):
        (tmp_path / f"m{number}.py").write_bytes(b"x" * 70_000)
    script = tmp_path / "scan.py"
    script.write_text(textwrap.dedent(SCAN))
    command = [sys.executable, str(script), str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - a shell's background job ignores it
    ) as scan:  # fmt: skip
        assert scan.stdout
        children = [int(scan.stdout.readline()) for _ in range(2)]
        scan.send_signal(sign)
        scan.wait(60)
        deadline = time.monotonic() + 5
        while any(_is_alive(child) for child in children) and time.monotonic() < deadline:
            time.sleep(0.02)
        left = [child for child in children if _is_alive(child)]
    for child in left:
        os.kill(child, signal.SIGKILL)
    assert scan.returncode != 0
    assert left == []


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
