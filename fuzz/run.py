"""Fuzzes the targets, one after another: `python -m fuzz.run [TARGET...] --seconds 60 --out FOLDER [--seeds FOLDER...]`.

With atheris installed the search is guided by the branches that an input reaches; without, by mutations of the seeds alone. An input
that raises anything but a stated error, or takes more CPU than --limit, is kept in FOLDER, one for each place in the program; the run
goes on. What ends the process (a dead parser) is kept too: the input lies in `running` until it is through. FOLDER/result.json tells.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

MEMORY = 3 << 30  # bytes of address space of a fuzzing process
MOST_BYTES, MOST = 20_000, {"document": 200_000}  # of an input
HARD = 10  # times the limit: then the input is broken off


class Hang(BaseException):
    """An input takes HARD times what it may; no `except Exception` of the program holds it back."""


class Watch:
    """Calls a target, and keeps what it should not do. One per process."""

    def __init__(self, name: str, target: Callable[[bytes], bool], out: Path, limit: float) -> None:
        self.name, self.target, self.out, self.limit = name, target, out, limit
        self.counts: Counter[str] = Counter()
        self.slowest, self.told = 0.0, 0.0
        self.running = os.open(out / f"{name}.running", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)

    def __call__(self, data: bytes) -> None:
        os.ftruncate(self.running, 0)
        os.pwrite(self.running, data, 0)
        begin = time.process_time()
        try:
            with _broken_off(self.limit * HARD):
                self.counts["accepted"] += self.target(data)
        except Hang as error:
            self._keep("hang", error, data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            self._keep("crash", error, data)
        spent = time.process_time() - begin
        self.slowest = max(self.slowest, spent)
        self.counts["inputs"] += 1
        if self.limit < spent < self.limit * HARD:
            self._keep("slow", None, data)
        if time.monotonic() > self.told + 2:
            self.tell()

    def _keep(self, kind: str, error: BaseException | None, data: bytes) -> None:
        self.counts[kind] += 1
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "readiness" in f.filename] if error else []
        place = f"{Path(frames[-1].filename).stem}-{frames[-1].name}" if frames else "slow"
        name = f"{self.name}.{kind}.{type(error).__name__}.{place}" if error else f"{self.name}.{kind}"
        with contextlib.suppress(OSError):
            if not list(self.out.glob(f"{name}.*")) or (kind == "slow" and len(list(self.out.glob(f"{name}.*"))) < 10):
                (self.out / f"{name}.{hashlib.sha1(data).hexdigest()[:8]}").write_bytes(data)
                if error:
                    (self.out / f"{name}.trace").write_text("".join(traceback.format_exception(error)))

    def tell(self) -> None:
        self.told = time.monotonic()
        found = {**self.counts, "slowest_s": round(self.slowest, 2), "cpu_s": round(time.process_time(), 1)}
        (self.out / f"{self.name}.counts.json").write_text(json.dumps(found))


@contextlib.contextmanager
def _broken_off(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def one(name: str, seconds: float, out: Path, limit: float, folders: list[Path], seed: int) -> None:
    """One target in this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    faulthandler.enable((out / f"{name}.fault").open("w"))
    try:
        import atheris
    except ImportError:
        _plain(name, seconds, out, limit, folders, seed)
        return
    with atheris.instrument_imports(include=["readiness"]):
        from fuzz.seeds import seeds_of
        from fuzz.targets import TARGETS
    from fuzz.mutate import mutated

    seeds = seeds_of(name, folders)
    corpus = out / f"{name}.corpus"
    corpus.mkdir(exist_ok=True)
    for data in seeds:
        (corpus / hashlib.sha1(data).hexdigest()).write_bytes(data)
    watch, dice = Watch(name, TARGETS[name], out, limit), random.Random(seed)

    def change(data: bytes, most: int, number: int) -> bytes:
        dice.seed(number)
        if dice.random() < 0.4:
            return bytes(atheris.Mutate(data, most))
        return mutated(bytes(data), dice.choice(seeds), dice, most)

    line = [
        sys.argv[0],
        str(corpus),
        f"-max_total_time={int(seconds)}",
        f"-seed={seed}",
        f"-max_len={MOST.get(name, MOST_BYTES)}",
        "-timeout=600",
    ]
    line += ["-rss_limit_mb=2500", "-print_final_stats=1", f"-artifact_prefix={out}/{name}.artifact."]
    atheris.Setup(line, lambda data: watch(bytes(data)), custom_mutator=change)
    atheris.Fuzz()


def _plain(name: str, seconds: float, out: Path, limit: float, folders: list[Path], seed: int) -> None:
    from fuzz.mutate import mutated
    from fuzz.seeds import seeds_of
    from fuzz.targets import TARGETS

    seeds, dice = seeds_of(name, folders), random.Random(seed)
    watch, begin = Watch(name, TARGETS[name], out, limit), time.monotonic()
    for data in seeds:
        watch(data)
    while time.monotonic() - begin < seconds:
        watch(mutated(dice.choice(seeds), dice.choice(seeds), dice, MOST.get(name, MOST_BYTES)))
    watch.tell()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=float, default=2.0, help="CPU seconds of one input")
    parser.add_argument("--seeds", type=Path, nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alone", action="store_true", help="the target in this process; how the others are started")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.alone:
        one(asked.targets[0], asked.seconds, asked.out, asked.limit, asked.seeds, asked.seed)
        return 0
    for name in asked.targets or NAMES:
        _until(name, asked)
    return 0


def _until(name: str, asked: argparse.Namespace) -> None:
    """A target for its time, begun anew where its process died; what each process counted is added up."""
    end, tried = time.monotonic() + asked.seconds, 0
    while (left := end - time.monotonic()) > 1:
        (asked.out / f"{name}.counts.json").unlink(missing_ok=True)
        line = [sys.executable, "-m", "fuzz.run", name, "--alone", "--seconds", str(left), "--out", str(asked.out)]
        line += ["--limit", str(asked.limit), "--seed", str(asked.seed + tried), "--seeds", *map(str, asked.seeds)]
        with (asked.out / f"{name}.log").open("ab") as log:
            code = subprocess.run(line, stdout=log, stderr=log, check=False).returncode
        _add(name, asked.out, code)
        tried += 1


def _add(name: str, out: Path, code: int) -> None:
    counts, total = out / f"{name}.counts.json", out / "result.json"
    found = json.loads(counts.read_text()) if counts.exists() else {}
    result = json.loads(total.read_text()) if total.exists() else {}
    row = result.setdefault(name, {})
    for key, value in found.items():
        row[key] = max(row.get(key, 0), value) if key == "slowest_s" else round(row.get(key, 0) + value, 1)
    row["processes"] = row.get("processes", 0) + 1
    if code:
        row["died"] = row.get("died", 0) + 1
        (out / f"{name}.running").rename(out / f"{name}.died.{row['died']}")
    total.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    print(name, json.dumps(row), flush=True)


NAMES = ("extract", "repository", "manifests", "page", "tables", "config", "evidence", "decisions", "document", "git")

if __name__ == "__main__":
    sys.exit(main())
