"""The hooks that ship, through the real pre-commit in a scratch git repository. No network: the hook runs this interpreter."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = "import requests\n\n\nasync def fetch():\n    return requests.get('https://example.org')\n"
FINE = "def add(a, b):\n    return a + b\n"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def call(root: Path, *line: str | Path) -> subprocess.CompletedProcess[str]:
    identity = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    environment = {**clean, **identity, "PRE_COMMIT_HOME": str(root.parent / "pre-commit"), "PRE_COMMIT_COLOR": "never"}
    return subprocess.run(
        [*map(str, line)], cwd=root, capture_output=True, text=True, timeout=120, check=False, env=environment
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository whose hooks are the shipped ones, run by this interpreter in place of an installed copy."""
    root = tmp_path / "repo"
    root.mkdir()
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    for hook in hooks:
        program, _, rest = hook["entry"].partition(" ")
        assert program == "readiness"
        hook |= {"language": "system", "entry": f"{sys.executable} -m readiness {rest}"}
    settings = {"repos": [{"repo": "local", "hooks": hooks}]}
    (root / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings))
    (root / "app.py").write_text(FINE)
    call(root, "git", "init", "-q")
    call(root, "git", "add", ".")
    call(root, "git", "commit", "-q", "-m", "begin")
    return root


def pre_commit(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return call(root, sys.executable, "-m", "pre_commit", *arguments)


def state(root: Path) -> tuple[str, str]:
    return call(root, "git", "status", "--porcelain").stdout, call(root, "git", "diff", "--cached").stdout


def test_the_check_passes_fails_and_passes_again_and_touches_nothing(repository: Path) -> None:
    assert pre_commit(repository, "install").returncode == 0
    (repository / "good.py").write_text(FINE)
    call(repository, "git", "add", "good.py")
    assert call(repository, "git", "commit", "-m", "good").returncode == 0

    (repository / "bad.py").write_text(BLOCKS)
    call(repository, "git", "add", "bad.py")
    before = state(repository)
    refused = call(repository, "git", "commit", "-m", "bad")
    assert refused.returncode == 1
    assert "bad.py:5:12: " in refused.stdout + refused.stderr
    assert "good.py" not in refused.stdout + refused.stderr
    assert state(repository) == before

    (repository / "bad.py").write_text(FINE)
    call(repository, "git", "add", "bad.py")
    assert call(repository, "git", "commit", "-m", "fixed").returncode == 0


def test_what_was_there_before_is_no_reason_to_fail(repository: Path) -> None:
    (repository / "old.py").write_text(BLOCKS)
    call(repository, "git", "add", ".")
    call(repository, "git", "commit", "-q", "-m", "old, and nobody looked")
    assert pre_commit(repository, "install").returncode == 0
    (repository / "old.py").write_text(f"# a remark\n{BLOCKS}")
    call(repository, "git", "add", ".")
    done = call(repository, "git", "commit", "-m", "known")
    assert done.returncode == 0, done.stdout + done.stderr
    (repository / "old.py").write_text(BLOCKS + BLOCKS.replace("fetch", "again"))
    call(repository, "git", "add", ".")
    refused = call(repository, "git", "commit", "-m", "one more")
    assert refused.returncode == 1
    assert "old.py:10:12: " in refused.stdout + refused.stderr
    assert "known: 1 (+1 -0 since HEAD)" in refused.stdout + refused.stderr


def test_all_files_and_a_deleted_one(repository: Path) -> None:
    (repository / "bad.py").write_text(BLOCKS)
    call(repository, "git", "add", "bad.py")
    done = pre_commit(repository, "run", "readiness-check", "--all-files")
    assert done.returncode == 1
    assert "bad.py:5:12: " in done.stdout
    call(repository, "git", "commit", "-q", "-m", "bad")
    assert pre_commit(repository, "run", "readiness-check", "--all-files").returncode == 0
    done = pre_commit(repository, "run", "readiness-check", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert (done.returncode, "bad.py:5:12: " in done.stdout) == (1, True)
    call(repository, "git", "rm", "-q", "-f", "bad.py", "app.py")
    assert pre_commit(repository, "run", "readiness-check").returncode == 0


def test_a_renamed_file_brings_nothing_new(repository: Path) -> None:
    (repository / "old.py").write_text(BLOCKS)
    call(repository, "git", "add", ".")
    call(repository, "git", "commit", "-q", "-m", "old")
    call(repository, "git", "mv", "old.py", "new_name.py")
    done = pre_commit(repository, "run", "readiness-check")
    assert done.returncode == 0, done.stdout


def test_of_a_partially_staged_file_only_what_is_staged_counts(repository: Path) -> None:
    assert pre_commit(repository, "install").returncode == 0
    (repository / "app.py").write_text(f"# staged\n{FINE}")
    call(repository, "git", "add", "app.py")
    unstaged = f"# staged\n{FINE}\n\n{BLOCKS}"
    (repository / "app.py").write_text(unstaged)
    (repository / "untracked.py").write_text(BLOCKS)
    done = call(repository, "git", "commit", "-m", "the fine half")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (repository / "app.py").read_text() == unstaged


def test_a_merge_is_not_blamed_for_what_the_other_side_brings(repository: Path) -> None:
    call(repository, "git", "checkout", "-q", "-b", "topic")
    (repository / "theirs.py").write_text(BLOCKS)
    (repository / "app.py").write_text(f"# theirs\n{FINE}")
    call(repository, "git", "add", ".")
    call(repository, "git", "commit", "-q", "-m", "theirs")
    call(repository, "git", "checkout", "-q", "-")
    (repository / "app.py").write_text(f"# ours\n{FINE}")
    call(repository, "git", "commit", "-q", "-a", "-m", "ours")
    assert pre_commit(repository, "install").returncode == 0
    assert call(repository, "git", "merge", "topic").returncode == 1  # a conflict in app.py
    (repository / "app.py").write_text(f"# both\n{FINE}")
    call(repository, "git", "add", ".")
    done = call(repository, "git", "commit", "-m", "merged")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_report_hook_writes_to_its_ignored_place_and_prints_the_summary(repository: Path) -> None:
    before = state(repository)
    done = pre_commit(repository, "run", "readiness-report", "--hook-stage", "manual")
    assert done.returncode == 0, done.stdout
    assert (repository / ".readiness_cache" / "readiness-report.html").is_file()
    assert "readiness-report.html" in done.stdout
    assert state(repository) == before
