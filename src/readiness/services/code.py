"""App objects, main guards and DAGs in code -> processes that no manifest starts; what is too weak is rejected with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from readiness.services.families import Families
from readiness.services.launches import Launch, base_of, folder_of
from readiness.services.processes import ASIDE, MIN_STRENGTH, Process, correction, strength_of
from readiness.types.program import AppObject, EntryPoint, Program
from readiness.types.services import Evidence, Rejected

SERVES = ("http-route", "websocket", "rpc-method", "task", "consumer")
FACTORY = re.compile(
    r"(create|make|build|get|init|new)_?(\w+_)?(app|application|server)|(app|application|server)(_factory)?|main|serve|run\w*"
)
DAG_FOLDERS = frozenset({"dags", "dag", "workflows", "flows", "airflow", "src"})


def code_processes(
    program: Program,
    known: Sequence[Process],
    packaged: Sequence[Process],
    launches: Sequence[Launch],
    markers: frozenset[str],
    families: Families,
) -> tuple[list[Process], list[Rejected]]:
    """App objects and main guards are services only where no manifest starts anything; DAGs are what their platform starts.

    `known`: what manifests start; `packaged`: what only packaged commands start; `markers`: folders that hold a code base of their own.
    """
    tests = {m.path for m in program.modules if m.is_test}
    dags = dag_processes(program, tests, launches, markers, families)
    entries = {p.entry for p in known} | {row.path for one in dags for row in one.evidence}
    guards = {e.path: e for e in program.entries if e.kind == "main"}
    serving = {e.path: e for e in program.entries if e.kind in SERVES}
    apps = {
        a.path: a for a in sorted(program.apps, key=lambda a: (a.path, app_strength(a), -a.line)) if a.kind != "router"
    }
    commanded = {p.entry.split("/")[0] for p in packaged if "/" in p.entry}
    found: list[Process] = []
    rejected: list[Rejected] = []
    unserved = queues_without_worker(program, known, apps, markers)
    for path in sorted({*apps, *guards} - entries):
        rows = evidence_of(apps.get(path), guards.get(path), path in serving)
        reason = refusal(path, path in tests, bool(known) and path not in unserved, rows)
        if not reason and path.split("/")[0] in commanded and max(row.strength for row in rows) < 0.6:
            reason = "a part of a package that is started by its command"
        name = folder_of(path).rsplit("/", 1)[-1] or path.removesuffix(".py")
        if reason:
            rejected.append(Rejected(name, path, rows[0].line, rows[0].kind, reason, correction(path)))
            continue
        app = apps.get(path)
        is_queue = app is not None and is_celery(app)
        role = "worker" if is_queue else "web" if app is not None else "process"
        root = folder_of(path) or "."
        name, kind = (f"{name}-worker", "celery") if path in unserved else (name, "file")
        found.append(Process(name, path, role, "", f"python {path}", kind, "", root, tuple(rows), strength_of(rows)))
    return [*dags, *found], rejected


def is_celery(app: AppObject) -> bool:
    return app.library == "celery"


def queue_files(program: Program) -> tuple[str, ...]:
    """The files that make a Celery app of a module, tests left out."""
    tests = {m.path for m in program.modules if m.is_test}
    found = {app.path for app in program.apps if is_celery(app) and app.scope == "<module>"} - tests
    return tuple(sorted(path for path in found if not ASIDE.search(path)))


def queues_without_worker(
    program: Program, known: Sequence[Process], apps: Mapping[str, AppObject], markers: frozenset[str]
) -> set[str]:
    """The file with the queue's app of each deployed code base whose tasks would never run: its worker is started elsewhere."""
    served = {base_of(one.entry, markers) for one in known if one.role in ("worker", "scheduler")}
    deployed = {base_of(one.entry, markers) for one in known} - served
    tasked = {base_of(entry.path, markers) for entry in program.entries if entry.kind == "task"}
    homes = {path: base_of(path, markers) for path, app in apps.items() if is_celery(app) and app.scope == "<module>"}
    found: dict[str, str] = {}
    for path, home in sorted(homes.items(), key=lambda row: (row[0].count("/"), row[0])):
        if home in deployed & tasked and not ASIDE.search(path):
            found.setdefault(home, path)  # a second app of the same code base is a part of the first
    return set(found.values())


