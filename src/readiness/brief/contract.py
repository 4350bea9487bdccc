"""A service's routes + Facts -> ServiceContract: methods, parameters, bodies and answers as far as the code says them. Runs nothing.

Parameters come from the route's text, from annotated parameters of the handler (where the framework injects them) and from what the
handler reads of its request (`request.query.get("q")`, `request.args["q"]`, `request.match_info["sku"]`, `(await request.json())["x"]`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

from msgspec.structs import replace

from readiness.brief.answers import answers_of, body_fields
from readiness.brief.shapes import Shapes
from readiness.types.brief import FORM, Answer, Operation, Parameter, ServiceContract, Shape
from readiness.types.facts import SEP, Call, Facts, Param, Ref, Scope, last_name
from readiness.types.report import Entry

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
PLACES = {
    "args": "query", "query": "query", "query_params": "query", "GET": "query", "headers": "header", "META": "header",
    "cookies": "cookie", "COOKIES": "cookie", "match_info": "path", "path_params": "path", "view_args": "path",
}  # fmt: skip
INJECTED = {"Query": "query", "Path": "path", "Header": "header", "Cookie": "cookie"}
CONVERTERS = {
    "int": "integer",
    "float": "number",
    "uuid": "uuid",
    "path": "string",
    "string": "string",
    "str": "string",
}
BODY = frozenset({"json", "get_json", "post", "form", "body", "data", "POST", "read", "text"})
FORMS = frozenset({"form", "POST"})
SEGMENT = re.compile(
    r"\{(?P<brace>[^{}:]+)(?::(?P<conv>[^{}]*(?:\{[^{}]*\})?))?\}|<(?:(?P<kind>[a-z_]+)(?:\([^)]*\))?:)?(?P<angle>\w+)>"
)
SIMPLE = frozenset({"string", "integer", "number", "boolean", "datetime", "date", "uuid", "decimal"})
DEPTH = 4  # dependencies of dependencies
Handler = tuple[str, int, Scope]  # module, scope number, scope
Registration = tuple[str, Call]  # the module in which the call stands


def service_contract(entries: tuple[Entry, ...], shapes: Shapes) -> ServiceContract:
    """The operations of all HTTP entry points, sorted by route and method, and the schemas that they name."""
    found: dict[tuple[str, str], Operation] = {}
    for entry in entries:
        if entry.kind == "http-route":
            for operation in operations(entry, shapes):
                found.setdefault((operation.route, operation.method), operation)
    rows = with_unique_ids([found[key] for key in sorted(found)])
    return ServiceContract(rows, tuple(sorted(shapes.schemas.values(), key=lambda s: (s.name, s.target))))


def with_unique_ids(rows: list[Operation]) -> tuple[Operation, ...]:
    """One handler on several routes gets its routes into its names: an operationId stands once in a document."""
    count = Counter(row.id for row in rows)
    taken: Counter[str] = Counter()
    done = []
    for row in rows:
        words = re.sub(r"\W+", "_", f"{row.method}_{row.route}").strip("_")
        name = row.id if count[row.id] == 1 else f"{row.id}_{words}"
        taken[name] += 1
        done.append(replace(row, id=name if taken[name] == 1 else f"{name}_{taken[name]}"))
    return tuple(done)


def operations(entry: Entry, shapes: Shapes) -> Iterator[Operation]:
    handler = handler_of(entry, shapes)
    text = entry.detail.partition(" ")[2] if entry.detail.split(" ")[0].lower() in METHODS else entry.detail
    route, in_route = path_parameters(text, entry.line)
    registered = registration(text, handler, shapes) if handler is not None else None
    methods = methods_of(entry, registered, handler, shapes)
    said = dict(registered[1].keywords) if registered else {}
    name = entry.target.rpartition(":")[2].rpartition("<locals>.")[2].replace("<", "").replace(">", "")
    for method in methods or ("get",):
        parameters, body = in_route, None
        answers: tuple[Answer, ...] = ()
        if handler is not None:
            parameters, body = inputs(
                handler, in_route, shapes, has_body=method not in ("get", "head", "delete", "options")
            )
            answers = as_sent(answers_of(handler, said, shapes), registered, shapes)
        identity = name if len(methods) < 2 else f"{name}.{method}"
        yield Operation(
            identity, method, route, entry.target, entry.path, entry.line, parameters, body, answers, bool(methods)
        )


def as_sent(answers: tuple[Answer, ...], registered: Registration | None, shapes: Shapes) -> tuple[Answer, ...]:
    """Texts as the framework sends them: what its library page says of routes that are registered so."""
    if registered is None:
        return answers
    module, call = registered
    name = shapes.outside(module, shapes.facts[module].contexts[call.context].scope, call.callee)
    if not shapes.sends_texts(name):
        return answers
    return tuple(replace(answer, is_text=answer.shape.kind == "string") for answer in answers)


def handler_of(entry: Entry, shapes: Shapes) -> Handler | None:
    module, _, qualname = entry.target.partition(":")
    facts = shapes.facts.get(module)
    for number, scope in enumerate(facts.scopes if facts else ()):
        if scope.kind == "function" and scope.qualname == qualname:
            return module, number, scope
    return None


def path_parameters(text: str, line: int) -> tuple[str, tuple[Parameter, ...]]:
    """`/x/<int:id>` and `/x/{id:int}` -> `/x/{id}` and its parameters; a leading slash is put where none stands."""
    rows = []

    def one(match: re.Match[str]) -> str:
        name = match["brace"] or match["angle"]
        converter = match["kind"] or match["conv"] or ""
        shape = Shape(CONVERTERS.get(converter, "string"))
        rows.append(Parameter(name, "path", shape, True, line, takes_rest=converter in ("path", ".*", ".+")))
        return "{" + name + "}"

    pieces: list[str] = []
    end = 0
    for match in SEGMENT.finditer(text):
        pieces += [literal(text[end : match.start()]), one(match)]
        end = match.end()
    route = "".join([*pieces, literal(text[end:])])
    return route if route.startswith("/") else f"/{route}", tuple(rows)


def literal(text: str) -> str:
    """The fixed part of a route as OpenAPI can hold it: braces, controls and quotes percent-encoded."""
    return "".join(c if c.isprintable() and c not in '{}<>"`\\ #?%' else quote(c) for c in text)


# --- methods --------------------------------------------------------------------------------------------------------


def registration(text: str, handler: Handler, shapes: Shapes) -> Registration | None:
    """The call that ties the route to the handler: its decorator, else a call of the program with this route as an argument.

    Its literal is the end of the route: what stands before comes from the routers around it.
    """
    for ref in handler[2].decorators:
        call = shapes.call(handler[0], ref)
        if call is not None and has_route(call, text):
            return handler[0], call
    for module, facts in sorted(shapes.facts.items()):
        for call in facts.calls:
            if has_route(call, text) and names_handler(module, call, handler, shapes):
                return module, call
    return None


def names_handler(module: str, call: Call, handler: Handler, shapes: Shapes) -> bool:
    """Whether an argument of the call is the handler, or the class that it is a method of."""
    scope = shapes.facts[module].contexts[call.context].scope
    wanted = {(handler[0], handler[1]), (handler[0], handler[2].parent)}
    return any(shapes.found(module, scope, ref) in wanted for ref in (*call.args, *dict(call.keywords).values()))


def has_route(call: Call, text: str) -> bool:
    """Whether the call's own literal is this route or, from a slash on or as an empty one, the end of it."""
    named = dict(call.keywords)
    literals = [
        arg[4:] for arg in (*call.args[:2], named.get("path", ""), named.get("rule", "")) if arg.startswith("str:")
    ]
    return any(part == text or (text.endswith(part) and part[:1] in ("/", "")) for part in literals)


