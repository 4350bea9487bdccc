"""A repository's non-Python texts -> Launches: what its manifests start, and which of them could not be read.

One function per kind of evidence. Everything is text: nothing is run, imported or fetched; a hostile file costs one row.
"""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from readiness.services.artifacts import built_from, kustomizations
from readiness.services.constructs import stack_launches
from readiness.services.cron import cron_reader, on_time, timetables_of
from readiness.services.helm import as_yaml, chart_of, charts, is_template
from readiness.services.images import Image, is_dockerfile, read_image
from readiness.services.jinja import in_template, plain_texts
from readiness.services.kustomize import kustomized
from readiness.services.launches import Launch, Unread, folder_of
from readiness.services.machines import machine_reader
from readiness.services.nomad import is_nomad, read_nomad
from readiness.services.orchestration import read_orchestration
from readiness.services.platforms import platform_reader
from readiness.services.runners import runner_reader
from readiness.services.terraform import terraform
from readiness.types.tree import Text

UNIT_LINE = re.compile(r"\s*ExecStart\s*=\s*[-@:+!]*(.*)")
RESTART_LINE = re.compile(r"\s*Restart\s*=\s*always\b")
PROCFILE_LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")
VERSION = re.compile(r"v?\d+((alpha|beta|rc)?\d*|(\.\d+)*)")
MAX_TEXT = 262_144


def read_manifests(texts: tuple[Text, ...]) -> tuple[tuple[Launch, ...], tuple[Unread, ...]]:
    """Launches and unreadable manifests, in the order of paths and lines."""
    texts, templates = plain_texts(text for text in texts if len(text.text) <= MAX_TEXT)
    images = {t.path: read_image(t.path, t.text) for t in texts if is_dockerfile(t.path)}
    overlays = kustomizations(texts)
    built, broken = built_from(texts, images, overlays)
    found: list[Launch | Unread] = [*broken, *(launch for image in images.values() for launch in image_launch(image))]
    values = charts(texts)
    whole = {text.path: text.text for text in texts}
    stacks = stack_folders(texts)
    for text in texts:
        reader = reader_of(text)
        if text.path.endswith(".ts"):
            found += stack_launches(text, stacks)
        elif reader is not None:
            found += reader(text)
        elif is_nomad(text.path, text.text):
            found += read_nomad(text.path, text.text, built)
        else:
            body = as_yaml(text.text, chart_of(text.path, values)) if is_template(text.path, text.text) else text.text
            found += read_orchestration(text.path, body, built, whole)
    timetables = timetables_of(whole)
    timed = [on_time(row, timetables) for row in found if isinstance(row, Launch)]
    launches = [in_template(row, templates) for row in (*timed, *kustomized(whole, overlays, timed))]
    unread = [replace(row, path=templates.get(row.path, row.path)) for row in found if isinstance(row, Unread)]
    return (
        tuple(sorted(launches, key=lambda row: (row.path, row.line, row.name, row.argv))),
        tuple(sorted(unread, key=lambda row: (row.path, row.line or 0))),
    )


def stack_folders(texts: tuple[Text, ...]) -> tuple[str, ...]:
    """The folders of CDK applications."""
    return tuple(folder_of(text.path) for text in texts if text.path.rsplit("/", 1)[-1] == "cdk.json")


def images_of(texts: tuple[Text, ...]) -> dict[str, Image]:
    """The Dockerfiles of a repository by path, templates under their own."""
    texts, templates = plain_texts(text for text in texts if is_dockerfile(text.path) and len(text.text) <= MAX_TEXT)
    images = [replace(read_image(t.path, t.text), path=templates.get(t.path, t.path)) for t in texts]
    return {image.path: image for image in images}


def reader_of(text: Text) -> Callable[[Text], Iterator[Launch | Unread]] | None:
    """Which reader a file's name asks for."""
    name = text.path.rsplit("/", 1)[-1]
    if name.startswith("Procfile"):
        return procfile
    if name.endswith(".service"):
        return systemd
    if name == "run" and text.text.startswith("#!"):
        return supervised
    if "[program:" in text.text and name.endswith((".conf", ".ini")):
        return supervisord
    if name == "pyproject.toml":
        return pyproject
    if name == "entry_points.txt":
        return entry_points
    if name == "setup.cfg":
        return setup_cfg
    if name.endswith(".tf"):
        return terraform
    return platform_reader(text) or cron_reader(text) or runner_reader(text) or machine_reader(text)


def image_launch(image: Image) -> Iterator[Launch]:
    if image.argv:
        folder = folder_of(image.path)
        name = telling(folder)
        suffix = re.match(r"(?:Dockerfile|Containerfile)[.-](.+)|(.+)\.[Dd]ockerfile$", image.path.rsplit("/", 1)[-1])
        name = (suffix[1] or suffix[2]) if suffix else name
        yield Launch(
            "dockerfile", image.path, image.line, image.argv, name, folder, image.workdir, image.copies,
            variables=image.variables,
        )  # fmt: skip


def telling(folder: str) -> str:
    """The last step of a folder that is no version."""
    steps = [step for step in folder.split("/") if not VERSION.fullmatch(step)]
    return steps[-1] if steps else ""


