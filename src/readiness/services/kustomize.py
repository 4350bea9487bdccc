"""Kustomizations over Kubernetes launches -> Launches as overlays change them: replicas, commands, requests. Never runs kustomize."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from msgspec import Struct
from msgspec.structs import replace

from readiness.services.artifacts import Documents
from readiness.services.launches import Launch, folder_of, join
from readiness.services.lines import Broken, Line, Value, first_of, line_of, mapping, read_yaml, sequence
from readiness.services.workloads import number, pod_of, requests, words_of

MAX_FILES = 2_000  # of one overlay
MAX_PAIRS = 200_000  # changes of one overlay x workloads that it stands on
LISTED = ("resources", "bases", "components")
STRENGTH = 0.9


class Change(Struct, frozen=True):
    """What an overlay says of one workload."""

    workload: str  # "" for every one of the kind
    kind: str  # "" for any
    path: str
    line: int
    container: str = ""
    replicas: int | None = None
    command: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    resources: tuple[tuple[str, str], ...] = ()


def kustomized(
    whole: Mapping[str, str], overlays: Mapping[str, Documents], launches: Sequence[Launch]
) -> Iterator[Launch]:
    """One further launch for each workload that an overlay changes, at the overlay's line. `whole`: path -> text."""
    tops = {folder_of(path): (path, first_of(documents)) for path, documents in overlays.items()}
    stands = {folder: listed_in(folder, top) for folder, (_, top) in tops.items()}
    based: dict[str, list[Launch]] = {}
    for row in launches:
        if row.workload:
            based.setdefault(row.path, []).append(row)
    for folder, (path, top) in sorted(tops.items()):
        changes = [*replicas_of(path, top), *patches_of(path, folder, top, whole)]
        files = resources_of(folder, stands) if changes else []
        rows = [row for file in files for row in based.get(file, ())]
        for change, row in islice(product(changes, rows), MAX_PAIRS):
            if fits(change, row):
                yield changed(row, change)


def listed_in(folder: str, top: Mapping[str, Value]) -> list[str]:
    """The places that one kustomization names: files, and folders with a kustomization of their own."""
    items = [item for key in LISTED for item in sequence(top.get(key)) if isinstance(item, Line)]
    return [place for item in items if (place := join(folder, str(item)))]


def resources_of(folder: str, stands: Mapping[str, Sequence[str]]) -> list[str]:
    """The manifests that an overlay stands on, over bases and components; each place once, however many name it."""
    seen = {folder: None}
    open_ = [folder]
    while open_ and len(seen) < MAX_FILES:
        places = dict.fromkeys(place for place in stands.get(open_.pop(), ()) if place not in seen)
        seen |= places
        open_ += reversed(places)
    return [place for place in seen if place not in stands][:MAX_FILES]


def replicas_of(path: str, top: Mapping[str, Value]) -> Iterator[Change]:
    """`replicas: [{name, count}]`."""
    for item in sequence(top.get("replicas")):
        row = mapping(item)
        yield Change(str(row.get("name", "")), "", path, line_of(row) or 1, replicas=number(row.get("count")))


def patches_of(path: str, folder: str, top: Mapping[str, Value], whole: Mapping[str, str]) -> Iterator[Change]:
    """`patches`, `patchesStrategicMerge` and `patchesJson6902`, inline or in files."""
    for key in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        for item in sequence(top.get(key)):
            row = mapping(item)
            given = item if isinstance(item, Line) else row.get("path", row.get("patch"))
            if not isinstance(given, Line):
                continue
            file = join(folder, given) if "\n" not in given else ""
            text, place, start = (whole[file], file, 0) if file in whole else (str(given), path, given.line)
            target = mapping(row.get("target"))
            documents = read_yaml(text)
            for document in documents if not isinstance(documents, Broken) else ():
                yield from changes_of(document, target, place, start)


def changes_of(document: Value, target: Mapping[str, Value], path: str, start: int) -> Iterator[Change]:
    """A JSON patch of a target, or a part of a workload that is laid over it. `start`: lines above an inline text."""
    if isinstance(document, list):
        found = Change(plain(target.get("name")), str(target.get("kind", "")), path, start or line_of(document) or 1)
        for item in document:
            found = with_operation(found, mapping(item))
        yield found
        return
    top = mapping(document)
    spec = mapping(top.get("spec"))
    name = plain(target.get("name", mapping(top.get("metadata")).get("name")))
    kind = str(target.get("kind", top.get("kind", "")))
    replicas = spec.get("replicas")
    line = start + (line_of(replicas) or 1)
    if number(replicas) is not None:
        yield Change(name, kind, path, line, replicas=number(replicas))
    for item in sequence(pod_of(spec).get("containers")):
        row = mapping(item)
        wanted = requests(mapping(mapping(row.get("resources")).get("requests")), "cpu")
        command, arguments = words_of(row.get("command")), words_of(row.get("args"))
        if wanted or command or arguments:
            line = start + (line_of(row) or 1)
            own = str(row.get("name", ""))
            yield Change(name, kind, path, line, own, None, command, arguments, tuple(wanted))


def with_operation(found: Change, row: Mapping[str, Value]) -> Change:
    """One operation of a JSON patch; those on other fields change nothing that is kept."""
    where, value = str(row.get("path", "")), row.get("value")
    if where == "/spec/replicas":
        return replace(found, replicas=number(value))
    if where.endswith("/command"):
        return replace(found, command=words_of(value))
    return replace(found, arguments=words_of(value)) if where.endswith("/args") else found


def plain(name: object) -> str:
    """A target's name; a pattern for every name is none."""
    return "" if not isinstance(name, Line) or name in (".*", "*") else str(name)


def fits(change: Change, row: Launch) -> bool:
    kind, _, name = row.workload.partition("/")
    is_named = not change.workload or change.workload == name
    return is_named and change.kind in ("", kind) and change.container in ("", row.container)


def changed(row: Launch, change: Change) -> Launch:
    """The launch under the overlay: its command in place of the base's, and only the requests that it changes."""
    argv = row.argv
    if change.command or change.arguments:
        argv = (change.command or row.argv[: len(row.argv) - row.arguments]) + change.arguments
    return replace(
        row, kind="kustomize", path=change.path, line=change.line, argv=argv, strength=STRENGTH,
        replicas=change.replicas if change.replicas is not None else row.replicas,
        resources=change.resources, via=(*row.via, (row.path, row.line)),
    )  # fmt: skip
