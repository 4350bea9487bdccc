"""Kubernetes, Knative and Cloud Run documents -> Launches: what the containers of a workload start, how often and when."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from readiness.services.artifacts import Built
from readiness.services.helm import UNKNOWN
from readiness.services.images import Image, with_variables
from readiness.services.launches import Launch, folder_of
from readiness.services.lines import Line, Value, line_of, mapping, sequence

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
WORKLOADS = frozenset(
    {
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "CronJob",
        "Job",
        "Pod",
        "Service",
        "Rollout",
        "PodTemplate",
        "DeploymentConfig",
    }
)
# Workloads whose containers are started again when they end.
KEPT = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout", "DeploymentConfig"})
SCALE = ("autoscaling.knative.dev/minScale", "autoscaling.knative.dev/min-scale")
STRENGTH = 1.0
GIVEN = re.compile(r"\$\((\w+)\)")  # a variable of the container, in its own command
MAX_VALUE = 200  # characters


def kubernetes(path: str, top: Mapping[str, Value], built: Built) -> Iterator[Launch]:
    """Containers of workloads; one without a command runs its image, as a build manifest or a folder names it."""
    for item in (*sequence(top.get("items")), *sequence(top.get("objects"))):  # of a List, of an OpenShift template
        yield from kubernetes(path, mapping(item), built)
    kind = str(top.get("kind"))
    if kind not in WORKLOADS:
        return
    name = str(mapping(top.get("metadata")).get("name", ""))
    spec = mapping(top.get("spec")) or dict(top)  # a PodTemplate has its template on top
    pod = pod_of(spec)
    containers = [mapping(item) for item in sequence(pod.get("containers"))]
    begun = [mapping(item) for item in sequence(pod.get("initContainers"))]
    containers += [one for one in begun if str(one.get("restartPolicy")) == "Always"]  # a side-car that starts first
    for container in containers:
        row = started(path, container, built)
        if row is None:
            continue
        own = str(container.get("name", ""))
        label = name if len(containers) == 1 else own or name
        yield replace(
            row, name="" if UNKNOWN in label else label, replicas=replicas_of(spec), keeps=kind if kind in KEPT else "",
            resources=(*scheduled(spec), *wanted_by(container, kind), *probed(path, container, PROBES)),
            workload=f"{kind}/{name}", container=own,
        )  # fmt: skip


def pod_of(spec: Mapping[str, Value]) -> Mapping[str, Value]:
    """The pod of a workload; of a CronJob and of a job on Cloud Run it lies some levels deeper."""
    spec = mapping(mapping(spec.get("jobTemplate")).get("spec")) or spec
    for _ in range(2):
        inner = mapping(mapping(spec.get("template")).get("spec"))
        spec = inner if inner and "containers" not in spec else spec
    return spec


def started(path: str, container: Mapping[str, Value], built: Built) -> Launch | None:
    image, via = built.find(str(container.get("image", "")))
    rows = [mapping(row) for row in sequence(container.get("env"))]
    given = {
        str(row["name"]): str(row["value"])
        for row in rows
        if {"name", "value"} <= row.keys() and UNKNOWN not in str(row["value"])
    }
    image = with_variables(image, given) if image else None
    arguments = words_of(container.get("args"))
    argv = (words_of(container.get("command")) or (image.entry if image else ())) + (
        arguments or (image.command if image and "command" not in container else ())
    )
    line = line_of(container.get("command")) or line_of(container.get("args")) or line_of(container) or 1
    if not argv:
        return None
    argv = tuple(GIVEN.sub(lambda found: given.get(found[1], found[0])[:MAX_VALUE], word) for word in argv)
    row = launch("kubernetes", path, line, argv, "", image, "", STRENGTH)
    return replace(row, via=(*row.via, *via), arguments=len(arguments))


def launch(
    kind: str, path: str, line: int, argv: tuple[str, ...], name: str, image: Image | None, folder: str, strength: float
) -> Launch:
    """A launch of an image, with the Dockerfile on its way."""
    via = ((image.path, image.line or 1),) if image else ()
    folder = folder_of(image.path) if image and not folder else folder
    copies, workdir = (image.copies, image.workdir) if image else ((), "")
    variables = image.variables if image else ()
    return Launch(kind, path, line, argv, name, folder, workdir, copies, strength, None, via, variables=variables)


def replicas_of(spec: Mapping[str, Value]) -> int | None:
    """As the workload says, or the least number that Knative keeps."""
    notes = mapping(mapping(mapping(spec.get("template")).get("metadata")).get("annotations"))
    least = next((number(notes[key]) for key in SCALE if key in notes), None)
    return number(spec.get("replicas")) or least


def scheduled(spec: Mapping[str, Value]) -> list[tuple[str, str]]:
    """The timetable of a CronJob."""
    given = spec.get("schedule")
    return [("schedule", str(given))] if isinstance(given, Line) and given != UNKNOWN else []


def wanted_by(container: Mapping[str, Value], kind: str) -> list[tuple[str, str]]:
    """Requests; of a service on Cloud Run, which has none, its limits."""
    resources = mapping(container.get("resources"))
    return requests(mapping(resources.get("requests" if kind != "Service" else "limits")), "cpu")


def requests(wanted: Mapping[str, Value], cpu: str) -> list[tuple[str, str]]:
    """What a container is promised: (`cpu_request`, ...), (`memory_request`, ...)."""
    given = {"cpu_request": wanted.get(cpu), "memory_request": wanted.get("memory")}
    return [(name, str(value)) for name, value in given.items() if isinstance(value, Line) and value != UNKNOWN]


def probed(path: str, row: Mapping[str, Value], names: tuple[str, ...]) -> list[tuple[str, str]]:
    found = [f"{name} ({path}:{line_of(row[name])})" for name in names if name in row]
    return [("probes", ", ".join(found))] if found else []


def number(value: object) -> int | None:
    return int(value) if isinstance(value, Line) and value.isdigit() and len(value) < 6 else None


def words_of(value: object) -> tuple[str, ...]:
    """A command as text (split as a shell would) or as a list."""
    if isinstance(value, list):
        return tuple(str(item) for item in value if isinstance(item, Line))
    if not isinstance(value, Line) or value in ("null", "~"):
        return ()
    try:
        return tuple(shlex.split(value))
    except ValueError:
        return ()
