"""Resolver -> call edges: who calls whom, on which line, and whether the work is awaited, handed over or spawned.

Every call site is resolved, external or unresolved and counted with a reason; nothing is dropped silently.
"""

from __future__ import annotations

from msgspec import Struct, field

from readiness.link.arguments import argument_positions, arguments
from readiness.link.classes import ancestors, base_constructors, find_below, member
from readiness.link.dead import dead_contexts
from readiness.link.implied import implied_edges
from readiness.link.learn import default_of, learn, runs
from readiness.link.memory import does_nothing
from readiness.link.named import configured_edges
from readiness.link.reasons import reason_of
from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.link.unbound import unbound_call
from readiness.link.values import NESTED, Value, Values, inner_values, is_contradicted
from readiness.types.facts import SEP, Call, last_name, loops_around
from readiness.types.program import CallEdge

ROUNDS = 2
SPAWNED = ("task", "greenlet")  # one that runs beside the caller; what gathers several is waited for
SYNC_BUILTINS = frozenset(
    {"builtins.map", "builtins.filter", "builtins.sorted", "builtins.min", "builtins.max", "functools.reduce"}
)
# These look at a function and never run or keep it: `isinstance(value, str)` hands nobody a callback.
LOOKING = frozenset(
    f"builtins.{name}"
    for name in ("bool", "callable", "hasattr", "hash", "id", "isinstance", "issubclass", "print", "repr", "str")
)
PLAIN = frozenset("SLDTWV")
QUEUE = "queue"
DIRECT = ("call", "override")
Numbers = dict[tuple[str, int], int]
Param = tuple[str, int, str]


class Handed(Struct, frozen=True):
    """A function that a call hands to a parameter, or that a decorator wrapped: it runs below the caller if that parameter is called."""

    caller: int
    callee: int  # -1 for something outside of the program
    line: int
    param: Param | None  # None: it runs in any case
    is_parameter: bool  # it came to the caller as a parameter itself
    external: str = ""
    api: int = -1  # index into the uses of the catalogue


class CallGraph(Struct):
    """What is gathered while walking the call sites."""

    edges: list[CallEdge]
    unresolved: dict[int, int] = field(default_factory=dict)  # function -> call sites
    reasons: dict[str, int] = field(default_factory=dict)
    handed: list[Handed] = field(default_factory=list)
    called: dict[Param, str] = field(default_factory=dict)  # parameter that is called -> call, task, thread, process
    inner: list[tuple[Param, int]] = field(default_factory=list)  # parameters that a function inside of theirs calls
    passed: dict[Param, set[Param]] = field(default_factory=dict)  # parameter -> those that it is handed to
    waiting: dict[tuple[str, int], list[CallEdge]] = field(default_factory=dict)  # work of a thread object by its maker
    started: set[tuple[str, int]] = field(default_factory=set)  # makers whose object is seen started
    resolved: int = 0
    external: int = 0
    missing: int = 0
    named: list[CallEdge] = field(default_factory=list)  # what a call is by its name alone; not among the edges


def call_edges(resolver: Resolver, numbers: Numbers) -> CallGraph:
    """Rounds that learn what callers hand over, then one that makes edges of what is known."""
    resolver.below.update(find_below(resolver))
    for number in range(ROUNDS):
        learn(resolver, is_last=number == ROUNDS - 1)
    graph = CallGraph([])
    for name in sorted(resolver.spaces):
        space = resolver.spaces[name]
        dead = dead_contexts(space.facts)
        for number, call in enumerate(space.facts.calls):
            if call.context in dead:
                continue
            Site(resolver, numbers, graph, space, number, call).link()
    count_inner(graph, numbers)
    for maker, edges in sorted(graph.waiting.items()):
        if maker not in graph.started:
            graph.edges += edges
    graph.edges += dict.fromkeys(implied_edges(resolver, numbers))
    graph.edges += configured_edges(resolver, numbers)
    return graph


def count_inner(graph: CallGraph, numbers: Numbers) -> None:
    """A parameter that an inner function calls is called where the outer one runs that inner function itself."""
    runs_inner = {(e.caller, e.callee): e.how for e in graph.edges if e.callee >= 0 and e.how != "callback"}
    for param, inner in graph.inner:
        how = runs_inner.get((numbers[param[:2]], inner))
        if how is not None:
            graph.called.setdefault(param, how)


