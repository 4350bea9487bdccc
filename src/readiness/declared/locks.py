"""Lock files -> Declared*: exact versions. Read line by line, as they are written by programs: a large one costs milliseconds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from readiness.declared.requirements import normalised
from readiness.types.declared import Declared
from readiness.types.tree import Text

PAIR = re.compile(r'(name|version)\s*=\s*"([^"\n]{1,200})"\s*')


def read_lock(text: Text) -> Iterator[Declared]:
    """poetry.lock, uv.lock and pdm.lock are tables `[[package]]`; Pipfile.lock is JSON."""
    if text.path.endswith("Pipfile.lock"):
        yield from _pipenv(text)
        return
    name, begun = "", False
    for number, line in enumerate(text.text.splitlines(), 1):
        if line.startswith("["):
            begun, name = line.strip() == "[[package]]", ""
        elif begun:
            pair = PAIR.fullmatch(line)
            if pair is None:
                continue
            if pair[1] == "name":
                name = normalised(pair[2])
            elif name:
                yield Declared(name, text.path, number, f"=={pair[2]}", pair[2], "lock")
                begun = False


def _pipenv(text: Text) -> Iterator[Declared]:
    try:
        data = json.loads(text.text)
    except (ValueError, RecursionError):
        return
    for part in ("default", "develop"):
        rows = data.get(part) if isinstance(data, dict) else None
        for name, row in rows.items() if isinstance(rows, dict) else ():
            version = row.get("version") if isinstance(row, dict) else None
            if isinstance(version, str) and version.startswith("=="):
                yield Declared(normalised(name), text.path, 1, version, version[2:], "lock")