def methods_of(
    entry: Entry, registered: Registration | None, handler: Handler | None, shapes: Shapes
) -> tuple[str, ...]:
    """From the entry's own text, the registering name (`get`, `add_post`), its `methods=[...]`, or a class-based view's method."""
    first = entry.detail.split(" ")[0].lower()
    if first in METHODS and " " in entry.detail:
        return (first,)
    if registered is not None:
        module, call = registered
        name = last_name(call.callee).lower().removeprefix("add_")
        if name in METHODS:
            return (name,)
        if call.args and call.args[0].startswith("str:") and call.args[0][4:].lower() in METHODS:
            return (call.args[0][4:].lower(),)
        listed = dict(call.keywords).get("methods", "")
        if listed.startswith("expr:"):
            items = shapes.facts[module].exprs[int(listed[5:])].items
            return tuple(i[4:].lower() for i in items if i.startswith("str:") and i[4:].lower() in METHODS)
        if name == "route":
            return ("get",)
    if handler is not None and "." in handler[2].qualname and handler[2].name in METHODS:
        return (handler[2].name,)
    return ()


# --- inputs ---------------------------------------------------------------------------------------------------------


def inputs(
    handler: Handler, in_route: tuple[Parameter, ...], shapes: Shapes, *, has_body: bool
) -> tuple[tuple[Parameter, ...], Shape | None]:
    """Parameters and body; the route's own names come first, and an annotation sharpens them."""
    found = {(p.place, p.name): p for p in in_route}
    bodies: list[Shape] = []
    for row in injections(handler, {p.name for p in in_route}, shapes, DEPTH):
        if isinstance(row, Parameter):
            known = found.get((row.place, row.name), row)
            found[row.place, row.name] = replace(known, shape=row.shape)
        else:
            bodies.append(row)
    body = bodies[0] if bodies and has_body else None
    for row in read_parameters(handler, shapes):
        found.setdefault((row.place, row.name), row)
    if body is None and has_body:
        body = read_body(handler, shapes)
    return tuple(found.values()), body


