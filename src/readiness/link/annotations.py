"""Annotations -> values: what an object of the written type is. Knows generic types of the standard library by their last name."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.link.classes import ancestors
from readiness.link.resolver import Resolver
from readiness.link.space import Place
from readiness.link.values import WIDTH, Value, Values, unite
from readiness.types.facts import SEP, Binding, last_name

LISTS = frozenset(
    {
        "list",
        "List",
        "Sequence",
        "Iterable",
        "Iterator",
        "set",
        "Set",
        "frozenset",
        "FrozenSet",
        "AsyncIterator",
        "Collection",
        "AsyncIterable",
        "Generator",
        "AsyncGenerator",
        "deque",
        "Deque",
        "MutableSequence",
        "MutableSet",
        "AbstractSet",
        "Reversible",
        "KeysView",
        "ValuesView",
    }
)
MANAGERS = frozenset({"ContextManager", "AbstractContextManager", "AsyncContextManager", "AbstractAsyncContextManager"})
MAPPINGS = frozenset(
    {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict", "ChainMap"}
)
TRANSPARENT = frozenset(
    {
        "Optional",
        "Union",
        "Annotated",
        "Final",
        "ClassVar",
        "Awaitable",
        "Coroutine",
        "Required",
        "NotRequired",
        "ReadOnly",
        "InitVar",
        "Mapped",
        "TypeGuard",
    }
)
HOLDERS = frozenset(
    {"Queue", "LifoQueue", "PriorityQueue", "SimpleQueue", "JoinableQueue", "ContextVar", "Task", "Future", "WeakSet"}
)
SHAPES = ("typing.", "collections.abc.", "typing_extensions.")
OWN_TYPES = {"L": "builtins.list", "T": "builtins.tuple", "D": "builtins.dict", "S": "builtins.str"}
# which values an object of these can be: ("L", ...) says what it gives, not what it is
CONTAINERS = {
    "builtins.list": "LTW", "builtins.tuple": "LTW", "builtins.set": "LW", "builtins.frozenset": "LW", "builtins.dict": "DW",
}  # fmt: skip
NEW_TYPES = {"typing.TypeVar": "kw:bound", "typing.NewType": "arg:1", "typing_extensions.TypeVar": "kw:bound"}


def generic(resolver: Resolver, module: str, scope: int, items: tuple[str, ...]) -> Values:
    """`list[X]` and friends as they are written in annotations: kept as types for `instances`."""
    name = last_name(items[0])
    inner = [resolver.evaluate(module, scope, item) for item in items[1:]]
    if name == "Annotated":
        notes = tuple(
            ("A", "Q", (module, int(item[5:]))) for item in items[2:] if item[:5] == "call:" and SEP not in item
        )
        return unite((*inner[:1], notes))
    if name in TRANSPARENT:
        return unite(inner[-1:] if name == "Coroutine" else inner)
    if name in LISTS or name in MANAGERS:
        return (("A", "L", unite(inner[:1])),)
    if name in MAPPINGS:
        return (("A", "D", unite(inner[-1:])),)
    if name in ("tuple", "Tuple"):
        if len(inner) == 2 and items[2].startswith("ellipsis:"):
            return (("A", "L", inner[0]),)
        return (("A", "T", tuple(inner)),)
    if name in ("Callable", "ref", "ReferenceType"):
        return (("A", "K", unite(inner[-1:])),)
    if name in ("type", "Type"):
        return (("A", "C", unite(inner[:1])),)
    base = resolver.evaluate(module, scope, items[0])
    if name in HOLDERS:
        return unite((base, (("A", "W", unite(inner[-1:])),)))
    return base


def instances(resolver: Resolver, values: Values) -> Values:
    """Types -> what an object of one of them is."""
    found: list[Value] = []
    for value in values:
        kind = value[0]
        if kind == "C":
            found.append(("I", value[1], value[2]))
        elif kind == "X":
            if resolver.catalogue.is_type(value[1]):
                found.append(("E", value[1]))
        elif kind == "A":
            found += generic_instance(resolver, value[1], value[2])
        elif kind == "T":
            found += [v for each in value[1] for v in instances(resolver, each)]
        elif kind == "E" and len(value) > 2 and value[1] in NEW_TYPES:
            found += declared_type(resolver, value)
    return tuple(dict.fromkeys(found))[:WIDTH]


def generic_instance(resolver: Resolver, kind: str, held: Values) -> Values:
    if kind == "Q":  # a call that `Annotated` notes: says who fills the parameter, not what type it has
        return ()
    if kind == "T":
        return (("T", tuple(instances(resolver, each) for each in held)),)
    if kind == "C":
        return tuple(v for v in held if v[0] in ("C", "X"))
    inner = instances(resolver, held)
    if kind == "D":
        return (("D", (), inner),)
    if kind == "W":
        return (("W", (), inner, inner),) if inner else ()
    return ((kind, inner),)


def narrow(resolver: Resolver, module: str, scope: int, binding: Binding, at: Place) -> Values:
    """What a binding of kind `narrow` leaves of what was there before: `isinstance`, `is None`, a test that leaves."""
    if binding.value == "none:":
        return ()
    kind, _, number = binding.value.partition(":")
    expr = resolver.spaces[module].facts.exprs[int(number)] if kind == "expr" and number.isdigit() else None
    ref = expr.items[0] if expr is not None and expr.kind == "without" else binding.value
    types = resolver.evaluate(module, scope, ref, at)
    wanted = instances(resolver, types)
    if binding.target:
        before = resolver.evaluate(module, scope, f"{binding.target}{SEP}{binding.name}", at)
    else:
        before = resolver.lookup(module, scope, binding.name, at)
    if ref != binding.value:
        return tuple(value for value in before if not any(is_a(resolver, value, each) for each in wanted))
    return only(resolver, before, wanted, tuple(name for name in names_in(types) if name in CONTAINERS))


def names_in(types: Values) -> Iterator[str]:
    """The outside types of a test, one or a tuple of them."""
    for value in types:
        if value[0] == "X":
            yield str(value[1])
        for each in value[1] if value[0] == "T" else ():
            yield from names_in(each)


def only(resolver: Resolver, before: Values, wanted: Values, containers: tuple[str, ...] = ()) -> Values:
    """Those of the values that are of the type, else an object of the type itself; what can be one of the containers stays."""
    asked = (*wanted, *(("E", name) for name in containers))
    letters = "".join(CONTAINERS[name] for name in containers)
    kept = tuple(v for v in before if v[0] in letters or any(is_a(resolver, v, each) for each in asked))
    if kept or containers:
        return kept or wanted
    is_shape = all(
        each[0] == "E" and each[1].startswith(SHAPES) for each in wanted
    )  # says what it can do, not what it is
    return before if is_shape and before else wanted


def is_a(resolver: Resolver, value: Value, wanted: Value) -> bool:
    if value[0] == "I":
        line = ancestors(resolver, value[1], value[2])
        return (("C", *wanted[1:3]) if wanted[0] == "I" else ("X", wanted[1])) in line
    if value[0] == "E":
        return wanted[0] == "E" and wanted[1] in resolver.catalogue.lineage(value[1])
    return bool(wanted[0] == "E" and wanted[1] == OWN_TYPES.get(value[0]))


def declared_type(resolver: Resolver, value: Value) -> Values:
    """`T = TypeVar("T", bound=Base)`, `Id = NewType("Id", Base)`: an object of Base."""
    module, number = value[2]
    space = resolver.spaces[module]
    call = space.facts.calls[number]
    where = NEW_TYPES[value[1]]
    ref = dict(call.keywords).get("bound", "") if where == "kw:bound" else (*call.args, "", "")[1]
    scope = space.facts.contexts[call.context].scope
    return instances(resolver, resolver.evaluate(module, scope, ref)) if ref else ()
