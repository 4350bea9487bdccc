"""LibCST parameters -> Param rows, in the order of the signature."""

from __future__ import annotations

import libcst as cst

from readiness.extract.walk import Walk
from readiness.types.facts import Param


def parameters(walk: Walk, node: cst.Parameters) -> tuple[Param, ...]:
    rows = [param(walk, p, "positional") for p in node.posonly_params]
    rows += [param(walk, p, "any") for p in node.params]
    if isinstance(node.star_arg, cst.Param):
        rows.append(param(walk, node.star_arg, "star"))
    rows += [param(walk, p, "keyword") for p in node.kwonly_params]
    if node.star_kwarg is not None:
        rows.append(param(walk, node.star_kwarg, "double-star"))
    return tuple(rows)


def param(walk: Walk, node: cst.Param, kind: str) -> Param:
    annotation = walk.refs.of(node.annotation.annotation) if node.annotation else ""
    return Param(node.name.value, kind, annotation, walk.refs.of(node.default))
