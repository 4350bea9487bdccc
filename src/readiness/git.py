"""root -> GitFacts: what git says of a folder. The only one that runs git. Nothing that the repository configures runs, nothing is written.

A repository's own configuration can name programs (fsmonitor, hooks, pagers, gpg, filters, upload-pack of a lazy fetch). Each is
switched off by name, only plumbing commands run that read no work-tree file, and files are compared here rather than by git, which
would ask the filters.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from readiness.disk import read_bytes
from readiness.types.tree import GitFacts

SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.pager=cat",
    "core.sshCommand=false",
    "core.askPass=true",
    "core.alternateRefsCommand=true",
    "credential.helper=",
    "diff.external=",
    "diff.ignoreSubmodules=all",
    "gpg.program=true",
    "gpg.ssh.program=true",
    "gpg.x509.program=true",
    "log.showSignature=false",
    "protocol.allow=never",
    "submodule.recurse=false",
    # Who owns the folder decides what git would run for us; here nothing is run, so another user's checkout can be read.
    "safe.directory=*",
)
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
ENTRY = re.compile(
    rb"(?P<mode>\d{6}) (?P<hash>[0-9a-f]+) (?P<stage>\d)\t(?P<path>[^\0]+)\0"
    rb"  ctime: \d+:\d+\n  mtime: (?P<seconds>\d+):(?P<nanoseconds>\d+)\n  dev: \d+\tino: \d+\n  uid: \d+\tgid: \d+\n"
    rb"  size: (?P<size>\d+)\tflags: (?P<flags>[0-9a-f]+)\n"
)
ASSUMED = 0x8000 | 0x40000000  # assume-unchanged, skip-worktree: the user said that the file's state does not count
MAX_BLOB = 16 << 20  # a larger file whose stat changed is taken for changed


class GitError(Exception):
    """git cannot answer: not installed, too slow, a damaged repository."""


@dataclass(frozen=True, slots=True)
class Git:
    program: str
    folder: Path
    deadline: float  # of time.monotonic()


def read_git(root: Path, seconds: float) -> GitFacts:
    """Commit, its date, whether tracked files below `root` differ from it, shallowness. At most about `seconds`; never raises.

    `dirty` is None where it cannot be told without running a filter. Untracked files do not count: our own report may be one.
    """
    if not any(os.path.lexists(folder / ".git") for folder in (root.resolve(), *root.resolve().parents)):
        return GitFacts()
    program = shutil.which("git")
    if program is None or not os.path.isabs(program):
        return GitFacts(failure="git is not installed")
    git = Git(program, root, time.monotonic() + seconds)
    try:
        is_shallow = _run(git, "rev-parse", "--is-shallow-repository").strip() == b"true"
        if not _has_head(git):
            return GitFacts(failure="no commit yet")
        date, commit = _run(git, "rev-list", "--max-count=1", "--timestamp", "HEAD", "--").split()
    except (GitError, ValueError) as error:
        return GitFacts(failure=str(error))
    facts = GitFacts(commit=commit.decode("ascii"), head_date=int(date), is_shallow=is_shallow)
    try:
        return msgspec.structs.replace(facts, dirty=_is_dirty(git))
    except GitError as error:
        return msgspec.structs.replace(facts, failure=str(error))


def _has_head(git: Git) -> bool:
    try:
        return bool(_run(git, "rev-parse", "--verify", "--quiet", "HEAD"))
    except GitError:
        return False


def _is_dirty(git: Git) -> bool | None:
    """Index against HEAD by git, which reads no file for that; files against the index by us."""
    names = _run(
        git, "diff-index", "--cached", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "HEAD", "--", "."
    )
    if names:
        return True
    listing = _run(git, "ls-files", "--stage", "--debug", "-z", "--", ".")
    base = os.fsencode(git.folder)
    found, changed = 0, []
    for entry in ENTRY.finditer(listing):
        found += 1
        if entry["stage"] != b"0":
            return True  # an unmerged path
        if not _is_same_stat(base, entry):
            changed.append(entry)
    if found == 0 and listing:
        return None  # another git's --debug: the format is not promised
    if not changed:
        return False
    different = [entry for entry in changed if not _is_same_content(git, base, entry)]
    return (None if _has_filters(git) else True) if different else False


def _is_same_stat(base: bytes, entry: re.Match[bytes]) -> bool:
    if entry["mode"] == b"160000" or int(entry["flags"], 16) & ASSUMED:
        return True
    try:
        status = os.lstat(os.path.join(base, entry["path"]))
    except OSError:
        return False
    mtime_ns = int(entry["seconds"]) * 10**9 + int(entry["nanoseconds"])
    return status.st_size == int(entry["size"]) and status.st_mtime_ns == mtime_ns


def _is_same_content(git: Git, base: bytes, entry: re.Match[bytes]) -> bool:
    """git's own blob hash, of the bytes as they lie there and with line ends as git may have stored them."""
    if time.monotonic() > git.deadline:
        raise GitError("comparing the files took too long")
    file = os.path.join(base, entry["path"])
    try:
        status = os.lstat(file)
        if stat.S_ISLNK(status.st_mode) != (entry["mode"] == b"120000") or status.st_size > MAX_BLOB:
            return False
        data = os.readlink(file) if stat.S_ISLNK(status.st_mode) else read_bytes(os.fsdecode(file), MAX_BLOB)
    except OSError:
        return False
    wanted = entry["hash"].decode("ascii")
    return wanted in (_blob_hash(data, len(wanted)), _blob_hash(data.replace(b"\r\n", b"\n"), len(wanted)))


def _blob_hash(data: bytes, digits: int) -> str:
    name = "sha256" if digits == 64 else "sha1"
    return hashlib.new(name, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _has_filters(git: Git) -> bool:
    """Whether any clean filter is configured: then other bytes on disk may be the same content."""
    try:
        return bool(_run(git, "config", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$"))
    except GitError:
        return False


def _run(git: Git, *arguments: str) -> bytes:
    """The output of one git command. Raises GitError with git's first line, or when the time is over."""
    command = [git.program, "--no-pager", "--no-replace-objects"]
    for setting in SETTINGS:
        command += ["-c", setting]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | ENVIRONMENT
    try:
        done = subprocess.run(
            [*command, *arguments],
            cwd=git.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=max(0.01, git.deadline - time.monotonic()),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"git {arguments[0]} took too long") from None
    except OSError as error:
        raise GitError(error.strerror or "git cannot be started") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(
            _without_place(said[0], git.folder) if said else f"git {arguments[0]}: exit code {done.returncode}"
        )
    return done.stdout


def _without_place(text: str, folder: Path) -> str:
    """git's words without this machine's folders: reports hold no absolute path."""
    return re.sub(r"(?<![\w.])/[^\s']*", "...", text.replace(str(folder), "."))[:200]
