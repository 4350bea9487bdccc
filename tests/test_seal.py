"""The store against a repository that brings one: rows that this user did not write are not believed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from pathlib import Path

import msgspec
import pytest

from readiness.cache import Store, digest_of, open_store
from readiness.cache.seal import user_sealer
from readiness.types.facts import Facts
from readiness.types.tree import Source

OLD = 1_600_000_000


def file_of(root: Path, data: bytes) -> Source:
    (root / "a.py").write_bytes(data)
    os.utime(root / "a.py", (OLD, OLD))
    status = (root / "a.py").stat()
    return Source("a.py", "a", "a", ".", False, status.st_size, status.st_mtime_ns, status.st_ino)


def fill(folder: Path, root: Path, source: Source, data: bytes, facts: Facts) -> None:
    store = open_store(folder)
    store.digests(root, [source])
    store.put(root, [(source, digest_of(data), msgspec.msgpack.encode(facts))])
    store.close()
    assert store.warnings == []


def recall(folder: Path, root: Path, source: Source) -> tuple[dict[str, Facts], list[str]]:
    store = open_store(folder)
    found = store.facts(store.digests(root, [source]))
    store.close()
    return found, store.warnings


def change(folder: Path, statement: str, *values: object) -> None:
    (file,) = folder.glob("facts-*.sqlite")
    with sqlite3.connect(file) as database:
        database.execute(statement, values)
    database.close()


def test_the_key_is_this_user_s_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    first = user_sealer()
    (key,) = (tmp_path / "state").rglob("store.key")
    assert (stat.S_IMODE(key.stat().st_mode), len(key.read_bytes())) == (0o600, 32)
    assert list(key.parent.iterdir()) == [key]
    assert user_sealer().name == first.name
    assert key.read_bytes().hex()[:8] not in first.name


def test_a_store_that_a_repository_brings_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = file_of(tmp_path, b"import os\n")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "attacker"))
    fill(tmp_path / "c", tmp_path, source, b"import os\n", Facts(7))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "victim"))
    assert recall(tmp_path / "c", tmp_path, source) == ({}, [])


def test_nor_when_it_has_the_name_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attacker knows everything but the key: the file's name, too."""
    source = file_of(tmp_path, b"import os\n")
    fill(tmp_path / "mine", tmp_path, source, b"import os\n", Facts(1))
    (mine,) = (tmp_path / "mine").glob("facts-*.sqlite")
    with monkeypatch.context() as other:
        other.setenv("XDG_STATE_HOME", str(tmp_path / "attacker"))
        fill(tmp_path / "c", tmp_path, source, b"import os\n", Facts(7))
    (forged,) = (tmp_path / "c").glob("facts-*.sqlite")
    forged.rename(forged.with_name(mine.name))
    found, warnings = recall(tmp_path / "c", tmp_path, source)
    assert found == {}
    assert warnings == ["a row of the store was damaged and is made anew"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE facts SET data = x'9307c0c0'",
        "UPDATE facts SET data = 7",
        "UPDATE facts SET seal = x'00'",
        "UPDATE facts SET seal = NULL || ''",
        "UPDATE stats SET digest = x'00'",
        "UPDATE stats SET read_ns = read_ns + 1",
        "UPDATE stats SET place = x'00', path = 'b.py'",
    ],
)
def test_a_changed_row_is_none(tmp_path: Path, statement: str) -> None:
    source = file_of(tmp_path, b"x\n")
    fill(tmp_path / "c", tmp_path, source, b"x\n", Facts(1))
    try:
        change(tmp_path / "c", statement)
    except sqlite3.IntegrityError:
        return  # the table itself refuses it
    (tmp_path / "a.py").write_bytes(b"y\n")  # so that only a believed row could say anything
    os.utime(tmp_path / "a.py", (OLD, OLD))
    found, _ = recall(tmp_path / "c", tmp_path, source)
    assert found == {} if "facts" in statement else found in ({}, {"a.py": Facts(1)})
    if "stats" in statement:
        store = open_store(tmp_path / "c")
        assert store.digests(tmp_path, [source]) == {}
        store.close()


def test_a_row_cannot_stand_for_another(tmp_path: Path) -> None:
    """Both are ours, but each says something of its own content."""
    one, root = file_of(tmp_path, b"x\n"), tmp_path
    fill(tmp_path / "c", root, one, b"x\n", Facts(1))
    store = open_store(tmp_path / "c")
    store.put(root, [(one, digest_of(b"other\n"), msgspec.msgpack.encode(Facts(2)))])
    store.put(root, [(one, digest_of(b"x\n"), b"")])
    store.close()
    change(
        tmp_path / "c",
        "UPDATE facts SET (seal, data) = (SELECT seal, data FROM facts WHERE digest = ?) WHERE digest = ?",
        digest_of(b"other\n"),
        digest_of(b"x\n"),
    )
    assert recall(tmp_path / "c", root, one)[0] == {}


def test_without_a_place_for_the_key_there_is_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    store: Store = open_store(tmp_path / "c")
    assert not store.is_open
    assert len(store.warnings) == 1 and "XDG_STATE_HOME" in store.warnings[0]
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("damage", ["short", "link", "folder"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    user_sealer()
    (key,) = (tmp_path / "state").rglob("store.key")
    if damage == "short":
        key.write_bytes(b"x")
    else:
        shutil.move(key, tmp_path / "moved")
        key.symlink_to(tmp_path / "moved") if damage == "link" else key.mkdir()
    store = open_store(tmp_path / "c")
    assert not store.is_open and len(store.warnings) == 1
