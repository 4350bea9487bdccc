"""Resolver -> call edges: who calls whom, on which line, and whether the work is awaited, handed over or spawned.

Every call site is resolved, external or unresolved and counted with a reason; nothing is dropped silently.
"""

from __future__ import annotations

from msgspec import Struct

from readiness.link.catalogue import argument_positions
from readiness.link.members import ancestors, attribute, member
from readiness.link.space import ModuleSpace
from readiness.link.values import Resolver, Value, Values
from readiness.types.facts import SEP, Call
from readiness.types.program import CallEdge

MAX_OVERRIDES = 12
SYNC_BUILTINS = frozenset(
    {"builtins.map", "builtins.filter", "builtins.sorted", "builtins.min", "builtins.max", "functools.reduce"}
)
Numbers = dict[tuple[str, int], int]
Subclasses = dict[tuple[str, int], list[tuple[str, int]]]


class CallGraph(Struct):
    """What is gathered while walking the call sites."""

    edges: list[CallEdge]
    unresolved: dict[int, int]  # function -> call sites
    reasons: dict[str, int]
    resolved: int = 0
    external: int = 0
    missing: int = 0


def call_edges(resolver: Resolver, numbers: Numbers) -> CallGraph:
    """Two passes: the first learns what callers hand to parameters, the second uses it."""
    for name in sorted(resolver.spaces):
        learn(resolver, resolver.spaces[name])
    resolver.forget()
    below = subclasses(resolver)
    properties = property_names(resolver)
    graph = CallGraph([], {}, {})
    for name in sorted(resolver.spaces):
        space = resolver.spaces[name]
        for number, call in enumerate(space.facts.calls):
            site = Site(resolver, numbers, below, graph, space, number, call)
            site.link()
        implied(resolver, numbers, graph, space, properties)
    return graph


def learn(resolver: Resolver, space: ModuleSpace) -> None:
    """Hand the values of arguments to the parameters of the functions that are called."""
    module = space.source.module
    for call in space.facts.calls:
        scope = space.facts.contexts[call.context].scope
        for value in resolver.evaluate(module, scope, call.callee):
            target = constructor(resolver, value)
            if target is None:
                continue
            offset = 1 if target[0] == "B" else 0
            for position, ref in enumerate(call.args):
                if ref.startswith("*"):
                    break
                found = resolver.evaluate(module, scope, ref)
                if found:
                    resolver.receive(target, position + offset, found)
            for keyword, ref in call.keywords:
                found = resolver.evaluate(module, scope, ref)
                if found and keyword != "**":
                    resolver.receive(target, keyword, found)


def constructor(resolver: Resolver, value: Value) -> Value | None:
    """The function that runs when a value is called, None for what is outside."""
    if value[0] in ("F", "B"):
        return value
    if value[0] == "C":
        made = member(resolver, ("I", value[1], value[2]), "__init__", bind=True)
        return next((v for v in made if v[0] == "B"), None)
    if value[0] == "I":
        return next((v for v in member(resolver, value, "__call__", bind=True) if v[0] == "B"), None)
    return None


def subclasses(resolver: Resolver) -> Subclasses:
    """Class -> all classes below it."""
    below: Subclasses = {}
    for name in sorted(resolver.spaces):
        for number, scope in enumerate(resolver.spaces[name].facts.scopes):
            if scope.kind == "class":
                for base in ancestors(resolver, name, number)[1:]:
                    if base[0] == "C":
                        below.setdefault((base[1], base[2]), []).append((name, number))
    return below


def property_names(resolver: Resolver) -> frozenset[str]:
    return frozenset(
        scope.name
        for space in resolver.spaces.values()
        for scope in space.facts.scopes
        if scope.kind == "function"
        and scope.decorators
        and resolver.has_decorator(scope, "property", "cached_property")
    )


