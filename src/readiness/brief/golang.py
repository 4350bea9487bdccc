"""ServiceContract + what the report knows of a service -> the files of a Go module that builds: handlers answer 501 until they are written.

Standard library only, Go 1.19 and newer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby

from readiness.types.brief import Field, Operation, Schema, ServiceContract, Shape
from readiness.types.report import ServiceRow

TYPES = {
    "string": "string", "integer": "int64", "number": "float64", "boolean": "bool", "datetime": "time.Time", "date": "string",
    "uuid": "string", "decimal": "string", "bytes": "[]byte", "null": "json.RawMessage", "any": "json.RawMessage", "unknown": "json.RawMessage",
}  # fmt: skip
INITIALISMS = {"id", "url", "http", "api", "json", "sku", "uuid", "ip", "db", "sql", "ttl", "uri", "html", "xml"}
DECLARED = frozenset({"Server", "NewServer", "Config", "LoadConfig", "Route", "Router", "NewRouter", "PathValue"})


def go_module(row: ServiceRow, contract: ServiceContract, main: str, router: str) -> Mapping[str, str]:
    """Relative path -> text; `main` and `router` are the shipped files. Every TODO names the Python line that it stands for."""
    operations = unique_handlers(contract.operations)
    files = {
        "go.mod": f"module {module_name(row.name)}\n\ngo 1.19\n",
        "main.go": main.replace("SERVICE", module_name(row.name)),
        "router.go": router,
        "config.go": config_file(row),
        "server.go": server_file(operations),
        "handlers.go": handlers_file(operations),
        "types.go": types_file(contract.schemas),
        "server_test.go": test_file(operations),
    }
    clients = clients_file(row)
    return {**files, "clients.go": clients} if clients else files


def module_name(name: str) -> str:
    """A module path that Go accepts: letters, digits, `-`, `_` and dots."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-.") or "service"


def exported(name: str) -> str:
    """`order_id` -> OrderID: an exported Go name; never a keyword, never empty."""
    words = [w for w in re.split(r"[^0-9A-Za-z]+|(?<=[a-z0-9])(?=[A-Z])", name) if w]
    text = "".join(w.upper() if w.lower() in INITIALISMS else w[:1].upper() + w[1:] for w in words)
    return text if text[:1].isalpha() else f"X{text}"


def type_name(name: str) -> str:
    """The Go type of a schema; never a name that the module declares itself."""
    text = exported(name)
    return f"{text}Model" if text in DECLARED else text


def unique_handlers(operations: tuple[Operation, ...]) -> tuple[tuple[str, Operation], ...]:
    """A Go method name for each operation, numbered where two would be one."""
    seen: dict[str, int] = {}
    rows = []
    for operation in operations:
        name = exported(operation.id)
        seen[name] = seen.get(name, 0) + 1
        rows.append((name if seen[name] == 1 else f"{name}{seen[name]}", operation))
    return tuple(rows)


def config_file(row: ServiceRow) -> str:
    """One field per environment variable that the Python code reads."""
    names = list(dict.fromkeys(d.name for d in row.data if d.kind == "env"))
    taken = {"Listen"}
    fields, loads = [("Listen", "string", "// host:port")], [("Listen:", 'getenv("LISTEN"),', "")]
    for name in names:
        field = exported(name.lower())
        if field not in taken:
            taken.add(field)
            fields.append((field, "string", f"// {one_line(name)}"))
            loads.append((f"{field}:", f"getenv({quoted(name)}),", ""))
    port = (
        ['\tif config.Listen == "" && config.Port != "" {', '\t\tconfig.Listen = ":" + config.Port', "\t}"]
        if "PORT" in names
        else []
    )
    return "\n".join([
        "package main", "", "// Config holds what the Python service reads from its environment.", "type Config struct {", *(f"\t{line}" for line in aligned(fields)), "}", "",
        "// LoadConfig reads the environment; getenv is os.Getenv outside of tests.",
        "func LoadConfig(getenv func(string) string) Config {", "\tconfig := Config{", *(f"\t\t{line}" for line in aligned(loads)), "\t}",
        *port, '\tif config.Listen == "" {', '\t\tconfig.Listen = ":8080"', "\t}", "\treturn config", "}", "",
    ])  # fmt: skip


