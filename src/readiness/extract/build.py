"""State + Positions -> the records of Facts. Never looks at a node."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any

from readiness.extract.positions import Positions
from readiness.extract.state import State
from readiness.extract.survey import Span
from readiness.types.facts import (
    Binding,
    Branch,
    Call,
    Context,
    Expr,
    Facts,
    Feature,
    Import,
    Loop,
    Metrics,
    Missing,
    Read,
    Region,
    Scope,
    Sql,
    Suppression,
)

COMMENT = re.compile(r"(\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')|#[^\n]*", re.DOTALL)


def build(
    w: State,
    found: Positions,
    lines: list[str],
    suppressions: tuple[Suppression, ...],
    metrics: Metrics | None,
    blocks: dict[int, int],
) -> Facts:
    """The records, lines filled in. `blocks`: line of a `def` or `class` -> radon's complexity."""
    line = [span[0] for span in found.statements] or [1]
    line.append(line[-1])  # an arm that stands behind the last statement
    return Facts(
        len(lines),
        metrics=metrics,
        scopes=_scopes(w, found, len(lines), blocks),
        contexts=tuple(Context(*row) for row in w.context_rows),
        branches=tuple(Branch(*row[:4], line[row[4]]) for row in w.branches),
        loops=tuple(Loop(row[0], row[1], row[2], line[row[3]], row[4], tuple(row[5]), row[6]) for row in w.loops),
        regions=tuple(Region(*row[:3], line[row[3]]) for row in w.regions),
        imports=tuple(Import(*row[:4], line[row[4]], *row[5:]) for row in w.imports),
        bindings=tuple(Binding(*row[:7], line[row[7]]) for row in w.bindings),
        calls=_calls(w, found, lines),
        reads=tuple(Read(c, order, ref, line[n]) for (ref, c), (order, n) in w.reads.items()),
        exprs=tuple(Expr(*row) for row in w.exprs),
        sql=tuple(Sql(*row[:3], line[row[3]]) for row in w.sql),
        features=tuple(Feature(row[0], row[1], line[row[2]]) for row in w.features),
        suppressions=suppressions,
        raises=tuple(Read(*row[:3], line[row[3]]) for row in w.raises),
        raising=tuple(w.raising),
        missing=tuple(Missing(*row) for row in w.missing),
        conditions=tuple(w.conditions),
        has_shebang=bool(lines) and lines[0].startswith("#!"),
    )


def _scopes(w: State, found: Positions, lines: int, blocks: dict[int, int]) -> tuple[Scope, ...]:
    shapes = dict(zip(w.shapes_in_source, found.shapes))
    rows: list[Scope] = []
    for number, draft in enumerate(w.scopes):
        name, begin, end = draft.name, 1, max(lines, 1)
        if number in shapes:
            begin, _, end, _ = shapes[number]
            name = f"<lambda>@{begin}" if draft.kind == "lambda" else name
        elif number:
            span = found.statements[draft.statement]
            begin, end = span[0], max(span[2], found.statements[draft.last][2])
        qualname = name
        if draft.parent > 0:
            parent = rows[draft.parent]
            between = "." if parent.kind == "class" else ".<locals>."
            qualname = parent.qualname + between + name
        measured = blocks.get(begin) if draft.kind in ("function", "class") else None
        row = Scope(
            draft.kind, name, qualname, draft.parent, begin, end, draft.context, draft.is_async, draft.is_generator,
            draft.params, draft.returns, tuple(draft.results), tuple(draft.yields), draft.decorators, draft.bases,
            draft.keywords, tuple(draft.global_names), tuple(draft.nonlocal_names), measured, draft.is_stub,
        )  # fmt: skip
        rows.append(row)
    return tuple(rows)


def _calls(w: State, found: Positions, lines: list[str]) -> tuple[Call, ...]:
    spans: list[Span] = [(1, 0, 1, 0)] * len(w.calls)
    for number, span in zip(w.calls_in_source, found.calls):
        spans[number] = span
    digests: dict[int, str] = {}
    rows: list[Call] = []
    for row, span in zip(w.calls, spans):
        statement = row[5]
        digest = digests.get(statement)
        if digest is None:
            digest = digests[statement] = _digest(found, statement, lines)
        column = (_column(lines, span) if span[1] else 0) + 1  # from 1, as the report counts
        ctx, order, callee, args, keywords, _, awaited, discarded, hand = row
        place = (span[0], column, span[2])
        rows.append(Call(ctx, order, callee, args, keywords, *place, awaited, discarded, hand, digest))
    return tuple(rows)


def _column(lines: list[str], span: Span) -> int:
    """The column in characters; `ast` counts bytes of UTF-8."""
    line = lines[span[0] - 1] if span[0] <= len(lines) else ""
    if line.isascii():
        return span[1]
    return len(line.encode()[: span[1]].decode("utf-8", "ignore"))


def _digest(found: Positions, statement: int, lines: list[str]) -> str:
    """Of a statement's text without white space and comments; of a compound statement only the header."""
    begin, column, end, last = found.statements[statement]
    after: Any = found.statements[statement + 1] if statement + 1 < len(found.statements) else None
    if after is not None and (not found.is_exact or after[:2] < (end, last)):
        end, last = after[0], after[1]
        if not found.is_exact and end > begin:
            end, last = end - 1, -1
    part = lines[begin - 1 : end]
    if not part:
        return "0" * 16
    if found.is_exact and last >= 0:
        part[-1] = part[-1].encode()[:last].decode("utf-8", "ignore")
        part[0] = part[0].encode()[column:].decode("utf-8", "ignore")
    text = "\n".join(part)
    if "#" in text:
        text = COMMENT.sub(r"\1", text)
    return blake2b("".join(text.split()).encode(), digest_size=8).hexdigest()
