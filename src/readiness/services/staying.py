"""A function -> why a process that begins in it stays: a server it starts, a loop it never leaves. None where it ends by itself.

Looks at the function and, on the way, at the last call of each, or at one that is named for starting something.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

from msgspec import Struct

from readiness.reached import reached
from readiness.types.facts import Facts, last_name, loops_around
from readiness.types.program import CallEdge, Program
from readiness.types.services import LOOPS

MAX_HOPS = 5
# A function that is named so serves until somebody stops it, whoever wrote it: what no page names, and the program's own.
SERVING = re.compile(
    r"\w+_forever|(start|run|infinity)_(consuming|polling)|wait_for_termination|run_until_disconnected"
)
WAITING = frozenset({"sleep", "wait", "poll", "get", "get_message", "receive", "receive_message", "receive_messages", "recv", "accept",
                     "consume", "run_pending", "read_events", "select", "brpop", "blpop", "bzpopmin", "xreadgroup", "xread"})  # fmt: skip
STARTED = frozenset({"cli", "main"})
HOLDING = frozenset({"call", "override", "callback", "thread", "task"})
# What starts the work of a process is named so; it need not be the last call, for logging and cleaning up come after it.
STARTING = re.compile(
    r"_?(run|start|serve|main|launch|loop|listen|work|consume|poll|daemon|watch|execute)(_\w+)?|\w+_(loop|forever|daemon|server|worker|job)"
)
IO = frozenset({"network", "database", "broker", "cache", "sleep", "dns"})


class Stay(Struct, frozen=True):
    """What keeps a process."""

    path: str
    line: int
    detail: str


class Ground(Struct, frozen=True):
    """The program as `stays` needs it; made once."""

    program: Program
    facts: Mapping[str, Facts]
    calls: Mapping[int, tuple[CallEdge, ...]]  # by caller, in the order of the lines
    imports: Mapping[str, set[str]]  # by importing module, those under TYPE_CHECKING left out
    serves: frozenset[str]  # what library pages say of calls that stay


def ground_of(program: Program, facts: Mapping[str, Facts], serves: frozenset[str]) -> Ground:
    """`facts` by unique module name."""
    calls: dict[int, list[CallEdge]] = {}
    for edge in program.calls:
        calls.setdefault(edge.caller, []).append(edge)
    imports: dict[str, set[str]] = {}
    for row in program.imports:
        if row.when != "typing":
            imports.setdefault(row.importer, set()).add(row.imported)
    return Ground(program, facts, {caller: tuple(edges) for caller, edges in calls.items()}, imports, serves)


def lasting(ground: Ground) -> tuple[int, ...]:
    """Functions behind commands and `main` guards, tests left out, from which a process stays."""
    tests = {module.module for module in ground.program.modules if module.is_test}
    begins = {e.function for e in ground.program.entries if e.kind in STARTED and e.function >= 0}
    functions = ground.program.functions
    return tuple(i for i in sorted(begins) if functions[i].module not in tests and stays(i, ground) is not None)


def stays(number: int, ground: Ground) -> Stay | None:
    """Why the process stays in a function of the program, by code that this function's module loads.

    A helper that runs what it is handed leads to what every command hands to it.
    """
    return staying_in(number, ground, reached({ground.program.functions[number].module}, ground.imports), 0)


def staying_in(number: int, ground: Ground, loaded: Container[str], hops: int) -> Stay | None:
    function, edges = ground.program.functions[number], ground.calls.get(number, ())
    for edge in edges:
        name = edge.external or ground.program.functions[edge.callee].qualname
        if edge.external in ground.serves or SERVING.fullmatch(name.rpartition(".")[2]):
            return Stay(function.path, edge.line, f"{name} serves until it is stopped")
    loop = endless_loop(number, ground)
    if loop is not None:
        return loop
    if hops == MAX_HOPS:
        return None
    functions = ground.program.functions
    own = [e for e in edges if e.callee >= 0 and e.callee != number and e.loop == 0 and e.how in HOLDING]
    own = [e for e in own if functions[e.callee].module in loaded]
    last = max(((e.end_line, e.column) for e in own), default=(0, 0))
    for edge in own:
        name = functions[edge.callee].qualname.rpartition(".")[2]
        if (edge.end_line, edge.column) == last or STARTING.fullmatch(name):
            found = staying_in(edge.callee, ground, loaded, hops + 1)
            if found is not None:
                return found
    return None


def endless_loop(number: int, ground: Ground) -> Stay | None:
    """A `while True` that does I/O and is not left by itself, or any `while` that waits in each round.

    A generator's loop goes on for as long as its consumer asks, and says nothing of a process.
    """
    function = ground.program.functions[number]
    facts = ground.facts.get(function.module)
    if facts is None or function.is_generator:
        return None
    own = {at for at, context in enumerate(facts.contexts) if context.scope == function.scope}
    endless = {
        facts.contexts[row.context].loop for row in facts.features if row.name == "endless-loop" and row.context in own
    }
    edges = [edge for edge in ground.calls.get(number, ()) if edge.call >= 0]
    around = [loops_around(facts, facts.contexts[facts.calls[edge.call].context].loop) for edge in edges]
    resting = {at for edge, loops in zip(edges, around, strict=True) if rests(edge, ground) for at in loops}
    for edge, loops in zip(edges, around, strict=True):
        whiles = [at for at in loops if facts.loops[at].kind == "while" and at == loops[-1]]
        name = last_name(facts.calls[edge.call].callee)
        if any(at in endless and does_io(edge, ground) and not is_left(at, facts, at in resting) for at in whiles) or (
            whiles and (name in WAITING and is_waiting(edge, ground) or sleeps(edge, ground))
        ):
            return Stay(function.path, facts.loops[whiles[0]].line, f"{LOOPS} in {function.qualname}")
    return None


def is_left(loop: int, facts: Facts, is_resting: bool) -> bool:
    """Whether a `while True` ends when its work is done: an attempt that succeeded, a page that is empty.

    What leaves it for an error only (`except KeyboardInterrupt`) leaves a process that stays, and so does a test (a flag, a
    number of rounds) in a loop whose rounds rest somewhere.
    """
    for branch in facts.loops[loop].leaves:
        kinds = set()
        while branch >= 0 and facts.branches[branch].kind != "while":
            kinds.add(facts.branches[branch].kind)
            branch = facts.branches[branch].parent
        if "except" not in kinds and not (is_resting and kinds & {"if", "else", "match"}):
            return True
    return False


def rests(edge: CallEdge, ground: Ground) -> bool:
    """Whether a call sleeps, or reaches what does."""
    if edge.callee >= 0:
        return edge.callee < len(ground.program.effects) and "sleep" in ground.program.effects[edge.callee].reachable
    return edge.api >= 0 and ground.program.apis[edge.api].kind == "sleep"


def sleeps(edge: CallEdge, ground: Ground) -> bool:
    """Whether what is called is a function of the program that sleeps and does no I/O: `self.pause(seconds)`."""
    effects = ground.program.effects
    return 0 <= edge.callee < len(effects) and effects[edge.callee].direct == effects[edge.callee].reachable == (
        "sleep",
    )


def does_io(edge: CallEdge, ground: Ground) -> bool:
    if edge.callee >= 0:
        return (
            bool(IO & set(ground.program.effects[edge.callee].reachable))
            if edge.callee < len(ground.program.effects)
            else False
        )
    return edge.api >= 0 and ground.program.apis[edge.api].kind in IO


def is_waiting(edge: CallEdge, ground: Ground) -> bool:
    """Whether the name is that of a library that does I/O or sleeps, not of a dict or a class of the program; a GET asks."""
    if edge.callee >= 0:
        return False
    name = edge.external.rpartition(".")[2]
    asks = edge.api >= 0 and name == "get" and ground.program.apis[edge.api].kind == "network"
    return (does_io(edge, ground) and not asks) or name in ("run_pending", "wait")
