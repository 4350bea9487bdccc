"""LibCST expression -> reference (types/facts.py says how they are written). Follows chains, never names; bounded recursion."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import libcst as cst

from readiness.types.facts import MAX_LITERAL, MAX_STEPS, SEP, Expr, Ref

NESTING = 6  # displays inside displays that are followed
SECRET = re.compile(
    r"(?i)^(?=.*\d)(?=.*[a-z])[a-z0-9+/_=-]{32,}$|-----BEGIN|^(?:ghp|gho|sk|pk|xox[bp]|AKIA)[_-]?[A-Za-z0-9]{12,}"
)
UNKNOWN = "unknown:"


class Refs:
    """Hands out numbers for calls, scopes and expressions while references are made."""

    def __init__(self, scope_number: Callable[[cst.CSTNode], int | None]) -> None:
        self.calls: dict[int, int] = {}
        self.exprs: list[Expr] = []
        self.keep: list[cst.CSTNode] = []  # ids stay unique while the nodes live
        self.scope_number = scope_number
        self.context = 0

    def call(self, node: cst.CSTNode) -> int:
        number = self.calls.get(id(node))
        if number is None:
            number = self.calls[id(node)] = len(self.calls)
            self.keep.append(node)
        return number

    def of(self, node: cst.CSTNode | None, depth: int = 0) -> Ref:
        """The reference of an expression, "" for None."""
        if node is None:
            return ""
        steps: list[str] = []
        while True:
            if isinstance(node, cst.Attribute):
                steps.append("." + node.attr.value)
                node = node.value
            elif isinstance(node, cst.Await):
                steps.append("await")
                node = node.expression
            elif isinstance(node, cst.Subscript):
                step = subscript_step(node)
                if step == "[]" and self._is_generic(node):
                    break
                steps.append(step)
                node = node.value
            else:
                break
        root = self._root(node, depth)
        if root == UNKNOWN or len(steps) > MAX_STEPS:
            return UNKNOWN
        return SEP.join([root, *reversed(steps)])

    @staticmethod
    def _is_generic(node: cst.Subscript) -> bool:
        """A subscript that may be a generic type: a name or attribute before it, a name or tuple inside."""
        value = node.value
        name = (
            value.attr.value if isinstance(value, cst.Attribute) else value.value if isinstance(value, cst.Name) else ""
        )
        return name[:1].isupper() or name in (
            "list",
            "dict",
            "set",
            "tuple",
            "type",
            "frozenset",
            "deque",
            "defaultdict",
        )

    def _root(self, node: cst.CSTNode, depth: int) -> Ref:
        if isinstance(node, cst.Name):
            return constant(node.value) or f"local:{node.value}"
        if isinstance(node, cst.Call):
            return f"call:{self.call(node)}"
        literal = literal_ref(node)
        if literal:
            return literal
        number = self.scope_number(node)
        if number is not None:
            kind = COMPREHENSIONS.get(type(node).__name__)
            return self._expr(kind, [f"scope:{number}"]) if kind else f"scope:{number}"
        if isinstance(node, cst.NamedExpr):
            return self.of(node.value, depth)
        return self._display(node, depth + 1) if depth < NESTING else UNKNOWN

    def _display(self, node: cst.CSTNode, depth: int) -> Ref:
        if isinstance(node, (cst.Tuple, cst.List, cst.Set)):
            kind = type(node).__name__.lower()
            return self._expr(kind, [self._element(e, depth) for e in node.elements])
        if isinstance(node, cst.Dict):
            items = [self.of(e.value, depth) for e in node.elements]
            keys = [self.of(e.key, depth) if isinstance(e, cst.DictElement) else "**" for e in node.elements]
            return self._expr("dict", items, keys)
        if isinstance(node, cst.IfExp):
            return self._expr("union", [self.of(node.body, depth), self.of(node.orelse, depth)])
        if isinstance(node, cst.BooleanOperation):
            return self._expr("union", [self.of(node.left, depth), self.of(node.right, depth)])
        if isinstance(node, cst.BinaryOperation):
            kind = (
                "concat"
                if isinstance(node.operator, cst.Add)
                else "union"
                if isinstance(node.operator, cst.BitOr)
                else "operation"
            )
            return self._expr(kind, [self.of(node.left, depth), self.of(node.right, depth)])
        if isinstance(node, cst.Subscript):
            inner = [self.of(e.slice.value, depth) for e in node.slice if isinstance(e.slice, cst.Index)]
            return self._expr("subscript", [self.of(node.value, depth), *inner])
        if isinstance(node, cst.Yield):
            return self._expr("yield", [])
        return UNKNOWN

    def _element(self, element: cst.BaseElement, depth: int) -> Ref:
        ref = self.of(element.value, depth)
        return self._expr("starred", [ref]) if isinstance(element, cst.StarredElement) else ref

    def _expr(self, kind: str, items: Sequence[Ref], keys: Sequence[Ref] = ()) -> Ref:
        self.exprs.append(Expr(kind, tuple(items), tuple(keys), self.context))
        return f"expr:{len(self.exprs) - 1}"


COMPREHENSIONS = {
    "ListComp": "comprehension", "SetComp": "comprehension", "GeneratorExp": "generator",
    "DictComp": "dict-comprehension", "StarredDictComp": "dict-comprehension",
}  # fmt: skip


def constant(name: str) -> Ref:
    return f"bool:{name}" if name in ("True", "False") else "none:" if name == "None" else ""


def literal_ref(node: cst.CSTNode) -> Ref:
    """A literal's reference, "" for anything else."""
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        return text_ref(node)
    if isinstance(node, cst.FormattedString):
        return "fstr:" + formatted(node)[:MAX_LITERAL]
    if isinstance(node, cst.Integer):
        return f"int:{node.value[:40]}"
    if isinstance(node, cst.Float):
        return f"float:{node.value[:40]}"
    if isinstance(node, cst.Ellipsis):
        return "ellipsis:"
    return ""


def text_ref(node: cst.SimpleString | cst.ConcatenatedString) -> Ref:
    if isinstance(node, cst.ConcatenatedString) and not isinstance(node.left, cst.SimpleString):
        return "fstr:" + "".join(part_text(p) for p in (node.left, node.right))[:MAX_LITERAL]
    try:
        value = node.evaluated_value
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return "str:"
    if isinstance(value, bytes):
        return "bytes:"
    return "str:" + clean(value or "")


def part_text(node: cst.CSTNode) -> str:
    if isinstance(node, cst.FormattedString):
        return formatted(node)
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        return text_ref(node).partition(":")[2]
    return "{}"


def formatted(node: cst.FormattedString) -> str:
    return "".join(p.value if isinstance(p, cst.FormattedStringText) else "{}" for p in node.parts).replace(SEP, " ")


def clean(text: str) -> str:
    """A literal as it may be stored: cut, and masked where it looks like a secret."""
    text = text[:MAX_LITERAL].replace(SEP, " ")
    return "***" if SECRET.search(text) else text.encode("utf-8", "replace").decode()


def subscript_step(node: cst.Subscript) -> str:
    """`['key']`, `[0]`, `[:]`, or `[]` for any other index."""
    if len(node.slice) != 1:
        return "[]"
    index = node.slice[0].slice
    if isinstance(index, cst.Slice):
        return "[:]"
    value = index.value if isinstance(index, cst.Index) else None
    if isinstance(value, cst.Integer):
        return f"[{value.value[:20]}]"
    if isinstance(value, cst.SimpleString):
        ref = text_ref(value)
        return f"[{ref[4:]!r}]" if ref.startswith("str:") else "[]"
    return "[]"
