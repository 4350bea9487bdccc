"""`case` patterns -> bindings of kind match, narrowed by class patterns. Never decides whether a pattern matches."""

from __future__ import annotations

from typing import Any

import libcst as cst

from readiness.extract.expressions import evaluate
from readiness.extract.state import UNKNOWN, State, step
from readiness.extract.targets import place


def bind_pattern(w: State, pattern: Any, value: str, ctx: int) -> None:
    """All names that a pattern binds; `value` is the subject."""
    todo: list[tuple[Any, str]] = [(pattern, value)]
    while todo:
        node, ref = todo.pop()
        kind = type(node)
        if kind is cst.MatchAs:
            if node.name is not None:
                known = place(w, node.pattern.cls, ctx) if type(node.pattern) is cst.MatchClass else ""
                w.bind(ctx, "narrow" if known else "match", node.name.value, known or ref)
            if node.pattern is not None:
                todo.append((node.pattern, ref))
        elif kind is cst.MatchValue:
            evaluate(w, node.value, ctx)
        elif kind is cst.MatchOr:
            todo.extend((part.pattern, ref) for part in reversed(node.patterns))
        elif kind is cst.MatchClass:
            if ref.startswith("local:") and "\x1f" not in ref:
                w.bind(ctx, "narrow", ref[6:], place(w, node.cls, ctx))
            else:
                evaluate(w, node.cls, ctx)
            todo.extend((part.pattern, step(ref, "." + part.key.value)) for part in reversed(node.kwds))
            todo.extend((part.value, UNKNOWN) for part in reversed(node.patterns))
        elif kind is cst.MatchMapping:
            if node.rest is not None:
                w.bind(ctx, "match", node.rest.value, UNKNOWN)
            for part in reversed(node.elements):
                key = evaluate(w, part.key, ctx)
                todo.append((part.pattern, step(ref, f"['{key[4:]}']" if key.startswith("str:") else "[]")))
        elif kind in (cst.MatchList, cst.MatchTuple):
            todo.extend(_sequence(node.patterns, ref))
        elif kind is cst.MatchStar and node.name is not None:
            w.bind(ctx, "match", node.name.value, ref)


def _sequence(patterns: Any, ref: str) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = []
    starred = False
    for position, part in enumerate(patterns):
        if type(part) is cst.MatchStar:
            starred = True
            found.append((part, step(ref, "[*]")))
        else:
            place_ = position - len(patterns) if starred else position
            found.append((part.value, step(ref, f"[{place_}]")))
    found.reverse()
    return found
