"""Resolver and library pages -> entry points and application objects: where work comes in. Never looks at deployment files."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from readiness.link.arguments import first_argument, literal_text
from readiness.link.catalogue import Catalogue
from readiness.link.classes import ancestors, member
from readiness.link.outgoing.queues import serializer_of
from readiness.link.outgoing.rpc import servicer_methods
from readiness.link.resolver import Resolver
from readiness.link.routes import joined, object_name, route_prefixes
from readiness.link.space import ModuleSpace
from readiness.link.values import Value
from readiness.types.facts import SEP, Call, last_name
from readiness.types.program import AppObject, CallEdge, EntryPoint, Function
from readiness.types.rulebook import Entry

ROUTED = ("http-route", "websocket")
NAMES = 8  # re-exports that are followed to an application or router object
Numbers = dict[tuple[str, int], int]
Known = tuple[Entry, str]  # what a page says of a name, and the page's distribution
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def entry_points(
    resolver: Resolver, numbers: Numbers, functions: tuple[Function, ...], edges: list[CallEdge]
) -> tuple[tuple[EntryPoint, ...], tuple[AppObject, ...]]:
    """All entry points and app objects of the program, sorted by path and line."""
    found: list[EntryPoint] = []
    apps: list[AppObject] = []
    prefixes = route_prefixes(resolver, functions, edges)
    for name in sorted(resolver.spaces):
        space = resolver.spaces[name]
        for number, scope in enumerate(space.facts.scopes):
            if scope.kind == "class":
                found += class_entries(resolver, numbers, functions, space, number)
                found += servicer_entries(resolver, numbers, functions, space, number)
            elif scope.decorators:
                found += decorated_entries(resolver, numbers, functions, space, number, prefixes)
        found += main_entries(space, numbers)
        apps += app_objects(resolver, space)
    found += registered_entries(resolver, numbers, functions, edges, prefixes)
    ordered = sorted(
        set(without_doubles(resolver.catalogue, found)),
        key=lambda e: (e.path, e.line, e.kind, e.target, e.detail, e.app),
    )
    return tuple(ordered), tuple(sorted(apps, key=lambda a: (a.path, a.line, a.target)))


def decorated_entries(
    resolver: Resolver,
    numbers: Numbers,
    functions: tuple[Function, ...],
    space: ModuleSpace,
    number: int,
    prefixes: Mapping[str, str],
) -> list[EntryPoint]:
    """`@app.get("/x")`, `@shared_task`: a decorator that a page names as an entry."""
    scope = space.facts.scopes[number]
    module = space.source.module
    found = []
    for ref in scope.decorators:
        call = space.facts.calls[int(ref[5:])] if ref.startswith("call:") and SEP not in ref else None
        callee = call.callee if call else ref
        for value in resolver.evaluate(module, scope.parent, callee):
            known = entry_of(resolver, value)
            if known is None or known[0].form != "decorator":
                continue
            detail = entry_name(known[0], call, scope.name)
            app = object_name(resolver, module, scope.parent, callee.rpartition(SEP)[0], NAMES)
            if known[0].kind in ROUTED:
                detail = joined(prefixes.get(app, ""), detail)
            made = entry_point(known, functions, numbers[module, number], detail, space, call)
            written = serializer_of(resolver.catalogue, space.facts, scope) if made.kind == "task" else ""
            found.append(replace(made, app=app, serialises=written))
    return found


def entry_point(
    known: Known, functions: tuple[Function, ...], number: int, detail: str, space: ModuleSpace, call: Call | None
) -> EntryPoint:
    """The entry that a function is; `call` registers it, None where a class does."""
    row = functions[number]
    verbs = verbs_of(space, call, row.qualname)
    return EntryPoint(known[0].kind, row.path, row.line, row.target, detail, number, known[1], "", verbs=verbs)


def verbs_of(space: ModuleSpace, call: Call | None, handler: str) -> tuple[str, ...]:
    """The methods of HTTP: of the call that registers a route (`app.get`, `add_post`, `methods=[...]`), else the name of a view's method."""
    name = last_name(call.callee).removeprefix("add_").upper() if call is not None else ""
    if name in VERBS:
        return (name,)
    if call is not None:
        first = call.args[0].removeprefix("str:").upper() if call.args else ""
        if first in VERBS:
            return (first,)
        listed = dict(call.keywords).get("methods", "")
        if listed.startswith("expr:") and SEP not in listed:
            items = (item.removeprefix("str:").upper() for item in space.facts.exprs[int(listed[5:])].items)
            return tuple(item for item in items if item in VERBS)
    own = handler.rpartition(".")[2].upper()
    return (own,) if "." in handler and own in VERBS else ()


