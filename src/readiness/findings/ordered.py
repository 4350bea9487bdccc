"""call in a loop -> whether its rounds belong together: one stream, whose parts have an order, or one batch that is sent at its end.

`for frame in frames: await writer.drain()` sends what belongs together; `for client in clients: await client.send(text)` does not.
Never looks at what is sent.
"""

from __future__ import annotations

from readiness.types.facts import SEP, Call, Facts, last_name, loops_around

BATCHES = frozenset(("batch", "batch_writer", "pipeline"))  # methods of clients that give what gathers commands


def is_one_stream(facts: Facts, call: Call) -> bool:
    """The object whose method is called is not bound in the loop."""
    root = call.callee.partition(SEP)[0]
    around = loops_around(facts, facts.contexts[call.context].loop)
    return not any(
        f"local:{row.name}" == root and not row.target and facts.contexts[row.context].loop in around
        for row in facts.bindings
    )


def is_gathered(facts: Facts, call: Call) -> bool:
    """The object, or one of the arguments, is what `with client.pipeline() as pipe` gave; or the call stands in a `with client.batch()`."""
    region = facts.contexts[call.context].region
    while region >= 0:
        number = facts.regions[region].manager.removeprefix("call:")
        if number.isdigit() and last_name(facts.calls[int(number)].callee) in BATCHES:
            return True
        region = facts.regions[region].parent
    refs = {ref.partition(SEP)[0] for ref in (call.callee, *call.args, *(ref for _, ref in call.keywords))}
    scope = facts.contexts[call.context].scope
    for row in facts.bindings:
        made = row.value.partition(SEP)[0]
        if f"local:{row.name}" in refs and not row.target and made.startswith("call:"):
            maker = facts.calls[int(made[5:])]
            if facts.contexts[row.context].scope == scope and last_name(maker.callee) in BATCHES:
                return True
    return False
