"""Calls that load a module by the name of its file -> import edges, as far as the code says which file or folder. Runs nothing, reads no disk.

`spec_from_file_location(name, join(HERE, name))`, `run_path`, `exec(open(...).read())`. A path is followed through `__file__`, what
joins and shortens paths, what lists a folder, and parameters to the callers; what nobody says is a `*` in it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Call, Ref, last_name
from readiness.types.program import ImportEdge

LOADERS = {  # a call -> which argument is the path
    "importlib.util.spec_from_file_location": 1,
    "importlib.machinery.SourceFileLoader": 1,
    "imp.load_source": 1,
    "runpy.run_path": 0,
    "builtins.exec": 0,
}
NAMES = tuple(name.rpartition(".")[2] for name in LOADERS)
SAME = frozenset(
    [
        "os.path.realpath",
        "os.path.abspath",
        "os.path.normpath",
        "os.path.expanduser",
        "os.fspath",
        "pathlib.Path",
        "pathlib.PurePath",
        "builtins.str",
        "builtins.sorted",
        "builtins.list",
        "builtins.open",
        "builtins.compile",
        "glob.glob",
        "glob.iglob",
        "importlib.resources.files",
    ]
)
LISTS = frozenset({"os.listdir", "os.scandir"})  # names, or entries that know their path
OWN = frozenset(
    {"resolve", "absolute", "read", "read_text", "read_bytes", "open", "as_posix", "expanduser", "__fspath__"}
)
ANY, DEEP, PARAM = "*", "**", "\0"
MOST_STEPS, MOST_PATHS = 12, 8


def loaded_files(resolver: Resolver) -> tuple[tuple[ImportEdge, ...], int]:
    """Edges (lazy) to the modules whose files are loaded, and how many such calls name no file or folder that is known."""
    edges: set[tuple[str, str, int]] = set()
    unknown = 0
    paths = {space.source.path: module for module, space in resolver.spaces.items() if not space.is_test}
    for space in resolver.spaces.values():
        for call in space.facts.calls if not space.is_test else ():
            if not call.callee.endswith(NAMES):
                continue
            found = list(_loaded(resolver, space, call))
            hits = {(at, paths[path], line) for at, line, way in found for path in _meant(way, space, paths)}
            edges |= {(at, target, line) for at, target, line in hits if target != at}
            unknown += bool(found) and not hits and _name(space, call) != "builtins.exec"
    return tuple(ImportEdge(at, target, line, "lazy") for at, target, line in sorted(edges)), unknown


def _loaded(resolver: Resolver, space: ModuleSpace, call: Call) -> Iterator[tuple[str, int, str]]:
    """(module that knows the path, line, path with `*`) of a call that loads a file."""
    position = LOADERS.get(_name(space, call))
    if position is None:
        return
    ref = call.args[position] if len(call.args) > position else dict(call.keywords).get("location", "")
    for way in _paths(space, space.facts.contexts[call.context].scope, ref, MOST_STEPS):
        if PARAM not in way:
            yield space.source.module, call.line, way
        else:
            yield from _from_callers(resolver, space, call, way)


def _from_callers(resolver: Resolver, space: ModuleSpace, call: Call, way: str) -> Iterator[tuple[str, int, str]]:
    """The same path as each caller of the function around gives it."""
    scope = space.owner[space.facts.contexts[call.context].scope]
    function = space.facts.scopes[scope]
    names = [param.name for param in function.params]
    is_found = False
    for module, other in resolver.spaces.items():
        for site in other.facts.calls if not other.is_test else ():
            if last_name(site.callee) != function.name or not _is_call_of(resolver, module, other, site, space, scope):
                continue
            inner = other.facts.contexts[site.context].scope
            given = dict(zip(names, site.args, strict=False)) | dict(site.keywords)
            for full in _filled(way, {name: _paths(other, inner, ref, MOST_STEPS) for name, ref in given.items()}):
                is_found = True
                yield module, site.line, full
    if not is_found:
        yield space.source.module, call.line, re.sub(f"{PARAM}\\w+", ANY, way)


def _is_call_of(
    resolver: Resolver, module: str, other: ModuleSpace, site: Call, space: ModuleSpace, scope: int
) -> bool:
    inner = other.facts.contexts[site.context].scope
    values = resolver.evaluate(module, inner, site.callee, (site.order, site.context))
    return any(value[:3] == ("F", space.source.module, scope) for value in values)


def _filled(way: str, given: dict[str, list[str]]) -> list[str]:
    """A path with each parameter replaced by each of what is given for it; by `*` where that is a parameter again."""
    ways = [way]
    for name in re.findall(f"{PARAM}(\\w+)", way):
        values = [value if PARAM not in value else ANY for value in given.get(name, [ANY])]
        ways = [one.replace(PARAM + name, value, 1) for one in ways for value in values][:MOST_PATHS]
    return [_tidy(one) for one in ways]


def _paths(space: ModuleSpace, scope: int, ref: Ref, left: int) -> list[str]:
    """What a reference may be as a path below the scanned folder; `*` where nobody says."""
    root, *steps = ref.split(SEP)
    if left <= 0 or not ref:
        return [ANY]
    ways = _root(space, scope, root, bool(steps), left - 1)
    for before, step in zip(["", *steps], steps, strict=False):
        ways = [_stepped(way, before, step) for way in ways]
    return list(dict.fromkeys(ways))[:MOST_PATHS]


def _root(space: ModuleSpace, scope: int, root: Ref, has_steps: bool, left: int) -> list[str]:
    kind, _, rest = root.partition(":")
    if kind == "str":
        return [rest or "."]
    if kind == "fstr":
        return [rest.replace("{}", ANY)]
    if kind == "local":
        return _local(space, scope, rest, left)
    if kind == "call":
        return _called(space, scope, space.facts.calls[int(rest)], left)
    if kind != "expr":
        return [ANY]
    expr = space.facts.exprs[int(rest)]
    parts = [_paths(space, scope, item, left) for item in expr.items]
    if expr.kind == "operation":  # Path / "name"
        return _across(parts)
    if expr.kind == "concat":
        return [_tidy("".join(part[0] for part in parts))]
    if expr.kind == "fstring" and expr.keys:
        texts = expr.keys[0].split("{}")
        return [_tidy("".join(text + part[0] for text, part in zip(texts, [*parts, [""]], strict=False)))]
    return [ANY]


def _local(space: ModuleSpace, scope: int, name: str, left: int) -> list[str]:
    """A name, from its scope outwards."""
    while scope >= 0:
        for binding in space.names[scope].get(name, ())[:MOST_PATHS]:
            if binding.kind == "param":
                return [PARAM + name]
            if binding.kind in ("assign", "for", "with", "walrus"):
                return _paths(space, scope, binding.value, left)
            return [ANY]
        scope = space.facts.scopes[scope].parent
    return [space.source.path] if name == "__file__" else [ANY]


def _called(space: ModuleSpace, scope: int, call: Call, left: int) -> list[str]:
    """What a call that makes, joins, shortens or lists paths gives."""
    name, method = _name(space, call), call.callee.rpartition(SEP)[2]
    first = _paths(space, scope, call.args[0], left) if call.args else [ANY]
    if name in SAME:
        return (
            _across([first, *(_paths(space, scope, ref, left) for ref in call.args[1:])]) if "Path" in name else first
        )
    if name in ("os.path.join", "posixpath.join"):
        return _across([_paths(space, scope, ref, left) for ref in call.args])
    if name == "os.path.dirname":
        return [_parent(way) for way in first]
    if name in LISTS or name == "os.walk":
        return [_joined([way, DEEP if name == "os.walk" else ANY]) for way in first]
    if not method.startswith(".") or SEP not in call.callee:
        return [ANY]
    owner = _paths(space, scope, call.callee.rpartition(SEP)[0], left)
    if method[1:] in OWN:
        return owner
    if method == ".iterdir":
        return [_joined([way, ANY]) for way in owner]
    if method == ".with_name":
        return [_joined([_parent(way), name]) for way in owner for name in first]
    if method == ".joinpath":
        return _across([owner, *(_paths(space, scope, ref, left) for ref in call.args)])
    if method in (".glob", ".rglob"):
        deep = [DEEP] if method == ".rglob" else []
        return [_joined([way, *deep, pattern]) for way in owner for pattern in first][:MOST_PATHS]
    return [ANY]


def _across(parts: list[list[str]]) -> list[str]:
    ways = [""]
    for options in parts:
        ways = [_joined([way, option]) if way else option for way in ways for option in options][:MOST_PATHS]
    return ways


def _name(space: ModuleSpace, call: Call) -> str:
    """The dotted name of what is called where an import or a builtin says it, else ""."""
    root, *steps = call.callee.split(SEP)
    kind, _, name = root.partition(":")
    scope = space.facts.contexts[call.context].scope
    while kind == "local" and scope >= 0:
        bound = space.names[scope].get(name)
        if bound:
            return _imported(bound[0].value, steps) if bound[0].kind == "import" else ""
        scope = space.facts.scopes[scope].parent
    return "".join(["builtins." + name, *steps]) if kind == "local" else ""


def _imported(value: Ref, steps: list[str]) -> str:
    return "".join([value.removeprefix("import:").replace(SEP, ""), *steps]) if value.startswith("import:") else ""


def _stepped(way: str, before: str, step: str) -> str:
    if step == ".parent":
        return _parent(way)
    number = int(step[1:-1]) if step[:1] == "[" and step[1:-1].isdigit() else -1
    if before == ".parents" and number >= 0:
        for _ in range(min(number + 1, MOST_STEPS)):
            way = _parent(way)
        return way
    if number >= 0 and way.endswith(DEEP):  # of os.walk: a folder, the names of its folders, of its files
        return way if number == 0 else ANY
    return way if step in ("iter", "enter", ".path", ".parents") else ANY


def _parent(way: str) -> str:
    if way in (".", ".."):
        return ".."  # out of the scanned folder, wherever that is
    return ANY if PARAM in way and "/" not in way else posixpath.dirname(way) or "."


def _joined(parts: list[str]) -> str:
    """Parts below each other; a listed name that is joined to its own folder again stands once."""
    return _tidy("/".join(part.lstrip("/") if at else part for at, part in enumerate(parts)))


def _tidy(way: str) -> str:
    return posixpath.normpath(way) if way else "."


def _meant(way: str, space: ModuleSpace, paths: dict[str, str]) -> list[str]:
    """The files of a path; one that nothing anchors is looked up below the scanned folder, then beside the file that names it."""
    head = way.partition("/")[0]
    if ANY in head or PARAM in way:
        return []
    return _matching(way, paths) or _matching(_joined([posixpath.dirname(space.source.path), way]), paths)


def _matching(way: str, paths: dict[str, str]) -> list[str]:
    """The files that a path means; none where it leads out of the scanned folder or to no Python."""
    if way.startswith(("/", "..")) or way.endswith("/" + DEEP) or not way.endswith((".py", ANY)):
        return []
    pattern = re.compile(re.escape(way).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*"))
    return [path for path in paths if pattern.fullmatch(path)]
