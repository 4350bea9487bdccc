"""Processes + Program -> the same, where `python FILE` starts the web server of another file: that one's process, or its modules.

`uvicorn.run("shop.main:app")` loads a module by a text; `__main__` may call what another file serves by itself. Values only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec.structs import replace

from readiness.services.processes import Process, merged
from readiness.services.staying import Ground, stays
from readiness.types.facts import Facts

PLAIN = frozenset({"module", "file"})
BEHIND = frozenset({"apache"})  # a file that only hands an application to this server
APP = re.compile(r"str:([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):[A-Za-z_]\w*(\(\))?")


def with_served(found: Sequence[Process], ground: Ground) -> list[Process]:
    """A plain process that serves the app of a web process is that process; one that names another module's app loads it."""
    modules = {m.path: m.module for m in ground.program.modules}
    paths = {m.module: m.path for m in ground.program.modules}
    numbers = {f.module: number for number, f in enumerate(ground.program.functions) if f.qualname == "<module>"}
    webs = {one.entry: at for at, one in enumerate(found) if one.role == "web" and not one.part}
    result: list[Process | None] = list(found)
    for at, one in enumerate(found):
        module = modules.get(one.entry, "")
        if one.role == "web" and {row.kind for row in one.evidence} <= BEHIND:
            result[at] = None
            imported = [path for path in handed(module, ground, modules) if path != one.entry]
            home = next((webs[path] for path in imported if path in webs), None)
            server = result[home] if home is not None else None
            if home is not None and server is not None:
                result[home] = merged(server, one)
            else:
                result[at] = replace(one, entry=imported[0] if len(imported) == 1 else one.entry)
            continue
        if one.role != "process" or one.part or one.kind not in PLAIN or module not in numbers:
            continue
        named = tuple(dict.fromkeys(loaded_apps(module, ground, paths)))
        stay = stays(numbers[module], ground)
        served = [*named, *([stay.path] if stay is not None and "serves" in stay.detail else [])]
        home = next((webs[path] for path in served if path in webs and path != one.entry), None)
        other = result[home] if home is not None else None
        if home is not None and other is not None:
            result[home], result[at] = merged(other, one), None
        elif named:
            result[at] = replace(one, loads=named)
    return [one for one in result if one is not None]


def handed(module: str, ground: Ground, known: Collection[str]) -> list[str]:
    """The files of `known` that give a module its `application`; by the ends of their paths, for it may put a folder of the machine on
    the path first."""
    facts = ground.facts.get(module)
    rows = facts.imports if facts is not None else ()
    names = {row.module.replace(".", "/") for row in rows if row.module and "application" in (row.alias, row.name)}
    return [
        path for path in sorted(known) if any(f"/{path}".endswith((f"/{n}.py", f"/{n}/__init__.py")) for n in names)
    ]


def loaded_apps(module: str, ground: Ground, paths: Mapping[str, str]) -> Iterator[str]:
    """The files of the apps that a module's calls of servers name as `module:app`."""
    facts: Facts | None = ground.facts.get(module)
    own = [number for number, f in enumerate(ground.program.functions) if f.module == module] if facts else []
    for number in own:
        for edge in ground.calls.get(number, ()):
            if facts is None or edge.external not in ground.serves or edge.call < 0:
                continue
            match = APP.fullmatch(next(iter(facts.calls[edge.call].args), ""))
            found = meant(match[1], module, paths) if match else None
            if found:
                yield found


def meant(name: str, caller: str, paths: Mapping[str, str]) -> str | None:
    """The file of a module as the process would import it: by its own name, else below the caller's import root."""
    if name in paths:
        return paths[name]
    steps = caller.split(".")
    return next((paths[m] for at in range(len(steps), 0, -1) if (m := ".".join([*steps[:at], name])) in paths), None)
