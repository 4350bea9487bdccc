"""Program and Facts -> the calls that nobody comes by twice, or not here: behind them the same block raises, or they stand below
a test for Windows.

`except Failed: put_back(row); raise` fails with all that stands in it, under a condition or not. Never looks at who catches it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readiness.types.facts import WINDOWS, Call, Context, Facts, loops_around, with_inner
from readiness.types.program import Program

Block = tuple[int, int, int]  # scope, branch, loop


def failing_calls(program: Program, facts_by_module: Mapping[str, Facts]) -> set[tuple[str, int]]:
    """(target of a function, line) of each such call."""
    raising = {module: last_raises(facts) for module, facts in facts_by_module.items() if facts.raising}
    elsewhere = {module: on_windows(facts) for module, facts in facts_by_module.items() if facts.conditions}
    found = set()
    for edge in program.calls if raising or elsewhere else ():
        function = program.functions[edge.caller]
        ends, other = raising.get(function.module), elsewhere.get(function.module)
        if (ends or other) and edge.call >= 0:
            facts = facts_by_module[function.module]
            call = facts.calls[edge.call]
            is_failing = ends and any(ends.get(block, -1) > call.order for block in blocks(facts, call))
            if is_failing or (other and facts.contexts[call.context].branch in other):
                found.add((function.target, edge.line))
    return found


def on_windows(facts: Facts) -> set[int]:
    """The branches that run on Windows only, by number."""
    return with_inner(facts, {branch for branch, name, holds in facts.conditions if name == WINDOWS and holds})


def last_raises(facts: Facts) -> dict[Block, int]:
    """Block -> the order of its last `raise`."""
    ends: dict[Block, int] = {}
    for number, order in facts.raising:
        ends[block_of(facts.contexts[number])] = order
    return ends


def blocks(facts: Facts, call: Call) -> Iterator[Block]:
    """The block of a call, and those of the handlers around it."""
    where = facts.contexts[call.context]
    yield block_of(where)
    branch = where.branch
    while branch >= 0:
        if facts.branches[branch].kind == "except":
            for loop in (*loops_around(facts, where.loop), -1):  # a loop in the handler fails with it
                yield (where.scope, branch, loop)
        branch = facts.branches[branch].parent


def block_of(where: Context) -> Block:
    return (where.scope, where.branch, where.loop)
