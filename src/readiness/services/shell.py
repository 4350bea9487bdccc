"""Shell script text -> the commands that it may run, with line and the `case` arm, `if` value or function that guards them.

Simple commands only, read line by line; substitutions are those of the script's own assignments and defaults. Never runs a thing.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from readiness.services.commands import split_text
from readiness.services.images import substitute

ARM = re.compile(r"^\s*\(?\s*([\w\"'*.|/ $@{}-]+?)\)\s*(.*)$")
CASE = re.compile(r"^\s*case\b([^$]*\$\{?(?P<name>\w+))?")
FUNCTION = re.compile(r"^\s*(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\)\s*\{?\s*(.*)$")
TEST = re.compile(r"^\s*(?:el)?if\s+.*?\$\{?(?P<name>\w+)[^\]]*?\s==?\s*[\"']?(?P<value>[\w-]+)[\"']?\s*\]")
SWITCH = re.compile(
    r"true|false|yes|no|on|off|y|n|enabled|disabled|\d+", re.IGNORECASE
)  # a condition, not the name of a process
SWITCHED_OFF = re.compile(r"false|no|off|n|disabled|0", re.IGNORECASE)
DEVELOPING = re.compile(r"(^|_)(DEV|DEVEL|DEVELOPMENT|DEBUG|RELOAD|TEST|TESTING)(_|$)", re.IGNORECASE)
ASSIGN = re.compile(r"^\s*(?:export\s+|local\s+)?([A-Za-z_]\w*)=(\S*|\"[^\"]*\"|'[^']*')\s*$")
METACHARACTERS = re.compile(r"[\"'`();&|<>]")
KEYWORDS = frozenset(
    {"if", "then", "else", "elif", "do", "while", "until", "for", "fi", "done", "esac", "!", "{", "}", "time"}
)
ARGUMENTS = re.compile(r"\$\{?[@*1]")
MAX_LINE = 4_000
MAX_LINES = 3_000


class Line(Struct, frozen=True):
    """One simple command of a script."""

    argv: tuple[str, ...]
    line: int
    guard: str  # the arm, tested value or function in which it stands, "" for none
    takes_arguments: bool = False  # it hands the script's own arguments on
    guards: tuple[tuple[str, str], ...] = ()  # all of them from outside in: (what is tested, its value)


def read_script(
    text: str, arguments: Sequence[str] = (), given: Mapping[str, str] = MappingProxyType({})
) -> tuple[Line, ...]:
    """All simple commands. `arguments` are the script's own: `"$@"` and `$1` stand for them; `given`: its environment."""
    known = {name: plain(value) for name, value in given.items()}
    found: list[Line] = []
    guards: list[tuple[str, str]] = []
    for number, raw in logical_lines(text):
        assignment = ASSIGN.match(raw)
        if assignment:
            known[assignment[1]] = substitute(plain(assignment[2]), known)
            continue
        rest = enter(raw, guards)
        values = {**known, **{str(at): value for at, value in enumerate(arguments, 1)}}
        takes = bool(ARGUMENTS.search(rest))
        rest = substitute(expand(rest, arguments), values)
        for argv in split_text(rest):
            words = [*argv]
            while words and words[0] in KEYWORDS:
                words = words[1:]
            if words:
                guard = next((value for _, value in reversed(guards) if value), "")
                found.append(Line(tuple(words), number, guard, takes, tuple(guards)))
        leave(raw, guards)
    return tuple(found)


def plain(value: str) -> str:
    """An assigned value without its quotes, and without what would end the word into which it is put."""
    return METACHARACTERS.sub("", value[1:-1] if value[:1] in "\"'" and value[:1] == value[-1:] else value)


def expand(text: str, arguments: Sequence[str]) -> str:
    """`"$@"` and `$*` as the arguments that are known."""
    return re.sub(r"\"?\$\{?[@*]\}?\"?", lambda _: shlex.join(arguments), text)


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments and here-documents, continued ones joined."""
    pending, start, until = "", 0, ""
    for number, raw in enumerate(text.splitlines()[:MAX_LINES], 1):
        if until:
            until = "" if raw.strip() == until else until
            continue
        if len(raw) > MAX_LINE or (raw.lstrip().startswith("#") and not pending):
            continue
        start = start if pending else number
        if raw.rstrip().endswith("\\"):
            pending += raw.rstrip()[:-1] + " "
            continue
        document = re.search(r"<<-?\s*[\"']?([A-Za-z_]\w*)", raw)
        until = document[1] if document else ""
        yield start, pending + raw
        pending = ""


def enter(raw: str, guards: list[tuple[str, str]]) -> str:
    """Notes the guard that a line opens; what is left of the line is given back."""
    function, arm, test, case = FUNCTION.match(raw), ARM.match(raw), TEST.match(raw), CASE.match(raw)
    if function:
        guards.append(("", function[1]))
        return function[2]
    if case:
        guards.append((case["name"] or "", ""))
        return ""
    if arm and guards and "(" not in arm[1] and not raw.lstrip().startswith(("if ", "while ", "for ")):
        guards[-1] = (guards[-1][0], re.split(r"[|]", arm[1])[0].strip(" \"'"))
        return arm[2]
    if test:
        if raw.lstrip().startswith("if"):
            guards.append((test["name"], value_of(test)))
        elif guards:
            guards[-1] = (test["name"], value_of(test))
        return raw.split("then", 1)[1] if "then" in raw else ""
    if re.match(r"^\s*if\b", raw):
        guards.append(("", ""))
    elif re.match(r"^\s*(else|elif)\b", raw) and guards:
        guards[-1] = (guards[-1][0], "")
    return raw


def value_of(test: re.Match[str]) -> str:
    """The value that a variable is tested for; of a switch only whether it is one of development."""
    if not SWITCH.fullmatch(test["value"]):
        return test["value"]
    return "dev" if DEVELOPING.search(test["name"]) and not SWITCHED_OFF.fullmatch(test["value"]) else ""


def leave(raw: str, guards: list[tuple[str, str]]) -> None:
    closes = re.search(r"(^|[;\s])(fi|esac)\b\s*;?\s*$", raw) or re.match(r"^\s*\}\s*(;|$)", raw)
    one_line_function = FUNCTION.match(raw) and raw.rstrip().endswith("}") and "{" in raw
    if guards and (closes or one_line_function):
        guards.pop()
