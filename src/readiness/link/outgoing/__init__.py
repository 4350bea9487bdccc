"""Call edges and addresses -> calls that leave over a wire: HTTP, RPC and queues, with what the code says of the other end.

A call is noted where its address is said: a wrapper that only passes an address on leaves it to its callers. Who is at the other
end is told by `services`, which knows the manifests.
"""

from __future__ import annotations

from readiness.link.outgoing.addresses import Addresses
from readiness.link.outgoing.http import http_calls
from readiness.link.outgoing.queues import task_calls
from readiness.link.outgoing.rpc import rpc_calls
from readiness.link.resolver import Resolver
from readiness.types.program import CallEdge, Function, Outgoing


def outgoing_calls(
    resolver: Resolver,
    numbers: dict[tuple[str, int], int],
    functions: tuple[Function, ...],
    edges: tuple[CallEdge, ...],
) -> tuple[Outgoing, ...]:
    """All of them, sorted by function, line and address."""
    addresses = Addresses(resolver)
    found = {
        *http_calls(resolver, addresses, functions, edges),
        *rpc_calls(resolver, addresses, numbers),
        *task_calls(resolver, functions, edges),
    }
    return tuple(sorted(found, key=lambda row: (row.function, row.line, row.kind, row.address, row.method)))
