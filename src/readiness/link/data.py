"""Call edges, SQL and library pages -> data uses: which tables, caches, queues, buckets, files and variables are touched."""

from __future__ import annotations

from readiness.link.entries import literal
from readiness.link.values import Resolver
from readiness.types.program import CallEdge, DataUse, Function

READS = ("select",)


def data_uses(
    resolver: Resolver,
    numbers: dict[tuple[str, int], int],
    functions: tuple[Function, ...],
    edges: tuple[CallEdge, ...],
) -> tuple[DataUse, ...]:
    """All uses, sorted by function and line."""
    found: set[tuple[int, str, str, str, str, int]] = set()
    for module, space in resolver.spaces.items():
        for row in space.facts.sql:
            function = numbers[module, space.owner[space.facts.contexts[row.context].scope]]
            access = "read" if row.verb in READS else "write"
            found.update((function, "table", table, access, space.source.path, row.line) for table in row.tables)
    for edge in edges:
        known = resolver.catalogue.api.get(edge.external) if edge.external and edge.call >= 0 else None
        if known is None or known[0].data is None:
            continue
        api, function_row = known[0], functions[edge.caller]
        call = resolver.spaces[function_row.module].facts.calls[edge.call]
        name = literal(call, api.data_name or "arg:0")
        if name is not None:
            access = api.data_access or "read"
            found.add((edge.caller, str(api.data), name, access, function_row.path, edge.line))
    return tuple(DataUse(*row) for row in sorted(found))
