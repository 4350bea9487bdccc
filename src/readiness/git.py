"""root -> GitFacts: what git says of a folder. The only one that runs git. Nothing that the repository configures runs, nothing is written.

A repository's own configuration can name programs (fsmonitor, hooks, pagers, gpg, filters, upload-pack of a lazy fetch). Each is
switched off by name, only plumbing commands run that read no work-tree file, and files are compared here rather than by git, which
would ask the filters.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from readiness.disk import read_bytes, shown

if TYPE_CHECKING:  # msgspec takes as long to import as git to answer, and `check` often needs no more than that
    from pathlib import Path

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
    "log.follow=false",
    "diff.orderFile=/dev/null",
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
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
ENTRY = re.compile(
    rb"(?P<mode>\d{6}) (?P<hash>[0-9a-f]+) (?P<stage>\d)\t(?P<path>[^\0]+)\0"
    rb"  ctime: \d+:\d+\n  mtime: (?P<seconds>\d+):(?P<nanoseconds>\d+)\n  dev: \d+\tino: \d+\n  uid: \d+\tgid: \d+\n"
    rb"  size: (?P<size>\d+)\tflags: (?P<flags>[0-9a-f]+)\n"
)
# the first mode and name are those of the commit, the second those of the index
RAW = re.compile(rb":(?P<mode>\d{6}) \d{6} (?P<hash>[0-9a-f]+) [0-9a-f]+ [A-Z]\d*\0(?P<path>[^\0]+)\0")
TREE = re.compile(rb"(?P<mode>\d{6}) \w+ (?P<hash>[0-9a-f]+)\t(?P<path>[^\0]+)\0")
SUBMODULE = b"160000"
COMMIT = re.compile(rb"(?P<when>\d{1,12})\x1f(?P<author>[^\0\n]*)")
YEAR = 366 * 86_400
HISTORY_SECONDS = 4.0
MOST_COMMITS = 10_000
ASSUMED = 0x8000 | 0x40000000  # assume-unchanged, skip-worktree: the user said that the file's state does not count
MAX_BLOB = 16 << 20  # a larger file whose stat changed is taken for changed


class GitError(Exception):
    """git cannot answer: not installed, too slow, a damaged repository."""


class UnknownListing(GitError):
    """This git's listing of the index is not understood."""


class Git(NamedTuple):
    program: str
    folder: str | Path
    deadline: float  # of time.monotonic()


def read_git(root: Path, seconds: float) -> GitFacts:
    """Commit, its date, whether tracked files below `root` differ from it, shallowness, a year's changes. At most about `seconds`; never raises.

    `dirty` is None where it cannot be told without running a filter. Untracked files do not count: our own report may be one.
    """
    from msgspec.structs import replace

    from readiness.types.tree import GitFacts

    if not is_repository(root):
        return GitFacts()
    git = open_git(root, seconds)
    if git is None:
        return GitFacts(failure="git is not installed")
    try:
        is_shallow = _run(git, "rev-parse", "--is-shallow-repository").strip() == b"true"
        if not _has_head(git):
            return GitFacts(failure="no commit yet")
        date, commit = _run(git, "rev-list", "--max-count=1", "--timestamp", "HEAD", "--").split()
    except (GitError, ValueError) as error:
        return GitFacts(failure=str(error))
    facts = GitFacts(commit=commit.decode("ascii"), head_date=int(date), is_shallow=is_shallow)
    try:
        facts = replace(facts, dirty=_is_dirty(git))
    except GitError as error:
        return replace(facts, failure=str(error))
    if is_shallow:  # its history is cut off: counts would be too low
        return facts
    try:
        hurried = Git(git.program, git.folder, min(git.deadline, time.monotonic() + HISTORY_SECONDS))
        return replace(facts, commits=_history(hurried, int(date) - YEAR))
    except GitError as error:
        return replace(facts, failure=f"the history was not read: {error}")


