"""Files of a machine's own process managers -> Launches: Upstart jobs, Apache's mod_wsgi. Text only; nothing is started."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator

from readiness.services.launches import Launch
from readiness.types.tree import Text

JOB = re.compile(r"^(start|stop) on\b", re.MULTILINE)
EXEC = re.compile(r"\s*exec\s+(\S.*)")
ALIAS = re.compile(r"\s*WSGIScriptAlias(?:Match)?\s+(\S.*)")
MAX_LINES = 5_000


def machine_reader(text: Text) -> Callable[[Text], Iterator[Launch]] | None:
    """The reader of a job or of a web server's configuration, None for any other file."""
    if not text.path.endswith((".conf", ".conf.j2", ".upstart")):
        return None
    if "WSGIScriptAlias" in text.text:
        return apache
    return upstart if JOB.search(text.text) else None


def upstart(text: Text) -> Iterator[Launch]:
    """`exec` of a job, or its `script`; what runs before and after it (`pre-start script`) is a step."""
    name = re.sub(r"\.(conf|upstart)(\.j2)?$", "", text.path.rsplit("/", 1)[-1])
    body: list[str] = []
    begins, step = 0, False
    for line, raw in enumerate(text.text.splitlines()[:MAX_LINES], 1):
        word = raw.strip()
        if word == "end script":
            if begins:
                yield job(text, begins, "\n".join(body), name)
            begins, step, body = 0, False, []
        elif word == "script":
            begins = line
        elif re.match(r"(pre|post)-(start|stop) script$", word):
            step = True
        elif begins:
            body.append(raw)
        elif not step and (match := EXEC.match(raw)):
            yield job(text, line, match[1], name)


def job(text: Text, line: int, command: str, name: str) -> Launch:
    return Launch("upstart", text.path, line, ("sh", "-c", command), name, "", strength=0.85)


def apache(text: Text) -> Iterator[Launch]:
    """`WSGIScriptAlias /path FILE`: the application of a WSGI file, one row per file."""
    seen = set()
    for line, raw in enumerate(text.text.splitlines()[:MAX_LINES], 1):
        match = ALIAS.match(raw)
        try:
            words = shlex.split(match[1]) if match else []
        except ValueError:
            words = []
        if len(words) > 1 and words[1] not in seen:
            seen.add(words[1])
            yield Launch(
                "apache", text.path, line, ("mod_wsgi-express", "start-server", words[1]), "", "", strength=0.8
            )
