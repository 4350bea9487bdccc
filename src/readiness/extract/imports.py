"""Import statements -> Import rows and the names they bind. Never resolves a relative import."""

from __future__ import annotations

from typing import Any

import libcst as cst

from readiness.extract.state import State, step


def import_names(w: State, node: Any, ctx: int) -> None:
    """`import a.b, c as d`."""
    when = _when(w, ctx)
    for alias in node.names:
        name = dotted(alias.name)
        bound = alias.asname.name.value if alias.asname is not None else None
        w.imports.append((name, None, bound, 0, w.statement, when, ctx))
        top = name.partition(".")[0]
        w.bind(ctx, "import", bound or top, "import:" + (name if bound else top))


def import_from(w: State, node: Any, ctx: int) -> None:
    """`from ..a import b as c, d` and `from a import *`."""
    when = _when(w, ctx)
    level = len(node.relative)
    module = dotted(node.module) if node.module is not None else ""
    root = f"relative:{level}:{module}" if level else f"import:{module}"
    if type(node.names) is cst.ImportStar:
        w.imports.append((module, "*", None, level, w.statement, when, ctx))
        w.bind(ctx, "star-import", "*", root)
        return
    for alias in node.names:
        name = dotted(alias.name)
        bound = alias.asname.name.value if alias.asname is not None else None
        w.imports.append((module, name, bound, level, w.statement, when, ctx))
        w.bind(ctx, "import", bound or name, step(root, "." + name))


def dotted(node: Any) -> str:
    """`a.b.c` as text."""
    parts = []
    while type(node) is cst.Attribute:
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value)
    parts.reverse()
    return ".".join(parts)


def _when(w: State, ctx: int) -> str:
    """typing > lazy > conditional > runtime, as grimp tells them."""
    is_lazy = is_conditional = False
    while True:
        scope, branch, _, _ = w.context_rows[ctx]
        while branch >= 0:
            parent, _, _, kind, _ = w.branches[branch]
            if kind == "typing":
                return "typing"
            if kind in ("if", "else", "main", "try", "except", "finally", "match"):
                is_conditional = True
            branch = parent
        is_lazy = is_lazy or w.scopes[scope].kind in ("function", "lambda")
        if scope == 0:
            return "lazy" if is_lazy else "conditional" if is_conditional else "runtime"
        ctx = w.scopes[scope].context
