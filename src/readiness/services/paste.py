"""INI texts of PasteDeploy -> the `module:factory` of the application that each serves. Text only; no factory is called."""

from __future__ import annotations

import configparser
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from readiness.types.tree import Text

SECTION = re.compile(r"^\s*\[(app|pipeline|composite|composit|filter-app):", re.MULTILINE)
KINDS = ("app", "composite", "composit", "pipeline", "filter-app")
TARGET = re.compile(r"[A-Za-z_]\w*(\.\w+)*:[A-Za-z_][\w.]*")
GROUP = re.compile(r"paste\.app_factory\W(?P<rows>(?:[^\n]*\n){1,6})")
ROW = re.compile(r"[\"']?([\w.-]+)[\"']?\s*=\s*[\"']?([A-Za-z_][\w.]*:[A-Za-z_]\w*)")
PACKAGING = frozenset({"setup.py", "setup.cfg", "pyproject.toml"})
MAX_STEPS = 8  # of sections that name sections


def pasted_apps(texts: Sequence[Text], modules: Collection[str]) -> dict[str, str]:
    """Path of an INI file -> `module:factory` of its main application, the first of `modules`; files without one are left out."""
    packaged = {name: target for text in texts for name, target in factories(text)}
    names = {name.partition("@")[0] for name in modules}
    ends = names | {name[at + 1 :] for name in names for at, sign in enumerate(name) if sign == "."}
    found: dict[str, str] = {}
    for text in texts:
        if SECTION.search(text.text):
            targets = resolve("main", sections_of(text.text), packaged, 0)
            target = next((target for target in targets if target.partition(":")[0] in ends), "")
            if target:
                found[text.path] = target
    return found


def factories(text: Text) -> list[tuple[str, str]]:
    """(name, `module:factory`) of the entry points in the group `paste.app_factory`."""
    if text.path.rsplit("/", 1)[-1] not in PACKAGING:
        return []
    return [(row[1], row[2]) for group in GROUP.finditer(text.text) for row in ROW.finditer(group["rows"])]


def sections_of(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False, default_section="DEFAULT")
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {name: dict(parser.items(name)) for name in parser.sections()}


def resolve(
    name: str, sections: Mapping[str, Mapping[str, str]], packaged: Mapping[str, str], steps: int
) -> Iterator[str]:
    """The factories of the applications that a section means, those of longer routes first."""
    rows = next((sections[key] for kind in KINDS if (key := f"{kind}:{name}") in sections), None)
    if rows is None or steps > MAX_STEPS:
        return
    used = rows.get("use", "").strip()
    for given in (rows.get("paste.app_factory", "").strip(), used.removeprefix("call:")):
        if TARGET.fullmatch(given) and not given.startswith(("egg:", "config:")):
            yield given
    if used.startswith("egg:"):
        yield packaged.get(used.partition("#")[2] or "main", "")
    routes = sorted((key for key in rows if key.startswith("/")), key=lambda key: (-len(key), key))
    for other in (*rows.get("pipeline", "").split()[-1:], *(rows[key] for key in routes), rows.get("next", ""), used):
        yield from resolve(other.strip(), sections, packaged, steps + 1)
