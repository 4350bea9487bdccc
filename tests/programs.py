"""Small programs for tests: sources in, Program out, by the shipped library pages."""

from __future__ import annotations

import functools
from textwrap import dedent

from readiness.extract import extract
from readiness.link import link
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.program import Program
from readiness.types.rulebook import Rulebook
from readiness.types.tree import GitFacts, Source, Tree


@functools.cache
def shipped_rulebook() -> Rulebook:
    return load_rulebook([rules_folder()])


def tree_of(files: dict[str, str]) -> Tree:
    sources = []
    for path in sorted(files):
        name = path.removesuffix(".py").replace("/", ".")
        is_package = name.endswith("__init__")
        name = name.removesuffix(".__init__")
        sources.append(Source(path, name, name, ".", is_package, len(files[path]), 0, 0))
    return Tree("example", tuple(sources), (), (), GitFacts())


def program_of(files: dict[str, str]) -> Program:
    files = {path: dedent(text) for path, text in files.items()}
    return link(tree_of(files), {path: extract(text.encode()) for path, text in files.items()}, shipped_rulebook())


def calls(program: Program) -> set[tuple[str, str, int, str]]:
    """(caller, callee, line, how) with qualified names."""
    targets = [f.target for f in program.functions]
    return {
        (targets[e.caller], targets[e.callee] if e.callee >= 0 else e.external, e.line, e.how) for e in program.calls
    }


def reached(program: Program, target: str) -> dict[tuple[str, str], list[int]]:
    """(kind, mode) -> the lines of the path, for one function."""
    number = [f.target for f in program.functions].index(target)
    return {(v.kind, v.mode): [h.line for h in v.hops] for v in program.effects[number].via}
