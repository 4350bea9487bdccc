"""Packaged commands with sub-commands -> one process per sub-command that serves. Sub-commands that do their work and end are none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from readiness.services.processes import ASIDE, STEP, VERBS, Process, correction, strength_of
from readiness.services.staying import Ground, Stay, stays
from readiness.services.tables import table_commands
from readiness.types.facts import SEP, Facts, last_name
from readiness.types.program import EntryPoint
from readiness.types.services import Evidence, Rejected

# A sub-command of such a name is meant to stay, even where its loop is behind a plug-in that cannot be seen.
SERVING_VERB = re.compile(
    r"(consume|listen|serve|runserver|run-server|daemon|poll|subscribe|worker|scheduler|beat|watch)(r|rs)?"
    r"|(?!(kill|pause|resume|scale|restart|inspect|describe|register|deregister|get|set|enable|disable|drain|submit|trigger)[-_])"
    r"\w+[-_](consumer|listener|server|daemon|poller|subscriber|worker|scheduler|watcher|processor)"
)
BY_NAME = (
    ("scheduler", re.compile(r"schedul|\bbeat\b|\bcron\b")),
    ("command", re.compile(r"work|consum|process|trigger|listen|poll|watch|subscri")),
)
BY_STAY = (
    ("web", re.compile(r"uvicorn|hypercorn|flask|waitress|gunicorn|run_app|wsgi|serve_forever")),
    ("scheduler", re.compile(r"schedul|run_pending")),
)
BOXED = frozenset({"dockerfile", "console-script"})
MAKES_COMMAND = frozenset({"command", "add_command", "add_parser", "add_typer", "add_cli"})
MIN_COMMANDS = 2
MAX_GROUPS = 5  # nested groups of commands


def with_subcommands(
    found: Sequence[Process],
    packaged: Mapping[str, Process],
    ground: Ground,
) -> list[Process]:
    """The processes, and those sub-commands of `packaged` (by entry file) that serve and that nothing else starts."""
    program, facts = ground.program, ground.facts
    is_told = bool(packaged) or any(one.part for one in found)
    entries = adopted([e for e in program.entries if e.kind == "cli" and e.function >= 0], facts) if is_told else []
    groups = {e.target: e for e in entries if any(other.app == e.target for other in entries)}
    known = {(one.entry, one.part) for one in found}
    numbers = {f.target: number for number, f in enumerate(program.functions)} if packaged else {}
    modules = {m.path: m.module for m in program.modules}
    found = [in_function(one, entries) for one in found]
    result = [staying(one, numbers.get(f"{modules.get(one.entry)}:{one.object_name}"), ground) for one in found]
    for entry in entries:
        words = path_of(entry, groups)
        root = root_of(entry, groups)
        one = packaged.get(entry.path) or packaged.get(root.path) or importing(root, packaged, modules, ground)
        if one is None or entry.app not in groups or entry.target in groups or is_step(words):
            continue
        stay = stays(entry.function, ground) or named_stay(entry, words)
        if stay is None or (one.entry, " ".join(words)) in known:
            continue
        known.add((one.entry, " ".join(words)))
        result.append(process(one, entry, words, stay, (entry.target, *groups_of(entry, groups))))
    return result + [one for one in from_tables(packaged, ground, numbers) if (one.entry, one.part) not in known]


def without_groups(
    found: Sequence[Process], facts: Mapping[str, Facts], modules: Mapping[str, str]
) -> tuple[list[Process], list[Rejected]]:
    """Processes without the images whose entry point is a group of sub-commands that nothing chooses from: tools in a box.

    `modules`: path -> module. A command that stays by itself, or one with a sub-command that does, is no such tool.
    """
    serving = {one.entry for one in found if one.part or not BOXED.issuperset(row.kind for row in one.evidence)}
    kept: list[Process] = []
    rejected: list[Rejected] = []
    for one in found:
        known = facts.get(modules.get(one.entry, ""))
        rows = known.calls if known is not None and one.entry not in serving and not one.is_packaged else ()
        if sum(last_name(call.callee) in MAKES_COMMAND for call in rows) < MIN_COMMANDS:
            kept.append(one)
            continue
        place = one.evidence[0]
        reason = "the image of a command with sub-commands, of which nothing chooses one"
        rejected.append(Rejected(one.name, place.path, place.line, place.kind, reason, correction(one.entry)))
    return kept, rejected


def importing(
    root: EntryPoint, packaged: Mapping[str, Process], modules: Mapping[str, str], ground: Ground
) -> Process | None:
    """The packaged command whose file only hands over to the group of another file."""
    home = modules.get(root.path, "")
    return next(
        (one for path, one in sorted(packaged.items()) if home in ground.imports.get(modules.get(path, ""), ())), None
    )


def from_tables(packaged: Mapping[str, Process], ground: Ground, numbers: Mapping[str, int]) -> list[Process]:
    """Sub-commands of tables and of argparse, each of the packaged command whose package holds the table."""
    if not packaged:
        return []
    modules = {m.module: m for m in ground.program.modules}
    tops = {one.entry.split("/")[0]: one for _, one in sorted(packaged.items(), reverse=True)}
    found: dict[tuple[str, str], Process] = {}
    for row in table_commands(modules, ground.facts, frozenset(numbers)):
        one = packaged.get(row.path) or (tops.get(row.path.split("/")[0]) if len(packaged) == 1 else None)
        if one is None or ASIDE.search(row.word) or STEP.fullmatch(row.word):
            continue
        number = numbers[row.target]
        entry = EntryPoint("cli", row.path, row.line, row.target, row.word, number, "", "")
        stay = stays(number, ground) or named_stay(entry, [row.word])
        if stay is not None:
            found.setdefault((one.entry, row.word), process(one, entry, [row.word], stay, (row.target,)))
    return [found[key] for key in sorted(found)]


def in_function(one: Process, entries: Sequence[EntryPoint]) -> Process:
    """A process that a manifest starts with a sub-command begins in that sub-command's function."""
    if not one.part or one.begins or one.role not in ("process", "command"):
        return one
    word = one.part.split(" ")[-1]
    known = [e for e in entries if word_of(e) == word]
    near = [e for e in known if e.path == one.entry] or known
    if len(near) != 1:
        return one
    role = next((role for role, mark in BY_NAME if mark.search(one.part)), "command")
    return replace(one, role=role, begins=(near[0].target,))


