"""Program and Facts -> writes of module state by code that runs beside itself. Never asks whether a race was ever seen.

State is what a `global` statement binds, and containers that module code makes. A write under a lock is none. Processes have
modules of their own, and workers of task queues mostly run one task at a time, so neither counts as concurrent.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.findings.ground import Ground
from readiness.types.facts import SEP, Context, Facts
from readiness.types.program import Function

MUTABLE_CALLS = frozenset(
    {f"builtins.{name}" for name in ("list", "dict", "set", "bytearray")}
    | {f"collections.{name}" for name in ("defaultdict", "deque", "OrderedDict", "Counter")}
)
MUTABLE_DISPLAYS = frozenset({"list", "set", "dict", "dict-comprehension", "comprehension"})
MUTATORS = frozenset(
    {"add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove"}
    | {"setdefault", "sort", "update"}
)
WRITES = frozenset({"assign", "augment", "walrus", "for", "with", "del"})
Write = tuple[Function, int, str]  # who, line, name


def shared_writes(ground: Ground) -> Iterator[Write]:
    """The first write of each name in each concurrent function, by module and line."""
    beside = ground.concurrent()
    for module, facts in sorted(ground.facts.items()):
        if module not in ground.modules or not facts.scopes:  # no tree
            continue
        seen: set[tuple[int, str]] = set()
        for line, name, context in sorted(_writes(ground, module, facts), key=lambda row: (row[0], row[1])):
            number = ground.function_at(module, context.scope)
            if number not in beside or (number, name) in seen:
                continue
            function = ground.program.functions[number]
            if function.qualname != "<module>" and not ground.is_locked(function, context.region):
                seen.add((number, name))
                yield function, line, name


def _writes(ground: Ground, module: str, facts: Facts) -> Iterator[tuple[int, str, Context]]:
    state = _containers(ground, module, facts)
    own = _own_names(facts)
    for row in facts.bindings:
        context = facts.contexts[row.context]
        if not row.target:
            if row.kind in WRITES and row.name in facts.scopes[context.scope].global_names:
                yield row.line, row.name, context
        elif row.name.startswith("["):
            name = row.target.removeprefix("local:")
            if name in state and context.scope and not _is_own(facts, own, context.scope, name):
                yield row.line, name, context
    for call in facts.calls:
        root, _, method = call.callee.partition(SEP)
        name = root.removeprefix("local:")
        context = facts.contexts[call.context]
        if name in state and method[1:] in MUTATORS and context.scope and not _is_own(facts, own, context.scope, name):
            yield call.line, name, context


def _containers(ground: Ground, module: str, facts: Facts) -> set[str]:
    """Names that module code binds to a list, dict, set or the like."""
    made = {
        f"call:{edge.call}"
        for edge in ground.edges[ground.function_at(module, 0)]
        if edge.external in MUTABLE_CALLS
    }  # fmt: skip
    found = set()
    for row in facts.bindings:
        if row.target or facts.contexts[row.context].scope or row.kind != "assign":
            continue
        kind, _, number = row.value.partition(":")
        if row.value in made or (
            kind == "expr" and SEP not in number and facts.exprs[int(number)].kind in MUTABLE_DISPLAYS
        ):
            found.add(row.name)
    return found


def _own_names(facts: Facts) -> dict[int, set[str]]:
    """Scope -> the names that it binds itself."""
    own = {number: {param.name for param in scope.params} for number, scope in enumerate(facts.scopes)}
    for row in facts.bindings:
        scope = facts.contexts[row.context].scope
        if not row.target and row.name not in facts.scopes[scope].global_names:
            own[scope].add(row.name)
    return own


def _is_own(facts: Facts, own: dict[int, set[str]], scope: int, name: str) -> bool:
    """A name of the function or of one around it, not of the module."""
    while scope > 0:
        if facts.scopes[scope].kind != "class" and name in own[scope]:
            return True
        scope = facts.scopes[scope].parent
    return False
