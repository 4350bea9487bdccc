"""Begins and code evidence -> processes, one per entry file, role and part; and what was rejected, with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from readiness.services.follow import Begin
from readiness.services.launches import folder_of
from readiness.types.config import ServiceRule
from readiness.types.program import EntryPoint, Program
from readiness.types.services import Evidence, Rejected

MIN_STRENGTH = 0.3
KEPT_STRENGTH = 0.4  # as for a function that stays
NAME_ORDER = ("compose", "kubernetes", "kustomize", "procfile", "heroku", "render", "fly", "ecs", "app-engine", "cloud-foundry", "systemd", "upstart", "supervised", "supervisord",
              "circus", "cron", "nomad", "serverless", "code-location", "start-script", "uwsgi", "gunicorn-config", "apache", "dockerfile", "task-runner", "ci", "console-script")  # fmt: skip
ASIDE = re.compile(
    r"(^|/)docs?(?=/|$)|(^|[/_.-])(tests?|testing|e2e|examples?|samples?|demos?|benchmarks?|bench|tutorials?|training|load[-_]?test(s|ing)?|load[-_]?gen(erator)?"
    r"|locust|fakes?|fake[a-z]+|stubs?|dummy|mocks?|mock(ed|ing)?[-_]?(servers?|services?|apis?|backends?)|fixtures|dev|devel|develop|development|conformance|ci|\.github|\.devcontainer|debug|local|tox|cookiecutter)(?=[/_.-]|$)",
    re.IGNORECASE,
)
VIA_KINDS = (
    ("procfile", "procfile"),
    (".service", "systemd"),
    (".conf", "supervisord"),
    (".ini", "supervisord"),
    ("run", "supervised"),
    (".sh", "start-script"),
)
TOOL = re.compile(
    r"(^|[-_])(manage|migrate|migrations?|db|admin|init|setup|install|upgrade|check|status|convert|purge)($|[-_])"
)
# Sub-commands that do something once, whatever loops they have inside.
STEP = re.compile(
    r"((clean|cleanup|purge|reset|shell|list|show|info|export|import|create|delete|add|remove|update|test|check|init|upgrade|migrate"
    r"|downgrade|dump|restore|load|install|config|version|help|status|stop|db|database|backup|repl|console|healthcheck)([-_]\w+)*"
    r"|\w+[-_](db|shell|config|healthcheck|tables))"
)
VERBS = frozenset({"start", "run", "serve", "up", "launch", "main"})
LOAD = frozenset({"load"})
# Names of files that say nothing of what begins in them.
STEMS = frozenset(
    {"main", "__main__", "__init__", "app", "wsgi", "asgi", "lambda_handler", "lambda_function", "handler"}
)
GENERIC = frozenset(
    {
        "app",
        "src",
        "docker",
        "deploy",
        "main",
        "build",
        "container",
        "entrypoint",
        "server",
        "start",
        "run",
        "deployment",
        "image",
        "dist",
        "prod",
        "production",
        "release",
        "runtime",
        "base",
        "images",
        "lambda",
        "lambdafunction",
        "function",
        "handler",
        "*",
        "",
    }
)


class Process(Struct, frozen=True):
    """A unit that is started on its own."""

    name: str
    entry: str  # path
    role: str
    part: str
    command: str
    kind: str  # of the start: module, file, django ...
    object_name: str
    root: str
    evidence: tuple[Evidence, ...]
    strength: float
    replicas: int | None = None
    workers: int | None = None
    archetype: str | None = None
    is_packaged: bool = False  # nothing but a packaged command says so
    resources: tuple[tuple[str, str], ...] = ()  # what manifests request for it, by the ledger's names
    image: str = ""  # its Dockerfile
    program: str = ""  # what runs it: gunicorn, celery, python ...
    names: tuple[str, ...] = ()  # what manifests call it, an address for others
    begins: tuple[str, ...] = ()  # targets of the functions in which a sub-command begins, its groups among them
    loads: tuple[str, ...] = ()  # files that it loads by a name in a text
    queues: tuple[str, ...] = ()  # from which it takes work, () where one of its commands says none: from all


def join_processes(begins: Sequence[Begin], packages: frozenset[str]) -> tuple[list[Process], list[Rejected]]:
    """One process per (entry file, role, part). `packages`: folders with `__init__.py`."""
    groups: dict[tuple[str, str, str], list[Begin]] = {}
    for begin in begins:
        groups.setdefault((begin.entry, begin.start.role, begin.start.part), []).append(begin)
    started = {place for b in begins if b.launch.kind != "console-script" and not aside(b) for place in b.launch.via}
    found: list[Process] = []
    rejected: list[Rejected] = []
    for key in sorted(groups):
        group = groups[key]
        good = [b for b in group if not aside(b)]
        if not good:
            rejected.append(refuse(group[0], aside(group[0])))
        elif all((b.launch.path, b.launch.line) in started for b in good if b.launch.kind == "console-script") and all(
            b.launch.kind == "console-script" for b in good
        ):
            continue  # the packaged command of a process that a manifest starts: evidence of that one
        else:
            found.append(process(key, good, packages))
    return merge_served(merge_parts(found)), rejected


def packaged_commands(begins: Sequence[Begin], packages: frozenset[str]) -> dict[str, Process]:
    """Entry file -> the packaged command that begins there, those that a manifest starts among them."""
    groups: dict[str, list[Begin]] = {}
    for begin in begins:
        if begin.launch.kind == "console-script" and not aside(begin):
            groups.setdefault(begin.entry, []).append(begin)
    return {entry: process((entry, "process", ""), group, packages) for entry, group in sorted(groups.items())}


def aside(begin: Begin) -> str:
    """Why a process is no candidate, "" where it is one."""
    if begin.start.role in LOAD:
        return "a load generator"
    if begin.launch.kind == "console-script" and TOOL.search(begin.launch.name):
        return "a packaged command that sets something up and ends"
    if any(STEP.fullmatch(word) for word in begin.start.part.split(" ")):
        return f"`{begin.start.part}` does something and ends"
    places = (
        (begin.entry, begin.launch.name)
        if begin.launch.kind in ("task-runner", "ci")
        else (begin.launch.path, begin.entry, begin.launch.name, *(path for path, _ in begin.launch.via))
    )
    for path in places:
        match = ASIDE.search(path)
        if match:
            return (
                f"`{match[0].strip('/_.-')}` in {path}: tests, examples, development and load tools are no candidates"
            )
    return ""


def refuse(begin: Begin, reason: str) -> Rejected:
    launch = begin.launch
    name = launch.name or begin.entry.rsplit("/", 1)[-1]
    return Rejected(name, launch.path, launch.line, launch.kind, reason, correction(begin.entry))


def correction(entry: str) -> str:
    """The line for [tool.readiness] that takes an entry file in all the same; a JSON string is a TOML string too."""
    name = json.dumps(entry)
    return f"services = [{{ match = [{name}], entry = {name} }}]"


def process(key: tuple[str, str, str], group: Sequence[Begin], packages: frozenset[str]) -> Process:
    entry, role, part = key
    ordered = sorted(group, key=naming_order)
    best = ordered[0]
    evidence = distinct(row for b in ordered for row in evidence_of(b))
    return Process(
        name_of(ordered, entry, part), entry, role, part, " ".join(best.launch.argv)[:200], best.start.kind, best.start.name,
        root_of(best, entry, packages), tuple(evidence), strength_of(evidence),
        replicas_of(ordered),
        next((b.start.workers for b in ordered if b.start.workers is not None), None),
        is_packaged=all(b.launch.kind == "console-script" for b in ordered),
        program=best.start.program, queues=queues_told(ordered),
        resources=resources_of(ordered),
        image=next((path for b in ordered for path in (b.launch.path, *(p for p, _ in b.launch.via)) if via_kind(path) == "dockerfile"), ""),
        names=tuple(sorted({b.launch.name for b in ordered if (b.launch.origin or b.launch.kind) in ("compose", "kubernetes") and b.launch.name})),
    )  # fmt: skip


def queues_told(ordered: Sequence[Begin]) -> tuple[str, ...]:
    """The queues of all commands together, none where one of them says none."""
    told = [b.start.queues for b in ordered if b.launch.kind != "task-runner"]
    return tuple(sorted({name for names in told for name in names})) if all(told) else ()


def replicas_of(ordered: Sequence[Begin]) -> int | None:
    """As the overlay with most says, else as the first manifest does."""
    overlaid = [b.launch.replicas for b in ordered if b.launch.kind == "kustomize" and b.launch.replicas is not None]
    plain = (b.launch.replicas for b in ordered if b.launch.replicas is not None)
    return max(overlaid) if overlaid else next(plain, None)


def resources_of(ordered: Sequence[Begin]) -> tuple[tuple[str, str], ...]:
    """What manifests request: overlays before bases, else the first that says it."""
    based = [b for b in reversed(ordered) if b.launch.kind != "kustomize"]
    overlaid = [b for b in reversed(ordered) if b.launch.kind == "kustomize"]
    return tuple(dict(pair for b in (*based, *overlaid) for pair in b.launch.resources).items())


def naming_order(begin: Begin) -> tuple[int, str, int, list[tuple[int, str, int]]]:
    """Who names a process first: the kind of manifest, the place, and a base file (`compose.yaml`) before what overrides it."""
    launch = begin.launch
    via = [(len(path), path, line) for path, line in launch.via]
    return NAME_ORDER.index(launch.origin or launch.kind), launch.path, launch.line, via


def evidence_of(begin: Begin) -> list[Evidence]:
    launch = begin.launch
    detail = " ".join(launch.argv)[:200]
    rows = [Evidence(launch.kind, launch.path, launch.line, detail, launch.strength)]
    if launch.keeps:
        here = (launch.path, launch.line)
        path, line = next((place for place in launch.via if via_kind(place[0]) == launch.origin), here)
        rows.append(Evidence("stays", path, line, f"{launch.keeps}: started again when it ends", KEPT_STRENGTH))
    return rows + [
        Evidence(via_kind(path), path, line, f"on the way to {begin.entry}", 0.5) for path, line in launch.via
    ]


def distinct(rows: Iterable[Evidence]) -> list[Evidence]:
    """One row per kind and place, the strongest; strongest first."""
    best: dict[tuple[str, str, int | None], Evidence] = {}
    for row in rows:
        key = (row.kind, row.path, row.line)
        best[key] = max(best.get(key, row), row, key=lambda e: (e.strength, e.detail))
    return sorted(best.values(), key=lambda e: (-e.strength, e.path, e.line or 0, e.kind))


def via_kind(path: str) -> str:
    name = path.rsplit("/", 1)[-1].lower()
    if name in ("pyproject.toml", "setup.cfg", "setup.py"):
        return "console-script"
    if "dockerfile" in name or name == "containerfile":
        return "dockerfile"
    if name.startswith(("compose", "docker-compose")):
        return "compose"
    if name.startswith("skaffold"):
        return "skaffold"
    if name.startswith("kustomization"):
        return "kustomize"
    if name.endswith((".yml", ".yaml")):
        return "kubernetes"
    return next((kind for mark, kind in VIA_KINDS if mark in name), "manifest")


def strength_of(evidence: Iterable[Evidence]) -> float:
    """1 - prod(1 - strength) over distinct kinds."""
    best: dict[str, float] = {}
    for row in evidence:
        best[row.kind] = max(best.get(row.kind, 0.0), row.strength)
    missing = 1.0
    for value in best.values():
        missing *= 1 - value
    return round(1 - missing, 4)


def name_of(ordered: Sequence[Begin], entry: str, part: str) -> str:
    """The manifest's own name; else what is run; else the folder, else the file."""
    if part and all(b.launch.kind in ("console-script", "start-script") for b in ordered):
        words = part.split(" ")
        return words[0] if words[-1] in VERBS else words[-1]
    names = [b.launch.name for b in ordered if b.launch.name.lower() not in GENERIC]
    steps = [step for step in folder_of(entry).split("/") if step.lower() not in GENERIC]
    folder = steps[-1] if steps else folder_of(entry).rsplit("/", 1)[-1]
    stem = entry.rsplit("/", 1)[-1].removesuffix(".py")
    return names[0] if names else folder if stem in STEMS and folder else stem


