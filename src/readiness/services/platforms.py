"""Files of hosting platforms -> Launches: App Engine, Cloud Foundry, Fly, Heroku, Render, ECS, Zappa, Chalice, Azure Functions. Text only."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping

from readiness.services.launches import Launch, Unread, folder_of, join
from readiness.services.lines import Broken, Line, Value, line_of, mapping, read_yaml, sequence
from readiness.services.workloads import number, requests
from readiness.types.tree import Text

MAX_JSON = 262_144
APPLICATIONS = re.compile(r"^applications:", re.MULTILINE)


def platform_reader(text: Text) -> Callable[[Text], Iterator[Launch | Unread]] | None:
    """The reader of a platform's file, None for any other."""
    name = text.path.rsplit("/", 1)[-1]
    known: dict[str, Callable[[Text], Iterator[Launch | Unread]]] = {
        "fly.toml": fly, "heroku.yml": heroku, "render.yaml": render, "zappa_settings.json": zappa, "function.json": azure,
    }  # fmt: skip
    if name in known:
        return known[name]
    if (
        name.endswith((".yaml", ".yml"))
        and "runtime: python" in text.text
        and "apiVersion" not in text.text
        and name.startswith("app")
    ):
        return app_engine
    if name.endswith((".yaml", ".yml")) and name.startswith("manifest") and APPLICATIONS.search(text.text):
        return cloud_foundry
    if text.path.endswith(".chalice/config.json"):
        return chalice
    return ecs if name.endswith(".json") and '"containerDefinitions"' in text.text else None


def app_engine(text: Text) -> Iterator[Launch | Unread]:
    """`entrypoint`, or App Engine's own default: gunicorn with `main:app`."""
    for top in documents(text, "app-engine"):
        if isinstance(top, Unread):
            yield top
            continue
        entry = top.get("entrypoint")
        command = entry if isinstance(entry, Line) else "gunicorn main:app"
        folder = folder_of(text.path)
        name = top.get("service")
        line = (line_of(entry) if entry else None) or line_of(dict(top)) or 1
        yield Launch(
            "app-engine",
            text.path,
            line,
            ("sh", "-c", str(command)),
            str(name) if isinstance(name, Line) else folder,
            folder,
        )


def cloud_foundry(text: Text) -> Iterator[Launch | Unread]:
    """`command` of each application and of its processes; one without a command runs what the Procfile says."""
    for top in documents(text, "cloud-foundry"):
        if isinstance(top, Unread):
            yield top
            continue
        for item in sequence(top.get("applications")):
            app = mapping(item)
            name, place = str(app.get("name", "")), app.get("path")
            folder = join(folder_of(text.path), place) if isinstance(place, Line) else folder_of(text.path)
            for value in (app, *sequence(app.get("processes"))):
                row = mapping(value)
                command = row.get("command")
                if isinstance(command, Line):
                    kind = str(row.get("type", ""))
                    yield Launch(
                        "cloud-foundry", text.path, command.line, ("sh", "-c", str(command)),
                        name if kind in ("", "web") or not name else f"{name}-{kind}", folder,
                        replicas=number(row.get("instances")),
                        resources=tuple(requests(row, "cpu")),
                    )  # fmt: skip


def heroku(text: Text) -> Iterator[Launch | Unread]:
    """`run:` of heroku.yml."""
    for top in documents(text, "heroku"):
        if isinstance(top, Unread):
            yield top
            continue
        for name, value in mapping(top.get("run")).items():
            command = (
                value if isinstance(value, Line) else " ".join(str(v) for v in sequence(mapping(value).get("command")))
            )
            if command:
                yield Launch(
                    "heroku",
                    text.path,
                    line_of(value) or 1,
                    ("sh", "-c", str(command)),
                    str(name),
                    folder_of(text.path),
                )


def render(text: Text) -> Iterator[Launch | Unread]:
    """`services:` of render.yaml."""
    for top in documents(text, "render"):
        if isinstance(top, Unread):
            yield top
            continue
        for item in sequence(top.get("services")):
            row = mapping(item)
            command = row.get("startCommand", row.get("dockerCommand"))
            if isinstance(command, Line):
                folder = str(row.get("rootDir", "")) or folder_of(text.path)
                yield Launch(
                    "render", text.path, command.line, ("sh", "-c", str(command)), str(row.get("name", "")), folder
                )


def documents(text: Text, kind: str) -> Iterator[Mapping[str, Value] | Unread]:
    found = read_yaml(text.text)
    if isinstance(found, Broken):
        yield Unread(text.path, found.line, kind, found.reason)
        return
    yield from (mapping(document) for document in found)


def fly(text: Text) -> Iterator[Launch | Unread]:
    """`[processes]` of fly.toml."""
    try:
        data = tomllib.loads(text.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        yield Unread(text.path, None, "fly", f"no TOML: {error}"[:120])
        return
    processes = data.get("processes")
    for name, command in processes.items() if isinstance(processes, dict) else ():
        if isinstance(command, str):
            yield Launch(
                "fly", text.path, line_with(text.text, name), ("sh", "-c", command), name, folder_of(text.path)
            )


def ecs(text: Text) -> Iterator[Launch | Unread]:
    """Containers of an ECS task definition that are given a command."""
    data = read_json(text, "ecs")
    if isinstance(data, Unread):
        yield data
        return
    containers = data.get("containerDefinitions")
    for row in containers if isinstance(containers, list) else ():
        if isinstance(row, dict):
            words = [*strings(row.get("entryPoint")), *strings(row.get("command"))]
            name = str(row.get("name", ""))
            if words:
                yield Launch("ecs", text.path, line_with(text.text, name), tuple(words), name, folder_of(text.path))


def zappa(text: Text) -> Iterator[Launch | Unread]:
    """`app_function` of each stage of Zappa."""
    data = read_json(text, "serverless")
    if isinstance(data, Unread):
        yield data
        return
    for stage in data.values():
        target = stage.get("app_function") if isinstance(stage, dict) else None
        if isinstance(target, str):
            yield Launch(
                "serverless",
                text.path,
                line_with(text.text, target),
                (target,),
                "",
                folder_of(text.path),
                strength=1.0,
                handler=True,
            )


def chalice(text: Text) -> Iterator[Launch | Unread]:
    """A Chalice project is `app.py` beside `.chalice`."""
    data = read_json(text, "serverless")
    if isinstance(data, Unread):
        yield data
        return
    folder = folder_of(folder_of(text.path))
    yield Launch(
        "serverless", text.path, 1, ("app.app",), str(data.get("app_name", "")), folder, strength=1.0, handler=True
    )


def azure(text: Text) -> Iterator[Launch | Unread]:
    """An Azure function: the folder of function.json, its `scriptFile` and `entryPoint`."""
    data = read_json(text, "serverless")
    if isinstance(data, Unread):
        yield data
        return
    script = str(data.get("scriptFile", "__init__.py"))
    folder = folder_of(text.path)
    if "bindings" in data and script.endswith(".py"):
        yield Launch("serverless", text.path, 1, ("python", script), folder.rsplit("/", 1)[-1], folder, strength=1.0)


def read_json(text: Text, kind: str) -> Mapping[str, object] | Unread:
    try:
        data = json.loads(text.text[:MAX_JSON])
    except (ValueError, RecursionError) as error:
        return Unread(text.path, None, kind, f"no JSON: {type(error).__name__}")
    return data if isinstance(data, dict) else {}


def strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def line_with(text: str, word: str) -> int:
    """The first line that has a word, 1 where none has."""
    return next((n for n, raw in enumerate(text.splitlines(), 1) if word and word in raw), 1)