def injections(handler: Handler, in_route: set[str], shapes: Shapes, depth: int) -> Iterator[Parameter | Shape]:
    """Parameters and bodies that a framework fills in by annotation, those of `Depends(function)` included."""
    module, _, scope = handler
    for param in scope.params:
        if param.name in ("self", "cls") or param.kind in ("star", "double-star"):
            continue
        call = maker_of(param, module, shapes)
        maker = shapes.of_web(module, scope.parent, call.callee) if call is not None else ""
        if call is not None and maker in ("Depends", "Security"):
            found = shapes.found(module, scope.parent, call.args[0]) if call.args else None
            if found is not None and shapes.scope(found).kind == "function" and depth:
                yield from injections((*found, shapes.scope(found)), in_route, shapes, depth - 1)
        elif param.annotation:
            row = injected(handler, param, call, maker, in_route, shapes)
            if row is not None:
                yield row


def maker_of(param: Param, module: str, shapes: Shapes) -> Call | None:
    """`Query(...)`, `Depends(...)`: as the default, or inside `Annotated[...]`."""
    refs = [param.default]
    if param.annotation.startswith("expr:") and SEP not in param.annotation:
        refs += shapes.facts[module].exprs[int(param.annotation[5:])].items[2:]
    return next((call for ref in refs if (call := shapes.call(module, ref)) is not None), None)


def injected(
    handler: Handler, param: Param, call: Call | None, maker: str, in_route: set[str], shapes: Shapes
) -> Parameter | Shape | None:
    """One annotated parameter: a parameter of the wire, a body, or nothing that comes over the wire."""
    module, _, scope = handler
    shape = shapes.annotation(module, scope.parent, param.annotation)
    if param.name in in_route:
        return Parameter(param.name, "path", shape, True, scope.line)
    if call is not None and maker in INJECTED:
        name = param.name.replace("_", "-") if maker == "Header" else param.name
        default = dict(call.keywords).get("default", call.args[0] if call.args else "ellipsis:")
        is_required = default == "ellipsis:" and (not param.default or param.default.startswith("call:"))
        return Parameter(name, INJECTED[maker], shape, is_required, scope.line)
    if call is not None:
        return shape if maker in ("Body", "Form", "File") else None
    if shape.kind == "named":
        return shape
    return Parameter(param.name, "query", shape, not param.default, scope.line) if shape.kind in SIMPLE else None


