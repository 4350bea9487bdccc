"""text -> radon's raw line counts, in linear time. Never tokenizes a statement more than once.

radon.raw.analyze tokenizes a statement again for every line it has, which is quadratic. Here a scanner finds where each
statement ends; only a statement with a colon or semicolon in an unusual place is given to radon's own functions, once.
"""

from __future__ import annotations

import re
import sys
import tokenize
from collections.abc import Iterator

from radon.raw import Module, _generate, _logical, is_single_token

PLAIN = re.compile(r"[^\"'#:;\\()\[\]{}]*")
TOKEN = re.compile(
    r"(?P<string>(?<![\w])[rRbBuUfFtT]{0,2}(?:\"\"\"|'''|\"|')|\"\"\"|'''|\"|')|(?P<comment>#.*)|(?P<open>[(\[{])"
    r"|(?P<close>[)\]}])|(?P<walrus>:=)|(?P<colon>:)|(?P<semicolon>;)|(?P<next>\\$)|(?P<other>[^\s\"'#:;()\[\]{}\\]+|\\)"
)
ENDS = {
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*"""', re.DOTALL),
    "'''": re.compile(r"(?:[^'\\]|\\.|'(?!''))*'''", re.DOTALL),
    '"': re.compile(r'(?:[^"\\\n]|\\.)*"', re.DOTALL),
    "'": re.compile(r"(?:[^'\\\n]|\\.)*'", re.DOTALL),
}
HAS_FSTRING_TOKENS = sys.version_info >= (3, 12)
QUOTED = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
# What keeps a line from being counted at a glance: a string that goes on or escapes, several statements, a walrus.
UNUSUAL = re.compile(r"[\"'\\;]|:=")
TRIPLE = re.compile(r"\"\"\"|'''" + (r"|[fFtT][rR]?[\"']" if HAS_FSTRING_TOKENS else ""))


def raw_counts(text: str) -> Module:
    """The same as radon.raw.analyze(text)."""
    lloc = comments = single = multi = blank = sloc = 0
    lines = iter([line.strip() for line in text.splitlines()])
    for line in lines:
        if not line:
            blank += 1
        elif line[0] == "#":
            comments += 1
            single += 1
        elif PLAIN.fullmatch(line):
            sloc += 1
            lloc += 1
        elif logical := _at_a_glance(line):
            comments += logical < 0
            sloc += 1
            lloc += abs(logical)
        else:
            chunk, found, kind, logical = _statement(line, lines)
            comments += found
            if kind == "string":
                if len(chunk) == 1:
                    single += 1
                else:
                    multi += sum(1 for part in chunk if part)
                    blank += sum(1 for part in chunk if not part)
            else:
                sloc += sum(1 for part in chunk if part)
                blank += sum(1 for part in chunk if not part)
            lloc += logical
    return Module(sloc + blank + multi + single, lloc, sloc, comments, multi, blank, single)


def _at_a_glance(line: str) -> int:
    """The logical lines of a statement that is one line, negative where a comment follows; 0: it has to be read token by token."""
    code = line
    if '"' in line or "'" in line:
        if TRIPLE.search(line):
            return 0
        code = QUOTED.sub("s", line)
    code, comment, _ = code.partition("#")
    code = code.rstrip()
    if len(code) < 4 or UNUSUAL.search(code):  # a string alone is no code
        return 0
    if code.count("(") + code.count("[") + code.count("{") != code.count(")") + code.count("]") + code.count("}"):
        return 0
    logical = 1 if code[-1] == ":" or ":" not in code else 2
    return -logical if comment else logical


def _statement(line: str, lines: Iterator[str]) -> tuple[list[str], int, str, int]:
    """The lines of one statement, its comments, `string` if it is one string alone, and its logical lines."""
    chunk, last = [line], ""  # the last token that counts
    depth = comments = strings = others = at = 0
    is_odd = has_colon = False
    while True:
        token = TOKEN.match(line, at)
        if token is None:
            if at < len(line):
                at += 1
                continue
            if depth == 0:
                break
            line, at = _more(chunk, lines), 0
            continue
        at = token.end()
        kind = token.lastgroup
        if kind == "comment":
            comments += 1
            continue
        if kind == "next":
            line, at = _more(chunk, lines), 0
            others += 1
            continue
        if kind == "string":
            strings += 1
            opening = token.group()
            line, at = _string_end(opening.lstrip("rRbBuUfFtT"), line, at, chunk, lines)
            is_odd = is_odd or bool(HAS_FSTRING_TOKENS and set(opening.lower()) & {"f", "t"})
        else:
            others += 1
            depth += (kind == "open") - (kind == "close")
            has_colon = has_colon or kind == "colon"
            is_odd = is_odd or kind == "semicolon"
        last = kind or ""
    if is_odd:
        return _by_radon(chunk)
    if strings == 1 and not others and not comments:
        return chunk, comments, "string", 1
    return chunk, comments, "code", 2 - (last == "colon") if has_colon else 1


def _more(chunk: list[str], lines: Iterator[str]) -> str:
    following = next(lines, None)
    if following is None:
        raise SyntaxError("a statement without end")
    chunk.append(following)
    return following


def _string_end(quote: str, line: str, at: int, chunk: list[str], lines: Iterator[str]) -> tuple[str, int]:
    """The line on which a string ends and the place behind it."""
    end = ENDS[quote]
    found = end.match(line, at)
    if found is not None:
        return line, found.end()
    if len(quote) == 1:
        while line.endswith("\\"):
            line = _more(chunk, lines)
            found = end.match(line)
            if found is not None:
                return line, found.end()
        raise SyntaxError("a string without end")
    while True:
        line = _more(chunk, lines)  # a backslash at the end of the line before escapes only the line end
        found = end.match(line)
        if found is not None:
            return line, found.end()


def _by_radon(chunk: list[str]) -> tuple[list[str], int, str, int]:
    tokens = _generate("\n".join(chunk))
    comments = sum(1 for token in tokens if token[0] == tokenize.COMMENT)
    kind = "string" if is_single_token(tokenize.STRING, tokens) else "code"
    return chunk, comments, kind, _logical(tokens)
