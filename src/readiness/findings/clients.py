"""Services and library pages -> blocking clients that an async service makes. Never looks at what the client is used for later.

A service is async where more than half of its handlers are coroutines. A client is a class that a page gives blocking I/O methods
over a wire, and for which the page names a remedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from readiness.findings.ground import SERVED, Ground
from readiness.types.program import CallEdge, EntryPoint
from readiness.types.rulebook import Rulebook
from readiness.types.services import Services

NO_CLIENT = frozenset({"socket", "handed-connection"})  # tags of what is handed a connection, or is none of a service
WIRES = frozenset({"network", "database", "broker", "cache"})


def blocking_clients(ground: Ground, services: Services, rulebook: Rulebook) -> Iterator[CallEdge]:
    """The call edges that make a blocking client in a module of an async service, in the program's order."""
    modules = _async_modules(ground, services)
    if not modules:
        return
    classes = client_classes(rulebook)
    for edge in ground.program.calls:
        is_made = edge.external in classes and edge.call >= 0 and edge.how == "call"
        if is_made and ground.program.functions[edge.caller].module in modules:
            yield edge


def client_classes(rulebook: Rulebook) -> frozenset[str]:
    """Classes with methods that block on a wire, and those that the pages put below them."""
    found: set[str] = set()
    for library in rulebook.libraries:
        if library.remedy is None:
            continue
        owners = {
            name.rpartition(".")[0]
            for api in library.apis
            if api.kind in WIRES and api.mode == "blocking" and NO_CLIENT.isdisjoint(api.tags)
            for name in api.names
        }
        classes = {owner for owner in owners if owner.rpartition(".")[2][:1].isupper()}
        # a response or a row is what a client's method gives: nobody who makes one by hand waits for it
        classes -= {
            api.returns
            for api in library.apis
            for name in api.names
            if name.rpartition(".")[0] in classes and name.rpartition(".")[0] != api.returns and api.returns
        }
        found |= classes | {name for name, bases in library.classes.items() if classes & set(bases)}
    return frozenset(found)


def _async_modules(ground: Ground, services: Services) -> set[str]:
    """Modules that async services own; without any service the program is taken as one."""
    if not services.found:
        return set(ground.modules) if _is_async(ground, ground.program.entries) else set()
    return {module for row in services.found if _is_async(ground, row.entries) for module in row.own}


def _is_async(ground: Ground, entries: Iterable[EntryPoint]) -> bool:
    handlers = [ground.program.functions[row.function] for row in entries if row.kind in SERVED and row.function >= 0]
    return 2 * sum(row.is_async for row in handlers) > len(handlers)
