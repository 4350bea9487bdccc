"""Paths of Python files -> import names and source roots, as the code itself would import them. Never parses: reads import lines at most."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from readiness.discover.patterns import MANIFESTS
from readiness.disk import on_disk, read_bytes
from readiness.types.tree import RUN_HERE

IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+\(?\s*(\w+)|import[ \t]+([\w.]+))", re.MULTILINE
)
MAX_READ_FILES = 2_000  # of which import lines are read to settle a doubtful folder; the nearest to it first
MAX_READ_BYTES = 1 << 20
Votes = Counter[str]


def name_modules(
    root: Path, paths: Sequence[str], files: frozenset[str], source_roots: Sequence[str]
) -> dict[str, tuple[str, str, str]]:
    """path -> (unique module, import name, source root). `paths` are sorted, relative and shown; `files` are all that were kept.

    The name comes from walking up while `__init__.py` exists. A folder without one that lies deeper than a source root is
    either a root itself or a namespace package: the import lines of the code decide, in doubt it is a root.
    """
    packages = {os.path.dirname(path) for path in paths if path.rpartition("/")[2] == "__init__.py"}
    tops = {path: _top(root, os.path.dirname(path), packages) for path in paths}
    bases = _bases(root, paths, files, packages, source_roots)
    settled = _settle(root, tops, bases, [item.rstrip("/") for item in source_roots])
    named = {}
    for path in paths:
        base = settled[tops[path]]
        named[path] = (_dotted(root, base, path), base or ".")
    unique = _unique(named)
    return {path: (unique[path], *named[path]) for path in paths}


def _top(root: Path, folder: str, packages: set[str]) -> str:
    """The folder that has to be on sys.path: the first one upwards that is no package; `..` parts above `root`, "" for `root`."""
    while folder in packages and folder and _name(folder).isidentifier():
        folder = os.path.dirname(folder)
    if folder or "" not in packages:
        return folder
    parent, steps = root, 0
    while (parent / "__init__.py").is_file() and parent.name.isidentifier() and parent != parent.parent:
        parent, steps = parent.parent, steps + 1
    return "/".join([".."] * steps)


def _bases(
    root: Path, paths: Sequence[str], files: frozenset[str], packages: set[str], source_roots: Sequence[str]
) -> dict[str, bool]:
    """Folders from which a namespace package may be named -> whether everything below is importable from there (a src layout)."""
    bases = {"": False}
    for path in files:
        folder, _, name = path.rpartition("/")
        if name in MANIFESTS:
            bases.setdefault(folder, False)
            bases[f"{folder}/src" if folder else "src"] = True
        elif name in RUN_HERE:
            bases.setdefault(folder, False)
    for package in packages:
        bases.setdefault(_top(root, package, packages), False)
    bases.update((item.rstrip("/").removeprefix("./").strip("."), True) for item in source_roots)
    return bases


def _settle(
    root: Path, tops: Mapping[str, str], bases: Mapping[str, bool], source_roots: Sequence[str]
) -> dict[str, str]:
    """Each folder that walking up ended at -> the folder to name its files from."""
    members: dict[str, list[str]] = defaultdict(list)
    for path, top in tops.items():
        members[top].append(path)
    doubtful = {top: found for top in sorted(members) if (found := _above(top, bases)) and top not in source_roots}
    settled = {top: top for top in members}
    if not doubtful:
        return settled
    votes = {path: _imports(on_disk(root, path)) for path in _sample(members, doubtful)}
    total: Votes = Counter()
    for counted in votes.values():
        total.update(counted)
    for top, candidates in doubtful.items():
        inside = [votes[path] for path in members[top] if path in votes]
        settled[top] = _elect(top, candidates, members[top], inside, total, bases)
    return settled


def _above(top: str, bases: Mapping[str, bool]) -> list[str]:
    """The bases strictly above `top`, nearest first, from which its folders would be a dotted name."""
    found, folder = [], top
    while folder and not folder.startswith("..") and _name(folder).isidentifier():
        folder = os.path.dirname(folder)
        if folder in bases:
            found.append(folder)
    return found


def _elect(
    top: str,
    candidates: Sequence[str],
    own: Sequence[str],
    inside: Sequence[Votes],
    total: Votes,
    bases: Mapping[str, bool],
) -> str:
    """The base that most import lines name; ties go to a src layout above, then to `top` itself."""
    names = {_first(path, top) for path in own}
    plain = sum(count for votes in inside for name, count in votes.items() if name.partition(".")[0] in names)
    relative = sum(votes["."] for path, votes in zip(own, inside, strict=False) if os.path.dirname(path) == top)
    best, most = top, plain
    for base in candidates:
        prefix = top[len(base) :].strip("/").replace("/", ".")
        count = relative + sum(
            number for name, number in total.items() if name == prefix or name.startswith(prefix + ".")
        )
        if count > most or (count == most and best == top and bases[base]):
            best, most = base, count
    return best


def _sample(members: Mapping[str, Sequence[str]], doubtful: Iterable[str]) -> list[str]:
    own = [path for top in doubtful for path in members[top]]
    others = [path for top in sorted(members) for path in members[top] if top not in set(doubtful)]
    return [*own, *others][:MAX_READ_FILES]


def _imports(file: str) -> Votes:
    """How often each absolute module is named in import lines; "." counts the relative ones."""
    try:
        data = read_bytes(file, MAX_READ_BYTES)
    except OSError:
        return Counter()
    votes: Votes = Counter()
    for module, name, plain in IMPORT.findall(data):
        dotted = (plain or module).decode("ascii", "replace")
        if dotted.startswith("."):
            votes["."] += 1
        else:
            votes[f"{dotted}.{name.decode('ascii', 'replace')}" if name else dotted] += 1
    return votes


def _dotted(root: Path, base: str, path: str) -> str:
    if base.startswith(".."):
        steps = base.count("..")
        inner = "/".join([*root.parts[-steps:], path])
    else:
        inner = path[len(base) :].lstrip("/")
    folder, _, file = inner.rpartition("/")
    parts = [part for part in folder.split("/") if part]
    stem = _stem(file)
    return ".".join(parts if stem == "__init__" and parts else [*parts, stem])


def _unique(named: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """`name`, or `name@root` where several files have it; a file that even shares the root is told by its path.

    Of `a/__init__.py` and `a.py` in one folder Python imports the package: it keeps `a@root`.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for path, (name, _) in named.items():
        groups[name].append(path)
    unique = {}
    for name, paths in groups.items():
        taken: set[str] = set()
        for path in sorted(paths, key=lambda path: (not path.endswith("/__init__.py"), not path.endswith(".py"), path)):
            label = f"{name}@{named[path][1]}"
            if label in taken:
                label = f"{name}@{path}"
            taken.add(label)
            unique[path] = label if len(paths) > 1 else name
    return unique


def _first(path: str, top: str) -> str:
    inner = path[len(top) :].lstrip("/").partition("/")[0]
    return _stem(inner)


def _stem(file: str) -> str:
    for suffix in (".py", ".pyw", ".wsgi"):
        file = file.removesuffix(suffix)
    return file.replace(".", "_")


def _name(folder: str) -> str:
    return folder.rpartition("/")[2]
