"""The name of a call that nothing binds -> the one I/O function of the library pages that is called so. Never guesses between two.

`requests.get(url)` in a file that neither imports nor sets `requests`: the code fails there, or a host puts the name in (`exec`, a notebook, a
build file). Such a call has the confidence *named*; it is shown, and counts for nothing unless that is asked for. A name without a dot tells too
little (`system`, `connect`).
"""

from __future__ import annotations

import builtins

from readiness.link.catalogue import Catalogue
from readiness.link.space import ModuleSpace

BUILTINS = frozenset(dir(builtins))
PREFIX = "builtins."


def unbound_call(catalogue: Catalogue, space: ModuleSpace, name: str) -> str:
    """The page's name of what `builtins.NAME` means, as the resolver calls a name that no scope knows; "" where none or several would do."""
    if not name.startswith(PREFIX):
        return ""
    written = name[len(PREFIX) :]
    root = written.partition(".")[0]
    if written == root or root in BUILTINS or space.stars or any(root in names for names in space.names):
        return ""
    return catalogue.named_alike(written)
