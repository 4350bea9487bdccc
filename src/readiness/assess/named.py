"""Unresolved method calls -> functions that their rare name leads to. For the path of a request only, never for what does I/O.

Code behind an abstract store, a reader or a plug-in is called on an object whose class no reading of the source tells. Where a
name is the name of few methods of the repository, and of none of the built-in types, it leads there: good enough to say that
requests pass, too weak to say that a call blocks. So is a table of functions under words: whoever reads it can run any of them.
"""

from __future__ import annotations

import collections
import io
from collections.abc import Iterator, Mapping, Sequence

from readiness.types.facts import SEP, Expr, Facts
from readiness.types.program import Program

FEW = 8  # methods of one name; one abstract class with its implementations, rarely more
BUILT_IN = frozenset(
    name
    for kind in (
        str,
        bytes,
        dict,
        list,
        set,
        tuple,
        int,
        float,
        io.TextIOWrapper,
        io.BytesIO,
        collections.deque,
        Exception,
    )
    for name in dir(kind)
)


TABLE = 4  # functions under words that make a table: fewer are a choice between two or three


def named_edges(program: Program, facts: Mapping[str, Facts], known: Sequence[set[int]]) -> list[set[int]]:
    """Callees per function: the known ones, for each call without any the methods of its name where they are few, and tables."""
    tests = {module.module for module in program.modules if module.is_test}
    methods: dict[str, list[int]] = {}
    owner: dict[tuple[str, int], int] = {}
    for i, function in enumerate(program.functions):
        owner[(function.module, function.scope)] = i
        name = function.qualname.rpartition(".")[2]
        if function.owner is not None and function.module not in tests and name not in BUILT_IN:
            methods.setdefault(name, []).append(i)
    rare = {name: rows for name, rows in methods.items() if len(rows) <= FEW}
    resolved: dict[str, set[int]] = {}
    for edge in program.calls:
        if edge.call >= 0:
            resolved.setdefault(program.functions[edge.caller].module, set()).add(edge.call)
    overriding = overrides(program)
    found = [row.union(*(overriding[i] for i in row if i in overriding)) for row in known]
    for module, file in facts.items():
        done = resolved.get(module, set())
        for number, call in enumerate(file.calls):
            root, _, name = call.callee.rpartition(SEP + ".")
            if not root or name not in rare or number in done:
                continue
            caller = _caller(file, file.contexts[call.context].scope, module, owner)
            if caller >= 0:
                found[caller].update(rare[name])
    _add_tables(program, facts, owner, tests, found)
    return found


def overrides(program: Program) -> dict[int, list[int]]:
    """Method -> the methods of the same name in classes below its own."""
    methods = {(row.owner, row.qualname.rpartition(".")[2]): i for i, row in enumerate(program.functions) if row.owner}
    ancestors = {row.target: row.ancestors for row in program.classes}
    found: dict[int, list[int]] = {}
    for (owner, name), i in methods.items():
        for base in ancestors.get(owner or "", ()):
            if (base, name) in methods:
                found.setdefault(methods[base, name], []).append(i)
    return found


def _add_tables(
    program: Program,
    facts: Mapping[str, Facts],
    owner: Mapping[tuple[str, int], int],
    tests: set[str],
    found: list[set[int]],
) -> None:
    """From each function that names a module's table of functions to what stands in it."""
    tables: dict[str, list[set[int]]] = {}
    plain = {row.target: i for i, row in enumerate(program.functions) if row.owner is None}
    for module, file in facts.items():
        if module in tests:
            continue
        for row in file.bindings:
            if not row.target and row.value.startswith("expr:") and file.contexts[row.context].scope == 0:
                held = _held(file.exprs[int(row.value[5:].partition(SEP)[0])], module, plain)
                if len(held) >= TABLE:
                    tables.setdefault(row.name, []).append(held)
    only = {name: rows[0] for name, rows in tables.items() if len(rows) == 1}
    if not only:
        return
    named: dict[str, set[str]] = {}  # by reference: they repeat from file to file
    for module, file in facts.items():
        for context, ref in _named(file):
            words = named.get(ref)
            if words is None:
                words = named[ref] = only.keys() & {part.lstrip(".").rpartition(":")[2] for part in ref.split(SEP)}
            for name in words:
                caller = _caller(file, file.contexts[context].scope, module, owner)
                if caller >= 0:
                    found[caller].update(only[name])


def _held(row: Expr, module: str, plain: Mapping[str, int]) -> set[int]:
    """Functions of a module that a dict's display has under words."""
    if row.kind != "dict" or not all(key.startswith("str:") for key in row.keys):
        return set()
    targets = (f"{module}:{value[6:]}" for value in row.items if value.startswith("local:") and SEP not in value)
    return {plain[target] for target in targets if target in plain}


def _named(file: Facts) -> Iterator[tuple[int, str]]:
    """All references that are read, with their contexts."""
    yield from ((row.context, row.value) for row in file.reads)
    for call in file.calls:
        yield from ((call.context, ref) for ref in (call.callee, *call.args))


def _caller(file: Facts, scope: int, module: str, owner: Mapping[tuple[str, int], int]) -> int:
    """The function around a scope: comprehensions and lambdas without a row belong to the one around them."""
    while scope >= 0 and (module, scope) not in owner:
        scope = file.scopes[scope].parent
    return owner.get((module, scope), -1)
