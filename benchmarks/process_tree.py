"""A command -> what it and all its children cost: CPU and wall seconds, peak memory of the whole tree. Linux only; never a profiler."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

EVERY_SECONDS = 0.05


class Cost(NamedTuple):
    cpu: float  # user + system seconds, children that were waited for included
    wall: float
    pss_mb: float  # greatest sum over the tree of proportional set sizes: shared pages count once
    rss_mb: float  # the same of resident sizes: shared pages count once per process
    code: int
    output: str  # its standard output


def measure(command: list[str], environment: dict[str, str] | None = None, folder: Path | None = None) -> Cost:
    """Runs one command to its end; stderr is dropped."""
    begin = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        cwd=folder,
    ) as process:
        assert process.stdout is not None
        sampler = Sampler(process.pid)
        sampler.start()
        output = process.stdout.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        sampler.is_done.set()
        sampler.join()
        process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        usage.ru_utime + usage.ru_stime, wall, sampler.pss / 1000, sampler.rss / 1000, process.returncode, output
    )


class Sampler(threading.Thread):
    """Reads the memory of a process tree every EVERY_SECONDS; a peak between two looks is missed."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.pss, self.rss = pid, 0.0, 0.0
        self.is_done = threading.Event()

    def run(self) -> None:
        while not self.is_done.wait(EVERY_SECONDS):
            sizes = [_sizes(pid) for pid in _tree(self.pid)]
            self.pss = max(self.pss, sum(pss for pss, _ in sizes))
            self.rss = max(self.rss, sum(rss for _, rss in sizes))


def _tree(pid: int) -> list[int]:
    found, stack = [], [pid]
    while stack:
        current = stack.pop()
        found.append(current)
        for task in Path(f"/proc/{current}/task").glob("*/children"):
            try:
                stack += [int(word) for word in task.read_text().split()]
            except OSError:
                pass  # it ended between two reads
    return found


def _sizes(pid: int) -> tuple[float, float]:
    """(proportional, resident) set size in kB; 0 for one that has just ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0, 0.0
    rows = {line.split(":")[0]: line.split() for line in text.splitlines()[1:]}
    return float(rows["Pss"][1]) * 1.024, float(rows["Rss"][1]) * 1.024
