"""Task calls -> outgoing calls by the task's name: Celery (delay, send_task, canvas), Dramatiq, RQ, Huey; with what they are written in.

A Celery task's name is its own `name=`, else module and function. Its serializer is the task's own, else the app's, else JSON.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.link.data.stores import text_of
from readiness.link.resolver import Resolver
from readiness.types.facts import SEP, Call, Facts, Scope
from readiness.types.program import CallEdge, Function, Outgoing

DELAYS = frozenset(
    {
        "delay",
        "apply_async",
        "s",
        "si",
        "signature",
        "subtask",
        "send",
        "send_with_options",
        "schedule",
        "kiq",
        "enqueue",
        "starmap",
        "chunks",
    }
)
SENDS = frozenset({"send_task", "signature"})
PICKLED = frozenset({"rq", "huey", "arq"})  # they write jobs with pickle unless told otherwise


def task_calls(
    resolver: Resolver,
    functions: tuple[Function, ...],
    edges: tuple[CallEdge, ...],
) -> Iterator[Outgoing]:
    """One row per site that puts a task into a queue."""
    default = app_serializer(resolver)
    for edge in edges:
        if edge.call < 0 or edge.callee >= 0:
            continue
        library, verb = edge.external.split(".")[0], edge.external.rpartition(".")[2]
        if library not in ("celery", "dramatiq", "rq", "huey", "arq", "taskiq", "procrastinate"):
            continue
        function = functions[edge.caller]
        space = resolver.spaces[function.module]
        call = space.facts.calls[edge.call]
        scope = space.facts.contexts[call.context].scope
        for name, written in named(
            resolver, function.module, scope, call, verb, default if library == "celery" else "json"
        ):
            written = "pickle" if library in PICKLED or "pickle" in written else written
            yield Outgoing(edge.caller, "queue", name, "", function.path, edge.line, edge.external, written, 1.0)


def named(
    resolver: Resolver, module: str, scope: int, call: Call, verb: str, default: str
) -> Iterator[tuple[str, str]]:
    """(task name or target, serialisation)."""
    own = dict(call.keywords).get("serializer", "")
    if verb in SENDS and call.args:
        for text in text_of(resolver, module, scope, call.args[0]):
            yield text, own[4:] or default
    if verb in DELAYS:
        base = call.callee.rpartition(SEP)[0]
        for value in resolver.evaluate(module, scope, base) if base else ():
            if value[0] in ("F", "B"):
                facts = resolver.spaces[value[1]].facts
                yield (
                    f"{value[1]}:{facts.scopes[value[2]].qualname}",
                    own[4:] or serializer_of(facts, facts.scopes[value[2]]) or default,
                )
    if verb.startswith("enqueue") and call.args:
        for value in resolver.evaluate(module, scope, call.args[0]):
            if value[0] in ("F", "B"):
                yield f"{value[1]}:{resolver.spaces[value[1]].facts.scopes[value[2]].qualname}", "pickle"
            elif value[0] == "S":
                yield str(value[1]), "pickle"


def serializer_of(facts: Facts, scope: Scope) -> str:
    """`@app.task(serializer="pickle")`."""
    for ref in scope.decorators:
        if ref.startswith("call:") and SEP not in ref:
            given = dict(facts.calls[int(ref[5:])].keywords).get("serializer", "")
            if given.startswith("str:"):
                return "pickle" if "pickle" in given else given[4:]
    return ""


def app_serializer(resolver: Resolver) -> str:
    """What the program's Celery configuration says of all tasks: `task_serializer`, in a call, an attribute or a settings module."""
    for name in sorted(resolver.spaces):
        facts = resolver.spaces[name].facts
        for row in facts.bindings:
            if row.name.lstrip(".") in ("task_serializer", "CELERY_TASK_SERIALIZER") and row.value.startswith("str:"):
                return row.value[4:]
        for call in facts.calls:
            for key, value in call.keywords:
                if key == "task_serializer" and value.startswith("str:"):
                    return value[4:]
    return "json"
