"""The store: what is known by content comes back equal; whatever lies in its place is survived."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
import zlib
from pathlib import Path

import msgspec
import pytest

from readiness import cache
from readiness.cache import database, digest_of, open_store
from readiness.cache.deflate import deflated, inflated
from readiness.types.facts import Facts, Failure
from readiness.types.tree import Source
from tests.report import example

OLD = 1_600_000_000 * 10**9


def write(root: Path, path: str, data: bytes, mtime_ns: int = OLD) -> Source:
    (root / path).write_bytes(data)
    os.utime(root / path, ns=(mtime_ns, mtime_ns))
    status = (root / path).stat()
    return Source(path, path, path, ".", False, status.st_size, status.st_mtime_ns, status.st_ino)


def row(source: Source, data: bytes, facts: Facts) -> cache.Row:
    return source, digest_of(data), msgspec.msgpack.encode(facts)


def keep(folder: Path, root: Path, *rows: cache.Row) -> list[str]:
    store = open_store(folder)
    store.digests(root, [source for source, _, _ in rows])
    store.put(root, rows)
    store.close()
    return store.warnings


def recall(folder: Path, root: Path, *sources: Source) -> tuple[dict[str, Facts], list[str]]:
    store = open_store(folder)
    found = store.facts(store.digests(root, sources))
    store.close()
    return found, store.warnings


def database_of(folder: Path) -> Path:
    (file,) = folder.glob("facts-*.sqlite")
    return file


def test_facts_come_back_and_the_folder_is_ours_alone(tmp_path: Path) -> None:
    folder = tmp_path / ".readiness_cache"
    source = write(tmp_path, "a.py", b"x\n")
    facts = Facts(1, Failure("syntax-error", "odd", 1))
    assert keep(folder, tmp_path, row(source, b"x\n", facts)) == []
    assert recall(folder, tmp_path, source) == ({"a.py": facts}, [])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(database_of(folder).stat().st_mode) == 0o600
    assert (folder / ".gitignore").read_text() == "*\n"


def test_an_unchanged_stat_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path, "a.py", b"x\n")
    keep(tmp_path / "c", tmp_path, row(source, b"x\n", Facts(7)))
    monkeypatch.setattr(cache, "read_bytes", lambda *arguments: pytest.fail("it was read"))
    assert recall(tmp_path / "c", tmp_path, source)[0] == {"a.py": Facts(7)}


def test_a_touched_file_is_known_by_content_and_then_by_stat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path / "c", tmp_path, row(write(tmp_path, "a.py", b"x\n"), b"x\n", Facts(7)))
    touched = write(tmp_path, "a.py", b"x\n", OLD + 5)
    assert recall(tmp_path / "c", tmp_path, touched)[0] == {"a.py": Facts(7)}
    monkeypatch.setattr(cache, "read_bytes", lambda *arguments: pytest.fail("it was read"))
    assert recall(tmp_path / "c", tmp_path, touched)[0] == {"a.py": Facts(7)}


def test_a_moved_or_copied_file_is_known_by_content(tmp_path: Path) -> None:
    keep(tmp_path / "c", tmp_path, row(write(tmp_path, "a.py", b"x\n"), b"x\n", Facts(7)))
    assert recall(tmp_path / "c", tmp_path, write(tmp_path, "b.py", b"x\n"))[0] == {"b.py": Facts(7)}


def test_a_changed_file_is_unknown(tmp_path: Path) -> None:
    keep(tmp_path / "c", tmp_path, row(write(tmp_path, "a.py", b"x\n"), b"x\n", Facts(7)))
    assert recall(tmp_path / "c", tmp_path, write(tmp_path, "a.py", b"yy\n"))[0] == {}


def test_a_file_as_young_as_its_row_is_read(tmp_path: Path) -> None:
    """Same size, time and inode, other content: only the racy-clean rule tells."""
    now = time.time_ns()
    keep(tmp_path / "c", tmp_path, row(write(tmp_path, "a.py", b"x\n", now), b"x\n", Facts(7)))
    source = write(tmp_path, "a.py", b"y\n", now)
    assert recall(tmp_path / "c", tmp_path, source)[0] == {}


def test_two_roots_in_one_store_do_not_mix(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    first, second = write(one, "a.py", b"x\n"), write(two, "a.py", b"y\n")
    keep(tmp_path / "c", one, row(first, b"x\n", Facts(1)))
    keep(tmp_path / "c", two, row(second, b"y\n", Facts(2)))
    assert recall(tmp_path / "c", one, first)[0] == {"a.py": Facts(1)}
    assert recall(tmp_path / "c", two, second)[0] == {"a.py": Facts(2)}


def test_many_files_are_found_by_table_scans(tmp_path: Path) -> None:
    sources = [write(tmp_path, f"m{number}.py", b"%d\n" % number) for number in range(cache.MANY + 10)]
    keep(tmp_path / "c", tmp_path, *(row(s, (tmp_path / s.path).read_bytes(), Facts(i)) for i, s in enumerate(sources)))
    found, warnings = recall(tmp_path / "c", tmp_path, *sources)
    assert (found, warnings) == ({source.path: Facts(number) for number, source in enumerate(sources)}, [])


def test_a_store_of_another_version_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path, "a.py", b"x\n")
    keep(tmp_path / "c", tmp_path, row(source, b"x\n", Facts(7)))
    monkeypatch.setattr(database, "facts_version", lambda: "other")
    assert recall(tmp_path / "c", tmp_path, source) == ({}, [])


def test_a_store_of_another_version_goes_when_it_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path / "c", tmp_path, row(write(tmp_path, "a.py", b"x\n"), b"x\n", Facts(7)))
    old = database_of(tmp_path / "c")
    os.utime(old, (0, 0))
    monkeypatch.setattr(database, "facts_version", lambda: "other")
    open_store(tmp_path / "c").close()
    assert database_of(tmp_path / "c").name.startswith("facts-other-")


@pytest.mark.parametrize(
    "damage", [b"not a database, only text that is long enough to be taken for one" * 30, b"SQLite format 3\0" * 300]
)
def test_a_damaged_store_is_made_anew_with_one_warning(tmp_path: Path, damage: bytes) -> None:
    source = write(tmp_path, "a.py", b"x\n")
    keep(tmp_path / "c", tmp_path, row(source, b"x\n", Facts(7)))
    database_of(tmp_path / "c").write_bytes(damage)
    found, warnings = recall(tmp_path / "c", tmp_path, source)
    assert found == {}
    assert len(warnings) == 1 and "damaged" in warnings[0]
    keep(tmp_path / "c", tmp_path, row(source, b"x\n", Facts(8)))
    assert recall(tmp_path / "c", tmp_path, source) == ({"a.py": Facts(8)}, [])


@pytest.mark.parametrize(
    "damage",
    [
        {b"size INTEGER": b"si\xffe INTEGER"},  # still a column, whose name is no text
        {b"tablestats": b"table\xfftats", b"CREATE TABLE stats": b"CREATE TABXE stats"},  # quoted in what sqlite says
    ],
)
def test_a_schema_that_is_no_text_is_damage_as_well(tmp_path: Path, damage: dict[bytes, bytes]) -> None:
    source = write(tmp_path, "a.py", b"x\n")
    keep(tmp_path / "c", tmp_path, row(source, b"x\n", Facts(7)))
    data = database_of(tmp_path / "c").read_bytes()
    for there, instead in damage.items():
        assert there in data
        data = data.replace(there, instead)
    database_of(tmp_path / "c").write_bytes(data)
    found, warnings = recall(tmp_path / "c", tmp_path, source)
    assert found == {}
    assert len(warnings) == 1 and "damaged" in warnings[0]
    keep(tmp_path / "c", tmp_path, row(source, b"x\n", Facts(8)))
    assert recall(tmp_path / "c", tmp_path, source) == ({"a.py": Facts(8)}, [])


def test_a_foreign_database_with_a_trigger_is_not_used(tmp_path: Path) -> None:
    source = write(tmp_path, "a.py", b"x\n")
    keep(tmp_path / "c", tmp_path, row(source, b"x\n", Facts(7)))
    with sqlite3.connect(database_of(tmp_path / "c")) as foreign:
        foreign.execute("CREATE TRIGGER t AFTER INSERT ON facts BEGIN DELETE FROM stats; END")
    foreign.close()
    found, warnings = recall(tmp_path / "c", tmp_path, source)
    assert found == {} and len(warnings) == 1


@pytest.mark.parametrize(
    "packed", [b"", b"\xc1", b"\x80", msgspec.msgpack.encode(["text"]), b"cos\nsystem\n(S'true'\ntR."]
)
def test_a_damaged_row_is_unknown(tmp_path: Path, packed: bytes) -> None:
    one, two = write(tmp_path, "a.py", b"x\n"), write(tmp_path, "b.py", b"y\n")
    keep(tmp_path / "c", tmp_path, row(one, b"x\n", Facts(1)), row(two, b"y\n", Facts(2)))
    with sqlite3.connect(database_of(tmp_path / "c")) as damaged:
        damaged.execute("UPDATE facts SET data = ? WHERE digest = ?", (packed, digest_of(b"x\n")))
    damaged.close()
    found, warnings = recall(tmp_path / "c", tmp_path, one, two)
    assert found == {"b.py": Facts(2)}
    assert len(warnings) == 1


def test_a_link_in_place_of_the_folder_or_the_file_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path, "a.py", b"x\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "c").symlink_to("elsewhere")
    warnings = keep(tmp_path / "c", tmp_path, row(source, b"x\n", Facts(7)))
    assert warnings == ["the store is not used (c is no folder or a symbolic link)"]
    assert list((tmp_path / "elsewhere").iterdir()) == []
    keep(tmp_path / "d", tmp_path, row(source, b"x\n", Facts(7)))
    file = database_of(tmp_path / "d")
    file.rename(tmp_path / "moved")
    file.symlink_to(tmp_path / "moved")
    assert recall(tmp_path / "d", tmp_path, source) == (
        {},
        ["the store is not used (a symbolic link lies where the store should be)"],
    )


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("mine")
    source = write(tmp_path, "a.py", b"x\n")
    assert len(keep(tmp_path / "c", tmp_path, row(source, b"x\n", Facts(7)))) == 1
    assert (tmp_path / "c").read_text() == "mine"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = open_store(tmp_path / "file" / "c")
    assert not store.is_open and len(store.warnings) == 1


def test_no_folder_keeps_nothing_and_says_nothing(tmp_path: Path) -> None:
    store = open_store(None)
    source = write(tmp_path, "a.py", b"x\n")
    store.put(tmp_path, [row(source, b"x\n", Facts(7))])
    assert (store.digests(tmp_path, [source]), store.warnings) == ({}, [])
    store.close()


def test_scans_at_the_same_time(tmp_path: Path) -> None:
    sources = [write(tmp_path, f"m{number}.py", b"%d\n" % number) for number in range(40)]
    rows = [row(source, b"%d\n" % number, Facts(number)) for number, source in enumerate(sources)]
    told: list[str] = []
    scans = [threading.Thread(target=lambda: told.extend(keep(tmp_path / "c", tmp_path, *rows))) for _ in range(8)]
    for scan in scans:
        scan.start()
    for scan in scans:
        scan.join()
    assert told == []
    assert recall(tmp_path / "c", tmp_path, *sources)[0] == {f"m{number}.py": Facts(number) for number in range(40)}


def test_a_report_goes_in_piece_by_piece_and_comes_back_whole() -> None:
    plain = example.report()
    many = msgspec.structs.replace(
        plain, functions=plain.functions * 700
    )  # more rows than a piece, and fewer in the last one
    for report in (plain, many):
        assert zlib.decompress(deflated(report)) and inflated(deflated(report)) == report
    for damaged in (deflated(plain)[:-9], b"", zlib.compress(b"\xc0")):
        with pytest.raises((zlib.error, msgspec.MsgspecError)):
            inflated(damaged)
