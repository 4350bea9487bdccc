"""Places that a page names (`arg:N`, `args:N`, `kw:NAME`, `self`, several by `,`) and a call -> what stands there. Resolves nothing."""

from __future__ import annotations

from readiness.types.facts import SEP, Call, Ref, Scope

Layout = tuple[tuple[str, ...], tuple[str, ...], str, str]  # by position, by name, `*`, `**`


def argument_positions(text: str) -> list[str]:
    """`arg:0,kw:target` -> its parts."""
    return [part.strip() for part in text.split(",") if part.strip()]


def arguments(call: Call, place: str) -> list[Ref]:
    """The references that stand at `arg:N`, `args:N` (N and all after) or `kw:NAME`; `self`: what the method is called on."""
    kind, _, key = place.partition(":")
    if kind == "self":
        base = call.callee.rpartition(SEP)[0]
        return [base] if base else []
    if kind == "kw":
        return [ref for name, ref in call.keywords if name == key]
    if kind == "arg" and key.isdigit():
        return list(call.args[int(key) : int(key) + 1])
    if kind == "args" and key.isdigit():
        return [*call.args[int(key) :], *(ref for _, ref in call.keywords)]
    return []


def first_argument(call: Call, places: str) -> Ref:
    """The reference at the first of several places that the call has, "" where it has none."""
    return next((ref for place in argument_positions(places) for ref in arguments(call, place)), "")


def literal_text(call: Call, places: str) -> str:
    """The literal string of an argument, "" where it is none; an f-string keeps `{}` for what is not known."""
    ref = first_argument(call, places)
    return ref.partition(":")[2] if ref.startswith(("str:", "fstr:")) else ""


def layout(function: Scope) -> Layout:
    """A function's parameters by position, by name, and the two that take the rest."""
    return (
        tuple([p.name for p in function.params if p.kind in ("positional", "any")]),
        tuple([p.name for p in function.params if p.kind in ("any", "keyword")]),
        next((p.name for p in function.params if p.kind == "star"), ""),
        next((p.name for p in function.params if p.kind == "double-star"), ""),
    )
