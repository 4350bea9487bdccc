"""source and ast tree -> radon's metrics, in linear time. The only place that knows radon.

`radon.raw.analyze` tokenizes a statement again for each of its lines; here the file is tokenized once and each logical line's
tokens are counted by radon's own rules, so the figures are equal (tested file by file).
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator

from radon.metrics import h_visit_ast, mi_compute
from radon.visitors import ComplexityVisitor

from readiness.types.facts import Metrics

Tokens = list[tokenize.TokenInfo]
SKIPPED = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE)


def measure(source: str, tree: ast.Module) -> tuple[Metrics, dict[tuple[int, str], int]]:
    """radon's figures of a file, and the complexity of each function by (line, name).

    Raises what tokenize raises (SyntaxError, TokenError) and RecursionError for very deep code.
    """
    visitor = ComplexityVisitor.from_ast(tree)
    halstead = h_visit_ast(tree).total
    loc, lloc, sloc, comments, multi, blank = raw(source)
    total = visitor.total_complexity
    comment_lines = (comments + multi) / float(sloc) * 100 if sloc else 0
    index = mi_compute(halstead.volume, total, lloc, comment_lines)
    blocks = {(b.lineno, b.name): b.complexity for b in visitor.functions}
    for cls in visitor.classes:
        blocks.update({(m.lineno, m.name): m.complexity for m in cls.methods})
    highest = max([b.complexity for b in visitor.blocks], default=0)
    return Metrics(
        loc, lloc, sloc, comments, multi, blank, total, highest, round(index, 4), round(halstead.volume, 4),
        round(halstead.effort, 4),
    ), blocks  # fmt: skip


def raw(source: str) -> tuple[int, int, int, int, int, int]:
    """loc, lloc, sloc, comments, multi, blank as radon.raw.analyze counts them."""
    rows = [line.strip() for line in source.splitlines()]
    lloc = sloc = comments = single = multi = blank = 0
    seen = 0
    for tokens, first, last in units(source):
        blank += sum(not row for row in rows[seen : first - 1])
        lines = rows[first - 1 : last]
        seen = last
        comments += sum(t[0] == tokenize.COMMENT for t in tokens)
        kinds = [t[0] for t in tokens if t[0] not in (tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER)]
        if kinds == [tokenize.COMMENT] or (kinds == [tokenize.STRING] and tokens[0][2][0] == tokens[0][3][0]):
            single += 1
        elif kinds == [tokenize.STRING]:
            multi += sum(bool(row) for row in lines)
            blank += sum(not row for row in lines)
        else:
            sloc += sum(bool(row) for row in lines)
            blank += sum(not row for row in lines)
        lloc += logical(tokens)
    blank += sum(not row for row in rows[seen:])
    return sloc + blank + multi + single, lloc, sloc, comments, multi, blank


def units(source: str) -> Iterator[tuple[Tokens, int, int]]:
    """Logical lines and lines of comment only: their tokens without indentation, first and last row."""
    tokens: Tokens = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token[0] in (tokenize.INDENT, tokenize.DEDENT):
            continue
        if token[0] == tokenize.ENDMARKER:
            break
        tokens.append(token)
        is_comment_line = token[0] == tokenize.NL and all(t[0] in (tokenize.COMMENT, tokenize.NL) for t in tokens)
        if token[0] == tokenize.NEWLINE or is_comment_line:
            if not (is_comment_line and len(tokens) == 1):
                yield tokens, tokens[0][2][0], token[2][0]
            tokens = []
    if tokens:
        yield tokens, tokens[0][2][0], tokens[-1][3][0]


def logical(tokens: Tokens) -> int:
    """Logical lines in one unit: one per part between semicolons, two where a colon stands before its end (radon.raw)."""
    parts: list[Tokens] = [[]]
    for token in tokens:
        if token[0] == tokenize.OP and token[1] == ";":
            parts.append([])
        elif token[0] not in SKIPPED:
            parts[-1].append(token)
    count = 0
    for number, part in enumerate(parts):
        # radon's list still ends with the end marker in the last part, so the colon's place is counted from there
        length = len(part) + (number == len(parts) - 1)
        colons = [place for place, t in enumerate(part) if t[0] == tokenize.OP and t[1] == ":"]
        if colons:
            count += 2 - (colons[-1] == length - 2)
        elif part:
            count += 1
    return count
