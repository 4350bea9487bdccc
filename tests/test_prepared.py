"""prepared: what was worked out from our own files is found again while they are the same, and made again whenever anything is odd."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness.paths import reports_folder, rules_folder
from readiness.prepared import prepared
from readiness.report.markup import environment
from readiness.rulebook import load_rulebook


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / "page.md").write_text("one")
    return tmp_path


def ask(folder: Path, answer: bytes, *parts: str) -> bytes:
    return prepared(folder, "thing", [folder / "page.md"], lambda: answer, *parts)


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("__pycache__/*"))


def test_what_was_made_is_found_again_until_a_source_or_a_part_changes(folder: Path) -> None:
    assert ask(folder, b"first", "1.0") == b"first"
    assert ask(folder, b"second", "1.0") == b"first"
    assert ask(folder, b"third", "1.1") == b"third"
    os.utime(folder / "page.md", (1, 1))
    assert ask(folder, b"fourth", "1.1") == b"fourth"
    assert [path.name for path in kept(folder)] == [f"thing.{sys.implementation.cache_tag}.pyc"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d[:-1],
        lambda d: d[:20],
        lambda d: b"",
        lambda d: d[:40] + bytes([d[40] ^ 1]) + d[41:],
        lambda d: d + b"x",
    ],
    ids=["cut", "head", "empty", "flipped", "longer"],
)
def test_a_damaged_file_is_made_again(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    ask(folder, b"a" * 50)
    (file,) = kept(folder)
    file.write_bytes(damage(file.read_bytes()))
    assert ask(folder, b"again") == b"again"
    assert ask(folder, b"later") == b"again"


def test_nothing_is_kept_where_python_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert (ask(folder, b"first"), ask(folder, b"second")) == (b"first", b"second")
    assert kept(folder) == []


def test_a_place_where_nothing_can_be_written_is_no_error(folder: Path) -> None:
    (folder / "__pycache__").write_text("a file in the way")
    assert (ask(folder, b"first"), ask(folder, b"second")) == (b"first", b"second")


def test_what_cannot_be_made_is_not_kept(folder: Path) -> None:
    def fail() -> bytes:
        raise ValueError("a broken page")

    with pytest.raises(ValueError, match="a broken page"):
        prepared(folder, "thing", [folder / "page.md"], fail)
    assert kept(folder) == []


def test_the_shipped_pages_are_the_same_kept_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    made, found = load_rulebook([rules_folder()]), load_rulebook([rules_folder()])
    assert [path.name for path in (tmp_path / "kept").rglob("rulebook.*")] == [
        f"rulebook.{sys.implementation.cache_tag}.pyc"
    ]
    assert made == found == load_rulebook([rules_folder(), tmp_path])


def test_pages_of_a_user_are_read_each_time_and_nothing_is_put_beside_them(folder: Path) -> None:
    load_rulebook([rules_folder(), folder])
    assert kept(folder) == []


def test_a_template_that_is_kept_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    make = environment.__wrapped__
    made, found = (make(reports_folder()).get_template("macros.html").module for _ in range(2))
    assert sorted(vars(made)) == sorted(vars(found))
    assert [path.name for path in tmp_path.rglob("templates.*")] == [f"templates.{sys.implementation.cache_tag}.pyc"]
