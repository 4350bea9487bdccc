"""References -> values: what a name, attribute, call or element can hold, followed over the modules of the program.

Evaluates on demand and remembers (rounds.py). A value that depends on itself is answered with what the round before found;
`next_round` begins another one. Bounded: WIDTH values a place, DEPTH steps of evaluation; a bound that was hit is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from readiness.link.catalogue import Catalogue
from readiness.link.flow import lasting, reaching, settled
from readiness.link.giving import called_through, passed_through
from readiness.link.imports import ModuleIndex
from readiness.link.rounds import Open, Rounds, Table
from readiness.link.space import ModuleSpace, Place, Stored
from readiness.link.values import WIDTH, Value, Values, is_scalar, unite
from readiness.types.facts import SEP, Binding, Scope

NO_VALUE = frozenset({"int", "float", "bool", "none", "ellipsis", "unknown", "fstr", ""})
SELF_TYPES = frozenset({"typing.Self", "typing_extensions.Self"})
Key = tuple[Any, ...]
Param = tuple[str, int, str]


class Language(NamedTuple):
    """What the resolver asks for and does not know itself, so that members and calls may know the resolver."""

    step: Callable[[Resolver, Values, str], Values]
    result: Callable[[Resolver, str, int], Values]
    expression: Callable[[Resolver, str, int, int, Place | None], Values]
    filled: Callable[[Resolver, str, Values, list[Stored]], Values]
    instances: Callable[[Resolver, Values], Values]
    narrow: Callable[[Resolver, str, int, Binding, Place], Values]
    expected: Callable[[Resolver, str, int, int], Values]
    named: Callable[[Resolver, str, str], Values]
    configured: Callable[[Resolver, str, str], Values]


class Resolver:
    """One program under evaluation. Modules are asked for in a fixed order, so results are fixed."""

    def __init__(
        self, spaces: dict[str, ModuleSpace], index: ModuleIndex, catalogue: Catalogue, language: Language
    ) -> None:
        self.spaces = spaces
        self.index = index
        self.catalogue = catalogue
        self.language = language
        self.received: dict[Param, Values] = {}  # by function and parameter, or class and field
        self.below: dict[tuple[str, int], Values] = {}  # class -> the classes below it; classes.find_below fills it
        self.bounds: dict[str, int] = {}
        self.rounds = Rounds(self.bounds)
        self._once: Table = {}
        self._sites: dict[str, dict[int, Open]] = {}
        self._refs: dict[str, str] = {}
        self._full: set[tuple[str, int, str]] = set()
        self._choosing = {place for space in spaces.values() for place in space.choosing()}
        self._set_outside = {name for space in spaces.values() for name in space.set_outside()}

    def next_round(self, is_last: bool) -> None:
        """What may change by what was handed over since is evaluated again where it did."""
        self.rounds.next_round(is_last)
        if is_last:
            self._sites = {}
            for table in (self._once, *(table for space in self.spaces.values() for table in space.known.values())):
                self.rounds.settle(table)
            self.rounds.forget()

    def forget(self) -> None:
        """Drops all that was evaluated and handed over; nobody may ask again."""
        self._once, self._refs, self.received, self.rounds = {}, {}, {}, Rounds(self.bounds)
        for space in self.spaces.values():
            space.known, space.reached, space.arms, space.layouts = {}, {}, {}, {}

    def once(self, key: Key, work: Callable[..., Values], *arguments: Any) -> Values:
        """`work(*arguments)`, evaluated again only where what it read has changed; a cycle gets what the round before found."""
        known = self._once.get(key)
        return known if type(known) is tuple else self.rounds.get(self._once, key, work, *arguments)

    def learned(self, module: str) -> Callable[..., None]:
        """`(site, work, *arguments)`, which hands on what a place of a module gives: nothing new where what it read is as it was."""
        return partial(self.rounds.again, self._sites.setdefault(module, {}))

    def seen(self, place: Param) -> Values:
        """What a parameter or a field was seen to receive so far; whoever asks is asked again in the next round."""
        self.rounds.reads(place)
        return self.received.get(place, ())

    def can_receive(self, field: str) -> bool:
        """Whether a field of that name is set from outside its class anywhere, or by a constructor that nobody wrote."""
        return field in self._set_outside

    # --- references ---------------------------------------------------------------------------------------------------

    def evaluate(self, module: str, scope: int, ref: str, at: Place | None = None) -> Values:
        """What a reference of a scope can hold, at a place in it where one is given."""
        space = self.spaces[module]
        table = space.known.get(scope)
        if table is None:
            table = space.known[scope] = {}
        known = table.get(ref)
        if type(known) is tuple:
            return known
        if known is not None:
            return self.rounds.get(table, ref, self._evaluate, module, scope, ref, at)
        head, _, rest = ref.partition(":")
        if head == "local":
            name, _, steps = rest.partition(SEP)
            first = f"local:{name}{SEP}{steps.partition(SEP)[0]}" if steps and space.settings else ""
            is_set = first in space.set_here
            # a name that its own scope binds once is the same everywhere in it
            if is_set or name in space.rebound and len(space.names[scope].get(name, "")) != 1:
                key = (ref, *self._orders(space, scope, name, first, at)) if at is not None else (ref,)
                return self.rounds.get(table, key, self._evaluate, module, scope, ref, at)
            if scope and space.is_far(scope, name, steps):
                found = self.evaluate(module, 0, ref)
                if type(space.known[0].get(ref)) is tuple:  # for good
                    table[ref] = found
                return found
        elif head in NO_VALUE:
            return (("S", rest.partition("{}")[0], "*"),) if head == "fstr" and "{}" in rest else ()
        elif SEP not in ref:
            if head == "str":
                return (("S", rest),)
            if head == "bytes":
                return (("E", "builtins.bytes"),)
        return self.rounds.get(table, ref, self._evaluate, module, scope, ref, at)

    def _orders(self, space: ModuleSpace, scope: int, name: str, field: str, at: Place) -> Iterator[int]:
        """Which bindings of a name and of its field hold at a place: what tells apart the values of one reference."""
        if name in space.rebound:
            for row in self._rows(space.source.module, scope, name, at):
                yield row.order
        if field:
            for row in self._settings(space, scope, field, at):
                yield row.order

    def _evaluate(self, module: str, scope: int, ref: str, at: Place | None) -> Values:
        base, _, last = ref.rpartition(SEP)
        if base:
            base = self._refs.setdefault(base, base)  # one object for all tables that it is a key of
            if at is not None and (rows := self._settings(self.spaces[module], scope, ref, at)):
                found = unite([self.bound(module, scope, row) for row in rows])
                if found:
                    space = self.spaces[module]
                    kept = space.stored.get((space.class_of(scope, base), last))
                    return self.language.filled(self, module, found, kept) if kept else found
            found = self.language.step(self, self.evaluate(module, scope, base, at), last)
            space = self.spaces[module]
            rows = space.attached.get((space.owner[scope], base, last), ())
            return unite((found, *(self.bound(module, scope, row) for row in rows))) if rows else found
        kind, _, rest = ref.partition(":")
        if kind == "local":
            return self.lookup(module, scope, rest, at)
        if kind == "call":
            return self.language.result(self, module, int(rest))
        if kind == "expr":
            return self.language.expression(self, module, scope, int(rest), at)
        if kind == "scope":
            number = int(rest)
            row = self.spaces[module].facts.scopes[number]
            return (("C" if row.kind == "class" else "F", module, number),)
        if kind == "import":
            return self.module_value(module, rest)
        return self._relative(module, rest) if kind == "relative" else ()

    @staticmethod
    def _settings(space: ModuleSpace, scope: int, ref: str, at: Place) -> Sequence[Binding]:
        """What this method itself set `self.name` to, where that holds at a place."""
        rows = space.settings.get((space.owner[scope], ref))
        if not rows or rows[0].order > at[0]:
            return ()
        known = space.reached.get((scope, ref, at[0]))
        if known is None:
            known = space.reached[scope, ref, at[0]] = tuple(settled(space, rows, at))
        return known

    def module_value(self, importer: str, name: str) -> Values:
        """A module of the program, else the outside name."""
        found = self.index.meant(name, self.spaces[importer].source)
        if found is not None:
            return (("M", found),) if found in self.spaces else ()
        if name in self.index.prefixes:
            return (("N", name, importer),)
        return (("X", self.catalogue.real_name(name)),)

    def _relative(self, module: str, rest: str) -> Values:
        level, _, name = rest.partition(":")
        absolute = self.index.absolute(self.spaces[module].source, int(level), name)
        return self.module_value(module, absolute) if absolute else ()

    # --- names --------------------------------------------------------------------------------------------------------

    def lookup(self, module: str, scope: int, name: str, at: Place | None = None) -> Values:
        """A name from a scope outwards; class scopes are seen only from their own code; then star imports, then builtins."""
        space = self.spaces[module]
        scopes = space.facts.scopes
        walk = 0 if name in scopes[scope].global_names else scope
        while walk >= 0:
            row = scopes[walk]
            if row.kind != "class" or walk == scope:
                found = space.names[walk].get(name)
                if found:
                    rows: Sequence[Binding] = found
                    if len(found) > 1:
                        rows = self._rows(module, scope, name, at) if at else [r for r in found if r.kind != "narrow"]
                    values = unite([self.bound(module, walk, binding) for binding in rows])
                    kept = space.stored.get((walk, name))
                    return self.language.filled(self, module, values, kept) if kept else values
            walk = row.parent
        for level, target in space.stars:
            base = self.index.absolute(space.source, level, target)
            found_module = self.index.meant(base, space.source) if base else None
            if found_module is None and not level:
                outside = self.catalogue.real_name(f"{target}.{name}")
                if self.catalogue.spells_out(outside):
                    return (("X", outside),)
            if found_module in self.spaces and found_module != module:
                values = self.member_of_module(str(found_module), name)
                if values:
                    return values
        return (("X", f"builtins.{name}"),)

    def _rows(self, module: str, scope: int, name: str, at: Place) -> tuple[Binding, ...]:
        """The bindings of a name that can hold at a place of a scope; of an outer function's names all of them.

        A function sees what module code leaves behind.
        """
        space = self.spaces[module]
        known = space.reached.get((scope, name, at[0]))
        if known is not None:
            return known
        found: tuple[Binding, ...] = ()
        walk = scope
        while walk >= 0:
            row = space.facts.scopes[walk]
            rows = space.names[walk].get(name) if row.kind != "class" or walk == scope else None
            if rows:
                is_here = len(rows) > 1 and space.owner[walk] == space.owner[scope] and name not in row.global_names
                if is_here:
                    found = tuple(reaching(space, rows, at))
                else:
                    found = tuple(lasting(space, rows) if walk == 0 else [r for r in rows if r.kind != "narrow"])
                break
            walk = row.parent
        space.reached[scope, name, at[0]] = found
        return found

    def bound(self, module: str, home: int, binding: Binding) -> Values:
        """What one binding puts into its name."""
        scope = self.spaces[module].facts.contexts[binding.context].scope
        at = (binding.order, binding.context)
        if binding.kind == "param":
            return self.parameter(module, home, binding.name)
        if binding.kind == "narrow":
            return self.language.narrow(self, module, scope, binding, at)
        if binding.kind == "except":
            return self.language.instances(self, self.evaluate(module, scope, binding.value, at))
        if binding.kind == "def" or binding.kind == "class":
            return self.once(("def", module, binding.value), self._decorated, module, int(binding.value[6:]))
        found = self.evaluate(module, scope, binding.value, at) if binding.value else ()
        if binding.annotation:
            found = unite((self.annotated(module, scope, binding.annotation), found))
        return found

    def _decorated(self, module: str, number: int) -> Values:
        """A function or class, or what decorators of the program put in its place."""
        row = self.spaces[module].facts.scopes[number]
        values: Values = (("C" if row.kind == "class" else "F", module, number),)
        for ref in reversed(row.decorators):
            for value in self.evaluate(module, row.parent, ref, self.spaces[module].defined_at(row)):
                if value[0] not in ("F", "B"):
                    continue
                self.receive(value, 0 if value[0] == "F" else 1, values)
                made = [v for v in self.returns(value[1], value[2], is_own=True) if v[0] in ("F", "C", "I")]
                wrappers: Values = tuple(("F", v[1], v[2], values[0]) if v[0] == "F" else v for v in made)
                is_kept = bool(passed_through(self.spaces[value[1]].facts.scopes[value[2]]))
                values = unite((wrappers, values)) if is_kept else wrappers or values
        return values

    # --- functions ----------------------------------------------------------------------------------------------------

    def parameter(self, module: str, scope: int, name: str) -> Values:
        """What a parameter can hold: self and cls, its annotation, its default and what callers were seen to hand over."""
        row = self.spaces[module].facts.scopes[scope]
        parent = self.spaces[module].facts.scopes[row.parent] if row.parent >= 0 else None
        is_method = parent is not None and parent.kind == "class" and not self.has_decorator(row, "staticmethod")
        if is_method and row.params and row.params[0].name == name and row.params[0].kind in ("positional", "any"):
            is_class = self.has_decorator(row, "classmethod") or row.name in ("__new__", "__init_subclass__")
            return (("C" if is_class else "I", module, row.parent),)
        for position, param in enumerate(row.params):
            if param.name == name:
                seen = self.seen((module, scope, name))
                typed = self.annotated(module, row.parent, param.annotation) if param.annotation else ()
                if is_method and not typed and self.catalogue.parameters:
                    typed = self.language.expected(self, module, scope, position - 1)
                if seen and is_scalar(typed) and self.is_whole(module, row.parent, param.annotation):
                    seen = tuple(
                        value for value in seen if value[0] == "S"
                    )  # an `str` is no file, whoever hands one over
                default = self.evaluate(module, row.parent, param.default) if param.default else ()
                if param.kind == "star":
                    return (("L", unite((typed, seen))),)
                if param.kind == "double-star":
                    return (("D", (), unite((typed, seen))),)
                return unite((typed, default, seen))
        return ()

    def is_whole(self, module: str, scope: int, ref: str) -> bool:
        """Whether all of an annotation is understood: each arm of a union."""
        expr = self.spaces[module].facts.exprs[int(ref[5:])] if ref.startswith("expr:") and SEP not in ref else None
        arms = expr.items if expr is not None and expr.kind == "union" else () if expr is not None else (ref,)
        return bool(arms) and all(arm == "none:" or bool(self.annotated(module, scope, arm)) for arm in arms)

    def receive(self, function: Value, position: int | str, values: Values) -> None:
        """Remember that a call hands these values to a parameter (used in the next round)."""
        plain, named, star, double_star = self.spaces[function[1]].layout(function[2])
        if isinstance(position, str):
            name = position if position in named else double_star
        else:
            name = plain[position] if position < len(plain) else star
        if name:
            self.keep((function[1], function[2], name), values)

    def keep(self, place: Param, values: Values) -> None:
        """Remember values for a parameter, or for a field of a class (`.name`), at most WIDTH of them.

        What tests define stands in for something else and is kept for tests only.
        """
        kept = self.received.get(place, ())
        is_test = self.spaces[place[0]].is_test
        for value in values:
            is_stand_in = not is_test and value[0] in "ICFB" and self.spaces[value[1]].is_test
            if is_stand_in or value[0] == "S" and place not in self._choosing or value in kept:
                continue
            if len(kept) < WIDTH:
                kept = self.received[place] = (*kept, value)
                self.rounds.changed(place)
            elif place not in self._full:
                self._full.add(place)
                self.hit("values-handed")

    def hit(self, limit: str, times: int = 1) -> None:
        """A limit of the analysis was reached; the report says so."""
        if times:
            self.bounds[limit] = self.bounds.get(limit, 0) + times

    def returns(self, module: str, scope: int, is_own: bool = False) -> Values:
        """What calling a function gives (awaited, where it is a coroutine function); `is_own`: without what it was given."""
        return self.once(("returns", module, scope, is_own), self._returns, module, scope, is_own)

    def _returns(self, module: str, scope: int, is_own: bool) -> Values:
        row = self.spaces[module].facts.scopes[scope]
        found = self.annotated(module, row.parent, row.returns) if row.returns else ()
        if not found or any(
            v[0] == "K" or v[0] == "E" and self.catalogue.carries(v[1]) for v in found
        ):  # the maker says more
            given = {f"local:{name}" for name in passed_through(row)} if is_own else set()
            given |= set(called_through(self.spaces[module].facts, row)) if is_own else set()
            found = unite([self.evaluate(module, scope, ref) for ref in row.results if ref not in given]) or found
        if row.is_generator and not any(v[0] == "L" for v in found):
            found = (("L", unite([self.evaluate(module, scope, ref) for ref in row.yields])),)
        return found

    @staticmethod
    def has_decorator(row: Scope, *names: str) -> bool:
        if not row.decorators:
            return False
        return any(ref.replace(SEP + ".", ".").partition(":")[2].rpartition(".")[2] in names for ref in row.decorators)

    def annotated(self, module: str, scope: int, ref: str) -> Values:
        """The values that an annotation promises."""
        found = self.evaluate(module, scope, ref)
        values = self.language.instances(self, found)
        if scope >= 0 and any(v[0] == "X" and v[1] in SELF_TYPES for v in found):
            walk = scope
            while walk >= 0 and self.spaces[module].facts.scopes[walk].kind != "class":
                walk = self.spaces[module].facts.scopes[walk].parent
            own: Values = (("I", module, walk),) if walk >= 0 else ()
            return unite((tuple(v for v in values if v[1] not in SELF_TYPES), own))
        return values

    # --- modules ------------------------------------------------------------------------------------------------------

    def member_of_module(self, module: str, name: str) -> Values:
        """An attribute of a module of the program: a name that it binds, else a submodule."""
        return self.once(("module", module, name), self._member_of_module, module, name)

    def _member_of_module(self, module: str, name: str) -> Values:
        space = self.spaces[module]
        if name in space.names[0]:
            return self.lookup(module, 0, name)
        below = self.index.find(f"{space.source.name}.{name}", space.source.root)
        if below is not None and below in self.spaces:
            return (("M", below),)
        found = self.lookup(module, 0, name) if space.stars else ()
        return () if found and found[0] == ("X", f"builtins.{name}") else found
