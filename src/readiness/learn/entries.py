"""Resolver of a library -> entry forms: public functions that register what they are given with a framework that a page knows.

`def task(name): return lambda f: app.task(name=name)(f)` makes `task` a decorator for tasks. Never guesses a kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from readiness.learn.surface import Definition, Surface
from readiness.link.arguments import first_argument
from readiness.link.calls import CallGraph
from readiness.link.classes import ancestors
from readiness.link.entries import entry_of
from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Call
from readiness.types.rulebook import Entry


class Decorators:
    """What is asked of the library's code to find them; holds nothing but its parts."""

    def __init__(self, resolver: Resolver, numbers: Mapping[Definition, int], graph: CallGraph) -> None:
        self.resolver, self.numbers = resolver, numbers
        self.inner = {(param[:2], function) for param, function in graph.inner}

    def entries(self, surface: Surface) -> tuple[Entry, ...]:
        """Decorators, and classes and factories whose objects are applications or routers; sorted."""
        found = set[Entry]()
        for names, where, shift in _functions(surface):
            made = self._made(where)
            if made is not None:
                found.add(Entry("instance", names, made))
            for entry, call in self._registered(where):
                found.add(Entry("decorator", names, entry.kind, self._name_from(where, entry, call, shift)))
        for cls in surface.classes:
            kind = next((kind for base in self._outside(cls.definition) if (kind := self._instance(base))), None)
            if kind is not None:
                found.add(Entry("instance", cls.names, kind))
        return tuple(sorted(found, key=lambda row: (row.form, row.names, row.kind, row.name_from or "")))

    def keeps(self, surface: Surface, known: Collection[str]) -> tuple[str, ...]:
        """Functions that put a parameter into a container or a field and give it back: they may be entries too, if not `known` as such."""
        return tuple(
            sorted(
                names[0] for names, where, _ in _functions(surface) if names[0] not in known and self._is_kept(where)
            )
        )

    def _outside(self, where: Definition) -> Iterator[str]:
        for cls in ancestors(self.resolver, *where):
            if cls[0] == "X":
                yield str(cls[1])

    def _instance(self, name: str) -> str | None:
        known = self.resolver.catalogue.entry.get(name)
        return known[0].kind if known is not None and known[0].form == "instance" else None

    def _made(self, where: Definition) -> str | None:
        """`create_app()` gives an application."""
        values = self.resolver.returns(*where)
        return next((kind for v in values if v[0] == "E" and (kind := self._instance(str(v[1])))), None)

    def _registered(self, where: Definition) -> Iterator[tuple[Entry, Call]]:
        """Entries that this function, or one inside of it, makes of one of their parameters."""
        space = self.resolver.spaces[where[0]]
        inside = _inside(space, where[1])
        for call in space.facts.calls:
            scope = space.facts.contexts[call.context].scope
            if scope in inside and any(_is_parameter(space, scope, where[1], ref) for ref in _values(call)):
                yield from self._entry(space, scope, call)
        for number in sorted(inside):
            row = space.facts.scopes[number]
            runs_parameter = any(
                param[0] == where[0] and param[1] in inside and function == self.numbers.get((where[0], number))
                for param, function in self.inner
            )
            for ref in row.decorators if runs_parameter else ():
                if ref.startswith("call:") and SEP not in ref:
                    naming = space.facts.calls[int(ref[5:])]
                    for value in self.resolver.evaluate(where[0], row.parent, naming.callee):
                        known = entry_of(self.resolver, value)
                        if known is not None and known[0].form == "decorator":
                            yield known[0], naming

    def _entry(self, space: ModuleSpace, scope: int, call: Call) -> Iterator[tuple[Entry, Call]]:
        """`app.task(f)`, `app.task(name=n)(f)`, `router.add_get(path, f)`."""
        is_made = call.callee.startswith("call:") and SEP not in call.callee
        naming = space.facts.calls[int(call.callee[5:])] if is_made else call
        forms = ("decorator",) if is_made else ("decorator", "call")
        for value in self.resolver.evaluate(space.source.module, scope, naming.callee):
            known = entry_of(self.resolver, value)
            if known is not None and known[0].form in forms and known[0].kind != "mount":
                yield known[0], naming

    def _name_from(self, where: Definition, entry: Entry, call: Call, shift: int) -> str | None:
        """The parameter of our own decorator that becomes the entry's name."""
        given = first_argument(call, entry.name_from) if entry.name_from and ":" in entry.name_from else ""
        params = [p for p in self.resolver.spaces[where[0]].facts.scopes[where[1]].params if p.kind != "keyword"]
        for position, param in enumerate(params):
            if given == f"local:{param.name}":
                return f"arg:{position - shift},kw:{param.name}"
        return "function-name" if entry.name_from else None

    def _is_kept(self, where: Definition) -> bool:
        space = self.resolver.spaces[where[0]]
        inside = _inside(space, where[1])
        stored = {(row.scope, row.value) for rows in space.stored.values() for row in rows}
        given_back = {(number, ref) for number in inside for ref in space.facts.scopes[number].results}
        return any(
            row in given_back and _is_parameter(space, row[0], where[1], row[1]) for row in stored if row[0] in inside
        )


def _functions(surface: Surface) -> Iterator[tuple[tuple[str, ...], Definition, int]]:
    for names, where in surface.functions:
        yield names, where, 0
    for cls in surface.classes:
        for name, where in cls.methods:
            yield (f"{cls.names[0]}.{name}",), where, 1


def _inside(space: ModuleSpace, scope: int) -> frozenset[int]:
    """A function and the functions that it defines."""
    found = {scope}
    for number, row in enumerate(space.facts.scopes):
        if row.parent in found:
            found.add(number)
    return frozenset(found)


def _values(call: Call) -> tuple[str, ...]:
    return (*call.args, *(ref for _, ref in call.keywords))


def _is_parameter(space: ModuleSpace, scope: int, outermost: int, ref: str) -> bool:
    """Whether a plain name is a parameter (not self) of this function, or of one around it up to `outermost`."""
    name = ref.removeprefix("local:")
    while ref.startswith("local:") and SEP not in ref and scope >= outermost:
        row = space.facts.scopes[scope]
        if any(param.name == name for param in row.params):
            is_method = row.parent >= 0 and space.facts.scopes[row.parent].kind == "class"
            return not (is_method and row.params[0].name == name)
        if scope == outermost:
            return False
        scope = row.parent
    return False
