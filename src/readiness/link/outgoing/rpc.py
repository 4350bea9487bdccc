"""gRPC stubs -> outgoing calls as `Service/Method`. The generated modules need not be there: a stub's name says its service."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.link.classes import ancestors
from readiness.link.outgoing.addresses import Addresses
from readiness.link.outgoing.http import text_of
from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Call, last_name
from readiness.types.program import Outgoing

HEALTH = ("Check", "Watch")  # of grpc.health.v1, which classes implement beside their own service
CHANNELS = ("insecure_channel", "secure_channel", "intercept_channel")


def rpc_calls(resolver: Resolver, addresses: Addresses, numbers: dict[tuple[str, int], int]) -> Iterator[Outgoing]:
    """Calls of methods on objects that `XStub(channel)` made; the channel's address stands before `#`."""
    stubs = any(call.callee.endswith("Stub") for space in resolver.spaces.values() for call in space.facts.calls)
    for name in sorted(resolver.spaces) if stubs else ():
        space = resolver.spaces[name]
        for call in space.facts.calls:
            base, _, last = call.callee.rpartition(SEP)
            if not base or not last[1:2].isupper() or not last.startswith(".") or last.endswith("Stub"):
                continue
            scope = space.facts.contexts[call.context].scope
            for home, place, made in addresses.binding_calls(name, scope, base):
                stub = last_name(made.callee)
                if stub.endswith("Stub") and len(stub) > 4:
                    where = channel_of(addresses, home, place, made)
                    function = numbers[name, space.owner[scope]]
                    address = f"{where}#{stub[:-4]}/{last[1:]}"
                    yield Outgoing(function, "rpc", address, "", space.source.path, call.line, stub, "protobuf", 1.0)
                    break


def channel_of(addresses: Addresses, module: str, scope: int, stub: Call) -> str:
    """The address of the channel that a stub was given, "" where it cannot be told."""
    for home, place, made in addresses.binding_calls(module, scope, stub.args[0]) if stub.args else ():
        if last_name(made.callee) in CHANNELS and made.args:
            return text_of(addresses.of(home, place, made.args[0])[0])
    return ""


def servicer_methods(resolver: Resolver, space: ModuleSpace, number: int) -> list[tuple[int, str]]:
    """(scope, `Service/Method`) of a class that implements a generated `XServicer` itself or over a class of the program."""
    for cls in ancestors(resolver, space.source.module, number):
        if cls[0] != "C":
            continue
        home = resolver.spaces[cls[1]].facts.scopes[cls[2]]
        for ref in home.bases:
            name = last_name(ref)
            if name.endswith("Servicer") and len(name) > 8:
                return [
                    (n, f"{'Health' if s.name in HEALTH else name[:-8]}/{s.name}")
                    for n, s in enumerate(space.facts.scopes)
                    if s.parent == number and s.kind == "function" and s.name[:1].isupper()
                ]
    return []
