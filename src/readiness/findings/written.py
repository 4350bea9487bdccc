"""call sites -> hits of rules that name calls as the source writes them, resolved or not. Never asks what a name means.

A house names calls of its own so: `*session.get`, where no type says what a session is. Shipped rules name what is resolved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from readiness.findings.ground import Ground, Hit
from readiness.types.facts import SEP
from readiness.types.program import CallEdge, Hop
from readiness.types.rulebook import Rule


def find_written(ground: Ground, rules: Sequence[Rule]) -> Iterator[Hit]:
    """One hit per rule with `written` and call whose callee is written so, where the rule's context holds."""
    asked = [rule for rule in rules if rule.when.written]
    if not asked:
        return
    for edge, name in _sites(ground):
        for rule in asked:
            if any(fnmatchcase(name, pattern) for pattern in rule.when.written):
                words = ground.contexts(edge)
                if words.issuperset(rule.when.context) and words.isdisjoint(rule.when.not_context):
                    yield _hit(ground, rule, edge, name)


def _sites(ground: Ground) -> Iterator[tuple[CallEdge, str]]:
    """Every call with a dotted name, as an edge to something outside."""
    for module, facts in sorted(ground.facts.items()):
        for number, call in enumerate(facts.calls):
            name = _dotted(call.callee)
            caller = ground.function_at(module, facts.contexts[call.context].scope)
            if name and caller >= 0:
                place = (call.line, call.column, call.end_line, number)
                yield CallEdge(caller, -1, name, *place, "call", "named", call.is_awaited, 0), name


def _dotted(callee: str) -> str:
    """`a.b.c`; "" where the chain holds a call, an index or begins with something else than a name."""
    root, *steps = callee.split(SEP)
    if not root.startswith("local:") or not all(step.startswith(".") for step in steps):
        return ""
    return root.removeprefix("local:") + "".join(steps)


def _hit(ground: Ground, rule: Rule, edge: CallEdge, name: str) -> Hit:
    function = ground.program.functions[edge.caller]
    call = ground.facts[function.module].calls[edge.call]
    return Hit(
        rule=rule, module=ground.modules[function.module], function=function.target, line=edge.line, column=edge.column,
        end_line=edge.end_line, name=name, digest=call.digest, hops=(Hop(function.target, function.path, edge.line),),
    )  # fmt: skip