class Site:
    """One call site on its way to edges."""

    def __init__(
        self,
        resolver: Resolver,
        numbers: Numbers,
        below: Subclasses,
        graph: CallGraph,
        space: ModuleSpace,
        number: int,
        call: Call,
    ) -> None:
        self.resolver, self.numbers, self.below, self.graph = resolver, numbers, below, graph
        self.space, self.number, self.call = space, number, call
        context = space.facts.contexts[call.context]
        self.scope = context.scope
        self.caller = numbers[space.source.module, space.owner[context.scope]]
        self.loops = loop_depth(space, context.loop)
        self.found: dict[tuple[int, str, str], str] = {}

    def link(self) -> None:
        values = self.resolver.evaluate(self.space.source.module, self.scope, self.call.callee)
        inside = False
        for value in values:
            inside |= self._inside(value)
        names = [str(v[1]) for v in values if v[0] == "X"] + [f"{v[1]}.__call__" for v in values if v[0] == "E"]
        for name in names:
            self._outside(self.resolver.catalogue.canonical(name))
        self._count(inside, bool(names), values)
        for (callee, external, how), confidence in self.found.items():
            self._emit(callee, external, how, confidence)

    def _inside(self, value: Value) -> bool:
        """Edges to functions of the program; overrides of a method through a receiver of its base's type too."""
        target = constructor(self.resolver, value)
        if target is None:
            if value[0] == "C":
                self._outside_base(value)
            return value[0] in ("C", "V")
        key = (target[1], target[2])
        self._add(self.numbers[key], "", "call", "exact" if value[0] in ("F", "C") else "typed")
        if value[0] == "B":
            self._overrides(key)
        return True

    def _outside_base(self, value: Value) -> None:
        """A class without a constructor of its own runs the one of its outside base."""
        for cls in ancestors(self.resolver, value[1], value[2])[1:]:
            if cls[0] == "X" and cls[1] in self.resolver.catalogue.api:
                self._add(-1, str(cls[1]), "call", "typed")
                return

    def _overrides(self, key: tuple[str, int]) -> None:
        row = self.resolver.spaces[key[0]].facts.scopes[key[1]]
        receiver = self._receiver()
        for module, number in self.below.get(receiver or (key[0], row.parent), [])[:MAX_OVERRIDES]:
            for binding in self.resolver.spaces[module].names[number].get(row.name, ()):
                if binding.kind == "def" and binding.value.startswith("scope:"):
                    self._add(self.numbers[module, int(binding.value[6:])], "", "override", "typed")

    def _receiver(self) -> tuple[str, int] | None:
        base = self.call.callee.rpartition(SEP)[0]
        if not base:
            return None
        values = self.resolver.evaluate(self.space.source.module, self.scope, base)
        known = [(str(v[1]), int(v[2])) for v in values if v[0] == "I"]
        return known[0] if len(known) == 1 else None

    def _outside(self, name: str) -> None:
        how = self._own_way()
        self._add(-1, name, how, "typed" if SEP in self.call.callee else "exact")
        known = self.resolver.catalogue.api.get(name)
        if known is not None and known[0].hands:
            for text in argument_positions(known[0].hands_argument or "arg:0"):
                self._hand_over(text, "call" if known[0].hands == "sync" else known[0].hands)
        elif name in SYNC_BUILTINS:
            self._hand_over("arg:0", "call")
            self._hand_over("kw:key", "call")
        else:
            self._hand_over("args:0", "callback")

    def _own_way(self) -> str:
        """`create_task(work())`: the inner call runs as a task."""
        outer = self.call.handed_to
        if outer < 0:
            return "call"
        row = self.space.facts.calls[outer]
        scope = self.space.facts.contexts[row.context].scope
        for value in self.resolver.evaluate(self.space.source.module, scope, row.callee):
            if value[0] == "X":
                known = self.resolver.catalogue.api.get(self.resolver.catalogue.canonical(str(value[1])))
                if known is not None and known[0].hands == "task":
                    return "task"
        return "call"

    def _hand_over(self, text: str, how: str) -> None:
        kind, _, key = text.partition(":")
        refs: list[str] = []
        if kind == "kw":
            refs = [ref for name, ref in self.call.keywords if name == key]
        elif kind == "arg" and key.isdigit():
            refs = list(self.call.args[int(key) : int(key) + 1])
        elif kind == "args" and key.isdigit():
            refs = list(self.call.args[int(key) :]) + [ref for _, ref in self.call.keywords]
        for ref in refs:
            if ref.startswith(("call:", "str:", "int:")) and SEP not in ref and how != "callback":
                continue
            for value in self.resolver.evaluate(self.space.source.module, self.scope, ref.lstrip("*")):
                if value[0] in ("F", "B"):
                    self._add(self.numbers[value[1], value[2]], "", how, "typed" if value[0] == "B" else "exact")
                elif value[0] == "X" and how != "callback":
                    self._add(-1, self.resolver.catalogue.canonical(str(value[1])), how, "exact")

    def _add(self, callee: int, external: str, how: str, confidence: str) -> None:
        if how == "call" and callee >= 0:
            how = self._own_way()
        self.found.setdefault((callee, external, how), confidence)

    def _emit(self, callee: int, external: str, how: str, confidence: str) -> None:
        call = self.call
        self.graph.edges.append(
            CallEdge(
                self.caller, callee, external, call.line, call.column, call.end_line, self.number, how, confidence,
                call.is_awaited, self.loops, self.resolver.catalogue.use(external) if external else -1,
            )
        )  # fmt: skip

    def _count(self, inside: bool, outside: bool, values: Values) -> None:
        graph = self.graph
        if inside:
            graph.resolved += 1
        elif outside or values and all(v[0] in ("S", "L", "D", "T") for v in values):
            graph.external += 1
        else:
            graph.missing += 1
            graph.unresolved[self.caller] = graph.unresolved.get(self.caller, 0) + 1
            reason = self._reason()
            graph.reasons[reason] = graph.reasons.get(reason, 0) + 1

    def _reason(self) -> str:
        root = self.call.callee.partition(SEP)[0]
        if root.startswith("local:self"):
            return "unknown field"
        if root.startswith("call:"):
            return "unknown result"
        if root.startswith("local:"):
            space, scope = self.space, self.scope
            name = root[6:]
            while scope >= 0:
                if any(p.name == name for p in space.facts.scopes[scope].params):
                    return "untyped parameter"
                scope = space.facts.scopes[scope].parent
            return "unknown name"
        return "other expression"


