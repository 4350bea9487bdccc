"""The store: content of a file -> its Facts, with a shortcut by size, time and inode. Never unpickles, follows a link, prints or fails a scan.

One sqlite file per version of the extractor, its libraries and Python lies in a folder of mode 0700, so that no row is ever read by
another version. The content hash decides; the stat row only saves reading. A row is believed as a stat only when the file was at
least RACY_NS old when it was read: a later change within the clock's grain could not be told otherwise (git's racy-clean rule).
"""

from __future__ import annotations

import gc
import hashlib
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import msgspec

from readiness.disk import on_disk, read_bytes
from readiness.types.facts import Facts
from readiness.types.tree import Source

FOLDER = ".readiness_cache"
RACY_NS = 2_000_000_000
BUSY_SECONDS = 10.0
APPLICATION = 0x52454144  # "READ", in the header of the file: a database of another program is not ours to change
MANY = 500  # from here on one query for the whole table is faster than one query a row
STALE_SECONDS = 30 * 86_400  # a store of another version that nobody used for so long is removed
SCHEMA = (
    "CREATE TABLE facts (digest BLOB PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",
    """CREATE TABLE stats (place BLOB, path TEXT, size INTEGER, mtime_ns INTEGER, inode INTEGER, read_ns INTEGER, digest BLOB,
PRIMARY KEY (place, path)) WITHOUT ROWID""",
)
SUFFIXES = ("", "-wal", "-shm", "-journal")

Row = tuple[Source, bytes, bytes]  # a file, the digest of what was read, its packed Facts


def open_store(folder: Path | None) -> Store:
    """The store in `folder`, made where it is missing. None, or a folder that cannot be used, gives a store that keeps nothing."""
    store = Store()
    if folder is None:
        return store
    try:
        _make_folder(folder)
        file = folder / f"facts-{_version()}.sqlite"
        for suffix in SUFFIXES:
            if os.path.islink(f"{file}{suffix}"):
                raise OSError("a symbolic link lies where the store should be")
        store.connect(file)
        _remove_stale(folder, file)
    except (OSError, sqlite3.Error) as error:
        store.give_up(error)
    return store


class Store:
    """An open store. What goes wrong is told once in `warnings`; from then on nothing is kept."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._database: sqlite3.Connection | None = None
        self._decoder = msgspec.msgpack.Decoder(Facts)
        self._read_ns = time.time_ns()

    @property
    def is_open(self) -> bool:
        return self._database is not None

    def connect(self, file: Path) -> None:
        """Opens or makes the database; a file that is no store of ours, or damaged, is replaced with a warning."""
        try:
            self._database = _open_database(file)
        except sqlite3.OperationalError:
            raise  # locked, read-only, disk full: not the file's fault, so it is left alone
        except sqlite3.DatabaseError as error:
            self._warn(f"the store was damaged and is made anew ({error})")
            for suffix in SUFFIXES:
                Path(f"{file}{suffix}").unlink(missing_ok=True)
            self._database = _open_database(file)

    def lookup(self, root: Path, sources: Sequence[Source]) -> dict[str, Facts]:
        """path -> Facts of those whose content is known: by their stat, else by reading and hashing them."""
        self._read_ns = time.time_ns()
        if self._database is None or not sources:
            return {}
        try:
            with _no_collection():
                return self._lookup(self._database, root, sources)
        except (sqlite3.Error, OverflowError) as error:
            self.give_up(error)
            return {}

    def put(self, root: Path, rows: Iterable[Row]) -> None:
        """Keeps rows in one transaction: all of them or, after an interruption, none."""
        if self._database is None:
            return
        place = _place(root)
        known = [(digest, data) for _, digest, data in rows if data]
        stats = [(place, s.path, s.size, s.mtime_ns, s.inode, self._read_ns, digest) for s, digest, _ in rows]
        try:
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", known)
                self._database.executemany("INSERT OR REPLACE INTO stats VALUES (?, ?, ?, ?, ?, ?, ?)", stats)
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
        self._warn(f"the store is not used ({error})")
        if self._database is not None:
            self._database.close()
        self._database = None

    def _warn(self, text: str) -> None:
        if not self.warnings:
            self.warnings.append(text)

    def _lookup(self, database: sqlite3.Connection, root: Path, sources: Sequence[Source]) -> dict[str, Facts]:
        digests = _digests_by_stat(database, _place(root), sources)
        data = _data(database, set(digests.values()))
        unknown = [source for source in sources if digests.get(source.path) not in data]
        fresh: list[Row] = []
        if unknown and database.execute("SELECT 1 FROM facts LIMIT 1").fetchone():
            hashed = {source.path: digest for source in unknown if (digest := _hash_file(root, source))}
            data |= _data(database, set(hashed.values()) - data.keys())
            fresh = [(source, hashed[source.path], b"") for source in unknown if hashed.get(source.path) in data]
            digests |= hashed
        found = {}
        for source in sources:
            packed = data.get(digests.get(source.path, b""))
            if packed is None:
                continue
            try:
                found[source.path] = self._decoder.decode(packed)
            except msgspec.MsgspecError as error:
                self._warn(f"a row of the store was damaged and is made anew ({error})")
        self.put(root, [row for row in fresh if row[0].path in found])
        return found


def digest_of(data: bytes) -> bytes:
    """The content hash that rows are kept by."""
    return hashlib.blake2b(data, digest_size=20).digest()


def _make_folder(folder: Path) -> None:
    """The folder, ours alone; git and backup programs are told to pass it over."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise OSError(f"{folder.name} is no folder or a symbolic link") from None
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            raise OSError(f"{folder.name} belongs to another user") from None
        if status.st_mode & 0o077:
            folder.chmod(0o700)
    for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")):
        if not os.path.lexists(folder / name):
            (folder / name).write_text(text, encoding="utf-8")


