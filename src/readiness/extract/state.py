"""The state of one walk: the rows collected so far, lines still as statement numbers. Never looks at a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.types.facts import MAX_STEPS, SEP, Param

UNKNOWN = "unknown:"
TEXT = ("str:", "fstr:", "bytes:")
MAYBE_TEXTS = frozenset({"str", "fstr", "local"})  # texts, and names that nobody knows to be anything else
STEPS = ("int:1", "int:-1")  # `i + 1` counts, it does not compute
Mark = tuple[int, int]
Work = tuple[Callable[["State", Any, int], None], Any, int]


class Draft:
    """A scope while its body is still being read."""

    __slots__ = (
        "bases",
        "context",
        "decorators",
        "global_names",
        "is_async",
        "is_generator",
        "is_stub",
        "keywords",
        "kind",
        "last",
        "name",
        "nonlocal_names",
        "params",
        "parent",
        "results",
        "returns",
        "statement",
        "yields",
    )

    def __init__(self, kind: str, name: str, parent: int, context: int, statement: int) -> None:
        self.kind, self.name, self.parent, self.context, self.statement = kind, name, parent, context, statement
        self.last = statement
        self.is_async = self.is_generator = self.is_stub = False
        self.params: tuple[Param, ...] = ()
        self.returns = ""
        self.results: list[str] = []
        self.yields: list[str] = []
        self.decorators: tuple[str, ...] = ()
        self.bases: tuple[str, ...] = ()
        self.keywords: tuple[tuple[str, str], ...] = ()
        self.global_names: list[str] = []
        self.nonlocal_names: list[str] = []


class State:
    """What the walk has found. Rows are plain tuples in the order of the records' fields; `build` makes the records."""

    def __init__(self) -> None:
        self.stack: list[Work] = []
        self.context_rows: list[tuple[int, int, int, int]] = []
        self.context_numbers: dict[tuple[int, int, int, int], int] = {}
        self.scopes: list[Draft] = [Draft("module", "<module>", -1, 0, -1)]
        self.branches: list[tuple[int, int, int, str, int]] = []
        self.branch_nodes = 0
        self.loops: list[list[Any]] = []
        self.regions: list[tuple[int, str, bool, int]] = []
        self.imports: list[tuple[str, str | None, str | None, int, int, str, int]] = []
        self.bindings: list[tuple[int, int, str, str, str, str, str, int]] = []
        self.calls: list[Any] = []
        self.call_nodes: list[Any] = []
        self.reads: dict[tuple[str, int], tuple[int, int]] = {}
        self.exprs: list[tuple[str, tuple[str, ...], tuple[str, ...], int]] = []
        self.sql: list[tuple[int, str, tuple[str, ...], int]] = []
        self.raises: list[tuple[int, int, str, int]] = []
        self.raising: list[tuple[int, int]] = []
        self.missing: list[tuple[int, int, str]] = []
        self.conditions: list[tuple[int, str, bool]] = []
        self.features: list[tuple[str, int, int]] = []
        self.statement = 0  # number of the current statement
        self.statements = 0  # how many were entered
        self.order = 0
        self.depth = 0
        self.calls_in_source: list[int] = []  # calls by closing parenthesis, as ast sorts them
        self.shapes_in_source: list[int] = []  # lambdas and comprehensions by their beginning
        self.discarded: Any = None
        self.context(0, -1, -1, -1)

    def context(self, scope: int, branch: int, loop: int, region: int) -> int:
        key = (scope, branch, loop, region)
        number = self.context_numbers.get(key)
        if number is None:
            number = self.context_numbers[key] = len(self.context_rows)
            self.context_rows.append(key)
        return number

    def branch(self, ctx: int, node: int, arm: int, kind: str, line: int) -> int:
        """The context of an arm."""
        scope, parent, loop, region = self.context_rows[ctx]
        self.branches.append((parent, node, arm, kind, line))
        return self.context(scope, len(self.branches) - 1, loop, region)

    def new_node(self) -> int:
        self.branch_nodes += 1
        return self.branch_nodes - 1

    def loop(self, ctx: int, kind: str, iterates: str) -> int:
        """The context inside a loop."""
        scope, branch, parent, region = self.context_rows[ctx]
        self.loops.append([parent, kind, iterates, self.statement, 0, [], 0])
        return self.context(scope, branch, len(self.loops) - 1, region)

    def region(self, ctx: int, manager: str, is_async: bool) -> int:
        scope, branch, loop, parent = self.context_rows[ctx]
        self.regions.append((parent, manager, is_async, self.statement))
        return self.context(scope, branch, loop, len(self.regions) - 1)

    def scope(self, kind: str, name: str, ctx: int) -> int:
        self.scopes.append(Draft(kind, name, self.context_rows[ctx][0], ctx, self.statement))
        return len(self.scopes) - 1

    def begin(self) -> int:
        """The next statement begins."""
        self.statement = self.statements
        self.statements += 1
        return self.statement

    def read(self, ref: str, ctx: int) -> None:
        key = (ref, ctx)
        if key not in self.reads:
            self.reads[key] = (self.order, self.statement)
            self.order += 1

    def bind(self, ctx: int, kind: str, name: str, value: str, target: str = "", annotation: str = "") -> None:
        self.bindings.append((ctx, self.order, kind, name, target, value, annotation, self.statement))
        self.order += 1

    def expr(self, kind: str, items: tuple[str, ...], ctx: int, keys: tuple[str, ...] = ()) -> str:
        self.exprs.append((kind, items, keys, ctx))
        return f"expr:{len(self.exprs) - 1}"

    def feature(self, name: str, ctx: int) -> None:
        self.features.append((name, ctx, self.statement))

    def operation(self, ctx: int, is_arithmetic: bool = False) -> None:
        loop = self.context_rows[ctx][2]
        if loop >= 0:
            self.loops[loop][4] += 1
            self.loops[loop][6] += is_arithmetic

    def leave(self, ctx: int, is_return: bool) -> None:
        """`break` ends the nearest loop early, `return` all loops of the scope."""
        _, branch, loop, _ = self.context_rows[ctx]
        while loop >= 0:
            self.loops[loop][5].append(branch)
            loop = self.loops[loop][0] if is_return else -1

    def mark(self) -> Mark:
        return len(self.calls_in_source), len(self.shapes_in_source)

    def swap(self, first: Mark, second: Mark) -> None:
        """What was read between the marks stands in the source behind what was read after the second."""
        for rows, a, b in ((self.calls_in_source, first[0], second[0]), (self.shapes_in_source, first[1], second[1])):
            if a < b < len(rows):
                rows[a:] = rows[b:] + rows[a:b]


def step(ref: str, *steps: str) -> str:
    """The reference with further steps, `unknown:` where it would pass MAX_STEPS or has no root."""
    if not ref or ref == UNKNOWN or ref.count(SEP) + len(steps) > MAX_STEPS:
        return UNKNOWN if ref else ""
    return SEP.join((ref, *steps))
