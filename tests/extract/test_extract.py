"""extract: bytes -> Facts. Tables of (source, rows), radon equality, positions against ast, and that nothing raises."""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import radon.raw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from radon.complexity import cc_visit
from radon.metrics import h_visit, mi_visit
from radon.visitors import ComplexityVisitor

from readiness.extract import extract
from readiness.types.facts import SEP, Facts

STDLIB = Path(sysconfig.get_path("stdlib"))
SAMPLES = ["bisect", "colorsys", "contextlib", "dataclasses", "fnmatch", "glob", "heapq", "queue", "shlex", "textwrap"]


def facts(text: str) -> Facts:
    return extract(text.encode())


def plain(ref: str) -> str:
    return ref.replace(SEP, " ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(a.b, *c, k=1, **d)", [("local:f", ("local:a .b", "*local:c"), (("k", "int:1"), ("**", "local:d")))]),
        ("f()().g", [("local:f", (), ()), ("call:0", (), ())]),
        ("x['k'][0][i].g('t')", [("local:x ['k'] [0] [] .g", ("str:t",), ())]),
        ("async def f():\n    (await s).go(lambda: 1)", [("local:s await .go", ("scope:2",), ())]),
        ("g(f'a{b()}c', (1,), None, ...)", [("local:g", ("fstr:a{}c", "expr:0", "none:", "ellipsis:"), ())] ),
    ],
)  # fmt: skip
def test_calls(text: str, expected: list[tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]]) -> None:
    found = [
        (plain(c.callee), tuple(map(plain, c.args)), tuple((k, plain(v)) for k, v in c.keywords))
        for c in facts(text).calls
    ]
    assert found[: len(expected)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a, (b, *c) = f()", [("assign", "a", "", "call:0 [0]"), ("assign", "b", "", "call:0 [1] [0]"),
                              ("assign", "c", "", "call:0 [1] [*1:]")]),
        ("o.p.q = 1", [("assign", ".q", "local:o .p", "int:1")]),
        ("o['k'] += v", [("augment", "['k']", "local:o", "local:v")]),
        ("for k in d: pass", [("for", "k", "", "local:d iter")]),
        ("with m() as x: pass", [("with", "x", "", "call:0 enter")]),
        ("try: pass\nexcept (A, B) as e: pass", [("except", "e", "", "expr:0")]),
        ("from ..p import q as r", [("import", "r", "", "relative:2:p .q")]),
        ("import a.b", [("import", "a", "", "import:a")]),
        ("import a.b as c", [("import", "c", "", "import:a.b")]),
        ("if isinstance(x, C): pass", [("narrow", "x", "", "local:C")]),
        ("(y := f())", [("walrus", "y", "", "call:0")]),
        ("match s:\n    case [a, *_]: pass", [("match", "a", "", "local:s [0]")]),
        ("del z", [("del", "z", "", "")]),
    ],
)  # fmt: skip
def test_bindings(text: str, expected: list[tuple[str, str, str, str]]) -> None:
    rows = [(b.kind, b.name, plain(b.target), plain(b.value)) for b in facts(text).bindings]
    assert rows == expected


def test_import_kinds() -> None:
    text = (
        "import a\nif TYPE_CHECKING:\n    import b\nelif t.TYPE_CHECKING:\n    import c\nelse:\n    import d\n"
        "def f():\n    import e\n    if not TYPE_CHECKING:\n        import g\ntry:\n    import h\nexcept E:\n    pass\n"
    )
    assert [(i.module, i.when, i.line) for i in facts(text).imports] == [
        ("a", "runtime", 1), ("b", "typing", 3), ("c", "typing", 5), ("d", "conditional", 7),
        ("e", "lazy", 9), ("g", "lazy", 11), ("h", "conditional", 13),
    ]  # fmt: skip


def test_handed_to_goes_through_displays_and_comprehensions() -> None:
    calls = facts("gather(*[fetch(u) for u in urls()], other(), key=lambda: late())").calls
    assert {c.callee: c.handed_to for c in calls} == {
        "local:gather": -1, "local:fetch": 0, "local:urls": -1, "local:other": 0, "local:late": -1,
    }  # fmt: skip


