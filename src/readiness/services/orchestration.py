"""Compose, Kubernetes, SAM and serverless text -> Launches. YAML by `lines` only; templates that are none cost one row."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from readiness.services.helm import UNKNOWN
from readiness.services.images import Image
from readiness.services.launches import Launch, Unread, folder_of, join
from readiness.services.lines import Broken, Line, Value, line_of, mapping, read_yaml, sequence

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
WORKLOADS = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "CronJob", "Job", "Pod", "Service", "Rollout"}
)
# Workloads whose containers are started again when they end.
KEPT = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout"})
RESTARTS = frozenset({"always", "unless-stopped"})
MAX_EXTENDS = 5
ASIDE_PROFILES = frozenset({"dev", "development", "debug", "test", "tests", "testing", "tools", "local", "e2e", "ci"})
STRENGTH = {"compose": 0.9, "kubernetes": 1.0, "serverless": 1.0}


def read_orchestration(
    path: str, text: str, images: Mapping[str, Image], texts: Mapping[str, str]
) -> Iterator[Launch | Unread]:
    """What a YAML manifest starts; nothing for YAML that is none of these. `texts`: all files, for `extends`."""
    kind = kind_of(path, text)
    if kind is None:
        return
    documents = read_yaml(text)
    if isinstance(documents, Broken):
        yield Unread(path, documents.line, kind, documents.reason)
        return
    for document in documents:
        top = mapping(document)
        if kind == "compose":
            yield from compose(path, top, images, texts)
        elif kind == "kubernetes":
            yield from kubernetes(path, top, images)
        else:
            yield from serverless(path, top)


def kind_of(path: str, text: str) -> str | None:
    """Which manifest a YAML file is, by its name and first words; None for others."""
    name = path.rsplit("/", 1)[-1].lower()
    if not name.endswith((".yml", ".yaml")):
        return None
    if name.startswith(("docker-compose", "compose")):
        return "compose"
    if "apiVersion:" in text and "containers:" in text:
        return "kubernetes"
    if name.startswith("serverless") or "AWS::Serverless::Function" in text or "AWS::Lambda::Function" in text:
        return "serverless"
    return None


def compose(
    path: str, top: Mapping[str, Value], images: Mapping[str, Image], texts: Mapping[str, str]
) -> Iterator[Launch]:
    services = mapping(top.get("services"))
    for key, value in services.items():
        service = inherit(path, value, services, texts, 0)
        image = compose_image(path, service, images)
        entry, command = words_of(service.get("entrypoint")), words_of(service.get("command"))
        if image is None and not command and not entry:
            continue
        argv = (entry or (image.entry if image else ())) + (command or (image.command if image and not entry else ()))
        line = (
            line_of(service.get("command")) or line_of(service.get("entrypoint")) or line_of(key_of(services, key)) or 1
        )
        profiles = [str(profile) for profile in sequence(service.get("profiles"))]
        if profiles and ASIDE_PROFILES.issuperset(profiles):
            continue  # compose starts it only when a developer asks for it
        deploy = mapping(service.get("deploy"))
        row = launch(
            "compose", path, line, argv, str(key), image, build_folder(path, service), number(deploy.get("replicas"))
        )
        wanted = mapping(mapping(deploy.get("resources")).get("reservations"))
        policy = str(service.get("restart", ""))
        yield replace(
            row,
            resources=(*requests(wanted, "cpus"), *probed(path, service, ("healthcheck",))),
            keeps=f"restart: {policy}" if policy in RESTARTS else "",
        )


def inherit(
    path: str, value: Value, services: Mapping[str, Value], texts: Mapping[str, str], depth: int
) -> dict[str, Value]:
    """A service with what `extends` of the same or of another file gives it."""
    service = mapping(value)
    base = service.get("extends")
    name = str(mapping(base).get("service", "")) if isinstance(base, dict) else str(base or "")
    other = mapping(base).get("file")
    if depth >= MAX_EXTENDS or not name:
        return service
    if isinstance(other, Line):
        path = join(folder_of(path), other)
        documents = read_yaml(texts[path]) if path in texts else []
        services = (
            mapping(mapping(documents[0]).get("services")) if not isinstance(documents, Broken) and documents else {}
        )
    return {**inherit(path, services[name], services, texts, depth + 1), **service} if name in services else service


def build_folder(path: str, service: Mapping[str, Value]) -> str:
    build = service.get("build")
    context = build if isinstance(build, Line) else mapping(build).get("context", "")
    return join(folder_of(path), context) if isinstance(context, str) else folder_of(path)


def compose_image(path: str, service: Mapping[str, Value], images: Mapping[str, Image]) -> Image | None:
    if "build" not in service:
        return None
    folder = build_folder(path, service)
    given = mapping(service["build"]).get("dockerfile", "Dockerfile")
    return images.get(join(folder, str(given))) or images.get(join(folder, "Containerfile"))


def kubernetes(path: str, top: Mapping[str, Value], images: Mapping[str, Image]) -> Iterator[Launch]:
    """Containers of workloads; one without a command runs its image, found by the last word of the image's name."""
    if str(top.get("kind")) == "List":
        for item in sequence(top.get("items")):
            yield from kubernetes(path, mapping(item), images)
    workload = str(top.get("kind"))
    if workload not in WORKLOADS:
        return
    name = str(mapping(top.get("metadata")).get("name", ""))
    spec = mapping(top.get("spec"))
    spec_replicas = spec.get("replicas")
    spec = mapping(mapping(spec.get("jobTemplate")).get("spec")) or spec
    pod = mapping(mapping(spec.get("template")).get("spec")) or spec
    for item in sequence(pod.get("containers")):
        container = mapping(item)
        image = image_by_name(str(container.get("image", "")), path, images)
        argv = (words_of(container.get("command")) or (image.entry if image else ())) + (
            words_of(container.get("args")) or (image.command if image and "command" not in container else ())
        )
        line = line_of(container.get("command")) or line_of(container.get("args")) or line_of(container) or 1
        if argv:
            own = str(container.get("name", ""))
            label = name if len(sequence(pod.get("containers"))) == 1 else own or name
            row = launch(
                "kubernetes", path, line, argv, "" if UNKNOWN in label else label, image, "", number(spec_replicas)
            )
            wanted = mapping(mapping(container.get("resources")).get("requests"))
            yield replace(
                row,
                resources=(*requests(wanted, "cpu"), *probed(path, container, PROBES)),
                keeps=workload if workload in KEPT else "",
            )


