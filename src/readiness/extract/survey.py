"""ast -> where statements, calls and shapes stand, and the decisions and operands that radon counts: one pass. Never recurses.

radon's two visitors (complexity, Halstead) cost twice what parsing the `ast` does. Their rules (radon.visitors) are counted here, in the pass
that is needed for positions; the formulas are radon's own (metrics.py), and tests hold every figure against radon's API.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

Span = tuple[int, int, int, int]  # line, byte column, end line, byte end column
Fields = Callable[[Any], Iterable[Any]]

LEAVES = frozenset(
    {type(None), str, int, bool, ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del, ast.alias, ast.TypeIgnore}
)  # values of fields that hold nothing of interest below them
NO_NODES = frozenset({"ctx", "op", "ops", "id", "attr", "names", "level", "type_comment", "conversion", "asname"})
START = attrgetter("lineno", "col_offset", "end_lineno", "end_col_offset")
END = attrgetter("end_lineno", "end_col_offset", "lineno", "col_offset")


@dataclass(slots=True)
class Scope:
    """A module, class or function as radon sees it: decisions of its own, and the functions and classes within."""

    line: int
    decisions: int = 0
    functions: list[Scope] = field(default_factory=list)
    classes: list[Scope] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Halstead's counts. Operands are distinct within functions of one name, as radon has it."""

    operators: int = 0
    operands: int = 0
    kinds: set[type] = field(default_factory=set)
    seen: dict[str | None, set[Any]] = field(default_factory=dict)

    @property
    def distinct_operators(self) -> int:
        return len(self.kinds)

    @property
    def distinct_operands(self) -> int:
        return sum(map(len, self.seen.values()))


class Survey:
    """What the pass gathers, and where it is: the scope, tally and operands that the present nodes count for."""

    __slots__ = ("calls", "groups", "module", "names", "scope", "shapes", "statements", "tally", "void")

    def __init__(self) -> None:
        self.statements: list[Span] = []
        self.calls: list[Span] = []  # by their end, which tells nested ones apart: end line, end column, line, column
        self.shapes: list[Span] = []
        self.module = self.scope = Scope(0)
        self.tally = Tally()
        self.void = Tally()  # for what radon does not look at: heads of functions
        self.names: str | None = None
        self.groups: list[tuple[list[Any], Scope, str | None, Tally]] = []

    @property
    def operands(self) -> set[Any]:
        return self.tally.seen.setdefault(self.names, set())


def survey(tree: ast.Module) -> Survey:
    """The pass over a whole module."""
    s = Survey()
    total = s.tally
    s.groups.append((list(tree.body), s.module, None, total))
    while s.groups:
        nodes, s.scope, s.names, s.tally = s.groups.pop()
        _below(s, nodes)
    s.tally = total
    s.statements.sort()
    s.calls.sort()
    s.shapes.sort()
    return s


def _below(s: Survey, todo: list[Any]) -> None:
    """These nodes and all below that belong to the same scope."""
    table, leaves, pop, push = TABLE, LEAVES, todo.pop, todo.append
    calls, statements = s.calls, s.statements
    while todo:
        node = pop()
        kind = node.__class__
        is_statement, mark, fields = table.get(kind) or _row(kind)
        if kind is ast.Call:
            calls.append(END(node))
        else:
            if is_statement:
                statements.append(START(node))
            if mark is not None and mark(s, node):
                continue
        for value in fields(node):
            held = value.__class__
            if held is list:
                for one in value:
                    if one.__class__ not in leaves:
                        push(one)
            elif held not in leaves:
                push(value)


def _function(s: Survey, node: Any) -> bool:
    """A scope of its own; radon looks at nothing of its head."""
    scope = Scope(node.lineno)
    s.scope.functions.append(scope)
    head = [node.args, *node.decorator_list, *getattr(node, "type_params", ())]
    if node.returns is not None:
        head.append(node.returns)
    s.groups.append((head, Scope(0), None, s.void))
    s.groups.append((node.body[:], scope, node.name, s.tally))
    return True


