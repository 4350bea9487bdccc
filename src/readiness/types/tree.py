"""What discover gives: the files of a repository, and what was left out. Paths are relative to the scanned root, with `/`."""

from __future__ import annotations

from msgspec import Struct

# A folder with one of these is built or run by itself: Python finds modules from there, whether it is a package or not.
RUN_HERE = frozenset(
    {"Dockerfile", "Containerfile", "requirements.txt", "Pipfile", "manage.py", "app.yaml", "Procfile"}
)


class Source(Struct, frozen=True, gc=False):
    """A Python file to analyse."""

    path: str
    module: str  # unique: the import name, or `name@root` where several files have one import name
    name: str  # the import name, as the code itself would import it
    root: str  # the source root: the folder that would be on sys.path, "." for PATH, ".." parts where it lies above
    is_package: bool  # an `__init__.py`
    size: int  # bytes
    mtime_ns: int
    inode: int


class Skipped(Struct, frozen=True):
    """A file that was left out or could not be analysed."""

    path: str
    reason: str  # one word of discover.REASONS or facts.Failure.reason
    detail: str
    line: int | None = None
    lines: int | None = None  # of the whole file, where they could be counted


class Text(Struct, frozen=True):
    """A file that is not Python but says how the code is run, built or deployed; at most 256 KiB."""

    path: str
    text: str


class GitFacts(Struct, frozen=True):
    """What git says. All None or empty where there is no repository."""

    commit: str | None = None
    dirty: bool | None = None
    head_date: int | None = None  # Unix seconds of HEAD's commit
    commits: tuple[tuple[str, int, str], ...] = ()  # (path, Unix seconds, digest of the author), newest first
    is_shallow: bool = False
    failure: str | None = None


class Tree(Struct, frozen=True):
    """A repository as it lies on disk. `name` is the folder's name; no absolute path."""

    name: str
    sources: tuple[Source, ...]
    texts: tuple[Text, ...]
    skipped: tuple[Skipped, ...]
    git: GitFacts
    files: tuple[str, ...] = ()  # every file that was seen and not left out, for existence checks by manifests
    importable: tuple[
        Source, ...
    ] = ()  # generated modules: left out of the analysis (a Skipped row each), but there to be imported
