"""Whether a call that would touch a file is handed memory instead: `image.save(io.BytesIO())`. Never looks into the memory."""

from __future__ import annotations

from readiness.link.resolver import Resolver
from readiness.types.facts import Call

MEMORY = "memory"  # tag of what is used like a file and is none


def is_in_memory(resolver: Resolver, module: str, scope: int, call: Call) -> bool:
    """One of the arguments can hold an object that a page calls memory."""
    for ref in (*call.args, *(value for _, value in call.keywords)):
        if ref.startswith(("local:", "call:")):
            for value in resolver.evaluate(module, scope, ref, (call.order, call.context)):
                known = resolver.catalogue.api.get(str(value[1])) if value[0] == "E" else None
                if known is not None and MEMORY in known[0].tags:
                    return True
    return False