def root_of(begin: Begin, entry: str, packages: frozenset[str]) -> str:
    """The Dockerfile's own folder where the entry lies in it, else the entry's outermost package, else its folder."""
    images = [begin.launch.path, *(path for path, _ in begin.launch.via)]
    for path in images:
        if via_kind(path) == "dockerfile" and folder_of(path) and entry.startswith(folder_of(path) + "/"):
            return folder_of(path)
    folder = folder_of(entry)
    while folder_of(folder) in packages and folder_of(folder):
        folder = folder_of(folder)
    return folder or "."


def merge_parts(found: Sequence[Process]) -> list[Process]:
    """A process without a part that only a packaged command shows gives way to those with one; options are not parts twice."""
    parted = {(p.entry, p.role) for p in found if p.part and not p.is_packaged}
    return [p for p in found if not (p.is_packaged and not p.part and (p.entry, p.role) in parted)]


def merge_served(found: Sequence[Process]) -> list[Process]:
    """A file that one manifest runs by itself and another behind a web server is one process: the server's."""
    served = {one.entry for one in found if one.role == "web" and not one.part}
    alone = {one.entry: one for one in found if one.role == "process" and not one.part and one.entry in served}
    kept = []
    for one in found:
        other = alone.get(one.entry)
        if other is not None and one.role == "web" and not one.part:
            one = merged(one, other)
        if one is not other:
            kept.append(one)
    return kept


