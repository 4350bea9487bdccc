"""LibCST module -> State: one walk over an explicit stack, statement by statement in the order of the source.

Never visits white space or comments, and never recurses from statement to statement.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from readiness.extract.conditions import condition
from readiness.extract.definitions import define_class, define_function
from readiness.extract.expressions import annotation, evaluate
from readiness.extract.imports import import_from, import_names
from readiness.extract.narrowing import find_missing, leaves, left_over, narrow
from readiness.extract.operators import computes
from readiness.extract.patterns import bind_pattern
from readiness.extract.state import TEXT, State, Work, step
from readiness.extract.targets import bind_target

# names whose brackets hold types
GENERIC = frozenset(
    {
        "Union",
        "Optional",
        "Annotated",
        "List",
        "Dict",
        "Set",
        "FrozenSet",
        "Tuple",
        "Type",
        "Sequence",
        "Iterable",
        "Iterator",
    }
    | {
        "AsyncIterator",
        "AsyncIterable",
        "Generator",
        "AsyncGenerator",
        "Mapping",
        "MutableMapping",
        "Callable",
        "Awaitable",
    }
    | {
        "Coroutine",
        "Collection",
        "Deque",
        "DefaultDict",
        "OrderedDict",
        "list",
        "dict",
        "set",
        "frozenset",
        "tuple",
        "type",
    }
)


def walk(module: cst.Module) -> State:
    """All rows of a module."""
    w = State()
    push_body(w, module, 0)
    stack = w.stack
    while stack:
        handler, node, ctx = stack.pop()
        handler(w, node, ctx)
    return w


def push_body(w: State, block: Any, ctx: int) -> None:
    """The statements of a block are next."""
    w.stack.append((_block, block, ctx))


def _block(w: State, block: Any, ctx: int) -> None:
    work: list[Work] = []
    for node in block.body:
        if type(node) is cst.SimpleStatementLine:
            work.append((_line, node, ctx))
        else:
            handler = STATEMENTS.get(type(node))
            if handler is not None:
                work.append((_compound if type(block) is not cst.SimpleStatementSuite else _small, node, ctx))
    work.reverse()
    w.stack.extend(work)


def _line(w: State, node: Any, ctx: int) -> None:
    for small in node.body:
        w.stack.append((_small, small, ctx))
    if len(node.body) > 1:
        w.stack[-len(node.body) :] = w.stack[: -len(node.body) - 1 : -1]


def _small(w: State, node: Any, ctx: int) -> None:
    w.begin()
    w.depth = 0
    handler = STATEMENTS.get(type(node))
    if handler is not None:
        handler(w, node, ctx)


_compound = _small


def _expression(w: State, node: Any, ctx: int) -> None:
    value = node.value
    if type(value) is cst.SimpleString:
        return  # a docstring
    inner = value
    while type(inner) is cst.Await:
        inner = inner.expression
    w.discarded = inner
    evaluate(w, value, ctx)


def _assign(w: State, node: Any, ctx: int) -> None:
    before = w.mark()
    ref = annotation(w, node.value, ctx) if _is_type(node.value) else evaluate(w, node.value, ctx)
    between = w.mark()
    for target in node.targets:
        bind_target(w, target.target, ref, "assign", ctx)
    w.swap(before, between)


def _is_type(node: Any) -> bool:
    """`Alias = Union[A, B]`: a subscript of one of typing's or the language's own generic types."""
    if type(node) is not cst.Subscript:
        return False
    base = node.value.attr if type(node.value) is cst.Attribute and type(node.value.value) is cst.Name else node.value
    return type(base) is cst.Name and base.value in GENERIC and all(type(e.slice) is cst.Index for e in node.slice)


def _annotated(w: State, node: Any, ctx: int) -> None:
    before = w.mark()
    ref = evaluate(w, node.value, ctx) if node.value is not None else ""
    between = w.mark()
    noted = annotation(w, node.annotation.annotation, ctx)
    w.swap(before, between)
    bind_target(w, node.target, ref, "assign" if node.value is not None else "declare", ctx, noted)


def _augmented(w: State, node: Any, ctx: int) -> None:
    if type(node.target) is cst.Name:
        evaluate(w, node.target, ctx)
    before = w.mark()
    ref = evaluate(w, node.value, ctx)
    target = "[]" if type(node.target) is cst.Subscript else ""
    w.operation(ctx, is_arithmetic=not ref.startswith(TEXT) and computes(type(node.operator), (target, ref)))
    between = w.mark()
    bind_target(w, node.target, ref, "augment", ctx)
    w.swap(before, between)


def _return(w: State, node: Any, ctx: int) -> None:
    ref = evaluate(w, node.value, ctx) if node.value is not None else "none:"
    w.scopes[w.context_rows[ctx][0]].results.append(ref)
    w.leave(ctx, is_return=True)


def _break(w: State, node: Any, ctx: int) -> None:
    w.leave(ctx, is_return=False)


def _delete(w: State, node: Any, ctx: int) -> None:
    target = node.target
    targets = [e.value for e in target.elements] if type(target) in (cst.Tuple, cst.List) else [target]
    for each in targets:
        bind_target(w, each, "", "del", ctx)


def _assert(w: State, node: Any, ctx: int) -> None:
    evaluate(w, node.test, ctx)
    if node.msg is not None:
        evaluate(w, node.msg, ctx)
    narrow(w, node.test, ctx)


def _raise(w: State, node: Any, ctx: int) -> None:
    if node.exc is not None:
        ref = evaluate(w, node.exc, ctx)
        if type(node.exc) in (cst.Name, cst.Attribute):
            w.raises.append((ctx, w.order, ref, w.statement))
    if node.cause is not None:
        evaluate(w, node.cause.item, ctx)
    w.raising.append((ctx, w.order))


def _global(w: State, node: Any, ctx: int) -> None:
    w.scopes[w.context_rows[ctx][0]].global_names.extend(item.name.value for item in node.names)


def _nonlocal(w: State, node: Any, ctx: int) -> None:
    w.scopes[w.context_rows[ctx][0]].nonlocal_names.extend(item.name.value for item in node.names)


def _type_alias(w: State, node: Any, ctx: int) -> None:
    w.bind(ctx, "assign", node.name.value, annotation(w, node.value, ctx))


def _if(w: State, node: Any, ctx: int) -> None:
    _arm(w, (node, w.new_node(), 0, w.statement), ctx)


def _arm(w: State, arm: tuple[Any, int, int, int], ctx: int) -> None:
    """One `if` or `elif`: its test, its body, and what comes else is next. Ladders stay flat: arms of one node."""
    node, number, position, _ = arm
    evaluate(w, node.test, ctx)
    inner = w.branch(ctx, number, position, _kind_of(node.test), w.statement)
    asked = condition(node.test)
    if asked is not None:
        w.conditions.append((len(w.branches) - 1, *asked))
    narrow(w, node.test, inner)
    find_missing(w, node.test, True, inner)
    if node.orelse is None and leaves(node.body):
        w.stack.append((left_over, node.test, ctx))
    if type(node.orelse) is cst.If:
        w.stack.append((_elif, (node.orelse, number, position + 1, 0), ctx))
    elif node.orelse is not None:
        w.stack.append((_else, (node.orelse.body, number, position + 1, asked), ctx))
    push_body(w, node.body, inner)


def _else(w: State, arm: tuple[Any, int, int, tuple[str, bool] | None], ctx: int) -> None:
    block, number, position, asked = arm
    if asked is not None:
        w.conditions.append((len(w.branches), asked[0], not asked[1]))
    _other(w, (block, number, position, "else"), ctx)


def _elif(w: State, arm: tuple[Any, int, int, int], ctx: int) -> None:
    w.begin()
    w.depth = 0
    _arm(w, arm, ctx)


def _other(w: State, arm: tuple[Any, int, int, str], ctx: int) -> None:
    """An arm without a test; its line is that of its first statement, which comes next."""
    block, number, position, kind = arm
    push_body(w, block, w.branch(ctx, number, position, kind, w.statements))


def _kind_of(test: Any) -> str:
    if type(test) is cst.Name and test.value == "TYPE_CHECKING":
        return "typing"
    if type(test) is cst.Attribute and test.attr.value == "TYPE_CHECKING":
        return "typing"
    if type(test) is cst.Comparison and len(test.comparisons) == 1:
        sides = (test.left, test.comparisons[0].comparator)
        names = {side.value for side in sides if isinstance(side, (cst.Name, cst.SimpleString))}
        if "__name__" in names and names & {'"__main__"', "'__main__'"}:
            return "main"
    return "if"


def _while(w: State, node: Any, ctx: int) -> None:
    inner = w.loop(ctx, "while", "")
    if type(node.test) in (cst.Name, cst.Integer) and node.test.value in ("True", "1"):
        w.feature("endless-loop", inner)
    evaluate(w, node.test, inner)
    if node.orelse is not None:
        w.stack.append((_other, (node.orelse.body, w.new_node(), 0, "else"), ctx))
    inner = w.branch(inner, w.new_node(), 0, "while", w.statement)
    narrow(w, node.test, inner)
    push_body(w, node.body, inner)


def _for(w: State, node: Any, ctx: int) -> None:
    is_async = node.asynchronous is not None
    before = w.mark()
    ref = evaluate(w, node.iter, ctx)
    between = w.mark()
    inner = w.loop(ctx, "async-for" if is_async else "for", ref)
    inner = w.branch(inner, w.new_node(), 0, "for", w.statement)
    bind_target(w, node.target, step(ref, "aiter" if is_async else "iter"), "for", inner)
    w.swap(before, between)
    if node.orelse is not None:
        w.stack.append((_other, (node.orelse.body, w.new_node(), 0, "else"), ctx))
    push_body(w, node.body, inner)


def _with(w: State, node: Any, ctx: int) -> None:
    is_async = node.asynchronous is not None
    for item in node.items:
        ref = evaluate(w, item.item, ctx)
        ctx = w.region(ctx, ref, is_async)
        if item.asname is not None:
            bind_target(w, item.asname.name, step(ref, "aenter" if is_async else "enter"), "with", ctx)
    push_body(w, node.body, ctx)


def _try(w: State, node: Any, ctx: int) -> None:
    number = w.new_node()
    if type(node) is cst.TryStar:
        w.feature("exception-groups", ctx)
    if node.finalbody is not None:
        w.feature("finally", ctx)
        w.stack.append((_other, (node.finalbody.body, w.new_node(), 0, "finally"), ctx))
    if node.orelse is not None:
        w.stack.append((_other, (node.orelse.body, number, 0, "else"), ctx))
    if len(node.handlers) >= 3:
        w.feature("exceptions-control", ctx)
    for position in range(len(node.handlers) - 1, -1, -1):
        w.stack.append((_except, (node.handlers[position], number, position + 1), ctx))
    push_body(w, node.body, w.branch(ctx, number, 0, "try", w.statement))


def _except(w: State, arm: tuple[Any, int, int], ctx: int) -> None:
    node, number, position = arm
    w.begin()
    w.depth = 0
    inner = w.branch(ctx, number, position, "except", w.statement)
    ref = "local:BaseException" if node.type is None else evaluate(w, node.type, inner)
    if ref in ("local:BaseException", "local:Exception"):
        w.feature("broad-except", inner)
    if node.name is not None:
        bind_target(w, node.name.name, ref, "except", inner)
    push_body(w, node.body, inner)


def _match(w: State, node: Any, ctx: int) -> None:
    ref = evaluate(w, node.subject, ctx)
    number = w.new_node()
    for position in range(len(node.cases) - 1, -1, -1):
        w.stack.append((_case, (node.cases[position], number, position, ref), ctx))


def _case(w: State, arm: tuple[Any, int, int, str], ctx: int) -> None:
    node, number, position, ref = arm
    w.begin()
    w.depth = 0
    inner = w.branch(ctx, number, position, "match", w.statement)
    bind_pattern(w, node.pattern, ref, inner)
    if node.guard is not None:
        evaluate(w, node.guard, inner)
        narrow(w, node.guard, inner)
    push_body(w, node.body, inner)


def _function(w: State, node: Any, ctx: int) -> None:
    push_body(w, node.body, define_function(w, node, ctx))


def _class(w: State, node: Any, ctx: int) -> None:
    push_body(w, node.body, define_class(w, node, ctx))


def _nothing(w: State, node: Any, ctx: int) -> None:
    pass


STATEMENTS: dict[Any, Any] = {
    cst.Expr: _expression,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Return: _return,
    cst.Del: _delete,
    cst.Assert: _assert,
    cst.Raise: _raise,
    cst.Global: _global,
    cst.Nonlocal: _nonlocal,
    cst.Pass: _nothing,
    cst.Break: _break,
    cst.Continue: _nothing,
    cst.Import: import_names,
    cst.ImportFrom: import_from,
    cst.If: _if,
    cst.While: _while,
    cst.For: _for,
    cst.With: _with,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.Match: _match,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
}
if hasattr(cst, "TypeAlias"):
    STATEMENTS[cst.TypeAlias] = _type_alias
for _new, _handler in (("LazyImport", import_names), ("LazyImportFrom", import_from)):
    if hasattr(cst, _new):
        STATEMENTS[getattr(cst, _new)] = _handler
