"""Services and data uses -> what each service reads and writes, and which other services touch the same. Never guesses a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from readiness.types.program import Program
from readiness.types.services import Service, SharedData

Store = tuple[str, str]  # kind, name


def with_data(services: Sequence[Service], program: Program) -> tuple[Service, ...]:
    """The services with `data`: uses by functions that they reach and by the code of modules that they load."""
    counts = counts_of(services, program)
    users: dict[Store, list[str]] = {}
    names: dict[Store, str] = {}
    for use in program.data:
        names[use.kind, use.name] = better(names.get((use.kind, use.name), ""), use.store)
    for service, mine in zip(services, counts, strict=True):
        for store in mine:
            users.setdefault(store, []).append(service.id)
    return tuple(
        replace(service, data=rows_of(service.id, mine, users, names)) for service, mine in zip(services, counts, strict=True)
    )  # fmt: skip


def counts_of(services: Sequence[Service], program: Program) -> list[dict[Store, list[int]]]:
    """Per service the places that read and that write each store."""
    uses: dict[int, list[tuple[Store, str]]] = {}
    for use in program.data:
        if use.access != "declare":
            uses.setdefault(use.function, []).append(((use.kind, use.name), use.access))
    loading = loading_code(program)
    found = []
    for service in services:
        mine: dict[Store, list[int]] = {}
        reached = set(service.functions)
        loaded = {number for m in (*service.own, *service.shared) for number in loading.get(m, ())} - reached
        for function in sorted(uses.keys() & (loaded | reached)):
            for store, access in uses[function]:
                if function in loaded and store[0] == "table" and "web" not in service.roles:
                    continue  # a query that a class body prepares is run by the web server's requests
                mine.setdefault(store, [0, 0])[access == "write"] += 1
        found.append(mine)
    return found


def loading_code(program: Program) -> dict[str, list[int]]:
    """Module -> its own code and the lambdas that stand in it or in class bodies (`default_factory=lambda: ...`)."""
    found: dict[str, list[int]] = {}
    for number, row in enumerate(program.functions):
        if row.qualname == "<module>" or ("<lambda>" in row.qualname and "<locals>" not in row.qualname):
            found.setdefault(row.module, []).append(number)
    return found


def better(known: str, found: str) -> str:
    """A library's name says more than that a text was SQL; of two libraries the first by name."""
    return min((name for name in (known, found) if name), key=lambda name: (name == "sql", name), default="")


def rows_of(
    service: str, mine: Mapping[Store, Sequence[int]], users: Mapping[Store, Sequence[str]], names: Mapping[Store, str]
) -> tuple[SharedData, ...]:
    return tuple(
        SharedData(names[store], *store, reads, writes, tuple(sorted(set(users[store]) - {service})))
        for store, (reads, writes) in sorted(mine.items())
    )
