"""What is assigned to -> bindings. Never evaluates the value."""

from __future__ import annotations

from typing import Any

import libcst as cst

from readiness.extract.expressions import chain, evaluate, index
from readiness.extract.state import UNKNOWN, State, step


def bind_target(w: State, node: Any, value: str, kind: str, ctx: int, annotation: str = "") -> None:
    """Bindings of a name, attribute, element or of each part of an unpacking."""
    todo: list[tuple[Any, str]] = [(node, value)]
    while todo:
        target, ref = todo.pop()
        found = type(target)
        if found is cst.Name:
            w.bind(ctx, kind, target.value, ref, "", annotation)
        elif found is cst.Attribute:
            w.bind(ctx, kind, "." + target.attr.value, ref, place(w, target.value, ctx), annotation)
        elif found is cst.Subscript:
            base = place(w, target.value, ctx)
            w.bind(ctx, kind, index(w, target, ctx), ref, base, annotation)
        elif found is cst.Tuple or found is cst.List:
            todo.extend(reversed(_parts(target.elements, ref)))
        elif found is cst.StarredElement:
            todo.append((target.value, ref))


def _parts(elements: Any, ref: str) -> list[tuple[Any, str]]:
    """The parts of an unpacking with what each gets; behind a star they count from the end."""
    found: list[tuple[Any, str]] = []
    starred = False
    for position, element in enumerate(elements):
        if type(element) is cst.StarredElement:
            starred = True
            found.append((element.value, step(ref, f"[*{position}:{position - len(elements) + 1 or ''}]")))
        else:
            place_ = position - len(elements) if starred else position
            found.append((element.value, step(ref, f"[{place_}]")))
    return found


def place(w: State, node: Any, ctx: int) -> str:
    """The object whose attribute or element is set: a reference, but no read."""
    if type(node) is cst.Name:
        return "local:" + str(node.value)
    if type(node) in (cst.Attribute, cst.Subscript, cst.Call, cst.Await):
        return chain(w, node, ctx, -1, False) or UNKNOWN
    return evaluate(w, node, ctx)
