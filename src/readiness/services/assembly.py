"""Processes + Program -> Services: what each reaches, has for itself and shares, where work comes in, what kind of process it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from readiness.reached import reached
from readiness.services.archetypes import archetypes_of
from readiness.services.boundaries import (
    Boundary,
    draw_boundaries,
    followers_of,
    imports_of,
    reached_functions,
    reaches_of,
    with_named,
)
from readiness.services.families import Families
from readiness.services.habits import habit_rows
from readiness.services.images import Image
from readiness.services.launches import base_of, folder_of
from readiness.services.ledger import ledger
from readiness.services.locked import Lock, lock_rows, locks_of
from readiness.services.processes import Process, entry_point
from readiness.types.facts import Facts
from readiness.types.program import EntryPoint, Module, Program
from readiness.types.services import Service
from readiness.types.tree import Text

ROLE_ENTRIES = {
    "web": frozenset({"http-route", "websocket", "rpc-method"}),
    "worker": frozenset({"task", "consumer"}),
    "scheduler": frozenset({"schedule"}),
    "command": frozenset({"consumer", "schedule"}),
    "monitor": frozenset[str](),
}
DJANGO_ENTRY = re.compile(r"/[aw]sgi(/__init__)?\.py$|(^|/)manage\.py$")
MIGRATED = re.compile(r"(^|/)migrations/")  # tasks that move data once, when a version is installed
LASTING = frozenset({"web", "worker", "scheduler", "monitor"})
IMPORTS = "imports"  # tag of what imports the module that its first argument names
MATERIAL = 0.1  # share of the modules that run


def services_of(
    processes: Sequence[Process],
    program: Program,
    markers: frozenset[str],
    images: Mapping[str, Image],
    facts: Mapping[str, Facts],
    families: Families,
    texts: Sequence[Text] = (),
    queues: Mapping[str, str] = MappingProxyType({}),
) -> list[Service]:
    """Each process with its boundary, entries and archetype.

    `markers`: folders that hold a code base of their own; `images`: Dockerfiles by path; `facts` by unique module name; `texts`
    of the repository, for lock files; `queues`: target of a task -> its queue.
    """
    locks, read = locks_of(texts), dict[str, Lock]()
    by_path = {module.path: module for module in program.modules}
    ids = unique_ids(processes)
    loaders = {program.functions[e.caller].path for e in program.calls if e.external in families.projects}
    seeds = [
        (ids[n], unit_of(one, markers), seed_modules(one, program, by_path, markers, loaders))
        for n, one in enumerate(processes)
    ]
    begins = [begins_of(one, program) for one in processes]
    reaches = reaches_of(program, seeds, begins)
    entries, reached = runs_of(processes, reaches, by_path, program, queues)
    wide = with_named(program, frozenset().union(*reaches))
    if wide is not program:
        importing, named = importing_functions(program, facts), reaches_of(wide, seeds, begins)
        does = [loads_by_text(one, reaches[n], reached[n], importing, program) for n, one in enumerate(processes)]
        program, reaches = wide, [named[n] if does[n] else reach for n, reach in enumerate(reaches)]
        entries, reached = runs_of(processes, reaches, by_path, program, queues)
    executed = [frozenset(program.functions[number].module for number in row) for row in reached]
    boundaries = draw_boundaries(program, seeds, reaches, executed)
    traits = traits_of(program, families)
    found = []
    for n, one in enumerate(processes):
        row = service(ids[n], one, boundaries[n], entries[n], reached[n], traits, program)
        rows = ledger(one, images) | lock_rows(one.entry, locks, read)
        if one.kind in families.habits:
            reach = frozenset(boundaries[n].reach)
            modules = [m for m in program.modules if m.module in reach]
            rows |= habit_rows(modules, facts, program, families.habits[one.kind])
        found.append(replace(row, operations=tuple(rows.items())))
    return found


def loads_by_text(
    one: Process, reach: frozenset[str], run: Sequence[int], importing: frozenset[int], program: Program
) -> bool:  # fmt: skip
    """Whether a process imports what something else than a literal names: it runs such a function, or it stays and loads one, for what
    a framework's objects do later is not always followed. A command that ends has been followed to its end."""
    if importing.intersection(run):
        return True
    is_lasting = one.role in LASTING or any(row.kind == "stays" for row in one.evidence)
    return is_lasting and any(program.functions[i].module in reach for i in importing)


def importing_functions(program: Program, facts: Mapping[str, Facts]) -> frozenset[int]:
    """The functions that import what something else than a literal names."""
    found = set()
    for edge in program.calls:
        if edge.api >= 0 and edge.call >= 0 and IMPORTS in program.apis[edge.api].tags:
            call = facts[program.functions[edge.caller].module].calls[edge.call]
            if call.args and not call.args[0].startswith("str:"):
                found.add(edge.caller)
    return frozenset(found)