def read_parameters(handler: Handler, shapes: Shapes) -> Iterator[Parameter]:
    """What the handler reads by literal key of its request's query, headers, cookies and match."""
    for line, ref, key, has_default in keyed_reads(handler, shapes.facts[handler[0]]):
        root, *steps = [step for step in ref.split(SEP) if step != "await"]
        place = next((PLACES[step[1:]] for step in steps if step.startswith(".") and step[1:] in PLACES), None)
        if place is not None and is_request(handler, root, steps, shapes):
            yield Parameter(key, place, Shape("string"), place == "path" or not has_default, line)


def keyed_reads(handler: Handler, facts: Facts) -> Iterator[tuple[int, Ref, str, bool]]:
    """(line, base, key, whether a missing key is survived): `base["key"]` and `base.get("key", ...)` in the handler's own code."""
    for read in facts.reads:
        if facts.contexts[read.context].scope == handler[1] and read.value.endswith("']"):
            base, _, last = read.value.rpartition(SEP)
            yield read.line, base, last[2:-2], False
    for call in facts.calls:
        if facts.contexts[call.context].scope != handler[1]:
            continue
        base, _, last = call.callee.rpartition(SEP)
        if last in (".get", ".getlist") and call.args and call.args[0].startswith("str:"):
            yield call.line, base, call.args[0][4:], True
        inner = call.callee.split(SEP)
        for position, step in enumerate(inner):
            if step.startswith("['") and position:
                yield call.line, SEP.join(inner[:position]), step[2:-2], False


def is_request(handler: Handler, root: Ref, steps: list[str], shapes: Shapes) -> bool:
    """Whether a reference begins at the handler's request.

    That is what a framework lends by import (`flask.request`), the handler's first parameter, if nothing says that it is anything
    else, or `self.request` of a class-based view.
    """
    module, number, scope = handler
    own = [param for param in scope.params if param.name != "self"]
    if root == "local:self":
        return steps[:1] == [".request"]
    if own and root == f"local:{own[0].name}":
        return not own[0].annotation or shapes.of_web(module, scope.parent, own[0].annotation).endswith("Request")
    return shapes.of_web(module, number, root) in ("request", "Request")


def read_body(handler: Handler, shapes: Shapes) -> Shape | None:
    """The body that a handler reads by itself: an object of the keys that it takes, unknown in their types."""
    facts = shapes.facts[handler[0]]
    for number, call in enumerate(facts.calls):
        root, *steps = call.callee.split(SEP)
        is_own = facts.contexts[call.context].scope == handler[1]
        if is_own and steps and steps[-1][1:] in BODY and is_request(handler, root, steps, shapes):
            return Shape("object", fields=body_fields(handler, f"call:{number}", facts))
    return read_form(handler, shapes)


def read_form(handler: Handler, shapes: Shapes) -> Shape | None:
    """The form that a handler reads as an attribute of its request: an object, sent as forms are."""
    facts = shapes.facts[handler[0]]
    own = [call.callee for call in facts.calls if facts.contexts[call.context].scope == handler[1]]
    own += [read.value for read in facts.reads if facts.contexts[read.context].scope == handler[1]]
    for ref in own:
        root, *steps = ref.split(SEP)
        if steps and steps[0][1:] in FORMS and len(steps) > 1 and is_request(handler, root, steps, shapes):
            return Shape("object", fields=body_fields(handler, SEP.join((root, steps[0])), facts), note=FORM)
    return None
