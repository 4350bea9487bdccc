"""Program and Facts -> Ground: what every condition asks about functions and places. Never knows a rule's condition."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from readiness.findings.batches import flushing_arms
from readiness.findings.certain import Certain
from readiness.findings.failing import failing_calls
from readiness.findings.lent import Lent
from readiness.findings.once import done_once
from readiness.findings.onloop import OnLoop
from readiness.findings.paths import Paths
from readiness.findings.settled import is_settled
from readiness.findings.starting import commanded, starting
from readiness.types.facts import SEP, Branch, Call, Facts, Loop, Region, last_name, loops_around
from readiness.types.program import ApiUse, CallEdge, Function, Hop, Module, Program
from readiness.types.rulebook import Rule

# entries that serve many callers at once; a command line or a main module serves one
SERVED = frozenset(("http-route", "websocket", "rpc-method", "task", "consumer", "schedule", "lambda"))
# of these, those that one process serves many of at a time
BESIDE = frozenset(("http-route", "websocket", "rpc-method", "consumer"))
MAX_HOPS = 6  # behind so many calls it is another function's affair, and each call on the way may be the wrong one
BOUND_STEPS = 2  # calls below a task at which a semaphore still bounds it
# tags: what waits for nobody; what has an order on one object; what gives the events that a loop handles
INSTANT, ORDERED, EVENTS = "instant", "ordered", "events"
EACH = frozenset(("for", "comprehension"))  # one round per element; a `while` waits for the world


class Hit(Struct, frozen=True):
    """A rule holds at a place. `digest` names the statement, so that a moved line keeps its fingerprint."""

    rule: Rule
    module: Module
    function: str | None
    line: int
    column: int
    end_line: int
    name: str
    digest: str
    kind: str = ""
    value: str = ""
    hops: tuple[Hop, ...] = ()
    is_sure: bool = True


class Ground:
    """Look-ups over one program, each made once."""

    def __init__(self, program: Program, facts: Mapping[str, Facts]) -> None:
        self.program, self.facts = program, facts
        self.modules: dict[str, Module] = {module.module: module for module in program.modules}
        self.line_of = {function.target: function.line for function in program.functions}
        self.edges: list[list[CallEdge]] = [[] for _ in program.functions]
        for edge in program.calls:
            self.edges[edge.caller].append(edge)
        self.numbers = {(row.module, row.scope): number for number, row in enumerate(program.functions)}
        self.served = self.closure({row.function for row in program.entries if row.kind in SERVED}, everywhere=True)
        self.on_loop = OnLoop(program.functions, self.edges)
        self.in_loops = {edge.callee for edge in program.calls if edge.loop}  # functions that somebody calls in a loop
        self.once = done_once(program, facts)
        self.commanded = commanded(program, self.served)
        self.starting = {program.functions[number].target for number in starting(program, self.served)}
        self.polled = self._polled()
        self.failing = failing_calls(program, facts)
        self.instant = {use.name for use in program.apis if INSTANT in use.tags}
        self.ordered = {use.name for use in program.apis if ORDERED in use.tags}
        events = self._calls(lambda use: EVENTS in use.tags)
        self.events = {(program.functions[caller].module, f"call:{call}") for caller, call in events} | self._batches()
        self.paths = Paths(program, facts, self.edges)
        self.certain = Certain(program, facts, self.edges)
        self.lent = Lent(program, facts)
        self._flushed: dict[str, frozenset[int]] = {}  # module -> arms that empty what the loop around them fills
        # (function, call) that hands work to a pool, which has a width; that makes an open file async
        pools = {use.name for use in program.apis if use.construct == "pool"}
        self.pools = self._calls(lambda use: use.name in pools or use.name.rpartition(".")[0] in pools)
        self.wrappers = self._calls(lambda use: "wraps-file" in use.tags)
        # (module, the last step of a name) that holds a lock or a semaphore
        self.locks = self._holders("lock")
        self.semaphores = self._holders("semaphore")

    def contexts_of(self, function: int) -> set[str]:
        """The context words that hold for a whole function."""
        row = self.program.functions[function]
        words = {"async"} if row.is_async else set()
        words |= {"on-loop"} if function in self.on_loop else set()
        words |= {"handler"} if function in self.served else {"aside"} if self.served else set()
        words |= {"command"} if function in self.commanded else set()
        return words | ({"test"} if self.modules[row.module].is_test else set())

    def contexts(self, edge: CallEdge) -> set[str]:
        """The context words that hold at a call site, those of its function included."""
        function = self.program.functions[edge.caller]
        words = self.contexts_of(edge.caller)
        call = self.call(edge)
        if edge.how in ("task", "thread", "process"):
            words.add(edge.how)
        if call is None:
            return words
        facts = self.facts[function.module]
        context = facts.contexts[call.context]
        branches = _chain(facts.branches, context.branch)
        if any(facts.branches[number].kind == "main" for number in branches):
            words.add("main")
        elif function.qualname == "<module>":
            words.add("import-time")
        words |= self._loop_words(edge, function.module, call, branches)
        if self.is_locked(function, context.region):
            words.add("lock")
        is_pooled = (edge.caller, edge.call) in self.pools or _is_worker_set(facts, context.loop)
        if edge.how == "task" and (is_pooled or self.is_bounded(edge)):
            words.add("bounded")
        if self._construct(edge) == "process" and self._waits_elsewhere(edge):
            words.add("io-process")
        words |= {"repeated"} if context.loop >= 0 or edge.caller in self.in_loops else set()
        words |= {"awaited"} if call.is_awaited else set()
        if (
            "on-loop" in words
            and self._construct(edge) is not None
            and is_settled(facts, call, self.edges[edge.caller])
        ):
            words.add("settled")
        words |= {"wrapped"} if (edge.caller, call.handed_to) in self.wrappers else set()
        words |= {"literal"} if call.args and call.args[0].startswith("str:") else set()
        return words | ({"discarded"} if call.is_discarded else set())

    def _loop_words(self, edge: CallEdge, module: str, call: Call, branches: Sequence[int]) -> set[str]:
        """`loop`, `any-loop` and `await-loop`, where they hold."""
        facts = self.facts[module]
        around = loops_around(facts, facts.contexts[call.context].loop)
        each = [
            facts.loops[number]
            for number in around
            if (module, number) not in self.polled
            and (module, facts.loops[number].iterates) not in self.events
            and _is_repeated(facts, call, facts.loops[number], branches)
        ]
        if each and self.is_flush(module, branches):
            each = []
        is_again = bool(each) or any(_is_run_again(facts, facts.loops[number], branches) for number in around)
        words = {"any-loop"} if is_again else set()
        if each:
            words.add("loop")
            if edge.is_awaited and edge.how == "call" and self._could_fan_out(facts, call, each[0]):
                words.add("await-loop")
        return words

    def function_at(self, module: str, scope: int) -> int:
        """The function whose code a scope runs in (a comprehension runs in its function), -1 where there is none."""
        scopes = self.facts[module].scopes
        while scope >= 0 and (module, scope) not in self.numbers:
            scope = scopes[scope].parent
        return self.numbers.get((module, scope), -1)

    def call(self, edge: CallEdge) -> Call | None:
        """The call of an edge; None for one that the code implies (`with`, `for`, a property)."""
        facts = self.facts.get(self.program.functions[edge.caller].module)
        return facts.calls[edge.call] if facts is not None and 0 <= edge.call < len(facts.calls) else None

    def concurrent(self) -> set[int]:
        """Functions that run beside themselves or others in one process: handlers, tasks, threads, and what these call."""
        seeds = {row.function for row in self.program.entries if row.kind in BESIDE}
        seeds |= {edge.callee for edge in self.program.calls if edge.how in ("task", "thread")}
        return self.closure(seeds, everywhere=True)

    def migrations(self) -> frozenset[str]:
        """Modules that change a database once: a class below Django's Migration, or Alembic's two names."""
        found = {
            cls.target.partition(":")[0]
            for cls in self.program.classes
            if "django.db.migrations.Migration" in cls.ancestors
        }
        for module, facts in self.facts.items():
            names = {row.name for row in facts.bindings if not row.target and not facts.contexts[row.context].scope}
            if {"revision", "down_revision"} <= names:
                found.add(module)
        return frozenset(found)

    def _polled(self) -> set[tuple[str, int]]:
        """Loops over a range that sleep in each round: they ask again, they go over nothing."""
        found = set()
        for edge in self.program.calls:
            if edge.loop and edge.call >= 0 and self._sleeps(edge):
                module = self.program.functions[edge.caller].module
                facts = self.facts[module]
                number = facts.contexts[facts.calls[edge.call].context].loop
                if number >= 0 and _range_arguments(facts, facts.loops[number]) is not None:
                    found.add((module, number))
        return found

    def _sleeps(self, edge: CallEdge) -> bool:
        """The call is a pause, or a function that does nothing else."""
        if edge.callee >= 0:
            return self.program.effects[edge.callee].reachable == ("sleep",)
        return edge.api >= 0 and self.program.apis[edge.api].kind == "sleep"

    def _batches(self) -> set[tuple[str, str]]:
        """(module, call) of functions of the program that give slices of what they are handed."""
        slicing = {
            number
            for number, row in enumerate(self.program.functions)
            if row.is_generator
            and any(ref.endswith(f"{SEP}[:]") for ref in self.facts[row.module].scopes[row.scope].yields)
        }
        return {
            (self.program.functions[edge.caller].module, f"call:{edge.call}")
            for edge in self.program.calls
            if edge.callee in slicing and edge.call >= 0
        }

    def is_flush(self, module: str, branches: Sequence[int]) -> bool:
        """`if len(batch) >= 100: send(batch); batch = []`: once per batch, in the innermost loop around it."""
        if module not in self._flushed:
            self._flushed[module] = flushing_arms(self.facts[module])
        for number in branches:
            if self.facts[module].branches[number].kind in ("for", "while"):
                return False
            if number in self._flushed[module]:
                return True
        return False

    def is_locked(self, function: Function, region: int) -> bool:
        """A lock is held in a `with` around this place."""
        return self._holds(function, region, self.locks)

    def is_bounded(self, edge: CallEdge) -> bool:
        """A semaphore stands in the function, in the one that runs as the task, or close below it."""
        for number in sorted({edge.caller, *self.closure({edge.callee}, everywhere=False, steps=BOUND_STEPS)}):
            function = self.program.functions[number]
            if any(self._construct(other) == "semaphore" for other in self.edges[number]):
                return True
            facts = self.facts.get(function.module)
            for row in facts.contexts if facts is not None else ():
                if row.scope == function.scope and self._holds(function, row.region, self.semaphores):
                    return True
        return False

    def _calls(self, is_meant: Callable[[ApiUse], bool]) -> set[tuple[int, int]]:
        meant = {number for number, use in enumerate(self.program.apis) if is_meant(use)}
        return {(edge.caller, edge.call) for edge in self.program.calls if edge.api in meant}

    def _waits_elsewhere(self, edge: CallEdge) -> bool:
        """What goes to the process that a call makes only waits for I/O: it wants no further core."""
        facts = self.facts[self.program.functions[edge.caller].module]
        made = f"call:{edge.call}"
        makers = {made, *(f"local:{row.name}" for row in facts.bindings if row.value == made and not row.target)}
        handed = [
            e.callee
            for e in self.edges[edge.caller]
            if e.how == "process" and e.callee >= 0 and e.call >= 0
            and (e.call == edge.call or facts.calls[e.call].callee.partition(SEP)[0] in makers)  # handed, or started later
        ]  # fmt: skip
        return bool(handed) and all(self.program.effects[callee].bound == "io" for callee in handed)

    def _construct(self, edge: CallEdge) -> str | None:
        return self.program.apis[edge.api].construct if edge.api >= 0 else None

    @staticmethod
    def _could_fan_out(facts: Facts, call: Call, loop: Loop) -> bool:
        """No round needs the one before: the loop never ends early, and no argument is set later in the same loop."""
        if loop.leaves:
            return False
        used = {ref.lstrip("*").partition(SEP)[0] for ref in (*call.args, *(ref for _, ref in call.keywords))}
        for row in facts.bindings:
            if row.order > call.order and f"local:{row.name}" in used and not row.target and row.kind != "def":
                loops = loops_around(facts, facts.contexts[row.context].loop)
                if any(facts.loops[number] is loop for number in loops):
                    return False
        return True

    def _holds(self, function: Function, region: int, holders: set[tuple[str, str]]) -> bool:
        facts = self.facts[function.module]
        for number in _chain(facts.regions, region):
            root, _, rest = facts.regions[number].manager.partition(SEP)
            if root.startswith("call:") and not rest and (function.module, root) in holders:
                return True
            if (function.module, last_name(facts.regions[number].manager)) in holders:
                return True
        return False

    def _holders(self, construct: str) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for edge in self.program.calls:
            if edge.call >= 0 and edge.how == "call" and self._construct(edge) == construct:
                found.add((self.program.functions[edge.caller].module, f"call:{edge.call}"))
        for module, facts in self.facts.items():
            for binding in facts.bindings:
                if (module, binding.value) in found:
                    found.add((module, binding.name.lstrip(".")))
        return found

    def closure(self, seeds: set[int], everywhere: bool, steps: int = 10**6) -> set[int]:
        """Functions that these run, at most so many calls away; `everywhere`: in other threads, tasks and processes too."""
        seen = {seed for seed in seeds if seed >= 0}
        queue = deque((seed, 0) for seed in sorted(seen))
        while queue:
            number, far = queue.popleft()
            for edge in self.edges[number] if far < steps else ():
                if edge.callee >= 0 and edge.callee not in seen and (everywhere or edge.how in ("call", "override")):
                    seen.add(edge.callee)
                    queue.append((edge.callee, far + 1))
        return seen


def _is_run_again(facts: Facts, loop: Loop, branches: Sequence[int]) -> bool:
    """A `while` or `async for` that does not end behind the call, nor after the first round that goes well."""
    if loop.kind in EACH or any(branch in branches for branch in loop.leaves):
        return False
    left = {
        facts.branches[branch].node for branch in loop.leaves if branch >= 0 and facts.branches[branch].kind != "except"
    }
    return not (left and any(row.kind == "except" and row.node in left for row in facts.branches))


def _is_repeated(facts: Facts, call: Call, loop: Loop, branches: Sequence[int]) -> bool:
    """The call runs once per element of something that grows: not per attempt, per chunk or per word of a literal."""
    if loop.kind not in EACH or is_literal(facts, loop) or _waits_for_next(facts, loop):
        return False
    if any(branch in branches for branch in loop.leaves):  # whoever gets there leaves the loop
        return False
    is_tried = any(facts.branches[number].kind in ("try", "except") for number in branches)
    counted = _range_arguments(facts, loop)
    if counted is not None and (
        len(counted) == 3 or (is_tried and not any(ref.startswith("call:") for ref in counted))
    ):
        return False
    return not _is_attempt(facts, call, loop)


def is_literal(facts: Facts, loop: Loop) -> bool:
    """`for incoming in (True, False)`, `for kind in (Order, Invoice)`: as many rounds as the source says."""
    kind, _, number = loop.iterates.partition(":")
    if kind != "expr" or not number.isdigit():
        return False
    row = facts.exprs[int(number)]
    if row.kind not in ("tuple", "list", "set"):
        return False
    return not any(item.startswith("expr:") and facts.exprs[int(item[5:])].kind == "starred" for item in row.items)


def _range_arguments(facts: Facts, loop: Loop) -> tuple[str, ...] | None:
    """`range(3)` around a `try` repeats, `range(0, n, size)` goes over chunks, `range(len(items))` over elements."""
    number = loop.iterates.removeprefix("call:")
    if not number.isdigit() or facts.calls[int(number)].callee != "local:range":
        return None
    return facts.calls[int(number)].args


def _is_worker_set(facts: Facts, loop: int) -> bool:
    """`for _ in range(workers)`: as many as a number says, not as many as there are elements."""
    counted = _range_arguments(facts, facts.loops[loop]) if loop >= 0 else None
    return counted is not None and len(counted) == 1 and not counted[0].startswith("call:")


def _waits_for_next(facts: Facts, loop: Loop) -> bool:
    """`for task in iter(queue.get, None)`: what comes next is waited for."""
    number = loop.iterates.removeprefix("call:")
    return (
        number.isdigit() and facts.calls[int(number)].callee == "local:iter" and len(facts.calls[int(number)].args) == 2
    )


def _is_attempt(facts: Facts, call: Call, loop: Loop) -> bool:
    """`for attempt in retries: with attempt:`: the element itself is entered."""
    context = facts.contexts[call.context]
    managers = {facts.regions[number].manager for number in _chain(facts.regions, context.region)}
    names = {manager.removeprefix("local:") for manager in managers if SEP not in manager}
    return bool(names) and any(
        row.name in names and row.kind == "for" and not row.target and facts.loops[place] is loop
        for row in facts.bindings
        if (place := facts.contexts[row.context].loop) >= 0
    )


def _chain(rows: Sequence[Branch | Region], number: int) -> list[int]:
    found: list[int] = []
    while number >= 0:
        found.append(number)
        number = rows[number].parent
    return found