def _class(s: Survey, node: Any) -> bool:
    """A scope of its own; its head counts for Halstead, but is no decision."""
    scope = Scope(node.lineno)
    s.scope.classes.append(scope)
    head = [*node.bases, *node.keywords, *node.decorator_list, *getattr(node, "type_params", ())]
    if head:
        s.groups.append((head, Scope(0), s.names, s.tally))
    s.groups.append((node.body[:], scope, s.names, s.tally))
    return True


def _assert(s: Survey, node: Any) -> bool:
    """One decision, whatever it asserts."""
    s.scope.decisions += 1
    s.groups.append(([node.test, node.msg] if node.msg is not None else [node.test], Scope(0), s.names, s.tally))
    return True


def _choice(s: Survey, node: Any) -> None:
    s.scope.decisions += 1


def _loop(s: Survey, node: Any) -> None:
    s.scope.decisions += 1 + bool(node.orelse)


def _try(s: Survey, node: Any) -> None:
    s.scope.decisions += len(node.handlers) + bool(node.orelse)


def _comprehension(s: Survey, node: Any) -> None:
    s.scope.decisions += 1 + len(node.ifs)


def _match(s: Survey, node: Any) -> None:
    """A decision for each case, less one where some case takes everything (radon: its pattern has no pattern)."""
    takes_all = any(getattr(case.pattern, "pattern", False) is None for case in node.cases)
    s.scope.decisions += max(0, len(node.cases) - takes_all)


def _case(s: Survey, node: Any) -> None:
    s.statements.append(START(node.pattern))


def _shape(s: Survey, node: Any) -> None:
    s.shapes.append(START(node))


def _bool(s: Survey, node: Any) -> None:
    s.scope.decisions += len(node.values) - 1
    _count(s, (node.op,), node.values)


def _binary(s: Survey, node: Any) -> None:
    _count(s, (node.op,), (node.left, node.right))


def _unary(s: Survey, node: Any) -> None:
    _count(s, (node.op,), (node.operand,))


def _augmented(s: Survey, node: Any) -> None:
    _count(s, (node.op,), (node.target, node.value))


def _compare(s: Survey, node: Any) -> None:
    _count(s, node.ops, (node.left, *node.comparators))


def _count(s: Survey, operators: Iterable[Any], operands: Iterable[Any]) -> None:
    """An operand is its name, its attribute's name or its constant; anything else is like nothing but itself."""
    tally, seen = s.tally, s.operands
    for operator in operators:
        tally.operators += 1
        tally.kinds.add(operator.__class__)
    for operand in operands:
        tally.operands += 1
        kind = operand.__class__
        if kind is ast.Name:
            seen.add(operand.id)
        elif kind is ast.Constant:
            seen.add(operand.value)
        else:
            seen.add(operand.attr if kind is ast.Attribute else operand)


MARKS: dict[type, Callable[[Survey, Any], bool | None]] = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Assert: _assert,
    ast.If: _choice,
    ast.IfExp: _choice,
    ast.For: _loop,
    ast.AsyncFor: _loop,
    ast.While: _loop,
    ast.Try: _try,
    ast.Match: _match,
    ast.match_case: _case,
    ast.comprehension: _comprehension,
    ast.BoolOp: _bool,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.AugAssign: _augmented,
    ast.Compare: _compare,
    **dict.fromkeys((ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), _shape),
}  # true where it has said itself what comes below
TABLE: dict[type, tuple[bool, Callable[[Survey, Any], bool | None] | None, Fields]] = {}


def _row(kind: type) -> tuple[bool, Callable[[Survey, Any], bool | None] | None, Fields]:
    """What a class of nodes is to the pass: worked out once, at its first node."""
    names = [name for name in getattr(kind, "_fields", ()) if name not in NO_NODES]
    get = attrgetter(*names) if names else None
    fields: Fields
    if get is None:
        fields = _nothing
    elif len(names) == 1:
        fields = _only(get)
    else:
        fields = get
    row = TABLE[kind] = (issubclass(kind, (ast.stmt, ast.ExceptHandler)), MARKS.get(kind), fields)
    return row


def _nothing(node: Any) -> Iterable[Any]:
    return ()


def _only(get: Callable[[Any], Any]) -> Fields:
    return lambda node: (get(node),)
