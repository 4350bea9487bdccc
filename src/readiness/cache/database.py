"""A folder -> the sqlite file of this version and user in it, with exactly our tables. Never follows a link or opens a foreign file."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import sys
import time
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path

BUSY_SECONDS = 10.0
APPLICATION = 0x52454144  # "READ", in the header of the file: a database of another program is not ours to change
STALE_SECONDS = 30 * 86_400  # a store of another version that nobody used for so long is removed
SCHEMA = (
    "CREATE TABLE facts (digest BLOB PRIMARY KEY, seal BLOB NOT NULL, data BLOB NOT NULL) WITHOUT ROWID",
    """CREATE TABLE reports (key BLOB PRIMARY KEY, place BLOB NOT NULL, used_ns INTEGER NOT NULL, seal BLOB NOT NULL,
data BLOB NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE said (key BLOB PRIMARY KEY, place BLOB NOT NULL, used_ns INTEGER NOT NULL, seal BLOB NOT NULL,
data BLOB NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE stats (place BLOB, path TEXT, size INTEGER, mtime_ns INTEGER, inode INTEGER, read_ns INTEGER, digest BLOB,
seal BLOB NOT NULL, PRIMARY KEY (place, path)) WITHOUT ROWID""",
)
SUFFIXES = ("", "-wal", "-shm", "-journal")
PACKAGE = Path(__file__).resolve().parent.parent


def database_file(folder: Path, user: str) -> Path:
    """The file of this version of the extractor and of this user, in `folder`, which is made. Raises OSError."""
    _make_folder(folder)
    file = folder / f"facts-{facts_version()}-{user}.sqlite"
    for suffix in SUFFIXES:
        if os.path.islink(f"{file}{suffix}"):
            raise OSError("a symbolic link lies where the store should be")
    return file


def connect(file: Path) -> sqlite3.Connection:
    """The database with exactly our tables. Raises sqlite3.DatabaseError for any other: its triggers or views could run.

    Raises UnicodeDecodeError where a damaged name stands in what sqlite says of it.
    """
    with ExitStack() as closing:
        database = sqlite3.connect(file, timeout=BUSY_SECONDS)
        closing.callback(database.close)
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA cell_size_check = ON")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")  # a power cut may lose rows, never break the file
        database.execute("BEGIN IMMEDIATE")
        # as bytes: text that is damaged would be told like a database that is locked
        written = "SELECT CAST(sql AS BLOB) FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        found = tuple(sql for (sql,) in database.execute(written))
        (application,) = database.execute("PRAGMA application_id").fetchone()
        if not found and not application:
            for statement in SCHEMA:
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {APPLICATION}")
        elif found != tuple(statement.encode() for statement in SCHEMA) or application != APPLICATION:
            raise sqlite3.DatabaseError("it is not a store of this program")
        database.commit()
        file.chmod(0o600)
        closing.pop_all()  # all went well: it stays open
        return database


def remove(file: Path) -> None:
    """A database and what sqlite lays beside it."""
    for suffix in SUFFIXES:
        Path(f"{file}{suffix}").unlink(missing_ok=True)


def remove_stale(folder: Path, current: Path) -> None:
    """Stores of other versions, unused for long. A clock that jumped costs a rescan, nothing else."""
    for other in sorted(folder.glob("facts-*.sqlite")):
        if other != current and not other.is_symlink() and time.time() - other.stat().st_mtime > STALE_SECONDS:
            remove(other)


def facts_version() -> str:
    """Digest of everything but the content that Facts depend on: our extractor's own text, LibCST, radon, Python, these tables."""
    files = [*(PACKAGE / "extract").rglob("*.py"), PACKAGE / "types" / "facts.py"]
    return _version(files, "\n".join(SCHEMA), metadata.version("libcst"), metadata.version("radon"))


def program_version() -> str:
    """Digest of everything but the scanned files and the rule pages that a report depends on: all of our own text, the libraries."""
    return _version(list(PACKAGE.rglob("*.py")), *(metadata.version(name) for name in ("libcst", "radon", "networkx")))


def _version(files: list[Path], *parts: str) -> str:
    running = (sys.implementation.name, *map(str, sys.version_info[:3]))
    digest = hashlib.blake2b("\0".join([*running, *parts]).encode(), digest_size=8)
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


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
