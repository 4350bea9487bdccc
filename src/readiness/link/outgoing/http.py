"""HTTP and websocket client calls -> outgoing calls with their URL. Wrappers that are handed the URL are followed to their callers."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from readiness.link.arguments import first_argument, literal_text
from readiness.link.data.stores import handed_to
from readiness.link.outgoing.addresses import UNKNOWN, Addresses, Parts
from readiness.link.resolver import Resolver
from readiness.types.facts import SEP, Call
from readiness.types.program import CallEdge, Function, Outgoing

BASE_WORDS = ("base_url", "host", "server_url", "api_url")
WEBSOCKET, ANY = "websocket", "-"  # on a page in the place of a method
MAX_FORWARDS = 3
MAX_CALLERS = 200  # of one wrapper


def http_calls(
    resolver: Resolver, addresses: Addresses, functions: tuple[Function, ...], edges: tuple[CallEdge, ...]
) -> Iterator[Outgoing]:
    """One row per call site and address; several where an address has alternatives.

    A wrapper that chooses among several methods says none of them to its callers.
    """
    rows: dict[tuple[int, int, str, str], list[Outgoing]] = {}
    for row in all_calls(resolver, addresses, functions, edges):
        rows.setdefault((row.function, row.line, row.kind, row.address), []).append(row)
    for found in rows.values():
        methods = {row.method for row in found}
        written = next((row.serialisation for row in found if row.serialisation), None)
        yield replace(found[0], method=methods.pop() if len(methods) == 1 else "", serialisation=written)


def all_calls(
    resolver: Resolver, addresses: Addresses, functions: tuple[Function, ...], edges: tuple[CallEdge, ...]
) -> Iterator[Outgoing]:
    """The same with a row per method."""
    callers: dict[int, list[CallEdge]] = {}
    for edge in edges:
        if edge.callee >= 0 and edge.call >= 0 and edge.how in ("call", "task", "thread", "callback"):
            callers.setdefault(edge.callee, []).append(edge)
    owners = {f"{row.module} {row.scope}": number for number, row in enumerate(functions)}
    for edge in edges:
        said = resolver.catalogue.addresses.get(edge.external) if edge.call >= 0 and edge.callee < 0 else None
        if said is None:
            continue
        function = functions[edge.caller]
        space = resolver.spaces[function.module]
        call = space.facts.calls[edge.call]
        word, _, places = said.partition(" ")
        method, ref = method_of(call, word), first_argument(call, places)
        scope = space.facts.contexts[call.context].scope
        kind = "websocket" if word == WEBSOCKET else "http"
        for parts in addresses.of(function.module, scope, ref) if ref else ((UNKNOWN,),):
            whole = with_base(addresses, function.module, scope, call, parts)
            for number, line, known, certainty in said_by(
                resolver, addresses, functions, callers, owners, edge.caller, edge.line, whole
            ):
                row = functions[number]
                yield Outgoing(
                    number, kind, text_of(known), method, row.path, line, edge.external, body_of(call), certainty
                )


def method_of(call: Call, word: str) -> str:
    """The method in capitals, from what the page says of it: the method itself, where it stands, or nothing."""
    if word.isupper():
        return word
    return "" if word in (WEBSOCKET, ANY) else literal_text(call, word).upper()


def with_base(addresses: Addresses, module: str, scope: int, call: Call, parts: Parts) -> Parts:
    """The address behind the base URL of the client object, where it was made with one."""
    base = call.callee.rpartition(SEP)[0]
    if not base or (parts[0][0] == "text" and "://" in parts[0][1]) or parts[0][0] == "env":
        return parts
    for home, place, made in addresses.binding_calls(module, scope, base):
        keywords = dict(made.keywords)
        given = next((keywords[word] for word in BASE_WORDS if word in keywords), "")
        if not given and made.callee.rpartition(SEP)[2].endswith("ClientSession") and made.args:
            given = made.args[0]
        if given:
            return (*addresses.of(home, place, given)[0], ("text", "/", ""), *parts)
    return parts


def said_by(
    resolver: Resolver,
    addresses: Addresses,
    functions: tuple[Function, ...],
    callers: dict[int, list[CallEdge]],
    owners: dict[str, int],
    number: int,
    line: int,
    parts: Parts,
    depth: int = 0,
) -> Iterator[tuple[int, int, Parts, float]]:
    """(function, line, parts, certainty) of the places that say the address: the call itself, or those that hand it over."""
    at = next((n for n, part in enumerate(parts) if part[0] == "param"), None)
    owner = owners.get(parts[at][2], number) if at is not None else number
    rows = callers.get(owner, ())
    if at is None or at > 1 or depth == MAX_FORWARDS or not rows:
        yield number, line, parts, 1.0 if depth == 0 else 0.9
        return
    for edge in rows[:MAX_CALLERS]:
        space = resolver.spaces[functions[edge.caller].module]
        call = space.facts.calls[edge.call]
        ref = handed_to(resolver, functions[owner], call, parts[at][1])
        scope = space.facts.contexts[call.context].scope
        for handed in addresses.of(functions[edge.caller].module, scope, ref) if ref else ((UNKNOWN,),):
            whole = (*parts[:at], *handed, *parts[at + 1 :])
            # what a constructor was given is said where the object is used
            place = (edge.caller, edge.line) if owner == number else (number, line)
            yield from said_by(resolver, addresses, functions, callers, owners, *place, whole, depth + 1)


def text_of(parts: Parts) -> str:
    """`${NAME=default}` for a variable of the environment, `{}` for what is not known."""
    texts = {"text": "{1}", "env": "${{{1}={2}}}"}
    return "".join(texts[kind].format(kind, name, default) if kind in texts else "{}" for kind, name, default in parts)[
        :300
    ]


def body_of(call: Call) -> str | None:
    """How the body is written, as far as the call says it."""
    names = {name for name, _ in call.keywords}
    if "json" in names:
        return "json"
    return "form" if "data" in names or "files" in names else None
