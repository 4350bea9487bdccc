"""LibCST lambda or comprehension -> its own scope; parameters of functions and lambdas. Never looks a name up.

Importing this module adds both to the table of expressions, which knows nothing of scopes itself.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from readiness.extract.expressions import HANDLERS, annotation, evaluate
from readiness.extract.state import State, step
from readiness.types.facts import Param


def parameters(w: State, node: Any, ctx: int) -> tuple[Param, ...]:
    """The parameters of a function or lambda; defaults and annotations are read where the function is defined."""
    groups: list[tuple[str, Any]] = [
        ("positional", node.posonly_params),
        ("any", node.params),
        ("star", (node.star_arg,) if type(node.star_arg) is cst.Param else ()),
        ("keyword", node.kwonly_params),
        ("double-star", (node.star_kwarg,) if node.star_kwarg is not None else ()),
    ]
    found = []
    for kind, params in groups:
        for param in params:
            noted = annotation(w, param.annotation.annotation, ctx) if param.annotation is not None else ""
            default = evaluate(w, param.default, ctx) if param.default is not None else ""
            found.append(Param(param.name.value, kind, noted, default))
    return tuple(found)


def bind_parameters(w: State, params: tuple[Param, ...], ctx: int) -> None:
    for param in params:
        w.bind(ctx, "param", param.name, param.default, "", param.annotation)


def _lambda(w: State, node: Any, ctx: int, hand: int) -> str:
    number = w.scope("lambda", "<lambda>", ctx)
    w.shapes_in_source.append(number)
    draft = w.scopes[number]
    draft.params = parameters(w, node.params, ctx)
    inner = w.context(number, -1, -1, -1)
    bind_parameters(w, draft.params, inner)
    draft.results.append(evaluate(w, node.body, inner))
    return f"scope:{number}"


def _comprehension(w: State, node: Any, ctx: int, hand: int) -> str:
    from readiness.extract.targets import bind_target

    name, kind = COMPREHENSIONS[type(node)]
    number = w.scope("comprehension", name, ctx)
    w.shapes_in_source.append(number)
    draft = w.scopes[number]
    before = w.mark()
    inner = ctx
    clause = node.for_in
    is_first = True
    while clause is not None:
        asynchronous = clause.asynchronous is not None
        ref = evaluate(w, clause.iter, inner)
        if is_first:
            inner = w.context(number, *w.context_rows[ctx][1:])
            is_first = False
        inner = w.loop(inner, "async-comprehension" if asynchronous else "comprehension", ref)
        bind_target(w, clause.target, step(ref, "aiter" if asynchronous else "iter"), "for", inner)
        for test in clause.ifs:
            evaluate(w, test.test, inner)
        clause = clause.inner_for_in
        draft.is_async = draft.is_async or asynchronous
    between = w.mark()
    if kind == "dict-comprehension":
        if hasattr(node, "key"):
            evaluate(w, node.key, inner)
        draft.results.append(evaluate(w, node.value, inner, hand))
    else:
        draft.results.append(evaluate(w, node.elt, inner, hand))
    w.swap(before, between)
    return w.expr(kind, (f"scope:{number}",), ctx)


COMPREHENSIONS: dict[Any, tuple[str, str]] = {
    cst.ListComp: ("<listcomp>", "comprehension"),
    cst.SetComp: ("<setcomp>", "comprehension"),
    cst.GeneratorExp: ("<genexpr>", "generator"),
    cst.DictComp: ("<dictcomp>", "dict-comprehension"),
}
if hasattr(cst, "StarredDictComp"):  # newer LibCST
    COMPREHENSIONS[cst.StarredDictComp] = ("<dictcomp>", "dict-comprehension")
HANDLERS[cst.Lambda] = _lambda
HANDLERS.update(dict.fromkeys(COMPREHENSIONS, _comprehension))