def test_scopes_have_pythons_names_and_radons_complexity() -> None:
    found = facts("class A:\n    def f(self):\n        def g(): return [i for i in x if i]\n        return lambda: 1\n")
    assert [(s.kind, s.qualname, s.line, s.complexity) for s in found.scopes] == [
        ("module", "<module>", 1, None), ("class", "A", 1, 2), ("function", "A.f", 2, 1),
        ("function", "A.f.<locals>.g", 3, 3), ("comprehension", "A.f.<locals>.g.<locals>.<listcomp>", 3, None),
        ("lambda", "A.f.<locals>.<lambda>@4", 4, None),
    ]  # fmt: skip


def test_digest_ignores_white_space_and_comments() -> None:
    one = facts("x = f( a,  # why\n   'b#c')\n").calls[0]
    assert one.digest == facts("\n\nx = f(a, 'b#c')").calls[0].digest
    assert one.digest != facts("x = f(a, 'b#d')").calls[0].digest


ODD = """
@deco(lambda x: x or 1, y if z else 2)
class A(Base if x else Other, metaclass=a and b):
    n = [i for i in x if i if 2 * i]
    def same(self, a: 1 + 2 = 3 if x else -4) -> (u and v):
        assert a and (b if c else -d), x + 1
        class Hidden:
            def never(self):
                return 1 if a else 2
        def inner():
            try: pass
            except A: pass
            except (B, C): pass
            else: pass
            finally: x = 1 + True + 1.0 + x
        return lambda: a or b or not c
    class B:
        async def same(self):
            async for i in x: x += a.b < c.d <= 2
            else: pass
            async with a as b, c: yield
    class C: pass
def same():
    while a: pass
    else: x = a.b @ c[1] - a.b
    match x:
        case [1, *_] if a and b: pass
        case {"k": [y, z], **rest}: pass
        case _: pass
    match x:
        case 1 | 2: pass
        case C(k=3): return f"{a + b!r:>{w + 1}}"
try: x = ~a
except* E: y = 1 if a else 2
if a:
    def late(): return {**a, 'b': 1} or {i: j for i in x for j in y if j}
"""


@pytest.mark.parametrize(
    "text", [ODD, *((STDLIB / f"{name}.py").read_text() for name in SAMPLES)], ids=["odd", *SAMPLES]
)
def test_radon_equality(text: str) -> None:
    found = extract(text.encode())
    metrics = found.metrics
    assert metrics is not None
    complexities = {block.lineno: block.complexity for block in blocks_of(cc_visit(text))}
    ours = {s.line: s.complexity for s in found.scopes if s.complexity is not None and s.kind in ("class", "function")}
    assert ours == complexities
    raw = radon.raw.analyze(text)
    total = h_visit(text).total
    assert (metrics.loc, metrics.lloc, metrics.sloc, metrics.comments, metrics.multi, metrics.blank) == raw[:6]
    assert metrics.maintainability == mi_visit(text, True)
    assert (metrics.halstead_volume, metrics.halstead_effort) == (total.volume, total.effort)
    assert metrics.complexity_total == ComplexityVisitor.from_code(text).total_complexity
    assert metrics.complexity_max == max(block.complexity for block in cc_visit(text))


def blocks_of(blocks: list[Any]) -> Iterator[Any]:
    """radon's blocks and those that it keeps within them."""
    for block in blocks:
        yield block
        for name in ("closures", "inner_classes", "methods"):
            yield from blocks_of(getattr(block, name, []))


@pytest.mark.parametrize("name", SAMPLES)
def test_positions_equal_ast_with_and_without_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (STDLIB / f"{name}.py").read_bytes()
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    expected = sorted((c.lineno, c.end_lineno) for c in calls)
    exact = extract(source)
    assert sorted((c.line, c.end_line) for c in exact.calls) == expected
    monkeypatch.setattr("readiness.extract.parse_ast", lambda text: SyntaxError("newer"))
    counted = extract(source)
    assert counted.metrics is None
    assert [(c.line, c.end_line, c.callee) for c in counted.calls] == [
        (c.line, c.end_line, c.callee) for c in exact.calls
    ]
    assert [b.line for b in counted.bindings] == [b.line for b in exact.bindings]
    assert [(s.qualname, s.line) for s in counted.scopes] == [(s.qualname, s.line) for s in exact.scopes]


