"""Dockerfile text -> Image: what its last stage starts and which files of the repository lie where. Never builds anything."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from readiness.services.launches import folder_of

INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)", re.DOTALL)
VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?[-+]([^}]*))?\}|(\w+))")


class Image(Struct, frozen=True):
    """One stage of a Dockerfile: the last one, where nobody asks for another."""

    path: str
    line: int = 0  # of CMD, or of ENTRYPOINT without one
    entry: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    workdir: str = ""
    copies: tuple[tuple[str, str], ...] = ()  # (path in the image, path in the build context)
    variables: tuple[tuple[str, str], ...] = ()
    base: str = ""
    stages: int = 0
    packages: tuple[str, ...] = ()  # of the system, installed in the last stage or in those it is built from
    probe: int = 0  # line of HEALTHCHECK, 0 for none
    told: tuple[str, str] = ("", "")  # ENTRYPOINT and CMD as they are written, for variables that a manifest sets
    before: tuple[tuple[str, Image], ...] = ()  # the stages before it by name, of the last one only

    @property
    def argv(self) -> tuple[str, ...]:
        return self.entry + self.command


def read_image(path: str, text: str) -> Image:
    """The last stage, with what it takes over from the stages it is built from."""
    stages: dict[str, Image] = {}
    stage, name = Image(path), ""
    arguments: dict[str, str] = {}
    for line, word, rest in instructions(text):
        if word == "FROM":
            stages[name] = stage
            parts = [part for part in substitute(rest, arguments).split() if not part.startswith("--")]
            base = stages.get(parts[0], Image(path)) if parts else Image(path)
            stage, name = (
                replace(base, base=base.base or "".join(parts[:1]), stages=len(stages)),
                parts[-1] if len(parts) == 3 else f"#{line}",
            )
        elif word == "ARG" and not stage.base:
            arguments |= pairs(rest)
        else:
            stage = apply(stage, line, word, rest)
    return replace(stage, before=tuple((name, one) for name, one in stages.items() if name))


def at_stage(image: Image, target: str) -> Image:
    """The stage that a build's `target` names; the image itself where it names none."""
    return dict(image.before).get(target, image) if target else image


def with_variables(image: Image, given: Mapping[str, str]) -> Image:
    """The image as it starts where a manifest sets variables of its environment."""
    known = {**dict(image.variables), **given}
    entry, command = (command_of(text, known) if text else () for text in image.told)
    return replace(image, entry=entry, command=command, variables=tuple(known.items())) if given else image


def instructions(text: str) -> list[tuple[int, str, str]]:
    """(line, INSTRUCTION, rest) with continued lines joined and here-documents left out."""
    found: list[tuple[int, str, str]] = []
    pending, start, until = "", 0, ""
    for line, raw in enumerate(text.splitlines(), 1):
        if until:
            until = "" if raw.strip() == until else until
            continue
        if raw.lstrip().startswith("#") or (not raw.strip() and not pending):
            continue
        start = start if pending else line
        if raw.rstrip().endswith("\\"):
            pending += raw.rstrip()[:-1] + " "
            continue
        whole, pending = pending + raw, ""
        match = INSTRUCTION.match(whole)
        if match:
            found.append((start, match[1].upper(), match[2].strip()))
            document = re.search(r"<<-?[\"']?(\w+)", whole)
            until = document[1] if document and match[1].upper() in ("RUN", "COPY") else ""
    return found


def apply(stage: Image, line: int, word: str, rest: str) -> Image:
    known = dict(stage.variables)
    if word in ("ENV", "ARG"):
        given = {name: substitute(value, known) for name, value in pairs(rest).items()}
        return replace(stage, variables=tuple({**known, **given}.items()))
    if word == "WORKDIR":
        folder = substitute(rest.strip("\"'"), known).rstrip("/")
        return replace(stage, workdir=folder if folder.startswith("/") else f"{stage.workdir}/{folder}")
    if word in ("COPY", "ADD"):
        return replace(stage, copies=stage.copies + copied(substitute(rest, known), stage.workdir))
    if word == "RUN":
        return replace(stage, packages=stage.packages + system_packages(substitute(rest, known)))
    if word == "HEALTHCHECK" and rest.upper() != "NONE":
        return replace(stage, probe=line)
    if word == "ENTRYPOINT":
        return replace(stage, entry=command_of(rest, known), command=(), line=line, told=(rest, ""))
    if word == "CMD":
        return replace(stage, command=command_of(rest, known), line=line, told=(stage.told[0], rest))
    return stage


def system_packages(command: str) -> tuple[str, ...]:
    """What `apt-get install`, `apk add` and their kin name, without versions and options."""
    found = []
    for part in re.split(r"&&|;|\|\|", command):
        match = re.search(
            r"\b(?:apt-get|apt|aptitude)\b[^|]*?\binstall\b(.*)|\bapk\b.*?\badd\b(.*)|\b(?:yum|dnf|microdnf|zypper)\b.*?\binstall\b(.*)",
            part,
        )
        words = next((group for group in match.groups() if group), "").split() if match else []
        found += [re.split(r"[=~<>]", word)[0] for word in words if re.match(r"[a-z0-9][a-z0-9.+-]*([=~<>].*)?$", word)]
    return tuple(dict.fromkeys(found))


def copied(rest: str, workdir: str) -> tuple[tuple[str, str], ...]:
    """What COPY puts where; nothing for copies from other stages' images."""
    try:
        parsed = json.loads(rest) if rest.startswith("[") else [p for p in rest.split() if not p.startswith("--")]
    except (ValueError, RecursionError):
        return ()
    parts = [str(part) for part in parsed]
    if len(parts) < 2 or "--from=" in rest:
        return ()
    target = parts[-1] if parts[-1].startswith("/") else f"{workdir}/{parts[-1]}"
    target = re.sub(r"/(\./)+", "/", target + "/").rstrip("/")
    rows = []
    for source in parts[:-1]:
        is_file = "." in source.rsplit("/", 1)[-1].lstrip(".") and (parts[-1].endswith(("/", ".")) or len(parts) > 2)
        rows.append(
            (f"{target}/{source.rsplit('/', 1)[-1]}" if is_file else target, source.strip("/").removeprefix("./"))
        )
    return tuple(rows)


def command_of(rest: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """The argv of the exec form, or `sh -c text` of the shell form."""
    if rest.startswith("["):
        try:
            return tuple(substitute(str(part), known) for part in json.loads(rest))
        except (ValueError, RecursionError):
            return ()
    return ("sh", "-c", substitute(rest, known))


def pairs(rest: str) -> dict[str, str]:
    """`A=b C=d` or `A b`."""
    try:
        words = shlex.split(rest)
    except ValueError:
        return {}
    if words and "=" not in words[0]:
        return {words[0]: " ".join(words[1:])}
    return {name: value for name, _, value in (word.partition("=") for word in words) if name}


def substitute(text: str, known: Mapping[str, str]) -> str:
    """`$A`, `${A}`, `${A:-b}` with what is known; the rest stays as it is."""
    return VARIABLE.sub(lambda m: known.get(m[1] or m[3], m[2] if m[2] is not None else m[0])[:500], text)


def is_dockerfile(path: str) -> bool:
    name = path.rsplit("/", 1)[-1].lower()
    return name in ("dockerfile", "containerfile") or name.startswith("dockerfile.") or name.endswith(".dockerfile")


def context_folders(path: str) -> list[str]:
    """The folders that may be the build context: the Dockerfile's own and those above it."""
    folders = [folder_of(path)]
    while folders[-1]:
        folders.append(folder_of(folders[-1]))
    return folders
