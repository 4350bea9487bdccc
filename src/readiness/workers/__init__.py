"""Files of a root -> their Facts, out of the store or by worker processes. Never parses in this process, never loses more than one file to a crash."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from readiness.cache import Row, Store
from readiness.cache.unpack import Unpacker
from readiness.types.config import Config
from readiness.types.facts import Facts, Failure
from readiness.types.tree import Source
from readiness.workers.process import Done, Worker, cause_of_death, count_lines, cpu_ticks, spawn

CHUNK_BYTES = 64 * 1024  # measured: 1.7x on two cores; one file a task 1.4x and five times the parent's work
ONE_WORKER_BYTES = 100_000  # about 3,000 lines: below, a second process costs more than it gives
WALL_FACTOR = 4  # the limit is CPU time; who waits so many times as long without any work is ended
BATCH = 256  # rows that are put into the store at once: what an interrupted scan loses
MACHINE_REASONS = frozenset(
    {"crashed", "timed-out", "out-of-memory", "unreadable"}
)  # not a property of the content: never stored

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Extracted:
    """`facts` has every source's path, in the order of the sources; hits, misses and workers are counts."""

    facts: dict[str, Facts]
    digests: dict[str, bytes]  # of the content that the facts were made of; without files that the machine could not do
    hits: int
    misses: int
    workers: int


def extract_files(
    root: Path,
    sources: Sequence[Source],
    store: Store | None,
    config: Config,
    progress: Progress | None,
    digests: Mapping[str, bytes] | None = None,
) -> Extracted:
    """Facts of every source. A file that ends its worker, or takes more than config.file_seconds of CPU, gives Facts with a failure.

    `digests` are what the store said of the sources, where it was asked before.
    """
    known = dict(digests if digests is not None else store.digests(root, sources) if store else {})
    found = store.facts(known) if store else {}
    missed = [source for source in sources if source.path not in found]
    if progress:
        progress(len(found), len(sources))
    used = 0
    if missed:
        pool = Pool(root, missed, store, config, progress, len(sources))
        used = pool.run()
        found |= pool.facts
        known = {path: digest for path, digest in known.items() if path not in pool.facts} | pool.digests
    return Extracted(
        facts={source.path: found[source.path] for source in sources},
        digests=known,
        hits=len(sources) - len(missed),
        misses=len(missed),
        workers=used,
    )


def is_of_content(facts: Facts) -> bool:
    """Whether the content alone made these facts: not a crash, a time-out or the memory of this machine."""
    failure = facts.failure or facts.metrics_failure
    return failure is None or failure.reason not in MACHINE_REASONS


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
        self.digests: dict[str, bytes] = {}
        self._root = root
        self._sources = sources
        self._store = store
        self._config = config
        self._progress = progress
        self._total = total
        self._chunks = _chunks(sources)
        self._workers: list[Worker] = []
        self._retried: set[int] = set()
        self._rows: list[Row] = []
        self._receiver = msgspec.msgpack.Decoder(Done)
        self._unpacker = Unpacker()

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
            worker = spawn(self._root, self._config, [worker.pipe for worker in self._workers])
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
            elif time.monotonic() >= worker.deadline and not self._is_working(worker):
                worker.process.kill()
                self._after_death(worker, Failure("timed-out", f"no answer within {self._patience():g} s"))

    def _is_working(self, worker: Worker) -> bool:
        """Whether it has computed since the last look: then a busy machine is slow, and the limit of CPU time ends what is endless."""
        spent = cpu_ticks(worker.process.pid)
        is_working = spent > worker.ticks
        worker.ticks = spent
        if is_working:
            worker.deadline = time.monotonic() + self._patience()
        return is_working

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
        self._keep(message.index, self._unpacker.facts(message.packed), message.digest, message.packed)
        if not worker.chunk:
            self._feed(worker)

    def _keep(self, index: int, facts: Facts, digest: bytes, packed: bytes) -> None:
        source = self._sources[index]
        self.facts[source.path] = facts
        if digest and is_of_content(facts):
            self.digests[source.path] = digest
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
        failure = failure or cause_of_death(worker, self._config)
        self._bury(worker)
        rest = list(worker.chunk)
        index = worker.current if worker.current is not None else rest[0] if rest else None
        if index is not None:
            rest.remove(index)
            if not worker.is_fresh and failure.reason != "timed-out" and index not in self._retried:
                self._retried.add(index)
                self._chunks.appendleft((index,))
            else:
                self._keep(index, Facts(count_lines(self._root, self._sources[index]), failure), b"", b"")
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
