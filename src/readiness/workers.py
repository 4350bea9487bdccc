"""Files of a root -> their Facts, out of the store or by worker processes. Never parses in this process, never loses more than one file to a crash."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from readiness.cache import Store, digest_of
from readiness.disk import on_disk, read_bytes
from readiness.types.config import Config
from readiness.types.facts import Facts, Failure
from readiness.types.tree import Source

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

CHUNK_BYTES = 64 * 1024  # measured: 1.7x on two cores; one file a task 1.4x and five times the parent's work
ONE_WORKER_BYTES = 100_000  # about 3,000 lines: below, a second process costs more than it gives
WALL_FACTOR = (
    4  # the limit is CPU time, fair on a busy machine; who waits without working is ended after so many times as long
)
BATCH = 256  # rows that are put into the store at once: what an interrupted scan loses
HEADROOM = (
    256 << 20
)  # address space a worker may always add to what it was born with, so that a small limit lets it start
PR_SET_PDEATHSIG = 1  # of linux/prctl.h
MACHINE_REASONS = frozenset(
    {"crashed", "timed-out", "out-of-memory", "unreadable"}
)  # not a property of the content: never stored

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Extracted:
    """`facts` has every source's path, in the order of the sources; hits, misses and workers are counts."""

    facts: dict[str, Facts]
    hits: int
    misses: int
    workers: int
    warnings: tuple[str, ...]


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
    is_fresh: bool = True  # has finished no file yet


def extract_files(
    root: Path, sources: Sequence[Source], store: Store | None, config: Config, progress: Progress | None
) -> Extracted:
    """Facts of every source. A file that ends its worker, or takes more than config.file_seconds of CPU, gives Facts with a failure."""
    found = store.lookup(root, sources) if store else {}
    missed = [source for source in sources if source.path not in found]
    if progress:
        progress(len(found), len(sources))
    used = 0
    if missed:
        pool = Pool(root, missed, store, config, progress, len(sources))
        used = pool.run()
        found |= pool.facts
    return Extracted(
        facts={source.path: found[source.path] for source in sources},
        hits=len(sources) - len(missed),
        misses=len(missed),
        workers=used,
        warnings=tuple(store.warnings) if store else (),
    )


def load_extract() -> Callable[[bytes], Facts]:
    """Only here, and only when something has to be parsed: LibCST takes a quarter of a second to import."""
    from readiness.extract import extract

    return extract


