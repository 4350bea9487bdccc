"""Monoliths -> slices: groups of entry points (a route prefix, a task family) that could leave alone. Never one that writes a shared table.

A slice has what only its entries run; a proxy would divert its routes, or a queue its tasks. The app itself stays as it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from readiness.services.archetypes import archetypes_of
from readiness.services.boundaries import followers_of, reached_functions
from readiness.services.families import Families
from readiness.types.program import EntryPoint, Program
from readiness.types.services import STAGES, Evidence, Seam, Service, SharedData

SERVED = frozenset({"http-route", "websocket", "rpc-method", "task", "consumer"})
MIN_ENTRIES = 25  # of a service that is large enough to be cut
MIN_LINES = 5_000
MAX_SHARE = 0.35  # of the functions that the whole service runs
MAX_CROSSING = 60  # functions of the rest that it calls
MIN_OWN = 60  # lines that only it runs
MIN_STAGE = 2  # lines of a stage of a pipeline; one line only hands over
MIN_TOGETHER = 2  # entry points of a slice
MIN_RESOLVERS = 3  # of a slice of a GraphQL schema; one or two fields are no unit
MAX_SLICES = 6  # of one service
GRAPHQL = "graphql"  # family of the libraries whose resolvers are entry points; begins the name of such a group
LAYERS = frozenset(
    [
        "schema",
        "schemas",
        "type",
        "types",
        "query",
        "queries",
        "mutation",
        "mutations",
        "subscription",
        "subscriptions",
        "resolver",
        "resolvers",
    ]
)  # modules of a schema that are called so are parts of the area around them
WORDLESS = re.compile(r"(api|v?\d+|rest|internal|public|app|\{\}|<.*|\{.*|\(.*|\^?)", re.IGNORECASE)
IO = frozenset(
    {"network", "database", "broker", "cache", "subprocess", "sleep"}
)  # a file of its own is no reason to leave
FRAMED = frozenset({"frames", "model", "numeric"})  # what such stages use stays in Python


class Group(Struct, frozen=True):
    """Entry points that belong together, and what they reach."""

    name: str
    entries: tuple[EntryPoint, ...]
    functions: frozenset[int]


def slices_of(
    services: Sequence[Service], program: Program, families: Families, queues: Mapping[str, str] = {}
) -> list[Service]:
    """The slices of all large services and the extractable stages of pipelines, by service and name.

    Entry points that two processes serve (one application behind two servers) are one slice, of the first. `queues`: target of a
    task -> the queue that the code chooses for it.
    """
    followers = followers_of(program)
    found: dict[tuple[str, ...], Service] = {}
    for service in services:
        entries = [e for e in service.entries if e.kind in SERVED and e.function >= 0]
        is_pipeline = "dag" in service.roles
        if not is_pipeline and (len(entries) < MIN_ENTRIES or lines_of(service.functions, program) < MIN_LINES):
            continue
        if is_pipeline:
            names = stage_names(entries, program, followers, families)
        else:
            resolvers = [e for e in entries if GRAPHQL in families.distributions.get(e.framework, ())]
            names = group_names([e for e in entries if e not in resolvers], queues) | resolver_names(resolvers)
        groups = [
            Group(name, tuple(rows), frozenset(reached_functions(program, [e.function for e in rows], followers)))
            for name, rows in sorted(names.items())
        ]
        for one in cut_out(service, groups, services, program, followers):
            found.setdefault(tuple(sorted(entry.target for entry in one.entries)), one)
    return list(found.values())


def with_stages(services: Sequence[Service], slices: Sequence[Service]) -> list[Service]:
    """Pipelines with the names of their stages that could be tasks of their own, in the ledger; all others as they are."""
    stages: dict[str, list[str]] = {}
    for one in slices:
        stages.setdefault(one.id.partition(": stage ")[0], []).append(one.name.removeprefix("stage "))
    return [
        replace(one, operations=(*one.operations, (STAGES, ", ".join(stages.get(one.id, ())) or "none")))
        if "dag" in one.roles and one.kind == "deployable"
        else one
        for one in services
    ]


def group_names(entries: Iterable[EntryPoint], queues: Mapping[str, str]) -> dict[str, list[EntryPoint]]:
    """Routes by their first telling step, tasks by the queue that is chosen for them, everything else by the module that handles it."""
    found: dict[str, list[EntryPoint]] = {}
    for entry in entries:
        steps = (
            [s.strip("^$?\\") for s in entry.detail.split("/")]
            if entry.kind == "http-route" and "/" in entry.detail
            else []
        )
        word = next((step for step in steps if step and not WORDLESS.fullmatch(step)), "")
        module = entry.target.partition(":")[0].split("@")[0]
        queue = queues.get(entry.target, "")
        name = (
            f"/{word}"
            if word
            else f"queue {queue}"
            if queue
            else ("tasks of " if entry.kind in ("task", "consumer") else "") + module
        )
        found.setdefault(name, []).append(entry)
    return found


def resolver_names(entries: Iterable[EntryPoint]) -> dict[str, list[EntryPoint]]:
    """Resolvers of a schema by the area of their module, by their type where the whole schema is one area."""
    areas: dict[str, list[EntryPoint]] = {}
    types: dict[str, list[EntryPoint]] = {}
    for entry in entries:
        module, _, name = entry.target.partition(":")
        steps = module.split("@")[0].split(".")
        inner = next((at for at, step in enumerate(steps) if at and step in LAYERS), len(steps))
        areas.setdefault(f"{GRAPHQL} {'.'.join(steps[:inner])}", []).append(entry)
        types.setdefault(f"{GRAPHQL} {module}.{name.rpartition('.')[0] or name}", []).append(entry)
    return areas if len(areas) > 1 else types


def stage_names(
    entries: Iterable[EntryPoint], program: Program, followers: Mapping[int, Sequence[int]], families: Families
) -> dict[str, list[EntryPoint]]:
    """Stages of a pipeline by the module that does them, where no data frame or model is on the way; all others together."""
    frames = {row.importer for row in program.imports_external if FRAMED & families.of(row.name)}
    found: dict[str, list[EntryPoint]] = {}
    for entry in entries:
        reached = reached_functions(program, [entry.function], followers)
        is_framed = any(program.functions[number].module in frames for number in reached)
        module = entry.target.partition(":")[0].split("@")[0]
        found.setdefault("frames" if is_framed else f"stage {module}", []).append(entry)
    return found


def cut_out(
    service: Service, groups: Sequence[Group], services: Sequence[Service], program: Program,
    followers: Mapping[int, Sequence[int]],
) -> list[Service]:  # fmt: skip
    """The groups of one service that could leave, the most worth it first; none where the service is one group."""
    users: dict[int, int] = {}
    for group in groups:
        for number in group.functions:
            users[number] = users.get(number, 0) + 1
    shared = shared_classes(groups, program)
    touched, written = tables_of(program)
    others = used_elsewhere(service, services, touched)
    found: list[tuple[tuple[int, int, str], Service]] = []
    for group in groups if len(groups) > 1 else ():
        if not is_small(service, group, len(users)):
            continue
        rest = frozenset(n for other in groups if other is not group for n in other.functions - group.functions)
        used = others | {t for n in rest for t in touched.get(n, ())}
        own = frozenset(n for n in group.functions if users[n] == 1 and program.functions[n].owner not in shared)
        crossing = sorted({n for caller in own for n in followers.get(caller, ()) if n not in own})
        lines = lines_of(own, program)
        if used & {t for n in group.functions for t in written.get(n, ())} or len(crossing) > MAX_CROSSING:
            continue
        if not does_io(group, program) or lines < (MIN_OWN if "dag" not in service.roles else MIN_STAGE):
            continue
        waits = sum(bool({"network", "broker"} & set(program.effects[n].direct)) for n in own)
        found.append(((-waits, len(crossing), group.name), slice_row(service, group, own, crossing, lines, program)))
    return [row for _, row in sorted(found, key=lambda pair: pair[0])][:MAX_SLICES]


def shared_classes(groups: Sequence[Group], program: Program) -> set[str | None]:
    """Classes of which two groups run methods: none of their methods leaves with one of them."""
    users: dict[str, set[str]] = {}
    for group in groups:
        for number in group.functions:
            if (owner := program.functions[number].owner) is not None:
                users.setdefault(owner, set()).add(group.name)
    return {owner for owner, names in users.items() if len(names) > 1}


def used_elsewhere(service: Service, services: Sequence[Service], touched: Mapping[int, set[str]]) -> set[str]:
    """Tables of other services. Of one that serves the same entry points, behind another server, only what it runs beside them."""
    served = {entry.target for entry in service.entries if entry.kind in SERVED}
    names: set[str] = set()
    for one in services:
        if one.id == service.id:
            continue
        if served.isdisjoint(entry.target for entry in one.entries):
            names |= {row.name for row in one.data if row.kind == "table"}
        else:
            names |= {
                name for number in set(one.functions) - set(service.functions) for name in touched.get(number, ())
            }
    return names


def is_small(service: Service, group: Group, count: int) -> bool:
    """Whether a group is several entry points and a part of the service's `count` functions; of a pipeline, no stage with frames."""
    if "dag" in service.roles:
        return group.name != "frames"
    if group.name.startswith(f"{GRAPHQL} ") and len({e.target for e in group.entries}) < MIN_RESOLVERS:
        return False
    is_alone = len(group.entries) < MIN_TOGETHER and group.entries[0].kind == "http-route"
    return not is_alone and len(group.functions) <= MAX_SHARE * count


