"""Facts -> spots of everyday language features that a port has to rewrite by hand, each where it stands. Never judges.

Only what a chosen rule asks for is looked for: most of these rules are previews, and off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from readiness.findings.dynamic import Spot
from readiness.findings.ground import Ground
from readiness.types.facts import SEP, Call, Facts, Scope

Row = tuple[int, int, str]  # scope in which it stands, line, name
PLAIN_BASES = ("abc.ABC", "typing.Protocol", "typing_extensions.Protocol", "typing.Generic", "builtins.object", "enum.Enum",
               "typing.NamedTuple", "typing.TypedDict")  # fmt: skip
DESCRIPTORS = frozenset({"__get__", "__set__", "__delete__"})
MANAGERS = frozenset({"__enter__", "__aenter__"})
OPERATORS = frozenset(
    {"__add__", "__sub__", "__mul__", "__truediv__", "__floordiv__", "__mod__", "__pow__", "__and__", "__or__", "__xor__",
     "__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__getitem__", "__setitem__", "__contains__", "__call__", "__len__",
     "__iter__", "__neg__", "__invert__", "__radd__", "__iadd__", "__matmul__", "__lshift__", "__rshift__"}
)  # fmt: skip
MUTABLE = frozenset({"list", "dict", "set"})
MANY_KEYWORDS, MANY_ANCESTORS = 3, 2
# RE2 knows none of these: look-ahead, look-behind, back-references, conditions, atomic groups, possessive repeats
BACKTRACKING = re.compile(r"\(\?(?:=|!|<=|<!|P=|\(|>)|(?<!\\)(?:\\\\)*\\[1-9]|[*+?}]\+")
PATTERNS = re.compile(r"re\.(?:compile|match|search|fullmatch|sub|subn|split|findall|finditer)")


def language_spots(ground: Ground, wanted: Collection[str]) -> Iterator[Spot]:
    """The spots of the `wanted` features, in no order."""
    for feature, find in sorted(BY_FILE.items()):
        if feature in wanted:
            for module, facts in ground.facts.items():
                for scope, line, name in find(facts):
                    yield Spot(feature, module, _target(module, facts, scope), line, name)
    for module, facts in ground.facts.items():
        for row in facts.features:  # those that only the parser sees
            if row.name in wanted:
                yield Spot(
                    row.name, module, _target(module, facts, facts.contexts[row.context].scope), row.line, row.name
                )
    yield from _of_calls(ground, wanted)
    yield from _of_classes(ground, wanted)


def _target(module: str, facts: Facts, scope: int) -> str | None:
    while facts.scopes[scope].kind == "comprehension":
        scope = facts.scopes[scope].parent
    row = facts.scopes[scope]
    return None if row.kind == "module" else f"{module}:{row.qualname}"


def _of_calls(ground: Ground, wanted: Collection[str]) -> Iterator[Spot]:
    """Calls whose arguments decide: `getattr(x, name)`, a pattern that looks ahead."""
    for edge in ground.program.calls:
        call = ground.call(edge) if edge.external else None
        feature = _of_call(edge.external, call) if call is not None and edge.how == "call" else None
        if feature in wanted and feature is not None:
            function = ground.program.functions[edge.caller]
            target = None if function.qualname == "<module>" else function.target
            yield Spot(feature, function.module, target, edge.line, edge.external.removeprefix("builtins."))


def _of_call(name: str, call: Call) -> str | None:
    if name in ("builtins.getattr", "builtins.hasattr", "builtins.setattr", "builtins.delattr"):
        is_literal = len(call.args) > 1 and call.args[1].startswith("str:") and SEP not in call.args[1]
        if name.endswith(("setattr", "delattr")):
            return None if is_literal else "setattr-dynamic"
        return "getattr-literal" if is_literal else "getattr-dynamic"
    if (
        PATTERNS.fullmatch(name)
        and call.args
        and call.args[0].startswith("str:")
        and BACKTRACKING.search(call.args[0][4:])
    ):
        return "regex-lookaround"
    if name == "datetime.datetime.utcnow" or (name == "datetime.datetime.now" and not call.args and not call.keywords):
        return "naive-datetime"
    return None


def _of_classes(ground: Ground, wanted: Collection[str]) -> Iterator[Spot]:
    ours = {cls.target for cls in ground.program.classes}
    for cls in ground.program.classes:
        module, _, qualname = cls.target.partition(":")
        bases = [base for base in cls.bases if base not in PLAIN_BASES]
        if "multiple-inheritance" in wanted and len(bases) > 1:
            yield Spot("multiple-inheritance", module, cls.target, cls.line, qualname)
        if "deep-inheritance" in wanted and sum(name in ours for name in cls.ancestors) >= MANY_ANCESTORS:
            yield Spot("deep-inheritance", module, cls.target, cls.line, qualname)


def _methods(names: Collection[str]) -> Callable[[Facts], Iterator[Row]]:
    """Classes with one of these methods, once each."""

    def find(facts: Facts) -> Iterator[Row]:
        seen: set[int] = set()
        for number, row in enumerate(facts.scopes):
            in_class = row.parent >= 0 and facts.scopes[row.parent].kind == "class"
            if row.kind == "function" and row.name in names and in_class and row.parent not in seen and not row.is_stub:
                seen.add(row.parent)
                yield number, row.line, row.qualname

    return find


def _functions(holds: Callable[[Facts, Scope], bool]) -> Callable[[Facts], Iterator[Row]]:
    def find(facts: Facts) -> Iterator[Row]:
        for number, row in enumerate(facts.scopes):
            if row.kind == "function" and not row.is_stub and holds(facts, row):
                yield number, row.line, row.qualname

    return find


def _annotations(holds: Callable[[Facts, str], bool]) -> Callable[[Facts], Iterator[Row]]:
    def find(facts: Facts) -> Iterator[Row]:
        for number, row in enumerate(facts.scopes):
            refs = [param.annotation for param in row.params] + [row.returns] if row.kind == "function" else []
            if any(ref and holds(facts, ref) for ref in refs):
                yield number, row.line, row.qualname

    return find


def _is_optional(facts: Facts, ref: str) -> bool:
    kind, items = _expression(facts, ref)
    return kind == "union" and "none:" in items or kind == "subscript" and items[0].endswith("Optional")


def _is_union(facts: Facts, ref: str) -> bool:
    kind, items = _expression(facts, ref)
    return kind == "union" and len(set(items) - {"none:"}) > 1 or kind == "subscript" and items[0].endswith("Union")


def _expression(facts: Facts, ref: str) -> tuple[str, tuple[str, ...]]:
    row = facts.exprs[int(ref[5:])] if ref.startswith("expr:") and SEP not in ref else None
    return ("", ("",)) if row is None else (row.kind, row.items or ("",))


def _has_mutable_default(facts: Facts, scope: Scope) -> bool:
    return any(_expression(facts, param.default)[0] in MUTABLE for param in scope.params)


def _is_wrapper(facts: Facts, scope: Scope) -> bool:
    """`def wrapper(*args, **kwargs)` inside of a function that gives it back."""
    kinds = {param.kind for param in scope.params}
    outer = facts.scopes[scope.parent] if scope.parent >= 0 else None
    given = outer.results if outer is not None and outer.kind == "function" else ()
    return {"star", "double-star"} <= kinds and any(ref == f"local:{scope.name}" for ref in given)


def _passed_keywords(facts: Facts) -> Iterator[Row]:
    for call in facts.calls:
        scope = facts.contexts[call.context].scope
        own = {f"local:{param.name}" for param in facts.scopes[scope].params if param.kind == "double-star"}
        if any(key == "**" and ref in own for key, ref in call.keywords):
            yield scope, call.line, facts.scopes[scope].qualname


def _many_keywords(facts: Facts) -> Iterator[Row]:
    for call in facts.calls:
        if len(call.keywords) >= MANY_KEYWORDS:
            yield facts.contexts[call.context].scope, call.line, "a call by keywords"


def _comprehensions(is_inner: bool) -> Callable[[Facts], Iterator[Row]]:
    def find(facts: Facts) -> Iterator[Row]:
        for number, row in enumerate(facts.scopes):
            if row.kind == "comprehension" and (not is_inner or facts.scopes[row.parent].kind == "comprehension"):
                yield number, row.line, "comprehension"

    return find


def _imports(holds: Callable[[str | None, str], bool]) -> Callable[[Facts], Iterator[Row]]:
    def find(facts: Facts) -> Iterator[Row]:
        for row in facts.imports:
            if holds(row.name, row.when):
                yield facts.contexts[row.context].scope, row.line, row.module or "."

    return find


def _reads(marks: tuple[str, ...]) -> Callable[[Facts], Iterator[Row]]:
    """Values with one of these steps in them."""

    def find(facts: Facts) -> Iterator[Row]:
        for row in facts.reads:
            if any(f"{SEP}{mark}" in row.value for mark in marks):
                yield facts.contexts[row.context].scope, row.line, row.value.replace(SEP, "").partition(":")[2]

    return find


BY_FILE: dict[str, Callable[[Facts], Iterator[Row]]] = {
    "async-generator": _functions(lambda _, row: row.is_generator and row.is_async),
    "comprehension": _comprehensions(False),
    "conditional-import": _imports(lambda _, when: when == "conditional"),
    "context-manager": _methods(MANAGERS),
    "decorator-stateful": _functions(_is_wrapper),
    "del-finalizer": _methods({"__del__"}),
    "descriptor": _methods(DESCRIPTORS),
    "duck-typing": _functions(lambda _, row: any(p.kind == "any" and not p.annotation and p.name not in ("self", "cls") for p in row.params)),
    "dunder-dict": _reads((".__dict__",)),
    "generator": _functions(lambda _, row: row.is_generator and not row.is_async),
    "hash-eq": _methods({"__hash__"}),
    "keyword-args": _many_keywords,
    "kwargs-passthrough": _passed_keywords,
    "negative-slice": _reads(("[-",)),
    "nested-comprehension": _comprehensions(True),
    "operator-overload": _methods(OPERATORS),
    "optional": _annotations(_is_optional),
    "reference-semantics": _functions(_has_mutable_default),
    "star-args": _functions(lambda _, row: any(param.kind == "star" for param in row.params)),
    "star-import": _imports(lambda name, _: name == "*"),
    "union-types": _annotations(_is_union),
}  # fmt: skip
