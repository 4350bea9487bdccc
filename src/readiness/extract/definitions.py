"""`def` and `class` -> a scope and its binding. Never reads the body; it says in which context the body stands."""

from __future__ import annotations

from typing import Any

import libcst as cst

from readiness.extract.expressions import annotation, evaluate
from readiness.extract.inner import bind_parameters, parameters
from readiness.extract.state import State


def define_function(w: State, node: Any, ctx: int) -> int:
    """The scope of a function; gives the context of its body."""
    decorators = _decorators(w, node, ctx)
    number = w.scope("function", node.name.value, ctx)
    draft = w.scopes[number]
    draft.decorators = decorators
    draft.is_async = node.asynchronous is not None
    draft.params = parameters(w, node.params, ctx)
    if node.returns is not None:
        draft.returns = annotation(w, node.returns.annotation, ctx)
    draft.is_stub = _is_stub(node.body)
    w.bind(ctx, "def", node.name.value, f"scope:{number}")
    inner = w.context(number, -1, -1, -1)
    bind_parameters(w, draft.params, inner)
    w.stack.append((_close, number, ctx))
    return inner


def define_class(w: State, node: Any, ctx: int) -> int:
    """The scope of a class; gives the context of its body, which runs in place and so keeps its branch."""
    decorators = _decorators(w, node, ctx)
    number = w.scope("class", node.name.value, ctx)
    draft = w.scopes[number]
    draft.decorators = decorators
    bases = []
    for base in node.bases:
        ref = annotation(w, base.value, ctx) if type(base.value) is cst.Subscript else evaluate(w, base.value, ctx)
        bases.append("*" + ref if base.star else ref)
    draft.bases = tuple(bases)
    draft.keywords = tuple(
        (arg.keyword.value if arg.keyword is not None else "**", evaluate(w, arg.value, ctx)) for arg in node.keywords
    )
    draft.is_stub = _is_stub(node.body)
    w.bind(ctx, "class", node.name.value, f"scope:{number}")
    w.stack.append((_close, number, ctx))
    return w.context(number, w.context_rows[ctx][1], -1, -1)


def _close(w: State, number: int, ctx: int) -> None:
    """Behind the body: the last statement entered is the scope's last."""
    w.scopes[number].last = w.statements - 1


def _decorators(w: State, node: Any, ctx: int) -> tuple[str, ...]:
    return tuple(evaluate(w, decorator.decorator, ctx) for decorator in node.decorators)


def _is_stub(block: Any) -> bool:
    """Only a docstring, `pass`, `...` or `raise NotImplementedError`."""
    for node in block.body:
        smalls = node.body if type(node) is cst.SimpleStatementLine else (node,)
        for small in smalls:
            if type(small) is cst.Pass:
                continue
            if type(small) is cst.Expr and type(small.value) in (
                cst.SimpleString,
                cst.ConcatenatedString,
                cst.Ellipsis,
            ):
                continue
            if type(small) is cst.Raise:
                raised = small.exc.func if type(small.exc) is cst.Call else small.exc
                if type(raised) is cst.Name and raised.value == "NotImplementedError":
                    continue
            return False
    return True
