"""Lines of requirement files -> Declared*; and the one reader of a requirement's text. Linear: no line is looked at twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.types.declared import Declared
from readiness.types.tree import Text

# https://packaging.python.org/en/latest/specifications/dependency-specifiers/: name, extras, then a condition or an address
NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)")
EXACT = re.compile(r"={2,3}\s*([^\s,;*]+)$")
EGG = re.compile(r"#(?:.*&)?egg=([A-Za-z0-9._-]+)")
DEVELOPMENT = re.compile(
    r"(?i)(.*[-_./])?(dev|develop|development|tests?|testing|docs?|lint|ci|typing|mypy)([-_./].*)?"
)
MAX_LINE = 2000


def requirements(text: Text, kind: str) -> Iterator[Declared]:
    """One row per requirement; a line that goes on behind a backslash counts where it begins."""
    begun, start = "", 0
    for number, line in enumerate(text.text.splitlines(), 1):
        start = start if begun else number
        begun += line.rstrip()[:MAX_LINE]
        if begun.endswith("\\") and len(begun) < MAX_LINE:
            begun = begun[:-1] + " "
            continue
        row = requirement(_told(begun), text.path, start, kind)
        begun = ""
        if row is not None:
            yield row


def requirement(written: str, path: str, line: int, kind: str) -> Declared | None:
    """`Name[extra] >=1,<2 ; marker`, `name @ address`; None for what names no distribution."""
    found = NAME.fullmatch(written.partition(";")[0].rstrip()) if written else None
    if found is None:
        return None
    wanted = found[2].strip()
    if wanted.startswith("(") and wanted.endswith(")"):
        wanted = wanted[1:-1].strip()
    if wanted.startswith("@"):
        wanted = ""
    if wanted and wanted[0] not in "<>=!~":
        return None
    exact = EXACT.fullmatch(wanted)
    return Declared(normalised(found[1]), path, line, wanted, exact[1] if exact else None, kind)


def kind_of(name: str) -> str:
    """Whether a file or group is called like what only developers need."""
    return "development" if DEVELOPMENT.fullmatch(name) else "run"


def normalised(name: str) -> str:
    """As the package index compares names: https://packaging.python.org/en/latest/specifications/name-normalization/"""
    return re.sub(r"[-_.]+", "-", name).lower()


def _told(line: str) -> str:
    """The requirement of a line without comment and options; an address is told by its `#egg=`."""
    line = line.strip()
    if not line or line.startswith("#"):
        return ""
    egg = EGG.search(line)
    if egg is not None:
        return egg[1]
    if line.startswith("-") or "://" in line.partition("@")[0]:
        return ""
    line = line.partition(" #")[0]
    return re.split(r"\s--?[A-Za-z]", line, maxsplit=1)[0]
