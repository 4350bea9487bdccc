"""call sites -> hits: the conditions on what a call does, names or starts. Never looks at modules or classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from readiness.findings.ground import MAX_HOPS, Ground, Hit
from readiness.findings.ordered import is_gathered, is_one_stream
from readiness.findings.proven import Proven
from readiness.findings.starting import words_of
from readiness.findings.volatile import is_volatile
from readiness.types.program import ApiUse, CallEdge, Hop
from readiness.types.rulebook import Condition, Rule

AWAY = ("thread", "process")
Effect = tuple[str, str, str, tuple[Hop, ...]]  # kind, mode, api, hops behind the call site


def find_calls(ground: Ground, rules: Sequence[Rule]) -> Iterator[Hit]:
    """One hit per rule and call edge where the rule's condition on calls holds."""
    asked = [rule for rule in rules if is_about_calls(rule.when)]
    proven = Proven(ground)
    known: dict[tuple[str, int, bool, str, bool], list[Rule]] = {}  # a program calls few names many times
    for edge in ground.program.calls:
        effects: list[Effect] | None = None
        words: set[str] | None = None
        key = (edge.external, edge.api, edge.callee >= 0, edge.how, edge.is_awaited)
        if key not in known:
            known[key] = [rule for rule in asked if _names(ground, rule.when, edge) and _is_there(rule.when, edge)]
        for rule in known[key]:
            if effects is None:
                effects = _effects(ground, edge)
            effect = _effect(rule.when, effects)
            if effect is None or (
                rule.when.serialises
                and (is_chosen_elsewhere(ground, edge) or leaves_nothing(ground, edge) or is_migration(ground, edge))
            ):
                continue
            if rule.when.mode == ("blocking",) and is_other_half(ground, edge):
                continue
            if "await-loop" in rule.when.context and is_in_order(ground, edge, effect[2]):
                continue
            if "loop" in rule.when.context and is_for_later(ground, edge):
                continue
            if words is None:
                words = ground.contexts(edge)
            if words.issuperset(rule.when.context) and words.isdisjoint(rule.when.not_context):
                hit = _hit(ground, rule, edge, effect)
                if is_believed(ground, rule, hit.hops):
                    yield replace(hit, is_sure=proven.holds(edge, hit))


def is_believed(ground: Ground, rule: Rule, hops: Sequence[Hop]) -> bool:
    """The way to the I/O is one that is gone again and again, and calls lead along it and not elsewhere."""
    is_near = "await-loop" in rule.when.context or "any-loop" in rule.when.context
    return not is_rare(ground, rule, hops) and ground.certain.is_told(hops, is_near) and ground.paths.is_walk(hops)


def is_other_half(ground: Ground, edge: CallEdge) -> bool:
    """The call is awaited and a coroutine may be what it calls: the function of the same name that blocks is not what is meant."""
    functions = ground.program.functions
    if not edge.is_awaited or edge.callee < 0 or functions[edge.callee].is_async:
        return False
    return any(
        other.call == edge.call and other.callee >= 0 and functions[other.callee].is_async
        for other in ground.edges[edge.caller]
    )


def is_rare(ground: Ground, rule: Rule, hops: Sequence[Hop]) -> bool:
    """The path goes through what is done once, or through a block that raises, and the rule asks for neither."""
    is_per_element = "loop" in rule.when.context or "await-loop" in rule.when.context
    is_once = "once" in rule.when.not_context and (
        ground.once.covers(hops, by_arguments=not is_per_element) or any(hop.target in ground.starting for hop in hops)
    )
    is_failing = "failing" in rule.when.not_context and any((hop.target, hop.line) in ground.failing for hop in hops)
    return is_once or is_failing


def is_chosen_elsewhere(ground: Ground, edge: CallEdge) -> bool:
    """What is called is one of several that write different formats: which one, a setting says."""
    return edge.call >= 0 and any(
        other.call == edge.call and other.external != edge.external and other.callee < 0
        and (other.api < 0 or ground.program.apis[other.api].serialises != ground.program.apis[edge.api].serialises)
        for other in ground.edges[edge.caller]
    )  # fmt: skip


def is_in_order(ground: Ground, edge: CallEdge, api: str) -> bool:
    """All rounds of a loop go over one stream."""
    call = ground.call(edge)
    if api not in ground.ordered or call is None:
        return False
    return is_one_stream(ground.facts[ground.program.functions[edge.caller].module], call)


def is_for_later(ground: Ground, edge: CallEdge) -> bool:
    """The call puts something into a batch that is sent as a whole."""
    call = ground.call(edge)
    return call is not None and is_gathered(ground.facts[ground.program.functions[edge.caller].module], call)


