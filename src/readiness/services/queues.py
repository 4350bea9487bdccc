"""Facts and library pages -> the queue of each task that the code puts into one by name: by an option of its own, or by routes.

Which settings hold routes and which option names a queue is said by the pages (`[settings]`, `[options]`). Literals only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from readiness.services.packaged import entries, expression, literals
from readiness.types.facts import SEP, Facts, Ref
from readiness.types.program import EntryPoint, Program
from readiness.types.rulebook import Library

ROUTES = "_routes"  # how the rows of a ledger end that hold routes
QUEUE = "_queue"  # ... and that name the queue of one task
MAX_NESTED = 3


def queues_of(program: Program, facts: Mapping[str, Facts], libraries: Mapping[str, Library]) -> dict[str, str]:
    """Target of a task -> its queue. A task's own option counts before routes, and of routes the first that fits."""
    tasks = [entry for entry in program.entries if entry.kind == "task" and entry.framework in libraries]
    if not tasks:
        return {}
    routes = [
        row for module in sorted(facts) for library in libraries.values() for row in routes_in(facts[module], library)
    ]
    found: dict[str, str] = {}
    for entry in tasks:
        known = facts.get(program.functions[entry.function].module) if entry.function >= 0 else None
        own = own_queue(known, entry, program, libraries[entry.framework]) if known is not None else ""
        name = entry.detail if "." in entry.detail else entry.target.partition("@")[0].replace(":", ".")
        queue = own or next((to for pattern, to in routes if fnmatchcase(name, pattern)), "")
        if queue:
            found[entry.target] = queue
    return found


def own_queue(facts: Facts, entry: EntryPoint, program: Program, library: Library) -> str:
    """`@app.task(queue="feeds")`."""
    scope = facts.scopes[program.functions[entry.function].scope]
    for ref in scope.decorators:
        call = facts.calls[int(ref[5:])] if ref.startswith("call:") and SEP not in ref else None
        for key, value in call.keywords if call is not None else ():
            if library.options.get(key, "").endswith(QUEUE) and value.startswith("str:"):
                return value[4:]
    return ""


def routes_in(facts: Facts, library: Library) -> Iterator[tuple[str, str]]:
    """(pattern, queue) of the routes that one file sets, in their order."""
    said = [(row.name.lstrip("."), row.value) for row in facts.bindings]
    said += [pair for call in facts.calls for pair in call.keywords]
    for name, value in said:
        if library.settings.get(name, "").endswith(ROUTES) and value:
            yield from routes(value, facts, 0)


def routes(value: Ref, facts: Facts, depth: int) -> Iterator[tuple[str, str]]:
    """`{"shop.feeds.*": {"queue": "feeds"}}`, `{"shop.add": "slow"}`, and lists of them or of pairs."""
    at = expression(value, facts)
    if at is None or depth > MAX_NESTED:
        return
    if facts.exprs[at].kind != "dict":
        texts = list(literals(value, facts))
        if len(texts) == 1 and len(facts.exprs[at].items) == 2:
            yield from ((texts[0], queue) for queue in queue_of(facts.exprs[at].items[1], facts))
        for item in facts.exprs[at].items:
            yield from routes(item, facts, depth + 1)
        return
    for key, item in entries(value, facts):
        yield from ((key.removeprefix("str:"), queue) for queue in queue_of(item, facts))


def queue_of(item: Ref, facts: Facts) -> Iterator[str]:
    if item.startswith("str:"):
        yield item[4:]
    else:
        yield from (
            queue[4:]
            for key, queue in entries(item, facts)
            if key.removeprefix("str:") == "queue" and queue[:4] == "str:"
        )
