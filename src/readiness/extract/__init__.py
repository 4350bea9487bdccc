"""bytes of one file -> Facts. One LibCST parse, one ast parse, one walk. Never raises, never sees a path, never runs anything."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings

import libcst as cst
from msgspec.structs import replace

from readiness.extract.metrics import measure
from readiness.extract.positions import Positions
from readiness.extract.statements import HANDLERS
from readiness.extract.walk import Walk
from readiness.types.facts import Call, Facts, Failure, Metrics, Suppression

PARSE_ERRORS = (cst.ParserSyntaxError, SyntaxError, UnicodeError, LookupError, ValueError, RecursionError, MemoryError)
METRIC_ERRORS = (
    SyntaxError,
    tokenize.TokenError,
    ValueError,
    RecursionError,
    MemoryError,
    ZeroDivisionError,
    IndexError,
)
PYTHON2 = re.compile(
    r"^\s*(?:print\s+[\"'\w%]|exec\s+[\"'\w]|raise\s+\w+(?:\.\w+)*\s*,|except\s+[\w.()]+\s*,\s*\w+\s*:)|\b0[0-7]+\b|[^\w]ur?[\"']|<>|`\w+`",
    re.MULTILINE,
)
SUPPRESSION = re.compile(r"#\s*readiness:\s*(ignore|ignore-file)(?:\[([^\]]*)\])?\s*(.*)$")
# a call that a reference names in a place that the walk leaves out (a type parameter): it keeps its number
NOT_WALKED = Call(0, 0, "unknown:", (), (), 1, 1, 1, False, False, -1, "")
UNTIL = re.compile(r"\buntil=(\S+)")


def extract(source: bytes) -> Facts:
    """All that the file says; without a tree only lines, metrics and the reason."""
    try:
        text = decode(source)
    except (UnicodeError, SyntaxError, LookupError) as error:
        return Facts(source.count(b"\n"), Failure("undecodable", str(error)[:200]))
    tree, tree_failure = parse_ast(text)
    metrics, blocks, metrics_failure = metrics_of(text, tree, tree_failure)
    lines = text.count("\n") + (bool(text) and not text.endswith("\n"))
    facts = Facts(lines, metrics=metrics, metrics_failure=metrics_failure, has_shebang=text.startswith("#!"))
    try:
        module = cst.parse_module(text)
    except PARSE_ERRORS as error:
        return replace(facts, failure=parse_failure(error, text, tree_failure))
    walk = Walk(module, Positions(tree, text), HANDLERS)
    walk.run()
    return replace(gather(walk, facts, blocks), suppressions=suppressions(text))


def decode(source: bytes) -> str:
    """Text by the file's own cookie or byte order mark; line ends become \\n."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    return source.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def parse_ast(text: str) -> tuple[ast.Module | None, Failure | None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text), None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        reason = "too-deep" if isinstance(error, (RecursionError, MemoryError)) else "syntax-error"
        return None, Failure(reason, str(error)[:200], line)


def metrics_of(
    text: str, tree: ast.Module | None, failure: Failure | None
) -> tuple[Metrics | None, dict[tuple[int, str], int], Failure | None]:
    if tree is None:
        return None, {}, failure
    try:
        metrics, blocks = measure(text, tree)
    except METRIC_ERRORS as error:
        return None, {}, Failure("too-deep" if isinstance(error, RecursionError) else "syntax-error", str(error)[:200])
    return metrics, blocks, None


def parse_failure(error: BaseException, text: str, tree_failure: Failure | None) -> Failure:
    """Why LibCST has no tree: Python 2, too deep, or broken."""
    if isinstance(error, (RecursionError, MemoryError)):
        return Failure("too-deep", type(error).__name__)
    line = error.raw_line if isinstance(error, cst.ParserSyntaxError) else None
    detail = error.message if isinstance(error, cst.ParserSyntaxError) else str(error)
    reason = "python2" if tree_failure is not None and PYTHON2.search(text) else "syntax-error"
    return Failure(reason, detail.strip().splitlines()[0][:200] if detail.strip() else reason, line)


def gather(walk: Walk, facts: Facts, blocks: dict[tuple[int, str], int]) -> Facts:
    for scope in walk.scopes:
        if scope.kind == "function":
            scope.complexity = blocks.get((scope.line, scope.name))
    loops = tuple(replace(loop, operations=count) for loop, count in zip(walk.loops, walk.operations, strict=True))
    calls = tuple(walk.calls.get(number, NOT_WALKED) for number in range(len(walk.refs.calls)))
    return replace(
        facts, scopes=tuple(s.frozen() for s in walk.scopes), contexts=tuple(walk.contexts), branches=tuple(walk.branches),
        loops=loops, regions=tuple(walk.regions), imports=tuple(walk.imports), bindings=tuple(walk.bindings), calls=calls,
        reads=tuple(walk.reads), exprs=tuple(walk.refs.exprs), sql=tuple(walk.sql), features=tuple(walk.features),
    )  # fmt: skip


def suppressions(text: str) -> tuple[Suppression, ...]:
    """Suppression comments; the text is searched first, so files without one cost nothing."""
    if "readiness:" not in text:
        return ()
    rows = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            found = SUPPRESSION.search(token.string) if token.type == tokenize.COMMENT else None
            if found:
                until = UNTIL.search(found.group(3))
                reason = UNTIL.sub("", found.group(3)).strip()
                rules = tuple(r.strip() for r in (found.group(2) or "").split(",") if r.strip())
                rows.append(
                    Suppression(
                        rules,
                        reason,
                        until.group(1) if until else None,
                        token.start[0],
                        found.group(1) == "ignore-file",
                    )
                )
    except (SyntaxError, tokenize.TokenError):
        pass
    return tuple(rows)
