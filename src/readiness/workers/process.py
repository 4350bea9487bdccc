"""One worker process: bytes of files -> Facts, over a pipe that names each file before it is parsed. Decides nothing about chunks."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from readiness.cache import digest_of
from readiness.disk import on_disk, read_bytes
from readiness.types.config import Config
from readiness.types.facts import Facts, Failure
from readiness.types.tree import Source

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

HEADROOM = (
    256 << 20
)  # address space a worker may always add to what it was born with, so that a small limit lets it start
PR_SET_PDEATHSIG = 1  # of linux/prctl.h


class Done(msgspec.Struct, array_like=True, gc=False):
    """A worker's messages: `packed` is None for "I begin with this file"."""

    index: int
    digest: bytes = b""
    packed: bytes | None = None


@dataclass(slots=True)
class Worker:
    process: BaseProcess
    pipe: Connection
    errors: IO[bytes]
    chunk: deque[int] = field(default_factory=deque)  # what it still has to do, the current file first
    current: int | None = None
    deadline: float = 0.0
    ticks: int = 0  # of CPU, at the last look
    is_fresh: bool = True  # has finished no file yet


def load_extract() -> Callable[[bytes], Facts]:
    """Only here, and only when something has to be parsed: LibCST takes a quarter of a second to import."""
    from readiness.extract import extract

    return extract


def spawn(root: Path, config: Config, others: Sequence[Connection]) -> Worker:
    """A new process. Forked where that is safe, since LibCST is then imported once; else spawned."""
    import multiprocessing

    is_fork = can_fork()
    context: Any = multiprocessing.get_context("fork" if is_fork else "spawn")
    extract = load_extract() if is_fork else None
    ours, theirs = context.Pipe()
    errors = last_words()
    # A forked child closes its copies of our pipe ends: only then does it see that we are gone.
    inherited = [*others, ours] if is_fork else []
    arguments = (theirs, str(root), config, extract, inherited, errors.fileno() if is_fork else -1)
    process = context.Process(target=_work, args=arguments, daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours, errors)


def last_words() -> IO[bytes]:
    """Where a worker's stderr goes: a file, not a pipe, since nobody reads it while the worker lives. A full disk costs the words only."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return open(os.devnull, "w+b")


def can_fork() -> bool:
    """On Linux with one thread: a fork copies locks that other threads hold, and some systems' libraries do not survive it."""
    return sys.platform == "linux" and threading.active_count() == 1


def _work(
    pipe: Connection,
    root: str,
    config: Config,
    extract: Callable[[bytes], Facts] | None,
    inherited: Sequence[Connection],
    errors: int,
) -> None:
    """A worker's life: chunks in, for each file its index before and its Facts after. Ends with an empty message or with us."""
    import faulthandler
    import gc

    faulthandler.disable()  # a crash is a row of the report, no page of frames on the terminal
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    _die_with_parent()
    for connection in inherited:
        connection.close()
    if errors >= 0:
        os.dup2(errors, 2)
    extract = extract or load_extract()
    gc.disable()  # trees hold no cycles; 3-11 % of parsing
    gc.freeze()
    _limit_memory(config.worker_memory_mib)
    encoder = msgspec.msgpack.Encoder()
    try:
        while chunk := pipe.recv_bytes():
            for index, path in msgspec.msgpack.decode(chunk, type=list[tuple[int, str]]):
                pipe.send_bytes(encoder.encode(Done(index)))
                digest, facts = _extract_one(Path(root), path, config, extract)
                pipe.send_bytes(encoder.encode(Done(index, digest, encoder.encode(facts))))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass


def _die_with_parent() -> None:
    """On Linux the kernel ends us when the parent is killed in the midst of a file; elsewhere we end after it, at the closed pipe."""
    if sys.platform != "linux":
        return
    import ctypes

    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    except (OSError, AttributeError):
        pass


def _extract_one(root: Path, path: str, config: Config, extract: Callable[[bytes], Facts]) -> tuple[bytes, Facts]:
    """(content hash, Facts). The one place with a broad `except`: whatever a file brings about costs only this file."""
    try:
        data = read_bytes(on_disk(root, path), config.max_file_bytes + 1)
    except OSError as error:
        return b"", Facts(0, Failure("unreadable", error.strerror or "not a regular file"))
    lines = _lines(data)
    if len(data) > config.max_file_bytes:
        return b"", Facts(lines, Failure("too-large", f"above {config.max_file_bytes} bytes by now"))
    _limit_time(config.file_seconds)
    try:
        return digest_of(data), extract(data)
    except MemoryError:
        os.write(2, b"MemoryError")  # what is left of the address space cannot be trusted: a new worker goes on
        os._exit(1)
    except BaseException as error:  # noqa: BLE001 (a panic in native code is no Exception)
        return b"", Facts(lines, Failure("crashed", f"{type(error).__name__}: {error}"[:200]))
    finally:
        _limit_time(0)


def _limit_time(seconds: float) -> None:
    """After so much CPU time the kernel ends this process by SIGPROF, even inside of native code."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _limit_memory(mebibytes: int) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows: only the time limit
    born = 0
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:
            born = int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        pass
    limit = max(mebibytes << 20, born + HEADROOM)
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    except (OSError, ValueError):
        pass  # some systems know the limit and refuse it


def cpu_ticks(pid: int | None) -> int:
    """CPU time of a process so far, in the kernel's ticks; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])  # utime and stime of proc(5), counted behind the name
    except (OSError, ValueError, IndexError):
        return 0


def cause_of_death(worker: Worker, config: Config) -> Failure:
    """Why a worker died, by its exit code and its last words."""
    worker.process.join()
    code = worker.process.exitcode or 0
    worker.errors.seek(0)
    said = worker.errors.read(1 << 16)
    name = signal.Signals(-code).name if code < 0 and -code in set(signal.Signals) else f"exit code {code}"
    if name == "SIGPROF":
        return Failure("timed-out", f"more than {config.file_seconds:g} s of CPU")
    if name == "SIGKILL" or b"memory allocation of" in said or b"MemoryError" in said:
        return Failure("out-of-memory", f"the worker ended by {name}; its limit is {config.worker_memory_mib} MiB")
    return Failure("crashed", f"the parser ended by {name}")


def count_lines(root: Path, source: Source) -> int:
    try:
        return _lines(read_bytes(on_disk(root, source.path), source.size))
    except OSError:
        return 0


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
