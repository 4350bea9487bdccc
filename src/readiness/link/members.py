"""Values -> values: what an attribute, an element, `with`, `for`, `await` or a call of a value gives."""

from __future__ import annotations

from readiness.link.values import PASS_ELEMENTS, Resolver, Value, Values, elements, unite
from readiness.types.facts import Call

MAX_ANCESTORS = 64


def take_step(resolver: Resolver, values: Values, step: str) -> Values:
    """One step of a reference, applied to all that its base can hold."""
    if step.startswith("."):
        return unite(attribute(resolver, value, step[1:]) for value in values)
    if step == "await":
        return unite(awaited(resolver, value) for value in values)
    if step in ("iter", "aiter"):
        return unite(iterated(resolver, value) for value in values)
    if step in ("enter", "aenter"):
        return unite(entered(resolver, value, step) for value in values)
    return unite(element(resolver, value, step) for value in values)


def attribute(resolver: Resolver, value: Value, name: str) -> Values:
    kind = value[0]
    if kind == "I":
        return member(resolver, value, name, bind=True)
    if kind == "C":
        return member(resolver, value, name, bind=False)
    if kind == "X":
        return (("X", f"{value[1]}.{name}"),)
    if kind == "E":
        full = resolver.catalogue.canonical(f"{value[1]}.{name}")
        known = resolver.catalogue.attribute(full)
        return resolver.catalogue.typed(known) if known else (("X", full),)
    if kind == "M":
        return resolver.member_of_module(value[1], name)
    if kind == "N":
        return resolver.module_value(value[2], f"{value[1]}.{name}")
    if kind == "U":
        return super_member(resolver, value, name)
    if kind == "F":
        return function_attribute(resolver, value, name)
    return {
        "L": (("X", f"builtins.list.{name}"),),
        "D": mapping_method(value, name),
        "S": (("X", f"builtins.str.{name}"),),
    }.get(kind, ())


def mapping_method(value: Value, name: str) -> Values:
    if name in ("get", "pop", "setdefault", "values", "items"):
        return (("V", name, value),)
    return (("X", f"builtins.dict.{name}"),)


def function_attribute(resolver: Resolver, value: Value, name: str) -> Values:
    """`task.delay`: an attribute of a function that an outside decorator turned into something else."""
    space = resolver.spaces[value[1]]
    row = space.facts.scopes[value[2]]
    for decorator in row.decorators:
        for made in resolver.evaluate(value[1], row.parent, decorator):
            known = resolver.catalogue.api.get(made[1]) if made[0] in ("X", "E") else None
            returned = known[0].returns if known else (made[1] if made[0] == "E" else None)
            if returned:
                return (("X", resolver.catalogue.canonical(f"{returned}.{name}")),)
    return ()


# --- classes ----------------------------------------------------------------------------------------------------------


def ancestors(resolver: Resolver, module: str, scope: int) -> tuple[Value, ...]:
    """A class and its bases in method resolution order (C3; where the bases contradict each other, depth first)."""
    key = (module, scope)
    known = resolver.ancestors.get(key)
    if known is not None:
        return known
    active = ("ancestors", module, scope)
    if active in resolver.active:
        return (("C", module, scope),)
    resolver.active.add(active)
    try:
        row = resolver.spaces[module].facts.scopes[scope]
        lines: list[list[Value]] = []
        direct: list[Value] = []
        for ref in row.bases:
            for base in resolver.evaluate(module, row.parent, ref):
                if base[0] == "C":
                    lines.append(list(ancestors(resolver, base[1], base[2])))
                elif base[0] == "X":
                    lines.append([("X", name) for name in resolver.catalogue.lineage(base[1])])
                else:
                    continue
                direct.append(base)
        found = (("C", module, scope), *merge([*lines, direct]))[:MAX_ANCESTORS]
    finally:
        resolver.active.discard(active)
    resolver.ancestors[key] = found
    return found


def merge(lines: list[list[Value]]) -> list[Value]:
    """C3's merge: https://www.python.org/download/releases/2.3/mro/"""
    result: list[Value] = []
    lines = [line[:] for line in lines if line]
    while lines:
        head = next(
            (line[0] for line in lines if not any(line[0] in other[1:] for other in lines)),
            lines[0][0],
        )
        result.append(head)
        lines = [[v for v in line if v != head] for line in lines]
        lines = [line for line in lines if line]
    return result


