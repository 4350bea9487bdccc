"""survey + text -> radon's figures, equal to radon's own API. Never parses again."""

from __future__ import annotations

from radon.metrics import halstead_visitor_report, mi_compute

from readiness.extract.raw import raw_counts
from readiness.extract.survey import Scope, Survey
from readiness.types.facts import Failure, Metrics


def measure(seen: Survey, text: str) -> tuple[Metrics | None, Failure | None, dict[int, int]]:
    """Metrics, or why there are none; and radon's complexity by the line of the `def` or `class`.

    Maintainability is radon's `mi_visit(text, multi=True)`: mi_compute of Halstead volume, total complexity, logical
    lines and the share of comment and docstring lines in percent of source lines.
    """
    try:
        raw = raw_counts(text)
    except (SyntaxError, ValueError, TypeError, UnicodeError, MemoryError, OverflowError, RecursionError) as error:
        return None, Failure("crashed", f"radon: {type(error).__name__}"), {}
    except IndexError:  # tokenize on odd line ends
        return None, Failure("crashed", "radon: IndexError"), {}
    halstead = halstead_visitor_report(seen.tally)  # it asks for four counts
    total, highest, lines = _complexity(seen.module)
    share = (raw.comments + raw.multi) / float(raw.sloc) * 100 if raw.sloc != 0 else 0
    metrics = Metrics(
        loc=raw.loc,
        lloc=raw.lloc,
        sloc=raw.sloc,
        comments=raw.comments,
        multi=raw.multi,
        blank=raw.blank,
        complexity_total=total,
        complexity_max=highest,
        maintainability=float(mi_compute(halstead.volume, total, raw.lloc, share)),
        halstead_volume=float(halstead.volume),
        halstead_effort=float(halstead.effort),
    )
    return metrics, None, lines


def _complexity(module: Scope) -> tuple[int, int, dict[int, int]]:
    """Of the module, of its most complex block, and of every block by line.

    As radon.visitors has it: a function is 1 + the decisions of its own body, functions within it apart and classes within it not at all; a
    class is 1 + its own decisions + its methods, shown as their mean (+ 1 where they are several); a module is 1 + its own decisions +
    what all its functions and classes have above 1 each. Blocks are a module's functions, classes and their methods.
    """
    lines: dict[int, int] = {}
    for one in module.functions:
        _function(one, lines)
    real = [_class(one, lines) for one in module.classes]
    total = 1 + module.decisions + sum(one.decisions for one in module.functions) + sum(real) - len(real)
    blocks = [*module.functions, *module.classes, *(method for one in module.classes for method in one.functions)]
    return total, max((lines[block.line] for block in blocks), default=0), lines


def _function(scope: Scope, lines: dict[int, int]) -> None:
    todo = [scope]
    while todo:
        one = todo.pop()
        lines[one.line] = 1 + one.decisions
        todo.extend(one.functions)


def _class(scope: Scope, lines: dict[int, int]) -> int:
    """Its complexity as a sum, inner classes apart."""
    todo = [scope]
    while todo:
        one = todo.pop()
        for method in one.functions:
            _function(method, lines)
        real = _real(one)
        count = len(one.functions)
        lines[one.line] = int(real / float(count)) + (count > 1) if count else real
        todo.extend(one.classes)
    return _real(scope)


def _real(scope: Scope) -> int:
    return 1 + scope.decisions + sum(1 + method.decisions for method in scope.functions)