def does_io(group: Group, program: Program) -> bool:
    return any(IO & set(program.effects[number].direct) for number in group.functions if number < len(program.effects))


def lines_of(own: Iterable[int], program: Program) -> int:
    """Lines of functions; a module's own code is nobody's."""
    rows = [program.functions[number] for number in own]
    return sum(row.end_line - row.line + 1 for row in rows if row.qualname != "<module>")


def tables_of(program: Program) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """Function -> tables that it touches, and those that it writes."""
    touched: dict[int, set[str]] = {}
    written: dict[int, set[str]] = {}
    for use in program.data:
        if use.kind == "table" and use.access != "declare":
            touched.setdefault(use.function, set()).add(use.name)
            if use.access == "write":
                written.setdefault(use.function, set()).add(use.name)
    return touched, written


def slice_row(
    service: Service, group: Group, own: frozenset[int], crossing: Sequence[int], lines: int, program: Program
) -> Service:
    by_module: dict[str, list[int]] = {}
    for number in sorted(group.functions):
        by_module.setdefault(program.functions[number].module, []).append(number)
    whole: dict[str, set[int]] = {m: set() for m in by_module}
    for n, f in enumerate(program.functions):
        if f.module in whole and f.qualname != "<module>":
            whole[f.module].add(n)
    mine = tuple(
        sorted(m for m, rows in by_module.items() if whole[m] & own and len(whole[m] & own) * 2 > len(whole[m]))
    )
    data = data_of(group, service, program)
    first = min(group.entries, key=lambda e: (e.path, e.line))
    writes = sorted(row.name for row in data if row.kind == "table" and row.writes)
    what = f"writes only {', '.join(writes[:4])}" if writes else "read-only"
    if not group.functions.isdisjoint(program.blind_writes):  # then nobody can say that nobody else has the table
        what = f"writes {', '.join([*writes[:4], 'tables of classes that are told at run time'])}"
    detail = f"{len(group.entries)} entry points of {service.id}: {len(own)} functions of its own, calls {len(crossing)} others; {what}"
    effects = [program.effects[number] for number in sorted(group.functions)]
    kinds = archetypes_of("process", group.entries, (), effects, False)
    return Service(
        id=f"{service.id}{group.name}" if group.name.startswith("/") else f"{service.id}: {group.name}", name=group.name, root=service.root,
        kind="slice", archetype=kinds[0], archetypes=kinds, roles=service.roles,
        evidence=(Evidence("slice", first.path, first.line, detail, 0.5),), strength=0.5, entries=group.entries,
        functions=tuple(sorted(group.functions)), own=mine, shared=tuple(sorted(set(by_module) - set(mine))), lines=lines,
        judged=service.judged, seams=api_of(own, crossing, program), data=data, replicas=service.replicas,
        alone=tuple(sorted(own)),
    )  # fmt: skip


