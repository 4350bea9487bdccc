"""Operators -> what they are worth: which of them compute, and what they are applied to. Never evaluates an operand."""

from __future__ import annotations

from typing import Any

import libcst as cst

from readiness.extract.state import STEPS

SUMS = (cst.Add, cst.Subtract, cst.AddAssign, cst.SubtractAssign)


def computes(operator: Any, refs: tuple[str, ...]) -> bool:
    """A product, quotient, power or shift; a sum only of elements: offsets, counters and texts are put together with `+` too."""
    if operator in SUMS:
        return refs[-1] not in STEPS and any(ref.endswith("]") for ref in refs)
    return operator not in (cst.BitOr, cst.BitOrAssign)


def operands(node: Any) -> list[Any]:
    """The operands of a chain of one kind of operation, from left to right."""
    kind = type(node)
    found = []
    while type(node) is kind:
        found.append(node.right)
        node = node.left
    found.append(node)
    found.reverse()
    return found