def staying(one: Process, number: int | None, ground: Ground) -> Process:
    """A command whose function stays is no tool at a prompt, whether only a package names it or a manifest starts it."""
    is_open = one.is_packaged or one.role == "process"  # any other role says what it does
    stay = stays(number, ground) if number is not None and is_open else None
    if stay is None:
        return one
    row = Evidence("stays", stay.path, stay.line, stay.detail, 0.4)
    return replace(
        one, is_packaged=False, evidence=(*one.evidence, row), strength=round(1 - (1 - one.strength) * 0.6, 4)
    )


def is_step(words: Sequence[str]) -> bool:
    return bool(ASIDE.search("/".join(words)) or STEP.fullmatch(words[-1]) or "client" in words)


def adopted(entries: Sequence[EntryPoint], facts: Mapping[str, Facts]) -> list[EntryPoint]:
    """`group.add_command(worker)`: commands that join a group elsewhere, as if they were declared there."""
    targets = {entry.target for entry in entries}
    by_name: dict[str, list[str]] = {}
    for target in targets:
        by_name.setdefault(target.rpartition(":")[2], []).append(target)
    groups: dict[str, str] = {}
    for module in sorted(facts):
        for call in facts[module].calls:
            base, _, last = call.callee.rpartition(SEP)
            if (
                last == ".add_command"
                and call.args
                and call.args[0].startswith("local:")
                and f"{module}:{base[6:]}" in targets
            ):
                name = call.args[0].rpartition(SEP)[2].removeprefix("local:").lstrip(".")
                known = by_name.get(name, [])
                own = f"{module}:{name}"
                target = own if own in known else known[0] if len(known) == 1 else ""
                groups[target] = f"{module}:{base[6:]}"
    return [replace(e, app=groups[e.target]) if e.target in groups and not e.app else e for e in entries]


def path_of(entry: EntryPoint, groups: Mapping[str, EntryPoint]) -> list[str]:
    """The words after the program: `scheduler start`. The outermost group is the program itself."""
    words, at = [word_of(entry)], groups.get(entry.app)
    for _ in range(MAX_GROUPS):
        if at is None or at.app not in groups:
            break
        words, at = [word_of(at), *words], groups.get(at.app)
    return words


def word_of(entry: EntryPoint) -> str:
    """click's own default for a function's name."""
    return entry.detail.replace("_", "-") if entry.detail == entry.target.rpartition(":")[2] else entry.detail


def groups_of(entry: EntryPoint, groups: Mapping[str, EntryPoint]) -> list[str]:
    """The targets of the groups around a sub-command; each runs before it."""
    found, at = [], groups.get(entry.app)
    while at is not None and at.target not in found:
        found.append(at.target)
        at = groups.get(at.app)
    return found


def root_of(entry: EntryPoint, groups: Mapping[str, EntryPoint]) -> EntryPoint:
    at = entry
    for _ in range(MAX_GROUPS):
        at = groups.get(at.app, at)
    return at


def named_stay(entry: EntryPoint, words: Sequence[str]) -> Stay | None:
    return Stay(entry.path, entry.line, "its name says that it stays") if SERVING_VERB.fullmatch(words[-1]) else None


def process(one: Process, entry: EntryPoint, words: Sequence[str], stay: Stay, begins: tuple[str, ...]) -> Process:
    rows = (
        *one.evidence,
        Evidence("sub-command", entry.path, entry.line, f"{one.name} {' '.join(words)}", 0.5),
        Evidence("stays", stay.path, stay.line, stay.detail, 0.4),
    )
    name = "-".join(words[:-1]) if words[-1] in VERBS and len(words) > 1 else "-".join(words)
    role = next((role for role, mark in BY_NAME if mark.search(name)), "")
    role = role or next((role for role, mark in BY_STAY if mark.search(stay.detail)), "command")
    return replace(
        one, role=role, begins=begins, name=name, part=" ".join(words), command=f"{one.name} {' '.join(words)}", object_name=entry.target.rpartition(":")[2],
        evidence=rows, strength=strength_of(rows), is_packaged=False,
    )  # fmt: skip