def merged(one: Process, other: Process) -> Process:
    """`one` with what manifests say of `other`."""
    rows = tuple(distinct((*one.evidence, *other.evidence)))
    return replace(
        one, evidence=rows, strength=strength_of(rows), names=tuple(sorted({*one.names, *other.names})),
        image=one.image or other.image, replicas=one.replicas if one.replicas is not None else other.replicas,
        is_packaged=False,
    )  # fmt: skip


def apply_rules(
    found: Sequence[Process], rules: Sequence[ServiceRule], sources: Mapping[str, str]
) -> tuple[list[Process], list[Rejected]]:
    """What the configuration names, excludes and adds. `sources`: path -> module."""
    kept: list[Process] = []
    rejected: list[Rejected] = []
    for one in found:
        rule = next(
            (r for r in rules if any(fnmatchcase(v, g) for v in (one.entry, one.root, one.name) for g in r.match)), None
        )
        if rule is not None and rule.exclude:
            rejected.append(
                Rejected(one.name, one.entry, 1, "configuration", "left out by the configuration", "remove `exclude`")
            )
        elif rule is not None:
            kept.append(replace(one, name=rule.name or one.name, archetype=rule.archetype))
        else:
            kept.append(one)
    for rule in rules:
        path = rule.entry or ""
        if path in sources and path not in {p.entry for p in kept}:
            name = rule.name or path.rsplit("/", 1)[-1].removesuffix(".py")
            row = Evidence("configuration", path, 1, "[[tool.readiness.services]] entry", 1.0)
            kept.append(
                Process(
                    name,
                    path,
                    "process",
                    "",
                    "",
                    "file",
                    "",
                    folder_of(path) or ".",
                    (row,),
                    1.0,
                    archetype=rule.archetype,
                )
            )
    return kept, rejected


def entry_point(one: Process, module: str, program: Program, functions: Mapping[tuple[str, str], int]) -> EntryPoint:
    """The entry of the process itself: its object where there is one, else the module's own code."""
    kind = "main"
    if any(row.kind == "serverless" for row in one.evidence):
        kind = "lambda"
    elif one.is_packaged or one.begins:
        kind = "cli"
    name = "Command.handle" if one.kind == "django" else one.object_name or "<module>"
    target = one.begins[0] if one.begins else f"{module}:{name}"
    number = functions.get((target.partition(":")[0], target.partition(":")[2]), -1)
    if number < 0 and (module, "<module>") in functions:
        target, number = f"{module}:<module>", functions[module, "<module>"]
        kind = kind if kind == "lambda" else "main"
    line = program.functions[number].line if number >= 0 else 1
    path = program.functions[number].path if number >= 0 else one.entry
    return EntryPoint(kind, path, line, target, one.command, number, "", "")
