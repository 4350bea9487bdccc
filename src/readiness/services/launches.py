"""What manifests give: command lines that start something, with the place where they stand. Values only."""

from __future__ import annotations

from msgspec import Struct


class Launch(Struct, frozen=True):
    """One command that a manifest runs."""

    kind: str  # of Evidence
    path: str
    line: int
    argv: tuple[str, ...]
    name: str = ""  # the manifest's own name for it
    folder: str = ""  # the repository's folder in which it runs, as far as known
    workdir: str = ""  # the same within the image
    copies: tuple[tuple[str, str], ...] = ()  # (path in the image, path in the repository)
    strength: float = 0.9
    replicas: int | None = None
    via: tuple[tuple[str, int], ...] = ()  # further places on the way: the Dockerfile behind a compose service ...
    handler: bool = False  # argv is one `module.function` (a serverless function)
    resources: tuple[tuple[str, str], ...] = ()  # what it requests and how it is probed, by the ledger's names
    keeps: str = ""  # the manifest's words that start it again whenever it ends, "" where it may end
    origin: str = ""  # the kind of the manifest that gave the name, where a start script stands between
    workload: str = ""  # of Kubernetes: `Deployment/name`
    container: str = ""  # its container
    variables: tuple[
        tuple[str, str], ...
    ] = ()  # of its environment, as far as the image and the manifest say their values
    arguments: int = 0  # how many of the last words of argv the container's `args` gave


class Unread(Struct, frozen=True):
    """A manifest that could not be read."""

    path: str
    line: int | None
    kind: str
    reason: str


def folder_of(path: str) -> str:
    return path.rsplit("/", 1)[0] if "/" in path else ""


def base_of(path: str, markers: frozenset[str]) -> str:
    """The nearest folder above a file that is built, installed or managed by itself, "" for the repository's own."""
    folder = folder_of(path)
    while folder and folder not in markers:
        folder = folder_of(folder)
    return folder


def join(*parts: str) -> str:
    """A repository path from parts, `.` and `..` resolved; an absolute or empty part starts over or is left out."""
    found: list[str] = []
    for part in "/".join(part for part in parts if part).split("/"):
        if part == "..":
            del found[-1:]
        elif part not in ("", "."):
            found.append(part)
    return "/".join(found)