def evidence_of(app: AppObject | None, guard: EntryPoint | None, is_serving: bool) -> list[Evidence]:
    rows = []
    if app is not None:
        rows.append(Evidence("app-object", app.path, app.line, app.api, app_strength(app)))
    if guard is not None:
        rows.append(Evidence("main-guard", guard.path, guard.line, guard.detail, 0.4 if app or is_serving else 0.15))
    return rows


def app_strength(app: AppObject) -> float:
    """An object of a module, or of a function that is named for making or running one, is meant to be served; others are parts."""
    if app.scope == "<module>":
        return 0.6
    return 0.5 if FACTORY.fullmatch(app.scope.rpartition(".")[2]) else 0.2


def dag_processes(
    program: Program, tests: set[str], launches: Sequence[Launch], markers: frozenset[str], families: Families
) -> list[Process]:
    """The DAGs of one code base as one process: the platform starts them, no manifest of the repository does."""
    roots: dict[str, list[Evidence]] = {}
    for row in sorted(dags_of(program, families), key=lambda row: (row.path, row.line or 0)):
        if row.path not in tests and not ASIDE.search(row.path):
            roots.setdefault(dag_root(row.path, markers), []).append(row)
    found = []
    for root, rows in sorted(roots.items()):
        starts = [row for row in launches if root and built_in(row) == root]
        name = next((row.name for row in starts if row.name), root.rsplit("/", 1)[-1] or "dags")
        evidence = [
            *rows,
            *(
                Evidence(row.kind, row.path, row.line, f"{row.name} is built from {root}", row.strength)
                for row in starts
            ),
        ]
        found.append(
            Process(
                name,
                rows[0].path,
                "dag",
                "",
                f"{len(rows)} DAGs",
                "file",
                "",
                root or ".",
                tuple(evidence),
                strength_of(evidence),
            )
        )
    return found


def with_dags(found: Sequence[Process], markers: frozenset[str]) -> list[Process]:
    """Processes; DAGs of a code base that a manifest gives to their platform belong to that process, which loads their files."""
    homes = {base_of(one.entry, markers): one.entry for one in found if one.role == "dag" and one.program}
    told: dict[str, tuple[Evidence, ...]] = {}
    kept = []
    for one in found:
        home = homes.get(base_of(one.entry, markers), "") if one.role == "dag" and not one.program else ""
        if home:
            told[home] = (*told.get(home, ()), *(row for row in one.evidence if row.kind == "airflow-dag"))
        else:
            kept.append(one)
    return [
        replace(one, evidence=(*one.evidence, *told[one.entry])) if one.role == "dag" and one.entry in told else one
        for one in kept
    ]


def dags_of(program: Program, families: Families) -> Iterator[Evidence]:
    """DAG objects and decorated functions; those that only a part makes, from which files of DAGs make their own, are none."""
    imported = {edge.imported for edge in program.imports}
    for app in program.apps:
        is_part = app.scope != "<module>" and app.target.partition(":")[0] in imported
        if not is_part and "orchestrator" in families.of(app.api):
            yield Evidence("airflow-dag", app.path, app.line, app.api, 0.7)
    for entry in program.entries:
        if entry.kind == "schedule" and "orchestrator" in families.distributions.get(entry.framework, ()):
            yield Evidence("airflow-dag", entry.path, entry.line, entry.detail, 0.7)


def dag_root(path: str, markers: frozenset[str]) -> str:
    """The code base around a DAG, else the folder above those that only hold DAGs, else the folder itself."""
    home = base_of(path, markers)
    if home:
        return home
    inner = folder_of(path)
    while inner.rsplit("/", 1)[-1] in DAG_FOLDERS and folder_of(inner):
        inner = folder_of(inner)
    return inner


def built_in(launch: Launch) -> str:
    """The folder of the image that a launch runs."""
    images = [path for path, _ in launch.via] or [launch.path]
    return folder_of(images[0])


def refusal(path: str, is_test: bool, is_deployed: bool, rows: Sequence[Evidence]) -> str:
    """Why code alone does not make a service, "" where it does."""
    if is_test or ASIDE.search(path):
        return "tests, examples, development and load tools are no candidates"
    if is_deployed:
        return "no manifest or start script starts it, and others are started so"
    if strength_of(rows) < MIN_STRENGTH:
        only_guard = all(row.kind == "main-guard" for row in rows)
        return (
            "a main guard alone: it serves nothing that could be told"
            if only_guard
            else "an app that a function of a library makes"
        )
    return ""
