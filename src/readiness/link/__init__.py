"""Tree, Facts, Rulebook -> Program: imports, functions, calls, effects, entry points. Reads no file and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from msgspec.structs import force_setattr

from readiness.link.annotations import instances, narrow
from readiness.link.calls import CallGraph, call_edges
from readiness.link.catalogue import Catalogue
from readiness.link.classes import ancestors, expected
from readiness.link.data import data_uses
from readiness.link.effects import effects
from readiness.link.entries import entry_points
from readiness.link.expressions import expression, filled
from readiness.link.first import mark_first
from readiness.link.imports import ModuleIndex, import_edges
from readiness.link.loaded import loaded_files
from readiness.link.members import take_step
from readiness.link.named import configured, configured_imports, imported_by_text, is_import, named
from readiness.link.outgoing import outgoing_calls
from readiness.link.outgoing.queues import queued_calls
from readiness.link.reaches import handled, with_reach
from readiness.link.resolver import Language, Resolver
from readiness.link.results import call_result
from readiness.link.space import ModuleSpace, is_test_path
from readiness.link.values import Value
from readiness.types.facts import SEP, Facts, Scope
from readiness.types.program import CallEdge, Class, Function, ImportEdge, Module, Program
from readiness.types.rulebook import Rulebook
from readiness.types.tree import RUN_HERE, Source, Tree

Numbers = dict[tuple[str, int], int]
ABSTRACT = ("abc.ABC", "abc.ABCMeta", "typing.Protocol", "typing_extensions.Protocol")


class Linked(NamedTuple):
    """A Program, and what it was read from: for whoever asks for more than a Program says."""

    program: Program
    resolver: Resolver
    numbers: Numbers
    graph: CallGraph  # its edges are the program's calls


def link(tree: Tree, facts: Mapping[str, Facts], rulebook: Rulebook, counts_named: bool = False) -> Program:
    """The program as a whole; `facts` by path. Functions, calls and entries come in a fixed order.

    `counts_named`: calls that are known by their name alone are calls like all others.
    """
    return linked(tree, facts, rulebook, False, counts_named).program


def linked(
    tree: Tree, facts: Mapping[str, Facts], rulebook: Rulebook, is_kept: bool = True, counts_named: bool = False
) -> Linked:
    """The same with its resolver, which keeps all that it evaluated in memory, unless it is said that nobody asks again."""
    sources = sorted(tree.sources, key=lambda s: s.module)
    resolver = resolver_of(tree, facts, rulebook)
    index, catalogue, spaces = resolver.index, resolver.catalogue, resolver.spaces
    functions, numbers = list_functions(resolver)
    graph = call_edges(resolver, numbers)
    for number, missing in graph.unresolved.items():  # in place although frozen: nobody else has seen these records yet
        force_setattr(functions[number], "unresolved", missing)
    graph.edges += graph.named if counts_named else ()
    edges, aside = in_order(graph.edges), () if counts_named else in_order(graph.named)
    graph.edges, graph.named = [], []
    edges = tuple(mark_first(edges, functions, spaces))
    entries, apps = entry_points(resolver, numbers, functions, list(edges))
    outgoing = outgoing_calls(resolver, numbers, functions, edges)
    data, blind = data_uses(resolver, numbers, functions, edges)
    dynamic, classes = dynamic_imports(resolver), list_classes(resolver)
    loads, not_told = loaded_files(resolver)
    texts = tuple(sorted({*imported_by_text(resolver)}, key=lambda e: (e.importer, e.imported, e.line)))
    if not is_kept:
        resolver.forget()  # a quarter of the memory, and effects need only the edges
    handlers = handled(entries, edges, len(functions))
    found = effects(
        functions, edges, graph, catalogue.uses, operations(spaces, numbers, len(functions)), handlers, aside
    )
    entries = with_reach(resolver, entries, functions, edges, graph, found)
    imports, outside = import_edges(sources, facts, index)
    program = Program(
        modules=tuple(module_of(s, facts.get(s.path)) for s in sources), imports=imports,
        imports_dynamic=tuple(sorted({*dynamic, *loads, *texts}, key=lambda e: (e.importer, e.imported, e.line))), imports_external=outside, functions=functions,
        classes=classes, calls=edges, apis=tuple(catalogue.uses), effects=found, entries=entries,
        data=data, apps=apps, resolved=graph.resolved, external=graph.external,
        unresolved=graph.missing, unresolved_reasons=dict(sorted(graph.reasons.items())),
        bounds_hit=dict(sorted((resolver.bounds | ({"files-loaded": not_told} if not_told else {})).items())),
        outgoing=outgoing, loads=loads, texts=texts,
        queued=queued_calls(edges, outgoing, functions, entries), blind_writes=blind,
        named=aside,
    )  # fmt: skip
    return Linked(program, resolver, numbers, graph)


def in_order(rows: list[CallEdge]) -> tuple[CallEdge, ...]:
    """Edges by caller and place. Sorted in place, caller by caller: the keys of all at once take 50 MB at 1.1 MLOC."""
    rows.sort(key=lambda e: e.caller)
    return tuple(
        edge
        for _, group in groupby(rows, key=lambda e: e.caller)
        for edge in sorted(group, key=lambda e: (e.line, e.column, e.callee, e.external, e.how, e.call))
    )


def resolver_of(tree: Tree, facts: Mapping[str, Facts], rulebook: Rulebook) -> Resolver:
    """What names of the program mean, before any call was followed; evaluates on demand."""
    sources = sorted(tree.sources, key=lambda s: s.module)
    spaces = {s.module: ModuleSpace(s, facts[s.path]) for s in sources if s.path in facts and facts[s.path].scopes}
    run_here = {text.path.rpartition("/")[0] for text in tree.texts if text.path.rpartition("/")[2] in RUN_HERE}
    language = Language(take_step, call_result, expression, filled, instances, narrow, expected, named, configured)
    return Resolver(
        spaces,
        ModuleIndex(sources, tree.importable, run_here, lent_folders(sources, facts, rulebook)),
        Catalogue(rulebook),
        language,
    )


def lent_folders(sources: Sequence[Source], facts: Mapping[str, Facts], rulebook: Rulebook) -> set[str]:
    """Folders of names that a library puts on sys.path, where the program imports that library."""
    lending = [library for library in rulebook.libraries if library.roots]
    tops = {row.module.partition(".")[0] for known in facts.values() for row in known.imports} if lending else set()
    names = {name for library in lending if tops & set(library.imports) for name in library.roots}
    found = set()
    for source in sources if names else ():
        steps = source.path.split("/")[:-1]
        found |= {"/".join(steps[: at + 1]) for at, step in enumerate(steps) if step in names}
    return found


def module_of(source: Source, facts: Facts | None) -> Module:
    return Module(
        source.module, source.name, source.path, source.is_package, facts.lines if facts else 0,
        facts.metrics if facts else None, bool(facts and facts.scopes), is_test_path(source.path),
    )  # fmt: skip


def list_functions(resolver: Resolver) -> tuple[tuple[Function, ...], Numbers]:
    functions: list[Function] = []
    numbers: Numbers = {}
    for module in sorted(resolver.spaces):
        space = resolver.spaces[module]
        for number, scope in enumerate(space.facts.scopes):
            if scope.kind in ("module", "function", "lambda"):
                numbers[module, number] = len(functions)
                functions.append(function_of(resolver, space, number, scope))
    return tuple(functions), numbers


def function_of(resolver: Resolver, space: ModuleSpace, number: int, scope: Scope) -> Function:
    module = space.source.module
    parent = space.facts.scopes[scope.parent] if scope.parent >= 0 else None
    owner = f"{module}:{parent.qualname}" if parent is not None and parent.kind == "class" else None
    own = scope.params[1:] if owner and scope.params and scope.params[0].name in ("self", "cls") else scope.params
    decorators = [decorator_name(resolver, module, scope, ref) for ref in scope.decorators]
    end_line = space.facts.lines or 1 if scope.kind == "module" else scope.end_line
    return Function(
        module, scope.qualname, space.source.path, scope.line, end_line, scope.is_async, scope.is_generator,
        scope.complexity, owner, len(own), sum(bool(p.annotation) for p in own) + bool(scope.returns),
        tuple(d for d in decorators if d), all(not p.startswith("_") for p in scope.qualname.split(".")), 0, number,
    )  # fmt: skip


def decorator_name(resolver: Resolver, module: str, scope: Scope, ref: str) -> str:
    """The name that a decorator resolves to, "" where it does not."""
    if ref.startswith("call:") and SEP not in ref:
        ref = resolver.spaces[module].facts.calls[int(ref[5:])].callee
    for value in resolver.evaluate(module, scope.parent, ref):
        if value[0] in ("X", "E"):
            name = resolver.catalogue.canonical(str(value[1]))
            resolver.catalogue.use(name)  # what its page says is asked for, also where nobody calls it
            return name
        if value[0] in ("F", "B", "C"):
            return f"{value[1]}:{resolver.spaces[value[1]].facts.scopes[value[2]].qualname}"
    return ""


def list_classes(resolver: Resolver) -> tuple[Class, ...]:
    found = []
    for module in sorted(resolver.spaces):
        space = resolver.spaces[module]
        for number, scope in enumerate(space.facts.scopes):
            if scope.kind != "class":
                continue
            line = [class_name(resolver, v) for v in ancestors(resolver, module, number)[1:]]
            bases = [
                class_name(resolver, v)
                for ref in scope.bases
                for v in resolver.evaluate(module, scope.parent, ref)
                if v[0] in "CX"
            ]
            meta = [
                v for k, ref in scope.keywords if k == "metaclass" for v in resolver.evaluate(module, scope.parent, ref)
            ]
            abstract = is_abstract(resolver, module, number, [*bases, *(str(v[1]) for v in meta if v[0] == "X")])
            found.append(
                Class(
                    f"{module}:{scope.qualname}",
                    space.source.path,
                    scope.line,
                    tuple(bases),
                    tuple(line),
                    abstract,
                    bool(meta),
                )
            )
    return tuple(found)


def class_name(resolver: Resolver, value: Value) -> str:
    if value[0] == "C":
        scopes = resolver.spaces[str(value[1])].facts.scopes
        return f"{value[1]}:{scopes[value[2]].qualname}"
    return str(value[1])


def is_abstract(resolver: Resolver, module: str, number: int, bases: list[str]) -> bool:
    """An abstract base or protocol by its own bases, or one that declares abstract methods."""
    scopes = resolver.spaces[module].facts.scopes
    methods = [s for s in scopes if s.parent == number and s.kind == "function" and s.decorators]
    return any(b in ABSTRACT for b in bases) or any(resolver.has_decorator(s, "abstractmethod") for s in methods)


def dynamic_imports(resolver: Resolver) -> tuple[ImportEdge, ...]:
    """`import_module("literal")` of a module of the program, and what its settings name."""
    found = set()
    for module, space in resolver.spaces.items():
        for call in space.facts.calls:
            if not call.args or not call.args[0].startswith("str:"):
                continue
            target = resolver.index.find(call.args[0][4:], space.source.root)
            if target is not None and is_import(resolver, module, space.facts, call):
                found.add((module, target, call.line))
    edges = {ImportEdge(importer, imported, line, "lazy") for importer, imported, line in found}
    edges |= configured_imports(resolver)
    return tuple(sorted(edges, key=lambda e: (e.importer, e.imported, e.line)))


def operations(spaces: Mapping[str, ModuleSpace], numbers: Numbers, count: int) -> list[int]:
    """Per function the operations in its loops; those of inner loops count twice."""
    found = [0] * count
    for module, space in spaces.items():
        places = {c.loop: c.scope for c in space.facts.contexts if c.loop >= 0}
        for number, loop in enumerate(space.facts.loops):
            if number in places:
                found[numbers[module, space.owner[places[number]]]] += loop.operations * (2 if loop.parent >= 0 else 1)
    return found
