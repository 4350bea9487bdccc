"""Manifests, start scripts and code -> Services: what is started on its own, what belongs to it, what was rejected.

Reads values only: no file, no process, nothing of the repository is run. Where nothing is deployed, its top-level packages are seams.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from readiness.services.archetypes import archetypes_of
from readiness.services.boundaries import Boundary, draw_boundaries, reached_functions
from readiness.services.follow import Ways, follow, unvisited_scripts
from readiness.services.launches import Unread, folder_of
from readiness.services.locate import Places
from readiness.services.manifests import read_manifests
from readiness.services.packaged import role_table, setup_scripts
from readiness.services.processes import (
    ASIDE,
    MIN_STRENGTH,
    Process,
    apply_rules,
    code_processes,
    entry_point,
    join_processes,
)
from readiness.types.config import Config
from readiness.types.facts import Facts
from readiness.types.program import Coupling, EntryPoint, Module, Program
from readiness.types.rulebook import Rulebook
from readiness.types.services import Evidence, Rejected, Service, Services
from readiness.types.tree import Tree

ROLE_ORDER = ("web", "rpc", "worker", "process", "command", "scheduler", "monitor", "dag")
ROLE_ENTRIES = {
    "web": frozenset({"http-route", "websocket", "rpc-method"}),
    "worker": frozenset({"task", "consumer"}),
    "scheduler": frozenset({"schedule"}),
    "monitor": frozenset[str](),
}
MAX_SEAMS_LISTED = 60  # of packages, where nothing is deployed


def find_services(
    tree: Tree, facts: Mapping[str, Facts], program: Program, coupling: Coupling, rulebook: Rulebook, config: Config
) -> Services:
    """All services with their evidence, and what looked like one. `facts` by unique module name."""
    processes, rejected = find_processes(tree, facts, program, config)
    if not processes:
        return Services(package_seams(program), rejected)
    return Services(tuple(services_of(processes, program)), rejected)


def find_processes(
    tree: Tree, facts: Mapping[str, Facts], program: Program, config: Config
) -> tuple[list[Process], tuple[Rejected, ...]]:
    """Processes in the order of role, root and name; rejected ones by path and line."""
    launches, unread = read_manifests(tree.texts)
    launches += setup_scripts(tree.sources, facts)
    sources = {source.path: source.module for source in tree.sources}
    scripts = {text.path: text for text in tree.texts if is_shell(text.path, text.text)}
    places = Places(sources, scripts)
    ways = Ways(places, scripts, {row.name: row for row in launches if row.kind == "console-script"})
    begins = [begin for launch in launches for begin in follow(launch, ways)]
    begins += unvisited_scripts(begins, ways)
    packages = frozenset(folder_of(source.path) for source in tree.sources if source.is_package)
    found, rejected = join_processes(begins, packages)
    found = [role for one in found for role in roles_of(one, facts.get(sources.get(one.entry, "")))]
    deployed = [one for one in found if not one.is_packaged]
    weak, more = code_processes(program, deployed, packages)
    known = {one.entry for one in found}
    found += [one for one in weak if one.entry not in known]
    found, left_out = apply_rules(found, config.services, sources)
    rejected += [*more, *left_out, *(broken(row) for row in unread)]
    found = [one for one in found if one.strength >= MIN_STRENGTH and one.entry in sources]
    found.sort(key=lambda one: (ROLE_ORDER.index(one.role), one.root, one.name, one.entry, one.part))
    order = sorted(set(rejected), key=lambda row: (row.path, row.line or 0, row.name, row.evidence, row.reason))
    return found, tuple(order)


def roles_of(one: Process, facts: Facts | None) -> list[Process]:
    """A packaged command whose module chooses one of several servers by name is one process per name."""
    table = role_table(facts) if facts is not None and one.is_packaged and not one.part else ()
    return [
        replace(
            one, name=name, part=name, is_packaged=False,
            evidence=(*one.evidence, Evidence("role-table", one.entry, line, f"{name} is one of {len(table)} that it starts", 0.5)),
        )
        for name, line in table
    ] or [one]  # fmt: skip


def is_shell(path: str, text: str) -> bool:
    """A shell script by its first line or its name."""
    first = text[:100].split("\n", 1)[0]
    return bool(re.match(r"#!.*\b(sh|bash|dash|ash|zsh|execlineb|with-contenv)\b", first)) or path.endswith(
        (".sh", ".bash")
    )


def broken(row: Unread) -> Rejected:
    name = row.path.rsplit("/", 1)[-1]
    return Rejected(name, row.path, row.line, row.kind, f"could not be read: {row.reason}", "")


def services_of(processes: Sequence[Process], program: Program) -> list[Service]:
    """Each process with its boundary, entries and archetype."""
    by_path = {module.path: module for module in program.modules}
    numbers = {(f.module, f.qualname): number for number, f in enumerate(program.functions)}
    ids = unique_ids(processes)
    seeds = [(ids[n], unit_of(one), seed_modules(one, program, by_path)) for n, one in enumerate(processes)]
    boundaries = draw_boundaries(program, seeds)
    followers: dict[int, list[int]] = {}
    for edge in program.calls:
        if edge.callee >= 0:
            followers.setdefault(edge.caller, []).append(edge.callee)
    imports: dict[str, set[str]] = {}
    for row in program.imports_external:
        imports.setdefault(row.importer, set()).add(row.name.split(".")[0])
    found = []
    for number, one in enumerate(processes):
        own_entry = entry_point(one, by_path[one.entry].module if one.entry in by_path else one.entry, numbers)
        entries = (own_entry, *entries_of(one, boundaries[number], program))
        reached = reached_functions(program, [entry.function for entry in entries], followers)
        found.append(service(ids[number], one, boundaries[number], entries, reached, imports, program))
    return found


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


def unit_of(one: Process) -> str:
    """The code base of a process: the folder above its package, or its root."""
    return one.root


def seed_modules(one: Process, program: Program, by_path: Mapping[str, Module]) -> tuple[str, ...]:
    """Where a process begins. Django and Celery load modules by name, so their project's modules are added."""
    begins = [row.path for row in one.evidence if one.role == "dag"] or [one.entry]
    seeds = {by_path[path].module for path in begins if path in by_path}
    folder = project_folder(one, by_path)
    if folder is not None:
        inside = [m for m in program.modules if not m.is_test and (not folder or m.path.startswith(folder + "/"))]
        if one.kind == "celery":
            tasks = {entry.path for entry in program.entries if entry.kind in ("task", "consumer")}
            seeds |= {m.module for m in inside if m.path in tasks}
        else:
            seeds |= {
                m.module
                for m in inside
                if not re.search(r"(^|/)(migrations|management/commands)/|(^|/)setup\.py$", m.path)
            }
    return tuple(sorted(seeds))


