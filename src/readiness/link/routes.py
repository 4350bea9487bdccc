"""Calls that mount one router in another -> the path prefix of every router object. Follows objects by name, not by type."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.link.arguments import first_argument, literal_text
from readiness.link.resolver import Resolver
from readiness.types.facts import SEP, Ref
from readiness.types.program import CallEdge, Function
from readiness.types.rulebook import Entry

DEPTH = 8  # routers in routers, re-exports of re-exports
Mount = tuple[str, str, bool]  # parent object or "", prefix, whether it replaces the child's own


def route_prefixes(resolver: Resolver, functions: tuple[Function, ...], edges: list[CallEdge]) -> Mapping[str, str]:
    """`module:name` of a router object, or `module` of a file of URL patterns -> the prefix of its routes, the outermost first.

    A router that is mounted several times has the prefix of the first place, in the order of modules and lines.
    """
    own = own_prefixes(resolver, functions, edges)
    mounts: dict[str, Mount] = {}
    for edge in edges:
        known = resolver.catalogue.entry.get(edge.external) if edge.external and edge.call >= 0 else None
        if known is not None and known[0].kind == "mount":
            child, mount = mounted(resolver, functions[edge.caller].module, edge, known[0])
            if child:
                mounts.setdefault(child, mount)
    return {child: full_prefix(child, own, mounts, DEPTH) for child in sorted({*own, *mounts})}


def own_prefixes(resolver: Resolver, functions: tuple[Function, ...], edges: list[CallEdge]) -> dict[str, str]:
    """`router = APIRouter(prefix="/x")`: what a router's constructor says."""
    found: dict[str, str] = {}
    for edge in edges:
        known = resolver.catalogue.entry.get(edge.external) if edge.external and edge.call >= 0 else None
        if known is None or known[0].form != "instance" or known[0].prefix is None:
            continue
        module = functions[edge.caller].module
        space = resolver.spaces[module]
        text = literal_text(space.facts.calls[edge.call], known[0].prefix)
        for binding in space.facts.bindings if text else ():
            if binding.value == f"call:{edge.call}" and not binding.target:
                found[f"{module}:{binding.name}"] = text
    return found


def mounted(resolver: Resolver, module: str, edge: CallEdge, entry: Entry) -> tuple[str, Mount]:
    """(child, mount) of one mounting call; the child is "" where it has no name that can be followed."""
    space = resolver.spaces[module]
    call = space.facts.calls[edge.call]
    scope = space.facts.contexts[call.context].scope
    child = object_name(resolver, module, scope, first_argument(call, entry.handler or "arg:0"), DEPTH)
    if (
        call.handed_to >= 0 and not entry.prefix
    ):  # `path("api/", include("app.urls"))`: the prefix stands in the call around it
        text, parent = literal_text(space.facts.calls[call.handed_to], "arg:0"), module
    else:
        text = literal_text(call, entry.prefix or "")
        parent = object_name(resolver, module, scope, call.callee.rpartition(SEP)[0], DEPTH)
    return child, (parent, text, entry.replaces and bool(text))


def object_name(resolver: Resolver, module: str, scope: int, ref: Ref, depth: int) -> str:
    """`module:name` of the module-level object that a reference names, over imports; `module` for a module or a string that names one."""
    if not ref or depth == 0:
        return ""
    if ref.startswith("str:"):
        return next((v[1] for v in resolver.evaluate(module, 0, f"import:{ref[4:]}") if v[0] == "M"), "")
    base, _, last = ref.rpartition(SEP)
    if base and last.startswith("."):
        inner = next((v[1] for v in resolver.evaluate(module, scope, base) if v[0] == "M"), None)
        return named_in(resolver, inner, 0, last[1:], depth) if inner else ""
    if ref.startswith("local:"):
        return named_in(resolver, module, scope, ref[6:], depth)
    return next((v[1] for v in resolver.evaluate(module, scope, ref) if v[0] == "M"), "")


def named_in(resolver: Resolver, module: str, scope: int, name: str, depth: int) -> str:
    """The object behind a name: where an import binds it, the object of the other module."""
    space = resolver.spaces.get(module)
    while space is not None and scope >= 0:
        for binding in space.names[scope].get(name, ()):
            if binding.kind == "import":
                return object_name(resolver, module, scope, binding.value, depth - 1)
            return f"{module}:{name}"
        scope = space.facts.scopes[scope].parent
    return ""


def full_prefix(child: str, own: Mapping[str, str], mounts: Mapping[str, Mount], depth: int) -> str:
    parent, text, replaces = mounts.get(child, ("", "", False))
    above = full_prefix(parent, own, mounts, depth - 1) if parent and depth and parent != child else ""
    return joined(above, joined(text, "" if replaces else own.get(child, "")))


def joined(first: str, second: str) -> str:
    """Two parts of a path with one slash between them."""
    if not first or not second:
        return first or second
    return f"{first.rstrip('/')}/{second.lstrip('/')}"