def runs_of(
    processes: Sequence[Process],
    reaches: Sequence[frozenset[str]],
    by_path: Mapping[str, Module],
    program: Program,
    queues: Mapping[str, str],
) -> tuple[list[tuple[EntryPoint, ...]], list[tuple[int, ...]]]:
    """Per process its entry points, its own beginning first, and the functions that they reach."""
    numbers = {(f.module, f.qualname): number for number, f in enumerate(program.functions)}
    followers = followers_of(program)
    entries, runs = [], []
    imports = imports_of(program)
    loaded = frozenset[str]().union(*reaches)
    homes = [by_path[one.entry].module if one.entry in by_path else one.entry for one in processes]
    # who calls what such a module overrides has loaded it, by its name; where a process begins is its own
    named = {module.module for module in program.modules} - {name for names in imports.values() for name in names}
    named -= set(homes)
    theirs = [entries_of(one, reach, program, queues) for one, reach in zip(processes, reaches, strict=True)]
    # route -> the modules in which web servers begin that have it; task -> "", for who sends it imports the queue, too
    served: dict[str, set[str]] = {}
    for one, home, rows in zip(processes, homes, theirs, strict=True):
        for row in rows if one.role in ("web", "worker") else ():
            served.setdefault(row.target, set()).add(home if one.role == "web" else "")
    for one, home, reach, more in zip(processes, homes, reaches, theirs, strict=True):
        own_entry = entry_point(one, home, program, numbers)
        # who only imports the handlers of another process's routes, and not what serves them, does not serve them
        kept = [row for row in more if one.role != "process" or is_served(row, served, reach)]
        run = (own_entry, *kept)
        entries.append(run)
        # a method that subclasses override leads to all of them: those that only other processes load do not run here
        begin = [row.function for row in run]
        found = reached_functions(program, begin, followers, loaded - reach - named)
        by_name: set[str] = named.intersection(program.functions[number].module for number in found) - reach
        if by_name:
            also = reached(by_name, imports)
            found = reached_functions(program, begin, followers, loaded - reach - also)
        runs.append(found)
    return entries, runs


def is_served(row: EntryPoint, served: Mapping[str, set[str]], reach: frozenset[str]) -> bool:
    """Whether a process that loads `reach` can serve an entry point: nobody else does, or it loads who does."""
    return row.target not in served or not reach.isdisjoint(served[row.target])


def material_families(reached: Sequence[int], program: Program, traits: Traits) -> frozenset[str]:
    """Families that at least a tenth of the modules import of which an entry runs code: one task that uses torch is no model server."""
    modules = {program.functions[number].module for number in reached}
    counts: dict[str, int] = {}
    for module in modules:
        for name in traits.families.get(module, ()):
            counts[name] = counts.get(name, 0) + 1
    return frozenset(name for name, count in counts.items() if count >= MATERIAL * len(modules))


def begins_of(one: Process, program: Program) -> tuple[str, tuple[tuple[int, int], ...]]:
    """(module, line ranges) of the functions in which a sub-command begins: lazy imports elsewhere in its file are not its own."""
    found = [f for f in program.functions if f.target in one.begins] if one.begins else []
    return (found[0].module, tuple((f.line, f.end_line) for f in found)) if found else ("", ())


class Traits(Struct, frozen=True):
    """What archetypes are told by, per module."""

    families: Mapping[str, frozenset[str]]  # what its outside imports are for
    admins: Mapping[str, int]  # classes that put a model into an admin site
    models: Mapping[str, int]  # tables that are declared


def traits_of(program: Program, families: Families) -> Traits:
    found: dict[str, set[str]] = {}
    for row in program.imports_external:
        found.setdefault(row.importer, set()).update(families.of(row.name))
    admins: dict[str, int] = {}
    for cls in program.classes:
        if families.admins & set(cls.ancestors):
            module = cls.target.partition(":")[0]
            admins[module] = admins.get(module, 0) + 1
    models: dict[str, int] = {}
    for use in program.data:
        if use.access == "declare":
            module = program.functions[use.function].module
            models[module] = models.get(module, 0) + 1
    return Traits({name: frozenset(words) for name, words in found.items()}, admins, models)


def unique_ids(processes: Sequence[Process]) -> list[str]:
    """The name; with the root, then the role and a number, where several have it."""
    found: list[str] = []
    for one in processes:
        for name in (one.name, f"{one.name}@{one.root}", f"{one.name}-{one.role}@{one.root}"):
            if name not in found:
                break
        number, base = 2, name
        while name in found:
            name, number = f"{base}-{number}", number + 1
        found.append(name)
    return found