def project_folder(one: Process, by_path: Mapping[str, Module]) -> str | None:
    """The folder whose modules are loaded by name: that of manage.py, or above a Celery app's package."""
    folder = folder_of(one.entry)
    above = [folder]
    while above[-1]:
        above.append(folder_of(above[-1]))
    is_django = one.entry.endswith(("/wsgi.py", "/asgi.py", "manage.py"))
    if is_django or one.kind == "celery":
        managed = next((place for place in above if f"{place}/manage.py".lstrip("/") in by_path), None)
        return managed if managed is not None or one.kind != "celery" else folder_of(one.root)
    return None


def entries_of(one: Process, boundary: Boundary, program: Program) -> list[EntryPoint]:
    """The entry points of the modules that a process reaches, those of its role only."""
    reach, wanted = set(boundary.reach), ROLE_ENTRIES.get(one.role)
    return [
        entry
        for entry in program.entries
        if entry.target.split(":")[0] in reach
        and (entry.kind in wanted if wanted is not None else entry.kind not in ("main", "cli"))
        and not (entry.path == one.entry and entry.kind == "main")
    ]


def service(
    name: str,
    one: Process,
    boundary: Boundary,
    entries: tuple[EntryPoint, ...],
    reached: tuple[int, ...],
    imports: Mapping[str, set[str]],
    program: Program,
) -> Service:
    own = set(boundary.own)
    modules = [module for module in program.modules if module.module in own]
    lines = sum(module.lines for module in modules)
    names = {found for module in boundary.reach for found in imports.get(module, ())}
    effects = [program.effects[number] for number in reached if number < len(program.effects)]
    kinds = archetypes_of(one.role, entries, names, effects, one.is_packaged)
    return Service(
        id=name, name=one.name, root=one.root, kind="deployable", archetype=one.archetype or kinds[0], archetypes=kinds,
        roles=(one.role,), evidence=one.evidence, strength=one.strength, entries=entries, functions=reached,
        own=boundary.own, shared=boundary.shared, lines=lines,
        judged=round(sum(m.lines for m in modules if m.is_judged) / lines, 4) if lines else 1.0,
        seams=boundary.seams, replicas=one.replicas, workers=one.workers, command=one.command, cut=boundary.cut,
        unparsed=tuple(sorted(module.path for module in modules if not module.is_judged)),
    )  # fmt: skip


def package_seams(program: Program) -> tuple[Service, ...]:
    """Top-level packages, where nothing is started: each a seam that could be cut out."""
    groups: dict[str, list[Module]] = {}
    for module in program.modules:
        if not module.is_test and not ASIDE.search(module.path) and module.path.rsplit("/", 1)[-1] != "setup.py":
            groups.setdefault(module.module.split("@")[0].split(".")[0], []).append(module)
    largest = sorted(groups, key=lambda name: (-sum(m.lines for m in groups[name]), name))[:MAX_SEAMS_LISTED]
    names = sorted(largest)
    boundaries = draw_boundaries(program, [(name, name, tuple(m.module for m in groups[name])) for name in names])
    found = []
    for name, boundary in zip(names, boundaries, strict=True):
        modules = groups[name]
        inside = {module.module for module in modules}
        lines = sum(module.lines for module in modules)
        top = min(modules, key=lambda m: (m.path.count("/"), not m.is_package, m.path))
        functions = tuple(n for n, f in enumerate(program.functions) if f.module in inside)
        found.append(Service(
            id=name, name=name, root=folder_of(top.path) or ".", kind="seam", archetype="library", archetypes=("library",), roles=(),
            evidence=(Evidence("package", top.path, 1, "a top-level package; nothing starts it", 0.1),), strength=0.1,
            entries=tuple(e for e in program.entries if e.target.split(":")[0] in inside), functions=functions,
            own=tuple(sorted(inside)), shared=tuple(sorted(set(boundary.reach) - inside)), lines=lines,
            judged=round(sum(m.lines for m in modules if m.is_judged) / lines, 4) if lines else 1.0,
            seams=boundary.seams, cut=boundary.cut, unparsed=tuple(sorted(m.path for m in modules if not m.is_judged)),
        ))  # fmt: skip
    return tuple(found)
