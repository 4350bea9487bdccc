"""Program and Facts -> what a call reaches through the functions that it hands over: those that it names, and no others.

`load = cached(load)`, `retry(fetch, url)`: who takes a function calls whatever anybody ever handed to it, and an edge leads there from
each of these. At one call site only the function that the site itself names is meant. Never looks at what is kept and called later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from readiness.types.facts import SEP, Call, Facts, last_name
from readiness.types.program import CallEdge, Effect, Function, Hop, Program, Via

DIRECT = ("call", "override")
NESTED = 2  # decorators on one function, each of which calls the next


class Lent:
    """Answers about one program."""

    def __init__(self, program: Program, facts: Mapping[str, Facts]) -> None:
        self._functions: Sequence[Function] = program.functions
        self._effects: Sequence[Effect] = program.effects
        self._facts = facts
        self._given: dict[int, list[CallEdge]] = {}  # function -> its calls of what came in as a parameter
        for edge in program.calls:
            if edge.is_parameter and edge.how in DIRECT:
                self._given.setdefault(edge.caller, []).append(edge)

    def behind(self, edge: CallEdge, call: Call | None) -> Iterator[Via]:
        """What the callee of a call reaches: by itself, and through the functions that this call names."""
        yield from self._own(edge.callee)
        if edge.callee in self._given:
            written = last_name(call.callee) if call is not None else ""
            yield from self._through(edge.callee, self._handed(edge, call) | {written}, written, NESTED)

    def _own(self, number: int) -> Iterator[Via]:
        """What a function reaches without what anybody hands to it."""
        given = {(row.line, self._target(row)) for row in self._given.get(number, ())}
        for via in self._effects[number].via:
            if not given or (via.hops[0].line, via.hops[1].target if len(via.hops) > 1 else via.api) not in given:
                yield via

    def _through(self, taker: int, words: frozenset[str], written: str, depth: int) -> Iterator[Via]:
        """`written`: what is called by its own name stands behind decorators, and nobody asks for the way through these."""
        rows = [row for row in self._given.get(taker, ()) if row.callee >= 0]
        meant = [row for row in rows if self._name(row.callee) in words]
        if not meant and len({row.callee for row in rows}) == 1:
            meant = rows
        function = self._functions[taker]
        for row in meant or (rows if depth > 1 else ()):
            hop = Hop(function.target, function.path, row.line)
            for via in self._own(row.callee) if meant else self._through(row.callee, words, written, depth - 1):
                yield via if not meant or self._name(row.callee) == written else _before(hop, via)

    def _name(self, function: int) -> str:
        return self._functions[function].qualname.rpartition(".")[2]

    def _target(self, edge: CallEdge) -> str:
        return self._functions[edge.callee].target if edge.callee >= 0 else edge.external

    def _handed(self, edge: CallEdge, call: Call | None) -> frozenset[str]:
        """The last words of what is handed over; a lambda by its name here."""
        if call is None:
            return frozenset()
        facts = self._facts[self._functions[edge.caller].module]
        refs: list[str] = []
        for ref in (*call.args, *(value for _, value in call.keywords)):
            refs.append(ref)
            number = ref.removeprefix("call:")
            if number != ref and number.isdigit():  # `partial(fetch, url)`
                refs += facts.calls[int(number)].args
        words = {last_name(ref) for ref in refs if ref.startswith("local:") or SEP in ref}
        scopes = [ref[6:] for ref in refs if ref.startswith("scope:") and ref[6:].isdigit()]
        return frozenset(words | {facts.scopes[int(number)].name for number in scopes})


def _before(hop: Hop, via: Via) -> Via:
    return Via(via.kind, via.mode, via.confidence, (hop, *via.hops), via.api, via.latency, via.contexts)
