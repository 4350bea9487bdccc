"""bytes of one file -> Facts: one LibCST parse, one walk, one pass over one `ast` for positions and radon's counts. Never raises."""

from __future__ import annotations

import ast
import warnings

import libcst as cst
from msgspec.structs import replace

from readiness.extract.build import build
from readiness.extract.failures import decode, parse_ast, parse_failure
from readiness.extract.metrics import measure
from readiness.extract.positions import positions
from readiness.extract.suppressions import suppressions_of
from readiness.extract.survey import Survey, survey
from readiness.extract.walk import walk
from readiness.types.facts import Facts, Failure, Metrics

# What LibCST was seen to raise where it builds nodes of odd input (`""t""`); its lowest version that we take has no name for the last.
ODD = (AttributeError, TypeError, cst.CSTValidationError, getattr(cst, "CSTLogicError", cst.CSTValidationError))


def extract(source: bytes) -> Facts:
    """All that one file says. A file can have a tree without metrics and the reverse; both say why."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python says of a file's escapes is about that file, not about us
        return _extract(source)


def _extract(source: bytes) -> Facts:
    text = decode(source)
    if isinstance(text, Failure):
        lines = source.count(b"\n") + (not source.endswith(b"\n") and bool(source))
        return Facts(lines, failure=text, metrics_failure=text)
    text = text.removeprefix("\ufeff")
    tree = parse_ast(text)
    seen: Survey | None = None
    metrics: Metrics | None = None
    problem: Failure | None = None
    blocks: dict[int, int] = {}
    if isinstance(tree, ast.Module):
        seen = survey(tree)
        metrics, problem, blocks = measure(seen, text)
    else:
        problem = parse_failure(tree, text)
    facts = _facts(text, seen, metrics, blocks, tree.lineno if isinstance(tree, SyntaxError) else None)
    if problem is not None:
        facts = _with_problem(facts, problem)
    return facts


def _facts(
    text: str, seen: Survey | None, metrics: Metrics | None, blocks: dict[int, int], refused: int | None
) -> Facts:
    """`refused`: the line that `ast` does not read."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    try:
        module = cst.parse_module(text)
    except (cst.ParserSyntaxError, SyntaxError, ValueError, LookupError, RecursionError, MemoryError, *ODD) as error:
        return Facts(len(lines), failure=parse_failure(error, text, refused), metrics=metrics)
    w = walk(module)
    return build(w, positions(w, module, seen), lines, suppressions_of(text), metrics, blocks)


def _with_problem(facts: Facts, problem: Failure) -> Facts:
    return replace(facts, metrics_failure=problem)
