"""Facts, call edges and library pages -> data uses: which tables, caches, queues, buckets, files and variables a function touches."""

from __future__ import annotations

from readiness.link.data.stores import store_uses
from readiness.link.data.tables import table_uses
from readiness.link.resolver import Resolver
from readiness.types.program import CallEdge, DataUse, Function

READS = ("select",)


def data_uses(
    resolver: Resolver,
    numbers: dict[tuple[str, int], int],
    functions: tuple[Function, ...],
    edges: tuple[CallEdge, ...],
) -> tuple[tuple[DataUse, ...], tuple[int, ...]]:
    """All uses, sorted by function, kind, name, access and place; and the functions that write a table nobody can name."""
    found, blind = table_uses(resolver, numbers, functions, edges)
    for module, space in resolver.spaces.items():
        for row in space.facts.sql:
            function = numbers[module, space.owner[space.facts.contexts[row.context].scope]]
            access = "read" if row.verb in READS else "write"
            found |= {DataUse(function, "table", t, access, space.source.path, row.line, "sql") for t in row.tables}
    found |= store_uses(resolver, numbers, functions, edges)
    ordered = sorted(found, key=lambda u: (u.function, u.kind, u.name, u.access, u.path, u.line, u.store))
    return tuple(ordered), tuple(sorted(blind))