def _open_database(file: Path) -> sqlite3.Connection:
    """The database with exactly our tables. Raises sqlite3.DatabaseError for any other: its triggers or views could run."""
    database = sqlite3.connect(file, timeout=BUSY_SECONDS)
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose rows, never break the file
        database.execute("BEGIN IMMEDIATE")
        found = tuple(
            sql for (sql,) in database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        )
        (application,) = database.execute("PRAGMA application_id").fetchone()
        if not found and not application:
            for statement in SCHEMA:
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {APPLICATION}")
        elif found != SCHEMA or application != APPLICATION:
            raise sqlite3.DatabaseError("it is not a store of this program")
        database.commit()
        file.chmod(0o600)
    except BaseException:
        database.close()
        raise
    return database


def _digests_by_stat(database: sqlite3.Connection, place: bytes, sources: Sequence[Source]) -> dict[str, bytes]:
    query = "SELECT path, size, mtime_ns, inode, read_ns, digest FROM stats WHERE place = ?"
    rows: Iterable[tuple[str, int, int, int, int, bytes]]
    if len(sources) >= MANY:
        rows = database.execute(query, (place,))
    else:
        rows = (row for s in sources for row in database.execute(f"{query} AND path = ?", (place, s.path)))
    known = {source.path: source for source in sources}
    found = {}
    for path, size, mtime_ns, inode, read_ns, digest in rows:
        source = known.get(path)
        if source is None or (source.size, source.mtime_ns, source.inode) != (size, mtime_ns, inode):
            continue
        if isinstance(read_ns, int) and mtime_ns + RACY_NS < read_ns:
            found[path] = digest
    return found


def _data(database: sqlite3.Connection, digests: set[bytes]) -> dict[bytes, bytes]:
    rows: Iterable[tuple[bytes, bytes]]
    if len(digests) >= MANY:
        rows = database.execute("SELECT digest, data FROM facts")
    else:
        rows = (
            row for d in digests for row in database.execute("SELECT digest, data FROM facts WHERE digest = ?", (d,))
        )
    return {digest: data for digest, data in rows if digest in digests}


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


def _remove_stale(folder: Path, current: Path) -> None:
    """Stores of other versions, unused for long. A clock that jumped costs a rescan, nothing else."""
    for other in sorted(folder.glob("facts-*.sqlite")):
        if other != current and not other.is_symlink() and time.time() - other.stat().st_mtime > STALE_SECONDS:
            for suffix in SUFFIXES:
                Path(f"{other}{suffix}").unlink(missing_ok=True)


def _version() -> str:
    """Digest of everything but the content that Facts depend on: our extractor's own text, LibCST, radon, Python."""
    package = Path(__file__).parent
    parts = [
        sys.implementation.name,
        *map(str, sys.version_info[:3]),
        metadata.version("libcst"),
        metadata.version("radon"),
    ]
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8)
    for file in [*sorted((package / "extract").glob("**/*.py")), package / "types" / "facts.py"]:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _place(root: Path) -> bytes:
    """Tells the roots apart that share one store."""
    return hashlib.blake2b(os.fsencode(root.resolve()), digest_size=8).digest()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Decoding makes many tuples and no garbage: five times faster without the collector (measured on 8,000 files)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
