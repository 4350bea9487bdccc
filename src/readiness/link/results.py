"""Calls -> values: what calling a value gives. Knows the language's own functions and what library pages say of others."""

from __future__ import annotations

from readiness.link.classes import called_members, members_with, method_result
from readiness.link.giving import called_through, passed_through
from readiness.link.members import attribute, entered
from readiness.link.resolver import Resolver
from readiness.link.values import Value, Values, elements, unite
from readiness.types.facts import SEP, Call
from readiness.types.rulebook import Api

SAME_ELEMENTS = frozenset(
    {
        "builtins.list",
        "builtins.tuple",
        "builtins.set",
        "builtins.frozenset",
        "builtins.sorted",
        "builtins.reversed",
        "builtins.iter",
        "itertools.islice",
        "itertools.cycle",
        "itertools.takewhile",
        "itertools.dropwhile",
        "itertools.filterfalse",
        "collections.deque",
        "builtins.aiter",
    }
)
ONE_ELEMENT = frozenset({"builtins.next", "builtins.anext", "builtins.min", "builtins.max", "random.choice"})
FIRST = frozenset(
    {
        "copy.copy",
        "copy.deepcopy",
        "dataclasses.replace",
        "weakref.proxy",
        "asyncio.shield",
        "inspect.unwrap",
        "functools.update_wrapper",
    }
)
EMPTY: dict[str, Value] = {
    "builtins.list": ("L", ()), "builtins.set": ("L", ()), "builtins.dict": ("D", (), ()), "collections.deque": ("L", ()),
}  # fmt: skip
TEXTS = frozenset({"builtins.str", "builtins.repr", "builtins.format", "builtins.chr", "builtins.bytes.decode"})
TEXT: Values = (("S", ""),)
DEPENDENCY = "dependency"  # tag: stands as a parameter's default, and who has the parameter calls what it names
DEFAULTED = frozenset(
    {"get", "pop", "setdefault"}
)  # of a mapping: the second argument is given where the key is missing
MANAGERS = frozenset({"contextlib.closing", "contextlib.aclosing", "contextlib.nullcontext"})
ENTERING = {"enter_context": "enter", "enter_async_context": "aenter"}
STACKS = ("contextlib.ExitStack.", "contextlib.AsyncExitStack.")


def call_result(resolver: Resolver, module: str, number: int) -> Values:
    """What a call gives."""
    space = resolver.spaces[module]
    call = space.facts.calls[number]
    scope = space.facts.contexts[call.context].scope
    at = (call.order, call.context)
    callees = resolver.evaluate(module, scope, call.callee, at)
    found = unite([called(resolver, value, module, scope, number) for value in callees])
    base, _, last = call.callee.rpartition(SEP)
    if last == ".__await__" and not found:  # of a coroutine, which is its own result here
        return resolver.evaluate(module, scope, base, at)
    return found


def called(resolver: Resolver, value: Value, module: str, scope: int, number: int) -> Values:
    kind = value[0]
    if kind == "C":
        return (("I", value[1], value[2], True),)
    if kind in ("F", "B"):
        facts = resolver.spaces[value[1]].facts
        row = facts.scopes[value[2]]
        names, called_names = passed_through(row), called_through(facts, row).values()
        if not names and not called_names:
            return method_result(resolver, value)
        given = [given_to(resolver, value, name, module, scope, number) for name in names]
        for name in called_names:
            work = given_to(resolver, value, name, module, scope, number)
            given += [called_later(resolver, each) for each in work]
        return unite((method_result(resolver, value, is_own=True), *given))
    if kind == "X":
        return outside(resolver, str(value[1]), module, scope, number)
    if kind == "I":
        return called_members(resolver, value, ("__call__",))
    if kind == "V":
        call = resolver.spaces[module].facts.calls[number]
        default = argument(resolver, module, scope, call, "arg:1") if value[1] in DEFAULTED else ()
        return unite((taken(value), default))
    if kind == "K":
        return tuple(value[1])
    if kind == "P":
        return called_later(resolver, value[1])
    return outside(resolver, f"{value[1]}.__call__", module, scope, number) if kind == "E" else ()


def given_to(resolver: Resolver, value: Value, name: str, module: str, scope: int, number: int) -> Values:
    """What this call hands to a parameter of the function that it calls; its default where it hands nothing."""
    call = resolver.spaces[module].facts.calls[number]
    row = resolver.spaces[value[1]].facts.scopes[value[2]]
    if row.params and row.params[0].name == name and value[0] == "B":
        return ()  # self and cls: `gives_self` knows
    plain = [p.name for p in row.params if p.kind in ("positional", "any")][value[0] == "B" :]
    given = dict(zip(plain, call.args)) | {key: ref for key, ref in call.keywords if key != "**"}
    if any(ref.startswith("*") for ref in call.args) or name not in given:
        return resolver.parameter(value[1], value[2], name)
    return resolver.evaluate(module, scope, given[name], (call.order, call.context))


