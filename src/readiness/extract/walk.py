"""LibCST module -> rows of Facts: one explicit-stack walk in source order. Never recurses into the tree, never resolves a name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import libcst as cst
from msgspec import Struct

from readiness.extract.fields import fields_of
from readiness.extract.positions import Positions
from readiness.extract.refs import COMPREHENSIONS, Refs
from readiness.types.facts import (
    SEP,
    Binding,
    Branch,
    Call,
    Context,
    Feature,
    Import,
    Loop,
    Param,
    Read,
    Ref,
    Region,
    Scope,
    Sql,
)

SQL = re.compile(r"^\s*(select|insert|update|delete|create|alter|drop|merge|copy|with)\b.*", re.IGNORECASE | re.DOTALL)
TABLE = re.compile(r"(?i)\b(?:from|join|into|update|table(?:\s+if\s+(?:not\s+)?exists)?)\s+[\"`\[]?([a-z_][\w.]*)")
NOT_TABLES = frozenset({"select", "set", "values", "where", "only", "if", "lateral", "unnest"})
COMMENT = re.compile(r"(?:^|\s)#[^\"']*$")  # a `#` behind which no quote stands is no part of a string
DIGEST_LINES = 20
OPERATIONS = frozenset({"BinaryOperation", "Comparison", "Subscript", "AugAssign"})

Handler = Callable[["Walk", Any, int, int], None]


class Pending(Struct):
    """A scope that is being walked."""

    kind: str
    name: str
    qualname: str
    parent: int
    line: int
    end_line: int
    context: int
    is_async: bool = False
    is_generator: bool = False
    params: tuple[Param, ...] = ()
    returns: Ref = ""
    results: list[Ref] = []
    yields: list[Ref] = []
    decorators: tuple[Ref, ...] = ()
    bases: tuple[Ref, ...] = ()
    keywords: tuple[tuple[str, Ref], ...] = ()
    globals: list[str] = []
    nonlocals: list[str] = []
    complexity: int | None = None
    is_stub: bool = False

    def frozen(self) -> Scope:
        return Scope(
            self.kind, self.name, self.qualname, self.parent, self.line, self.end_line, self.context, self.is_async,
            self.is_generator, self.params, self.returns, tuple(self.results), tuple(self.yields), self.decorators,
            self.bases, self.keywords, tuple(self.globals), tuple(self.nonlocals), self.complexity, self.is_stub,
        )  # fmt: skip


class Walk:
    """The state of one walk."""

    def __init__(self, module: cst.Module, positions: Positions, handlers: Mapping[str, Handler]) -> None:
        self.handlers = handlers
        self.module = module
        self.positions = positions
        self.refs = Refs(self.scope_number)
        self.scopes: list[Pending] = [Pending("module", "<module>", "<module>", -1, 1, positions.lines, 0)]
        self.contexts: list[Context] = [Context(0, -1, -1, -1)]
        self._context: dict[Context, int] = {self.contexts[0]: 0}
        self.branches: list[Branch] = []
        self.loops: list[Loop] = []
        self.operations: list[int] = []
        self.regions: list[Region] = []
        self.imports: list[Import] = []
        self.bindings: list[Binding] = []
        self.calls: dict[int, Call] = {}
        self.reads: list[Read] = []
        self.sql: list[Sql] = []
        self.features: list[Feature] = []
        self._seen_reads: set[tuple[int, str]] = set()
        self._scope_of: dict[int, int] = {}
        self._nodes = 0
        self._order = 0
        self.line = 1
        self.end_line = 1
        self.digest = ""
        self.stack: list[tuple[Any, int, int]] = []
        self._statement: cst.CSTNode = module

    def run(self) -> None:
        self.push(self.module.body, 0)
        while self.stack:
            node, context, handed = self.stack.pop()
            if not isinstance(node, cst.CSTNode):
                node[0](*node[1:])
                continue
            self.refs.context = context
            name = type(node).__name__
            if name in OPERATIONS and self.contexts[context].loop >= 0:
                self.operations[self.contexts[context].loop] += 1
            handler = self.handlers.get(name)
            if handler is None:
                self.children(node, context, handed)
            else:
                handler(self, node, context, handed)

    # --- the stack ----------------------------------------------------------------------------------------------------

    def push(self, nodes: Sequence[Any], context: int, handed: int = -1) -> None:
        for node in reversed(nodes):
            if node is not None and not isinstance(node, (str, cst.MaybeSentinel)):
                self.stack.append((node, context, handed))

    def later(self, action: Any, *arguments: Any) -> None:
        self.stack.append(((action, *arguments), 0, -1))

    def children(self, node: cst.CSTNode, context: int, handed: int = -1) -> None:
        if isinstance(node, cst.BaseSmallStatement):
            self.statement(node)
        for name in reversed(fields_of(type(node))):
            value = getattr(node, name)
            if isinstance(value, (list, tuple)):
                self.push(value, context, handed)
            elif isinstance(value, cst.CSTNode):
                self.stack.append((value, context, handed))

    def statement(self, node: cst.CSTNode) -> int:
        """Move to the next statement; its line."""
        self.line, self.end_line = self.positions.statement()
        self.digest = ""
        self._statement = node
        return self.line

    def context(self, base: int, **changes: int) -> int:
        row = self.contexts[base]
        values = {"scope": row.scope, "branch": row.branch, "loop": row.loop, "region": row.region, **changes}
        key = Context(**values)
        number = self._context.get(key)
        if number is None:
            number = self._context[key] = len(self.contexts)
            self.contexts.append(key)
        return number

    def order(self) -> int:
        self._order += 1
        return self._order

    def arm(self, context: int, node: int, arm: int, kind: str) -> int:
        self.branches.append(Branch(self.contexts[context].branch, node, arm, kind, self.line))
        return self.context(context, branch=len(self.branches) - 1)

    # --- rows ---------------------------------------------------------------------------------------------------------

    def scope_number(self, node: cst.CSTNode) -> int | None:
        """The scope of a lambda or comprehension, made when it is first heard of."""
        number = self._scope_of.get(id(node))
        if number is not None:
            return number
        name = type(node).__name__
        if name != "Lambda" and name not in COMPREHENSIONS:
            return None
        self.refs.keep.append(node)
        context = self.refs.context
        return self.new_scope(
            node,
            "lambda" if name == "Lambda" else "comprehension",
            "<lambda>" if name == "Lambda" else "<comp>",
            context,
        )

    def new_scope(self, node: cst.CSTNode, kind: str, name: str, context: int) -> int:
        parent = self.contexts[context].scope
        above = self.scopes[parent]
        line = self.line
        if kind == "lambda":
            name = f"<lambda>@{line}"
        prefix = "" if parent == 0 else above.qualname + ("." if above.kind == "class" else ".<locals>.")
        number = self._scope_of[id(node)] = len(self.scopes)
        self.scopes.append(Pending(kind, name, prefix + name, parent, line, line, context))
        return number

    def bind(
        self, context: int, kind: str, target: cst.CSTNode, value: Ref, annotation: Ref = "", line: int = 0
    ) -> None:
        """Rows for an assignment target; tuples are unpacked with a step per position."""
        work: list[tuple[cst.CSTNode, Ref]] = [(target, value)]
        while work:
            node, ref = work.pop()
            if isinstance(node, (cst.Tuple, cst.List)):
                for place, element in enumerate(node.elements):
                    step = "[*]" if isinstance(element, cst.StarredElement) else f"[{place}]"
                    work.append((element.value, add_step(ref, step)))
                continue
            if isinstance(node, cst.StarredElement):
                node = node.value
            name, base = self.target(node)
            if name:
                row = Binding(context, self.order(), kind, name, base, ref, annotation, line or self.line)
                self.bindings.append(row)

    def target(self, node: cst.CSTNode) -> tuple[str, Ref]:
        if isinstance(node, cst.Name):
            return node.value, ""
        if isinstance(node, cst.Attribute):
            return "." + node.attr.value, self.refs.of(node.value)
        if isinstance(node, cst.Subscript):
            full = self.refs.of(node)
            base, _, step = full.rpartition(SEP)
            return (step, base) if base and step.startswith("[") else ("[]", self.refs.of(node.value))
        return "", ""

    def bind_name(self, context: int, kind: str, name: str, value: Ref, annotation: Ref = "") -> None:
        self.bindings.append(Binding(context, self.order(), kind, name, "", value, annotation, self.line))

    def statement_digest(self) -> str:
        """Of the statement's text without white space and comments; of a compound statement's first line only."""
        if not self.digest:
            end = self.end_line if isinstance(self._statement, cst.BaseSmallStatement) else self.line
            rows = self.positions.rows[self.line - 1 : min(end, self.line + DIGEST_LINES)]
            text = "".join("".join(COMMENT.sub("", row).split()) for row in rows)
            self.digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
        return self.digest

    def finish_call(self, node: cst.Call, context: int, handed: int, is_awaited: bool, is_discarded: bool) -> None:
        number = self.refs.call(node)
        line, column, end_line = self.positions.call(self.line)
        args, keywords = [], []
        for arg in node.args:
            ref = self.refs.of(arg.value)
            if arg.keyword is not None:
                keywords.append((arg.keyword.value, ref))
            elif arg.star == "**":
                keywords.append(("**", ref))
            else:
                args.append(arg.star + ref)
        self.calls[number] = Call(
            context, self.order(), self.refs.of(node.func), tuple(args), tuple(keywords), line, column, end_line,
            is_awaited, is_discarded, handed, self.statement_digest(),
        )  # fmt: skip

    def read(self, node: cst.CSTNode, context: int) -> None:
        ref = self.refs.of(node)
        if SEP in ref and (context, ref) not in self._seen_reads:
            self._seen_reads.add((context, ref))
            self.reads.append(Read(context, self.order(), ref, self.line))

    def feature(self, name: str, context: int) -> None:
        self.features.append(Feature(name, context, self.line))

    def text(self, ref: Ref, context: int) -> None:
        text = ref.partition(":")[2]
        found = SQL.match(text)
        if found:
            tables = sorted({t for t in TABLE.findall(text) if t.lower() not in NOT_TABLES})
            verb = found.group(1).lower()
            if tables:
                self.sql.append(Sql(context, "select" if verb == "with" else verb, tuple(tables), self.line))


def add_step(ref: Ref, step: str) -> Ref:
    return ref if not ref or ref == "unknown:" or ref.count(SEP) > 12 else f"{ref}{SEP}{step}"
