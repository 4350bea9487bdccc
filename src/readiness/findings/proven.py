"""hit on a call -> which of a rule's proofs hold: what a reader grants without an argument, because the code alone says so.

`rules/README.md` says what each word means. A hit that lacks one of them is possible, and no more. Never looks for another way to
the same I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from readiness.findings.elements import CERTAIN, is_kept, is_per_element
from readiness.findings.ground import Ground, Hit
from readiness.findings.options import is_option
from readiness.findings.starting import only_below, words_of
from readiness.types.facts import SEP, Branch
from readiness.types.program import ApiUse, CallEdge

NEAR = 5  # calls, the one to the library among them
FALL_BACK = frozenset(("except", "ifexp", "boolop"))
OTHERS = frozenset(("sleep", "subprocess"))  # kinds that take as long as somebody else says
FAR = frozenset(("cache", "db", "rpc", "wan", "long"))  # classes of latency
# the first words of functions that make something, or end it: what waits there nobody waits for again
MAKES = frozenset(
    (
        "aenter", "boot", "bootstrap", "connect", "enter", "init", "initialise", "initialize", "login", "new", "reconnect",
        "setup", "start", "startup", "warmup",
    )
)  # fmt: skip
ENDS = frozenset(
    (
        "aclose", "aexit", "cleanup", "close", "del", "destroy", "disconnect", "dispose", "exit", "finalize", "kill", "logout", "quit",
        "release", "reload", "restart", "shutdown", "stop", "teardown", "terminate", "unload",
    )
)  # fmt: skip
KEPT = frozenset(
    ("cache", "cached", "lazy", "memo", "memoize", "memoized", "once", "reify")
)  # of decorators that no page knows
OPENS = frozenset(("open", "aopen", "ensure"))  # as a whole name: a connection
BUILDS = frozenset(("init", "new"))  # and whatever only these call
COMMAND_LINE = (
    "ArgumentParser.parse_args",
    "ArgumentParser.parse_known_args",
)  # whoever reads it is the program's beginning
GIVEN = ("await", "aenter", "aiter")  # steps of a reference: what a coroutine gave


class Proven:
    """Answers about one program."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        functions = ground.program.functions
        self._numbers = {row.target: number for number, row in enumerate(functions)}
        first = [(words_of(row.qualname) or [""])[0] for row in functions]
        ends = {number for number, word in enumerate(first) if word in ENDS or word in BUILDS}
        reading = {edge.caller for edge in ground.program.calls if edge.external.endswith(COMMAND_LINE)}
        made = {
            number
            for number, row in enumerate(functions)
            if first[number] in MAKES or row.qualname.rpartition(".")[2] in OPENS  # `open_photo` opens none
        }
        kept = {number for number, row in enumerate(functions) if any(map(is_keeping, row.decorators))}
        self._aside = only_below(ground.program, ends, ()) | made | reading | kept
        self._proofs: Mapping[str, Callable[[CallEdge, Hit], bool]] = {
            "always": self._is_always,
            "each": self._is_each,
            "near": lambda edge, hit: len(hit.hops) <= NEAR,
            "one-way": self._is_one_way,
            "remote": self._is_remote,
            "served": self._is_served,
            "waiting": self._is_waiting,
            "working": self._is_working,
        }

    def holds(self, edge: CallEdge, hit: Hit) -> bool:
        """All proofs that the hit's rule asks for. `edge`: the call that the hit is about."""
        return all(self._proofs[word](edge, hit) for word in hit.rule.sure)

    def _steps(self, edge: CallEdge, hit: Hit) -> list[CallEdge | None]:
        """The call at each hop; None where it is not the code of that function that makes it."""
        found: list[CallEdge | None] = []
        for place, hop in enumerate(hit.hops):
            number = self._numbers[hop.target]
            if number == edge.caller and hop.line == edge.line:
                found.append(edge)
                continue
            after = self._numbers[hit.hops[place + 1].target] if place + 1 < len(hit.hops) else -1
            rows = (row for row in self._ground.edges[number] if row.line == hop.line and row.how != "callback")
            found.append(
                next((row for row in rows if (row.callee == after if after >= 0 else self._does_io(row))), None)
            )
        return found

    def _does_io(self, edge: CallEdge) -> bool:
        return edge.api >= 0 and self._ground.program.apis[edge.api].kind is not None

    def _is_one_way(self, edge: CallEdge, hit: Hit) -> bool:
        """Each call means one function, is made here and now, and no caller chose it."""
        steps = self._steps(edge, hit)
        return all(step is not None and self._is_plain(step) for step in steps)

    def _is_plain(self, edge: CallEdge) -> bool:
        if (
            edge.how not in ("call", "task", "thread")
            or edge.is_parameter
            or edge.is_first
            or edge.confidence == "named"
        ):
            return False
        others = (
            row
            for row in self._ground.edges[edge.caller]
            if row.call == edge.call >= 0 and row.how in (edge.how, "override")
        )
        meant = {self._kind(row) if row.api >= 0 else (row.callee, row.external) for row in others}
        return len(meant) <= 1

    def _kind(self, edge: CallEdge) -> tuple[str | None, str | None]:
        """What a library's page says that the call does: which of its methods it is makes no difference then."""
        use = self._ground.program.apis[edge.api]
        return use.kind, use.mode

    def _is_always(self, edge: CallEdge, hit: Hit) -> bool:
        """Whoever makes the call comes to the I/O: no condition stands on the way behind it, no option and no error before it."""
        for step in self._steps(edge, hit):
            if step is None or not all(self._is_taken(step, row, step is edge) for row in self._branches(step)):
                return False
        return True

    def _is_taken(self, edge: CallEdge, branch: Branch, is_first: bool) -> bool:
        if branch.kind in CERTAIN:
            return True
        function = self._ground.program.functions[edge.caller]
        is_asked = is_first and branch.kind not in FALL_BACK
        return is_asked and not is_option(self._ground.facts[function.module], branch, function.scope)

    def _branches(self, edge: CallEdge) -> Iterator[Branch]:
        """Those around a call, innermost first."""
        call = self._ground.call(edge)
        if call is not None:
            facts = self._ground.facts[self._ground.program.functions[edge.caller].module]
            number = facts.contexts[call.context].branch
            while number >= 0:
                yield facts.branches[number]
                number = facts.branches[number].parent

    def _is_working(self, edge: CallEdge, hit: Hit) -> bool:
        """None of the functions makes or ends something, nor is called by such functions only; nor is that what is called."""
        is_aside = any(self._numbers[hop.target] in self._aside for hop in hit.hops)
        return not is_aside and (hit.name.endswith("__") or ENDS.isdisjoint(words_of(hit.name)[:1]))

    def _is_remote(self, edge: CallEdge, hit: Hit) -> bool:
        """The page of the library says how long it takes, and that this is no matter of the machine alone."""
        use = self._use(edge, hit)
        return (
            use is not None
            and (use.latency in FAR or use.kind in OTHERS)
            and use.kind != "dns"
            and use.distribution != "python:socket"
        )

    def _use(self, edge: CallEdge, hit: Hit) -> ApiUse | None:
        last = self._steps(edge, hit)[-1]
        return self._ground.program.apis[last.api] if last is not None and last.api >= 0 else None

    def _is_served(self, edge: CallEdge, hit: Hit) -> bool:
        """A handler reaches the function, where the program has any; it is no mere command."""
        return self._ground.contexts_of(edge.caller).isdisjoint(("aside", "command"))

    def _is_waiting(self, edge: CallEdge, hit: Hit) -> bool:
        """The object whose method is called is not what a coroutine gave: what is awaited once has its answer in memory."""
        if self._is_handed_on(edge):
            return False
        last = self._steps(edge, hit)[-1]
        call = self._ground.call(last) if last is not None else None
        if last is None or call is None:
            return last is not None
        facts = self._ground.facts[self._ground.program.functions[last.caller].module]
        scope = facts.contexts[call.context].scope
        root = call.callee.partition(SEP)[0]
        values = [
            call.callee,
            *(
                row.value
                for row in facts.bindings
                if f"local:{row.name}" == root and facts.contexts[row.context].scope == scope
            ),
        ]
        return not any(step in value.split(SEP) for value in values for step in GIVEN)

    def _is_handed_on(self, edge: CallEdge) -> bool:
        """`await result(load())`: what `load` gives may be what is awaited."""
        call = self._ground.call(edge)
        facts = self._ground.facts[self._ground.program.functions[edge.caller].module]
        while call is not None and call.handed_to >= 0:
            call = facts.calls[call.handed_to]
            if call.is_awaited:
                return True
        return False

    def _is_each(self, edge: CallEdge, hit: Hit) -> bool:
        """The call takes the element of a loop, or what is made of it; the loop goes over what came in, and no option guards it."""
        call = self._ground.call(edge)
        if call is None:
            return False
        facts = self._ground.facts[self._ground.program.functions[edge.caller].module]
        is_task = edge.how == "task"
        return is_per_element(facts, call, is_task) and not (is_task and is_kept(facts, edge.call))


def is_keeping(decorator: str) -> bool:
    """Its own name says that the result is kept: `cached_property` of whatever library, and not `never_cache`."""
    words = set(words_of(decorator))
    return not words.isdisjoint(KEPT) and "never" not in words