def called_later(resolver: Resolver, value: Value) -> Values:
    """What a callable gives where the arguments that it will get are not known."""
    if value[0] == "C":
        return (("I", value[1], value[2], True),)
    if value[0] in ("F", "B"):
        return method_result(resolver, value)
    if value[0] == "P":
        return called_later(resolver, value[1])
    if value[0] != "X":
        return ()
    if value[1] in EMPTY:
        return (EMPTY[value[1]],)
    found: Values = resolver.catalogue.result_of(value[1])
    return found or ((("E", value[1]),) if resolver.catalogue.is_type(value[1]) else ())


def taken(value: Value) -> Values:
    """`d.get(k)`, `d.items()`, `queue.pop()`."""
    name, container = value[1], value[2]
    if name == "copy":
        return (container,)
    held: Values = container[1] if container[0] == "L" else tuple(container[2])
    if name == "values":
        return (("L", held),)
    return (("L", (("T", ((), held)),)),) if name == "items" else held


def outside(resolver: Resolver, name: str, module: str, scope: int, number: int) -> Values:
    """The result of a call to a name outside of the program."""
    special = builtin_result(resolver, name, module, scope, number)
    if special is not None:
        return special
    catalogue = resolver.catalogue
    known = catalogue.api.get(name) or catalogue.api.get(catalogue.canonical(name))
    if known is not None:
        found = page_result(resolver, known[0], name, module, scope, number)
        if found:
            return found
    typed = catalogue.result_of(name)
    if typed:
        return typed
    if catalogue.is_type(name) and not name.startswith("builtins."):
        return (("E", name, (module, number)) if catalogue.carries(name) else ("E", name),)
    return ()


def page_result(resolver: Resolver, api: Api, name: str, module: str, scope: int, number: int) -> Values:
    call = resolver.spaces[module].facts.calls[number]
    typed = resolver.catalogue.typed
    for ref in (*call.args, *(ref for _, ref in call.keywords)) if api.returns_with else ():
        for value in resolver.evaluate(module, scope, ref, (call.order, call.context)):
            if value[0] == "X" and value[1] in api.returns_with:
                return typed(api.returns_with[value[1]])
    if api.returns and api.returns.startswith("arg:"):
        return argument(resolver, module, scope, call, api.returns)
    if api.returns and api.returns.startswith("named:"):
        texts = argument(resolver, module, scope, call, api.returns.removeprefix("named:"))
        return unite([resolver.language.named(resolver, module, v[1]) for v in texts if v[0] == "S" and len(v) == 2])
    if api.returns:
        carries = resolver.catalogue.carries(api.returns)
        return (("E", api.returns, (module, number)),) if carries else typed(api.returns)
    if api.enters:
        return (("E", name),) if not name.rpartition(".")[2][:1].islower() else typed(api.enters)
    if api.iterates:
        return (("L", typed(api.iterates)),)
    if api.hands_argument and (api.hands in ("sync", "thread") or DEPENDENCY in api.tags):
        return handed_result(resolver, api.hands_argument, module, scope, call)
    return ()


def handed_result(resolver: Resolver, where: str, module: str, scope: int, call: Call) -> Values:
    """`run(main())` and `to_thread(work)` give what the work gives."""
    found: list[Values] = []
    for value in argument(resolver, module, scope, call, where.partition(",")[0]):
        if value[0] not in ("F", "B"):
            found.append((value,))
            continue
        made = method_result(resolver, value)
        is_generator = resolver.spaces[value[1]].facts.scopes[value[2]].is_generator
        found.append(elements(made) if is_generator else made)
    return unite(found)


def argument(resolver: Resolver, module: str, scope: int, call: Call, text: str) -> Values:
    """The values of `arg:N` or `kw:name` of a call."""
    kind, _, key = text.partition(":")
    at = (call.order, call.context)
    if kind == "arg":
        index = int(key)
        return resolver.evaluate(module, scope, call.args[index].lstrip("*"), at) if index < len(call.args) else ()
    for name, ref in call.keywords:
        if name == key:
            return resolver.evaluate(module, scope, ref, at)
    return ()


