"""call in a loop -> whether its rounds have an order because all of them use one stream or connection.

`for frame in frames: await writer.drain()` sends what belongs together; `for client in clients: await client.send(text)` does not.
Never looks at what is sent.
"""

from __future__ import annotations

from readiness.types.facts import SEP, Call, Facts, loops_around


def is_one_stream(facts: Facts, call: Call) -> bool:
    """The object whose method is called is not bound in the loop."""
    root = call.callee.partition(SEP)[0]
    around = loops_around(facts, facts.contexts[call.context].loop)
    return not any(
        f"local:{row.name}" == root and not row.target and facts.contexts[row.context].loop in around
        for row in facts.bindings
    )
