"""Where statements, calls and inner scopes stand: from the survey of a shared `ast` where it can parse, else by counting newlines.

A statement is also an `except` handler and a `case`. Never asks LibCST's metadata.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, NamedTuple

import libcst as cst

from readiness.extract.state import State
from readiness.extract.survey import Span, Survey

ARMS = tuple(getattr(cst, n) for n in ("ExceptHandler", "ExceptStarHandler", "MatchCase"))


class Positions(NamedTuple):
    """Spans by statement number, by call and by shape in source order; is_exact tells whether columns are known."""

    statements: list[Span]
    calls: list[Span]
    shapes: list[Span]
    is_exact: bool


def positions(w: State, module: cst.Module, seen: Survey | None) -> Positions:
    """Positions for every row of the walk: those of the survey, where it saw as much as the walk did."""
    if seen is not None:
        counts = (len(seen.statements), len(seen.calls), len(seen.shapes))
        if counts == (w.statements, len(w.calls_in_source), len(w.shapes_in_source)):
            return Positions(seen.statements, [(c[2], c[3], c[0], c[1]) for c in seen.calls], seen.shapes, True)
    return _counted(w, module)


def _counted(w: State, module: cst.Module) -> Positions:
    """Lines by counting newlines through the whole tree in source order; columns stay 0."""
    wanted = {id(node): number for number, node in enumerate(w.call_nodes)}
    starts = [1] * len(w.call_nodes)
    ends = [1] * len(w.call_nodes)
    statements: list[Span] = []
    shapes: list[Span] = []
    line = 1
    todo: list[Any] = [module]
    while todo:
        node = todo.pop()
        kind = type(node)
        if kind is tuple:
            mark, number = node
            if mark == "end":
                ends[number] = line
            elif mark == "start":
                starts[number] = line
            elif mark == "statement":
                statements.append((line, 0, line, 0))
            else:
                shapes.append((line, 0, line, 0))
            continue
        if kind is str:
            line += node.count("\n")
            continue
        if isinstance(node, cst.Newline):
            line += 1
            continue
        todo.extend(_parts(node, wanted.get(id(node), -1)))
    order = w.calls_in_source
    return Positions(statements, [(starts[n], 0, ends[n], 0) for n in order], shapes, False)


COUNTED: dict[type, tuple[str, ...]] = {}
BEFORE = frozenset({"leading_lines", "lines_after_decorators", "decorators", "lpar"})
SHAPE_NODES = tuple(
    getattr(cst, n)
    for n in ("Lambda", "ListComp", "SetComp", "DictComp", "GeneratorExp", "StarredDictComp")
    if hasattr(cst, n)
)


def _parts(node: Any, call: int) -> list[Any]:
    """A node's parts, last first, with the marks where it begins and ends."""
    kind = type(node)
    names = COUNTED.get(kind)
    if names is None:
        names = COUNTED[kind] = _source_fields(kind)
    mark: Any = None
    if call >= 0:
        mark = ("start", call)
    elif isinstance(node, (cst.BaseSmallStatement, cst.BaseCompoundStatement, *ARMS)):
        mark = ("statement", 0)
    elif isinstance(node, SHAPE_NODES):
        mark = ("shape", 0)
    found: list[Any] = []
    for name in names:
        if mark is not None and name not in BEFORE:
            found.append(mark)
            mark = None
        value = getattr(node, name)
        if value.__class__ is list or value.__class__ is tuple:
            found.extend(value)
        elif value.__class__ is str or isinstance(value, cst.CSTNode):
            found.append(value)
    if mark is not None:
        found.append(mark)
    if call >= 0:
        found.append(("end", call))
    found.reverse()
    return found


def _source_fields(kind: type) -> tuple[str, ...]:
    """The fields of a LibCST class in source order: the order in which its own visit names them."""
    if issubclass(kind, (cst.SimpleString, cst.FormattedStringText, cst.SimpleWhitespace)):
        return ("lpar", "value", "rpar") if issubclass(kind, cst.SimpleString) else ("value",)
    try:
        source = inspect.getsource(kind._visit_and_replace_children)  # type: ignore[attr-defined]
    except (OSError, TypeError, AttributeError):
        return tuple(getattr(kind, "__dataclass_fields__", ()))
    return tuple(dict.fromkeys(re.findall(r'visit_\w+\(\s*self,\s*"(\w+)"', source)))
