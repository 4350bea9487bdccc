"""call of a future's or queue's method -> whether it waits for nobody here: done by then, or of a coroutine on a loop elsewhere.

Whoever asks `future.done()` or `queue.empty()` in the same function asks before it takes something out; `run_coroutine_threadsafe`
is for threads without that loop: where it stood on the loop itself it would never end. Never follows a future out of its function.
"""

from __future__ import annotations

from collections.abc import Sequence

from readiness.types.facts import SEP, Call, Facts
from readiness.types.program import CallEdge

ELSEWHERE = "asyncio.run_coroutine_threadsafe"
ASKED = (".done", ".empty")


def is_settled(facts: Facts, call: Call, edges: Sequence[CallEdge]) -> bool:
    """`edges`: those of the function in which the call stands."""
    place, _, _ = call.callee.rpartition(SEP)
    scope = facts.contexts[call.context].scope
    for other in facts.calls:
        base, _, method = other.callee.rpartition(SEP)
        if (
            method in ASKED
            and base == place
            and other.order < call.order
            and facts.contexts[other.context].scope == scope
        ):
            return True
    makers = {place, *(row.value for row in facts.bindings if not row.target and f"local:{row.name}" == place)}
    return any(edge.external == ELSEWHERE and f"call:{edge.call}" in makers for edge in edges)
