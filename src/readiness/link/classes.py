"""Classes -> their ancestors, what lies below them, and what an attribute of one of them or of its instance is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.link.values import Value, Values, unite
from readiness.types.facts import SEP, Binding

MAX_ANCESTORS = 64
MAX_BELOW = 12
PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})


def ancestors(resolver: Resolver, module: str, scope: int) -> Values:
    """A class and its bases in method resolution order (C3; where the bases contradict each other, depth first)."""
    return resolver.once(("ancestors", module, scope), find_ancestors, resolver, module, scope)


def find_ancestors(resolver: Resolver, module: str, scope: int) -> Values:
    row = resolver.spaces[module].facts.scopes[scope]
    lines: list[list[Value]] = []
    direct: list[Value] = []
    for ref in row.bases:
        for base in resolver.evaluate(module, row.parent, ref):
            if base[0] == "C" and base[1:3] != (module, scope):
                lines.append(list(ancestors(resolver, base[1], base[2])) or [base])
            elif base[0] == "X":
                lines.append([("X", name) for name in resolver.catalogue.lineage(base[1])])
            else:
                continue
            direct.append(base)
    return (("C", module, scope), *merge([*lines, direct]))[:MAX_ANCESTORS]


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


def find_below(resolver: Resolver) -> dict[tuple[str, int], Values]:
    """Class -> all classes below it, and for a protocol those that have all its methods; sorted, at most MAX_BELOW.

    What tests put below a class of the program stands in for something else: it is no receiver there.
    """
    found: dict[tuple[str, int], list[Value]] = {}
    protocols: list[Value] = []
    having: dict[str, set[Value]] = {}
    for module in sorted(resolver.spaces):
        space = resolver.spaces[module]
        for number, scope in enumerate(space.facts.scopes):
            if scope.kind != "class":
                continue
            this = ("C", module, number)
            for method in methods_of(space.names[number]):
                having.setdefault(method, set()).add(this)
            for base in ancestors(resolver, module, number)[1:]:
                if base[0] == "C" and (not space.is_test or resolver.spaces[base[1]].is_test):
                    found.setdefault((base[1], base[2]), []).append(this)
                elif base[0] == "X" and base[1] in PROTOCOLS and len(scope.bases) == 1:
                    protocols.append(this)
    for protocol in protocols:
        wanted = methods_of(resolver.spaces[protocol[1]].names[protocol[2]])
        if wanted and wanted != {"__call__"}:
            alike = set.intersection(*(having[method] for method in wanted)) - {protocol}
            if not resolver.spaces[protocol[1]].is_test:
                alike = {cls for cls in alike if not resolver.spaces[cls[1]].is_test}
            found[protocol[1], protocol[2]] = sorted({*found.get((protocol[1], protocol[2]), ()), *alike})
    resolver.hit("classes-below", sum(len(rows) > MAX_BELOW for rows in found.values()))
    return {key: tuple(rows[:MAX_BELOW]) for key, rows in found.items()}


def methods_of(names: Mapping[str, Sequence[Binding]]) -> set[str]:
    return {name for name, rows in names.items() if rows[0].kind == "def" and name not in ("__init__", "__new__")}


# --- attributes -------------------------------------------------------------------------------------------------------


def member(resolver: Resolver, value: Value, name: str) -> Values:
    """An attribute of a class ("C") or of an instance ("I"): along the ancestors, then what classes below set."""
    return resolver.once(("member", value, name), find_member, resolver, value, name)


def find_member(resolver: Resolver, value: Value, name: str) -> Values:
    line = ancestors(resolver, value[1], value[2])
    found = along(resolver, line, name, value)
    if found or len(value) > 3:  # of exactly that class
        return found or outside_member(resolver, line, name)
    lower = [
        inner
        for cls in resolver.below.get((value[1], value[2]), ())
        for inner in (along(resolver, ancestors(resolver, cls[1], cls[2]), name, (value[0], cls[1], cls[2])),)
    ]
    return unite(lower) or outside_member(resolver, line, name)


def along(resolver: Resolver, line: Values, name: str, receiver: Value) -> Values:
    """The first class of a line that has the attribute says what it is; fields of `self` beside class attributes."""
    set_outside: list[Values] = []
    for cls in line:
        if cls[0] == "X":
            found = known_outside(resolver, str(cls[1]), name)
        else:
            has_it = resolver.spaces[cls[1]].has_member(cls[2], name)
            found = own_member(resolver, cls, name, receiver) if has_it else ()
            if resolver.can_receive(name):
                set_outside.append(resolver.seen((cls[1], cls[2], f".{name}")))
        if found:
            return unite((found, *set_outside)) if set_outside else found
    return unite(set_outside)


def known_outside(resolver: Resolver, owner: str, name: str) -> Values:
    catalogue = resolver.catalogue
    full = catalogue.canonical(f"{owner}.{name}")
    if not catalogue.spells_out(full):
        return ()  # a pattern would hide what later bases have
    known = catalogue.attribute(full)
    return (("X", full),) if known is None else catalogue.typed(known)


def outside_member(resolver: Resolver, line: Values, name: str) -> Values:
    """What only a base outside of the program can have: under the name of the last of them."""
    outside = [cls for cls in line if cls[0] == "X" and cls[1] not in PROTOCOLS and cls[1] != "builtins.object"]
    return (("X", f"{outside[0][1]}.{name}"),) if outside else ()


def own_member(resolver: Resolver, cls: Value, name: str, receiver: Value) -> Values:
    """What one class of the program itself says of an attribute."""
    space = resolver.spaces[cls[1]]
    rows = space.names[cls[2]].get(name, ())
    fields = space.fields.get(cls[2], {}).get(name, ())
    own = unite([resolver.bound(cls[1], cls[2], row) for row in rows])
    more = unite([resolver.bound(cls[1], cls[2], row) for row in fields if row.kind != "narrow"])
    if not own and not more:
        more = unite([resolver.bound(cls[1], cls[2], row) for row in fields if row.kind == "narrow"])
    values = unite((bind_all(resolver, own, receiver), more))
    kept = space.stored.get((cls[2], f".{name}"))
    return resolver.language.filled(resolver, cls[1], values, kept) if kept else values


def bind_all(resolver: Resolver, values: Values, receiver: Value) -> Values:
    """Functions become bound methods; properties give what they return."""
    found: list[Values] = []
    for value in values:
        if value[0] != "F":
            found.append((value,))
            continue
        row = resolver.spaces[value[1]].facts.scopes[value[2]]
        if row.kind != "function":
            found.append((value,))
        elif resolver.has_decorator(row, "setter", "deleter", "staticmethod"):
            found.append((value,) if resolver.has_decorator(row, "staticmethod") else ())
        elif receiver[0] != "C" and resolver.has_decorator(row, "property", "cached_property"):
            found.append(method_result(resolver, ("B", value[1], value[2], receiver)))
        elif receiver[0] != "C" or resolver.has_decorator(row, "classmethod"):
            found.append((("B", value[1], value[2], receiver, *value[3:]),))
        else:
            found.append((value,))
    return unite(found)


def super_member(resolver: Resolver, value: Value, name: str) -> Values:
    """`super().name`: along the ancestors of the class, then along those of the classes below that mix others in."""
    here = ("C", value[1], value[2])
    receiver = ("U", value[1], value[2])
    found = along(resolver, ancestors(resolver, value[1], value[2])[1:], name, receiver)
    if found:
        return found
    mixed: list[Values] = []
    for cls in resolver.below.get((value[1], value[2]), ()):
        line = ancestors(resolver, cls[1], cls[2])
        if here in line:
            mixed.append(along(resolver, line[line.index(here) + 1 :], name, receiver))
    return unite(mixed) or outside_member(resolver, ancestors(resolver, value[1], value[2])[1:], name)


def called_members(resolver: Resolver, value: Value, names: tuple[str, ...]) -> Values:
    """What the first of these methods that an instance has gives when it is called."""
    for name in names:
        found = [method_result(resolver, v) for v in member(resolver, value, name) if v[0] in ("B", "F")]
        if found:
            return unite(found)
    return ()


def method_result(resolver: Resolver, value: Value, is_own: bool = False) -> Values:
    """What a function or method gives; one that gives `self` gives its receiver. `is_own`: without what it was given."""
    found = resolver.returns(value[1], value[2], is_own)
    over = value[-1] if isinstance(value[-1], tuple) and value[-1] and value[-1][0] == "F" else None
    if over is not None and value[0] == "F":
        found = resolver.returns(over[1], over[2]) or found
    receiver = value[3] if value[0] == "B" and len(value) > 3 else ()
    if not receiver or receiver[0] not in ("I", "C"):
        return found
    if not found:
        return overriding_results(resolver, value, receiver)
    space = resolver.spaces[value[1]]
    owner = space.facts.scopes[value[2]].parent
    if receiver[1:3] == (value[1], owner) or not gives_self(resolver, value[1], value[2]):
        return found
    made = ("I", *receiver[1:])
    return unite([(made,) if v[0] == "I" and v[1:3] == (value[1], owner) else (v,) for v in found])


def overriding_results(resolver: Resolver, value: Value, receiver: Value) -> Values:
    """A method that gives nothing here (abstract, `raise NotImplementedError`): what those of the classes below give."""
    if len(receiver) > 3:
        return ()
    name = resolver.spaces[value[1]].facts.scopes[value[2]].name
    found: list[Values] = []
    for cls in resolver.below.get((receiver[1], receiver[2]), ()):
        for row in resolver.spaces[cls[1]].names[cls[2]].get(name, ()):
            if row.kind == "def":
                found.append(resolver.returns(cls[1], int(row.value[6:])))
    return unite(found)


def members_with(resolver: Resolver, value: Value, prefix: str) -> Values:
    """`getattr(self, "visit_" + kind)`: the methods of a class, its bases and those below whose names begin so."""
    lower = () if len(value) > 3 else resolver.below.get((value[1], value[2]), ())
    found: list[Values] = []
    for cls in (*ancestors(resolver, value[1], value[2]), *lower):
        if cls[0] == "C":
            names = resolver.spaces[cls[1]].names[cls[2]]
            wanted = sorted(n for n, rows in names.items() if n.startswith(prefix) and rows[0].kind == "def")
            found += [own_member(resolver, cls, name, value) for name in wanted]
    return unite(found)


def expected(resolver: Resolver, module: str, scope: int, position: int) -> Values:
    """What a base outside of the program hands to a method that it calls; `position` counts without self."""
    row = resolver.spaces[module].facts.scopes[scope]
    for cls in ancestors(resolver, module, row.parent)[1:]:
        if cls[0] == "X":
            types = resolver.catalogue.handed_types(f"{cls[1]}.{row.name}")
            if types:
                return types[position] if position < len(types) else ()
    return ()


def gives_self(resolver: Resolver, module: str, scope: int) -> bool:
    """Whether a method returns `self`, `cls(...)` or is annotated so."""
    facts = resolver.spaces[module].facts
    row = facts.scopes[scope]
    if not row.params:
        return False
    first = f"local:{row.params[0].name}"
    makers = (first, f"{first}{SEP}.__class__")
    note = row.returns
    if note and (note.endswith("Self") or note == row.params[0].annotation):
        return True
    return any(
        ref == first or ref.startswith("call:") and SEP not in ref and facts.calls[int(ref[5:])].callee in makers
        for ref in (*row.results, *row.yields)
    )


def base_constructors(space: ModuleSpace, cls: int) -> list[int]:
    """Calls of a base's `__init__` in the constructor of a class."""
    facts = space.facts
    inits = {n for n, s in enumerate(facts.scopes) if s.parent == cls and s.name == "__init__" and s.kind == "function"}
    return [
        number
        for number, call in enumerate(facts.calls)
        if call.callee.endswith(f"{SEP}.__init__") and facts.contexts[call.context].scope in inits
    ]
