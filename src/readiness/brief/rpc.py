"""A service's RPC methods + the repository's `.proto` texts -> proto files and a Go file of interfaces. Nothing generated is copied.

Where the repository holds the `.proto`, that is the contract, with what it imports. Where it does not, one is derived from the
servicer's names, every message a TODO with its Python line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from readiness.brief.golang import aligned, exported, one_line
from readiness.services.protos import Method, bare, methods_of
from readiness.types.report import Entry, ServiceRow
from readiness.types.tree import Text

SCALARS = {
    "double": "float64", "float": "float32", "int32": "int32", "int64": "int64", "uint32": "uint32", "uint64": "uint64", "sint32": "int32",
    "sint64": "int64", "fixed32": "uint32", "fixed64": "uint64", "sfixed32": "int32", "sfixed64": "int64", "bool": "bool", "string": "string",
    "bytes": "[]byte",
}  # fmt: skip
IMPORT = re.compile(r"^[ \t]*import\s+(?:public\s+|weak\s+)?\"([^\"\n]+)\"\s*;", re.MULTILINE)
BRACE = re.compile(r"\b(message|enum|oneof|extend|service)\s+([\w.]+)\s*\{|[{}]")
FIELD = re.compile(r"(?:^|[;{\n])\s*(repeated\s+|optional\s+)?(map\s*<[^>]*>|[\w.]+)\s+(\w+)\s*=\s*\d+")
MAX_FILES = 40  # that one .proto imports, directly and over others


class Rpc(Struct, frozen=True):
    """What the skeleton needs of one method."""

    method: Method
    entries: tuple[Entry, ...]  # one per class that implements it


def rpc_files(row: ServiceRow, texts: Sequence[Text]) -> Mapping[str, str]:
    """Relative path -> text; empty where the service has no RPC method."""
    entries = [entry for entry in row.entry_points if entry.kind == "rpc-method" and "/" in entry.detail]
    if not entries:
        return {}
    protos = {text.path: text.text for text in sorted(texts, key=lambda t: t.path) if text.path.endswith(".proto")}
    declared: dict[str, Method] = {}
    for path, text in protos.items():
        for method in methods_of(Text(path, text)):
            declared.setdefault(method.key, method)
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.detail, []).append(entry)
    known = [Rpc(declared[name], tuple(rows)) for name, rows in sorted(by_name.items()) if name in declared]
    unknown = [Rpc(derived(name), tuple(rows)) for name, rows in sorted(by_name.items()) if name not in declared]
    wanted = with_imports(sorted({rpc.method.path for rpc in known}), protos)
    files = {f"proto/{path}": protos[path] for path in wanted}
    if unknown:
        files["proto/derived.proto"] = derived_proto(unknown)
    messages = dict(message for path in wanted for message in messages_of(protos[path]))
    return {**files, "go/rpc.go": go_file([*known, *unknown], messages)}


def with_imports(paths: Sequence[str], protos: Mapping[str, str]) -> list[str]:
    """The files and what they import, as far as the repository has it; a name is looked up by its end."""
    found = dict.fromkeys(paths)
    open_ = list(paths)
    while open_ and len(found) < MAX_FILES:
        for name in IMPORT.findall(protos[open_.pop(0)]):
            path = next((p for p in protos if p == name or p.endswith("/" + name)), "")
            if path and path not in found:
                found[path] = None
                open_.append(path)
    return sorted(found)


def derived(detail: str) -> Method:
    """A method as far as the servicer's names tell it."""
    service, _, name = detail.partition("/")
    return Method(service, name, "", f"{name}Request", f"{name}Reply", False, False, "", 0)


def derived_proto(rows: Sequence[Rpc]) -> str:
    """A `.proto` with every method and no field: the one that the Python modules were generated from is not in the repository."""
    lines = [
        'syntax = "proto3";',
        "",
        "// TODO: take the file that the Python modules were generated from; this one knows names only.",
    ]
    for service in sorted({rpc.method.service for rpc in rows}):
        lines += ["", f"service {service} {{"]
        for rpc in rows:
            if rpc.method.service == service:
                lines.append(
                    f"  rpc {rpc.method.name}({rpc.method.request}) returns ({rpc.method.response});"
                    f"  // TODO: {places(rpc)}"
                )
        lines.append("}")
    names = sorted({name for rpc in rows for name in (rpc.method.request, rpc.method.response)})
    return "\n".join([*lines, *(f"\nmessage {name} {{}}  // TODO" for name in names), ""])


