"""The spine: the same bytes whatever the store knows and however many workers read; a stored report only for the same inputs."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from readiness import scan as spine
from readiness.question import ScanOptions
from readiness.report.json import render_json
from readiness.scan import NO_RUN, scan_with_warnings
from readiness.types.config import Config

HERE = Path(__file__).resolve().parent
OLD = 1_700_000_000
PLAIN = Config()


def document(root: Path, store: Path | None, config: Config = PLAIN) -> tuple[bytes, int, int]:
    """(JSON without `run`, hits, misses); the clock's grain is passed by."""
    options = ScanOptions(cache_dir=store, use_cache=store is not None)
    report = scan_with_warnings(root, config, options, lambda *_: None).report
    return render_json(replace(report, run=NO_RUN)), report.run.cache.hits, report.run.cache.misses


def aged(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (OLD, OLD))


def copied(source: Path, target: Path) -> Path:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".readiness_cache"))
    aged(target)
    return target


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small one."""
    return copied(HERE / "repos" / "celery_app", tmp_path / "small")


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on nothing may be parsed or analysed."""

    def forbid() -> None:
        for name in ("extract_files", "analyse"):
            monkeypatch.setattr(spine, name, lambda *_: pytest.fail("it was done again"))

    return forbid


def test_cold_warm_one_and_two_workers_give_one_document(tmp_path: Path) -> None:
    shop = copied(HERE.parent / "examples" / "shop", tmp_path / "shop")
    cold, hits, misses = document(shop, tmp_path / "c", Config(workers=1))
    assert hits == 0 and misses > 20
    assert document(shop, tmp_path / "c", Config(workers=2)) == (cold, misses, 0)
    assert document(shop, None, Config(workers=2))[0] == cold


def test_facts_come_with_a_stored_report_only_when_they_are_asked_for(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ScanOptions(tmp_path / "c", with_facts=True)
    cold = scan_with_warnings(repository, PLAIN, options, lambda *_: None)
    monkeypatch.setattr(spine, "analyse", lambda *_: pytest.fail("it was done again"))
    warm = scan_with_warnings(repository, PLAIN, options, lambda *_: None)
    assert (warm.tree, warm.facts) == (cold.tree, cold.facts)
    assert sorted(warm.facts) == [source.path for source in warm.tree.sources] != []
    assert replace(warm.report, run=NO_RUN) == replace(cold.report, run=NO_RUN)
    assert not scan_with_warnings(repository, PLAIN, ScanOptions(tmp_path / "c"), lambda *_: None).facts


def test_facts_from_the_store_and_from_workers_give_one_document(repository: Path, tmp_path: Path) -> None:
    """Half of the files known, half read: no report is stored for that, and the strings come from two tables."""
    cold, _, files = document(repository, tmp_path / "c")
    half = tmp_path / "half" / "small"
    shutil.copytree(repository, half)
    for number, path in enumerate(sorted(half.rglob("*.py"))):
        if number % 2:
            path.unlink()
    document(half, tmp_path / "d")
    mixed, hits, misses = document(repository, tmp_path / "d")
    assert mixed == cold
    assert hits > 1 and misses > 1 and hits + misses == files


def test_the_digest_of_the_settings_is_of_what_the_numbers_depend_on(repository: Path, tmp_path: Path) -> None:
    def digest(config: Config) -> str:
        return str(json.loads(document(repository, tmp_path / "c", config)[0])["tool"]["config"])

    plain = digest(Config(workers=1))
    assert plain == digest(
        Config(workers=1, fail_on=("error",), today="2026-01-01", source_url="https://x.example/{path}")
    )
    assert (
        len({plain, digest(Config(workers=1, goal="footprint")), digest(Config(workers=1, weights={"io": 0.5}))}) == 3
    )


def test_the_same_inputs_are_not_analysed_again(
    repository: Path, tmp_path: Path, forbidden: Callable[[], None]
) -> None:
    first = document(repository, tmp_path / "c")[0]
    forbidden()
    assert document(repository, tmp_path / "c")[0] == first
    assert document(repository, tmp_path / "c", Config(workers=1, fail_on=("error",), snippets=True))[0] == first


def test_the_same_contents_elsewhere_in_the_same_folder_name(
    repository: Path, tmp_path: Path, forbidden: Callable[[], None]
) -> None:
    """A fresh checkout: other times, inodes and place."""
    first = document(repository, tmp_path / "c")[0]
    shutil.copytree(repository, tmp_path / "again" / "small", copy_function=shutil.copyfile)
    forbidden()
    assert document(tmp_path / "again" / "small", tmp_path / "c")[0] == first


def edit(path: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
        aged(root)

    return change


CHANGES = {
    "a module": edit("notify/extra.py", "import requests\n\n\nasync def f():\n    requests.get('http://a')\n"),
    "a manifest": edit("Procfile", "odd: python notify/extra.py\n"),
    "an ignored file": edit(".gitignore", "hooks.py\n"),
    "a broken file": edit("notify/broken.py", "def f(:\n"),
    "a folder's name": lambda root: (root / "notify").rename(root / "letters") and None,
}


@pytest.mark.parametrize("name", CHANGES)
def test_another_input_gives_the_report_of_that_input(repository: Path, tmp_path: Path, name: str) -> None:
    before = document(repository, tmp_path / "c")[0]
    CHANGES[name](repository)
    after = document(repository, tmp_path / "c")[0]
    assert after != before
    assert after == document(repository, None)[0]


@pytest.mark.parametrize("config", [Config(goal="footprint"), Config(calls=True), Config(weights={"io": 0.0})])
def test_other_settings_give_the_report_of_those_settings(repository: Path, tmp_path: Path, config: Config) -> None:
    document(repository, tmp_path / "c")
    assert document(repository, tmp_path / "c", config)[0] == document(repository, None, config)[0]


def test_a_commit_changes_the_report(repository: Path, tmp_path: Path) -> None:
    document(repository, tmp_path / "c")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *command], cwd=repository, check=True, capture_output=True)
    assert document(repository, tmp_path / "c")[0] == document(repository, None)[0]


def test_a_stored_report_that_was_changed_is_made_again(repository: Path, tmp_path: Path) -> None:
    cold = document(repository, tmp_path / "c")[0]
    (file,) = (tmp_path / "c").glob("facts-*.sqlite")
    with sqlite3.connect(file) as database:
        database.execute("UPDATE reports SET data = zeroblob(100)")
    database.close()
    assert document(repository, tmp_path / "c")[0] == cold


def test_few_reports_of_a_folder_are_kept(repository: Path, tmp_path: Path) -> None:
    for number in range(6):
        document(repository, tmp_path / "c", Config(exclude=(f"no-{number}",)))
    (file,) = (tmp_path / "c").glob("facts-*.sqlite")
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT count(*) FROM reports").fetchone() == (4,)
    database.close()


def test_a_line_is_shown_only_from_the_file_that_was_scanned(repository: Path, tmp_path: Path) -> None:
    """Same length, time and inode, but another content after the scan: the stored report shows no line of it."""
    report = scan_with_warnings(repository, Config(), ScanOptions(cache_dir=tmp_path / "c"), lambda *_: None).report
    path = min(report.snippets or {})
    data = (repository / path).read_bytes()
    digests = {path: spine.digest_of(data)}
    assert path in spine.snippets(repository, report, digests)
    (repository / path).write_bytes(data.replace(b"e", b"E"))
    assert path not in spine.snippets(repository, report, digests)
