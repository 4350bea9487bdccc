"""Tests that say what a name is, or that a place is empty -> bindings of kind narrow, rows of Missing. Never decides whether a test holds.

`isinstance(x, C)` gives C, `x is None` gives nothing, and behind a branch that leaves the opposite of its test holds.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from readiness.extract.state import State, step
from readiness.extract.targets import bind_target, place


def narrow(w: State, test: Any, ctx: int) -> None:
    """`isinstance(x, C)` and `x is None`, alone or joined by `and`, say in this branch what x is."""
    todo = [test]
    while todo:
        node = todo.pop()
        if type(node) is cst.BooleanOperation and type(node.operator) is cst.And:
            todo.extend((node.right, node.left))
        elif type(node) is cst.Call and type(node.func) is cst.Name and node.func.value == "isinstance":
            _narrow_to(w, node.args, ctx)
        elif type(node) is cst.Comparison and len(node.comparisons) == 1:
            _narrow_to_none(w, node, ctx)


def _narrow_to_none(w: State, node: Any, ctx: int) -> None:
    """`if x is None`: nothing can be called on it here."""
    other = node.comparisons[0]
    is_none = type(other.comparator) is cst.Name and other.comparator.value == "None"
    if is_none and type(other.operator) is cst.Is and _is_dotted(node.left):
        bind_target(w, node.left, "none:", "narrow", ctx)


def _narrow_to(w: State, args: Any, ctx: int, is_without: bool = False) -> None:
    if len(args) != 2 or any(arg.star or arg.keyword for arg in args) or not _is_dotted(args[0].value):
        return
    classes = args[1].value
    if _is_dotted(classes):
        ref = place(w, classes, ctx)
    elif type(classes) is cst.Tuple and all(_is_dotted(e.value) for e in classes.elements):
        ref = w.expr("tuple", tuple(place(w, e.value, ctx) for e in classes.elements), ctx)
    else:
        return
    bind_target(w, args[0].value, w.expr("without", (ref,), ctx) if is_without else ref, "narrow", ctx)


def _is_dotted(node: Any) -> bool:
    """`a.b.c`: the test was read already, so that a call in it would be counted twice."""
    while type(node) is cst.Attribute:
        node = node.value
    return type(node) is cst.Name


def leaves(block: Any) -> bool:
    """The block ends by leaving: what follows it runs only where its test did not hold."""
    last = block.body[-1] if block.body else None
    small = last.body[-1] if type(last) is cst.SimpleStatementLine and last.body else last
    return type(small) in (cst.Return, cst.Raise, cst.Continue, cst.Break)


def find_missing(w: State, test: Any, holds: bool, ctx: int) -> None:
    """What is not there where a test holds, or where it does not."""
    todo = [(test, holds)]
    while todo:
        node, is_held = todo.pop()
        found: Any = None
        if type(node) is cst.BooleanOperation:
            todo.extend(((node.right, is_held), (node.left, is_held)))
        elif type(node) is cst.UnaryOperation and type(node.operator) is cst.Not:
            todo.append((node.expression, not is_held))
        elif type(node) is cst.Comparison and len(node.comparisons) == 1:
            found = _compared(node, is_held)
        elif not is_held:
            found = node
        ref = _place_of(w, found, ctx)
        if ref:
            w.missing.append((ctx, w.order, ref))


def _compared(node: Any, is_held: bool) -> Any:
    """`x is None`, `x is False`, `key not in x`, or their opposites where the test does not hold."""
    operator, other = type(node.comparisons[0].operator), node.comparisons[0].comparator
    if operator is (cst.NotIn if is_held else cst.In):
        return other
    is_empty = type(other) is cst.Name and other.value in ("None", "False")
    return node.left if is_empty and operator is (cst.Is if is_held else cst.IsNot) else None


def _place_of(w: State, node: Any, ctx: int) -> str:
    """A dotted name, or the attribute that `hasattr(x, "y")` asks for; "" for anything else."""
    if type(node) is cst.Call and type(node.func) is cst.Name and node.func.value == "hasattr" and len(node.args) == 2:
        name: Any = node.args[1].value
        is_plain = type(name) is cst.SimpleString and name.raw_value.isidentifier() and _is_dotted(node.args[0].value)
        return step(place(w, node.args[0].value, ctx), f".{name.raw_value}") if is_plain else ""
    return place(w, node, ctx) if node is not None and _is_dotted(node) else ""


def left_over(w: State, test: Any, ctx: int) -> None:
    """Behind `if isinstance(x, C): return` x is no C; behind `if not isinstance(x, C): return` it is one."""
    find_missing(w, test, False, ctx)
    is_not = type(test) is cst.UnaryOperation and type(test.operator) is cst.Not
    node = test.expression if is_not else test
    if type(node) is cst.Call and type(node.func) is cst.Name and node.func.value == "isinstance":
        _narrow_to(w, node.args, ctx, is_without=not is_not)
