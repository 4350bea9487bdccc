"""LibCST expression -> reference; calls, reads, expressions and inner scopes on the way. Never looks a name up.

Chains and operators go on in a loop; what is nested deeper than DEPTH is put back on the stack of the walk and read
later from there, so that Python's own recursion limit never matters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from readiness.extract.literals import literal, text_of
from readiness.extract.operators import computes, operands
from readiness.extract.sql import statement_of
from readiness.extract.state import MAYBE_TEXTS, TEXT, UNKNOWN, State, step
from readiness.types.facts import MAX_LITERAL, MAX_STEPS, SEP

AWAITED = 6  # position in a row of State.calls
DEPTH = 60  # two to three Python frames each
CHAIN = frozenset({cst.Attribute, cst.Call, cst.Subscript, cst.Await})
SIMPLE = frozenset({cst.Name, cst.Attribute, cst.SimpleString, cst.Integer, cst.Float})
CONSTANTS = {"True": "bool:True", "False": "bool:False", "None": "none:"}


def evaluate(w: State, node: Any, ctx: int, hand: int = -1) -> str:
    """The reference of a value that is read here. `hand`: the call it is handed to, -1 for none."""
    kind = type(node)
    if kind is cst.Name:
        value: str = node.value
        if value in CONSTANTS:
            return CONSTANTS[value]
        ref = "local:" + value
        key = (ref, ctx)
        if key not in w.reads:
            w.reads[key] = (w.order, w.statement)
            w.order += 1
        return ref
    if w.depth > DEPTH:
        w.stack.append((_later, node, ctx))
        return UNKNOWN
    w.depth += 1
    if kind in CHAIN:
        ref = chain(w, node, ctx, hand, True)
    else:
        handler = HANDLERS.get(kind)
        ref = handler(w, node, ctx, hand) if handler is not None else UNKNOWN
    w.depth -= 1
    return ref


def _later(w: State, node: Any, ctx: int) -> None:
    w.depth = 0
    evaluate(w, node, ctx)


def chain(w: State, node: Any, ctx: int, hand: int, is_read: bool) -> str:
    """`a.b(c)[d]`, `await x`: from its root outwards, in a loop."""
    spine = []
    while type(node) in CHAIN:
        spine.append(node)
        kind = type(node)
        node = node.func if kind is cst.Call else node.expression if kind is cst.Await else node.value
    if type(node) is cst.Name:
        ref = CONSTANTS.get(node.value) or "local:" + node.value
    else:
        ref = evaluate(w, node, ctx)
    steps = 0
    for position in range(len(spine) - 1, -1, -1):
        node = spine[position]
        kind = type(node)
        if kind is cst.Call:
            awaited = position > 0 and type(spine[position - 1]) is cst.Await
            ref = _call(w, node, ref, ctx, hand if position == 0 else -1, awaited)
            steps = 0
            continue
        if kind is cst.Attribute:
            added = "." + node.attr.value
        elif kind is cst.Subscript:
            added = index(w, node, ctx)
            w.operation(ctx)
        else:
            added = "await"
            _await(w, ref)
        steps += 1
        ref = UNKNOWN if steps > MAX_STEPS or ref == UNKNOWN else ref + SEP + added
    if is_read and kind is not cst.Call and kind is not cst.Await and ref != UNKNOWN:
        w.read(ref, ctx)
    return ref


def _await(w: State, ref: str) -> None:
    """`await (a() if x else b())`: every call that can be the awaited value is awaited."""
    todo = [ref]
    while todo:
        root, _, number = todo.pop().partition(":")
        if root == "call" and number.isdigit() and not w.calls[int(number)][AWAITED]:
            row = w.calls[int(number)]
            w.calls[int(number)] = (*row[:AWAITED], True, *row[AWAITED + 1 :])
        elif root == "expr" and number.isdigit() and w.exprs[int(number)][0] == "union":
            todo += w.exprs[int(number)][1]


def _call(w: State, node: Any, callee: str, ctx: int, hand: int, awaited: bool) -> str:
    number = len(w.calls)
    w.calls.append(None)
    w.call_nodes.append(node)
    is_discarded = node is w.discarded
    args = []
    keywords = []
    for arg in node.args:
        ref = evaluate(w, arg.value, ctx, number)
        if arg.keyword is not None:
            keywords.append((arg.keyword.value, ref))
        elif arg.star == "**":
            keywords.append(("**", ref))
        else:
            args.append("*" + ref if arg.star else ref)
    w.calls[number] = (ctx, w.order, callee, tuple(args), tuple(keywords), w.statement, awaited, is_discarded, hand)
    w.order += 1
    w.calls_in_source.append(number)
    return f"call:{number}"


def index(w: State, node: Any, ctx: int) -> str:
    """The step of a subscript; what stands in the brackets is read."""
    if len(node.slice) == 1:
        inner = node.slice[0].slice
        if type(inner) is cst.Index:
            value = inner.value
            if type(value) is cst.Integer:
                return f"[{value.value[:20]}]"
            if type(value) is cst.UnaryOperation and type(value.expression) is cst.Integer:
                return f"[-{value.expression.value[:20]}]" if type(value.operator) is cst.Minus else "[]"
            ref = evaluate(w, value, ctx)
            return f"['{ref[4:]}']" if ref.startswith("str:") else "[]"
        _slice(w, inner, ctx)
        return "[:]"
    for element in node.slice:
        if type(element.slice) is cst.Index:
            evaluate(w, element.slice.value, ctx)
        else:
            _slice(w, element.slice, ctx)
    return "[]"


def _slice(w: State, node: Any, ctx: int) -> None:
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            evaluate(w, part, ctx)


def annotation(w: State, node: Any, ctx: int) -> str:
    """An annotation: `X[A, B]` keeps what it holds as an expression of kind `subscript`; nothing of it is a read."""
    kind = type(node)
    if kind is cst.Name:
        return CONSTANTS.get(node.value) or "local:" + node.value
    if kind is cst.SimpleString:
        return _quoted(w, node, ctx)
    if w.depth > DEPTH:
        w.stack.append((_later, node, ctx))
        return UNKNOWN
    w.depth += 1
    if kind is cst.Subscript:
        items = [annotation(w, node.value, ctx)]
        read = literal_of if items[0].endswith("Literal") else annotation
        for element in node.slice:
            if type(element.slice) is cst.Index:
                items.append(read(w, element.slice.value, ctx))
        ref = w.expr("subscript", tuple(items), ctx)
    elif kind is cst.BinaryOperation and type(node.operator) is cst.BitOr:
        ref = w.expr("union", tuple(annotation(w, part, ctx) for part in operands(node)), ctx)
    elif kind in CHAIN:
        ref = chain(w, node, ctx, -1, False)
    elif kind is cst.List:
        ref = w.expr("list", tuple(annotation(w, e.value, ctx) for e in node.elements), ctx)
    else:
        handler = HANDLERS.get(kind)
        ref = handler(w, node, ctx, -1) if handler is not None else UNKNOWN
    w.depth -= 1
    return ref


def literal_of(w: State, node: Any, ctx: int) -> str:
    """What stands in `Literal[...]`: its strings are values, never types."""
    return literal(node)


def _quoted(w: State, node: Any, ctx: int) -> str:
    """An annotation in quotes. One with calls or scopes of its own is kept as text: ast would not count them at this place."""
    text = text_of(node)
    if "(" in text or "lambda" in text or " for " in text:
        return literal(node)
    try:
        inner = cst.parse_expression(text.strip())
    except (cst.ParserSyntaxError, ValueError, RecursionError):
        return literal(node)
    return literal(node) if type(inner) is cst.SimpleString else annotation(w, inner, ctx)


def _string(w: State, node: Any, ctx: int, hand: int) -> str:
    ref = literal(node)
    if ref.startswith("str:"):
        found = statement_of(text_of(node))
        if found is not None:
            w.sql.append((ctx, *found, w.statement))
    return ref


def _number(w: State, node: Any, ctx: int, hand: int) -> str:
    return literal(node)


def _concatenated(w: State, node: Any, ctx: int, hand: int) -> str:
    parts = []
    while type(node) is cst.ConcatenatedString:
        parts.append(node.left)
        node = node.right
    parts.append(node)
    texts = [_formatted_text(w, p, ctx) if type(p) is not cst.SimpleString else text_of(p) for p in parts]
    text = "".join(texts)
    found = statement_of(text)
    if found is not None:
        w.sql.append((ctx, *found, w.statement))
    if all(type(p) is cst.SimpleString for p in parts):
        prefix = "bytes:" if "b" in parts[0].prefix else "str:"
    else:
        prefix = "fstr:"
    return prefix + text[:MAX_LITERAL].replace(SEP, " ")


def _formatted(w: State, node: Any, ctx: int, hand: int) -> str:
    fields: list[str] = []
    text = _formatted_text(w, node, ctx, fields)
    if fields and (
        text.startswith("{}") or "/" in text
    ):  # an address, a path, a key: what its parts are decides what it means
        w.expr("fstring", tuple(fields), ctx, (text[:MAX_LITERAL].replace(SEP, " "),))
    found = statement_of(text)
    if found is not None:
        w.sql.append((ctx, *found, w.statement))
    return "fstr:" + text[:MAX_LITERAL].replace(SEP, " ")


def _formatted_text(w: State, node: Any, ctx: int, fields: list[str] | None = None) -> str:
    texts = []
    for part in node.parts:
        if hasattr(part, "expression"):
            ref = evaluate(w, part.expression, ctx)
            if fields is not None:
                fields.append(ref)
            for spec in part.format_spec or ():
                if hasattr(spec, "expression"):
                    evaluate(w, spec.expression, ctx)
            texts.append("{}")
        else:
            texts.append(part.value)
    return "".join(texts)


def _display(w: State, node: Any, ctx: int, hand: int) -> str:
    items = []
    for element in node.elements:
        ref = evaluate(w, element.value, ctx, hand)
        items.append(w.expr("starred", (ref,), ctx) if type(element) is cst.StarredElement else ref)
    return w.expr(DISPLAYS[type(node)], tuple(items), ctx)


def _dict(w: State, node: Any, ctx: int, hand: int) -> str:
    keys = []
    values = []
    for element in node.elements:
        keys.append("**" if type(element) is cst.StarredDictElement else evaluate(w, element.key, ctx))
        values.append(evaluate(w, element.value, ctx, hand))
    kinds = {value.partition(":")[0] for value in values}
    if (
        len(keys) >= 3
        and len(kinds) >= 2
        and not kinds <= MAYBE_TEXTS
        and sum(key.startswith("str:") for key in keys) >= 3
    ):
        w.feature("heterogeneous-dict", ctx)
    return w.expr("dict", tuple(values), ctx, tuple(keys))


def _operation(w: State, node: Any, ctx: int, hand: int) -> str:
    kind = type(node.operator)
    if kind is cst.FloorDivide or kind is cst.Modulo:
        left = node.left
        if type(left) not in (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString):
            w.feature("float-int-division", ctx)
    parts = operands(node)
    refs = tuple(evaluate(w, part, ctx) for part in parts)
    has_text = any(ref.startswith(TEXT) for ref in refs)
    for _ in parts[1:]:
        w.operation(ctx, is_arithmetic=not has_text and computes(kind, refs))
    if kind is cst.Add and any(ref.startswith(("str:", "fstr:")) for ref in refs):
        return w.expr("concat", refs, ctx)
    return w.expr("union" if kind is cst.BitOr else "operation", refs, ctx)


def _boolean(w: State, node: Any, ctx: int, hand: int) -> str:
    first, *rest = operands(node)
    refs = [evaluate(w, first, ctx, hand)]
    for part in rest:
        inner = ctx if type(part) in SIMPLE else w.branch(ctx, w.new_node(), 0, "boolop", w.statement)
        refs.append(evaluate(w, part, inner, hand))
    return w.expr("union", tuple(refs), ctx)


def _unary(w: State, node: Any, ctx: int, hand: int) -> str:
    ref = evaluate(w, node.expression, ctx)
    if type(node.operator) is cst.Minus and ref.startswith(("int:", "float:")):
        root, _, value = ref.partition(":")
        return f"{root}:-{value}"
    return "unknown:"


def _comparison(w: State, node: Any, ctx: int, hand: int) -> str:
    w.operation(ctx)
    evaluate(w, node.left, ctx)
    for target in node.comparisons:
        evaluate(w, target.comparator, ctx)
    return UNKNOWN


def _conditional(w: State, node: Any, ctx: int, hand: int) -> str:
    number = w.new_node()
    before = w.mark()
    evaluate(w, node.test, ctx)
    between = w.mark()
    body = w.branch(ctx, number, 0, "ifexp", w.statement)
    refs = [evaluate(w, node.body, body, hand)]
    w.swap(before, between)
    refs.append(evaluate(w, node.orelse, w.branch(ctx, number, 1, "ifexp", w.statement), hand))
    return w.expr("union", tuple(refs), ctx)


def _walrus(w: State, node: Any, ctx: int, hand: int) -> str:
    ref = evaluate(w, node.value, ctx, hand)
    if type(node.target) is cst.Name:
        w.bind(ctx, "walrus", node.target.value, ref)
    return ref


def _yield(w: State, node: Any, ctx: int, hand: int) -> str:
    draft = w.scopes[w.context_rows[ctx][0]]
    draft.is_generator = True
    value = node.value
    if value is None:
        draft.yields.append("none:")
        return w.expr("yield", (), ctx)
    if type(value) is cst.From:
        ref = evaluate(w, value.item, ctx)
        w.feature("generator-send", ctx)
        draft.yields.append(step(ref, "iter"))
    else:
        ref = evaluate(w, value, ctx)
        draft.yields.append(ref)
    return w.expr("yield", (ref,), ctx)


DISPLAYS: dict[Any, str] = {cst.Tuple: "tuple", cst.List: "list", cst.Set: "set"}
Handler = Callable[[State, Any, int, int], str]
HANDLERS: dict[Any, Handler] = {
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.Integer: _number,
    cst.Float: _number,
    cst.Imaginary: _number,
    cst.Ellipsis: _number,
    cst.Tuple: _display,
    cst.List: _display,
    cst.Set: _display,
    cst.Dict: _dict,
    cst.BinaryOperation: _operation,
    cst.BooleanOperation: _boolean,
    cst.UnaryOperation: _unary,
    cst.Comparison: _comparison,
    cst.IfExp: _conditional,
    cst.NamedExpr: _walrus,
    cst.Yield: _yield,
}
for _name in ("TemplatedString",):  # newer LibCST
    if hasattr(cst, _name):
        HANDLERS[getattr(cst, _name)] = _formatted
