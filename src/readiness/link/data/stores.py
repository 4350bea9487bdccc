"""Call edges and library pages -> uses of caches, queues, buckets, files and environment variables, each by its name.

A name is what the code says: a literal, a constant, the known beginning of a composed text (`shop:*`), or what callers hand to the
parameter that carries it. A store without any name is not listed: that it exists is in the effects.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.link.arguments import first_argument
from readiness.link.resolver import Resolver
from readiness.link.values import elements
from readiness.types.facts import SEP, Call, Ref
from readiness.types.program import CallEdge, DataUse, Function
from readiness.types.rulebook import Api

Numbers = dict[tuple[str, int], int]
MAX_NAMES = 4  # alternatives of one call
MAX_FORWARDS = 3  # wrappers between a name and the call that uses it
ENVIRONMENTS = ("os.environ",)


def store_uses(
    resolver: Resolver, numbers: Numbers, functions: tuple[Function, ...], edges: tuple[CallEdge, ...]
) -> set[DataUse]:
    """Uses by the functions that say the name."""
    found: set[DataUse] = set()
    callers: dict[int, list[CallEdge]] = {}
    for edge in edges:
        if edge.callee >= 0 and edge.call >= 0 and edge.how == "call":
            callers.setdefault(edge.callee, []).append(edge)
    for edge in edges:
        known = resolver.catalogue.api.get(edge.external) if edge.external and edge.call >= 0 else None
        if known is None or known[0].data is None or (known[0].data == "queue" and known[0].data_name is None):
            continue  # a task's own call names no queue: it is an outgoing call
        api, distribution = known
        for function, name, path, line in names(resolver, functions, callers, edge, api):
            found.add(DataUse(function, str(api.data), name, api.data_access or "read", path, line, distribution))
    for module in sorted(resolver.spaces):
        found |= environment(resolver, numbers, module)
    return found


def names(
    resolver: Resolver, functions: tuple[Function, ...], callers: dict[int, list[CallEdge]], edge: CallEdge, api: Api
) -> Iterator[tuple[int, str, str, int]]:
    """(function, name, path, line) of each name that a call may be given."""
    function = functions[edge.caller]
    call = resolver.spaces[function.module].facts.calls[edge.call]
    ref = first_argument(call, api.data_name or "arg:0")
    open_ = [(edge.caller, edge.line, resolver.spaces[function.module].facts.contexts[call.context].scope, ref, "", 0)]
    seen: set[tuple[int, Ref]] = set()
    while open_:
        number, line, scope, ref, prefix, depth = open_.pop()
        row = functions[number]
        texts = text_of(resolver, row.module, scope, ref)
        for text in texts[:MAX_NAMES]:
            yield number, prefix + text, row.path, line
        beginning, parameter = forwarded(resolver, row, scope, ref)
        if texts or not parameter or depth == MAX_FORWARDS or (number, ref) in seen:
            continue
        seen.add((number, ref))
        for caller in callers.get(number, ()):
            space = resolver.spaces[functions[caller.caller].module]
            outer = space.facts.calls[caller.call]
            handed = handed_to(resolver, row, outer, parameter)
            open_.append(
                (
                    caller.caller,
                    caller.line,
                    space.facts.contexts[outer.context].scope,
                    handed,
                    prefix + beginning,
                    depth + 1,
                )
            )


def text_of(resolver: Resolver, module: str, scope: int, ref: Ref) -> list[str]:
    """The texts that a reference can be; of a composed one the known beginning and `*`."""
    if ref.startswith(("str:", "fstr:")):
        kind, _, text = ref.partition(":")
        return (
            [text.split("{}")[0] + "*" if kind == "fstr" and "{}" in text else text]
            if text and not text.startswith("{}")
            else []
        )
    if ref.startswith("*"):
        return sorted({str(v[1]) for v in elements(resolver.evaluate(module, scope, ref[1:])) if v[0] == "S" and v[1]})
    if ref.startswith("expr:") and SEP not in ref:
        expr = resolver.spaces[module].facts.exprs[int(ref[5:])]
        if expr.kind in ("concat", "operation") and expr.items:
            return (
                [text.rstrip("*") + "*" for text in text_of(resolver, module, scope, expr.items[0])]
                if not is_forwarding(resolver, module, scope, expr.items)
                else []
            )
    values = resolver.evaluate(module, scope, ref) if ref else ()
    return sorted({str(v[1]) for v in (*values, *elements(values)) if v[0] == "S" and v[1] and len(v) == 2})


def is_forwarding(resolver: Resolver, module: str, scope: int, items: tuple[Ref, ...]) -> bool:
    """Whether a composed name ends with a parameter, so that callers know the rest."""
    params = {p.name for p in resolver.spaces[module].facts.scopes[scope].params}
    return len(items) == 2 and items[1].startswith("local:") and items[1][6:] in params


def forwarded(resolver: Resolver, function: Function, scope: int, ref: Ref) -> tuple[str, str]:
    """(known beginning, parameter) where a name is a parameter, or a text with one behind it."""
    facts = resolver.spaces[function.module].facts
    params = {p.name for p in facts.scopes[function.scope].params}
    if ref.startswith("local:") and ref[6:] in params:
        return "", ref[6:]
    if ref.startswith("expr:") and SEP not in ref:
        items = facts.exprs[int(ref[5:])].items
        if len(items) == 2 and items[1].startswith("local:") and items[1][6:] in params:
            return next(iter(text_of(resolver, function.module, scope, items[0])), ""), items[1][6:]
    return "", ""


def handed_to(resolver: Resolver, function: Function, call: Call, parameter: str) -> Ref:
    """What a call gives to a parameter, "" where it gives nothing."""
    keywords = dict(call.keywords)
    if parameter in keywords:
        return keywords[parameter]
    params = [
        p
        for p in resolver.spaces[function.module].facts.scopes[function.scope].params
        if p.kind in ("positional", "any")
    ]
    if function.owner is not None and params and params[0].name in ("self", "cls"):
        params = params[1:]
    position = next((n for n, p in enumerate(params) if p.name == parameter), len(call.args))
    return call.args[position] if position < len(call.args) else ""


def environment(resolver: Resolver, numbers: Numbers, module: str) -> set[DataUse]:
    """`os.environ["X"]`, read or set."""
    space = resolver.spaces[module]
    found: set[DataUse] = set()
    rows = [(r.value.rpartition(SEP), r.context, r.line, "read") for r in space.facts.reads]
    rows += [((b.target, SEP, b.name), b.context, b.line, "write") for b in space.facts.bindings if b.target]
    for (base, _, key), context, line, access in rows:
        if not (key.startswith("['") and key.endswith("']")) or not base.endswith("environ"):
            continue
        scope = space.facts.contexts[context].scope
        if any(v[0] in ("X", "E") and v[1] in ENVIRONMENTS for v in resolver.evaluate(module, scope, base)):
            function = numbers[module, space.owner[scope]]
            found.add(DataUse(function, "env", key[2:-2], access, space.source.path, line, "python"))
    return found