def data_of(group: Group, service: Service, program: Program) -> tuple[SharedData, ...]:
    """What the group reads and writes; `also` says that the rest of the service, or others, touch it too."""
    counts: dict[tuple[str, str], list[int]] = {}
    outside: set[tuple[str, str]] = set()
    rest = set(service.functions) - group.functions
    for use in program.data:
        if use.access != "declare" and use.function in group.functions:
            counts.setdefault((use.kind, use.name), [0, 0])[use.access == "write"] += 1
        elif use.function in rest:
            outside.add((use.kind, use.name))
    known = {(row.kind, row.name): row for row in service.data}
    rows = []
    for store, (reads, writes) in sorted(counts.items()):
        also = {*known[store].also} if store in known else set()
        also |= {service.id} if store in outside else set()
        rows.append(
            SharedData(known[store].store if store in known else "", *store, reads, writes, tuple(sorted(also)))
        )
    return tuple(rows)


def api_of(own: frozenset[int], crossing: Sequence[int], program: Program) -> tuple[Seam, ...]:
    """The functions of the rest that the slice calls: each would become part of an API."""
    sites: dict[int, tuple[int, int]] = {}
    wanted = set(crossing)
    for edge in program.calls:
        if edge.caller in own and edge.callee in wanted:
            sites[edge.callee] = min(sites.get(edge.callee, (edge.caller, edge.line)), (edge.caller, edge.line))
    rows = []
    for callee, (caller, line) in sites.items():
        row, home = program.functions[callee], program.functions[caller]
        rows.append(Seam(home.module, row.module, line, f"calls {row.target}: part of the API between them"))
    return tuple(sorted(rows, key=lambda s: (s.importer, s.imported, s.line, s.reason)))