def server_file(operations: tuple[tuple[str, Operation], ...]) -> str:
    """The routes in the order in which they are tried: fixed segments go before wildcards."""
    rows = sorted(operations, key=lambda row: (tried_at(row[1]), row[1].method))
    lines = [f"\t\t{{{quoted(o.method.upper())}, {quoted(pattern(o))}, s.{name}}}," for name, o in rows]
    table = ["[]Route{", *lines, "\t}"] if rows else ["[]Route{}"]
    server = "\ts := &Server{config: config}\n" if rows else ""
    return f"""package main

import "net/http"

// Server answers the routes of the Python service.
type Server struct {{
\tconfig Config
}}

// NewServer ties every route to its handler.
func NewServer(config Config) http.Handler {{
{server}\treturn NewRouter({chr(10).join(table)})
}}
"""


def tried_at(operation: Operation) -> tuple[tuple[bool, str], ...]:
    return tuple(("{" in segment, segment) for segment in operation.route.split("/"))


def pattern(operation: Operation) -> str:
    """The route as router.go reads it; a parameter that takes slashes is `{name...}`."""
    route = operation.route
    for parameter in operation.parameters:
        if parameter.takes_rest:
            route = route.replace(f"{{{parameter.name}}}", f"{{{parameter.name}...}}")
    return route


def handlers_file(operations: tuple[tuple[str, Operation], ...]) -> str:
    lines = ["package main", *(["", 'import "net/http"'] if operations else [])]
    for name, operation in operations:
        lines += [
            "",
            f"// {name} stands for {one_line(operation.target)} ({one_line(operation.path)}:{operation.line}).",
        ]
        for parameter in operation.parameters:
            lines.append(
                f"// {parameter.place} {one_line(parameter.name)}: {parameter.shape.kind}{'' if parameter.is_required else ', optional'}"
            )
        if operation.body is not None:
            lines.append(f"// body: {go_type(operation.body)}")
        lines += [f"// {a.status}: {go_type(a.shape)}" for a in operation.answers if a.shape.kind != "object"]
        lines += [f"func (s *Server) {name}(w http.ResponseWriter, r *http.Request) {{",
                  f"\t// TODO: {one_line(operation.path)}:{operation.line}", '\thttp.Error(w, "not ported yet", http.StatusNotImplemented)', "}"]  # fmt: skip
    return "\n".join([*lines, ""])


def types_file(schemas: tuple[Schema, ...]) -> str:
    body: list[str] = []
    for schema in schemas:
        body += [
            "",
            f"// {type_name(schema.name)} is {one_line(schema.target)} ({one_line(schema.path)}:{schema.line}).",
            f"type {type_name(schema.name)} struct {{",
        ]
        body += struct_fields(schema.fields)
        body.append("}")
    text = "\n".join(body)
    imports = [f'\t"{package}"' for package, used in (("encoding/json", "json."), ("time", "time.")) if used in text]
    head = ["package main", *(["", "import (", *imports, ")"] if imports else [])]
    return "\n".join([*head, *([text] if text else []), ""])


def struct_fields(fields: tuple[Field, ...]) -> list[str]:
    """The lines of a struct, in gofmt's columns."""
    taken: set[str] = set()
    rows: list[tuple[str, str, str]] = []
    for field in fields:
        name = exported(field.name)
        while name in taken:
            name += "_"
        taken.add(name)
        if not tag_safe(field.name):
            name, kind, rest = f"// TODO: a field named {one_line(field.name)}", "", ""
        else:
            kind = go_type(field.shape)
            rest = f"`json:{quoted(field.name + ('' if field.is_required else ',omitempty'))}`"
            rest += f" // TODO: type not told, line {field.line}" if field.shape.kind == "unknown" else ""
        rows.append((name, kind, rest))
    return [f"\t{line}" for line in aligned(rows)]


def aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    """Columns padded as gofmt pads them: per block of lines that have the column; a comment line ends a block."""
    lines: list[str] = []
    block: list[tuple[str, str, str]] = []
    for row in [*rows, ("", "", "")]:
        if row[1]:
            block.append(row)
            continue
        first, second = (max((len(r[i]) for r in block), default=0) for i in (0, 1))
        lines += with_comments([(f"{name:<{first}} {kind:<{second}} ", rest) for name, kind, rest in block])
        block = []
        lines += [row[0]] if row[0] else []
    return lines


def with_comments(rows: list[tuple[str, str]]) -> list[str]:
    """Comments behind the last column stand in a column of their own over each run of lines that have one."""
    parts = [(head, *rest.partition(" // ")[::2]) for head, rest in rows]
    widths: list[int] = []
    for _, run in groupby(parts, key=lambda part: bool(part[2])):
        tags = [len(tag) for _, tag, _ in run]
        widths += [max(tags)] * len(tags)
    return [
        f"{head}{tag:<{width if note else 0}}{f' // {note}' if note else ''}".rstrip()
        for (head, tag, note), width in zip(parts, widths, strict=True)
    ]


def go_type(shape: Shape) -> str:
    if shape.kind == "named":
        text = type_name(shape.name)
    elif shape.kind == "array":
        return f"[]{go_type(shape.item) if shape.item else 'json.RawMessage'}"
    elif shape.kind == "map":
        return f"map[string]{go_type(shape.item) if shape.item else 'json.RawMessage'}"
    elif shape.kind == "object":
        text = "map[string]json.RawMessage"
    else:
        text = TYPES[shape.kind]
    return f"*{text}" if shape.is_nullable and not text.startswith(("json.", "map[", "[]")) else text


def clients_file(row: ServiceRow) -> str:
    """One interface per thing that the service calls, so that a test can stand in for it."""
    rows: dict[str, str] = {}
    for wire in row.calls_out:
        name = exported(wire.service or wire.contract.split(" ")[-1])
        rows.setdefault(
            f"{name}Client",
            f"// {name}Client reaches {one_line(wire.contract)}; called by {one_line(wire.caller)}, line {wire.line}.",
        )
    if not rows:
        return ""
    lines = ["package main", "", 'import "context"']
    for name, comment in sorted(rows.items()):
        lines += [
            "",
            comment,
            f"type {name} interface {{",
            "\t// TODO: one method per call; the contract stands above",
            "\tPing(ctx context.Context) error",
            "}",
        ]
    return "\n".join([*lines, ""])


def test_file(operations: tuple[tuple[str, Operation], ...]) -> str:
    """A test that every route of the Python service leads to a handler."""
    if not operations:
        return "package main\n"
    rows = [f"\t\t{{{quoted(o.method.upper())}, {quoted(re.sub('{[^}]*}', '1', o.route))}}}," for _, o in operations]
    return """package main

import (
\t"net/http"
\t"net/http/httptest"
\t"strings"
\t"testing"
)

func TestEveryRouteHasAHandler(t *testing.T) {
\tserver := NewServer(Config{})
\tfor _, c := range []struct{ method, path string }{
ROWS
\t} {
\t\tw := httptest.NewRecorder()
\t\tserver.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader("{}")))
\t\tif w.Code == http.StatusNotFound || w.Code == http.StatusMethodNotAllowed {
\t\t\tt.Errorf("%s %s: %d", c.method, c.path, w.Code)
\t\t}
\t}
}
""".replace("ROWS", "\n".join(rows))


def one_line(text: str) -> str:
    """Text of the repository inside a Go comment: one line, nothing that ends it."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+", " ", text)[:200].strip()


def quoted(text: str) -> str:
    """An interpreted string literal of Go."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + '"'


def tag_safe(name: str) -> bool:
    """Whether a JSON name can stand in a struct tag."""
    return bool(re.fullmatch(r"[\w$@.\-/ ]+", name, re.ASCII))
