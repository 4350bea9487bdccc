"""Program -> what keys of an application's configuration are set to: `app.config["KEY"] = ...`, `update`, configuration classes.

A key is a name that the program chose once: where it is read through another object than it was set on, it is the same key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Ref

Value = tuple[str, int, Ref]  # module, scope, reference
KEY = re.compile(r"\['([A-Za-z_]\w*)'\]")
CLASS = re.compile(r"\w*(Config|Settings|Configuration)\w*|Base|Production|Prod|Default")
MODULE = re.compile(r"(^|[._])(config|settings|configuration)(?=$|[._@])")
SETS = frozenset({"update", "from_mapping", "setdefault"})


def configured(resolver: Resolver) -> dict[str, list[Value]]:
    """Key -> the values that it is given, by module and line. Of classes only names in capitals count."""
    found: dict[str, list[Value]] = {}
    for name in sorted(resolver.spaces):
        for key, value in keys_of(resolver.spaces[name]):
            found.setdefault(key, []).append(value)
    return found


def key_read(ref: Ref) -> str:
    """The key that `x.config["KEY"]` reads, "" for any other reference."""
    base, _, last = ref.rpartition(SEP)
    match = KEY.fullmatch(last)
    return match[1] if match and is_config(base) else ""


def is_config(ref: Ref) -> bool:
    return ref.rpartition(SEP)[2] == ".config"


def keys_of(space: ModuleSpace) -> Iterator[tuple[str, Value]]:
    facts, module = space.facts, space.source.module
    for row in facts.bindings:
        if row.name.startswith("["):
            match = KEY.fullmatch(row.name)
            if match and is_config(row.target):
                yield match[1], (module, facts.contexts[row.context].scope, row.value)
        elif row.name.isupper() and row.value and row.kind in ("assign", "declare"):
            scope = facts.contexts[row.context].scope
            if is_settings(space, scope):
                yield row.name, (module, scope, row.value)
    for call in facts.calls:
        base, _, last = call.callee.rpartition(SEP)
        if is_config(base) and (name := last.removeprefix(".")) in SETS:
            scope = facts.contexts[call.context].scope
            yield from ((key, (module, scope, value)) for key, value in call.keywords)
            if name == "setdefault" and len(call.args) == 2 and call.args[0].startswith("str:"):
                yield call.args[0][4:], (module, scope, call.args[1])


def is_settings(space: ModuleSpace, scope: int) -> bool:
    """Whether names of a scope are configuration: a class that is called so, or a module that is."""
    row = space.facts.scopes[scope]
    if row.kind == "class":
        return bool(CLASS.fullmatch(row.name)) or bool(MODULE.search(space.source.name))
    return scope == 0 and bool(MODULE.search(space.source.name))
