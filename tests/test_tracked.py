"""discover: what git tracks is analysed although a .gitignore names it, and git is not run for that."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from readiness.discover import discover, tracked
from readiness.discover.tracked import read_index
from readiness.types.config import Config
from readiness.types.tree import GitFacts

IDENTITY = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
PATHS = ["a.py", "build/x.py", "build/y.py", "gen/deep/z.py", "naïve.py", "sub/local.py"]


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *IDENTITY, *arguments], cwd=root, check=True, capture_output=True)


def repository(root: Path, *options: str) -> Path:
    root.mkdir(parents=True)
    git(root, "init", "-q", *options)
    for path in PATHS:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x = 1\n")
    git(root, "add", "-A")
    (root / ".gitignore").write_text("/build/\ngen/\nlocal.py\nuntracked.py\n")
    (root / "build/new.py").write_text("")
    (root / "untracked.py").write_text("")
    return root


def found(root: Path) -> tuple[list[str], dict[str, str]]:
    tree = discover(root, Config(), GitFacts())
    return [source.path for source in tree.sources], {row.path: row.detail for row in tree.skipped}


def test_tracked_files_are_read_and_their_ignored_neighbours_are_not(tmp_path: Path) -> None:
    files, skipped = found(repository(tmp_path / "r"))
    assert files == PATHS
    assert skipped == {
        "build": ".gitignore, but for what git tracks",
        "gen": ".gitignore, but for what git tracks",
        "untracked.py": ".gitignore",
    }


def test_a_folder_below_the_top_asks_for_its_own_paths(tmp_path: Path) -> None:
    root = repository(tmp_path / "r")
    assert found(root / "sub")[0] == ["local.py"]


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_every_version_of_the_index(tmp_path: Path, version: str) -> None:
    root = repository(tmp_path / "r")
    if version == "3":
        (root / "later.py").write_text("")
        git(root, "add", "--intent-to-add", "later.py")  # an extended flag, which version 2 has not
    else:
        git(root, "update-index", "--index-version", version)
    assert (root / ".git/index").read_bytes()[4:8] == bytes([0, 0, 0, int(version)])
    wanted = {path.encode() for path in PATHS} | ({b"later.py"} if version == "3" else set())
    assert set(read_index(root) or ()) == wanted


def test_a_repository_of_sha256_names(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", "--object-format=sha256")
    assert set(read_index(root) or ()) == {path.encode() for path in PATHS}


def test_a_work_tree_has_its_index_elsewhere(tmp_path: Path) -> None:
    root = repository(tmp_path / "r")
    git(root, "commit", "-q", "-m", "x")
    git(root, "worktree", "add", "-q", str(tmp_path / "w"))
    assert set(read_index(tmp_path / "w") or ()) == {path.encode() for path in PATHS}


def test_an_index_that_cannot_be_read_leaves_the_patterns_alone(tmp_path: Path) -> None:
    root = repository(tmp_path / "r")
    index = root / ".git/index"
    good = index.read_bytes()
    for data in (b"", b"DIRC", good[:-1], good[:40] + b"\xff" + good[41:], b"DIRC" + b"\0\0\0\x09" + good[8:]):
        index.write_bytes(data)
        assert read_index(root) is None
        assert found(root)[0] == ["a.py", "naïve.py"]


def test_a_split_index_is_not_known(tmp_path: Path) -> None:
    root = repository(tmp_path / "r")
    git(root, "update-index", "--split-index")
    assert read_index(root) is None


def test_the_index_is_not_opened_where_nothing_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path / "r")
    (root / ".gitignore").unlink()
    monkeypatch.setattr(tracked, "read_index", lambda top: pytest.fail("it was read"))
    assert len(found(root)[0]) == len(PATHS) + 2