class Site:
    """One call site on its way to edges."""

    def __init__(
        self, resolver: Resolver, numbers: Numbers, graph: CallGraph, space: ModuleSpace, number: int, call: Call
    ) -> None:
        self.resolver, self.numbers, self.graph = resolver, numbers, graph
        self.space, self.number, self.call = space, number, call
        context = space.facts.contexts[call.context]
        self.module = space.source.module
        self.scope = context.scope
        self.at = (call.order, call.context)
        self.caller = numbers[self.module, space.owner[context.scope]]
        self.loops = len(loops_around(space.facts, context.loop))
        self.is_locked = context.region >= 0 and self._holds_lock(context.region)
        self.way, self.is_waited = self._own_way()
        self.found: dict[tuple[int, str, str], CallEdge] = {}
        self.coroutines: set[int] = set()  # of the callees

    def link(self) -> None:
        values = self.resolver.evaluate(self.module, self.scope, self.call.callee, self.at)
        if len(values) > 1 and self.space.facts.contexts[self.call.context].branch < 0 and is_contradicted(values):
            values = ()
        parameter = self._parameter(self.call.callee)
        if parameter is not None:
            if self.numbers[parameter[:2]] == self.caller:
                self.graph.called[parameter] = "call"
            else:
                self.graph.inner.append((parameter, self.caller))
        defaults = default_of(self.resolver, *parameter) if parameter is not None else ()
        is_inside = is_outside = False
        for value in values:
            is_handed = parameter is not None and value not in defaults  # a default runs for every caller
            if value[0] == "X":
                is_outside = True
                self._outside(self.resolver.catalogue.canonical(str(value[1])), value, is_handed)
            elif value[0] == "E":
                is_outside = True
                self._outside(self.resolver.catalogue.canonical(f"{value[1]}.__call__"), value)
            else:
                is_inside |= self._inside(value, is_handed)
        self._count(is_inside, is_outside, values)
        self.graph.edges += self._of_one_half(tuple(self.found.values()))

    def _of_one_half(self, edges: tuple[CallEdge, ...]) -> tuple[CallEdge, ...]:
        """An awaited call means the coroutine where a function of the same name blocks, and one that is not awaited the function."""
        if len(edges) < 2 or not self.coroutines or self.call.handed_to >= 0:
            return edges
        direct = {e.callee for e in edges if e.callee >= 0 and e.how in DIRECT}
        other = direct - self.coroutines if self.call.is_awaited else direct & self.coroutines
        return tuple(e for e in edges if e.callee not in other) if other != direct else edges

    def _holds_lock(self, region: int) -> bool:
        """Whether one of the `with` around this place is over a lock."""
        while region >= 0:
            row = self.space.facts.regions[region]
            for value in self.resolver.evaluate(self.module, self.scope, row.manager):
                known = self.resolver.catalogue.api.get(str(value[1])) if value[0] == "E" else None
                if known is not None and known[0].construct == "lock":
                    return True
            region = row.parent
        return False

    # --- functions of the program -------------------------------------------------------------------------------------

    def _inside(self, value: Value, is_parameter: bool) -> bool:
        """Edges to functions of the program; overrides of a method through a receiver of its base's type too."""
        while value[0] == "P":
            value = value[1]
        target = runs(self.resolver, value)
        if target is None:
            if value[0] == "C":
                self._outside_base(value)
            elif value[0] == "X":
                self._outside(self.resolver.catalogue.canonical(str(value[1])), value, is_parameter)
            return value[0] in ("C", "V", "X")
        key = (target[1], target[2])
        self._add(self._number(key), "", self.way, "typed" if target[0] == "B" else "exact", is_parameter)
        self._hand_on(target)
        if target[0] == "B" and value[0] != "C":
            self._overrides(target)
        over = target[-1] if len(target) > 3 and target[-1] and target[-1][0] == "F" else None
        while over is not None:
            self._handed(self.numbers[over[1], over[2]], None, is_parameter)
            over = over[3] if len(over) > 3 else None
        return True

    def _outside_base(self, value: Value) -> None:
        """A class without a constructor of its own runs the one of its outside base."""
        for cls in ancestors(self.resolver, value[1], value[2])[1:]:
            if cls[0] == "X":
                name = str(cls[1]) if cls[1] in self.resolver.catalogue.api else f"{cls[1]}.__init__"
                self._add(-1, name, self.way, "typed")
                return

    def _overrides(self, target: Value) -> None:
        receiver = target[3]
        if receiver[0] == "U" or len(receiver) > 3:  # super(), or an instance of exactly that class
            return
        name = self.resolver.spaces[target[1]].facts.scopes[target[2]].name
        for cls in self.resolver.below.get((receiver[1], receiver[2]), ()):
            for binding in self.resolver.spaces[cls[1]].names[cls[2]].get(name, ()):
                if binding.kind == "def":
                    self._add(self._number((cls[1], int(binding.value[6:]))), "", "override", "typed")

    def _number(self, key: tuple[str, int]) -> int:
        number, scope = self.numbers[key], self.resolver.spaces[key[0]].facts.scopes[key[1]]
        if scope.is_async and not scope.is_generator:
            self.coroutines.add(number)
        return number

    def _hand_on(self, target: Value) -> None:
        """Functions among the arguments run below this call where the callee calls what it was given."""
        plain, named, _, _ = self.resolver.spaces[target[1]].layout(target[2])
        pairs = [*zip(plain[target[0] == "B" :], self.call.args)]
        pairs += [(key, ref) for key, ref in self.call.keywords if key in named]
        for key, ref in pairs:
            if not ref.startswith(("local:", "scope:", "call:", "expr:")):
                continue
            param, own = (target[1], target[2], key), self._parameter(ref)
            if own is not None:
                self.graph.passed.setdefault(own, set()).add(param)
            for value in self.resolver.evaluate(self.module, self.scope, ref, self.at):
                while value[0] == "P":
                    value = value[1]
                work = runs(self.resolver, value) if value[0] in "FB" else None
                if work is not None:
                    self._handed(self.numbers[work[1], work[2]], param, own is not None)
                elif value[0] == "X":
                    name = self.resolver.catalogue.canonical(str(value[1]))
                    self._handed(-1, param, own is not None, name)

    def _handed(self, callee: int, param: Param | None, is_parameter: bool, external: str = "") -> None:
        use = self.resolver.catalogue.use(external) if external else -1
        if callee >= 0 or use >= 0:
            row = Handed(self.caller, callee, self.call.line, param, is_parameter, external, use)
            self.graph.handed.append(row)

    def _parameter(self, ref: str) -> Param | None:
        """The parameter of this function or one around it that a plain name is."""
        if not ref.startswith("local:") or SEP in ref:
            return None
        name, walk = ref[6:], self.scope
        while walk > 0:
            rows = self.space.names[walk].get(name)
            if rows:
                return (self.module, walk, name) if rows[0].kind == "param" else None
            walk = self.space.facts.scopes[walk].parent
        return None

    # --- outside ------------------------------------------------------------------------------------------------------

    def _outside(self, name: str, value: Value, is_parameter: bool = False) -> None:
        known = self.resolver.catalogue.api.get(name)
        if known is None:
            self._by_name(unbound_call(self.resolver.catalogue, self.space, name))
        if known is None or not does_nothing(self.resolver, self.module, self.scope, self.call, known[0]):
            self._add(-1, name, self.way, "typed" if SEP in self.call.callee else "exact", is_parameter)
        if known is not None and known[0].hands == QUEUE:
            return  # another process runs it: `queued_calls`
        if known is not None and known[0].hands:
            how = "call" if known[0].hands == "sync" else known[0].hands
            waits = not (how == "task" and known[0].construct in SPAWNED)
            is_kept = self.resolver.catalogue.carries(known[0].returns or name)
            for text in argument_positions(known[0].hands_argument or "arg:0"):
                self._hand_over(text, how, waits, value, is_kept)
        elif name in SYNC_BUILTINS:
            self._hand_over("args:0", "call", True, value, False)
        elif name not in LOOKING:
            self._hand_over("args:0", "callback", True, value, False)

    def _by_name(self, name: str) -> None:
        call, use = self.call, self.resolver.catalogue.use(name) if name else -1
        if use >= 0:
            edge = CallEdge(
                self.caller, -1, name, call.line, call.column, call.end_line, self.number, self.way, "named",
                call.is_awaited, self.loops, use, False, self.is_waited, self.is_locked,
            )  # fmt: skip
            self.graph.named.append(edge)

    def _own_way(self) -> tuple[str, bool]:
        """`create_task(work())`: the inner call runs as a task; only what gathers tasks waits for it."""
        outer = self.call.handed_to
        if outer < 0:
            return "call", True
        row = self.space.facts.calls[outer]
        scope = self.space.facts.contexts[row.context].scope
        for value in self.resolver.evaluate(self.module, scope, row.callee, (row.order, row.context)):
            if value[0] == "X":
                known = self.resolver.catalogue.api.get(self.resolver.catalogue.canonical(str(value[1])))
                if known is not None and known[0].hands == "task":
                    return "task", known[0].construct not in SPAWNED
        return "call", True

    def _hand_over(self, text: str, how: str, waits: bool, value: Value, is_kept: bool) -> None:
        kind, _, key = text.partition(":")
        call, space, scope, at = self.call, self.space, self.scope, self.at
        if kind == "method":
            self._hand_methods(key, how)
            return
        if kind == "made":
            for maker in self._makers(value):
                self.graph.started.add(maker)
                space = self.resolver.spaces[maker[0]]
                call = space.facts.calls[maker[1]]
                scope, at = space.facts.contexts[call.context].scope, (call.order, call.context)
                constructor = self.resolver.catalogue.carried(str(value[1]).rpartition(".")[0])
                for place in argument_positions(constructor):
                    self._hand_refs(arguments(call, place), space, scope, at, how, waits, None)
            return
        keeper = (self.module, self.number) if is_kept else None
        self._hand_refs(arguments(call, text), space, scope, at, how, waits, keeper)

    def _makers(self, value: Value) -> list[tuple[str, int]]:
        """The calls that made the object whose method is called: an outside one, or the base constructor of one of ours."""
        found: list[tuple[str, int]] = [value[2]] if len(value) > 2 else []
        base = self.call.callee.rpartition(SEP)[0]
        for owner in self.resolver.evaluate(self.module, self.scope, base, self.at) if base and not found else ():
            for cls in ancestors(self.resolver, owner[1], owner[2]) if owner[0] == "I" else ():
                if cls[0] == "C":
                    space = self.resolver.spaces[cls[1]]
                    found += [(cls[1], number) for number in base_constructors(space, cls[2])]
        return found

    def _hand_methods(self, name: str, how: str) -> None:
        """`worker.start()` runs `worker.run`."""
        base = self.call.callee.rpartition(SEP)[0]
        for owner in self.resolver.evaluate(self.module, self.scope, base, self.at) if base else ():
            for value in member(self.resolver, owner, name) if owner[0] == "I" else ():
                if value[0] == "B":
                    self._add(self.numbers[value[1], value[2]], "", how, "typed")

    def _hand_refs(
        self, refs: list[str], space: ModuleSpace, scope: int, at: tuple[int, int], how: str, waits: bool,
        keeper: tuple[str, int] | None,
    ) -> None:  # fmt: skip
        """Edges to the functions among these arguments; those of an object that has to be started wait for that."""
        for ref in refs:
            if ref.startswith(("call:", "str:", "int:")) and SEP not in ref and how == "callback":
                continue
            lent = self._lent(ref) if space is self.space and how != "callback" and keeper is None else []
            for param in lent:
                self.graph.called.setdefault(param, how)
            is_parameter = bool(lent) or space is self.space and self._parameter(ref) is not None
            for value in inner_values(self.resolver.evaluate(space.source.module, scope, ref.lstrip("*"), at)):
                work = runs(self.resolver, value) if value[0] in "FB" else None
                if work is not None:
                    number = self.numbers[work[1], work[2]]
                    confidence = "typed" if value[0] == "B" else "exact"
                    self._add(number, "", how, confidence, is_parameter, waits, keeper)
                elif value[0] == "X" and how != "callback":
                    name = self.resolver.catalogue.canonical(str(value[1]))
                    self._add(-1, name, how, "exact", is_parameter, waits, keeper)

    def _lent(self, ref: str, depth: int = 0) -> list[Param]:
        """The parameters that are handed on by a reference: itself, in a tuple, or bound by `partial`."""
        own = self._parameter(ref)
        if own is not None or SEP in ref or depth > NESTED:
            return [own] if own is not None else []
        kind, _, rest = ref.partition(":")
        facts, below = self.space.facts, []
        if kind == "expr" and facts.exprs[int(rest)].kind == "tuple":
            below = list(facts.exprs[int(rest)].items)
        elif kind == "local":
            below = [row.value for row in self.space.names[self.scope].get(rest, ()) if row.kind == "assign"]
        elif kind == "call" and last_name(facts.calls[int(rest)].callee) == "partial":
            below = list(facts.calls[int(rest)].args[:1])
        return [param for each in below for param in self._lent(each, depth + 1)]

    # --- edges and counts ---------------------------------------------------------------------------------------------

    def _add(
        self, callee: int, external: str, how: str, confidence: str, is_parameter: bool = False, waits: bool = True,
        keeper: tuple[str, int] | None = None,
    ) -> None:  # fmt: skip
        call = self.call
        edge = CallEdge(
            self.caller, callee, external, call.line, call.column, call.end_line, self.number, how, confidence,
            call.is_awaited, self.loops, self.resolver.catalogue.use(external) if external else -1, is_parameter,
            waits and self.is_waited, self.is_locked,
        )  # fmt: skip
        if keeper is not None:
            self.graph.waiting.setdefault(keeper, []).append(edge)
        else:
            self.found.setdefault((callee, external, how), edge)

    def _count(self, is_inside: bool, is_outside: bool, values: Values) -> None:
        graph = self.graph
        if is_inside:
            graph.resolved += 1
        elif is_outside or values and all(v[0] in PLAIN for v in values):
            graph.external += 1
        else:
            graph.missing += 1
            graph.unresolved[self.caller] = graph.unresolved.get(self.caller, 0) + 1
            reason = reason_of(self.space, self.scope, self.call)
            graph.reasons[reason] = graph.reasons.get(reason, 0) + 1
