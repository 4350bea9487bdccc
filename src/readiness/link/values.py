"""References -> values: what a name, attribute, call or element can hold, followed over the modules of the program.

A value is a small tuple; its first letter says what it is:
    ("M", module)             a module of the program          ("X", name)      a name outside of it
    ("C", module, scope)      a class                          ("E", type)      an instance of an outside class
    ("I", module, scope)      an instance of a class           ("S", text)      a string
    ("F", module, scope)      a function                       ("T", sets)      a tuple: one value set per position
    ("B", module, scope)      a method bound to an instance    ("L", values)    anything that gives these when iterated
    ("U", module, scope)      super() in that class            ("D", pairs, values)  a mapping: literal keys, all values
Bounded: at most WIDTH values a place and DEPTH steps of evaluation; a bound that was hit is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from readiness.link.catalogue import Catalogue
from readiness.link.imports import ModuleIndex
from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Binding, Scope

Value = tuple[Any, ...]
Values = tuple[Value, ...]
Step = Callable[["Resolver", Values, str], Values]
Result = Callable[["Resolver", str, int], Values]

WIDTH = 8
DEPTH = 40

CONTAINERS = frozenset(
    {
        "list",
        "List",
        "Sequence",
        "Iterable",
        "Iterator",
        "set",
        "Set",
        "frozenset",
        "FrozenSet",
        "AsyncIterator",
        "Collection",
    }
    | {"AsyncIterable", "Generator", "AsyncGenerator", "deque", "Deque", "MutableSequence", "AbstractSet"}
)
MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict"})
TRANSPARENT = frozenset(
    {
        "Optional",
        "Union",
        "Annotated",
        "Final",
        "ClassVar",
        "Awaitable",
        "Coroutine",
        "Required",
        "NotRequired",
        "ReadOnly",
    }
)
PASS_ELEMENTS = frozenset(
    {f"builtins.{n}" for n in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "filter", "next")}
)


def unite(groups: Iterable[Values]) -> Values:
    """One set of values, in order, at most WIDTH of them."""
    seen: dict[Value, None] = {}
    for group in groups:
        for value in group:
            seen.setdefault(value)
    return tuple(seen)[:WIDTH]


def elements(values: Values) -> Values:
    """What iterating over these gives, as far as the values themselves say it."""
    found: list[Values] = []
    for value in values:
        if value[0] == "L":
            found.append(value[1])
        elif value[0] == "T":
            found.extend(value[1])
    return unite(found)


def _is_unknown(values: Values) -> bool:
    """Nothing is known: a name that nothing binds stands as a builtin."""
    return all(value[0] == "X" and value[1].startswith("builtins.") for value in values)


class Resolver:
    """Evaluates references on demand and remembers the results. Modules are asked for in a fixed order, so results are fixed."""

    def __init__(
        self, spaces: dict[str, ModuleSpace], index: ModuleIndex, catalogue: Catalogue, step: Step, result: Result
    ) -> None:
        self.step = step  # members.py's two functions: attributes and calls know values, not the other way round
        self.result = result
        self.spaces = spaces
        self.index = index
        self.catalogue = catalogue
        self.parameters: dict[tuple[str, int, str], dict[Value, None]] = {}
        self.bounds: dict[str, int] = {}
        self._memo: dict[tuple[str, int, str], Values] = {}
        self._returns: dict[tuple[str, int], Values] = {}
        self.ancestors: dict[tuple[str, int], tuple[Value, ...]] = {}
        self.members: dict[tuple[str, int, str], Values] = {}
        self.active: set[tuple[Any, ...]] = set()

    def forget(self) -> None:
        """Drop what was concluded, keep what parameters were seen to receive."""
        for memo in (self._memo, self._returns, self.members):
            memo.clear()

    # --- references ---------------------------------------------------------------------------------------------------

    def evaluate(self, module: str, scope: int, ref: str) -> Values:
        """What a reference of a scope can hold."""
        key = (module, scope, ref)
        known = self._memo.get(key)
        if known is not None:
            return known
        if key in self.active or len(self.active) > DEPTH:
            if key not in self.active:
                self.bounds["type-depth"] = self.bounds.get("type-depth", 0) + 1
            return ()
        self.active.add(key)
        try:
            base, _, last = ref.rpartition(SEP)
            found = (
                self.step(self, self.evaluate(module, scope, base), last) if base else self._root(module, scope, ref)
            )
            if base and (last.startswith("[") or _is_unknown(found)):
                found = unite((found, self._stored(module, scope, base, last)))
        finally:
            self.active.discard(key)
        self._memo[key] = found
        return found

    def _stored(self, module: str, scope: int, base: str, step: str) -> Values:
        rows = self.spaces[module].items.get((scope, base), ())
        return unite(
            self.evaluate(module, scope, row.value) for row in rows if row.name in (step, "[]") or step == "[]"
        )

    def _root(self, module: str, scope: int, ref: str) -> Values:
        kind, _, rest = ref.partition(":")
        if kind == "local":
            return self.lookup(module, scope, rest)
        if kind == "call":
            return self.result(self, module, int(rest))
        if kind == "expr":
            return self._expression(module, scope, int(rest))
        if kind == "scope":
            number = int(rest)
            row = self.spaces[module].facts.scopes[number]
            return (("C" if row.kind == "class" else "F", module, number),)
        if kind == "import":
            return self.module_value(module, rest)
        if kind == "relative":
            return self._relative(module, rest)
        if kind == "str":
            return (("S", rest),)
        return ()

    def module_value(self, importer: str, name: str) -> Values:
        """A module of the program, else the outside name."""
        found = self.index.find(name, self.spaces[importer].source.root)
        if found is not None:
            return (("M", found),) if found in self.spaces else ()
        if name in self.index.prefixes:
            return (("N", name, importer),)
        return (("X", name),)

    def _relative(self, module: str, rest: str) -> Values:
        level, _, name = rest.partition(":")
        absolute = self.index.absolute(self.spaces[module].source, int(level), name)
        return self.module_value(module, absolute) if absolute else ()

    def _expression(self, module: str, scope: int, number: int) -> Values:
        expr = self.spaces[module].facts.exprs[number]
        each = [self.evaluate(module, scope, item) for item in expr.items]
        if expr.kind == "union":
            return unite(each)
        if expr.kind == "tuple":
            return (("T", tuple(each)),)
        if expr.kind in ("list", "set"):
            return (("L", unite(each)),)
        if expr.kind == "dict":
            pairs = tuple((key[4:], values) for key, values in zip(expr.keys, each) if key.startswith("str:"))
            return (("D", pairs, unite(each)),)
        if expr.kind in ("comprehension", "generator"):
            return (("L", unite(self.returns(v[1], v[2]) for values in each for v in values if v[0] == "F")),)
        if expr.kind == "subscript":
            return self._generic(module, scope, expr.items)
        return ()

    def _generic(self, module: str, scope: int, items: tuple[str, ...]) -> Values:
        """`list[X]` and friends as they are written in annotations: the values are classes, kept for `instances`."""
        name = items[0].rpartition(SEP)[2].rpartition(":")[2].lstrip(".")
        inner = [self.evaluate(module, scope, item) for item in items[1:]]
        if name in TRANSPARENT:
            return unite(inner[-1:] if name == "Coroutine" else inner[:1] if name == "Annotated" else inner)
        if name in CONTAINERS:
            return (("GL", unite(inner[:1])),)
        if name in MAPPINGS:
            return (("GD", unite(inner[-1:])),)
        if name in ("tuple", "Tuple"):
            return (("GT", tuple(inner)),)
        return self.evaluate(module, scope, items[0])

    # --- names --------------------------------------------------------------------------------------------------------

    def lookup(self, module: str, scope: int, name: str) -> Values:
        """A name from a scope outwards; class scopes are seen only from their own code; then star imports, then builtins."""
        space = self.spaces[module]
        scopes = space.facts.scopes
        walk = scope
        if name in scopes[scope].global_names:
            walk = 0
        while walk >= 0:
            row = scopes[walk]
            if row.kind != "class" or walk == scope:
                found = space.names[walk].get(name)
                if found:
                    return unite(self.bound(module, walk, binding) for binding in found)
                if row.kind in ("function", "lambda") and any(p.name == name for p in row.params):
                    return self.parameter(module, walk, name)
            walk = row.parent
        for level, target in space.stars:
            base = self.index.absolute(space.source, level, target)
            found_module = self.index.find(base, space.source.root) if base else None
            if found_module in self.spaces and found_module != module:
                values = self.member_of_module(str(found_module), name)
                if values:
                    return values
        return (("X", f"builtins.{name}"),)

    def bound(self, module: str, home: int, binding: Binding) -> Values:
        """What one binding puts into its name."""
        scope = self.spaces[module].facts.contexts[binding.context].scope
        if binding.kind == "param":
            return self.parameter(module, home, binding.name)
        if binding.kind == "narrow":
            return self.instances(self.evaluate(module, scope, binding.value))
        if binding.kind == "except":
            return self.instances(self.evaluate(module, scope, binding.value))
        found: list[Values] = []
        if binding.annotation:
            found.append(self.annotated(module, scope, binding.annotation))
        if binding.value:
            found.append(self.evaluate(module, scope, binding.value))
        if binding.kind == "def":
            found.append(self._decorated(module, binding.value))
        return unite(found)

    def _decorated(self, module: str, ref: str) -> Values:
        """What decorators of the program put in a function's place: the wrappers they return."""
        if not ref.startswith("scope:"):
            return ()
        number = int(ref[6:])
        row = self.spaces[module].facts.scopes[number]
        found: list[Values] = []
        for decorator in row.decorators:
            for value in self.evaluate(module, row.parent, decorator):
                if value[0] in ("F", "B"):
                    self.receive(value, 0, (("F", module, number),))
                    found.append(tuple(v for v in self.returns(value[1], value[2]) if v[0] == "F"))
        return unite(found)

    def parameter(self, module: str, scope: int, name: str) -> Values:
        """What a parameter can hold: its annotation, else itself (self, cls), its default and what callers were seen to hand over."""
        row = self.spaces[module].facts.scopes[scope]
        parent = self.spaces[module].facts.scopes[row.parent] if row.parent >= 0 else None
        is_method = parent is not None and parent.kind == "class" and not self.has_decorator(row, "staticmethod")
        if is_method and row.params and row.params[0].name == name:
            is_class = self.has_decorator(row, "classmethod") or row.name in ("__new__", "__init_subclass__")
            return (("C" if is_class else "I", module, row.parent),)
        for param in row.params:
            if param.name == name:
                seen = tuple(self.parameters.get((module, scope, name), ()))
                typed = self.annotated(module, row.parent, param.annotation) if param.annotation else ()
                default = self.evaluate(module, row.parent, param.default) if param.default else ()
                if param.kind == "star":
                    return (("L", unite((typed, seen))),)
                return unite((typed, default, seen))
        return ()

    def receive(self, function: Value, position: int | str, values: Values) -> None:
        """Remember that a call hands these values to a parameter (used in the second pass)."""
        scope = self.spaces[function[1]].facts.scopes[function[2]]
        params = [p for p in scope.params if p.kind in ("positional", "any")]
        if isinstance(position, str):
            names = [p.name for p in scope.params if p.name == position]
        else:
            names = [p.name for p in params[position : position + 1]]
        for name in names:
            kept = self.parameters.setdefault((function[1], function[2], name), {})
            for value in values:
                if value[0] != "S" and (value in kept or len(kept) < WIDTH):
                    kept.setdefault(value)

    @staticmethod
    def has_decorator(row: Scope, *names: str) -> bool:
        return any(ref.replace(SEP + ".", ".").partition(":")[2].rpartition(".")[2] in names for ref in row.decorators)

    # --- annotations --------------------------------------------------------------------------------------------------

    def annotated(self, module: str, scope: int, ref: str) -> Values:
        """The values that an annotation promises."""
        return self.instances(self.evaluate(module, scope, ref))

    def instances(self, values: Values) -> Values:
        """Classes -> what an object of that type is."""
        found: list[Value] = []
        for value in values:
            if value[0] == "C":
                found.append(("I", value[1], value[2]))
            elif value[0] == "X" and self.catalogue.is_type(value[1]):
                found.append(("E", value[1]))
            elif value[0] == "GL":
                found.append(("L", self.instances(value[1])))
            elif value[0] == "GD":
                found.append(("D", (), self.instances(value[1])))
            elif value[0] == "GT":
                found.append(("T", tuple(self.instances(v) for v in value[1])))
            elif value[0] == "S":
                continue
            elif value[0] == "T":
                found.extend(v for each in value[1] for v in self.instances(each))
        return tuple(dict.fromkeys(found))[:WIDTH]

    # --- members ------------------------------------------------------------------------------------------------------

    def member_of_module(self, module: str, name: str) -> Values:
        """An attribute of a module of the program: a name that it binds, else a submodule."""
        key = ("module", module, name)
        if key in self.active:
            return ()
        self.active.add(key)
        try:
            space = self.spaces[module]
            if name in space.names[0]:
                return unite(self.bound(module, 0, binding) for binding in space.names[0][name])
            below = self.index.find(f"{space.source.name}.{name}", space.source.root)
            if below is not None and below in self.spaces:
                return (("M", below),)
            found = self.lookup(module, 0, name) if space.stars else ()
            return () if found and found[0] == ("X", f"builtins.{name}") else found
        finally:
            self.active.discard(key)

    def returns(self, module: str, scope: int) -> Values:
        """What calling a function gives (awaited, where it is a coroutine function)."""
        key = (module, scope)
        if key in self._returns:
            return self._returns[key]
        if key in self.active:
            return ()
        self.active.add(key)
        try:
            row = self.spaces[module].facts.scopes[scope]
            found = self.annotated(module, row.parent, row.returns) if row.returns else ()
            if not found:
                found = unite(self.evaluate(module, scope, ref) for ref in row.results)
            if row.is_generator and not any(v[0] == "L" for v in found):
                found = (("L", unite(self.evaluate(module, scope, ref) for ref in row.yields)),)
        finally:
            self.active.discard(key)
        self._returns[key] = found
        return found
