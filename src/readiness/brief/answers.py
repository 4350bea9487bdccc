"""A handler -> the answers that it gives, and the keys that it takes of its body. Literals and annotations only; the rest is unknown."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.brief.shapes import DEPTH, UNKNOWN, Shapes
from readiness.types.brief import Answer, Field, Shape
from readiness.types.facts import SEP, Call, Facts, Ref, Scope, last_name

Handler = tuple[str, int, Scope]
LITERALS = {
    "str": "string",
    "fstr": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "bytes": "bytes",
    "none": "null",
}
RESPONSES = frozenset(
    {"json_response", "jsonify", "JSONResponse", "JsonResponse", "ORJSONResponse", "UJSONResponse", "json"}
)
RAW = frozenset(
    {
        "Response",
        "HTMLResponse",
        "PlainTextResponse",
        "StreamingResponse",
        "HttpResponse",
        "StreamResponse",
        "FileResponse",
    }
)
ERRORS = frozenset({"HTTPException", "abort", "HTTPError"})
CASTS = {
    "builtins.str": "string", "builtins.int": "integer", "builtins.float": "number", "builtins.bool": "boolean",
    "builtins.len": "integer",
}  # fmt: skip


def answers_of(handler: Handler, registered: Mapping[str, Ref], shapes: Shapes) -> tuple[Answer, ...]:
    """By status: the declared model or annotation, else what the `return` statements build; errors that the handler itself raises."""
    module, number, scope = handler
    facts = shapes.facts[module]
    status = whole(registered.get("status_code", "")) or 200
    found: dict[int, Answer] = {}
    declared = UNKNOWN
    if "response_model" in registered:
        declared = shapes.annotation(module, scope.parent, registered["response_model"])
    elif scope.returns:
        declared = shapes.annotation(module, scope.parent, scope.returns)
    if declared.kind != "unknown":
        found[status] = Answer(status, declared, scope.line)
    for ref in scope.results if declared.kind == "unknown" else ():
        code, shape = result(module, number, ref, shapes, status)
        if code not in found or found[code].shape.kind == "unknown":
            found[code] = Answer(code, shape, scope.line)
    for call in facts.calls:
        code = error_status(module, number, call, shapes) if facts.contexts[call.context].scope == number else 0
        if code:
            found.setdefault(code, Answer(code, Shape("any"), call.line))
    if not any(code < 400 for code in found):
        found[status] = Answer(status, UNKNOWN, scope.line)
    return tuple(found[code] for code in sorted(found))


def error_status(module: str, scope: int, call: Call, shapes: Shapes) -> int:
    """The status of an error that a call of the framework makes, 0 for any other call."""
    if shapes.of_web(module, scope, call.callee) not in ERRORS:
        return 0
    code = whole(dict(call.keywords).get("status_code", call.args[0] if call.args else ""))
    return code if 400 <= code < 600 else 0


def result(module: str, scope: int, ref: Ref, shapes: Shapes, status: int) -> tuple[int, Shape]:
    """(status, shape) of one `return` value; `(body, 201)` is a body with its status."""
    facts = shapes.facts[module]
    if ref.startswith("expr:") and SEP not in ref and facts.exprs[int(ref[5:])].kind == "tuple":
        items = facts.exprs[int(ref[5:])].items
        code = whole(items[1]) if len(items) > 1 else 0
        return result(module, scope, items[0], shapes, code or status)
    call = shapes.call(module, ref)
    if call is not None:
        named = dict(call.keywords)
        code = whole(named.get("status", named.get("status_code", ""))) or status
        maker = shapes.of_web(module, scope, call.callee)
        if maker in RESPONSES:
            if call.args:
                return code, value(module, scope, call.args[0], shapes)
            rest = tuple(
                Field(k, value(module, scope, v, shapes), True, call.line) for k, v in call.keywords if k != "**"
            )
            return code, Shape("object", fields=rest)
        if maker in RAW:
            return code, Shape("unknown", note="a raw response")
    return status, value(module, scope, ref, shapes)


def value(module: str, scope: int, ref: Ref, shapes: Shapes, depth: int = DEPTH) -> Shape:
    """The shape of a value: literals, displays, constructors, and annotated or literal results of functions of the program."""
    if not ref or depth == 0:
        return UNKNOWN
    root, _, rest = ref.partition(SEP)
    kind, _, name = root.partition(":")
    if not rest and kind in LITERALS:
        return Shape(LITERALS[kind])
    if kind == "expr" and not rest:
        return display(module, scope, int(name), shapes, depth)
    if kind == "call" and rest in ("", "await"):
        return called(module, scope, shapes.facts[module].calls[int(name)], shapes, depth)
    if kind == "local" and not rest:
        return bound(module, scope, name, shapes, depth)
    if kind == "scope" and not rest:
        inner = shapes.facts[module].scopes[int(name)]
        item = inner.results[0] if inner.results else ""
        return Shape("array", item=value(module, int(name), item, shapes, depth - 1))
    return UNKNOWN


def display(module: str, scope: int, number: int, shapes: Shapes, depth: int) -> Shape:
    expr = shapes.facts[module].exprs[number]
    if expr.kind == "dict":
        if any(not key.startswith("str:") for key in expr.keys):
            return Shape("any")  # `**other` or computed keys: the code builds them elsewhere
        line = shapes.facts[module].scopes[scope].line
        pairs = zip(expr.keys, expr.items, strict=False)
        return Shape(
            "object",
            fields=tuple(Field(k[4:], value(module, scope, v, shapes, depth - 1), True, line) for k, v in pairs),
        )
    if expr.kind in ("list", "set", "tuple", "comprehension", "generator"):
        if expr.items and expr.items[0].startswith("scope:"):
            return value(module, scope, expr.items[0], shapes, depth)
        return Shape("array", item=value(module, scope, expr.items[0], shapes, depth - 1) if expr.items else UNKNOWN)
    return UNKNOWN


def called(module: str, scope: int, call: Call, shapes: Shapes, depth: int) -> Shape:
    cast = CASTS.get(shapes.outside(module, scope, call.callee))
    if cast is not None:
        return Shape(cast)
    found = shapes.found(module, scope, call.callee)
    if found is None:
        return UNKNOWN
    target = shapes.scope(found)
    if target.kind == "class":
        schema = shapes.schema(found)
        return Shape("named", name=schema.name) if schema else Shape("unknown", note=target.qualname)
    if target.returns:
        return shapes.annotation(found[0], target.parent, target.returns)
    rows = list(dict.fromkeys(value(found[0], found[1], r, shapes, depth - 1) for r in target.results))
    return rows[0] if len(rows) == 1 else UNKNOWN


def bound(module: str, scope: int, name: str, shapes: Shapes, depth: int) -> Shape:
    """A local name: its annotation, else the one value that it is given; more than one is not told apart."""
    facts = shapes.facts[module]
    rows = [b for b in facts.bindings if b.name == name and not b.target and facts.contexts[b.context].scope == scope]
    for row in rows:
        if row.annotation:
            return shapes.annotation(module, scope, row.annotation)
    for param in facts.scopes[scope].params:
        if param.name == name and param.annotation:
            return shapes.annotation(module, facts.scopes[scope].parent, param.annotation)
    if len(rows) == 1 and rows[0].kind == "assign" and rows[0].value != f"local:{name}":
        return value(module, scope, rows[0].value, shapes, depth - 1)
    return UNKNOWN


def body_fields(handler: Handler, made: Ref, facts: Facts) -> tuple[Field, ...]:
    """The keys that the handler takes of its body by literal: `body["x"]` is required, `body.get("x")` is not."""
    own = [b for b in facts.bindings if facts.contexts[b.context].scope == handler[1] and not b.target]
    copied = copies(made, facts)
    names = {f"local:{b.name}" for b in own if is_from(b.value, made) or b.value in copied}
    names |= {made, SEP.join((made, "await"))}
    found: dict[str, Field] = {}
    for read in facts.reads:
        base = next((name for name in names if read.value.startswith(f"{name}{SEP}['")), "")
        if base and facts.contexts[read.context].scope == handler[1]:
            key = read.value[len(base) + 1 :].split(SEP)[0][2:-2]
            found[key] = Field(key, UNKNOWN, True, read.line)
    for call in facts.calls:
        base, _, last = call.callee.rpartition(SEP)
        is_own = facts.contexts[call.context].scope == handler[1]
        if is_own and base in names and last == ".get" and call.args and call.args[0].startswith("str:"):
            key = call.args[0][4:]
            found.setdefault(key, Field(key, UNKNOWN, False, call.line))
    return tuple(found[key] for key in sorted(found))


def is_from(value: Ref, made: Ref) -> bool:
    """Whether a value is what was made, or a step from it."""
    return value == made or value.startswith(f"{made}{SEP}")


def copies(made: Ref, facts: Facts) -> set[Ref]:
    """What is made of all items of the body: `{k: clean(v) for k, v in body.items()}`, `dict(body)`."""
    items = {f"call:{n}" for n, call in enumerate(facts.calls) if call.callee == f"{made}{SEP}.items"}
    rounds = {
        facts.contexts[b.context].scope for b in facts.bindings if b.kind == "for" and b.value.split(SEP)[0] in items
    }
    inner = {f"scope:{scope}" for scope in rounds}
    whole_of = {
        f"call:{n}" for n, call in enumerate(facts.calls) if call.callee == "local:dict" and call.args[:1] == (made,)
    }
    return whole_of | {f"expr:{n}" for n, expr in enumerate(facts.exprs) if inner & set(expr.items)}


def whole(ref: Ref) -> int:
    """201 of `int:201` or of `HTTPStatus.CREATED`-like names that end in a number (`HTTP_201_CREATED`), else 0."""
    if ref.startswith("int:") and ref[4:].isdigit():
        return int(ref[4:])
    digits = [part for part in last_name(ref).split("_") if part.isdigit()] if ref else []
    return int(digits[0]) if digits else 0