def builtin_result(resolver: Resolver, name: str, module: str, scope: int, number: int) -> Values | None:
    """Names whose meaning is the language's own; None for all others."""
    call = resolver.spaces[module].facts.calls[number]
    if name in ("builtins.super", "builtins.type", "builtins.getattr"):
        return reflected(resolver, name, module, scope, call)
    if name in SAME_ELEMENTS or name in ONE_ELEMENT or name == "builtins.filter":
        held = elements(argument(resolver, module, scope, call, "arg:1" if name == "builtins.filter" else "arg:0"))
        return held if name in ONE_ELEMENT else (("L", held),)
    if name == "builtins.enumerate":
        return (("L", (("T", ((), elements(argument(resolver, module, scope, call, "arg:0")))),)),)
    if name in ("builtins.zip", "itertools.chain", "asyncio.gather", "itertools.zip_longest"):
        each = [argument(resolver, module, scope, call, f"arg:{i}") for i in range(len(call.args))]
        if name == "asyncio.gather":
            return (
                (("T", tuple(each)),)
                if not any(a.startswith("*") for a in call.args)
                else (("L", elements(unite(each))),)
            )
        inner = [elements(values) for values in each]
        return (("L", (("T", tuple(inner)),) if "zip" in name else unite(inner)),)
    if name == "builtins.map":
        functions = [v for i in range(len(call.args)) for v in argument(resolver, module, scope, call, f"arg:{i}")]
        return (("L", unite([called_later(resolver, f) for f in functions])),)
    if name == "builtins.dict" or name in ("collections.OrderedDict", "collections.defaultdict"):
        return mapping(resolver, name, module, scope, call)
    if name == "functools.partial" or name == "functools.partialmethod":
        return tuple(
            ("P", v, (module, number)) for v in argument(resolver, module, scope, call, "arg:0") if v[0] in "FBCX"
        )
    return passed_on(resolver, name, module, scope, call)


def mapping(resolver: Resolver, name: str, module: str, scope: int, call: Call) -> Values:
    first = argument(resolver, module, scope, call, "arg:0")
    if name.endswith("defaultdict"):
        return (("D", (), unite([called_later(resolver, f) for f in first])),)
    at = (call.order, call.context)
    pairs = tuple((key, resolver.evaluate(module, scope, ref, at)) for key, ref in call.keywords if key != "**")
    held = [v for v in first if v[0] in ("D", "W")]
    values = unite([*(tuple(v[2]) for v in held), *(values for _, values in pairs)])
    return (("D", (*(pair for v in held for pair in v[1]), *pairs), values),)


def passed_on(resolver: Resolver, name: str, module: str, scope: int, call: Call) -> Values | None:
    """Functions that give one of their arguments, or something that gives it."""
    first = argument(resolver, module, scope, call, "arg:0")
    if name in FIRST:
        return first
    if name in MANAGERS:
        return (("L", first),)
    if name.startswith("builtins.str.") or name in TEXTS:
        return text_result(name.rpartition(".")[2])
    if name == "weakref.ref":
        return (("K", first),)
    if name in ("functools.wraps", "builtins.isinstance"):
        return ()
    if name in ("typing.cast", "typing_extensions.cast"):
        second = argument(resolver, module, scope, call, "arg:1")
        return resolver.language.instances(resolver, first) or second
    if name in ("importlib.import_module", "builtins.__import__"):
        return unite([resolver.module_value(module, v[1]) for v in first if v[0] == "S" and len(v) == 2])
    owner, _, last = name.rpartition(".")
    if last in ENTERING and f"{owner}." in STACKS:
        return unite([entered(resolver, value, ENTERING[last]) for value in first])
    return None


def text_result(method: str) -> Values:
    """What a method of a string gives; `str` and its like give a string."""
    if method in ("split", "rsplit", "splitlines"):
        return (("L", TEXT),)
    if method in ("partition", "rpartition"):
        return (("T", (TEXT, TEXT, TEXT)),)
    if method == "encode":
        return (("E", "builtins.bytes"),)
    return () if method.startswith("is") or method in ("find", "count", "index", "startswith", "endswith") else TEXT


def reflected(resolver: Resolver, name: str, module: str, scope: int, call: Call) -> Values:
    """`super()`, `type(x)`, `getattr(x, "name")`."""
    if name == "builtins.super":
        return enclosing_super(resolver, module, scope)
    first = argument(resolver, module, scope, call, "arg:0")
    if name == "builtins.type":
        return tuple(("C", v[1], v[2]) if v[0] == "I" else ("X", v[1]) for v in first if v[0] in ("I", "E"))
    names = argument(resolver, module, scope, call, "arg:1")
    found = [
        members_with(resolver, v, n[1]) if len(n) > 2 and v[0] == "I" else attribute(resolver, v, n[1])
        for v in first
        for n in names
        if n[0] == "S" and len(n[1]) > (2 if len(n) > 2 else 0)
    ]
    return unite([*found, argument(resolver, module, scope, call, "arg:2")])


def enclosing_super(resolver: Resolver, module: str, scope: int) -> Values:
    scopes = resolver.spaces[module].facts.scopes
    while scope >= 0:
        if scopes[scope].kind == "class":
            return (("U", module, scope),)
        scope = scopes[scope].parent
    return ()
