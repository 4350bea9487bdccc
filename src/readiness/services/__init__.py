"""Manifests, start scripts and code -> Services: what is started on its own, what belongs to it, what was rejected.

Reads values only: no file, no process, nothing of the repository is run. Where nothing is deployed, its top-level packages are seams.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from readiness.services.assembly import services_of
from readiness.services.borders import with_borders
from readiness.services.code import code_processes, queue_files, with_dags
from readiness.services.constructs import construct_launches, named_handlers
from readiness.services.families import NO_FAMILIES, Families, families_of
from readiness.services.follow import Ways, follow, unvisited_scripts
from readiness.services.images import is_dockerfile
from readiness.services.launches import Unread, folder_of
from readiness.services.locate import Places
from readiness.services.manifests import images_of, read_manifests, stack_folders
from readiness.services.packaged import managers, named_apps, role_table, setup_scripts
from readiness.services.packages import package_seams
from readiness.services.paste import pasted_apps
from readiness.services.processes import (
    MIN_STRENGTH,
    Process,
    apply_rules,
    join_processes,
    packaged_commands,
    refuse,
    strength_of,
)
from readiness.services.protos import only_declared, read_protos, with_declarations
from readiness.services.queues import queues_of
from readiness.services.replaced import with_replaced
from readiness.services.served import with_served
from readiness.services.slices import slices_of, with_stages
from readiness.services.staying import Ground, ground_of, lasting
from readiness.services.stores import with_data
from readiness.services.subcommands import with_subcommands, without_groups
from readiness.services.tools import without_tools
from readiness.services.wires import with_wires
from readiness.types.config import Config
from readiness.types.facts import Facts
from readiness.types.program import Coupling, Program
from readiness.types.rulebook import Rulebook
from readiness.types.services import Evidence, Rejected, Service, Services
from readiness.types.tree import Tree

CODE_BASE = frozenset({"manage.py", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile"})
MIN_COVERED = 0.2  # of the lines: below, packages are shown as seams, too
PACKAGED = frozenset(
    {"console-script", "sub-command", "stays", "role-table"}
)  # evidence that a package has commands, not that they run
IN_CODE = frozenset({"app-object", "main-guard", "airflow-dag"})
ROLE_ORDER = ("web", "rpc", "worker", "process", "command", "operator", "scheduler", "monitor", "dag")


def find_services(
    tree: Tree, facts: Mapping[str, Facts], program: Program, coupling: Coupling, rulebook: Rulebook, config: Config
) -> Services:
    """All services with their evidence, and what looked like one. `facts` by unique module name."""
    families = families_of(rulebook)
    ground = ground_of(program, facts, families.serves)
    processes, rejected = find_processes(tree, facts, program, config, families, ground)
    queues = queues_of(program, facts, families.habits)
    bases, images = code_bases(tree), images_of(tree.texts)
    found = services_of(processes, program, bases, images, facts, families, tree.texts, queues)
    if not any(is_deployed(one) for one in found) and covered(found, program) < MIN_COVERED:
        found += package_seams(program, frozenset(one.id for one in found))
    names = {service.id: one.names for service, one in zip(found, processes, strict=False)}
    scheduled = frozenset(name for name, kinds in families.distributions.items() if "orchestrator" in kinds)
    declared = read_protos(tree.texts)
    found = only_declared(found, declared) if declared else found
    wired = with_borders(with_wires(with_data(found, program), names, program, tree.texts, scheduled), program)
    wired = with_declarations(wired, declared)
    slices = slices_of(wired, program, families, queues)
    return Services((*with_stages(wired, slices), *slices), rejected, lasting(ground))


def is_deployed(one: Service) -> bool:
    """Whether something beside the code itself says that it runs."""
    return any(row.kind not in PACKAGED | IN_CODE for row in one.evidence)


def covered(found: Sequence[Service], program: Program) -> float:
    """Share of the lines, tests left out, that services have for themselves."""
    own = {module for one in found for module in one.own}
    total = sum(m.lines for m in program.modules if not m.is_test)
    return sum(m.lines for m in program.modules if m.module in own) / total if total else 1.0


def code_bases(tree: Tree) -> frozenset[str]:
    """The folders that are built, installed or managed by themselves."""
    paths = [*(text.path for text in tree.texts), *(source.path for source in tree.sources)]
    return frozenset(folder_of(path) for path in paths if path.rsplit("/", 1)[-1] in CODE_BASE or is_dockerfile(path))


def find_processes(
    tree: Tree, facts: Mapping[str, Facts], program: Program, config: Config, families: Families = NO_FAMILIES,
    ground: Ground | None = None,
) -> tuple[list[Process], tuple[Rejected, ...]]:  # fmt: skip
    """Processes in the order of role, root and name; rejected ones by path and line."""
    launches, unread = read_manifests(tree.texts)
    launches += setup_scripts(tree.sources, facts) + construct_launches(tree.sources, facts, stack_folders(tree.texts))
    launches += named_handlers(tree.sources, facts)
    sources = {source.path: source.module for source in tree.sources}
    scripts = {text.path: text for text in tree.texts if is_shell(text.path, text.text)}
    apps = named_apps(tree.sources, facts) | pasted_apps(tree.texts, sources.values())
    places = Places(sources, {*scripts, *apps})
    commands = {row.name: row for row in launches if row.kind == "console-script"}
    ways = Ways(places, scripts, commands, apps, managers(launches, program), queue_files(program))
    begins = [begin for launch in launches for begin in follow(launch, ways)]
    begins += unvisited_scripts(begins, ways)
    packages = frozenset(folder_of(source.path) for source in tree.sources if source.is_package)
    managing = [row for row in begins if row.launch.kind == "console-script" and row.launch.name in ways.managers]
    found, rejected = join_processes([row for row in begins if row not in managing], packages)
    rejected += [refuse(row, "a framework's own command line, which does one thing and ends") for row in managing]
    ground = ground or ground_of(program, facts, families.serves)
    found, becoming = with_replaced(found, ways, ground)
    found = with_served(with_subcommands(found, packaged_commands(begins, packages), ground), ground)
    found = [role for one in found for role in roles_of(one, sources.get(one.entry, ""), facts)]
    found, boxed = without_groups(found, facts, sources)
    deployed = [
        one for one in found if one.strength >= MIN_STRENGTH and any(row.kind not in PACKAGED for row in one.evidence)
    ]
    packaged = [one for one in found if one not in deployed]
    weak, more = code_processes(program, deployed, packaged, launches, code_bases(tree), families)
    weak = not_loaded(weak, packaged, ground)
    found = with_dags(with_weak(found, weak), code_bases(tree))
    found, tools = without_tools(found, code_bases(tree), PACKAGED | {"app-object", "main-guard"})
    found, left_out = apply_rules(found, config.services, sources)
    rejected += [*more, *becoming, *boxed, *tools, *left_out, *(broken(row) for row in unread)]
    found = [one for one in found if one.strength >= MIN_STRENGTH and one.entry in sources]
    found.sort(key=lambda one: (ROLE_ORDER.index(one.role), one.root, one.name, one.entry, one.part))
    order = sorted(set(rejected), key=lambda row: (row.path, row.line or 0, row.name, row.evidence, row.reason))
    return found, tuple(order)


def not_loaded(code: Sequence[Process], packaged: Sequence[Process], ground: Ground) -> list[Process]:
    """What only code shows, without the applications that a packaged command imports to serve them."""
    modules = {m.path: m.module for m in ground.program.modules}
    staying = [modules.get(one.entry, "") for one in packaged if not one.is_packaged]
    loaded = {name for module in staying for name in ground.imports.get(module, ())}
    return [one for one in code if one.role != "web" or modules.get(one.entry) not in loaded]


def with_weak(found: Sequence[Process], code: Sequence[Process]) -> list[Process]:
    """Manifests' processes and those that code alone shows; what is too weak by itself adds its evidence to the code's."""
    strong = [one for one in found if one.strength >= MIN_STRENGTH]
    known = {one.entry for one in strong}
    hints: dict[str, tuple[Evidence, ...]] = {}
    for one in found:
        if one.strength < MIN_STRENGTH:
            hints[one.entry] = (*hints.get(one.entry, ()), *one.evidence)
    more = []
    for one in code:
        if one.entry not in known:
            rows = (*one.evidence, *hints.get(one.entry, ()))
            more.append(replace(one, evidence=rows, strength=strength_of(rows)))
    return [*strong, *more]


def roles_of(one: Process, module: str, facts: Mapping[str, Facts]) -> list[Process]:
    """A packaged command whose module chooses one of several servers by name is one process per name."""
    is_command = all(row.kind in PACKAGED for row in one.evidence)
    known = role_table(facts[module]) if module in facts and (is_command or one.part) else ()
    begins = {name: f"{module}:{function}" for name, _, function in known}
    if one.part in begins:
        return [replace(one, begins=(begins[one.part],))]
    table = known if is_command and not one.part else ()
    return [
        replace(
            one, name=name, part=name, is_packaged=False, begins=(f"{module}:{function}",),
            evidence=(*one.evidence, Evidence("role-table", one.entry, line, f"{name} is one of {len(table)} that it starts", 0.5)),
        )
        for name, line, function in table
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
