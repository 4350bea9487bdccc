"""modules, classes, definitions, stores -> hits: the conditions that speak of no call. Never follows a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from readiness.findings.calls import is_about_calls
from readiness.findings.clients import blocking_clients
from readiness.findings.dynamic import Spot, dynamic_spots
from readiness.findings.ground import Ground, Hit, is_literal
from readiness.findings.language import language_spots
from readiness.findings.shared_state import shared_writes
from readiness.types.program import Coupling, Cycle, Function, ModuleCoupling
from readiness.types.rulebook import Rule, Rulebook
from readiness.types.services import Service, Services

SAME_PROGRAM = 0.9  # of the functions that a service runs
# kinds of evidence that stand in the code or in its package's metadata: they make a program, and no process of its own
IN_CODE = frozenset(
    ("app-object", "configuration", "console-script", "file", "main-guard", "module", "package", "role-table", "seam", "slice", "stays", "sub-command")
)  # fmt: skip
ABSTRACT = {"abstract": "bool:True", "__abstract__": "bool:True", "managed": "bool:False"}
IN_LOOPS = ("loop_operations", "loop_arithmetic")


def find_places(
    ground: Ground, rules: Sequence[Rule], coupling: Coupling, services: Services, rulebook: Rulebook
) -> Iterator[Hit]:
    """One hit per rule and place where the rule's condition holds."""
    wanted = {feature for rule in rules for feature in rule.when.feature}
    every = (*dynamic_spots(ground), *language_spots(ground, wanted))
    spots = sorted(every, key=lambda s: (s.module, s.line, s.feature, s.name, s.function or ""))
    for rule in rules:
        when = rule.when
        if is_about_calls(when) or when.written:
            continue
        if when.metric in ("complexity", *IN_LOOPS):
            yield from _functions(ground, rule)
        elif when.metric:
            yield from _modules(ground, rule, coupling)
        elif when.edge:
            yield from _cycles(ground, rule, coupling.cycles if "cycle" in when.edge else coupling.cycles_load)
        elif when.shared:
            yield from _stores(ground, rule, services)
        elif when.base or when.grandbase or when.decorator:
            yield from _definitions(ground, rule)
        elif when.feature:
            yield from _features(ground, rule, spots)
            if "shared-state" in when.feature:
                yield from _shared_state(ground, rule)
            if "blocking-client" in when.feature:
                yield from _clients(ground, rule, services, rulebook)
        elif when.library:
            yield from _imports(ground, rule, rulebook)


def _functions(ground: Ground, rule: Rule) -> Iterator[Hit]:
    least = rule.when.min or 0.0
    operations = _loop_operations(ground, rule.when.metric) if rule.when.metric in IN_LOOPS else {}
    for number, function in enumerate(ground.program.functions):
        key = (function.module, function.scope)
        value, line = (
            operations.get(key, (0, 0)) if rule.when.metric in IN_LOOPS else (function.complexity or 0, function.line)
        )
        words = ground.contexts_of(number)
        if value >= least and words.issuperset(rule.when.context) and words.isdisjoint(rule.when.not_context):
            yield _at_function(ground, rule, function, line or function.line, str(value))