def procfile(text: Text) -> Iterator[Launch]:
    """`name: command`; `release` is a step, not a process."""
    for line, raw in enumerate(text.text.splitlines(), 1):
        match = PROCFILE_LINE.match(raw)
        if match and match[1] != "release":
            yield Launch(
                "procfile", text.path, line, ("sh", "-c", match[2]), match[1], folder_of(text.path), strength=0.95
            )


def systemd(text: Text) -> Iterator[Launch]:
    """ExecStart of a unit."""
    name = text.path.rsplit("/", 1)[-1].removesuffix(".service").rstrip("@")
    lines = text.text.splitlines()
    restarts = [m[0].strip() for raw in lines if (m := RESTART_LINE.match(raw))]
    for line, raw in enumerate(lines, 1):
        match = UNIT_LINE.match(raw)
        if match:
            command, at = match[1], line
            while command.endswith("\\") and at < len(lines):
                command, at = command[:-1] + " " + lines[at].strip(), at + 1
            keeps = restarts[-1] if restarts else ""
            yield Launch("systemd", text.path, line, ("sh", "-c", command), name, "", keeps=keeps)


def supervised(text: Text) -> Iterator[Launch]:
    """A `run` file of s6, runit or daemontools: its folder names the process."""
    name = folder_of(text.path).rsplit("/", 1)[-1]
    if name.startswith("init-"):  # s6-overlay's word for what runs once before the processes
        return
    yield Launch("supervised", text.path, 1, ("sh", text.path), re.sub(r"^(svc|service)-", "", name), "", strength=0.9)


def supervisord(text: Text) -> Iterator[Launch]:
    """`command=` of each `[program:x]`."""
    name = ""
    for line, raw in enumerate(text.text.splitlines(), 1):
        section = re.match(r"\s*\[program:([^\]]+)\]", raw)
        if section or raw.lstrip().startswith("["):
            name = section[1].strip() if section else ""
        command = re.match(r"\s*command\s*=\s*(.+)", raw)
        if command and name:
            words = re.sub(r"%\(\w+\)[sd]", "", command[1])
            yield Launch("supervisord", text.path, line, ("sh", "-c", words), name, "", strength=0.85)


def pyproject(text: Text) -> Iterator[Launch | Unread]:
    """`[project.scripts]` and Poetry's; plug-in groups start nothing."""
    try:
        data = tomllib.loads(text.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        yield Unread(text.path, None, "console-script", f"no TOML: {error}"[:120])
        return
    tool, project = table(data, "tool"), table(data, "project")
    packaged = table(project, "entry-points")
    groups = (table(project, "scripts"), table(project, "gui-scripts"), table(table(tool, "poetry"), "scripts"))
    for scripts in (*groups, table(packaged, "console_scripts"), table(packaged, "wsgi_scripts")):
        for name, target in scripts.items():
            if isinstance(target, str):
                yield script(text, name, target)
    yield from code_location(text, tool)


def code_location(text: Text, tool: Mapping[str, object]) -> Iterator[Launch]:
    """What Dagster loads of a project: `code_location_target_module`, or `definitions` of its root module."""
    project = table(table(tool, "dg"), "project")
    root = project.get("root_module")
    target = project.get("code_location_target_module", f"{root}.definitions" if isinstance(root, str) else None)
    target = table(tool, "dagster").get("module_name", target)
    if isinstance(target, str):
        pattern = re.compile(r"^\s*(code_location_target_module|root_module|module_name)\s*=")
        line = next((at for at, raw in enumerate(text.text.splitlines(), 1) if pattern.match(raw)), 1)
        argv = ("dagster", "code-server", "start", "-m", target)
        folder = folder_of(text.path)
        yield Launch("code-location", text.path, line, argv, telling(folder), folder, strength=0.7)


def table(data: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def setup_cfg(text: Text) -> Iterator[Launch | Unread]:
    """console_scripts and wsgi_scripts of `[options.entry_points]` (and pbr's `[entry_points]`)."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    try:
        parser.read_string(text.text)
    except configparser.Error as error:
        yield Unread(text.path, None, "console-script", f"no INI: {type(error).__name__}")
        return
    for section in ("options.entry_points", "entry_points"):
        for group in ("console_scripts", "wsgi_scripts"):
            for row in parser.get(section, group, fallback="").splitlines():
                name, _, target = row.partition("=")
                if target.strip():
                    yield script(text, name.strip(), target.strip())


def entry_points(text: Text) -> Iterator[Launch | Unread]:
    """`[console_scripts]` of an unpacked wheel: what its installer would put on PATH."""
    section = ""
    for raw in text.text.splitlines():
        if raw.strip().startswith("["):
            section = raw.strip().strip("[]")
        name, _, target = raw.partition("=")
        if section in ("console_scripts", "wsgi_scripts") and target.strip() and not raw.startswith((";", "#")):
            yield script(text, name.strip(), target.strip())


def script(text: Text, name: str, target: str) -> Launch:
    """A packaged command; argv is its `module:function`."""
    pattern = re.compile(rf"^\s*[\"']?{re.escape(name)}[\"']?\s*=")
    line = next((at for at, raw in enumerate(text.text.splitlines(), 1) if pattern.match(raw)), 1)
    target = target.split("[")[0].strip()
    return Launch("console-script", text.path, line, (target,), name, folder_of(text.path), strength=0.6)
