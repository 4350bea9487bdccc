"""Processes + Program -> the same, where a script of Python only prepares and then starts another program: that program's process.

A script that becomes a program which is none of the repository's Python is no process of it. Values only, nothing is run.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from readiness.services.commands import PYTHON, parse_command
from readiness.services.follow import SERVING_ROLES, Ways
from readiness.services.launches import Launch, folder_of
from readiness.services.locate import entry_of
from readiness.services.packaged import expression
from readiness.services.processes import Process, correction, distinct, merged, strength_of
from readiness.services.staying import Ground, stays
from readiness.types.facts import Facts, Ref
from readiness.types.services import Evidence, Rejected

PLAIN = frozenset({"module", "file"})
BECOMES = frozenset(
    f"os.{name}" for name in ("execv", "execve", "execvp", "execvpe", "execl", "execle", "execlp", "execlpe")
)
LISTED = frozenset({"os.execv", "os.execve", "os.execvp", "os.execvpe"})  # the words are one list, after the program
RUNS = frozenset(
    {"os.system", *(f"subprocess.{name}" for name in ("run", "call", "check_call", "Popen", "check_output"))}
)
UNKNOWN = "-"  # a word that is not literal: neither a file nor a module


def with_replaced(found: Sequence[Process], ways: Ways, ground: Ground) -> tuple[list[Process], list[Rejected]]:
    """The processes with what their scripts start in place of themselves, and those that become foreign programs."""
    modules = {m.path: m.module for m in ground.program.modules}
    numbers: dict[str, list[int]] = {}
    for number, function in enumerate(ground.program.functions):
        numbers.setdefault(function.module, []).append(number)
    kept: dict[tuple[str, str, str], Process] = {}
    rejected: list[Rejected] = []
    for one in found:
        module = modules.get(one.entry, "")
        is_plain = one.role == "process" and one.kind in PLAIN and not one.part and not one.is_packaged
        rows = list(handovers(numbers.get(module, ()), ground)) if is_plain else []
        held = [stay for number in numbers.get(module, ()) if rows and (stay := stays(number, ground)) is not None]
        ways_on = (row for row in rows if row[2] or not held)  # what it starts beside its own work does not replace it
        inner = next((new for row in ways_on if (new := started(one, row, ways)) is not None), None)
        foreign = [row for row in rows if is_foreign(row, ways)]
        if inner is None and foreign and all(stay.line < foreign[-1][0] for stay in held):
            line, words, _ = foreign[-1]  # a loop before it has an end
            reason = f"it prepares and becomes `{words[0]}`"
            rejected.append(Rejected(one.name, one.entry, line, one.evidence[0].kind, reason, correction(one.entry)))
            continue
        one = inner if inner is not None else one
        key = (one.entry, one.role, one.part)
        kept[key] = merged(kept[key], one) if key in kept else one
    return list(kept.values()), rejected


def handovers(numbers: Sequence[int], ground: Ground) -> Iterator[tuple[int, tuple[str, ...], bool]]:
    """(line, words, whether the process becomes it) of each command that functions start with a literal program."""
    for number in numbers:
        facts = ground.facts.get(ground.program.functions[number].module)
        for edge in ground.calls.get(number, ()):
            if facts is not None and edge.call >= 0 and edge.external in BECOMES | RUNS:
                words = words_of(edge.external, facts.calls[edge.call].args, facts)
                if words and words[0] != UNKNOWN:
                    yield edge.line, words, edge.external in BECOMES


def words_of(name: str, args: Sequence[Ref], facts: Facts) -> tuple[str, ...]:
    """The argv of a call, () where its program is not literal."""
    given = args[1:] if name in BECOMES else args[:1]
    if name in BECOMES - LISTED:
        return tuple(word_of(arg) for arg in given)
    if not given:
        return ()
    expr = expression(given[0], facts)
    if expr is not None and facts.exprs[expr].kind in ("list", "tuple"):
        return tuple(word_of(item) for item in facts.exprs[expr].items)
    try:
        words = shlex.split(word_of(given[0]))
    except ValueError:
        return ()
    return tuple(words) if name not in BECOMES else (word_of(args[0]),)


def word_of(value: Ref) -> str:
    return value[4:] if value.startswith("str:") else UNKNOWN


def started(one: Process, row: tuple[int, tuple[str, ...], bool], ways: Ways) -> Process | None:
    """The process that a command of a script starts, None where that serves nothing of the repository."""
    line, words, _ = row
    start = parse_command(words)
    if start is None or start.role not in SERVING_ROLES:
        return None
    launch = Launch("start-script", one.entry, line, words, one.name, folder_of(one.entry))
    entry = entry_of(start, launch, ways.places)
    if entry is None:
        return None
    evidence = tuple(distinct((*one.evidence, Evidence("start-script", one.entry, line, " ".join(words)[:200], 0.9))))
    return replace(
        one, entry=entry, role=start.role, kind=start.kind, object_name=start.name, program=start.program, part=start.part,
        workers=start.workers, evidence=evidence, strength=strength_of(evidence),
    )  # fmt: skip


def is_foreign(row: tuple[int, tuple[str, ...], bool], ways: Ways) -> bool:
    """Whether a process becomes a program that is no Python, no script and no command of the repository."""
    _, words, becomes = row
    name = words[0].rsplit("/", 1)[-1]
    is_ours = name in ways.commands or name in ways.places.by_name or PYTHON.match(name) is not None
    start = parse_command(words[:1])
    return becomes and not is_ours and start is not None and start.kind == "script"
