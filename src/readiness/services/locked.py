"""Lock files -> what the code base of a process installs: distributions, and the sizes of their wheels where the file says them.

Only sizes that a lock file states are added up; it is never asked of a package index, and never guessed. Read line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from readiness.services.launches import folder_of, join
from readiness.types.tree import Text

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")  # of several beside each other the first counts
PINNED = re.compile(r"[A-Za-z0-9][\w.-]*(\[[^\]]*\])?\s*==")
NAMED = re.compile(r'name = "([^"]{1,200})"')
SOURCE = re.compile(r'source = \{ (?:editable|virtual|directory) = "([^"]*)"')
EXTRAS = re.compile(r"extra = \[([^\]]*)\]")
LIST = re.compile(r'"?([\w.-]+)"? = \[')
WHEEL = re.compile(r'/([^/"]+)\.whl".*?\bsize = (\d{1,12})\b')
ELSEWHERE = re.compile(
    r"marker = \"(?:(?! or )[^\"])*(sys_platform|platform_system|os_name) == '(win32|Windows|nt|darwin|Darwin|cygwin|emscripten)'(?:(?! or )[^\"])*\""
)  # needed on other systems only
INLINE = re.compile(r"\{[^{}]*\}")
LINUX = re.compile(r"(any|.*linux\w*_x86_64.*)")
MUSL = re.compile(r"musllinux[^.]*(\.musllinux[^.]*)*")
PIPENV = re.compile(r'^ {8}"[^"]+": \{', re.MULTILINE)
Node = tuple[str, str]  # distribution, extra or ""


class Lock(Struct, frozen=True):
    """One lock file. `needs` and `sizes` only where it states them."""

    path: str
    count: int  # distributions that it names, the projects themselves left out
    projects: Mapping[
        str, str
    ] = {}  # folder, from the repository's top -> the project of the workspace that lies there
    needs: Mapping[Node, tuple[Node, ...]] = {}
    sizes: Mapping[str, int] = {}  # distribution -> bytes of the largest wheel that Linux on x86-64 can use


def locks_of(texts: Iterable[Text]) -> dict[str, Text]:
    """Folder -> its lock file, else its requirements.txt."""
    found: dict[str, tuple[int, Text]] = {}
    for text in texts:
        name = text.path.rsplit("/", 1)[-1]
        order = LOCKS.index(name) if name in LOCKS else len(LOCKS) if name == "requirements.txt" else None
        if order is not None and text.text.strip():
            folder = folder_of(text.path)
            found[folder] = min(found.get(folder, (order, text)), (order, text), key=lambda row: row[0])
    return {folder: text for folder, (_, text) in found.items()}


def lock_rows(entry: str, locks: Mapping[str, Text], known: dict[str, Lock]) -> dict[str, str]:
    """Rows of the ledger of what begins in `entry`; empty where no lock file lies above it. `known` remembers what was read."""
    folder = folder_of(entry)
    while folder not in locks and folder:
        folder = folder_of(folder)
    if folder not in locks:
        return {}
    text = locks[folder]
    lock = known.get(text.path) or read_lock(text)
    known[text.path] = lock
    if not lock.sizes:
        return {
            "distributions": f"{lock.count} in {lock.path}",
            "locked_size": f"cannot be told: {lock.path} states no sizes",
        }
    names = needed(lock, entry)
    sized = [lock.sizes[name] for name in names if name in lock.sizes]
    rest = len(names) - len(sized)
    missing = f"; {rest} without such a wheel cannot be told" if rest else ""
    return {
        "distributions": f"{len(names)} of the {lock.count} in {lock.path}, without extras and development",
        "locked_size": f"{sum(sized) / 1e6:.1f} MB of wheels as they are downloaded, for Linux on x86-64 ({lock.path}){missing}",
    }


def read_lock(text: Text) -> Lock:
    name = text.path.rsplit("/", 1)[-1]
    if name == "uv.lock":
        return read_uv(text)
    if name == "requirements.txt":
        return Lock(text.path, sum(bool(PINNED.match(line)) for line in text.text.splitlines()))
    if name == "Pipfile.lock":
        return Lock(text.path, len(PIPENV.findall(text.text.partition('"develop": {')[0])))
    return Lock(text.path, text.text.count("[[package]]\n"))


def read_uv(text: Text) -> Lock:
    """Packages with what they need, their projects by folder, and their wheels."""
    folder = folder_of(text.path)
    projects: dict[str, str] = {}
    needs: dict[Node, list[Node]] = {}
    sizes: dict[str, int] = {}
    count, name, extra, is_needed = 0, "", "", False
    for line in text.text.splitlines():
        if line.startswith("[["):
            name, extra, is_needed, count = "", "", True, count + (line == "[[package]]")
        elif line.startswith("["):
            is_needed = line == "[package.optional-dependencies]"
        elif line.startswith("name = ") and (found := NAMED.match(line)):
            name = found[1]
        elif line.startswith("source = ") and (found := SOURCE.match(line)):
            projects[join(folder, found[1])] = name
        elif found := LIST.match(line):
            extra = "" if found[1] == "dependencies" else found[1]
            keeps = is_needed and found[1] not in ("wheels", "sdist")
            if keeps:
                needs.setdefault((name, extra), []).extend(n for row in INLINE.findall(line) for n in nodes(row))
            sizes |= larger(name, line, sizes)
        elif line.startswith("    {"):
            if "url = " in line:
                sizes |= larger(name, line, sizes)
            elif is_needed:
                needs.setdefault((name, extra), []).extend(nodes(line))
    return Lock(text.path, count - len(projects), projects, {key: tuple(rows) for key, rows in needs.items()}, sizes)


def nodes(row: str) -> Iterator[Node]:
    """What one row of dependencies asks for: the distribution, and each extra of it."""
    found = NAMED.search(row)
    if found and not ELSEWHERE.search(row):
        extras = EXTRAS.search(row)
        yield found[1], ""
        yield from ((found[1], word.strip(' "')) for word in (extras[1].split(",") if extras else ()) if word.strip())


def larger(name: str, line: str, sizes: Mapping[str, int]) -> dict[str, int]:
    """The size of a wheel, where Linux on x86-64 can use it and it is the largest of those for several versions of Python."""
    found = WHEEL.search(line)
    tag = found[1].rpartition("-")[2] if found else ""
    if found is None or not LINUX.fullmatch(tag) or MUSL.fullmatch(tag):
        return {}
    return {name: max(sizes.get(name, 0), int(found[2]))}


def needed(lock: Lock, entry: str) -> Sequence[str]:
    """The distributions that the project of an entry needs to run; all of the lock where it names no such project."""
    folder = folder_of(entry)
    while folder not in lock.projects and folder:
        folder = folder_of(folder)
    project = lock.projects.get(folder)
    own = frozenset(lock.projects.values())
    seen: set[Node] = set()
    open_: list[Node] = (
        [(project, "")]
        if project
        else [(name, "") for name in sorted({*lock.sizes, *(name for name, _ in lock.needs)})]
    )
    while open_:
        node = open_.pop()
        if node not in seen:
            seen.add(node)
            open_ += lock.needs.get(node, ())
    return sorted({name for name, _ in seen} - own)
