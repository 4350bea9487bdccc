"""Rulebook + declared versions -> Rulebook: without the names that a library did not have yet, or has no more, at its version."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from readiness.types.declared import Declared
from readiness.types.rulebook import Api, Rulebook

NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def at_versions(rulebook: Rulebook, declared: Mapping[str, Declared]) -> Rulebook:
    """`declared`: by normalised distribution. A library whose version is not told keeps all of its names."""
    libraries = []
    for library in rulebook.libraries:
        asked = declared.get(re.sub(r"[-_.]+", "-", library.distribution).lower())
        version = None if asked is None else asked.version
        if version is not None and any(api.since or api.until for api in library.apis):
            library = replace(library, apis=tuple(api for api in library.apis if _holds(api, version)))
        libraries.append(library)
    return replace(rulebook, libraries=tuple(libraries))


def _holds(api: Api, version: str) -> bool:
    """`until = "2.1"` covers 2.1.4; what follows the release number (`rc1`, `.post2`) is left out of the comparison."""
    at = _release(version)
    if api.since is not None and at < _release(api.since):
        return False
    last = _release(api.until) if api.until is not None else ()
    return not last or at[: len(last)] <= last


def _release(text: str) -> tuple[int, ...]:
    found = NUMBERS.match(text.strip().lstrip("v"))
    return tuple(int(part) for part in found[0].split(".")) if found else ()
