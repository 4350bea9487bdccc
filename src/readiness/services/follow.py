"""Launches -> Starts with their entry files: start scripts followed, packaged commands looked up. Text only, bounded in depth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from readiness.services.commands import SHELLS, Start, parse_command, parse_manage, part_of, strip_wrappers
from readiness.services.launches import Launch, join
from readiness.services.locate import Places, entry_of, find_file
from readiness.services.shell import Line, read_script
from readiness.types.tree import Text

MAX_DEPTH = 4  # of scripts that call scripts
START_SCRIPT = re.compile(
    r"(docker-)?(entry-?point|start|run|boot|serve|launch|web|worker|beat|celery|gunicorn|uvicorn)", re.IGNORECASE
)
IDLE_GUARDS = frozenset(
    {"shell", "test", "tests", "dev", "debug", "bash", "lint", "help", "migrate", "develop", "console"}
)
TOLD = frozenset({"--help", "-h", "--version", "help"})  # it says something and ends
RESTING = frozenset({"sleep", "wait", "true", ":", "echo", "printf", "exit", "return"})
IDLE = re.compile(r"dev[-_]\w+|\w+[-_](dev|debug|healthcheck)")
SERVING_ROLES = frozenset({"web", "worker", "scheduler", "monitor", "rpc", "operator"})


class Begin(Struct, frozen=True):
    """One process that a launch leads to."""

    launch: Launch
    start: Start
    entry: str  # path of the Python file


class Ways(Struct, frozen=True):
    """What following needs to know of the repository."""

    places: Places
    scripts: Mapping[str, Text]  # shell scripts by path
    commands: Mapping[str, Launch]  # packaged commands by name
    apps: Mapping[str, str] = {}  # configuration file of a server -> `module:app`
    managers: frozenset[str] = frozenset()  # those that hand their words to Django, as manage.py does
    queues: tuple[str, ...] = ()  # files that make a Celery app


def follow(launch: Launch, ways: Ways) -> list[Begin]:
    """The processes that a launch leads to; none where it starts no Python of the repository."""
    if launch.kind == "console-script" or launch.handler:
        return packaged(launch, launch.argv[0], ways)
    return list(walk(launch, launch.argv, ways, 0))


def packaged(launch: Launch, target: str, ways: Ways) -> list[Begin]:
    """`module:function` of a packaged command or `module.function` of a serverless one."""
    module, _, name = target.rpartition(".") if launch.handler else target.partition(":")
    module = module.replace("/", ".").strip(".")
    start = Start("process", "module", module, name, program=launch.name)
    entry = entry_of(start, launch, ways.places)
    return [Begin(launch, start, entry)] if entry else []


def walk(launch: Launch, argv: tuple[str, ...], ways: Ways, depth: int) -> Iterator[Begin]:
    """The processes of a command; of one that nobody here knows, those of what stands behind its `--`: it waits, and then starts that."""
    words = strip_wrappers(argv)
    if not words or depth > MAX_DEPTH or not TOLD.isdisjoint(words[1:2]):
        return
    found = list(walked(launch, words, ways, depth))
    if not found and "--" in words[1:-1]:
        found = list(walk(launch, tuple(words[words.index("--") + 1 :]), ways, depth + 1))
    yield from found


def walked(launch: Launch, words: list[str], ways: Ways, depth: int) -> Iterator[Begin]:
    if words[0].rsplit("/", 1)[-1] in SHELLS:
        flags = [
            at for at, word in enumerate(words) if word.startswith("-") and "c" in word and not word.startswith("--")
        ]
        if flags and flags[0] + 1 < len(words):
            yield from lines_of(launch, words[flags[0] + 1], (), ways, depth, "")
            return
        words = [word for word in words[1:] if not word.startswith("-")]
    script = script_of(words, launch, ways)
    if script is not None:
        yield from lines_of(launch, script.text, tuple(words[1:]), ways, depth, script.path)
        return
    start = parse_command(words)
    if start is None:
        return
    if start.kind == "script":
        yield from by_name(launch, start, words, ways)
        return
    if start.kind == "configured":
        start = configured(start, launch, ways)
    start = handed_on(start)
    entry = entry_of(start, launch, ways.places)
    if entry is None and start.kind == "django":
        start = plain_tool(start, words)
        entry = entry_of(start, launch, ways.places)
    if entry is None and start.kind == "celery" and not start.value and len(ways.queues) == 1:
        entry = ways.queues[0]
    if entry:
        yield Begin(launch, start, entry)


def handed_on(start: Start) -> Start:
    """A program's own sub-command that is named as a launcher is hands its words to it: `shop celery worker`."""
    words = start.part.split(" ")
    inner = parse_command(words) if words[0] == "celery" else None
    return inner if inner is not None else start


def configured(start: Start, launch: Launch, ways: Ways) -> Start:
    """The server with the app that its configuration file names, as it was where the file names none."""
    found = find_file(start.value, launch, ways.places)
    module, _, name = ways.apps.get(found or "", "").partition(":")
    return replace(start, kind="module", value=module, name=name) if module else start


def plain_tool(start: Start, words: list[str]) -> Start:
    """A `manage.py` without that management command: no Django, but a command line tool with sub-commands."""
    at = next((n for n, word in enumerate(words) if word.endswith("manage.py")), 0)
    return Start("process", "file", words[at], part=part_of(words[at + 1 :]), program=start.program)