def is_repository(root: str | Path) -> bool:
    """Whether `root` lies in a repository or work tree of git."""
    folder = os.path.realpath(root)
    while not os.path.lexists(os.path.join(folder, ".git")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return False
    return True


def open_git(root: str | Path, seconds: float) -> Git | None:
    """git at `root`, to be asked for at most `seconds` from now; None where there is no repository or no git."""
    if not is_repository(root):
        return None
    from shutil import which  # late, as hashlib below: half of what a hook costs is imports

    program = which("git")
    return Git(program, root, time.monotonic() + seconds) if program and os.path.isabs(program) else None


def commit_of(git: Git, ref: str) -> str | None:
    """The commit that a name stands for, None where it stands for none. An option or an empty name stands for none."""
    if not ref or ref.startswith("-"):
        return None
    try:
        return _run(git, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode("ascii").strip()
    except GitError:
        return None


def merge_base(git: Git, one: str, other: str) -> str | None:
    """The commit where two commits part; None where history does not tell, as in a shallow clone."""
    try:
        return _run(git, "merge-base", one, other).decode("ascii").split()[0]
    except (GitError, IndexError):
        return None


def merging(git: Git) -> tuple[str, ...]:
    """The commit that is being merged into HEAD right now; none where no merge is under way."""
    found = commit_of(git, "MERGE_HEAD")
    return (found,) if found else ()


def differences(
    git: Git, untracked: Iterable[str] | None, commit: str | None, only: Sequence[str] = ()
) -> dict[str, str | None]:
    """path -> the blob that `commit` (None: the index) has there, wherever that differs from the work tree; None for no file.

    `untracked` are files of the work tree that git may not know, as discover saw them; None asks git for those that are not
    ignored. Paths are below the folder of `git` and shown as in reports. Links count as no file; what a submodule holds is the same everywhere.
    With `only`, of the work tree just these files are looked at. Raises GitError.
    """
    entries = _entries(git, only)
    base = os.fsencode(git.folder)
    changed = [e for e in entries if not _is_same_stat(base, e) and not _is_same_content(git, base, e)]
    found = {_path(e["path"]): _blob(e["mode"], e["hash"]) for e in changed}
    if commit is not None:
        rows = _run(
            git, "diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--relative", commit, "--"
        )
        found |= {_path(row["path"]): _blob(row["mode"], row["hash"]) for row in RAW.finditer(rows)}
        unmerged = {e["path"] for e in entries if e["stage"] != b"0"}  # diff-index has no names for them
        if unmerged:
            rows = _run(git, "ls-tree", "-z", commit, "--", *map(os.fsdecode, sorted(unmerged)))
            known = {_path(row["path"]): _blob(row["mode"], row["hash"]) for row in TREE.finditer(rows)}
            found |= {_path(path): known.get(_path(path)) for path in unmerged}
    if untracked is None:
        listing = _run(git, "ls-files", "--others", "--exclude-standard", "-z")
        untracked = [_path(name) for name in listing.split(b"\0") if name]
    tracked = {_path(e["path"]) for e in entries}
    modules = tuple(
        _path(e["path"]) + "/" for e in entries if e["mode"] == SUBMODULE
    )  # their files are another index's
    return found | {p: None for p in untracked if p not in tracked and p not in found and not p.startswith(modules)}


def blobs(git: Git, names: Iterable[str], most: int) -> dict[str, bytes]:
    """The content of blobs by name. One that is larger than `most` bytes is left out. Raises GitError where one is missing."""
    wanted = sorted(set(names))
    sizes = {}
    for line in _run(git, "cat-file", "--batch-check", given="\n".join(wanted).encode()).decode("ascii").splitlines():
        name, kind, *size = line.split()
        if kind != "blob":
            raise GitError(f"{name} is not here: the clone may be shallow or partial")
        sizes[name] = int(size[0])
    small = [name for name in wanted if sizes[name] <= most]
    data = _run(git, "cat-file", "--batch", given="\n".join(small).encode()) if small else b""
    found, at = {}, 0
    for name in small:
        begin = data.index(b"\n", at) + 1
        found[name] = data[begin : begin + sizes[name]]
        at = begin + sizes[name] + 1
    return found


def _entries(git: Git, only: Sequence[str] = ()) -> list[re.Match[bytes]]:
    """What the index has below the folder, with git's own stat of each file."""
    listing = _run(git, "ls-files", "--stage", "--debug", "-z", "--", *(only or (".",)))
    found = list(ENTRY.finditer(listing))
    if listing and not found:  # another git's --debug: the format is not promised
        raise UnknownListing("this version of git lists its index in a way that is not known")
    return found


def _path(name: bytes) -> str:
    return shown(os.fsdecode(name))


def _blob(mode: bytes, name: bytes) -> str | None:
    return name.decode("ascii") if mode.startswith(b"100") else None


def _history(git: Git, since: int) -> tuple[tuple[str, int, str], ...]:
    """(path below the folder, Unix seconds, digest of the author) of each file that a commit since then changed, newest first."""
    import hashlib  # late, as elsewhere here: half of what a hook costs is imports

    rows: list[tuple[str, int, str]] = []
    for when, who, names in _commits(git, since, "%ae"):
        author = hashlib.blake2b(who.lower(), digest_size=8).hexdigest()
        rows += [(_path(name), when, author) for name in names]
    return tuple(rows)


def read_authors(root: Path, seconds: float) -> dict[str, dict[str, int]]:
    """Path below `root` -> author -> commits of a year before HEAD that changed it. Empty where no whole history is to be had.

    Names of people: only for who asked for them.
    """
    git = open_git(root, seconds) if is_repository(root) else None
    found: dict[str, dict[str, int]] = {}
    try:
        if git is None or _run(git, "rev-parse", "--is-shallow-repository").strip() == b"true":
            return {}
        date = int(_run(git, "rev-list", "--max-count=1", "--timestamp", "HEAD", "--").split()[0])
        for _, who, names in _commits(git, date - YEAR, "%an"):
            for name in names:
                of = found.setdefault(_path(name), {})
                author = who.decode("utf-8", "replace")
                of[author] = of.get(author, 0) + 1
    except (GitError, ValueError, IndexError):
        return {}
    return found


def _commits(git: Git, since: int, who: str) -> Iterator[tuple[int, bytes, list[bytes]]]:
    """(Unix seconds, author as `who` asks for, paths) of each commit since then, newest first.

    Names come from the trees alone: no file, filter, textconv, external diff, signature or mail map is asked.
    """
    text = _run(
        git, "log", "-z", "--no-merges", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-show-signature",
        "--no-mailmap", "--no-color", "--name-only", "--relative", f"--format=format:%x01%ct%x1f{who}",
        f"--max-age={since}", f"--max-count={MOST_COMMITS}", "HEAD", "--", ".",
    )  # fmt: skip
    for part in text.split(b"\x01"):
        head, _, names = part.partition(b"\n")
        known = COMMIT.fullmatch(head)
        if known is not None:
            yield int(known["when"]), known["author"], [name for name in names.split(b"\0") if name]


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
    try:
        entries = _entries(git)
    except UnknownListing:
        return None
    if any(entry["stage"] != b"0" for entry in entries):
        return True  # an unmerged path
    base = os.fsencode(git.folder)
    changed = [entry for entry in entries if not _is_same_stat(base, entry)]
    if not changed:
        return False
    different = [entry for entry in changed if not _is_same_content(git, base, entry)]
    return (None if _has_filters(git) else True) if different else False


def _is_same_stat(base: bytes, entry: re.Match[bytes]) -> bool:
    if entry["mode"] == SUBMODULE or int(entry["flags"], 16) & ASSUMED:
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
    import hashlib

    name = "sha256" if digits == 64 else "sha1"
    return hashlib.new(name, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _has_filters(git: Git) -> bool:
    """Whether any clean filter is configured: then other bytes on disk may be the same content."""
    try:
        return bool(_run(git, "config", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$"))
    except GitError:
        return False


def _run(git: Git, *arguments: str, given: bytes = b"") -> bytes:
    """The output of one git command that reads `given`. Raises GitError with git's first line, or when the time is over."""
    command = [git.program, "--no-pager", "--no-replace-objects"]
    for setting in SETTINGS:
        command += ["-c", setting]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | ENVIRONMENT
    try:
        done = subprocess.run(
            [*command, *arguments],
            cwd=git.folder,
            env=environment,
            input=given,
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


def _without_place(text: str, folder: str | Path) -> str:
    """git's words without this machine's folders: reports hold no absolute path."""
    return re.sub(r"(?<![\w.])/[^\s']*", "...", text.replace(str(folder), "."))[:200]