def messages_of(text: str) -> Iterator[tuple[str, str]]:
    """(name, fields) of the messages, inner ones too; those of a `oneof` are fields of the message around it."""
    plain, end = bare(text), 0
    open_: list[tuple[str, str, list[str]]] = []  # kind, name, what stands in it outside of inner blocks
    for match in BRACE.finditer(plain):
        if open_:
            open_[-1][2].append(plain[end : match.start()])
        end = match.end()
        if match[0] != "}":
            open_.append((match[1], match[2], []))
        elif open_:
            kind, name, pieces = open_.pop()
            if kind == "message":
                yield name, "".join(pieces)
            elif kind == "oneof" and open_:
                open_[-1][2].append("".join(pieces))


def go_file(rows: Sequence[Rpc], messages: Mapping[str, str]) -> str:
    """An interface per service, its messages as plain structs, and a type that answers every call with an error."""
    body: list[str] = []
    for service in sorted({rpc.method.service for rpc in rows}):
        own = [rpc for rpc in rows if rpc.method.service == service]
        body += interface(service, own)
    names = closed({last(name) for rpc in rows for name in (rpc.method.request, rpc.method.response)}, messages)
    for name in sorted(names):
        body += struct(name, messages.get(name), names)
    text = "\n".join(body)
    imports = [
        f'\t"{package}"'
        for package, used in (("context", "context."), ("encoding/json", "json."), ("errors", "errors."))
        if used in text
    ]
    return "\n".join(["package main", "", "import (", *imports, ")", *body, ""])


def interface(service: str, rows: Sequence[Rpc]) -> list[str]:
    """The service as Go calls it; protoc-gen-go-grpc makes the one for the wire from `proto/`."""
    name = exported(service)
    lines = [
        "",
        f"// {name} is {one_line(service)} without its wire: what the generated server hands each call to.",
        f"type {name} interface {{",
    ]
    lines += [f"\t{exported(rpc.method.name)}{arguments(rpc.method)}" for rpc in rows]
    lines += [
        "}",
        "",
        f"// Unported{name} answers every call of {name} with an error.",
        f"type Unported{name} struct{{}}",
    ]
    for rpc in rows:
        method = exported(rpc.method.name)
        is_stream = rpc.method.is_client_stream or rpc.method.is_server_stream
        lines += [
            "", f"// {method} stands for {one_line(rpc.entries[0].target)} ({places(rpc)}).",
            f"func (Unported{name}) {method}{arguments(rpc.method)} {{",
            f'\treturn {"" if is_stream else "nil, "}errors.New("TODO: not ported yet")', "}",
        ]  # fmt: skip
    return [*lines, "", f"var _ {name} = Unported{name}{{}}"]


def places(rpc: Rpc) -> str:
    return ", ".join(f"{one_line(entry.path)}:{entry.line}" for entry in rpc.entries[:4])


def arguments(method: Method) -> str:
    asks, gives = exported(last(method.request)), exported(last(method.response))
    if method.is_client_stream and method.is_server_stream:
        return f"(ctx context.Context, next func() (*{asks}, error), send func(*{gives}) error) error"
    if method.is_client_stream:
        return f"(ctx context.Context, next func() (*{asks}, error), answer func(*{gives}) error) error"
    if method.is_server_stream:
        return f"(ctx context.Context, request *{asks}, send func(*{gives}) error) error"
    return f"(ctx context.Context, request *{asks}) (*{gives}, error)"


def last(name: str) -> str:
    return name.rpartition(".")[2]


def closed(names: set[str], messages: Mapping[str, str]) -> set[str]:
    """The messages and those that their fields name."""
    found, open_ = set(names), sorted(names)
    while open_:
        for _, kind, _ in FIELD.findall(messages.get(open_.pop(), "")):
            inner = last(kind)
            if inner in messages and inner not in found:
                found.add(inner)
                open_.append(inner)
    return found


def struct(name: str, body: str | None, known: set[str]) -> list[str]:
    if body is None:
        return [
            "",
            f"// {exported(name)} has no declaration that could be read: TODO.",
            f"type {exported(name)} struct{{}}",
        ]
    rows = [(exported(field), go_type(label.strip(), kind, known), "") for label, kind, field in FIELD.findall(body)]
    shown = [f"\t{line}" for line in aligned(rows)]
    lines = [f"type {exported(name)} struct {{", *shown, "}"] if rows else [f"type {exported(name)} struct{{}}"]
    return ["", f"// {exported(name)} is the message {one_line(name)}.", *lines]


def go_type(label: str, kind: str, known: set[str]) -> str:
    """Of enums and of what other files declare only the bytes are told."""
    plain = SCALARS.get(kind) or (f"*{exported(last(kind))}" if last(kind) in known else "json.RawMessage")
    return f"[]{plain}" if label == "repeated" else plain