def number(value: object) -> int | None:
    return int(value) if isinstance(value, Line) and value.isdigit() and len(value) < 6 else None


def requests(wanted: Mapping[str, Value], cpu: str) -> list[tuple[str, str]]:
    """What a container is promised: (`cpu_request`, ...), (`memory_request`, ...)."""
    given = {"cpu_request": wanted.get(cpu), "memory_request": wanted.get("memory")}
    return [(name, str(value)) for name, value in given.items() if isinstance(value, Line) and value != UNKNOWN]


def probed(path: str, row: Mapping[str, Value], names: tuple[str, ...]) -> list[tuple[str, str]]:
    found = [f"{name} ({path}:{line_of(row[name])})" for name in names if name in row]
    return [("probes", ", ".join(found))] if found else []


def image_by_name(reference: str, path: str, images: Mapping[str, Image]) -> Image | None:
    """The Dockerfile whose folder or suffix has the image's last name; None where none or several have it."""
    name = reference.split("@")[0].rsplit("/", 1)[-1].split(":")[0].lower().replace("-", "_")
    found = [
        image
        for place, image in sorted(images.items())
        if name
        and name
        in {word.lower().replace("-", "_") for word in (*folder_of(place).split("/"), place.rsplit(".", 1)[-1])}
    ]
    return found[0] if len(found) == 1 else None


def serverless(path: str, top: Mapping[str, Value]) -> Iterator[Launch]:
    """SAM and CloudFormation functions, and those of the serverless framework."""
    shared = mapping(mapping(mapping(top.get("Globals")).get("Function")))
    for name, value in mapping(top.get("Resources")).items():
        resource = mapping(value)
        if str(resource.get("Type")) in ("AWS::Serverless::Function", "AWS::Lambda::Function"):
            properties = {**shared, **mapping(resource.get("Properties"))}
            code = properties.get("CodeUri")
            folder = join(folder_of(path), code if isinstance(code, Line) else "")
            yield from handler(path, str(name), properties.get("Handler"), properties.get("Runtime"), folder)
    runtime = mapping(top.get("provider")).get("runtime")
    for name, value in mapping(top.get("functions")).items():
        yield from handler(path, str(name), mapping(value).get("handler"), runtime, folder_of(path))


def handler(path: str, name: str, target: object, runtime: object, folder: str) -> Iterator[Launch]:
    if isinstance(target, Line) and (not isinstance(runtime, Line) or runtime.startswith("python")):
        yield Launch("serverless", path, target.line, (str(target),), name, folder, strength=1.0, handler=True)


def launch(
    kind: str,
    path: str,
    line: int,
    argv: tuple[str, ...],
    name: str,
    image: Image | None,
    folder: str,
    replicas: int | None = None,
) -> Launch:
    via = ((image.path, image.line or 1),) if image else ()
    folder = folder_of(image.path) if image and not folder else folder
    copies, workdir = (image.copies, image.workdir) if image else ((), "")
    return Launch(kind, path, line, argv, name, folder, workdir, copies, STRENGTH[kind], replicas, via)


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


def key_of(services: Mapping[str, Value], key: str) -> object:
    return next((found for found in services if found == key), None)