def unit_of(one: Process, markers: frozenset[str]) -> str:
    """The code base of a process: the nearest folder above its entry that is built or installed by itself, else its root."""
    folder = base_of(one.entry, markers)
    return folder if folder in markers else one.root


def seed_modules(
    one: Process, program: Program, by_path: Mapping[str, Module], markers: frozenset[str], loaders: Collection[str]
) -> tuple[str, ...]:
    """Where a process begins. Django and Celery load modules by name, so their project's modules are added."""
    begins = [one.entry, *one.loads, *(row.path for row in one.evidence if one.role == "dag")]
    seeds = {by_path[path].module for path in begins if path in by_path}
    # handlers that hang on an application object of these modules are loaded with it, whoever imports them
    seeds |= {e.target.partition(":")[0] for e in program.entries if e.app.partition(":")[0] in seeds}
    folder = project_folder(one, by_path, markers, loaders)
    if folder is not None:
        inside = [m for m in program.modules if not m.is_test and (not folder or m.path.startswith(folder + "/"))]
        inside = [m for m in inside if not is_elsewhere(m.path, folder, one.entry, markers)]
        if one.kind == "celery":
            tasks = {entry.path for entry in program.entries if entry.kind == "task"}
            seeds |= {m.module for m in inside if m.path in tasks}
        else:
            seeds |= {
                m.module
                for m in inside
                if not re.search(r"(^|/)(migrations|management/commands)/|(^|/)setup\.py$", m.path)
            }
    return tuple(sorted(seeds))


def is_elsewhere(path: str, folder: str, entry: str, markers: frozenset[str]) -> bool:
    """Whether a file below a project's folder belongs to another code base: one with manifests of its own, apart from the entry."""
    at = folder_of(path)
    while at != folder and at:
        if at in markers and not entry.startswith(at + "/"):
            return True
        at = folder_of(at)
    return False


def project_folder(
    one: Process, by_path: Mapping[str, Module], markers: frozenset[str], loaders: Collection[str]
) -> str | None:
    """The folder whose modules are loaded by name: that of manage.py, or above a Celery app's package. `loaders`: files that do so."""
    folder = folder_of(one.entry)
    above = [folder]
    while above[-1]:
        above.append(folder_of(above[-1]))
    is_django = one.entry in loaders or bool(DJANGO_ENTRY.search(one.entry))
    if is_django or one.kind == "celery":
        managed = next((place for place in above if f"{place}/manage.py".lstrip("/") in by_path), None)
        if managed is not None or one.kind != "celery":
            return managed
        unit = unit_of(one, markers)
        return unit if unit in markers else folder_of(one.root)
    return None


def entries_of(one: Process, reach: frozenset[str], program: Program, queues: Mapping[str, str]) -> list[EntryPoint]:
    """The entry points of the modules that a process reaches, those of its role and of its queues only."""
    wanted = ROLE_ENTRIES.get(one.role)
    return [
        entry
        for entry in program.entries
        if entry.target.split(":")[0] in reach
        and (entry.kind in wanted if wanted is not None else entry.kind not in ("main", "cli"))
        and not (entry.path == one.entry and entry.kind == "main")
        and not (entry.kind == "task" and MIGRATED.search(entry.path))
        and not (one.queues and queues.get(entry.target, one.queues[0]) not in one.queues)
    ]


def service(
    name: str,
    one: Process,
    boundary: Boundary,
    entries: tuple[EntryPoint, ...],
    reached: tuple[int, ...],
    traits: Traits,
    program: Program,
) -> Service:
    own = set(boundary.own)
    modules = [module for module in program.modules if module.module in own]
    lines = sum(module.lines for module in modules)
    families = material_families(reached, program, traits)
    edited, tables = (sum(row.get(module, 0) for module in boundary.own) for row in (traits.admins, traits.models))
    effects = [program.effects[number] for number in reached if number < len(program.effects)]
    kinds = archetypes_of(one.role, entries, families, effects, one.is_packaged, edited / tables if tables else 0.0)
    return Service(
        id=name, name=one.name, root=one.root, kind="deployable", archetype=one.archetype or kinds[0], archetypes=kinds,
        roles=(one.role,), evidence=one.evidence, strength=one.strength, entries=entries, functions=reached,
        own=boundary.own, shared=boundary.shared, lines=lines,
        judged=round(sum(m.lines for m in modules if m.is_judged) / lines, 4) if lines else 1.0,
        seams=boundary.seams, replicas=one.replicas, workers=one.workers, command=one.command, cut=boundary.cut,
    )  # fmt: skip
