"""A function's facts -> which of its parameters it gives back, as they are or called. Resolves nothing."""

from __future__ import annotations

from readiness.types.facts import SEP, Facts, Scope


def passed_through(row: Scope) -> tuple[str, ...]:
    """The parameters that a function gives back as they are."""
    names = {p.name for p in row.params if p.kind in ("positional", "any", "keyword")}
    return tuple(ref[6:] for ref in dict.fromkeys(row.results) if ref[:6] == "local:" and ref[6:] in names)


def called_through(facts: Facts, row: Scope) -> dict[str, str]:
    """What a function gives back that a parameter gave when it was called (`return work(*args)`): reference -> the parameter."""
    names = {p.name for p in row.params if p.kind in ("positional", "any", "keyword")}
    found = {}
    for ref in row.results:
        root = ref.removesuffix(f"{SEP}await")
        if root.startswith("call:") and SEP not in root:
            callee = facts.calls[int(root[5:])].callee
            if callee[:6] == "local:" and callee[6:] in names:
                found[ref] = callee[6:]
    return found
