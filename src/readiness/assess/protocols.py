"""Program, facts -> functions that answer requests by the shape of a protocol, whatever framework calls them. Names no library.

A framework's pages name its decorators and bases; code that speaks a protocol itself is known by what the protocol prescribes:
the parameters of WSGI (PEP 3333) and ASGI callables, methods called by an HTTP verb, the hooks of the standard library's
request handlers and protocols, the methods of a generated `...Servicer`. A loop that takes the next message from a queue, a socket
or a connection answers messages, too: a stage of a pipeline is a consumer, whoever fills its queue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from readiness.assess.named import TABLE
from readiness.types.facts import SEP, Call, Facts, last_name, loops_around
from readiness.types.program import CallEdge, Function, Program

CALLABLES = (("start_response",), ("scope", "receive", "send"))  # the names that close the parameter list
REMOTE = ("request", "context")  # a method of a gRPC servicer, whatever its base is called
VERB = re.compile(r"(do_)?(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS)")
HOOKS = {
    "socketserver.BaseRequestHandler": ("handle",),
    "socketserver.StreamRequestHandler": ("handle",),
    "socketserver.DatagramRequestHandler": ("handle",),
    "SocketServer.BaseRequestHandler": ("handle",),
    "SocketServer.StreamRequestHandler": ("handle",),
    "asyncio.Protocol": ("data_received",),
    "asyncio.DatagramProtocol": ("datagram_received",),
    "asyncio.BufferedProtocol": ("buffer_updated",),
    "asyncore.dispatcher": ("handle_read", "handle_accept"),
    "smtpd.SMTPServer": ("process_message",),
}

# What takes the next message, in a `while`: of a queue without a key (a mapping's `get` has one), of a socket or a connection.
TAKING = frozenset({"recv", "recvfrom", "recv_multipart", "recv_string", "recv_json", "recv_pyobj", "accept", "receive", "receive_bytes",
                    "receive_json", "receive_message", "receive_messages", "receive_text", "get_message", "read_message", "consume", "brpop",
                    "blpop", "brpoplpush", "blmove", "xread", "xreadgroup", "pull", "getone", "getmany", "basic_get", "drain_events"})  # fmt: skip
AWAITED = frozenset({"read", "readline", "recv"})  # without a number of bytes: one message, one line
FAR = frozenset({"network", "broker", "dns"})
SECONDS = re.compile(r"(?:int|float):(\d{1,6}(?:\.\d{0,9})?)")
SOON = 10.0  # seconds between two looks at what is to be done, below which somebody waits for it
WAITS = frozenset({"timeout", "block"})
HELPER = re.compile(
    r"_*(recv|receive|read|get)"
)  # reads one message to its end; who asks it for the next one is another
SELF = "local:self" + SEP + "."
# The last name of a call that opens a port, whatever framework has it; its first name is no built-in type and no C library.
LISTENING = re.compile(
    r"(?i)(listen(tcp|ssl|udp)?|bind(_sockets)?|accept|serve(_forever)?|run_app|\w*server|\w*listener|add_\w*port)"
)
SPEAKS_OF = frozenset({"builtins", "ctypes", "abc", "typing"})


class Shaped(NamedTuple):
    """Indices of functions that answer, each in order; tests left out."""

    asked: tuple[int, ...]  # by the shape of a protocol: somebody sends a request to the process
    taking: tuple[int, ...]  # it fetches the next message itself, or is picked by a word in one


def protocol_handlers(program: Program, facts: Mapping[str, Facts]) -> Shaped:
    """What answers requests and messages by its shape."""
    tests = {module.module for module in program.modules if module.is_test}
    hooked = set(_hooked(program))
    found = []
    for i, function in enumerate(program.functions):
        if function.module in tests or function.qualname == "<module>":
            continue
        name = function.qualname.rpartition(".")[2]
        is_method = function.owner is not None
        if function.target in hooked or (is_method and VERB.fullmatch(name)) or _is_callable(function, facts):
            found.append(i)
    taking = set(_taking(program, facts, tests))
    handed = _handed(program, facts, tests)
    return Shaped(tuple(found), tuple(sorted({*taking, *_tabled(program, facts, taking), *handed})))


def listens(external: str) -> bool:
    """Whether a call of a library by this name opens a port, or waits at one: others can ask the process that does it."""
    root, _, rest = external.partition(".")
    return root not in SPEAKS_OF and LISTENING.fullmatch(rest.rpartition(".")[2]) is not None


def _taking(program: Program, facts: Mapping[str, Facts], tests: set[str]) -> Iterator[int]:
    """The functions with a `while` loop that takes a message in each round, and those that a loop beside them calls to take one."""
    at = {
        (row.module, row.scope): i
        for i, row in enumerate(program.functions)
        if row.qualname != "<module>" and not HELPER.match(row.qualname.rpartition(".")[2])
    }
    once = set()
    for module, file in facts.items():
        if module in tests or not _has_while(file):
            continue
        for call in file.calls:
            context = file.contexts[call.context]
            number = at.get((module, context.scope)) if _takes(call) else None
            if number is None:
                continue
            if context.loop < 0:
                once.add(number)
            elif any(file.loops[loop].kind == "while" for loop in loops_around(file, context.loop)):
                yield number
    for edge in program.calls if once else ():
        if edge.callee not in once or edge.how != "call" or not _in_while(edge, program, facts):
            continue
        if program.functions[edge.caller].module == program.functions[edge.callee].module:
            yield edge.callee


def _has_while(file: Facts) -> bool:
    return any(loop.kind == "while" for loop in file.loops)


def _handed(program: Program, facts: Mapping[str, Facts], tests: set[str]) -> Iterator[int]:
    """The functions to which a loop that rests for seconds hands one element after another, each in a thread or a task, and which
    then wait for another machine. Who looks again so soon does it since somebody waits, whatever the elements are fetched from: a
    table as well as a queue. Rounds with a long or an unknown rest are nobody's message."""
    effects = program.effects
    hurried = set(_resting_briefly(program, facts, tests))
    if not hurried:
        return
    looped = {
        edge.callee
        for edge in program.calls
        if edge.caller in hurried and edge.how == "call" and _in_while(edge, program, facts)
    }
    for edge in program.calls:
        if edge.callee < 0 or edge.how not in ("task", "thread") or FAR.isdisjoint(effects[edge.callee].reachable):
            continue
        is_here = edge.caller in hurried and _in_while(edge, program, facts)
        if (is_here or (edge.caller in looped and not edge.loop)) and _hands_over(edge, program, facts):
            yield edge.callee