def entry_of(resolver: Resolver, value: Value) -> Known | None:
    if value[0] not in ("X", "E"):
        return None
    return resolver.catalogue.entry.get(resolver.catalogue.canonical(str(value[1])))


def entry_name(entry: Entry, call: Call | None, name: str) -> str:
    """The route, queue or command: the literal where the page says it stands, else the function's name."""
    if entry.name_from in (None, "function-name", "method-name", "class-name") or call is None:
        return name
    ref = first_argument(call, str(entry.name_from))
    # "" is a route: the router's prefix alone
    return ref.partition(":")[2] if ref.startswith(("str:", "fstr:")) else name


def class_entries(
    resolver: Resolver, numbers: Numbers, functions: tuple[Function, ...], space: ModuleSpace, number: int
) -> list[EntryPoint]:
    """Methods of a class whose outside base a page names."""
    module = space.source.module
    found: dict[str, EntryPoint] = {}
    for base in ancestors(resolver, module, number)[1:]:
        known = resolver.catalogue.entry.get(str(base[1])) if base[0] == "X" else None
        if known is None or known[0].form != "base-class":
            continue
        for method in methods_of(known[0], space, number):
            for value in member(resolver, ("I", module, number), method):
                if value[0] == "B":
                    detail = class_detail(known[0], space, number, method)
                    made = entry_point(known, functions, numbers[written(value)], detail, space, None)
                    found.setdefault(method, made)
    return list(found.values())


def written(value: Value) -> tuple[str, int]:
    """The (module, scope) of a handler as its author wrote it, below what decorators put in its place: a wrapper that many
    handlers share would make one entry of all of them. So it is for handlers that a decorator registers, too."""
    over = value[-1] if len(value) > 3 else ()
    while over and over[0] == "F":
        value, over = over, over[3] if len(over) > 3 else ()
    return value[1], value[2]


def class_detail(entry: Entry, space: ModuleSpace, number: int, method: str) -> str:
    """What the page says names the entry: the class, or the literal of one of its attributes; else class and method."""
    name, where = space.facts.scopes[number].name, entry.name_from or ""
    if where == "class-name":
        return name
    rows = space.names[number].get(where[5:], ()) if where.startswith("attr:") else ()
    return next((row.value[4:] for row in rows if row.value.startswith("str:")), f"{name}.{method}")


def methods_of(entry: Entry, space: ModuleSpace, number: int) -> list[str]:
    """The methods that a page names; `resolve_*` and `*` are what a class defines itself, without private names."""
    rows = space.names[number]
    own = sorted(name for name in rows if not name.startswith("_") and any(b.kind == "def" for b in rows[name]))
    found: dict[str, None] = {}
    for method in entry.methods:
        is_pattern = method.endswith("*")
        found |= dict.fromkeys([name for name in own if name.startswith(method[:-1])] if is_pattern else [method])
    return list(found)


def servicer_entries(
    resolver: Resolver, numbers: Numbers, functions: tuple[Function, ...], space: ModuleSpace, number: int
) -> list[EntryPoint]:
    """The methods of a class that implements a gRPC service; the generated module need not be there."""
    found = []
    for scope, name in servicer_methods(resolver, space, number):
        function = numbers[space.source.module, scope]
        row = functions[function]
        found.append(
            EntryPoint(
                "rpc-method", row.path, row.line, row.target, name, function, "grpcio", "", serialises="protobuf"
            )
        )
    return found


def main_entries(space: ModuleSpace, numbers: Numbers) -> list[EntryPoint]:
    """`if __name__ == "__main__":`"""
    source = space.source
    rows = [b for b in space.facts.branches if b.kind == "main"]
    target = f"{source.module}:<module>"
    return [
        EntryPoint("main", source.path, b.line, target, source.path, numbers[source.module, 0], "", "")
        for b in rows[:1]
    ]