@pytest.mark.parametrize(
    ("source", "reason", "metrics_reason"),
    [
        (b"print 'x'\n", "python2", "python2"), (b"if x: print x\n", "python2", "python2"),
        (b"'A'\n\n\n\ny = 0777\n", "python2", "python2"), (b"x = 0xFFL\n", "python2", "python2"),
        (b"raise a[0], a[1]\n", "python2", "python2"), (b"def f(a, (b, c)=d):\n    pass\n", "python2", "python2"),
        (b"raise A, \\\n    'x'\n", "python2", "python2"), (b"def f(a=(1, 2:\n    pass\n", "syntax-error", "syntax-error"),
        (b"def f(:\n", "syntax-error", "syntax-error"),
        (b"\xff\xfea\x00", "undecodable", "undecodable"), (b"# coding: nonsense\n", "undecodable", "undecodable"),
        (b"x = " + b"a.b()." * 1500 + b"c\n", None, "too-deep"), (b"", None, None),
        (b'""t""', "newer-syntax", "newer-syntax"),
    ],
)  # fmt: skip
def test_failures_say_why(source: bytes, reason: str | None, metrics_reason: str | None) -> None:
    found = extract(source)
    assert (found.failure.reason if found.failure else None) == reason
    assert (found.metrics_failure.reason if found.metrics_failure else None) == metrics_reason


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda t: t.encode("utf-8", "surrogatepass"))))
def test_never_raises(source: bytes) -> None:
    assert isinstance(extract(source), Facts)


TOKENS = st.sampled_from(
    ["f(", ")", "[", "]", "{", "}", "x", "1", "'s'", 'f"{x}"', ":", ",", "=", " for i in ", " if ", " else ", "lambda: ",
     "await ", "yield ", "*", "\n", "\n    ", "def f():", "class A:", "with a as b:", "match x:", "case [a, *b]:", "#c\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TOKENS, max_size=14).map("".join))
def test_never_raises_on_pieces_of_python(text: str) -> None:
    assert isinstance(facts(text), Facts)


def test_no_matchers_and_nothing_beyond_bare_libcst() -> None:
    code = (
        "import sys, libcst; bare = {m for m in sys.modules if m.startswith('libcst')}; import readiness.extract;"
        "print(sorted({m for m in sys.modules if m.startswith('libcst')} - bare), 'libcst.matchers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"


def test_what_is_awaited_through_a_choice_is_awaited() -> None:
    found = facts("async def f():\n    await (a() if b() else c())\n    await (x := d())\n    await (g() or h(i()))\n")
    awaited = {plain(call.callee): call.is_awaited for call in found.calls}
    assert awaited == {
        "local:a": True, "local:b": False, "local:c": True, "local:d": True, "local:g": True, "local:h": True,
        "local:i": False,
    }  # fmt: skip


def test_a_call_in_a_test_is_counted_once() -> None:
    found = facts(
        "def f(x):\n    if isinstance(g().y, h().C) or isinstance(x, k().D):\n        return\n    if i().a is None:\n        m()\n"
    )
    assert [plain(call.callee) for call in found.calls].count("local:g") == 1
    assert sorted((call.line, plain(call.callee)) for call in found.calls if call.callee == "local:m") == [
        (5, "local:m")
    ]
    assert [plain(call.callee) for call in found.calls if "local:k" in call.callee or "local:h" in call.callee] == [
        "local:h", "local:k",
    ]  # fmt: skip


def test_places_that_were_found_missing_are_told_where_they_are() -> None:
    facts = extract(
        b"def f(self, key, kept):\n"
        b"    if not self.loaded and self.text is None:\n"
        b"        a()\n"
        b"    if key in kept:\n"
        b"        return kept[key]\n"
        b"    if hasattr(self, 'more') or kept is not None:\n"
        b"        return 1\n"
        b"    assert not self.never\n"
        b"    if len(kept):\n"
        b"        b()\n"
        b"    raise ValueError(key)\n"
    )

    own = "local:self" + SEP
    assert {row.place for row in facts.missing} == {
        f"{own}.loaded", f"{own}.text", "local:kept", f"{own}.more",
    }  # fmt: skip
    in_arm = [row for row in facts.missing if facts.contexts[row.context].branch >= 0]
    assert {row.place for row in in_arm} == {f"{own}.loaded", f"{own}.text"}
    assert [facts.contexts[context].branch for context, _ in facts.raising] == [-1]
