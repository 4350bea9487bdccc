"""Services and data uses -> what each service reads and writes, and which other services touch the same. Never guesses a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from readiness.types.program import Program
from readiness.types.services import Service, SharedData

Store = tuple[str, str]  # kind, name


def with_data(services: Sequence[Service], program: Program) -> tuple[Service, ...]:
    """The services with `data`: uses by functions that they reach and by the code of modules that they load."""
    uses: dict[int, list[tuple[Store, str, str]]] = {}
    for use in program.data:
        if use.access != "declare":
            uses.setdefault(use.function, []).append(((use.kind, use.name), use.access, use.store))
    loading: dict[str, list[int]] = {}
    for number, function in enumerate(program.functions):
        if function.qualname == "<module>" or ("<lambda>" in function.qualname and "<locals>" not in function.qualname):
            loading.setdefault(function.module, []).append(
                number
            )  # a class's `default_factory=lambda: ...` is code of loading, too
    counts: list[dict[Store, list[int]]] = []
    names: dict[Store, str] = {}
    for service in services:
        mine: dict[Store, list[int]] = {}
        loaded = {number for m in (*service.own, *service.shared) for number in loading.get(m, ())} - set(
            service.functions
        )
        for function in sorted(uses.keys() & (loaded | set(service.functions))):
            for store, access, technology in uses[function]:
                if function in loaded and store[0] == "table" and "web" not in service.roles:
                    continue  # a query that a class body prepares is run by the web server's requests
                mine.setdefault(store, [0, 0])[access == "write"] += 1
                names[store] = better(names.get(store, ""), technology)
        counts.append(mine)
    users: dict[Store, list[str]] = {}
    for service, mine in zip(services, counts, strict=True):
        for store in mine:
            users.setdefault(store, []).append(service.id)
    return tuple(
        replace(service, data=rows_of(service.id, mine, users, names)) for service, mine in zip(services, counts, strict=True)
    )  # fmt: skip


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