def member(resolver: Resolver, value: Value, name: str, bind: bool) -> Values:
    """An attribute of a class or instance: along the ancestors, fields of `self` beside class attributes."""
    key = (value[1], value[2] if bind else -value[2] - 1, name)
    known = resolver.members.get(key)
    if known is not None:
        return known
    active = ("member", *key)
    if active in resolver.active:
        return ()
    resolver.active.add(active)
    try:
        found = along(resolver, ancestors(resolver, value[1], value[2]), name, value if bind else None)
    finally:
        resolver.active.discard(active)
    resolver.members[key] = found
    return found


def along(resolver: Resolver, line: tuple[Value, ...], name: str, receiver: Value | None) -> Values:
    for cls in line:
        if cls[0] == "X":
            full = resolver.catalogue.canonical(f"{cls[1]}.{name}")
            known = resolver.catalogue.attribute(full)
            if known is not None:
                return resolver.catalogue.typed(known)
            if full in resolver.catalogue.api or full in resolver.catalogue.entry or cls == line[-1]:
                return (("X", full),)
            continue
        space = resolver.spaces[cls[1]]
        rows = space.names[cls[2]].get(name, [])
        fields = space.fields.get(cls[2], {}).get(name, [])
        if rows or fields:
            own = unite(resolver.bound(cls[1], cls[2], row) for row in rows)
            more = unite(resolver.bound(cls[1], cls[2], row) for row in fields)
            return unite((bind_all(resolver, own, receiver), more))
    return ()


def bind_all(resolver: Resolver, values: Values, receiver: Value | None) -> Values:
    """Functions become bound methods; properties give what they return."""
    if receiver is None:
        return values
    found: list[Values] = []
    for value in values:
        if value[0] != "F":
            found.append((value,))
            continue
        row = resolver.spaces[value[1]].facts.scopes[value[2]]
        if row.kind == "function" and resolver.has_decorator(row, "property", "cached_property"):
            found.append(resolver.returns(value[1], value[2]))
        elif row.kind == "function" and resolver.has_decorator(row, "staticmethod"):
            found.append((value,))
        else:
            found.append((("B", value[1], value[2]),))
    return unite(found)


def super_member(resolver: Resolver, value: Value, name: str) -> Values:
    line = ancestors(resolver, value[1], value[2])[1:]
    return along(resolver, line, name, ("I", value[1], value[2])) if line else ()


# --- elements, contexts, iteration ------------------------------------------------------------------------------------


def element(resolver: Resolver, value: Value, step: str) -> Values:
    inner = step[1:-1]
    if value[0] == "T":
        if inner.lstrip("-").isdigit() and -len(value[1]) <= int(inner) < len(value[1]):
            found: Values = value[1][int(inner)]
            return found
        return (value,) if inner == ":" else unite(value[1])
    if value[0] == "L":
        return (value,) if inner in (":", "*") else value[1]
    if value[0] == "D":
        for key, values in value[1]:
            if inner == repr(key):
                return tuple(values)
        return tuple(value[2])
    if value[0] == "I":
        return called_members(resolver, value, ("__getitem__",))
    if value[0] == "E":
        known = resolver.catalogue.api.get(resolver.catalogue.canonical(f"{value[1]}.__getitem__"))
        return resolver.catalogue.typed(known[0].returns) if known and known[0].returns else ()
    return (value,) if value[0] in ("C", "X") and inner == "" else ()


def called_members(resolver: Resolver, value: Value, names: tuple[str, ...]) -> Values:
    for name in names:
        found = [resolver.returns(v[1], v[2]) for v in member(resolver, value, name, bind=True) if v[0] in ("B", "F")]
        if found:
            return unite(found)
    return ()


def iterated(resolver: Resolver, value: Value) -> Values:
    if value[0] in ("L", "T"):
        return elements((value,))
    if value[0] == "I":
        return elements(called_members(resolver, value, ("__iter__", "__aiter__"))) or called_members(
            resolver, value, ("__next__", "__anext__")
        )
    if value[0] == "E":
        for method in ("__iter__", "__aiter__"):
            known = resolver.catalogue.api.get(resolver.catalogue.canonical(f"{value[1]}.{method}"))
            if known and known[0].iterates:
                return resolver.catalogue.typed(known[0].iterates)
        known = resolver.catalogue.api.get(value[1])
        if known and known[0].iterates:
            return resolver.catalogue.typed(known[0].iterates)
    return ()


def entered(resolver: Resolver, value: Value, step: str) -> Values:
    if value[0] == "I":
        found = called_members(resolver, value, ("__aenter__",) if step == "aenter" else ("__enter__",))
        return found or (value,)
    if value[0] == "L":
        return tuple(value[1])  # a @contextmanager: what it yields
    if value[0] == "E":
        for owner in resolver.catalogue.lineage(value[1]):
            known = resolver.catalogue.api.get(owner)
            if known and known[0].enters:
                return resolver.catalogue.typed(known[0].enters)
    return (value,)