def app_objects(resolver: Resolver, space: ModuleSpace) -> list[AppObject]:
    """Module-level and factory-made objects of types that pages name as apps, servers or routers."""
    found: dict[tuple[str, int], AppObject] = {}
    module = space.source.module
    for number, call in enumerate(space.facts.calls):
        scope = space.facts.contexts[call.context].scope
        for value in resolver.evaluate(module, scope, call.callee):
            known = entry_of(resolver, value)
            if known is not None and known[0].form == "instance":
                bound = (b.name for b in space.facts.bindings if b.value == f"call:{number}" and not b.target)
                name = next(bound, "") or space.facts.scopes[space.owner[scope]].qualname
                home = space.facts.scopes[space.owner[scope]].qualname
                row = AppObject(
                    f"{module}:{name}", space.source.path, call.line, str(value[1]), known[0].kind, home, known[1]
                )
                found.setdefault((row.target, row.line), row)
    return list(found.values())


def view_methods(
    resolver: Resolver, module: str, scope: int, handler: str, space: ModuleSpace, entry: Entry
) -> list[Value]:
    """The methods of a class that is registered as a view: `V.as_view()`, or a view set by itself. Hooks where it has no more."""
    base, _, last = handler.rpartition(SEP)
    if handler.startswith("call:") and not base:
        callee = space.facts.calls[int(handler[5:])].callee
        base, _, last = callee.rpartition(SEP)
        if last != ".as_view":
            return []
    classes = [value for value in resolver.evaluate(module, scope, base or handler) if value[0] == "C"]
    for names in (entry.methods, entry.hooks):
        found = dict.fromkeys(
            made
            for value in classes
            for name in names
            for made in member(resolver, ("I", value[1], value[2]), name)
            if made[0] == "B"
        )
        if found:
            return list(found)
    return []


def without_doubles(catalogue: Catalogue, found: list[EntryPoint]) -> list[EntryPoint]:
    """A method that a route or a gRPC service names is not told a second time by its class alone."""
    views = {name for entry, _ in catalogue.entry.exact.values() for name in (*entry.methods, *entry.hooks)}
    named = {(e.kind, e.function) for e in found if e.function >= 0 and not is_by_class(e, views)}
    return [e for e in found if not is_by_class(e, views) or (e.kind, e.function) not in named]


def is_by_class(entry: EntryPoint, views: set[str]) -> bool:
    """Whether an entry's name is only `Class.method`: what a base class of a library says of it."""
    if entry.kind == "http-route":
        return "/" not in entry.detail and entry.detail.rpartition(".")[2] in views and "." in entry.detail
    return entry.kind == "rpc-method" and "/" not in entry.detail


def registered_entries(
    resolver: Resolver,
    numbers: Numbers,
    functions: tuple[Function, ...],
    edges: list[CallEdge],
    prefixes: Mapping[str, str],
) -> list[EntryPoint]:
    """`app.router.add_get("/x", handler)`: calls that register a handler. A call that mounts a router is no entry itself."""
    found = []
    known_edges = [(e, resolver.catalogue.entry.get(e.external)) for e in edges if e.external and e.call >= 0]
    calls = [(e, known) for e, known in known_edges if known is not None and known[0].form == "call"]
    mounting = {(functions[e.caller].module, f"call:{e.call}") for e, known in calls if known[0].kind == "mount"}
    for edge, known in calls:
        if known[0].kind == "mount":
            continue
        space = resolver.spaces[functions[edge.caller].module]
        module = space.source.module
        call = space.facts.calls[edge.call]
        scope = space.facts.contexts[call.context].scope
        handler = first_argument(call, known[0].handler or "")
        if (module, handler) in mounting:
            continue
        app = object_name(resolver, module, scope, call.callee.rpartition(SEP)[0], NAMES) or module
        detail = literal_text(call, known[0].name_from or "")
        if known[0].kind in ROUTED:
            detail = joined(prefixes.get(app, "") or prefixes.get(module, ""), detail)
        handlers = [v for v in resolver.evaluate(module, scope, handler) if v[0] in ("F", "B")]
        handlers += view_methods(resolver, module, scope, handler, space, known[0])
        targets = [numbers[written(value)] for value in handlers]
        for function in dict.fromkeys(targets):
            found.append(entry_point(known, functions, function, detail or functions[function].qualname, space, call))
        if not targets:
            row = functions[edge.caller]
            found.append(EntryPoint(known[0].kind, row.path, edge.line, row.target, detail, -1, known[1], ""))
    return found
