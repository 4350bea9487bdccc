"""The store: content -> Facts with a shortcut by size, time and inode; all inputs -> Report, and what a scan wrote of it. Never unpickles, follows a link, prints or fails a scan.

One sqlite file per user and version of the extractor, its libraries and Python lies in a folder of mode 0700, so that no row is
ever read by another version. The content hash decides; the stat row only saves reading. A row is believed as a stat only when the
file was at least RACY_NS old when it was read: a later change within the clock's grain could not be told otherwise (git's
racy-clean rule). Every row is sealed with the user's key (seal.py): one that somebody else wrote, or that was damaged, is no row.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from readiness.cache.database import connect, database_file, program_version, remove, remove_stale
from readiness.cache.deflate import deflated, inflated
from readiness.cache.seal import Sealer, user_sealer
from readiness.cache.unpack import Unpacker
from readiness.disk import on_disk, read_bytes
from readiness.types.facts import Facts
from readiness.types.report import Report
from readiness.types.tree import Source

__all__ = ["FOLDER", "Row", "Store", "digest_of", "open_store", "program_version"]

FOLDER = ".readiness_cache"
RACY_NS = 2_000_000_000
MANY = 500  # from here on one query for the whole table is faster than one query a row
KEPT = 4  # reports, and outputs, per scanned folder: two branches and two sets of options

T = TypeVar("T")
Row = tuple[Source, bytes, bytes]  # a file, the digest of what was read, its packed Facts (empty: known already)


def open_store(folder: Path | None) -> Store:
    """The store in `folder`, made where it is missing. None, or a folder that cannot be used, gives a store that keeps nothing."""
    store = Store()
    if folder is None:
        return store
    try:
        store.open(folder, user_sealer())
    except (OSError, sqlite3.Error) as error:
        store.give_up(error)
    return store


class Store:
    """An open store. What goes wrong is told once in `warnings`; from then on nothing is kept."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._database: sqlite3.Connection | None = None
        self._sealer = Sealer(b"")
        self._read_ns = time.time_ns()

    @property
    def is_open(self) -> bool:
        return self._database is not None

    def open(self, folder: Path, sealer: Sealer) -> None:
        """Opens or makes the database; a file that is no store of ours, or damaged, is replaced with a warning."""
        self._sealer = sealer
        file = database_file(folder, sealer.name)
        try:
            self._database = connect(file)
        except sqlite3.OperationalError:
            raise  # locked, read-only, disk full: not the file's fault, so it is left alone
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter: sqlite quotes what it could not read
            self._warn(f"the store was damaged and is made anew ({error})")
            remove(file)
            self._database = connect(file)
        remove_stale(folder, file)

    def digests(self, root: Path, sources: Sequence[Source]) -> dict[str, bytes]:
        """path -> digest of the content, of files whose content is known: by their stat, else by reading and hashing them."""
        self._read_ns = time.time_ns()
        if self._database is None or not sources:
            return {}
        try:
            found = self._by_stat(self._database, _place(root), sources)
            unknown = [source for source in sources if source.path not in found]
            if unknown and self._database.execute("SELECT 1 FROM facts LIMIT 1").fetchone():
                hashed = {source.path: digest for source in unknown if (digest := _hash_file(root, source))}
                known = self._known(self._database, set(hashed.values()))
                fresh = [(s, hashed[s.path], b"") for s in unknown if hashed.get(s.path) in known]
                self.put(root, fresh)
                found |= {source.path: digest for source, digest, _ in fresh}
            return found
        except (sqlite3.Error, OverflowError) as error:
            self.give_up(error)
            return {}

    def facts(self, digests: Mapping[str, bytes]) -> dict[str, Facts]:
        """path -> Facts, of `digests` as the method of this name gave them."""
        if self._database is None or not digests:
            return {}
        unpacker = Unpacker()
        found: dict[bytes, Facts] = {}
        try:
            for digest, data in self._rows(self._database, set(digests.values())):
                found[digest] = unpacker.facts(data)
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            self.give_up(error)
        return {path: found[digest] for path, digest in digests.items() if digest in found}

    def put(self, root: Path, rows: Iterable[Row]) -> None:
        """Keeps rows in one transaction: all of them or, after an interruption, none."""
        if self._database is None:
            return
        place = _place(root)
        known = [(digest, self._sealer.seal(b"facts", digest, data), data) for _, digest, data in rows if data]
        stats = [
            (*stat, self._sealer.seal(b"stat", msgspec.msgpack.encode(stat)))
            for s, digest, _ in rows
            for stat in [(place, s.path, s.size, s.mtime_ns, s.inode, self._read_ns, digest)]
        ]
        try:
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", known)
                self._database.executemany("INSERT OR REPLACE INTO stats VALUES (?, ?, ?, ?, ?, ?, ?, ?)", stats)
        except (sqlite3.Error, OverflowError) as error:
            self.give_up(error)

    def report(self, key: bytes) -> Report | None:
        """The report that was put under this key."""
        return self._kept("reports", key, inflated)

    def put_report(self, root: Path, key: bytes, report: Report) -> None:
        """Keeps a report and the KEPT - 1 that were put for this folder before it."""
        if self._database is not None:
            self._keep("reports", root, key, deflated(report))

    def said(self, key: bytes) -> bytes | None:
        """What a command wrote that was put under this key."""
        return self._kept("said", key, lambda data: data)

    def put_said(self, root: Path, key: bytes, data: bytes) -> None:
        """Keeps what a command wrote, and the KEPT - 1 that were put for this folder before it."""
        self._keep("said", root, key, data)

    def _kept(self, table: str, key: bytes, unpacked: Callable[[bytes], T]) -> T | None:
        if self._database is None:
            return None
        try:
            row = self._database.execute(f"SELECT seal, data FROM {table} WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            seal, data = row
            if not isinstance(data, bytes) or not self._sealer.is_ours(seal, table.encode(), key, data):
                self._warn("a row of the store was damaged and is made anew")
                return None
            with (
                self._database
            ):  # what is asked for is kept: the base of a comparison outlives the states of the work tree
                self._database.execute(f"UPDATE {table} SET used_ns = ? WHERE key = ?", (time.time_ns(), key))
            return unpacked(data)
        except (sqlite3.Error, zlib.error, msgspec.MsgspecError) as error:
            self._warn(f"a row of the store was damaged and is made anew ({error})")
            return None

    def _keep(self, table: str, root: Path, key: bytes, data: bytes) -> None:
        if self._database is None:
            return
        place = _place(root)
        row = (key, place, time.time_ns(), self._sealer.seal(table.encode(), key, data), data)
        old = f"""DELETE FROM {table} WHERE place = ? AND key NOT IN
            (SELECT key FROM {table} WHERE place = ? ORDER BY used_ns DESC, key LIMIT ?)"""
        try:
            with self._database:
                self._database.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?, ?)", row)
                self._database.execute(old, (place, place, KEPT))
        except (sqlite3.Error, OverflowError) as error:
            self.give_up(error)

    def close(self) -> None:
        """Closes the file; content that no path has any more goes when it outweighs the rest."""
        if self._database is None:
            return
        try:
            if self._database.total_changes:
                _prune(self._database)
            self._database.close()
        except sqlite3.Error as error:
            self.give_up(error)
        self._database = None

    def give_up(self, error: Exception) -> None:
        """From now on nothing is kept, for this reason."""
        self._warn(f"the store is not used ({error})")
        if self._database is not None:
            self._database.close()
        self._database = None

    def _warn(self, text: str) -> None:
        if not self.warnings:
            self.warnings.append(text)

    def _by_stat(self, database: sqlite3.Connection, place: bytes, sources: Sequence[Source]) -> dict[str, bytes]:
        query = "SELECT place, path, size, mtime_ns, inode, read_ns, digest, seal FROM stats WHERE place = ?"
        rows: Iterable[tuple[bytes, str, int, int, int, int, bytes, bytes]]
        if len(sources) >= MANY:
            rows = database.execute(query, (place,))
        else:
            rows = (row for s in sources for row in database.execute(f"{query} AND path = ?", (place, s.path)))
        known = {source.path: source for source in sources}
        found = {}
        for row in rows:
            _, path, size, mtime_ns, inode, read_ns, digest, seal = row
            source = known.get(path)
            if source is None or (source.size, source.mtime_ns, source.inode) != (size, mtime_ns, inode):
                continue
            if not self._sealer.is_ours(seal, b"stat", msgspec.msgpack.encode(row[:-1])):
                self._warn("a row of the store was damaged and is made anew")
            elif mtime_ns + RACY_NS < read_ns:
                found[path] = digest
        return found

    def _known(self, database: sqlite3.Connection, digests: set[bytes]) -> set[bytes]:
        query = "SELECT 1 FROM facts WHERE digest = ?"
        return {digest for digest in digests if database.execute(query, (digest,)).fetchone()}

    def _rows(self, database: sqlite3.Connection, digests: set[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """(digest, packed Facts), one after the other: all at once would be as large as what is made of them."""
        query = "SELECT digest, seal, data FROM facts"
        rows: Iterable[tuple[bytes, bytes, bytes]]
        if len(digests) >= MANY:
            rows = database.execute(query)
        else:
            rows = (row for d in sorted(digests) for row in database.execute(f"{query} WHERE digest = ?", (d,)))
        for digest, seal, data in rows:
            if digest not in digests:
                continue
            if isinstance(data, bytes) and self._sealer.is_ours(seal, b"facts", digest, data):
                yield digest, data
            else:
                self._warn("a row of the store was damaged and is made anew")


def digest_of(data: bytes) -> bytes:
    """The content hash that rows are kept by."""
    return hashlib.blake2b(data, digest_size=20).digest()


def _hash_file(root: Path, source: Source) -> bytes | None:
    try:
        data = read_bytes(on_disk(root, source.path), source.size + 1)
    except OSError:
        return None
    return digest_of(data) if len(data) == source.size else None


def _prune(database: sqlite3.Connection) -> None:
    (facts,) = database.execute("SELECT count(*) FROM facts").fetchone()
    (paths,) = database.execute("SELECT count(*) FROM stats").fetchone()
    if facts > 4 * paths + 1_000:
        with database:
            database.execute("DELETE FROM facts WHERE digest NOT IN (SELECT digest FROM stats)")


def _place(root: Path) -> bytes:
    """Tells the roots apart that share one store."""
    return hashlib.blake2b(os.fsencode(root.resolve()), digest_size=8).digest()
