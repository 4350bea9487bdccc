"""Node class -> what the walk does there: expressions."""

from __future__ import annotations

import libcst as cst

from readiness.extract.parameters import parameters
from readiness.extract.walk import Handler, Walk, add_step
from readiness.types.facts import Loop

DISCARDED, DISCARDED_AWAITED, AWAITED = -3, -4, -2  # in place of `handed`, for the call itself


def call(walk: Walk, node: cst.Call, context: int, handed: int) -> None:
    number = walk.refs.call(node)
    is_awaited = handed in (AWAITED, DISCARDED_AWAITED)
    outer = handed if handed >= 0 else -1
    walk.later(walk.finish_call, node, context, outer, is_awaited, handed in (DISCARDED, DISCARDED_AWAITED))
    for arg in reversed(node.args):
        walk.stack.append((arg.value, context, number))
    below: cst.CSTNode = node.func
    while isinstance(below, cst.Attribute):
        below = below.value
    walk.stack.append((below, context, -1))


def attribute(walk: Walk, node: cst.Attribute, context: int, handed: int) -> None:
    walk.read(node, context)
    below: cst.CSTNode = node
    while isinstance(below, cst.Attribute):
        below = below.value
    walk.stack.append((below, context, -1))


def await_(walk: Walk, node: cst.Await, context: int, handed: int) -> None:
    walk.stack.append((node.expression, context, AWAITED))


def lambda_(walk: Walk, node: cst.Lambda, context: int, handed: int) -> None:
    number = walk.scope_number(node)
    assert number is not None
    scope = walk.scopes[number]
    scope.end_line = walk.positions.lambda_(walk.line)[1]
    scope.params = parameters(walk, node.params)
    inner = walk.context(context, scope=number, branch=-1, loop=-1, region=-1)
    walk.refs.context = inner
    for param in scope.params:
        walk.bind_name(inner, "param", param.name, param.default, param.annotation)
    scope.results.append(walk.refs.of(node.body))
    walk.stack.append((node.body, inner, -1))
    walk.stack.append((node.params, context, -1))


def comprehension(walk: Walk, node: cst.BaseComp, context: int, handed: int) -> None:
    """Its own scope; each `for` clause is a loop that goes on in the loops around it."""
    number = walk.scope_number(node)
    assert number is not None
    inner = walk.context(context, scope=number)
    work: list[tuple[cst.CSTNode, int]] = []
    clause: cst.CompFor | None = node.for_in
    outer = context
    while clause is not None:
        walk.refs.context = outer
        is_async = clause.asynchronous is not None
        iterates = walk.refs.of(clause.iter)
        kind = "async-comprehension" if is_async else "comprehension"
        walk.loops.append(Loop(walk.contexts[inner].loop, kind, iterates, walk.line, 0))
        walk.operations.append(0)
        work.append((clause.iter, outer))
        inner = walk.context(inner, loop=len(walk.loops) - 1)
        walk.bind(inner, "for", clause.target, add_step(iterates, "aiter" if is_async else "iter"))
        work += [(test.test, inner) for test in clause.ifs]
        outer, clause = inner, clause.inner_for_in
    walk.refs.context = inner
    parts = (
        [node.key, node.value]
        if isinstance(node, cst.DictComp)
        else [getattr(node, "elt", None) or getattr(node, "value", None)]
    )
    walk.scopes[number].results.append(walk.refs.of(parts[-1]))
    for child, where in reversed(work):
        walk.stack.append((child, where, -1))
    for part in reversed(parts):  # source order: the element stands before its clauses
        walk.stack.append((part, inner, handed if handed >= 0 else -1))


def walrus(walk: Walk, node: cst.NamedExpr, context: int, handed: int) -> None:
    walk.later(walk.bind, context, "walrus", node.target, walk.refs.of(node.value))
    walk.stack.append((node.value, context, handed))


def yield_(walk: Walk, node: cst.Yield, context: int, handed: int) -> None:
    scope = walk.scopes[walk.contexts[context].scope]
    scope.is_generator = True
    value = node.value
    if isinstance(value, cst.From):
        scope.yields.append(add_step(walk.refs.of(value.item), "iter"))
        walk.stack.append((value.item, context, -1))
    elif value is not None:
        scope.yields.append(walk.refs.of(value))
        walk.stack.append((value, context, -1))


def string(walk: Walk, node: cst.SimpleString | cst.ConcatenatedString, context: int, handed: int) -> None:
    walk.text(walk.refs.of(node), context)
    if isinstance(node, cst.ConcatenatedString):
        walk.push([n for n in (node.left, node.right) if not isinstance(n, cst.SimpleString)], context)


def format_string(walk: Walk, node: cst.FormattedString, context: int, handed: int) -> None:
    walk.text(walk.refs.of(node), context)
    walk.push(list(node.parts), context)


EXPRESSIONS: dict[str, Handler] = {
    "Call": call, "Attribute": attribute, "Await": await_, "Lambda": lambda_, "ListComp": comprehension, "SetComp": comprehension,
    "GeneratorExp": comprehension, "DictComp": comprehension, "StarredDictComp": comprehension, "NamedExpr": walrus,
    "Yield": yield_, "SimpleString": string, "ConcatenatedString": string, "FormattedString": format_string,
}  # fmt: skip
