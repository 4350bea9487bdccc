"""The test of an `if` -> what it asks of a constant or of the platform, where it asks nothing else. Never decides whether it holds."""

from __future__ import annotations

from typing import Any

import libcst as cst

from readiness.types.facts import WINDOWS

PLATFORMS = frozenset({"win32", "nt", "Windows", "cygwin"})
LITERALS = ("True", "False")


def condition(test: Any) -> tuple[str, bool] | None:
    """(`True`, the name of a constant or `windows`, whether that has to hold); None for any other test."""
    if type(test) is cst.Name and (test.value in LITERALS or test.value.isupper()):
        return ("True", test.value == "True") if test.value in LITERALS else (test.value, True)
    if type(test) is cst.UnaryOperation and type(test.operator) is cst.Not:
        inner = condition(test.expression)
        return (inner[0], not inner[1]) if inner is not None else None
    if type(test) is cst.Comparison and len(test.comparisons) == 1:
        operator, other = test.comparisons[0].operator, test.comparisons[0].comparator
        if type(operator) in (cst.Equal, cst.NotEqual) and _is_platform(test.left) and _text(other) in PLATFORMS:
            return (WINDOWS, type(operator) is cst.Equal)
    is_call = type(test) is cst.Call and type(test.func) is cst.Attribute and test.func.attr.value == "startswith"
    if is_call and _is_platform(test.func.value) and len(test.args) == 1 and _text(test.args[0].value) == "win":
        return (WINDOWS, True)
    return None


def _is_platform(node: Any) -> bool:
    """`sys.platform`, `os.name`, `platform.system()`."""
    if type(node) is cst.Call:
        node = node.func
    if type(node) is not cst.Attribute or type(node.value) is not cst.Name:
        return False
    return (node.value.value, node.attr.value) in (("sys", "platform"), ("os", "name"), ("platform", "system"))


def _text(node: Any) -> str:
    return node.value[1:-1] if type(node) is cst.SimpleString else ""
