"""ast + text -> radon's figures, equal to radon's own API. Never parses again."""

from __future__ import annotations

import ast
from typing import Any

from radon.metrics import h_visit_ast, mi_compute
from radon.visitors import ComplexityVisitor

from readiness.extract.raw import raw_counts
from readiness.types.facts import Failure, Metrics


def measure(tree: ast.Module, text: str) -> tuple[Metrics | None, Failure | None, dict[int, int]]:
    """Metrics, or why there are none; and radon's complexity by the line of the `def` or `class`.

    Maintainability is radon's `mi_visit(text, multi=True)`: mi_compute of Halstead volume, total complexity, logical
    lines and the share of comment and docstring lines in percent of source lines.
    """
    try:
        visitor = ComplexityVisitor.from_ast(tree)
        total = h_visit_ast(tree).total
        raw = raw_counts(text)
    except RecursionError:
        return None, Failure("too-deep", "nested deeper than radon can follow"), {}
    except (SyntaxError, ValueError, TypeError, UnicodeError, MemoryError, OverflowError) as error:
        return None, Failure("crashed", f"radon: {type(error).__name__}"), {}
    except IndexError:  # tokenize on odd line ends
        return None, Failure("crashed", "radon: IndexError"), {}
    blocks = visitor.blocks
    share = (raw.comments + raw.multi) / float(raw.sloc) * 100 if raw.sloc != 0 else 0
    metrics = Metrics(
        loc=raw.loc,
        lloc=raw.lloc,
        sloc=raw.sloc,
        comments=raw.comments,
        multi=raw.multi,
        blank=raw.blank,
        complexity_total=visitor.total_complexity,
        complexity_max=max((block.complexity for block in blocks), default=0),
        maintainability=float(mi_compute(total.volume, visitor.total_complexity, raw.lloc, share)),
        halstead_volume=float(total.volume),
        halstead_effort=float(total.effort),
    )
    return metrics, None, _by_line(blocks)


def _by_line(blocks: list[Any]) -> dict[int, int]:
    """Complexity of every block, inner classes and closures included."""
    found: dict[int, int] = {}
    todo = list(blocks)
    while todo:
        block = todo.pop()
        found[block.lineno] = int(block.complexity)
        for inner in ("closures", "inner_classes", "methods"):
            todo.extend(getattr(block, inner, ()))
    return found
