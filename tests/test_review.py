"""review: the other side of a comparison equals a scan of its check-out, whatever was edited; and a tree with other contents."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pluggy
import pytest

from readiness.compare import compare, items
from readiness.discover import discover, revise
from readiness.question import ScanOptions
from readiness.review import review
from readiness.scan import analyse, scan
from readiness.sides import resolve
from readiness.types.config import CheckRules, Config
from readiness.types.report import Report
from readiness.types.tree import GitFacts

ROOT = Path(__file__).resolve().parent.parent
CONFIG = Config(workers=1, snippets=False, today="2026-11-01")
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
Edit = Callable[[random.Random, list[Path]], None]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)


def block(chance: random.Random, files: list[Path]) -> None:
    """A function that blocks, somewhere between the lines of a file."""
    file = chance.choice(files)
    number = chance.randrange(1_000)
    text = f"\n\nasync def added_{number}(url):\n    import requests\n    return requests.get(url)\n"
    file.write_text(file.read_text() + text)


def cut(chance: random.Random, files: list[Path]) -> None:
    """Some lines are gone; the file may be no Python any more."""
    file = chance.choice(files)
    lines = file.read_text().splitlines(keepends=True)
    begin = chance.randrange(len(lines) + 1)
    file.write_text("".join(lines[:begin] + lines[begin + chance.randrange(12) :]))


def shift(chance: random.Random, files: list[Path]) -> None:
    file = chance.choice(files)
    file.write_text("# moved\n\n" + file.read_text())


def remove(chance: random.Random, files: list[Path]) -> None:
    file = chance.choice(files)
    file.unlink()
    files.remove(file)


def rename(chance: random.Random, files: list[Path]) -> None:
    file = chance.choice(files)
    place = file.with_name(f"renamed_{chance.randrange(1_000)}.py")
    file.rename(place)
    files[files.index(file)] = place


def copy(chance: random.Random, files: list[Path]) -> None:
    """A second file of one import name, in a folder that is no package."""
    file = chance.choice(files)
    place = file.parents[-len(file.parents)] / f"copy_{chance.randrange(1_000)}" / file.name
    place.parent.mkdir(exist_ok=True)
    place.write_text(file.read_text())


@pytest.mark.parametrize("seed", range(3))
def test_both_sides_are_what_a_scan_of_a_check_out_says(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    root = tmp_path / "here" / "repo"
    shutil.copytree(ROOT / "examples" / "shop" / "services" / "edge_gateway", root / "edge")
    shutil.copytree(ROOT / "examples" / "shop" / "services" / "order_worker", root / "worker")
    shutil.copytree(Path(pluggy.__file__).parent, root / "lib" / "pluggy", ignore=shutil.ignore_patterns("__pycache__"))
    git(root.parent, "init", "-q", "repo")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "base")
    (tmp_path / "there").mkdir()
    git(tmp_path, "clone", "-q", str(root), "there/repo")
    files = sorted(root.rglob("*.py"))
    edits: list[Edit] = [block, cut, shift, remove, rename, copy]
    for _ in range(6):
        chance.choice(edits)(chance, files)

    found = review(root, resolve(root, "", False), CONFIG, ScanOptions(use_cache=False), lambda *_: None)
    sides = [items(report, (), CheckRules()) for report in (found.head, *found.bases)]
    whole = [
        scan(place, CONFIG, ScanOptions(use_cache=False), lambda *_: None)
        for place in (root, tmp_path / "there" / "repo")
    ]
    assert sides == [items(report, (), CheckRules()) for report in whole]
    assert compare(found.head, found.bases, (), (), CheckRules()) == compare(whole[0], whole[1:], (), (), CheckRules())


def test_what_was_the_work_tree_is_a_stored_base_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def counted(*arguments: Any, **more: Any) -> Report:
        seen.append("analysed")
        return analyse(*arguments, **more)

    monkeypatch.setattr("readiness.review.analyse", counted)
    root, options = tmp_path / "repo", ScanOptions(cache_dir=tmp_path / "store")
    root.mkdir()
    for number in range(3):
        (root / f"m{number}.py").write_text(f"def f{number}():\n    return {number}\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "one")
    counts = []
    for number, commits in enumerate([False, True, False]):
        (root / "m1.py").write_text(f"import m2\n\n\ndef f(x):\n    return eval(str({number}))\n")
        seen.clear()
        found = review(root, resolve(root, "", False), CONFIG, options, lambda *_: None)
        assert found.warnings == ()
        counts.append(len(seen))
        if commits:
            git(root, "commit", "-q", "-a", "-m", "two")
    assert counts == [2, 1, 1]  # both sides; the base is known; the base is what the work tree was


@pytest.mark.parametrize(
    "contents",
    [
        {"app/new.py": b"x = 1\n", "app/web.py": None},
        {
            "Dockerfile": b"FROM python\n",
            "setup.py": b"from setuptools import setup\n",
            "poetry.lock": b"[[package]]\n",
        },
        {"node_modules/x.py": b"x = 1\n", "app/migration_pb2.py": b"y = 2\n", "build_it": b"#!/usr/bin/env python3\n"},
        {"app/ignored.py": b"x = 1\n", "big.py": b"x = 1\n" * 300, "run.sh": b"#!/bin/sh\npython -m app.web\n"},
        {"other/web.py": b"z = 1\n", "other/__init__.py": b"", "go.mod": b"module x\n", "main.go": b"package main\n"},
    ],
)
def test_a_tree_with_other_contents_is_the_one_that_discover_would_give(
    contents: dict[str, bytes | None], tmp_path: Path
) -> None:
    config = Config(max_file_bytes=1_000)
    for name in ("here/repo", "there/repo"):
        root = tmp_path / name
        (root / "app").mkdir(parents=True)
        (root / "app" / "__init__.py").write_text("")
        (root / "app" / "web.py").write_text("import app.sub\n")
        (root / ".gitignore").write_text("ignored.py\n")
        (root / "big.py").write_text("x = 1\n")
        git(root, "init", "-q")
    for path, data in contents.items():
        place = tmp_path / "there" / "repo" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink() if data is None else place.write_bytes(data)
    git(tmp_path / "there" / "repo", "add", "-A", "-f")
    root = (tmp_path / "here" / "repo").resolve()
    revised = revise(root, discover(root, config, GitFacts()), config, contents)
    wanted = discover(tmp_path / "there" / "repo", config, GitFacts())
    assert [(s.path, s.module, s.name, s.root, s.is_package, s.size) for s in revised.sources] == [
        (s.path, s.module, s.name, s.root, s.is_package, s.size) for s in wanted.sources
    ]
    assert (revised.texts, revised.files) == (wanted.texts, wanted.files)
    assert [(s.path, s.module) for s in revised.importable] == [(s.path, s.module) for s in wanted.importable]
