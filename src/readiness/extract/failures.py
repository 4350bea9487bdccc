"""bytes -> text, or the reason why not; an exception of a parser -> Failure. Never raises on any bytes."""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize

from readiness.types.facts import Failure

BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DETAIL = 200
PYTHON2 = re.compile(
    r"(?:^|[:;])[ \t]*(?:print[ \t]+[\"'\w%(]|print[ \t]*>>|exec[ \t]+[\"'\w]|raise[ \t]+[\w.\[\]]+[ \t]*,)"
    r"|^[ \t]*(?:except[ \t]+[^:\n(]+,[ \t]*\w+[ \t]*:|def[ \t]+\w+\((?:[^()\n]*,)?[ \t]*\()"
    r"|<>|\b0[0-7]+[lL]?\b|\b\d+[lL]\b|\b0[xX][0-9a-fA-F]+[lL]\b|\bur[\"']|`[^`\n]+`",
    re.MULTILINE,
)
NEWER = re.compile(
    r"^[ \t]*(?:match[ \t]+.+:[ \t]*$|type[ \t]+\w+.*=|except\*|(?:async[ \t]+)?def[ \t]+\w+\[|class[ \t]+\w+\[|lazy[ \t]+(?:import|from))"
    r"|\bt[\"']|\bf[\"']|^[ \t]*except[ \t]+[\w.]+,[ \t]*[\w.]+.*:",
    re.MULTILINE,
)


def decode(source: bytes) -> str | Failure:
    """The text of a file by its byte order mark or coding cookie, else UTF-8."""
    if source.startswith(BOMS):
        return Failure("undecodable", "UTF-16 or UTF-32, which Python does not read")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        return source.decode(encoding)
    except (SyntaxError, LookupError, UnicodeError, ValueError) as error:
        line = None
        if isinstance(error, UnicodeDecodeError):
            line = source.count(b"\n", 0, error.start) + 1
        return Failure("undecodable", _detail(error), line)


def parse_failure(error: BaseException, text: str, also: int | None = None) -> Failure:
    """Why LibCST or `ast` gave no tree. `also`: the line that `ast` refuses, where LibCST was asked after it.

    LibCST's tokenizer knows no place, and its parser names the line after a statement's end: Python 2 is looked for at both places.
    """
    if isinstance(error, (RecursionError, MemoryError)):
        return Failure("too-deep" if isinstance(error, RecursionError) else "out-of-memory", _detail(error))
    line = getattr(error, "raw_line", None) or getattr(error, "lineno", None)
    if not isinstance(error, (SyntaxError, ValueError)) and line is None and also is None:
        return Failure("crashed", _detail(error))
    line = also if also and (line is None or _detail(error).startswith("tokenizer error")) else line
    return Failure(_reason(text, line, also), _detail(error), line if isinstance(line, int) and line > 0 else None)


def _reason(text: str, line: int | None, also: int | None) -> str:
    lines = text.split("\n")
    code = _code_near(lines, line)
    if PYTHON2.search(code) or (also and PYTHON2.search(_code_near(lines, also))):
        return "python2"
    return "newer-syntax" if NEWER.search(code) else "syntax-error"


def _code_near(lines: list[str], line: int | None) -> str:
    near = "\n".join(lines[max(0, (line or 1) - 2) : (line or 1) + 1])
    return re.sub(r"(?<![\\'\"])#.*", "", near)


def _detail(error: BaseException) -> str:
    text = getattr(error, "message", None) or getattr(error, "msg", None) or str(error) or type(error).__name__
    return " ".join(str(text).split()).encode("utf-8", "replace").decode()[:DETAIL]


def parse_ast(text: str) -> ast.Module | BaseException:
    """The shared syntax tree, or what went wrong."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return error.with_traceback(None)
