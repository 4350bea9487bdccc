"""A command's file or module name -> the repository's Python file that is meant. Never guesses between equals of another folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile

from readiness.services.commands import Start
from readiness.services.images import context_folders
from readiness.services.launches import Launch, folder_of, join

CELERY_FILES = ("celery.py", "celery_app.py", "celeryapp.py", "celery_worker.py")


class Places:
    """The Python files and texts of a repository by their last name; built once, only asked afterwards."""

    def __init__(self, sources: Iterable[str], texts: Iterable[str]) -> None:
        """`sources` and `texts` are paths."""
        self.sources = frozenset(sources)
        self.by_name: dict[str, list[str]] = {}
        for path in sorted({*self.sources, *texts}):
            self.by_name.setdefault(path.rsplit("/", 1)[-1], []).append(path)

    def ending(self, tail: str) -> list[str]:
        """Paths that end with `tail`, whole steps only."""
        return [p for p in self.by_name.get(tail.rsplit("/", 1)[-1], ()) if p == tail or p.endswith("/" + tail)]


def entry_of(start: Start, launch: Launch, places: Places) -> str | None:
    """The file in which the process begins, None where the repository has none."""
    if start.kind == "file":
        return find_file(start.value, launch, places)
    if start.kind == "django":
        return nearest(places.ending(f"management/commands/{start.value}.py"), launch, False)
    if start.kind == "wsgi":
        manage = find_file(start.value, launch, places)
        folder = folder_of(manage) if manage else ""
        known = [p for n in ("wsgi.py", "asgi.py") for p in places.by_name.get(n, ())]
        inside = [p for p in known if folder_of(folder_of(p)) == folder]
        below = [p for p in known if not folder or p.startswith(folder + "/")]
        inside = inside or (below if len({folder_of(p) for p in below}) == 1 else [])
        return inside[0] if inside and manage else manage
    if start.kind in ("module", "celery"):
        return find_module(start, launch, places)
    return None


def find_module(start: Start, launch: Launch, places: Places) -> str | None:
    """`a.b` as a/b.py or a package; `python -m a` begins in a/__main__.py, `celery -A a` in a/celery.py."""
    if not start.value:
        return only_app(launch, places) if start.kind == "celery" else None
    path = start.value.replace(".", "/")
    tails = [f"{path}.py", f"{path}/__init__.py"]
    if start.program == "python -m":
        tails = [f"{path}/__main__.py", f"{path}.py"]
    if start.kind == "celery":
        tails = [f"{path}.py", f"{path}/celery.py", f"{path}/__init__.py"]
        tails += [f"{path.rpartition('/')[0]}.py", f"{path.rpartition('/')[0]}/__init__.py"] if "/" in path else []
    for tail in tails:
        found = find_file(tail, launch, places)
        if found:
            return found
    return None


def only_app(launch: Launch, places: Places) -> str | None:
    """`celery worker` without `-A`: the file that by its name holds the Celery app, the nearest to the manifest."""
    candidates = [path for name in CELERY_FILES for path in places.by_name.get(name, ()) if path in places.sources]
    return nearest(candidates, launch, is_plain=True) if candidates else None


def find_file(path: str, launch: Launch, places: Places) -> str | None:
    """The file that a path within the image or the running folder means."""
    for mapped in mapped_paths(path, launch):
        if mapped in places.sources or mapped in places.by_name.get(mapped.rsplit("/", 1)[-1], ()):
            return mapped
    tail = join(path.split("}")[-1].split("$")[0] if "$" in path else path)
    steps = tail.split("/")
    for at in range(len(steps) if path.startswith(("/", "$")) else 1):
        candidates = places.ending("/".join(steps[at:]))
        if candidates:
            return nearest(candidates, launch, is_plain=at == len(steps) - 1)
    return None


def mapped_paths(path: str, launch: Launch) -> Iterator[str]:
    """Where a path may lie: over the image's copies for each possible build context, then beside the manifest."""
    inside = path if path.startswith("/") else f"{launch.workdir}/{path}"
    inside = "/" + join(inside)
    contexts = list(dict.fromkeys([launch.folder, *(f for place, _ in launch.via for f in context_folders(place))]))
    contexts += [folder for folder in context_folders(launch.path) if folder not in contexts]
    if not path.startswith("/"):
        yield join(launch.folder, path)
    for target, source in sorted(launch.copies, key=lambda row: -len(row[0])):
        target = "/" + join(target)
        if inside == target or inside.startswith(target.rstrip("/") + "/"):
            for context in contexts:
                yield join(context, source, inside[len(target.rstrip("/")) :])


def nearest(candidates: list[str], launch: Launch, is_plain: bool) -> str | None:
    """The candidate below the launch's folders; a bare file name elsewhere counts only if it is the only one."""
    for folder in dict.fromkeys(
        (launch.folder, *(folder_of(place) for place, _ in launch.via), folder_of(launch.path))
    ):
        below = [path for path in candidates if folder and path.startswith(folder + "/")]
        if below:
            return min(below, key=lambda path: (path.count("/"), path))
    if not candidates or (is_plain and len(candidates) > 1 and candidates[0].count("/") > 0):
        return None if not candidates or len(candidates) > 1 else candidates[0]
    return min(candidates, key=lambda path: (-shared_steps(path, launch.path), path.count("/"), path))


def shared_steps(path: str, other: str) -> int:
    """How many folders two files have in common, from the top."""
    pairs = zip(folder_of(path).split("/"), folder_of(other).split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] != "", pairs))