def _resting_briefly(program: Program, facts: Mapping[str, Facts], tests: set[str]) -> Iterator[int]:
    """Functions that sleep for a few seconds, written as a number, in a loop."""
    at = {(row.module, row.scope): i for i, row in enumerate(program.functions)}
    for module, file in facts.items():
        for call in file.calls if module not in tests and _has_while(file) else ():
            if (
                not call.callee.endswith("sleep")
                or last_name(call.callee) != "sleep"
                or not call.args
                or file.contexts[call.context].loop < 0
            ):
                continue
            rest = SECONDS.fullmatch(call.args[0])
            number = at.get((module, file.contexts[call.context].scope))
            if number is not None and rest is not None and float(rest[1]) <= SOON:
                yield number


def _in_while(edge: CallEdge, program: Program, facts: Mapping[str, Facts]) -> bool:
    if not edge.loop:
        return False
    file = facts.get(program.functions[edge.caller].module)
    if file is None or not 0 <= edge.call < len(file.calls):
        return False
    loop = file.contexts[file.calls[edge.call].context].loop
    return loop >= 0 and file.loops[loop].kind == "while"


def _hands_over(edge: CallEdge, program: Program, facts: Mapping[str, Facts]) -> bool:
    """Whether a thread or task gets something that a name of the loop holds, beside the function itself."""
    file = facts.get(program.functions[edge.caller].module)
    if file is None or not 0 <= edge.call < len(file.calls):
        return False
    call, own = file.calls[edge.call], program.functions[edge.callee].qualname.rpartition(".")[2]
    given = [arg for arg in call.args if arg.startswith("local:") and last_name(arg) != own]
    return any(SEP not in arg for arg in given)


def _tabled(program: Program, facts: Mapping[str, Facts], taking: set[int]) -> Iterator[int]:
    """Methods under words in a table of a class that takes messages, itself or by a base: a word in the message picks one."""
    owners = {owner for i in taking if (owner := program.functions[i].owner) is not None}
    classes = {row.target for row in program.classes if row.target in owners or not owners.isdisjoint(row.ancestors)}
    modules = {target.partition(":")[0] for target in classes}
    methods = {
        (row.owner, row.qualname.rpartition(".")[2]): i
        for i, row in enumerate(program.functions)
        if row.owner in classes
    }
    for module in sorted(modules & facts.keys()):
        file = facts[module]
        for row in file.exprs:
            if row.kind != "dict" or len(row.items) < TABLE or not all(key.startswith("str:") for key in row.keys):
                continue
            owner = f"{module}:{_class_around(file, file.contexts[row.context].scope)}"
            names = [value.removeprefix(SELF) for value in row.items if value.startswith(SELF)]
            found = [methods[owner, name] for name in names if (owner, name) in methods]
            if len(found) >= TABLE:
                yield from found


def _class_around(file: Facts, scope: int) -> str:
    while scope > 0 and file.scopes[scope].kind != "class":
        scope = file.scopes[scope].parent
    return file.scopes[scope].qualname


def _takes(call: Call) -> bool:
    name = last_name(call.callee)
    if name == "get":
        waits = not call.args or call.args[0] == "bool:True"  # where it must not wait it empties what has gathered
        return waits and all(key in WAITS and value != "bool:False" for key, value in call.keywords)
    if name == "poll":  # of a consumer or of sockets, for so long; without a time it asks how a child is
        return bool(call.args or call.keywords)
    if name in AWAITED and call.is_awaited:
        return not call.args
    return name in TAKING


def _is_callable(function: Function, facts: Mapping[str, Facts]) -> bool:
    file = facts.get(function.module)
    if file is None or not 0 <= function.scope < len(file.scopes):
        return False
    names = tuple(param.name for param in file.scopes[function.scope].params)
    if any(names[-len(tail) :] == tail and len(names) <= 4 for tail in CALLABLES):
        return True
    return function.owner is not None and names[1:] == REMOTE


def _hooked(program: Program) -> Iterator[str]:
    methods: dict[str, list[str]] = {}
    for function in program.functions:
        if function.owner is not None and function.is_public:
            methods.setdefault(function.owner, []).append(function.target)
    for row in program.classes:
        for base in row.ancestors:
            for method in HOOKS.get(base, ()):
                yield f"{row.target}.{method}"
        if any(base.rpartition(".")[2].endswith("Servicer") for base in row.bases):
            yield from methods.get(row.target, ())