def script_of(words: list[str], launch: Launch, ways: Ways) -> Text | None:
    """The repository's shell script that the first word names."""
    if not words or words[0].rsplit("/", 1)[-1] not in ways.places.by_name:
        return None
    if words[0] in ways.scripts:
        return ways.scripts[words[0]]
    found = find_file(words[0], launch, ways.places)
    return ways.scripts.get(found) if found else None


def lines_of(
    launch: Launch, text: str, arguments: tuple[str, ...], ways: Ways, depth: int, path: str
) -> Iterator[Begin]:
    """The processes of a script; `cd` moves the folder of what follows. An argument that names an arm chooses it."""
    lines, chosen = chosen_lines(text, arguments, launch)
    for line in lines:
        if line.argv[0] == "cd" and len(line.argv) > 1 and "$" not in line.argv[1]:
            target = line.argv[1]
            is_inside = target.startswith("/")
            launch = (
                replace(launch, workdir=target) if is_inside else replace(launch, folder=join(launch.folder, target))
            )
            continue
        if line.guard.lstrip("-") in IDLE_GUARDS or IDLE.fullmatch(line.guard):
            continue
        step = launch
        if path:
            is_arm = bool(line.guard) and line.guard != "*"
            name = line.guard if is_arm and (line.guard not in chosen or not launch.name) else launch.name
            kind = launch.kind if launch.path == path else "start-script"
            via = launch.via if launch.path == path else (*launch.via, (launch.path, launch.line))
            origin = launch.origin or launch.kind
            step = replace(launch, kind=kind, path=path, line=line.line, name=name, via=via, origin=origin)
        for begin in walk(step, line.argv, ways, depth + 1):
            if begin.start.role in SERVING_ROLES or is_last(line, lines):
                yield begin


def chosen_lines(text: str, arguments: tuple[str, ...], launch: Launch) -> tuple[tuple[Line, ...], set[str]]:
    """A script's commands under the arms that the first argument chooses, and the names of these arms.

    The words of an image are only what it starts by default: manifests give it others, so that its other arms are kept, as they are
    without these words.
    """
    given = dict(launch.variables)
    lines = read_script(text, arguments, given)
    guards = {guard for line in lines for guard in line.guards if guard[1]}
    picked = {(name, value) for name, value in guards if value in arguments[:1] or given.get(name) == value}
    if not picked:
        return lines, set()
    tested, chosen = {name for name, _ in picked}, {value for _, value in picked}

    def is_ours(line: Line) -> bool:
        return not any(value not in {*chosen, "", "*"} and name in tested for name, value in line.guards)

    # what is handed the words themselves outside of an arm would have been given others
    ours = (row for row in lines if is_ours(row) and (not row.takes_arguments or not picked.isdisjoint(row.guards)))
    others = (row for row in read_script(text, (), given) if launch.kind == "dockerfile" and not is_ours(row))
    return (*ours, *others), chosen


def is_last(line: Line, lines: tuple[Line, ...]) -> bool:
    """Whether a script stays in a command: it is `exec`uted, or nothing but waiting comes after it under the same guard."""
    working = [other for other in lines if other.guard == line.guard and other.argv[0] not in RESTING]
    return line.argv[0] == "exec" or line in working[-1:]


def by_name(launch: Launch, start: Start, words: list[str], ways: Ways) -> Iterator[Begin]:
    """A packaged command, or a Python script without `.py`, by its name."""
    command = ways.commands.get(start.value)
    if command is not None and command.name in ways.managers and len(words) > 1:
        via = (*launch.via, (command.path, command.line))
        managed = parse_manage("manage.py", words[1:])
        entry = entry_of(managed, launch, ways.places) if managed is not None else None
        if managed is not None and entry:
            yield Begin(replace(launch, via=via), managed, entry)
        return
    if command is not None:
        for begin in packaged(command, command.argv[0], ways):
            via = (*launch.via, (command.path, command.line))
            yield server_target(
                Begin(replace(launch, via=via), replace(begin.start, part=start.part), begin.entry), words, ways
            )
        return
    found = find_file(words[0], launch, ways.places) if words[0].rsplit("/", 1)[-1] in ways.places.by_name else None
    if found in ways.places.sources and found is not None:
        yield Begin(launch, replace(start, kind="file", value=found), found)


def server_target(begin: Begin, words: list[str], ways: Ways) -> Begin:
    """A packaged command that is given `module:app` starts that app."""
    target = next((word for word in words[1:] if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", word)), "")
    if not target:
        return begin
    module, _, name = target.partition(":")
    start = Start("web", "module", module, name, program=words[0])
    entry = entry_of(start, begin.launch, ways.places)
    return Begin(begin.launch, start, entry) if entry else begin


def unvisited_scripts(begins: list[Begin], ways: Ways) -> list[Begin]:
    """Start scripts that no manifest names: weaker, and only for what serves."""
    seen = {place for begin in begins for place in (begin.launch.path, *(path for path, _ in begin.launch.via))}
    found = []
    for path, text in sorted(ways.scripts.items()):
        if path not in seen and START_SCRIPT.match(path.rsplit("/", 1)[-1]):
            launch = Launch("start-script", path, 1, ("sh", path), folder=path.rpartition("/")[0], strength=0.5)
            found += [b for b in lines_of(launch, text.text, (), ways, 0, path) if b.start.role in SERVING_ROLES]
    return found
