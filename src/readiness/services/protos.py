"""`.proto` texts -> the methods that they declare: full names, messages, streams, lines. Read as text; protoc never runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from readiness.types.program import EntryPoint
from readiness.types.services import Service
from readiness.types.tree import Text

# A comment or a string; an unclosed one reaches to its line's or to the text's end, which keeps this linear.
SKIPPED = re.compile(r"//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?")
PACKAGE = re.compile(r"^[ \t]*package\s+([\w.]+)\s*;", re.MULTILINE)
SERVICE = re.compile(r"\bservice\s+(\w+)\s*\{")
METHOD = re.compile(r"\brpc\s+(\w+)\s*\(\s*(stream\s+)?([\w.]+)\s*\)\s*returns\s*\(\s*(stream\s+)?([\w.]+)\s*\)")
MAX_METHODS = 5_000


class Method(Struct, frozen=True):
    """One `rpc` of a service."""

    service: str  # without its package
    name: str
    package: str
    request: str
    response: str
    is_client_stream: bool
    is_server_stream: bool
    path: str
    line: int

    @property
    def key(self) -> str:
        """As stubs and servicers name it."""
        return f"{self.service}/{self.name}"


def read_protos(texts: Iterable[Text]) -> dict[str, Method]:
    """`Service/Method` -> its declaration; of several copies of a file the first by path."""
    found: dict[str, Method] = {}
    for text in sorted((t for t in texts if t.path.endswith(".proto")), key=lambda t: t.path):
        for method in methods_of(text):
            if len(found) < MAX_METHODS:
                found.setdefault(method.key, method)
    return found


def methods_of(text: Text) -> Iterator[Method]:
    plain = bare(text.text)
    package = PACKAGE.search(plain)
    services = [(m.start(), m[1]) for m in SERVICE.finditer(plain)]
    for match in METHOD.finditer(plain):
        name = next((name for at, name in reversed(services) if at < match.start()), "")
        if name:
            line = plain.count("\n", 0, match.start()) + 1
            yield Method(
                name, match[1], package[1] if package else "", match[3], match[5], bool(match[2]), bool(match[4]), text.path, line
            )  # fmt: skip


def bare(text: str) -> str:
    """The text without comments and strings, every character at its place."""
    return SKIPPED.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def only_declared(services: Sequence[Service], declared: Mapping[str, Method]) -> list[Service]:
    """The services without public helpers of servicers: what no `.proto` declares, no client can call."""
    known = {method.service for method in declared.values()}
    return [
        replace(service, entries=tuple(e for e in service.entries if not is_helper(e, declared, known)))
        for service in services
    ]


def is_helper(entry: EntryPoint, declared: Mapping[str, Method], known: set[str]) -> bool:
    return entry.kind == "rpc-method" and entry.detail not in declared and entry.detail.partition("/")[0] in known


def with_declarations(services: Sequence[Service], declared: Mapping[str, Method]) -> tuple[Service, ...]:
    """The services whose RPC contracts and wires say what the `.proto` says."""
    if not declared:
        return tuple(services)
    signatures = {f"rpc {key}": signature(method) for key, method in declared.items()}
    return tuple(
        replace(
            service,
            contracts=tuple(replace(c, declared=signatures.get(f"{c.kind} {c.name}", "")) for c in service.contracts),
            calls_out=tuple(replace(w, declared=signatures.get(w.contract, "")) for w in service.calls_out),
            called_by=tuple(replace(w, declared=signatures.get(w.contract, "")) for w in service.called_by),
        )
        for service in services
    )


def signature(method: Method) -> str:
    """`shop.Orders/Place(PlaceRequest) returns (stream Order) (protos/shop.proto:9)`."""
    name = f"{method.package}.{method.key}" if method.package else method.key
    asks = ("stream " if method.is_client_stream else "") + method.request
    gives = ("stream " if method.is_server_stream else "") + method.response
    return f"{name}({asks}) returns ({gives}) ({method.path}:{method.line})"
