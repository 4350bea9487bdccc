"""Compose, Kubernetes, SAM and serverless text -> Launches. YAML by `lines` only; templates that are none cost one row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from readiness.services.artifacts import Built
from readiness.services.helm import UNKNOWN
from readiness.services.images import Image, at_stage, with_variables
from readiness.services.launches import Launch, Unread, folder_of, join
from readiness.services.lines import Broken, Line, Value, first_mapping, line_of, mapping, read_yaml, sequence
from readiness.services.workloads import kubernetes, launch, number, probed, requests, words_of

RESTARTS = frozenset({"always", "unless-stopped"})
MAX_EXTENDS = 5
ASIDE_PROFILES = frozenset({"dev", "development", "debug", "test", "tests", "testing", "tools", "local", "e2e", "ci"})
SERVICES = re.compile(r"^services:[ \t]*(#.*)?\r?$", re.MULTILINE)
MADE_OF = re.compile(r"^[ \t]+(image|build):", re.MULTILINE)
STRENGTH = 0.9  # of compose


def read_orchestration(path: str, text: str, built: Built, texts: Mapping[str, str]) -> Iterator[Launch | Unread]:
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
            yield from compose(path, top, built, texts)
        elif kind == "kubernetes":
            yield from kubernetes(path, top, built)
        else:
            yield from serverless(path, top)


def kind_of(path: str, text: str) -> str | None:
    """Which manifest a YAML file is, by its name and first words; None for others."""
    name = path.rsplit("/", 1)[-1].lower()
    if not name.endswith((".yml", ".yaml")):
        return None
    if name.startswith(("docker-compose", "compose")):
        return "compose"
    if "apiVersion:" in text:
        return "kubernetes" if "containers:" in text else None
    if name.startswith("serverless") or "AWS::Serverless::Function" in text or "AWS::Lambda::Function" in text:
        return "serverless"
    services = SERVICES.search(text)
    return "compose" if services and MADE_OF.search(text, services.end()) else None


def compose(path: str, top: Mapping[str, Value], built: Built, texts: Mapping[str, str]) -> Iterator[Launch]:
    services = mapping(top.get("services"))
    makers = makers_of(services)
    awaited = steps_of(services)
    for key, value in services.items():
        if key in awaited:
            continue  # it does something and ends before others begin
        service = inherit(path, value, services, texts, 0)
        image = compose_image(path, service, makers, built.images)
        image = with_variables(image, environment(service)) if image is not None else None
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
        folder = build_folder(path, service)
        row = launch("compose", path, line, argv, str(key), image, folder, STRENGTH)
        wanted = mapping(mapping(deploy.get("resources")).get("reservations"))
        policy = str(service.get("restart", ""))
        yield replace(
            row,
            replicas=number(deploy.get("replicas")),
            resources=(*requests(wanted, "cpus"), *probed(path, service, ("healthcheck",))),
            keeps=f"restart: {policy}" if policy in RESTARTS else "",
        )


def environment(service: Mapping[str, Value]) -> dict[str, str]:
    """The variables that a service is given with a literal value, in either form."""
    given = service.get("environment")
    pairs = [(str(name), value) for name, value in mapping(given).items()]
    pairs += [
        (name, Line(value, 0))
        for row in sequence(given)
        if isinstance(row, Line)
        for name, _, value in [row.partition("=")]
    ]
    return {name: str(value) for name, value in pairs if isinstance(value, Line) and value and "$" not in value}


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
        services = mapping(first_mapping(texts.get(path, "")).get("services"))
    return {**inherit(path, services[name], services, texts, depth + 1), **service} if name in services else service


def build_folder(path: str, service: Mapping[str, Value]) -> str:
    build = service.get("build")
    context = build if isinstance(build, Line) else mapping(build).get("context", "")
    return join(folder_of(path), context) if isinstance(context, str) else folder_of(path)


def makers_of(services: Mapping[str, Value]) -> dict[str, Mapping[str, Value]]:
    """Image -> the first service of the file that builds it."""
    found: dict[str, Mapping[str, Value]] = {}
    for value in services.values():
        service = mapping(value)
        name = service.get("image")
        if isinstance(name, Line) and "build" in service:
            found.setdefault(str(name), service)
    return found


def steps_of(services: Mapping[str, Value]) -> frozenset[str]:
    """The services for whose end others wait."""
    waits = [mapping(mapping(value).get("depends_on")) for value in services.values()]
    ends = "service_completed_successfully"
    return frozenset(
        str(name) for rows in waits for name, row in rows.items() if str(mapping(row).get("condition", "")) == ends
    )


def compose_image(
    path: str, service: Mapping[str, Value], makers: Mapping[str, Mapping[str, Value]], images: Mapping[str, Image]
) -> Image | None:
    """The stage that a service is built from, or from which another service of the file builds the image it names."""
    if "build" not in service:
        name = service.get("image")
        maker = makers.get(name) if isinstance(name, Line) else None
        return compose_image(path, maker, {}, images) if maker is not None else None
    folder = build_folder(path, service)
    build = mapping(service["build"])
    given = str(build.get("dockerfile", "Dockerfile"))
    image = images.get(join(folder, given)) or images.get(join(folder, "Containerfile"))
    return at_stage(image, str(build.get("target", ""))) if image is not None else None


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
        name = "" if UNKNOWN in name else name
        yield Launch("serverless", path, target.line, (str(target),), name, folder, strength=1.0, handler=True)


def key_of(services: Mapping[str, Value], key: str) -> object:
    return next((found for found in services if found == key), None)
