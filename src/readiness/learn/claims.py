"""Program and Resolver of a library -> claims: what each public name does, gives, hands on and registers. Never writes a page."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from readiness.learn.entries import Decorators
from readiness.learn.surface import Definition, PublicClass, Surface, surface_of
from readiness.learn.typed import type_text
from readiness.link.arguments import argument_positions, arguments
from readiness.link.calls import CallGraph, Param
from readiness.link.classes import member
from readiness.link.effects import called_parameters
from readiness.link.resolver import Resolver
from readiness.link.values import Values, elements
from readiness.rulebook.check import LATENCIES
from readiness.types.program import Program, Via
from readiness.types.rulebook import Entry

HOW_HANDED = {"call": "sync", "task": "task", "thread": "thread", "process": "process"}
MANAGERS = ("contextlib.contextmanager", "contextlib.asynccontextmanager")
PLAIN = tuple(
    f"{name}." for name in sorted({*sys.stdlib_module_names, "builtins"} - {"typing"})
)  # what waits there is on pages


class Claim(Struct, frozen=True):
    """One name of the page. `evidence` is where the library waits: `path:line api`."""

    names: tuple[str, ...]
    kind: str | None = None
    mode: str | None = None
    latency: str | None = None
    hands: str | None = None
    hands_argument: str | None = None
    returns: str | None = None
    enters: str | None = None
    iterates: str | None = None
    evidence: str = ""
    is_method: bool = False


class Claims(Struct, frozen=True):
    imports: tuple[str, ...]
    claims: tuple[Claim, ...]
    entries: tuple[Entry, ...]
    classes: tuple[tuple[str, tuple[str, ...]], ...]  # class or other name of one -> its bases
    attributes: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]  # names of which not every call could be followed, and that claim nothing
    keeps: tuple[str, ...]  # names that keep a function they are given: entries, if the library calls it later


class Desk(NamedTuple):
    program: Program
    resolver: Resolver
    numbers: dict[Definition, int]
    called: Mapping[Param, str]  # parameters that are called, here or behind: call, task, thread, process
    names: dict[Definition, str]


def claims_of(program: Program, resolver: Resolver, numbers: dict[Definition, int], graph: CallGraph) -> Claims:
    """The claims of all public names, sorted by name."""
    surface = surface_of(resolver)
    called = called_parameters(_run_elsewhere(program, resolver) | graph.called, graph.passed)
    desk = Desk(program, resolver, numbers, called, surface.class_names())
    claims = [_function(desk, names, where) for names, where in surface.functions]
    claims += [claim for cls in surface.classes for claim in _class(desk, cls)]
    decorators = Decorators(resolver, numbers, graph)
    entries = decorators.entries(surface)
    unclear = _unclear(program)
    told = {claim.names for claim in claims if claim.kind or _gives(claim)}
    doubtful = {names[0] for names, where in _callables(surface) if numbers[where] in unclear and names not in told}
    kept = [claim for claim in claims if claim.names in told or claim.names[0] not in doubtful]
    return Claims(
        imports=_imports(surface),
        claims=tuple(sorted(kept, key=lambda claim: claim.names)),
        entries=entries,
        classes=_lineage(surface),
        attributes=_attributes(desk, surface),
        unclear=tuple(sorted(doubtful)),
        keeps=decorators.keeps(surface, {name for entry in entries for name in entry.names}),
    )


def _gives(claim: Claim) -> bool:
    return any((claim.hands, claim.returns, claim.enters, claim.iterates))


def _callables(surface: Surface) -> Iterator[tuple[tuple[str, ...], Definition]]:
    yield from surface.functions
    for cls in surface.classes:
        for name, where in cls.methods:
            yield (f"{cls.names[0]}.{name}",), where


def _imports(surface: Surface) -> tuple[str, ...]:
    written = [names[0] for names, _ in surface.functions] + [cls.names[0] for cls in surface.classes]
    return tuple(sorted({name.partition(".")[0] for name in written}))


def _lineage(surface: Surface) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rows = [(cls.names[0], cls.bases) for cls in surface.classes if cls.bases]
    rows += [(other, (cls.names[0],)) for cls in surface.classes for other in cls.names[1:]]
    return tuple(sorted(rows))


def _class(desk: Desk, cls: PublicClass) -> Iterator[Claim]:
    """The class as what makes an object, then its methods."""
    made = _claim(desk, cls.names[:1], cls.constructor) if cls.constructor is not None else Claim(cls.names[:1])
    methods = dict(cls.methods)
    yield replace(
        made,
        returns=cls.names[0],
        enters=_given_by(desk, methods, ("__aenter__", "__enter__")),
        iterates=_iterated_by(desk, methods),
        is_method=False,
    )
    for name, where in cls.methods:
        yield _function(desk, (f"{cls.names[0]}.{name}",), where, is_method=True)


def _given_by(desk: Desk, methods: dict[str, Definition], names: tuple[str, ...]) -> str | None:
    where = next((methods[name] for name in names if name in methods), None)
    return type_text(desk.resolver.returns(*where), desk.names) if where is not None else None


def _iterated_by(desk: Desk, methods: dict[str, Definition]) -> str | None:
    where = next((methods[name] for name in ("__aiter__", "__iter__") if name in methods), None)
    return type_text(elements(desk.resolver.returns(*where)), desk.names) if where is not None else None


def _function(desk: Desk, names: tuple[str, ...], where: Definition, *, is_method: bool = False) -> Claim:
    claim = _claim(desk, names, where, is_method=is_method)
    given: Values = desk.resolver.returns(*where)
    row = desk.program.functions[desk.numbers[where]]
    returns = enters = iterates = None
    if any(name in row.decorators for name in MANAGERS):
        enters = type_text(elements(given), desk.names)
    elif row.is_generator:
        iterates = type_text(elements(given), desk.names)
    elif not names[0].rpartition(".")[2].startswith("__"):
        returns = type_text(given, desk.names)
    return replace(claim, returns=returns, enters=enters, iterates=iterates)


def _claim(desk: Desk, names: tuple[str, ...], where: Definition, *, is_method: bool = True) -> Claim:
    """What calling a function waits for, and what becomes of a callable that it is given."""
    number = desk.numbers[where]
    via = _strongest(desk.program.effects[number].via, desk.program.functions[number].is_async)
    how, place = _handed(desk, where, is_method)
    if via is None:
        return Claim(names, hands=how, hands_argument=place, is_method=is_method)
    last = via.hops[-1]
    return Claim(
        names, via.kind, via.mode, via.latency, how, place, evidence=f"{last.path}:{last.line} {via.api}",
        is_method=is_method,
    )  # fmt: skip


def _strongest(found: tuple[Via, ...], is_async: bool) -> Via | None:
    """The wait that counts most: no file and no pause before a peer, blocking before asynchronous, the far before the near.

    Of one kind a coroutine function waits asynchronously where it can: the other way leads over a base class that blocking code shares.
    """
    sure = [via for via in found if via.confidence != "named" and via.hops]
    gentle = {via.kind for via in sure if is_async and via.mode == "async"}
    return min(
        (via for via in sure if via.kind not in gentle or via.mode == "async"),
        key=lambda via: (
            via.kind in ("filesystem", "sleep"), via.mode != "blocking", -LATENCIES.index(via.latency or "local"), via.kind, via.api,
        ),
        default=None,
    )  # fmt: skip


def _handed(desk: Desk, where: Definition, is_method: bool) -> tuple[str | None, str | None]:
    """The first parameter that the function calls, or has called elsewhere."""
    module, scope = where
    own = desk.resolver.spaces[module].facts.scopes[scope]
    params = [p for p in own.params if p.kind in ("positional", "any", "keyword")]
    if is_method and not desk.resolver.has_decorator(own, "staticmethod"):
        params = params[1:]
    for position, param in enumerate(params):
        how = HOW_HANDED.get(desk.called.get((module, scope, param.name), ""))
        if how is not None:
            places = [] if param.kind == "keyword" else [f"arg:{position}"]
            places += [] if param.kind == "positional" else [f"kw:{param.name}"]
            return how, ",".join(places)
    return None, None


def _run_elsewhere(program: Program, resolver: Resolver) -> dict[Param, str]:
    """Parameters that a function hands to what runs them: `pool.submit(work)`, `Thread(target=work)`."""
    found: dict[Param, str] = {}
    for edge in program.calls:
        known = resolver.catalogue.api.get(edge.external) if edge.external and edge.call >= 0 else None
        if known is None or known[0].hands in (None, "callback"):
            continue
        row = program.functions[edge.caller]
        space = resolver.spaces[row.module]
        params = {param.name for param in space.facts.scopes[row.scope].params}
        for place in argument_positions(known[0].hands_argument or ""):
            for ref in arguments(space.facts.calls[edge.call], place) if ":" in place else ():
                if ref.startswith("local:") and ref[6:] in params:
                    found[row.module, row.scope, ref[6:]] = "call" if known[0].hands == "sync" else str(known[0].hands)
    return found


def _attributes(desk: Desk, surface: Surface) -> tuple[tuple[str, str], ...]:
    """Types of public fields and properties of classes, and of objects that modules hold."""
    rows: dict[str, str] = {}
    for cls in surface.classes:
        module, scope = cls.definition
        space = desk.resolver.spaces[module]
        fields = {*space.fields.get(scope, ()), *space.names[scope]}
        for name in sorted(name for name in fields if not name.startswith("_")):
            values = member(desk.resolver, ("I", module, scope), name)
            text = type_text(values, desk.names) if not any(value[0] in "BF" for value in values) else None
            if text is not None:
                rows[f"{cls.names[0]}.{name}"] = text
    for written, module, name in surface.instances:
        text = type_text(desk.resolver.member_of_module(module, name), desk.names)
        if text is not None:
            rows[written] = text
    return tuple(sorted(rows.items()))


def _unclear(program: Program) -> frozenset[int]:
    """Functions with calls that could not be followed or that lead to what no page knows, and all that call them."""
    callers: dict[int, set[int]] = {}
    found = {number for number, row in enumerate(program.functions) if row.unresolved}
    for edge in program.calls:
        if edge.callee >= 0:
            callers.setdefault(edge.callee, set()).add(edge.caller)
        elif edge.api < 0 and not edge.external.startswith(PLAIN):
            found.add(edge.caller)
    todo = sorted(found)
    for number in todo:
        fresh = sorted(callers.get(number, set()) - found)
        found.update(fresh)
        todo += fresh
    return frozenset(found)
