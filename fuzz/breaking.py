"""A folder -> how scans of it survive: killed and interrupted at random moments, two at once, a damaged store, a full disk, read-only places.

    python fuzz/breaking.py FOLDER OUT.json [--rounds 60] [--damages 40]

After every blow one more scan must give the same report, byte for byte but for `run`, and the store and the report's folder must hold
nothing half-written. One scan at a time (two where two are the point), one worker each.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

BASE = [sys.executable, "-m", "readiness", "scan"]
MIB = 1 << 20


def line_of(folder: Path, work: Path, workers: int = 1) -> list[str]:
    return [*BASE, str(folder), "--quiet", "--workers", str(workers), "--cache-dir", str(work / "store"), "--format", "json", "--output", str(work / "r.json")]  # fmt: skip


def report_of(work: Path) -> bytes:
    """The written report without `run`."""
    document = json.loads((work / "r.json").read_text())
    del document["run"]
    return json.dumps(document, sort_keys=True).encode()


def scanned(folder: Path, work: Path, limits: Callable[[], None] | None = None) -> tuple[int, str]:
    done = subprocess.run(line_of(folder, work), capture_output=True, text=True, check=False, preexec_fn=limits)
    return done.returncode, done.stderr


def store_is_right(work: Path) -> bool:
    for file in (work / "store").glob("*.sqlite"):
        with contextlib.closing(sqlite3.connect(file)) as store:
            try:
                if store.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                    return False
            except sqlite3.DatabaseError:
                return False
    return True


def leftovers(work: Path) -> list[str]:
    return sorted(p.name for p in work.iterdir() if p.name not in ("store", "r.json"))


def blows(folder: Path, good: bytes, seconds: float, rounds: int, dice: random.Random) -> dict[str, object]:
    """SIGKILL and SIGINT in turn, at a random moment of a scan with an empty or a half-filled store."""
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        for number in range(rounds):
            sign = (signal.SIGKILL, signal.SIGINT)[number % 2]
            if number % 4 < 2:
                shutil.rmtree(work / "store", ignore_errors=True)
            (work / "r.json").unlink(missing_ok=True)
            moment = dice.uniform(0.05, seconds)
            scan = subprocess.Popen(
                line_of(folder, work), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
            )  # fmt: skip
            with contextlib.suppress(subprocess.TimeoutExpired):
                scan.wait(moment)
            is_struck = scan.poll() is None
            scan.send_signal(sign)
            told = scan.communicate(timeout=600)[1]
            found[f"{sign.name} struck" if is_struck else "ended before"] += 1
            if is_struck and sign == signal.SIGINT:
                found[f"SIGINT exit {scan.returncode}"] += 1
                found["SIGINT with a trace"] += b"Traceback" in told
            found["processes left"] += _alive(scan.pid)
            if (work / "r.json").exists():
                found["report there"] += 1
                found["report half-written or other"] += report_of(work) != good
            found["temporary file left by SIGKILL"] += bool(sign == signal.SIGKILL and leftovers(work))
            found["temporary file left by SIGINT"] += bool(sign == signal.SIGINT and leftovers(work))
            for name in leftovers(work):
                (work / name).unlink()
            found["store not right"] += not store_is_right(work)
            code, error = scanned(folder, work)
            found["next scan other"] += report_of(work) != good
            found["next scan warned"] += "store" in error
            found[f"next scan exit {code}"] += 1
    return dict(found)


def _alive(group: int, patience: float = 5.0) -> bool:
    """Whether anything of the process group lives on after `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True


def damages(folder: Path, good: bytes, rounds: int, dice: random.Random) -> dict[str, object]:
    """Flipped bytes and a cut end, at offsets all over the store's file."""
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        scanned(folder, work)
        (file,) = (work / "store").glob("*.sqlite")
        whole = file.read_bytes()
        for number in range(rounds):
            for extra in (work / "store").glob("*-*l"):
                extra.unlink(missing_ok=True)
            data, place = bytearray(whole), dice.randrange(len(whole))
            if number % 2:
                data = data[:place]
            else:
                for at in [place, *(dice.randrange(len(whole)) for _ in range(dice.choice((0, 3, 40))))]:
                    data[at] ^= dice.randint(1, 255)
            file.write_bytes(data)
            code, error = scanned(folder, work)
            found["cut" if number % 2 else "flipped"] += 1
            found["other report"] += report_of(work) != good
            found[f"exit {code}"] += 1
            found["warned"] += "store" in error
            found["traceback"] += "Traceback" in error
            found["a part that nobody read is still damaged"] += not store_is_right(work)
    return {"store_bytes": len(whole), **found}


def together(folder: Path, good: bytes, rounds: int) -> dict[str, object]:
    """Two scans at once on one store that is empty, each with a report of its own."""
    found: Counter[str] = Counter()
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as scratch:
            works = [Path(scratch, name) for name in "ab"]
            for work in works:
                work.mkdir()
            lines = [
                [*line_of(folder, work)[:-5], str(works[0] / "store"), *line_of(folder, work)[-4:]] for work in works
            ]
            for scan in [subprocess.Popen(line, stderr=subprocess.PIPE) for line in lines]:
                error = scan.communicate()[1]
                found[f"exit {scan.returncode}"] += 1
                found["warned"] += b"store" in error
            found["other report"] += sum(report_of(work) != good for work in works)
            found["store not right"] += not store_is_right(works[0])
    return dict(found)


def tight(folder: Path, good: bytes) -> dict[str, object]:
    """A full disk: a file size limit of some sizes, and a file system in memory of 1 MiB where one may be mounted; read-only places."""
    found: dict[str, object] = {}
    for limit in (0, 4096, 65536, MIB):
        with tempfile.TemporaryDirectory() as scratch:
            work = Path(scratch)
            code, error = scanned(folder, work, lambda limit=limit: _limit(limit))
            found[f"files of at most {limit} bytes"] = _told(code, error, work, good)
    with _small_disk() as disk:
        if disk is None:
            found["disk of 1 MiB"] = "not tried: no file system could be mounted"
        else:
            code, error = scanned(folder, disk)
            found["disk of 1 MiB"] = _told(code, error, disk, good)
    with tempfile.TemporaryDirectory() as scratch, _read_only(Path(scratch)) as work:
        found["read-only place"] = (
            "not tried: no file system could be mounted" if work is None else _told(*scanned(folder, work), work, good)
        )
    return found


def _limit(limit: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def _told(code: int, error: str, work: Path, good: bytes) -> str:
    there = (
        "no report"
        if not (work / "r.json").exists()
        else "the same report"
        if report_of(work) == good
        else "ANOTHER REPORT"
    )
    trace = ", A TRACE" if "Traceback" in error else ""
    left = [name for name in leftovers(work) if name != "lost+found"]
    words = error.strip().splitlines()
    said = words[-1].replace(str(work), "PLACE") if words else ""
    return f"exit {code}, {there}{trace}{', LEFT ' + ' '.join(left) if left else ''}: {said}"


@contextlib.contextmanager
def _small_disk() -> Iterator[Path | None]:
    place = Path(tempfile.mkdtemp())
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False
    )
    yield place if done.returncode == 0 else None
    if done.returncode == 0:
        subprocess.run(["umount", str(place)], check=True)
    place.rmdir()


@contextlib.contextmanager
def _read_only(place: Path) -> Iterator[Path | None]:
    options = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(place)]
    done = subprocess.run(options, capture_output=True, check=False)
    yield place if done.returncode == 0 else None
    if done.returncode == 0:
        subprocess.run(["umount", str(place)], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--damages", type=int, default=40)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    dice = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as scratch:
        begin = time.monotonic()
        scanned(asked.folder, Path(scratch))
        seconds, good = time.monotonic() - begin, report_of(Path(scratch))
    rows = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    row = rows.setdefault(asked.folder.name, {})
    for name, part in (
        ("tight", lambda: tight(asked.folder, good)),
        ("together", lambda: together(asked.folder, good, asked.pairs)),
        ("damages", lambda: damages(asked.folder, good, asked.damages, dice)),
        ("blows", lambda: blows(asked.folder, good, seconds, asked.rounds, dice)),
    ):
        row[name] = part()
        asked.out.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n")
        print(name, json.dumps(row[name]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
