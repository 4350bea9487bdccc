"""check: what a change makes new, through the real command line in scratch git repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from readiness.cli import run

BLOCKS = "import requests\n\n\nasync def fetch(url):\n    return requests.get(url)\n"
FINE = "def add(a, b):\n    return a + b\n"
STORE: list[str] = []
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(name: str) -> str:
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", name)
    return git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one known finding, and the current folder in it."""
    root = tmp_path / "repo"
    root.mkdir()
    monkeypatch.chdir(root)
    for name in ("READINESS_BASE", "PRE_COMMIT_FROM_REF"):
        monkeypatch.delenv(name, raising=False)
    git("init", "-q", "-b", "main")
    (root / "old.py").write_text(BLOCKS)
    (root / "fine.py").write_text(FINE)
    commit("begin")
    return root


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One store for all tests: most of them begin with the same two files."""
    STORE.append(str(tmp_path_factory.mktemp("store")))


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    code = run(["check", "--workers", "1", "--cache-dir", STORE[-1], *arguments])
    out, err = capsys.readouterr()
    return code, out.splitlines(), err


def test_nothing_changed_says_nothing(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(capsys) == (0, [], "")
    (repository / "notes.txt").write_text("no code\n")
    assert check(capsys) == (0, [], "")


def test_only_what_is_new_fails_and_what_was_there_is_counted(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "new.py").write_text(BLOCKS.replace("fetch", "load"))
    code, lines, err = check(capsys)
    assert (code, err) == (1, "")
    assert lines == [
        "new.py:5:12: warning: IO101 requests.get blocks the event loop of load",
        "known: 1 (+1 -0 since HEAD)",
    ]
    assert check(capsys, "--fail-on", "error")[0] == 0
    assert check(capsys, "fine.py")[:2] == (0, [])


def test_moved_lines_edited_calls_and_renamed_files_are_not_new(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "old.py").write_text("# moved\n\n\n" + BLOCKS)
    assert check(capsys)[:2] == (0, ["known: 1 (+0 -0 since HEAD)"])
    (repository / "old.py").write_text(BLOCKS.replace("(url)\n", "(url + '/x')\n"))
    assert check(capsys)[:2] == (0, ["known: 1 (+0 -0 since HEAD)"])
    (repository / "old.py").rename(repository / "renamed.py")
    assert check(capsys)[:2] == (0, ["known: 1 (+0 -0 since HEAD)"])
    (repository / "old.py").write_text(BLOCKS)  # a copy is new
    code, lines, _ = check(capsys)
    assert (code, len(lines)) == (1, 2)


def test_a_second_file_of_one_name_makes_nothing_new_in_the_first(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "tool").mkdir()
    (repository / "tool" / "old.py").write_text(FINE)
    assert check(capsys)[:2] == (0, ["known: 1 (+0 -0 since HEAD)"])


def test_a_deleted_file_takes_its_findings_with_it(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "old.py").unlink()
    assert check(capsys)[:2] == (0, ["known: 0 (+0 -1 since HEAD)"])


def test_staged_unstaged_and_ranges(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "staged.py").write_text(BLOCKS)
    git("add", "staged.py")
    (repository / "staged.py").write_text(FINE)
    (repository / "unstaged.py").write_text(BLOCKS)
    before = (git("status", "--porcelain"), git("diff", "--cached"))
    assert [line.split(":")[0] for line in check(capsys, "--staged")[1]] == ["staged.py", "known"]
    assert [line.split(":")[0] for line in check(capsys)[1]] == ["unstaged.py", "known"]
    assert (git("status", "--porcelain"), git("diff", "--cached")) == before
    git("checkout", "-q", "-b", "topic")
    commit("both")  # staged.py is fine again
    (repository / "later.py").write_text(BLOCKS)
    commit("later")
    assert [line.split(":")[0] for line in check(capsys, "--base", "main")[1]] == ["later.py", "unstaged.py", "known"]
    assert [line.split(":")[0] for line in check(capsys, "--base", "main..HEAD~1")[1]] == ["unstaged.py", "known"]
    assert [line.split(":")[0] for line in check(capsys, "--base", "HEAD~1..")[1]] == ["later.py", "known"]
    assert check(capsys)[:2] == (0, [])


def test_the_base_is_where_the_branches_part(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("checkout", "-q", "-b", "topic")
    (repository / "mine.py").write_text(FINE)
    commit("mine")
    git("checkout", "-q", "main")
    (repository / "old.py").write_text(FINE)  # main got rid of it meanwhile: no doing of the topic
    commit("theirs")
    git("checkout", "-q", "topic")
    assert check(capsys, "--base", "main")[:2] == (0, ["known: 1 (+0 -0 since main)"])


def test_while_merging_what_comes_from_the_other_side_is_known(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git("checkout", "-q", "-b", "topic")
    (repository / "theirs.py").write_text(BLOCKS)
    commit("theirs")
    git("checkout", "-q", "main")
    (repository / "mine.py").write_text(FINE)
    commit("mine")
    git("merge", "-q", "--no-commit", "--no-ff", "topic")
    assert check(capsys)[:2] == (0, ["known: 2 (+0 -0 since HEAD)"])
    (repository / "mine.py").write_text(BLOCKS)
    assert check(capsys)[1][0].startswith("mine.py:5:12: ")


def test_without_a_commit_or_git_everything_is_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text(BLOCKS)
    assert check(capsys)[0] == 1
    assert check(capsys, "--base", "main") == (2, [], "readiness: no git repository: nothing to compare with\n")
    git("init", "-q")
    assert check(capsys)[0] == 1
    code, lines, err = check(capsys, "--base", "nowhere")
    assert (code, lines) == (2, [])
    assert err.startswith("readiness: nowhere names no commit here")


def test_a_shallow_clone_compares_with_what_it_has(
    repository: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "new.py").write_text(BLOCKS)
    commit("second")
    git("clone", "-q", "--depth", "1", f"file://{repository}", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    (tmp_path / "clone" / "third.py").write_text(BLOCKS)
    assert [line.split(":")[0] for line in check(capsys)[1]] == ["third.py", "known"]
    assert check(capsys, "--base", "HEAD~1")[0] == 2


def test_in_a_linked_work_tree(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository.parent / "other"
    git("worktree", "add", "-q", "-b", "side", str(other))
    monkeypatch.chdir(other)
    (other / "new.py").write_text(BLOCKS)
    assert [line.split(":")[0] for line in check(capsys)[1]] == ["new.py", "known"]


def test_a_file_that_was_lost_before_is_no_news(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "broken.py").write_text("def f(:\n")
    code, _, err = check(capsys)
    assert (code, err[:30]) == (3, "broken.py:1: not analysed: syn")
    commit("broken")
    (repository / "fine.py").write_text(FINE + "\n\nx = 1\n")
    code, lines, err = check(capsys)
    assert (code, lines) == (0, ["known: 1 (+0 -0 since HEAD)"])
    assert err.startswith("broken.py:1: not analysed: ")


def test_pre_commit_s_range_is_taken(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "new.py").write_text(BLOCKS)
    commit("second")
    assert check(capsys)[:2] == (0, [])
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~1")
    assert [line.split(":")[0] for line in check(capsys)[1]] == ["new.py", "known"]
    assert check(capsys, "--all")[0] == 1
    assert check(capsys, "--all", "--base", "main")[0] == 2


def started(*arguments: str, **environment: str) -> tuple[int, str, set[str]]:
    """Exit code, output and the modules of a run in a process of its own."""
    script = (
        "import sys\nfrom readiness.__main__ import main\ntry:\n    main()\nfinally:\n"
        "    print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    line = [sys.executable, "-c", script, "check", *arguments]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PRE_COMMIT", "READINESS"))}
    done = subprocess.run(line, env=clean | environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, set(done.stderr.split())


def test_a_hook_with_nothing_to_say_loads_next_to_nothing(repository: Path) -> None:
    heavy = {"click", "msgspec", "libcst", "networkx", "pathspec", "pathlib", "hashlib", "tomllib"}
    code, out, modules = started("old.py", "fine.py", PRE_COMMIT="1")
    assert (code, out, modules & heavy) == (0, "", set())
    (repository / "notes.txt").write_text("no code\n")
    code, out, modules = started("old.py", PRE_COMMIT="1")
    assert (code, out, modules & heavy) == (0, "", set())


@pytest.mark.parametrize("reason", ["change", "settings", "base", "staged", "no such file"])
def test_what_is_not_sure_is_looked_at(repository: Path, reason: str) -> None:
    environment, arguments = {"PRE_COMMIT": "1"}, ["old.py"]
    if reason == "change":
        (repository / "old.py").write_text(BLOCKS + BLOCKS.replace("fetch", "more"))
    elif reason == "settings":
        (repository / "readiness.toml").write_text("wrong = 1\n")
    elif reason == "base":
        environment["PRE_COMMIT_FROM_REF"] = "nowhere"
    elif reason == "staged":
        (repository / "fine.py").write_text(BLOCKS)
        git("add", "fine.py")
        arguments = []
    else:
        arguments = ["gone.py"]
    code, _, modules = started(*arguments, **environment)
    assert (code, "click" in modules) == ({"change": 1, "staged": 1}.get(reason, 2), True)


def test_a_decision_guards_the_cut_of_its_service_and_stands_in_the_report(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "web.py").write_text(
        "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef home():\n    return ''\n"
    )
    (repository / "Procfile").write_text("web: flask --app web run\n")
    commit("a service")
    decided = '[[decision]]\nservice = "web"\nstatus = "accepted"\nowner = "team"\ndate = 2026-11-01\nuntil = {}\n'
    (repository / "readiness-decisions.toml").write_text(decided.format("2999-01-01"))
    (repository / "fine.py").write_text(f"import web\n{FINE}")
    code, lines, _ = check(capsys)
    assert code == 1
    assert lines[0] == "fine.py:1:1: error: crossing-import import into web, which is accepted: fine imports web"
    assert check(capsys, "--all")[0] == 1
    run(["scan", "--format", "json=-", "--no-cache", "--workers", "1"])
    document = json.loads(capsys.readouterr().out)
    assert document["services"][0]["decision"] == "accepted on 2026-11-01 until 2999-01-01; owner team"
    assert document["decisions"][0]["state"] == "in force"
    (repository / "readiness-decisions.toml").write_text(decided.format("2026-11-02"))
    assert check(capsys)[0] == 0  # it is over: the service is open again
    (repository / "readiness-decisions.toml").write_text("[[decision]]\nservcie = 'web'\n")
    for command in ("check", "scan"):
        code = run([command])
        err = capsys.readouterr().err.splitlines()
        assert (code, err[0]) == (
            2,
            "readiness: readiness-decisions.toml: decision[0].servcie: unknown key, did you mean `service`?",
        )


def test_what_a_comment_covers_is_shown_on_demand(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "old.py").write_text(BLOCKS.rstrip() + "  # readiness: ignore[IO101] a start script\n")
    code, lines, err = check(capsys, "--show-suppressed")
    assert (code, lines) == (0, ["known: 0 (+0 -1 since HEAD)"])
    assert err == "old.py:5: suppressed: IO101 requests.get blocks the event loop of fetch (a start script)\n"


def test_two_checks_at_once_share_one_store(repository: Path) -> None:
    (repository / "new.py").write_text(BLOCKS)
    line = [sys.executable, "-m", "readiness", "check"]
    running = [subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [1, 1]
    assert said[0] == said[1]
    assert said[0][1] == ""


def test_in_a_submodule(repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    outer = repository.parent / "outer"
    outer.mkdir()
    monkeypatch.chdir(outer)
    git("init", "-q", "-b", "main")
    git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repository), "inner")
    commit("with a submodule")
    (outer / "more.py").write_text(BLOCKS)  # what the submodule holds is not new because of that
    assert [line.split(":")[0] for line in check(capsys)[1]] == ["more.py", "known"]
    monkeypatch.chdir(outer / "inner")
    (outer / "inner" / "new.py").write_text(BLOCKS)
    assert [line.split(":")[0] for line in check(capsys)[1]] == ["new.py", "known"]