def _loop_operations(ground: Ground, metric: str) -> dict[tuple[str, int], tuple[int, int]]:
    """(module, scope) -> operations in loops inside loops, and the first of their lines; loops over literals are none."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for module, facts in ground.facts.items():
        for scope, number in sorted({(row.scope, row.loop) for row in facts.contexts if row.loop >= 0}):
            loop = facts.loops[number]
            count = loop.operations if metric == "loop_operations" else loop.arithmetic
            if loop.parent >= 0 and count and not is_literal(facts, loop):
                before, line = found.get((module, scope), (0, loop.line))
                found[module, scope] = (before + count, min(line, loop.line))
    return found


def _at_function(ground: Ground, rule: Rule, function: Function, line: int, value: str) -> Hit:
    return Hit(
        rule=rule,
        module=ground.modules[function.module],
        function=function.target,
        line=line,
        column=1,
        end_line=line,
        name=function.qualname,
        digest="",
        value=value,
    )


def _modules(ground: Ground, rule: Rule, coupling: Coupling) -> Iterator[Hit]:
    for name in sorted(coupling.modules):
        value = _metric(rule.when.metric or "", coupling.modules[name])
        if value is not None and value >= (rule.when.min or 0.0) and name in ground.modules:
            yield _at_module(ground, rule, name, 1, ground.modules[name].name, f"{value:g}")


def _metric(name: str, row: ModuleCoupling) -> float | None:
    values: dict[str, float | None] = {
        "hub": min(row.afferent, row.efferent),
        "afferent": row.afferent,
        "efferent": row.efferent,
        "distance": row.distance,
        "instability": row.instability,
        "betweenness": row.betweenness,
    }
    return values[name]


def _at_module(ground: Ground, rule: Rule, module: str, line: int, name: str, value: str = "") -> Hit:
    return Hit(rule, ground.modules[module], None, line, 1, line, name, digest=name, value=value)


def _cycles(ground: Ground, rule: Rule, cycles: Iterable[Cycle]) -> Iterator[Hit]:
    for cycle in cycles:
        names = ", ".join(cycle.modules[:4]) + (", ..." if len(cycle.modules) > 4 else "")
        module, line = (cycle.cuts[0].importer, cycle.cuts[0].line) if cycle.cuts else (cycle.modules[0], 1)
        if module in ground.modules:
            yield _at_module(ground, rule, module, line, names, str(len(cycle.modules)))


def _stores(ground: Ground, rule: Rule, services: Services) -> Iterator[Hit]:
    users = Counter(
        (data.kind, data.name)
        for service in programs(services)
        for data in service.data
        if data.also and data.kind in rule.when.shared
    )
    shared = {store for store, count in users.items() if count > 1}
    for use in ground.program.data:
        if (use.kind, use.name) in shared and use.access == "write" and use.function >= 0:
            function = ground.program.functions[use.function]
            yield Hit(
                rule,
                ground.modules[function.module],
                function.target,
                use.line,
                1,
                use.line,
                use.name,
                use.name,
                use.kind,
            )


def programs(services: Services) -> list[Service]:
    """The services that something beside the code starts, without those that run, but for a tenth, only functions of another.

    Packages that nothing starts, and commands of one distribution, share their tables with themselves.
    """
    found: list[tuple[Service, frozenset[int]]] = []
    started = [row for row in services.found if any(proof.kind not in IN_CODE for proof in row.evidence)]
    for service in sorted(started, key=lambda row: (-len(row.functions), row.id)):
        own = frozenset(service.functions)
        if not any(len(own & other) > SAME_PROGRAM * len(own) for _, other in found):
            found.append((service, own))
    return [service for service, _ in found]


def _definitions(ground: Ground, rule: Rule) -> Iterator[Hit]:
    abstract = abstract_classes(ground) if rule.when.base or rule.when.grandbase else set()
    for cls in ground.program.classes:
        if cls.target in abstract:
            continue
        below = [name for name in rule.when.grandbase if name not in cls.bases]
        base = next((name for name in cls.ancestors if name in rule.when.base or name in below), None)
        module, _, qualname = cls.target.partition(":")
        if base is not None and module in ground.modules:
            yield Hit(rule, ground.modules[module], cls.target, cls.line, 1, cls.line, base, digest=qualname)
    for function in ground.program.functions:
        mark = next(_marks(ground, function, rule.when.decorator), None) if function.decorators else None
        if mark is not None:
            yield Hit(
                rule, ground.modules[function.module], function.target, function.line, 1, function.line, mark, mark
            )


def abstract_classes(ground: Ground) -> set[str]:
    """`class Meta: abstract = True`, `__abstract__ = True`, `managed = False`: classes without a table of their own."""
    found = set()
    for module, facts in ground.facts.items():
        for row in facts.bindings:
            if ABSTRACT.get(row.name) == row.value:
                qualname = facts.scopes[facts.contexts[row.context].scope].qualname
                owner = qualname if row.name == "__abstract__" else qualname.removesuffix(".Meta")
                found.add(f"{module}:{owner}")
    return found


def _marks(ground: Ground, function: Function, wanted: Sequence[str]) -> Iterator[str]:
    """The decorators of a function that a rule names; `name:word` asks for a text among the decorator's arguments."""
    for name in function.decorators:
        if name in wanted:
            yield name
        words = [text.removeprefix(f"{name}:") for text in wanted if text.startswith(f"{name}:")]
        if words:
            facts = ground.facts[function.module]
            calls = [ref[5:] for ref in facts.scopes[function.scope].decorators if ref.startswith("call:")]
            said = [ref[4:] for n in calls if n.isdigit() for ref in facts.calls[int(n)].args if ref.startswith("str:")]
            if any(fnmatchcase(text, word) for text in said for word in words):
                yield name


def _features(ground: Ground, rule: Rule, spots: Sequence[Spot]) -> Iterator[Hit]:
    for spot in spots:
        if spot.feature in rule.when.feature and spot.module in ground.modules:
            place = (ground.modules[spot.module], spot.function, spot.line, 1, spot.line)
            yield Hit(rule, *place, spot.name, digest=spot.name)


def _shared_state(ground: Ground, rule: Rule) -> Iterator[Hit]:
    for function, line, name in shared_writes(ground):
        yield Hit(rule, ground.modules[function.module], function.target, line, 1, line, name, digest=name)


def _clients(ground: Ground, rule: Rule, services: Services, rulebook: Rulebook) -> Iterator[Hit]:
    for edge in blocking_clients(ground, services, rulebook):
        function = ground.program.functions[edge.caller]
        if not function.qualname.endswith(("<module>", "__init__")) and "aside" in ground.contexts_of(edge.caller):
            continue
        call = ground.call(edge)
        place = (ground.modules[function.module], function.target, edge.line, edge.column, edge.end_line)
        yield Hit(rule, *place, edge.external, digest=call.digest if call is not None else edge.external)


def _imports(ground: Ground, rule: Rule, rulebook: Rulebook) -> Iterator[Hit]:
    names = {
        name for library in rulebook.libraries if library.distribution in rule.when.library for name in library.imports
    }
    for row in ground.program.imports_external:
        if any(row.name == name or row.name.startswith(f"{name}.") for name in names):
            yield _at_module(ground, rule, row.importer, row.line, row.name)
