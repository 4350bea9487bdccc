"""git: what it says of a folder, and that nothing a repository names ever runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from readiness import git
from readiness.git import read_git
from readiness.types.tree import GitFacts

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}


def run(folder: Path, *arguments: str, committed: int = 1_700_000_000) -> str:
    environment = ENVIRONMENT | {"GIT_COMMITTER_DATE": f"{committed} +0000"}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    (root / "pkg").mkdir(parents=True)
    (root / "a.py").write_text("a = 1\n")
    (root / "pkg" / "b.py").write_text("b = 1\n")
    run(root, "init", "-q")
    run(root, "add", ".")
    run(root, "commit", "-q", "-m", "first")
    return root


def test_a_clean_repository(repository: Path) -> None:
    commit = run(repository, "rev-parse", "HEAD")
    facts = read_git(repository, 10)
    author = hashlib.blake2b(b"a@example.com", digest_size=8).hexdigest()
    assert facts == GitFacts(
        commit=commit,
        dirty=False,
        head_date=1_700_000_000,
        commits=(("a.py", 1_700_000_000, author), ("pkg/b.py", 1_700_000_000, author)),
    )


def test_a_year_of_changes_below_the_folder_newest_first(repository: Path) -> None:
    for number, when in enumerate((1_600_000_000, 1_699_000_000, 1_700_000_500)):
        (repository / "pkg" / "b.py").write_text(f"b = {number + 5}\n")
        (repository / f"c{number}.py").write_text("c = 1\n")
        run(repository, "add", ".")
        run(repository, "commit", "-q", "-m", "x", f"--date={when}", committed=when)
    facts = read_git(repository / "pkg", 10)
    # the search ends at the first commit that is too old: dates that run backwards hide what lies behind
    assert [(path, when) for path, when, _ in facts.commits] == [("b.py", 1_700_000_500), ("b.py", 1_699_000_000)]


def test_a_history_that_takes_too_long_is_said(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object) -> None:
        raise git.GitError("git log took too long")

    monkeypatch.setattr(git, "_history", late)
    facts = read_git(repository, 10)
    assert (facts.commits, facts.dirty) == ((), False)
    assert facts.failure == "the history was not read: git log took too long"


def test_no_repository(tmp_path: Path) -> None:
    assert read_git(tmp_path, 10) == GitFacts()


def test_no_commit_yet(tmp_path: Path) -> None:
    run(tmp_path, "init", "-q")
    assert read_git(tmp_path, 10) == GitFacts(failure="no commit yet")


@pytest.mark.parametrize("change", ["edit", "same-size", "remove", "stage", "link"])
def test_a_change_is_dirty(repository: Path, change: str) -> None:
    file = repository / "pkg" / "b.py"
    if change == "edit":
        file.write_text("b = 1000\n")
    elif change == "same-size":
        file.write_text("b = 2\n")
        os.utime(file, (1, 1))
    elif change == "remove":
        file.unlink()
    elif change == "link":
        file.unlink()
        file.symlink_to("../a.py")
    else:
        (repository / "new.py").write_text("")
        run(repository, "add", "new.py")
    assert read_git(repository, 10).dirty is True


@pytest.mark.parametrize("change", ["touch", "line-ends", "untracked"])
def test_what_is_no_change(repository: Path, change: str) -> None:
    if change == "touch":
        os.utime(repository / "a.py", (1, 1))
    elif change == "line-ends":
        (repository / "a.py").write_bytes(b"a = 1\r\n")
    else:
        (repository / "readiness-report.html").write_text("")
    assert read_git(repository, 10).dirty is False


def test_only_what_lies_below_the_folder_counts(repository: Path) -> None:
    (repository / "a.py").write_text("changed\n")
    assert read_git(repository / "pkg", 10).dirty is False
    assert read_git(repository, 10).dirty is True


def test_a_shallow_clone(repository: Path, tmp_path: Path) -> None:
    (repository / "a.py").write_text("a = 2\n")
    run(repository, "commit", "-q", "-a", "-m", "second")
    run(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", "shallow")
    facts = read_git(tmp_path / "shallow", 10)
    assert (facts.is_shallow, facts.dirty, facts.head_date) == (True, False, 1_700_000_000)


def test_a_damaged_repository_is_a_failure_without_a_place(repository: Path) -> None:
    (repository / ".git" / "HEAD").write_text("nonsense")
    facts = read_git(repository, 10)
    assert facts.commit is None and facts.failure and str(repository) not in facts.failure


def test_git_is_not_there(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository / "pkg"))
    assert read_git(repository, 10) == GitFacts(failure="git is not installed")


def test_a_git_of_the_scanned_folder_does_not_run(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = repository / "git"
    fake.write_text("#!/bin/sh\ntouch ran\n")
    fake.chmod(0o755)
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", ".")
    assert read_git(repository, 10) == GitFacts(failure="git is not installed")
    assert not (repository / "ran").exists()


def test_the_time_is_limited(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(slow))
    assert read_git(repository, 0.2) == GitFacts(failure="git rev-parse took too long")


def test_the_callers_git_variables_do_not_lead_elsewhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert read_git(repository, 10).dirty is False


def test_nothing_that_the_repository_configures_runs(repository: Path, tmp_path: Path) -> None:
    """Every setting that names a program names a canary; files are touched and changed so that git would ask them."""
    program = tmp_path / "canary"
    program.write_text(f"#!/bin/sh\necho $0 $@ >> {tmp_path}/ran\ncat\n")
    program.chmod(0o755)
    (repository / ".gitattributes").write_text("*.py filter=evil diff=evil merge=evil\n")
    run(repository, "add", ".gitattributes")
    run(repository, "commit", "-q", "-m", "attributes")
    settings = (
        "core.fsmonitor core.pager core.sshCommand core.askPass core.editor core.alternateRefsCommand core.gitProxy gpg.program "
        "gpg.ssh.program gpg.x509.program diff.external diff.evil.textconv diff.evil.command filter.evil.clean filter.evil.smudge "
        "filter.evil.process credential.helper uploadpack.packObjectsHook remote.origin.uploadpack pager.log pager.rev-list "
        "sequence.editor interactive.diffFilter trailer.x.command merge.evil.driver"
    )
    for setting in settings.split():
        run(repository, "config", setting, str(program))
    run(repository, "config", "log.showSignature", "true")
    run(repository, "config", "extensions.partialClone", "origin")
    run(repository, "config", "remote.origin.url", f"ext::{program}")
    run(repository, "config", "remote.origin.promisor", "true")
    run(repository, "config", "protocol.ext.allow", "always")
    hooks = repository / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout", "pre-auto-gc"):
        shutil.copy(program, hooks / name)
    os.utime(repository / "a.py", (1, 1))
    (repository / "pkg" / "b.py").write_text("b = 3\n")
    (tmp_path / "ran").unlink(missing_ok=True)
    index = (repository / ".git" / "index").read_bytes()
    facts = read_git(repository, 10)
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()
    assert (facts.failure, facts.dirty) == (None, None)  # only the filter could tell whether b.py differs
    assert (repository / ".git" / "index").read_bytes() == index


def test_a_missing_object_is_not_fetched(repository: Path, tmp_path: Path) -> None:
    program = tmp_path / "canary"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    tree = run(repository, "rev-parse", "HEAD^{tree}")
    (repository / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": f"ext::{program}",
        "remote.origin.uploadpack": str(program),
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
    }.items():
        run(repository, "config", name, value)
    facts = read_git(repository, 10)
    assert not (tmp_path / "ran").exists()
    assert facts.commit and facts.dirty is None and facts.failure


def test_the_index_listing_is_understood(repository: Path) -> None:
    """`ls-files --debug` promises no format: the day it changes, `dirty` is unknown and this test says so."""
    listing = subprocess.run(
        ["git", "ls-files", "--stage", "--debug", "-z"],
        cwd=repository,
        env=ENVIRONMENT,
        capture_output=True,
        check=True,
    )
    assert [entry["path"] for entry in git.ENTRY.finditer(listing.stdout)] == [b"a.py", b"pkg/b.py"]
