"""A scan whose every input is as it was writes and says again what it wrote and said; any other one is made anew."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness import scan as spine
from readiness.cache import KEPT
from readiness.cli import run

HERE = Path(__file__).resolve().parent
OLD = 1_700_000_000
BROKEN = "def f(:\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small one with a file that cannot be read, and the current folder beside it."""
    root = tmp_path / "small"
    shutil.copytree(HERE / "repos" / "celery_app", root, ignore=shutil.ignore_patterns(".readiness_cache"))
    (root / "notify" / "broken.py").write_text(BROKEN)
    aged(root)
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    return root


def aged(root: Path) -> None:
    for path in root.rglob("*"):
        if path.is_file():
            os.utime(path, (OLD, OLD))


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on no report may be made, nor read out of the store."""
    return lambda: monkeypatch.setattr(spine, "answered", lambda *_: pytest.fail("it was done again"))


Told = tuple[int, str, str, dict[str, bytes]]


def told(capsys: pytest.CaptureFixture[str], root: Path, *more: str) -> Told:
    """Exit code, both streams, and the files that were written."""
    for file in Path.cwd().iterdir():
        file.unlink()
    code = run(["scan", str(root), "--cache-dir", str(root.parent / "c"), *more])
    return (code, *capsys.readouterr(), {file.name: file.read_bytes() for file in Path.cwd().iterdir()})


@pytest.mark.parametrize("more", [(), ("--verbose",), ("--format", "html,md,csv,sarif"), ("--fail-on", "warning")])
def test_the_same_again_without_a_report(
    repository: Path, capsys: pytest.CaptureFixture[str], forbidden: Callable[[], None], more: tuple[str, ...]
) -> None:
    first = told(capsys, repository, *more)
    assert first[0] == 3 and "notify/broken.py" in "".join(map(bytes.decode, first[3].values()))
    assert ("notify/broken.py:1: syntax-error" in first[2]) == ("--verbose" in more)
    forbidden()
    assert told(capsys, repository, *more) == first


def test_standard_output_gets_the_same_page(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And the words make way for it, as at first."""
    first = told(capsys, repository, "--format", "md", "--output", "-")
    assert first[1].startswith("#") and "1 service (worker)" in first[2] and not first[3]
    assert told(capsys, repository, "--format", "md", "--output", "-") == first


def another_file(root: Path) -> None:
    (root / "notify" / "extra.py").write_text("import requests\n\n\nasync def f():\n    requests.get('http://a')\n")


def a_decision(root: Path) -> None:
    text = '[[decision]]\nservice = "worker"\nstatus = "deferred"\nowner = "a team"\ndate = 2026-01-01\n'
    (root / "readiness-decisions.toml").write_text(text)


def evidence(root: Path) -> None:
    (root / "readiness.evidence.toml").write_text("[services.worker]\nrequests_per_second = 12\n")


def a_setting(root: Path) -> None:
    (root / "readiness.toml").write_text("[weights]\nio = 0.5\n")


def no_snippets(root: Path) -> None:
    (root / "readiness.toml").write_text("snippets = false\n")


@pytest.mark.parametrize("change", [another_file, a_decision, evidence, a_setting, no_snippets])
def test_another_input_gives_the_page_of_that_input(
    repository: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Path], None]
) -> None:
    before = told(capsys, repository)
    change(repository)
    aged(repository)
    after = told(capsys, repository)
    assert after == told(capsys, repository, "--no-cache")
    assert after[3] != before[3]


@pytest.mark.parametrize(
    "more", [("--format", "md"), ("--output", "other.html"), ("--fail-on", "score<100"), ("--no-snippets",)]
)
def test_other_options_are_not_answered_by_what_was_kept(
    repository: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    told(capsys, repository)
    assert told(capsys, repository, *more) == told(capsys, repository, "--no-cache", *more)


def test_a_json_document_says_when_it_was_made(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So it is written each time."""
    told(capsys, repository, "--format", "html,json")
    assert rows(repository, "SELECT count(*) FROM said") == [(0,)]


def test_what_was_changed_in_the_store_is_made_again(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = told(capsys, repository)
    rows(repository, "UPDATE said SET data = zeroblob(100)")
    again = told(capsys, repository)
    assert again[3] == first[3]
    assert again[2] == "readiness: a row of the store was damaged and is made anew\n" + first[2]


def test_few_are_kept(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(KEPT + 2):
        told(capsys, repository, "--output", f"{number}.html")
    assert rows(repository, "SELECT count(*) FROM said") == [(KEPT,)]


def rows(repository: Path, query: str) -> list[tuple[object, ...]]:
    (file,) = (repository.parent / "c").glob("facts-*.sqlite")
    with sqlite3.connect(file) as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def test_no_stage_is_imported_for_it(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, repository)
    program = (
        "import sys\nfrom readiness.cli import run\nrun(sys.argv[1:])\nprint(*sorted(sys.modules), file=sys.stderr)"
    )
    line = [sys.executable, "-c", program, "scan", str(repository), "--cache-dir", str(repository.parent / "c"), "-q"]
    loaded = set(subprocess.run(line, capture_output=True, text=True, check=True).stderr.split())
    assert "readiness.question" in loaded
    heavy = {"libcst", "radon", "networkx", "jinja2", "readiness.link", "readiness.assess", "readiness.report.html"}
    assert not loaded & heavy
