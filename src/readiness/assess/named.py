"""Unresolved method calls -> functions that their rare name leads to. For the path of a request only, never for what does I/O.

Code behind an abstract store, a reader or a plug-in is called on an object whose class no reading of the source tells. Where a
name is the name of few methods of the repository, and of none of the built-in types, it leads there: good enough to say that
requests pass, too weak to say that a call blocks.
"""

from __future__ import annotations

import collections
import io
from collections.abc import Mapping, Sequence

from readiness.types.facts import SEP, Facts
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


def named_edges(program: Program, facts: Mapping[str, Facts], known: Sequence[set[int]]) -> list[set[int]]:
    """Callees per function: the known ones, and for each call without any the methods of its name where they are few."""
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
    found = [set(row) for row in known]
    for module, file in facts.items():
        done = resolved.get(module, set())
        for number, call in enumerate(file.calls):
            root, _, name = call.callee.rpartition(SEP + ".")
            if not root or name not in rare or number in done:
                continue
            caller = _caller(file, file.contexts[call.context].scope, module, owner)
            if caller >= 0:
                found[caller].update(rare[name])
    return found


def _caller(file: Facts, scope: int, module: str, owner: Mapping[tuple[str, int], int]) -> int:
    """The function around a scope: comprehensions and lambdas without a row belong to the one around them."""
    while scope >= 0 and (module, scope) not in owner:
        scope = file.scopes[scope].parent
    return owner.get((module, scope), -1)
