"""branch -> whether an option decides that it runs, and not the values at hand. What a test reads is known by its line only.

Options are fields of the object itself, names of the module, keys of a mapping that came in, parameters with a default. Where nothing
is seen of a test, it counts as one. Never evaluates a test.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.types.facts import SEP, Branch, Facts

OF_TYPES = ("local:isinstance", "local:issubclass", "local:hasattr")
PLAIN = ("none:", "bool:")


def tests_of(facts: Facts, branch: Branch) -> Iterator[int]:
    """The lines on which it is decided that a branch runs."""
    for row in facts.branches:
        if row.node == branch.node and row.kind == "if":
            yield row.line


def tested(facts: Facts, line: int) -> set[str]:
    """The names that are read or bound on a line."""
    names = {f"local:{row.name}" for row in facts.bindings if row.line == line and not row.target}
    return names | {row.value.partition(SEP)[0] for row in facts.reads if row.line == line}


def is_option(facts: Facts, branch: Branch, scope: int) -> bool:
    """`scope`: the function in which the branch stands."""
    refs = [ref for line in tests_of(facts, branch) for ref in refs_of(facts, line, scope)]
    return not refs or any(_is_option(facts, ref, scope) for ref in refs)


def refs_of(facts: Facts, line: int, scope: int) -> Iterator[str]:
    """What is read or called on a line, but for the types that it is asked for."""
    calls = [row for row in facts.calls if row.line == line and facts.contexts[row.context].scope == scope]
    types = {ref for row in calls if row.callee in OF_TYPES for ref in row.args[1:]}
    for call in calls:
        if call.callee in OF_TYPES:
            yield call.args[0] if call.args else ""
        elif call.args and SEP not in call.callee:
            yield from (ref for ref in call.args if ref.startswith("local:"))
        else:
            yield call.callee
    for row in facts.reads:
        if row.line == line and facts.contexts[row.context].scope == scope and row.value not in types:
            yield row.value
    yield from (
        f"local:{row.name}" for row in facts.bindings if row.line == line and not row.target and row.kind == "walrus"
    )


def _is_option(facts: Facts, ref: str, scope: int) -> bool:
    root, _, steps = ref.partition(SEP)
    name = root.removeprefix("local:")
    if name == root:
        return False
    scopes = functions_around(facts, scope)
    rows = [
        row
        for row in facts.bindings
        if row.name == name and not row.target and facts.contexts[row.context].scope in scopes
    ]
    if not rows:  # of the module: a class or an enumeration is none
        return name.islower() or name.isupper()
    if any(is_self(facts, number, name) for number in scopes):
        return True
    if all(row.kind == "param" for row in rows):
        return "['" in steps or any(row.value.startswith(PLAIN) for row in rows)
    return False


def is_self(facts: Facts, scope: int, name: str) -> bool:
    row = facts.scopes[scope]
    return bool(row.params) and row.params[0].name == name and facts.scopes[row.parent].kind == "class"


def functions_around(facts: Facts, scope: int) -> list[int]:
    """A scope and those around it, without classes and the module."""
    found = []
    while scope > 0:
        if facts.scopes[scope].kind != "class":
            found.append(scope)
        scope = facts.scopes[scope].parent
    return found