def leaves_nothing(ground: Ground, edge: CallEdge) -> bool:
    """What the call gives is only looked at, or read back at once."""
    call = ground.call(edge)
    own = [other for other in ground.edges[edge.caller] if other.call >= 0]
    formats = [ground.program.apis[other.api].serialises if other.api >= 0 else None for other in own]
    return call is not None and is_volatile(call, edge.call, own, formats)


def is_migration(ground: Ground, edge: CallEdge) -> bool:
    """What an upgrade of the store reads is written back as something else, once."""
    return words_of(ground.program.functions[edge.caller].qualname)[:1] in (["upgrade"], ["downgrade"], ["migrate"])


def is_about_calls(when: Condition) -> bool:
    """The condition speaks of calls, not of modules, classes or definitions."""
    others = (
        when.written,
        when.metric,
        when.edge,
        when.shared,
        when.base,
        when.grandbase,
        when.decorator,
        when.feature,
    )
    asks = (
        when.effect or when.call or when.construct or when.serialises or (when.library and (when.mode or when.context))
    )
    return bool(asks) and not any(others)


def _names(ground: Ground, when: Condition, edge: CallEdge) -> bool:
    """The cheap half: what the callee is called, what its page says. Asks only for what `find_calls` remembers it by."""
    use: ApiUse | None = ground.program.apis[edge.api] if edge.api >= 0 else None
    if when.call and edge.external not in when.call and not _is_below(edge.external, when.call):
        return False
    if when.construct and (use is None or use.construct not in when.construct):
        return False
    if when.serialises and (use is None or use.serialises not in when.serialises):
        return False
    if when.library and (use is None or use.distribution not in when.library):
        return False
    return not when.effect or edge.callee >= 0 or (use is not None and use.kind in when.effect)


def _is_below(name: str, patterns: Sequence[str]) -> bool:
    return bool(name) and any(pattern.endswith(".*") and name.startswith(pattern[:-1]) for pattern in patterns)


def _is_there(when: Condition, edge: CallEdge) -> bool:
    """Work handed to a thread or process blocks nobody here; a callback runs somewhere else.

    A method that is awaited does not block, whatever the type that was found for its object: then the type is wrong.
    """
    if edge.how == "callback":
        return False
    if edge.is_awaited and when.mode == ("blocking",) and _is_method(edge.external):
        return False
    return not when.effect or edge.how not in AWAY or edge.how in when.context


def _is_method(name: str) -> bool:
    """`package.Class.method`, as the pages write the names of classes."""
    return name.rpartition(".")[0].rpartition(".")[2][:1].isupper()


def _effects(ground: Ground, edge: CallEdge) -> list[Effect]:
    found: list[Effect] = []
    if edge.api >= 0:
        use = ground.program.apis[edge.api]
        if use.kind is not None and use.name not in ground.instant:
            found.append((use.kind, use.mode or "blocking", use.name, ()))
    elif edge.callee >= 0:
        is_coroutine = ground.program.functions[edge.callee].is_async
        for via in ground.lent.behind(edge, ground.call(edge)):
            # what blocks inside another coroutine is that one's finding, not its callers'
            is_its_own = is_coroutine and via.mode == "blocking"
            if not is_its_own and len(via.hops) < MAX_HOPS and via.api not in ground.instant:
                found.append((via.kind, via.mode, via.api, via.hops))
    return sorted(found, key=lambda effect: (len(effect[3]), effect[0], effect[1], effect[2]))


def _effect(when: Condition, effects: Sequence[Effect]) -> Effect | None:
    """The nearest effect that the condition asks for; an empty one where it asks for none."""
    if not when.effect and not when.mode:
        return effects[0] if effects and not effects[0][3] else ("", "", "", ())
    for effect in effects:
        if (not when.effect or effect[0] in when.effect) and (not when.mode or effect[1] in when.mode):
            return effect
    return None


def _hit(ground: Ground, rule: Rule, edge: CallEdge, effect: Effect) -> Hit:
    function = ground.program.functions[edge.caller]
    call = ground.call(edge)
    name = edge.external or effect[2]
    if edge.callee >= 0 and not effect[2]:
        name = ground.program.functions[edge.callee].qualname
    hops = (Hop(function.target, function.path, edge.line), *effect[3])
    above = ground.on_loop.way(edge.caller) if "on-loop" in rule.when.context else ()
    return Hit(
        rule=rule,
        module=ground.modules[function.module],
        function=function.target,
        line=edge.line,
        column=edge.column,
        end_line=edge.end_line,
        name=ground.certain.name_of(hops[-1], name).removeprefix("builtins."),
        digest=call.digest if call is not None else name,
        kind=effect[0],
        hops=(*above, *hops),
    )
