"""Configuration of process managers and task runners -> Launches: uWSGI, gunicorn, Circus, Makefiles and their kin. Text only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from readiness.services.launches import Launch, folder_of
from readiness.types.tree import Text

WEAK = 0.25  # a task that people type: below what makes a service, but it adds to other evidence
RUNNERS = frozenset({"makefile", "gnumakefile", "justfile", "taskfile.yml", "taskfile.yaml", "fabfile", "tiltfile"})
RULE = re.compile(r"([A-Za-z][\w.-]*)\s*:(?!=)")
MAGIC = re.compile(r"%\(\w*\)|\$\(\w*\)")  # what uwsgi puts in by itself
PLACEHOLDER = re.compile(r"%\((\w+)\)")  # uwsgi's own: an option that the file has set above
MAX_LINES = 5_000
MAX_VALUE = 200  # characters


def runner_reader(text: Text) -> Callable[[Text], Iterator[Launch]] | None:
    """The reader of a manager's or runner's file, None for any other."""
    name = text.path.rsplit("/", 1)[-1].lower()
    if "[uwsgi]" in text.text and name.endswith((".ini", ".conf", ".cfg")):
        return uwsgi
    if name.startswith("gunicorn") and name.endswith(".py"):
        return gunicorn
    if "[watcher:" in text.text and name.endswith(".ini"):
        return circus
    if name in RUNNERS or name.endswith(".mk"):
        return tasks
    return workflow if ".github/workflows/" in text.path or name == ".gitlab-ci.yml" else None


def uwsgi(text: Text) -> Iterator[Launch]:
    """`module`, `mount`, `wsgi-file`, `paste` and `attach-daemon` of an ini file."""
    folder, workers = folder_of(text.path), ""
    rows = []
    known: dict[str, str] = {}
    for line, raw in enumerate(text.text.splitlines()[:MAX_LINES], 1):
        key, _, value = (part.strip() for part in raw.partition("="))
        if key in ("processes", "workers") and value.isdigit():
            workers = value
        value = PLACEHOLDER.sub(lambda found: known.get(found[1], found[0])[:MAX_VALUE], value)
        known[key] = value
        rows.append((line, key, value))
    for line, key, value in rows:
        count = ("--processes", workers) if workers else ()
        if key == "mount":  # `mount = /path=module:app`
            key, value = "module", value.rpartition("=")[2]
        if key in ("module", "wsgi") and value:
            yield Launch("uwsgi", text.path, line, ("uwsgi", "--module", value, *count), "", folder, strength=0.8)
        elif key in ("wsgi-file", "file") and value.endswith(".py"):
            yield Launch("uwsgi", text.path, line, ("uwsgi", "--wsgi-file", value, *count), "", folder, strength=0.8)
        elif key in ("paste", "ini-paste", "ini-paste-logged") and value:
            yield Launch("uwsgi", text.path, line, ("uwsgi", "--paste", value, *count), "", folder, strength=0.8)
        elif key in ("attach-daemon", "attach-daemon2", "smart-attach-daemon") and value:
            command = MAGIC.sub("X", re.sub(r"^cmd=([^,]*).*", r"\1", value))
            yield Launch("uwsgi", text.path, line, ("sh", "-c", command), "", folder, strength=0.8)


def gunicorn(text: Text) -> Iterator[Launch]:
    """`wsgi_app` of a gunicorn configuration, read as text."""
    workers = re.search(r"^workers\s*=\s*(\d+)", text.text, re.MULTILINE)
    for line, raw in enumerate(text.text.splitlines()[:MAX_LINES], 1):
        app = re.match(r"wsgi_app\s*=\s*[\"']([\w.:()]+)[\"']", raw)
        if app:
            count = ("-w", workers[1]) if workers else ()
            yield Launch(
                "gunicorn-config", text.path, line, ("gunicorn", *count, app[1]), "", folder_of(text.path), strength=0.8
            )


def circus(text: Text) -> Iterator[Launch]:
    """`cmd` and `args` of each `[watcher:x]`."""
    name, command, at, args = "", "", 1, ""
    for line, raw in enumerate([*text.text.splitlines()[:MAX_LINES], "[end]"], 1):
        section = re.match(r"\s*\[(?:watcher:)?([^\]]+)\]", raw)
        if section:
            if name and command:
                yield Launch(
                    "circus",
                    text.path,
                    at,
                    ("sh", "-c", f"{command} {args}"),
                    name,
                    folder_of(text.path),
                    strength=0.85,
                )
            name, command, args = section[1] if "watcher:" in raw else "", "", ""
        key, _, value = (part.strip() for part in raw.partition("="))
        if key == "cmd":
            command, at = value, line
        elif key == "args":
            args = value


def tasks(text: Text) -> Iterator[Launch]:
    """The commands of a Makefile's targets and of other task files: weak evidence, named after the target."""
    target = ""
    for line, raw in enumerate(text.text.splitlines()[:MAX_LINES], 1):
        rule = RULE.match(raw)
        if rule:
            target = rule[1]
        command = raw.strip().lstrip("@-").removeprefix("cmd:").removeprefix("- ").strip().strip("\"'")
        if raw[:1] in ("\t", " ") and SERVERS.search(command):
            yield Launch(
                "task-runner", text.path, line, ("sh", "-c", command), target, folder_of(text.path), strength=WEAK
            )


def workflow(text: Text) -> Iterator[Launch]:
    """Lines of a deploying job that start a server themselves: weak evidence."""
    for line, raw in enumerate(text.text.splitlines()[:MAX_LINES], 1):
        command = raw.strip().removeprefix("- ").removeprefix("run:").strip().strip("\"'")
        if SERVERS.match(command):
            yield Launch("ci", text.path, line, ("sh", "-c", command), "", "", strength=WEAK)


SERVERS = re.compile(
    r"(\S*/)?(exec\s+|poetry run\s+|uv run\s+|pipenv run\s+)?(gunicorn|uvicorn|hypercorn|daphne|celery|uwsgi|flask|dramatiq|arq|python\d?\S* \S+)\b"
)