def awaited(resolver: Resolver, value: Value) -> Values:
    return (value,)


# --- calls ------------------------------------------------------------------------------------------------------------


def call_result(resolver: Resolver, module: str, number: int) -> Values:
    """What a call gives."""
    space = resolver.spaces[module]
    call = space.facts.calls[number]
    scope = space.facts.contexts[call.context].scope
    found = [called(resolver, value, module, scope, call) for value in resolver.evaluate(module, scope, call.callee)]
    return unite(found)


def called(resolver: Resolver, value: Value, module: str, scope: int, call: Call) -> Values:
    if value[0] == "C":
        return (("I", value[1], value[2]),)
    if value[0] in ("F", "B"):
        return resolver.returns(value[1], value[2])
    if value[0] == "X":
        return outside(resolver, str(value[1]), module, scope, call)
    if value[0] == "E":
        return outside(resolver, f"{value[1]}.__call__", module, scope, call)
    if value[0] == "I":
        return called_members(resolver, value, ("__call__",))
    if value[0] == "V":
        values = tuple(value[2][2])
        return (
            (("L", values),)
            if value[1] == "values"
            else (("L", (("T", ((), values)),)),)
            if value[1] == "items"
            else values
        )
    if value[0] == "P":
        return called(resolver, value[1], module, scope, call)
    return ()


def outside(resolver: Resolver, name: str, module: str, scope: int, call: Call) -> Values:
    """The result of a call to a name outside of the program."""
    special = builtin_result(resolver, name, module, scope, call)
    if special is not None:
        return special
    known = resolver.catalogue.api.get(name) or resolver.catalogue.api.get(resolver.catalogue.canonical(name))
    if known is not None:
        api = known[0]
        if api.returns and api.returns.startswith("arg:"):
            return argument(resolver, module, scope, call, api.returns)
        if api.returns:
            return resolver.catalogue.typed(api.returns)
        if api.enters:
            is_class = not name.rpartition(".")[2][:1].islower()
            return (("E", name),) if is_class else resolver.catalogue.typed(api.enters)
        if api.iterates:
            return (("L", resolver.catalogue.typed(api.iterates)),)
    if resolver.catalogue.is_type(name) and not name.startswith("builtins."):
        return (("E", name),)
    return ()


def argument(resolver: Resolver, module: str, scope: int, call: Call, text: str) -> Values:
    """The values of `arg:N` or `kw:name` of a call."""
    kind, _, key = text.partition(":")
    if kind == "arg":
        index = int(key)
        return resolver.evaluate(module, scope, call.args[index].lstrip("*")) if index < len(call.args) else ()
    for name, ref in call.keywords:
        if name == key:
            return resolver.evaluate(module, scope, ref)
    return ()


def builtin_result(resolver: Resolver, name: str, module: str, scope: int, call: Call) -> Values | None:
    """Names whose meaning is the language's own; None for all others."""
    first = argument(resolver, module, scope, call, "arg:0")
    if name == "builtins.super":
        return enclosing_super(resolver, module, scope)
    if name in PASS_ELEMENTS:
        return elements(first) if name == "builtins.next" else (("L", unite((elements(first), ()))),) if first else ()
    if name == "builtins.enumerate":
        return (("L", (("T", ((), elements(first))),)),)
    if name == "builtins.zip":
        each = [elements(argument(resolver, module, scope, call, f"arg:{i}")) for i in range(len(call.args))]
        return (("L", (("T", tuple(each)),)),)
    if name == "builtins.getattr":
        names = argument(resolver, module, scope, call, "arg:1")
        return unite(attribute(resolver, v, n[1]) for v in first for n in names if n[0] == "S")
    if name == "builtins.type":
        return tuple(("C", v[1], v[2]) if v[0] == "I" else ("X", v[1]) for v in first if v[0] in ("I", "E"))
    if name in ("functools.partial", "functools.partialmethod", "functools.wraps", "copy.copy", "copy.deepcopy"):
        return first if name != "functools.wraps" else ()
    if name in ("importlib.import_module", "builtins.__import__"):
        return unite(resolver.module_value(module, v[1]) for v in first if v[0] == "S")
    return None


def enclosing_super(resolver: Resolver, module: str, scope: int) -> Values:
    scopes = resolver.spaces[module].facts.scopes
    while scope >= 0:
        if scopes[scope].kind == "class":
            return (("U", module, scope),)
        scope = scopes[scope].parent
    return ()
