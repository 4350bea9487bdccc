"""ast tree -> positions for the LibCST walk: statements in preorder, calls by closing parenthesis, lambdas by start.

Both trees hold the same statements and calls in the same source order, so the n-th of one is the n-th of the other. Where
ast cannot read the file, lines are found by the caller's own count and columns are 1.
"""

from __future__ import annotations

import ast


class Positions:
    def __init__(self, tree: ast.Module | None, text: str) -> None:
        self.lines = text.count("\n") + (not text.endswith("\n") and bool(text))
        self.is_exact = tree is not None
        self._statements: list[tuple[int, int]] = []
        self._calls: list[tuple[int, int, int, int]] = []
        self._lambdas: list[tuple[int, int, int]] = []
        self.rows = text.split("\n")
        self._is_ascii = text.isascii()
        if tree is not None:
            self._collect(tree)
        self._next_statement = self._next_call = self._next_lambda = 0

    def _collect(self, tree: ast.Module) -> None:
        stack: list[ast.AST] = list(reversed(tree.body))
        while stack:
            node = stack.pop()
            if isinstance(node, ast.stmt):
                self._statements.append((node.lineno, node.end_lineno or node.lineno))
            elif isinstance(node, ast.Call):
                self._calls.append((node.end_lineno or 0, node.end_col_offset or 0, node.lineno, node.col_offset))
            elif isinstance(node, ast.Lambda):
                self._lambdas.append((node.lineno, node.col_offset, node.end_lineno or node.lineno))
            stack.extend(reversed(list(ast.iter_child_nodes(node))))
        self._calls.sort()
        self._lambdas.sort()

    def counts(self) -> tuple[int, int]:
        return len(self._statements), len(self._calls)

    def used(self) -> tuple[int, int]:
        return self._next_statement, self._next_call

    def statement(self) -> tuple[int, int]:
        """First and last line of the next statement."""
        number = self._next_statement
        self._next_statement += 1
        return self._statements[number] if number < len(self._statements) else (1, 1)

    def call(self, line: int) -> tuple[int, int, int]:
        """Line, column and last line of the call whose parenthesis closes next."""
        number = self._next_call
        self._next_call += 1
        if number >= len(self._calls):
            return line, 1, line
        end_line, _, first, column = self._calls[number]
        return first, self._column(first, column) + 1, end_line

    def lambda_(self, line: int) -> tuple[int, int]:
        number = self._next_lambda
        self._next_lambda += 1
        if number >= len(self._lambdas):
            return line, line
        return self._lambdas[number][0], self._lambdas[number][2]

    def _column(self, line: int, offset: int) -> int:
        """ast counts bytes; editors count characters."""
        if self._is_ascii or line > len(self.rows):
            return offset
        return len(self.rows[line - 1].encode("utf-8", "replace")[:offset].decode("utf-8", "replace"))
