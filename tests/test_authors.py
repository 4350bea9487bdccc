"""Names of people and the time of the scan: in a report only where they were asked for, and then the same every time."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.authors import with_authors
from readiness.cli import run
from readiness.git import read_authors
from readiness.report.html import render_html
from readiness.types.report import Author

from .report import example

SERVICE = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef home():\n    return ''\n"


def commit(root: Path, author: str, text: str) -> None:
    """A change of web.py by an author, all of them at one time."""
    (root / "web.py").write_text(SERVICE + text)
    when = "1700000000 +0000"
    names = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "x@example.com", "GIT_COMMITTER_NAME": "c"}
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull} | names
    environment |= {"GIT_COMMITTER_EMAIL": "c@example.com", "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "x")):
        subprocess.run(["git", *words], cwd=root, env=environment, check=True)


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "web"
    root.mkdir()
    (root / "Procfile").write_text("web: gunicorn web:app\n")
    for number, author in enumerate(("Ann <b>Lee</b>", "Bo", "Ann <b>Lee</b>")):
        commit(root, author, f"\n\nx = {number}\n")
    monkeypatch.chdir(tmp_path)
    return root


def test_who_changed_which_file(web: Path, tmp_path: Path) -> None:
    assert read_authors(web, 10)["web.py"] == {"Ann <b>Lee</b>".replace("<", "").replace(">", ""): 2, "Bo": 1}
    assert read_authors(tmp_path, 10) == {}


def page(root: Path, *options: str) -> str:
    assert run(["scan", str(root), "--quiet", "--no-cache", "--output", "page.html", *options]) == 0
    return Path("page.html").read_text("utf-8")


def test_names_and_time_stand_in_a_page_only_where_they_were_asked_for(web: Path) -> None:
    plain, named, timed = page(web), page(web, "--authors"), page(web, "--timestamp")
    assert "Ann" not in plain and "scanned 20" not in plain
    assert "Changed it most<dd>Ann bLee/b (2), Bo (1)" in named and "scanned 20" not in named
    assert "<li>scanned 20" in timed and re.sub("<li>scanned [^<]*", "", timed) == plain
    assert page(web, "--authors") == named


@given(st.dictionaries(st.sampled_from(["Ann", "Bo", "Cy", "Di", "Ed", "Flo"]), st.integers(1, 9)))
def test_those_who_changed_most_come_first_whatever_the_order(changes: dict[str, int]) -> None:
    row = example.edge()
    report = replace(example.with_services(row), modules=(example.module(row.modules.own[0], "edge/main.py", 1, 1),))
    found = [
        with_authors(report, {"edge/main.py": dict(rows)}).services[0].changed_by
        for rows in (changes.items(), reversed(changes.items()))
    ]
    assert (
        found[0] == found[1] == tuple(Author(n, c) for n, c in sorted(changes.items(), key=lambda i: (-i[1], i[0]))[:5])
    )


def test_a_name_of_a_person_is_text(web: Path) -> None:
    row = replace(example.edge(), changed_by=(Author("<img src=x>", 3),))
    assert "&lt;img src=x&gt; (3)" in render_html(example.with_services(row))


def test_names_and_time_are_not_taken_from_a_page_that_was_kept(web: Path) -> None:
    def kept(*options: str) -> str:
        assert run(["scan", str(web), "--quiet", "--cache-dir", "store", "--output", "page.html", *options]) == 0
        return Path("page.html").read_text("utf-8")

    pages = [kept(), kept("--authors"), kept("--timestamp"), kept(), kept("--authors")]
    assert ["Ann" in text for text in pages] == [False, True, False, False, True]
    assert ["<li>scanned 20" in text for text in pages] == [False, False, True, False, False]