class Pool:
    """The processes of one run and what they have given so far."""

    def __init__(
        self,
        root: Path,
        sources: Sequence[Source],
        store: Store | None,
        config: Config,
        progress: Progress | None,
        total: int,
    ) -> None:
        self.facts: dict[str, Facts] = {}
        self._root = root
        self._sources = sources
        self._store = store
        self._config = config
        self._progress = progress
        self._total = total
        self._chunks = _chunks(sources)
        self._workers: list[Worker] = []
        self._retried: set[int] = set()
        self._rows: list[tuple[Source, bytes, bytes]] = []
        self._receiver = msgspec.msgpack.Decoder(Done)
        self._decoder = msgspec.msgpack.Decoder(Facts)

    def run(self) -> int:
        """Does all sources; gives the number of workers. However it ends, no process is left and whole rows only are stored."""
        count = _worker_count(self._sources, len(self._chunks), self._config)
        try:
            for _ in range(count):
                self._start()
            while self._workers:
                self._wait()
            self._flush()
        finally:
            for worker in self._workers:
                worker.process.kill()
            for worker in list(self._workers):
                self._bury(worker)
        return count

    def _start(self) -> None:
        if self._chunks:
            worker = _spawn(self._root, self._config, [worker.pipe for worker in self._workers])
            self._workers.append(worker)
            self._feed(worker)

    def _feed(self, worker: Worker) -> None:
        """The next chunk, or the word to stop."""
        if not self._chunks:
            worker.pipe.send_bytes(b"")
            self._bury(worker)
            return
        worker.chunk = deque(self._chunks.popleft())
        worker.deadline = time.monotonic() + self._patience()
        sent = [(index, self._sources[index].path) for index in worker.chunk]
        try:
            worker.pipe.send_bytes(msgspec.msgpack.encode(sent))
        except OSError:
            pass  # it is dead: the next wait finds its pipe at the end

    def _patience(self) -> float:
        return max(0.5, self._config.file_seconds) * WALL_FACTOR

    def _wait(self) -> None:
        """Waits for messages, ends and deadlines, and deals with them."""
        from multiprocessing.connection import wait

        first = min(worker.deadline for worker in self._workers)
        ready = set(wait([worker.pipe for worker in self._workers], max(0.0, first - time.monotonic())))
        for worker in list(self._workers):
            if worker.pipe in ready:
                self._receive(worker)
            elif time.monotonic() >= worker.deadline:
                worker.process.kill()
                self._after_death(worker, Failure("timed-out", f"no answer within {self._patience():g} s"))

    def _receive(self, worker: Worker) -> None:
        try:
            message = self._receiver.decode(worker.pipe.recv_bytes())
        except (EOFError, OSError):
            self._after_death(worker, None)
            return
        worker.deadline = time.monotonic() + self._patience()
        if message.packed is None:
            worker.current = message.index
            return
        worker.chunk.remove(message.index)
        worker.current, worker.is_fresh = None, False
        self._keep(message.index, self._decoder.decode(message.packed), message.digest, message.packed)
        if not worker.chunk:
            self._feed(worker)

    def _keep(self, index: int, facts: Facts, digest: bytes, packed: bytes) -> None:
        source = self._sources[index]
        self.facts[source.path] = facts
        failure = facts.failure or facts.metrics_failure
        if digest and not (failure and failure.reason in MACHINE_REASONS):
            self._rows.append((source, digest, packed))
        if len(self._rows) >= BATCH:
            self._flush()
        if self._progress:
            self._progress(self._total - len(self._sources) + len(self.facts), self._total)

    def _flush(self) -> None:
        if self._store and self._rows:
            self._store.put(self._root, self._rows)
        self._rows = []

    def _after_death(self, worker: Worker, failure: Failure | None) -> None:
        """Charges the file that it had begun, gives the rest to a new worker.

        What died in a worker that had done other files gets a second one, alone: the answer must not depend on its neighbours.
        """
        failure = failure or _cause(worker, self._config)
        self._bury(worker)
        rest = list(worker.chunk)
        index = worker.current if worker.current is not None else rest[0] if rest else None
        if index is not None:
            rest.remove(index)
            if not worker.is_fresh and failure.reason != "timed-out" and index not in self._retried:
                self._retried.add(index)
                self._chunks.appendleft((index,))
            else:
                self._keep(index, Facts(_count_lines(self._root, self._sources[index]), failure), b"", b"")
        if rest:
            self._chunks.append(tuple(rest))
        self._start()

    def _bury(self, worker: Worker) -> None:
        self._workers.remove(worker)
        worker.process.join()
        worker.pipe.close()
        worker.errors.close()
        worker.process.close()


def _chunks(sources: Sequence[Source]) -> deque[tuple[int, ...]]:
    """Indices in groups of about CHUNK_BYTES, the largest files first, so that no long one begins last."""
    chunks: deque[tuple[int, ...]] = deque()
    group: list[int] = []
    size = 0
    for index in sorted(range(len(sources)), key=lambda index: (-sources[index].size, sources[index].path)):
        group.append(index)
        size += sources[index].size
        if size >= CHUNK_BYTES:
            chunks.append(tuple(group))
            group, size = [], 0
    if group:
        chunks.append(tuple(group))
    return chunks


def _worker_count(sources: Sequence[Source], chunks: int, config: Config) -> int:
    if sum(source.size for source in sources) < ONE_WORKER_BYTES:
        return 1
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(config.workers or processors, chunks))


def _spawn(root: Path, config: Config, others: Sequence[Connection]) -> Worker:
    """A new process. Forked where that is safe (Linux, one thread), since LibCST is then imported once; else spawned."""
    import multiprocessing

    can_fork = sys.platform == "linux" and threading.active_count() == 1
    context: Any = multiprocessing.get_context("fork" if can_fork else "spawn")
    extract = load_extract() if can_fork else None
    ours, theirs = context.Pipe()
    # A file, not a pipe: nobody has to read it while the worker lives.
    errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in _bury)
    # A forked child closes its copies of our pipe ends: only then does it see that we are gone.
    inherited = [*others, ours] if can_fork else []
    arguments = (theirs, str(root), config, extract, inherited, errors.fileno() if can_fork else -1)
    process = context.Process(target=_work, args=arguments, daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours, errors)


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


def _cause(worker: Worker, config: Config) -> Failure:
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


def _count_lines(root: Path, source: Source) -> int:
    try:
        return _lines(read_bytes(on_disk(root, source.path), source.size))
    except OSError:
        return 0


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
