"""Facts -> sub-commands that a table or argparse names: (word, target of the function, path, line). Click's are entry points already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from readiness.types.facts import SEP, Call, Facts, Ref
from readiness.types.program import Module

HANDLERS = frozenset({"func", "function", "callback", "handler", "target", "action", "run"})
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


class Named(Struct, frozen=True):
    """A word on a command line and what it runs."""

    word: str
    target: str  # module:function
    path: str
    line: int


def table_commands(
    modules: Mapping[str, Module], facts: Mapping[str, Facts], targets: frozenset[str]
) -> Iterator[Named]:
    """All of them, by module. `targets`: the functions of the program."""
    for name in sorted(facts):
        if name not in modules or modules[name].is_test:
            continue
        parsers = parser_words(facts[name])
        for call in facts[name].calls:
            if not call.keywords:
                continue
            keywords = dict(call.keywords)
            given = next((keywords[key] for key in sorted(HANDLERS & keywords.keys())), "")
            word = word_of(call, keywords, parsers)
            target = function_of(name, given, facts[name], targets) if given and word else ""
            if target:
                yield Named(word, target, modules[name].path, call.line)


def parser_words(facts: Facts) -> dict[Ref, str]:
    """`serve = subparsers.add_parser("serve")`: name of the parser -> its word."""
    found = {}
    for row in facts.bindings:
        if row.value.startswith("call:") and SEP not in row.value and not row.target:
            call = facts.calls[int(row.value[5:])]
            if call.callee.endswith("add_parser") and call.args and call.args[0].startswith("str:"):
                found[f"local:{row.name}"] = call.args[0][4:]
    return found


def word_of(call: Call, keywords: Mapping[str, Ref], parsers: Mapping[Ref, str]) -> str:
    base, _, last = call.callee.rpartition(SEP)
    if last == ".set_defaults":
        return parsers.get(base, "")
    if base or call.callee.startswith("call:"):
        return ""  # a method with such keywords is any method; a table is made of plain constructors
    given = keywords.get("name", call.args[0] if call.args else "")
    return given[4:] if given.startswith("str:") and re.fullmatch(r"str:[a-z][a-z0-9_-]*", given) else ""


def function_of(module: str, ref: Ref, facts: Facts, targets: frozenset[str]) -> str:
    """The program's function that a handler is: a name of the module, or a dotted text that is loaded later."""
    if ref.startswith("local:") and f"{module}:{ref[6:]}" in targets:
        return f"{module}:{ref[6:]}"
    if ref.startswith("call:") and SEP not in ref:
        ref = next(iter(facts.calls[int(ref[5:])].args), "")
    if ref.startswith("str:") and DOTTED.fullmatch(ref[4:]):
        home, _, name = ref[4:].rpartition(".")
        return f"{home}:{name}" if f"{home}:{name}" in targets else ""
    return ""
