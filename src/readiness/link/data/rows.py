"""References -> models: whose rows, or queries for rows, a name, attribute, element or call can hold. Never counts a use.

`link.values` knows what a class's objects are; this follows the ways on which ORMs hand rows out: queries, sessions, relations.
"""

from __future__ import annotations

import re

from readiness.link.classes import ancestors, member
from readiness.link.data.models import Key, Models
from readiness.link.resolver import Resolver
from readiness.link.values import Value
from readiness.types.facts import SEP, Binding, Ref, last_name

Keys = frozenset[Key]
NONE: Keys = frozenset()
MAX_DEPTH = 24
# Functions of the language that give what they are handed.
PASSING = frozenset({"iter", "list", "sorted", "reversed", "enumerate", "next", "tuple", "set", "filter"})
MANAGER = re.compile(r"(Manager|QuerySet)$")


class Rows:
    """Asked reference by reference; remembers the answers. `learn` adds what callers hand to parameters without a type."""

    def __init__(self, resolver: Resolver, models: Models) -> None:
        self.resolver = resolver
        self.models = models
        self.words = resolver.catalogue.orm
        self.parameters: dict[tuple[str, int, str], set[Key]] = {}
        self._memo: dict[str, dict[int, dict[str, Keys]]] = {}  # by module and scope
        self._active: set[tuple[str, int, str]] = set()

    def forget(self, module: str | None = None) -> None:
        """Drops the answers, or those of one module; keeps what parameters were seen to receive."""
        if module is None:
            self._memo.clear()
        else:
            self._memo.pop(module, None)

    def of(self, module: str, scope: int, ref: Ref) -> Keys:
        """The models of a reference of a scope; none where it holds no rows or that cannot be told."""
        memo = self._memo.setdefault(module, {}).setdefault(scope, {})
        known = memo.get(ref)
        if known is not None:
            return known
        if not ref.startswith(("local:", "call:", "expr:", "import:", "relative:")) or len(self._active) > MAX_DEPTH:
            return NONE
        key = (module, scope, ref)
        if key in self._active:
            return NONE
        self._active.add(key)
        try:
            base, _, last = ref.rpartition(SEP)
            found = self._typed(module, scope, ref)
            if not found:
                found = self._step(module, scope, base, last) if base else self._root(module, scope, ref)
        finally:
            self._active.discard(key)
        memo[ref] = found
        return found

    def classes(self, module: str, scope: int, ref: Ref) -> Keys:
        """The models that a reference names as classes or Table objects, alone or with one attribute (`Order`, `Order.id`)."""
        if not ref.startswith(("local:", "import:", "relative:")):
            return NONE
        base, _, last = ref.rpartition(SEP)
        for part in (ref, base) if last.startswith(".") else (ref,):
            found = frozenset(
                (v[1], v[2], "") for v in self.resolver.evaluate(module, scope, part) if part and v[0] == "C" and (v[1], v[2], "") in self.models.of
            ) if part else NONE  # fmt: skip
            if found:
                return found
        return frozenset(k for part in (ref, base) if part for k in self.of(module, scope, part) if k[1] < 0)

    def _typed(self, module: str, scope: int, ref: Ref) -> Keys:
        """What the resolver already knows: classes, their objects and lists of them."""
        return frozenset(key for value in self.resolver.evaluate(module, scope, ref) for key in self.keys(value))

    def keys(self, value: Value, depth: int = 0) -> list[Key]:
        """The models that a value itself is, an object of, or a list of."""
        if value[0] in ("C", "I"):
            key = (value[1], value[2], "")
            return [key] if key in self.models.of else []
        if value[0] == "L" and depth < 3:
            return [key for inner in value[1] for key in self.keys(inner, depth + 1)]
        return []

    def _step(self, module: str, scope: int, base: Ref, last: str) -> Keys:
        if not last.startswith("."):
            return self.of(module, scope, base)
        below = self.of(module, scope, base)
        name = last[1:]
        if below:
            related = {self.models.relations[k][name] for k in below if name in self.models.relations.get(k, {})}
            if related:
                return frozenset(related)
            return (
                below
                if name in self.words.managers or self._is_manager(module, scope, SEP.join((base, last)))
                else NONE
            )
        for value in self.resolver.evaluate(module, scope, base):
            if value[0] == "M":
                return self._named(value[1], 0, name)
            for cls in ancestors(self.resolver, value[1], value[2]) if value[0] in ("I", "C") else ():
                if cls[0] == "C" and (cls[1], -2 - cls[2], name) in self.models.of:
                    return frozenset({(cls[1], -2 - cls[2], name)})
        return NONE

    def _is_manager(self, module: str, scope: int, ref: Ref) -> bool:
        """Whether an attribute of a model is a manager or query set, of a library or a class of the program below one."""
        for value in self.resolver.evaluate(module, scope, ref):
            line = ancestors(self.resolver, value[1], value[2]) if value[0] == "I" else (value,)
            if any(cls[0] in ("X", "E") and MANAGER.search(str(cls[1])) for cls in line):
                return True
        return False

    def _root(self, module: str, scope: int, ref: Ref) -> Keys:
        kind, _, rest = ref.partition(":")
        if kind == "call":
            return self._call(module, int(rest))
        if kind == "expr":
            expr = self.resolver.spaces[module].facts.exprs[int(rest)]
            if expr.kind in ("comprehension", "generator"):
                return frozenset(
                    key
                    for item in expr.items
                    if item.startswith("scope:")
                    for key in self.results(module, int(item[6:]))
                )
            return (
                frozenset(key for item in expr.items for key in self.of(module, scope, item))
                if expr.kind in ("union", "list", "tuple", "set")
                else NONE
            )
        return self._local(module, scope, rest) if kind == "local" else NONE

    def _local(self, module: str, scope: int, name: str) -> Keys:
        scopes = self.resolver.spaces[module].facts.scopes
        walk = scope
        while walk >= 0:
            if (scopes[walk].kind != "class" or walk == scope) and (
                name in self.resolver.spaces[module].names[walk] or self._is_parameter(module, walk, name)
            ):
                return self._named(module, walk, name)
            walk = scopes[walk].parent
        return NONE

    def _is_parameter(self, module: str, scope: int, name: str) -> bool:
        return any(p.name == name for p in self.resolver.spaces[module].facts.scopes[scope].params)

    def _named(self, module: str, home: int, name: str) -> Keys:
        """What the bindings of a name in one scope hold."""
        space = self.resolver.spaces.get(module)
        if space is None:
            return NONE
        if home == 0 and (module, -1, name) in self.models.of:
            return frozenset({(module, -1, name)})
        found: set[Key] = set(self.parameters.get((module, home, name), ()))
        for row in space.names[home].get(name, ()):
            found |= self._bound(module, row)
        return frozenset(found)

    def _bound(self, module: str, row: Binding) -> Keys:
        if row.kind in ("param", "def", "class", "except"):
            return NONE
        scope = self.resolver.spaces[module].facts.contexts[row.context].scope
        return self.of(module, scope, row.value) if row.value else NONE

    def _call(self, module: str, number: int) -> Keys:
        space = self.resolver.spaces[module]
        call = space.facts.calls[number]
        scope = space.facts.contexts[call.context].scope
        base, name = call.callee.rpartition(SEP)[0], last_name(call.callee)
        if name in self.words.scalars:
            return NONE
        for value in self.resolver.evaluate(module, scope, call.callee):
            if value[0] in ("F", "B"):
                return self.results(value[1], value[2])
        below = self.of(module, scope, base) if base else NONE
        if below:
            return below
        if name in self.words.queries or name in PASSING:
            for ref in call.args[:2]:
                found = self.of(module, scope, ref) or (self.classes(module, scope, ref) if name == "select" else NONE)
                if found:
                    return found
        return self.of(module, scope, call.callee) if not base else NONE

    def results(self, module: str, number: int) -> Keys:
        """What a function returns or yields."""
        row = self.resolver.spaces[module].facts.scopes[number]
        return frozenset(key for ref in (*row.results, *row.yields) for key in self.of(module, number, ref))

    def learn(self, module: str, number: int, function: tuple[str, int], offset: int) -> bool:
        """Remembers what one call hands to the parameters of a function of the program; whether that are rows."""
        call = self.resolver.spaces[module].facts.calls[number]
        scope = self.resolver.spaces[module].facts.contexts[call.context].scope
        params = [
            p.name
            for p in self.resolver.spaces[function[0]].facts.scopes[function[1]].params
            if p.kind in ("positional", "any")
        ]
        given = list(zip(params[offset:], call.args, strict=False)) + [(k, v) for k, v in call.keywords if k != "**"]
        is_any = False
        for name, ref in given:
            found = self.of(module, scope, ref)
            if found:
                self.parameters.setdefault((*function, name), set()).update(found)
                is_any = True
        return is_any


def is_method(resolver: Resolver, keys: Keys, name: str) -> bool:
    """Whether a class of the program defines what is called on its own rows: that body is counted, not the call."""
    return any(v[0] == "B" for k in keys if k[1] >= 0 for v in member(resolver, ("I", k[0], k[1]), name))
