"""Program -> the functions that run on an event loop, each with the way from the nearest coroutine.

Only calls that lead to one place: what came in as a parameter, and a method that stands in another one's place, may run anywhere.
Never follows work into a thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from readiness.types.program import CallEdge, Function, Hop

STEPS = 3  # calls below a coroutine; further down somebody else may have called


class OnLoop:
    """Functions by number."""

    def __init__(self, functions: Sequence[Function], edges: Sequence[Sequence[CallEdge]]) -> None:
        self._functions = functions
        self._reached: dict[int, CallEdge] = {}  # function -> the call that leads to it
        self.coroutines = frozenset(number for number, row in enumerate(functions) if row.is_async)
        queue = deque((number, 0) for number in sorted(self.coroutines))
        while queue:
            caller, far = queue.popleft()
            for edge in edges[caller] if far < STEPS else ():
                callee = edge.callee
                is_plain = callee >= 0 and edge.how == "call" and not edge.is_parameter and not edge.is_awaited
                if is_plain and callee not in self.coroutines and callee not in self._reached:
                    self._reached[callee] = edge
                    queue.append((callee, far + 1))

    def __contains__(self, function: int) -> bool:
        return function in self.coroutines or function in self._reached

    def way(self, function: int) -> tuple[Hop, ...]:
        """The calls that lead from a coroutine to this function, without what it calls itself; empty for a coroutine."""
        hops: list[Hop] = []
        while function in self._reached:
            edge = self._reached[function]
            caller = self._functions[edge.caller]
            hops.append(Hop(caller.target, caller.path, edge.line))
            function = edge.caller
        return tuple(reversed(hops))
