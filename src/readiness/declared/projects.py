"""Project files -> Declared*: pyproject.toml, Pipfile, setup.cfg, setup.py by its facts, conda environments. Nothing is run."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from readiness.declared.requirements import kind_of, requirement
from readiness.types.declared import Declared
from readiness.types.facts import Facts, Ref
from readiness.types.tree import Text

ITEM = re.compile(r"(\s*)-\s+(.*)")
DEEP = 200  # references of setup.py that are followed


def pyproject(text: Text) -> Iterator[Declared]:
    """Tables of the standard (project, dependency-groups) and of Poetry, PDM and uv."""
    data = _toml(text)
    project, tool = _table(data, "project"), _table(data, "tool")
    yield from _listed(text, _list(project.get("dependencies")), "run")
    for rows in _table(project, "optional-dependencies").values():
        yield from _listed(text, _list(rows), "extra")
    groups = (data.get("dependency-groups"), _table(tool, "pdm").get("dev-dependencies"))
    for table in groups:
        for name, rows in table.items() if isinstance(table, dict) else ():
            yield from _listed(text, _list(rows), kind_of(name))
    yield from _listed(text, _list(_table(tool, "uv").get("dev-dependencies")), "development")
    poetry = _table(tool, "poetry")
    yield from _mapped(text, _table(poetry, "dependencies"), "run")
    yield from _mapped(text, _table(poetry, "dev-dependencies"), "development")
    for name, group in _table(poetry, "group").items():
        yield from _mapped(text, _table(group, "dependencies"), kind_of(name))


def pipfile(text: Text) -> Iterator[Declared]:
    data = _toml(text)
    yield from _mapped(text, _table(data, "packages"), "run")
    yield from _mapped(text, _table(data, "dev-packages"), "development")


def setup_cfg(text: Text) -> Iterator[Declared]:
    reader = configparser.RawConfigParser(strict=False)
    try:
        reader.read_string(text.text)
    except configparser.Error:
        return
    if reader.has_option("options", "install_requires"):
        yield from _listed(text, reader.get("options", "install_requires").splitlines(), "run")
    if reader.has_section("options.extras_require"):
        for _, rows in reader.items("options.extras_require"):
            yield from _listed(text, rows.splitlines(), "extra")


def setup_call(path: str, facts: Facts) -> Iterator[Declared]:
    """The literals of `install_requires` and `extras_require`, also where a module-level name holds the list."""
    for call in facts.calls:
        given = dict(call.keywords)
        for key, kind in (("install_requires", "run"), ("extras_require", "extra")):
            for written in _literals(given.get(key, ""), facts):
                row = requirement(written, path, call.line, kind)
                if row is not None:
                    yield row


def conda(text: Text) -> Iterator[Declared]:
    """The list under `dependencies:` and the one under its `pip:`; `name=1.2` is conda's way to pin."""
    is_inside, is_pip = False, False
    for number, line in enumerate(text.text.splitlines(), 1):
        item = ITEM.fullmatch(line)
        if item is None:
            if line[:1].strip() and not line.startswith("#"):
                is_inside, is_pip = line.startswith("dependencies:"), False
            continue
        if not is_inside:
            continue
        written = item[2].partition(" #")[0].strip().strip("\"'")
        if written.startswith("pip:"):
            is_pip, depth = True, len(item[1])
            continue
        is_pip = is_pip and len(item[1]) > depth
        if not is_pip:
            written = re.sub(r"^([^\s=<>!~]+)\s*=\s*([0-9][^=\s]*)(=\S*)?$", r"\1==\2", written.rpartition("::")[2])
        row = requirement(written, text.path, number, "run")
        if row is not None and row.distribution != "python":
            yield row


def _toml(text: Text) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text.text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _table(data: Any, key: str) -> Mapping[str, Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _list(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []


def _listed(text: Text, rows: Iterable[Any], kind: str) -> Iterator[Declared]:
    """Requirements that are written as strings, each at the first line that holds it."""
    for row in rows:
        if isinstance(row, str):
            found = requirement(row.strip(), text.path, _line(text, row.strip()), kind)
            if found is not None:
                yield found


def _mapped(text: Text, rows: Mapping[str, Any], kind: str) -> Iterator[Declared]:
    """`name = "^1.2"` or `name = {version = ..., extras = [...]}`; a bare version means exactly that one."""
    for name, value in rows.items():
        told = value.get("version") if isinstance(value, dict) else value
        wanted = told if isinstance(told, str) and told != "*" else ""
        if wanted[:1].isdigit():
            wanted = f"=={wanted}"
        row = requirement(name, text.path, _line(text, name), kind)
        if row is not None and row.distribution != "python":
            exact = wanted[2:].strip() if wanted.startswith("==") and "," not in wanted and "*" not in wanted else None
            yield Declared(row.distribution, row.path, row.line, wanted, exact, kind)


def _line(text: Text, written: str) -> int:
    """The first line that holds it in quotes, is it, or begins with it as a key."""
    key = re.compile(rf"[\"']?{re.escape(written)}[\"']?\s*=[^=]")
    for number, line in enumerate(text.text.splitlines(), 1):
        bare = line.strip()
        if f'"{written}"' in line or f"'{written}'" in line or bare == written or key.match(bare):
            return number
    return 1


def _literals(ref: Ref, facts: Facts) -> Iterator[str]:
    """Strings below a reference: lists, tuples, sums, values of a mapping, and names of the module that hold such."""
    names = {row.name: row.value for row in facts.bindings if facts.contexts[row.context].scope == 0 and row.value}
    waiting, seen = [ref], 0
    while waiting and seen < DEEP:
        ref, seen = waiting.pop(0), seen + 1
        kind, _, rest = ref.partition(":")
        if kind == "str":
            yield rest.strip()
        elif kind == "expr" and rest.isdigit() and int(rest) < len(facts.exprs):
            waiting += facts.exprs[int(rest)].items
        elif kind == "local" and rest in names:
            waiting.append(names.pop(rest))