def loop_depth(space: ModuleSpace, loop: int) -> int:
    depth = 0
    while loop >= 0:
        depth += 1
        loop = space.facts.loops[loop].parent
    return depth


def implied(
    resolver: Resolver, numbers: Numbers, graph: CallGraph, space: ModuleSpace, properties: frozenset[str]
) -> None:
    """Calls that nobody wrote: properties that are read, `with`, `for`."""
    facts, module = space.facts, space.source.module
    for read in facts.reads:
        base, _, last = read.value.rpartition(SEP)
        if base and last.startswith(".") and last[1:] in properties:
            context = facts.contexts[read.context]
            for value in resolver.evaluate(module, context.scope, base):
                if value[0] == "I":
                    add_special(
                        resolver, numbers, graph, space, value, (last[1:],), context.scope, context.loop, read.line
                    )
    places = {context.region: context for context in facts.contexts if context.region >= 0}
    for number, region in enumerate(facts.regions):
        context = places.get(number, facts.contexts[0])
        names = ("__aenter__", "__aexit__") if region.is_async else ("__enter__", "__exit__")
        for value in resolver.evaluate(module, context.scope, region.manager):
            add_special(resolver, numbers, graph, space, value, names, context.scope, context.loop, region.line)
    inner = {context.loop: context for context in facts.contexts if context.loop >= 0}
    for number, loop in enumerate(facts.loops):
        context = inner.get(number, facts.contexts[0])
        names = ("__aiter__", "__anext__") if loop.kind.startswith("async") else ("__iter__", "__next__")
        for value in resolver.evaluate(module, context.scope, loop.iterates) if loop.iterates else ():
            add_special(resolver, numbers, graph, space, value, names, context.scope, loop.parent, loop.line)


def add_special(
    resolver: Resolver, numbers: Numbers, graph: CallGraph, space: ModuleSpace, value: Value,
    names: tuple[str, ...], scope: int, loop: int, line: int,
) -> None:  # fmt: skip
    """Edges to special methods and properties of a value."""
    caller = numbers[space.source.module, space.owner[scope]]
    for name in names:
        targets: list[tuple[int, str]] = []
        if value[0] == "I":
            targets = [(t, "") for t in special_functions(resolver, numbers, value, name)]
        elif value[0] == "E":
            targets = [
                (-1, str(v[1]))
                for v in attribute(resolver, value, name)
                if v[0] == "X" and v[1] in resolver.catalogue.api
            ]
        for callee, external in targets:
            use = resolver.catalogue.use(external) if external else -1
            depth = loop_depth(space, loop)
            graph.edges.append(
                CallEdge(caller, callee, external, line, 1, line, -1, "call", "typed", False, depth, use)
            )


def special_functions(resolver: Resolver, numbers: Numbers, value: Value, name: str) -> list[int]:
    """The functions that a special method or property of an instance is."""
    for cls in ancestors(resolver, value[1], value[2]):
        if cls[0] == "C":
            rows = resolver.spaces[cls[1]].names[cls[2]].get(name)
            if rows:
                return [
                    numbers[cls[1], int(b.value[6:])] for b in rows if b.kind == "def" and b.value.startswith("scope:")
                ]
    return []
