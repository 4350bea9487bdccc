"""References -> the text that a name, attribute or call can hold, as parts: literals, environment variables, parameters, unknowns.

Follows constants, attributes with defaults (dataclass fields, settings classes), formatted and joined texts, `os.environ` and its
kin. Never guesses: what cannot be told is a part of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from readiness.link.classes import ancestors
from readiness.link.outgoing.configured import Value, configured, is_config, key_read
from readiness.link.resolver import Resolver
from readiness.link.values import Value as Held
from readiness.types.facts import SEP, Binding, Call, Ref, last_name
from readiness.types.rulebook import Api

Part = tuple[
    str, str, str
]  # kind (text | env | param | unknown), text or name, default; of param: `module scope` of its function
Parts = tuple[Part, ...]
UNKNOWN: Part = ("unknown", "", "")
FIELD = re.compile(r"\{\w*\}")
MAX_DEPTH = 12
MAX_ALTERNATIVES = 4
SAME = frozenset(
    {
        "rstrip",
        "strip",
        "lstrip",
        "lower",
        "removesuffix",
        "replace",
        "unicode_string",
        "geturl",
        "human_repr",
    }
)
ENVIRONMENT = "env"  # what a page says of the data that a call reads
# Tags: of what gives its first argument as text, and of what has its fields filled by the environment.
TEXT_OF_ARGUMENT, FIELDS = "text-of-argument", "environment-fields"
JOINS = frozenset({"urllib.parse.urljoin", "posixpath.join", "os.path.join"})


class Addresses:
    """Asked reference by reference; remembers the answers."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._memo: dict[tuple[str, int, Ref], tuple[Parts, ...]] = {}
        self._active: set[tuple[str, int, Ref]] = set()
        self._formats: dict[str, dict[tuple[int, str], list[tuple[Ref, ...]]]] = {}
        self._keys: dict[str, list[Value]] | None = None

    def of(self, module: str, scope: int, ref: Ref) -> tuple[Parts, ...]:
        """The alternatives of a reference, each as parts; `((UNKNOWN,),)` where nothing is known."""
        key = (module, scope, ref)
        known = self._memo.get(key)
        if known is not None:
            return known
        if key in self._active or len(self._active) > MAX_DEPTH or not ref:
            return ((UNKNOWN,),)
        self._active.add(key)
        try:
            found = tuple(dict.fromkeys(self._alternatives(module, scope, ref)))[:MAX_ALTERNATIVES]
        finally:
            self._active.discard(key)
        self._memo[key] = found or ((UNKNOWN,),)
        return self._memo[key]

    def binding_calls(self, module: str, scope: int, ref: Ref) -> Iterator[tuple[str, int, Call]]:
        """(module, scope, call) of the calls that may have made the object of a reference: a client, a stub, an app."""
        if ref.startswith("call:") and SEP not in ref:
            call = self.resolver.spaces[module].facts.calls[int(ref[5:])]
            yield module, self.resolver.spaces[module].facts.contexts[call.context].scope, call
            return
        for home, row in self.bindings(module, scope, ref):
            base = row.value.split(SEP)[0]
            if base.startswith("call:"):
                facts = self.resolver.spaces[home].facts
                call = facts.calls[int(base[5:])]
                yield home, facts.contexts[call.context].scope, call

    def bindings(self, module: str, scope: int, ref: Ref) -> Iterator[tuple[str, Binding]]:
        """(module, binding) of a plain name, an imported one or an attribute of an object of the program."""
        base, _, last = ref.rpartition(SEP)
        if base and last.startswith("."):
            for value in self.resolver.evaluate(module, scope, base):
                if value[0] == "M" and value[1] in self.resolver.spaces:
                    yield from ((value[1], row) for row in self.resolver.spaces[value[1]].names[0].get(last[1:], ()))
                elif value[0] in ("I", "C"):
                    yield from self._attribute(value[1], value[2], last[1:])
        elif ref.startswith("local:"):
            scopes, walk = self.resolver.spaces[module].facts.scopes, scope
            while walk >= 0:
                rows = (
                    self.resolver.spaces[module].names[walk].get(ref[6:])
                    if scopes[walk].kind != "class" or walk == scope
                    else None
                )
                if rows:
                    yield from ((module, row) for row in rows)
                    return
                walk = scopes[walk].parent

    def _attribute(self, module: str, scope: int, name: str) -> Iterator[tuple[str, Binding]]:
        for cls in ancestors(self.resolver, module, scope):
            if cls[0] == "C":
                space = self.resolver.spaces[cls[1]]
                rows = [*space.names[cls[2]].get(name, ()), *space.fields.get(cls[2], {}).get(name, ())]
                if rows:
                    yield from ((cls[1], row) for row in rows)
                    return

    def _alternatives(self, module: str, scope: int, ref: Ref) -> Iterator[Parts]:
        kind, _, text = ref.partition(":")
        base, _, last = ref.rpartition(SEP)
        if base:
            yield from self._member(module, scope, ref, base, last)
        elif kind == "str":
            yield (("text", text, ""),)
        elif kind == "fstr":
            yield from self._formatted(module, scope, text)
        elif kind == "expr":
            yield from self._expression(module, scope, int(text))
        elif kind == "call":
            yield from self._call(module, int(text))
        elif kind == "local":
            yield from self._name(module, scope, text, ref)

    def _name(self, module: str, scope: int, name: str, ref: Ref) -> Iterator[Parts]:
        row = self.resolver.spaces[module].facts.scopes[scope]
        if any(p.name == name for p in row.params) and name not in ("self", "cls"):
            yield (("param", name, f"{module} {scope}"),)
            return
        for home, binding in self.bindings(module, scope, ref):
            yield from self._bound(home, binding)

    def _bound(self, module: str, row: Binding) -> Iterator[Parts]:
        scope = self.resolver.spaces[module].facts.contexts[row.context].scope
        if row.kind not in ("param", "def", "class", "except", "for") and row.value:
            yield from self.of(module, scope, row.value)

    def _member(self, module: str, scope: int, ref: Ref, base: Ref, last: str) -> Iterator[Parts]:
        if last.startswith("['") and base.endswith("environ"):
            yield (("env", last[2:-2], ""),)
            return
        if not last.startswith("."):
            yield from self._configured(key_read(ref))
            return
        seen = False
        for home, row in self.bindings(module, scope, ref):
            seen = True
            found = list(self._bound(home, row))
            if self._is_setting(home, row):
                default = next((p[0][1] for p in found if len(p) == 1 and p[0][0] == "text"), "")
                yield (("env", row.name.lstrip(".").upper(), default),)
            else:
                yield from found
        if not seen and any(
            v[0] in ("X", "E") and str(v[1]).startswith("django.conf.settings")
            for v in self.resolver.evaluate(module, scope, base)
        ):
            yield from self._django_setting(last[1:])

    def _configured(self, key: str) -> Iterator[Parts]:
        """What a key of the application's configuration is set to; an empty text is a place that others fill."""
        if self._keys is None:
            self._keys = configured(self.resolver)
        for module, scope, ref in self._keys.get(key, ()):
            yield from (parts for parts in self.of(module, scope, ref) if parts != (("text", "", ""),))

    def _is_setting(self, module: str, row: Binding) -> bool:
        """Whether a class attribute is filled from the environment by its class."""
        number = self.resolver.spaces[module].facts.contexts[row.context].scope
        if self.resolver.spaces[module].facts.scopes[number].kind != "class":
            return False
        return any(FIELDS in self._tags(v) for v in ancestors(self.resolver, module, number))

    def _page_of(self, value: Held) -> Api | None:
        """What a page says of calling something outside, a name or an object."""
        if value[0] not in ("X", "E"):
            return None
        name = str(value[1]) if value[0] == "X" else f"{value[1]}.__call__"
        known = self.resolver.catalogue.api.get(self.resolver.catalogue.canonical(name))
        return known[0] if known is not None else None

    def _tags(self, value: Held) -> tuple[str, ...]:
        page = self._page_of(value)
        return page.tags if page is not None else ()

    def _django_setting(self, name: str) -> Iterator[Parts]:
        for module in sorted(self.resolver.spaces):
            if "settings" in module:
                for row in self.resolver.spaces[module].names[0].get(name, ()):
                    yield from self._bound(module, row)

    def _formatted(self, module: str, scope: int, text: str) -> Iterator[Parts]:
        pieces = text.split("{}")
        for fields in self._fields(module, scope, text) or [()]:
            parts: list[Part] = []
            for at, piece in enumerate(pieces):
                if piece:
                    parts.append(("text", piece, ""))
                if at < len(pieces) - 1:
                    inner = self.of(module, scope, fields[at]) if at < len(fields) else ((UNKNOWN,),)
                    parts += inner[0]
            yield tuple(parts)

    def _fields(self, module: str, scope: int, text: str) -> list[tuple[Ref, ...]]:
        """What stands in the replacement fields of a formatted text of a scope."""
        known = self._formats.get(module)
        if known is None:
            facts = self.resolver.spaces[module].facts
            known = self._formats[module] = {}
            for expr in facts.exprs:
                if expr.kind == "fstring":
                    rows = known.setdefault((facts.contexts[expr.context].scope, expr.keys[0]), [])
                    if expr.items not in rows:
                        rows.append(expr.items)
        return known.get((scope, text), [])

    def _expression(self, module: str, scope: int, number: int) -> Iterator[Parts]:
        expr = self.resolver.spaces[module].facts.exprs[number]
        if expr.kind == "operation" and expr.items[0].startswith("str:") and "%s" in expr.items[0]:
            yield self._filled(module, scope, expr.items[0][4:].split("%s"), expr.items[1:])
        elif expr.kind in ("concat", "operation"):
            yield tuple(part for item in expr.items for part in self.of(module, scope, item)[0])
        elif expr.kind == "union":
            for item in expr.items:
                yield from (p for p in self.of(module, scope, item) if p != (UNKNOWN,))

    def _call(self, module: str, number: int) -> Iterator[Parts]:
        facts = self.resolver.spaces[module].facts
        call = facts.calls[number]
        scope = facts.contexts[call.context].scope
        base, name = call.callee.rpartition(SEP)[0], last_name(call.callee)
        if name == "format" and base.startswith("str:") and SEP not in base:
            yield self._filled(module, scope, FIELD.split(base[4:]), call.args)
            return
        if name == "get" and is_config(base) and call.args and call.args[0].startswith("str:"):
            yield from self._configured(call.args[0][4:])
            return
        if base and name in SAME:
            yield from self.of(module, scope, base)
            return
        keywords = dict(call.keywords)
        for value in self.resolver.evaluate(module, scope, call.callee):
            external = str(value[1]) if value[0] == "X" else ""
            page = self._page_of(value)
            if page is not None and page.data == ENVIRONMENT and call.args:
                if call.args[0].startswith("str:"):
                    default = keywords.get("default", call.args[1] if len(call.args) > 1 else "")
                    yield (("env", call.args[0][4:], self._default(module, scope, default)),)
                    return
            elif TEXT_OF_ARGUMENT in self._tags(value) and call.args:
                yield from self.of(module, scope, call.args[0])
            elif external in JOINS and call.args:
                yield self._joined(module, scope, call.args)
            elif name == "field" or external.endswith("Field"):
                yield from self._field(module, scope, keywords, call)
            elif value[0] in ("F", "B"):
                for ref in self.resolver.spaces[value[1]].facts.scopes[value[2]].results:
                    yield from (
                        p for p in self.of(value[1], value[2], ref) if not any(part[0] == "param" for part in p)
                    )

    def _filled(self, module: str, scope: int, pieces: Sequence[str], values: Sequence[Ref]) -> Parts:
        """Pieces of text with values between them; a display of several values is taken apart."""
        if len(values) == 1 and values[0].startswith("expr:"):
            values = self.resolver.spaces[module].facts.exprs[int(values[0][5:])].items or values
        parts: list[Part] = []
        for at, piece in enumerate(pieces):
            parts += [("text", piece, "")] if piece else []
            if at < len(pieces) - 1:
                parts += self.of(module, scope, values[at])[0] if at < len(values) else (UNKNOWN,)
        return tuple(parts)

    def _default(self, module: str, scope: int, ref: Ref) -> str:
        found = self.of(module, scope, ref)[0] if ref else ()
        return "".join(part[1] if part[0] == "text" else part[2] for part in found)

    def _joined(self, module: str, scope: int, args: tuple[Ref, ...]) -> Parts:
        parts: list[Part] = []
        for at, ref in enumerate(args):
            parts += [("text", "/", "")] if at else []
            parts += self.of(module, scope, ref)[0]
        return tuple(parts)

    def _field(self, module: str, scope: int, keywords: dict[str, Ref], call: Call) -> Iterator[Parts]:
        """`field(default_factory=lambda: X)`, `Field("x", env="Y")`."""
        factory = keywords.get("default_factory", "")
        if factory.startswith("scope:"):
            for ref in self.resolver.spaces[module].facts.scopes[int(factory[6:])].results:
                yield from self.of(module, int(factory[6:]), ref)
        given = keywords.get("default", call.args[0] if call.args else "")
        if given:
            yield from self.of(module, scope, given)
