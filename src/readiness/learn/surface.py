"""Resolver -> the public names of a library: which functions and classes its users can write, and how. Never says what they do."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readiness.link.classes import ancestors
from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.link.values import Value

# methods that run without being named: `with`, `for`, a call of the object
IMPLIED = ("__call__", "__enter__", "__exit__", "__iter__", "__aenter__", "__aexit__", "__aiter__")
Definition = tuple[str, int]  # module, scope


class PublicClass(Struct, frozen=True):
    names: tuple[str, ...]  # how users write it, shortest first
    definition: Definition
    bases: tuple[str, ...]  # public classes of the library and outside ones, nearest first
    methods: tuple[tuple[str, Definition], ...]  # (name, where), those of bases without a public name among them
    constructor: Definition | None


class Surface(Struct, frozen=True):
    functions: tuple[tuple[tuple[str, ...], Definition], ...]
    classes: tuple[PublicClass, ...]
    instances: tuple[tuple[str, str, str], ...]  # (name, module, what is bound there) of objects that modules hold

    def class_names(self) -> dict[Definition, str]:
        return {cls.definition: cls.names[0] for cls in self.classes}


def surface_of(resolver: Resolver) -> Surface:
    """Everything that a public module defines or a public package re-exports under a name without `_`."""
    meant: dict[str, tuple[str, Definition]] = {}  # of two definitions of one name, under `if` say, the first counts
    instances: list[tuple[str, str, str]] = []
    for module in sorted(resolver.spaces):
        space = resolver.spaces[module]
        if space.is_test or not _is_public(space.source.name):
            continue
        for name in sorted({*space.names[0], *_starred(resolver, space)}):
            if not _is_public(name):
                continue
            written = f"{space.source.name}.{name}"
            found = resolver.member_of_module(module, name)
            for value in found:
                if value[0] in ("F", "C") and _is_told_here(resolver, space, value):
                    meant.setdefault(written, (value[0], (value[1], value[2])))
            rows = space.names[0].get(name)
            if rows and rows[0].kind == "assign" and any(value[0] in ("I", "E") for value in found):
                instances.append((written, module, name))
    names: dict[tuple[str, Definition], list[str]] = {}
    for written in sorted(meant, key=_by_length):
        names.setdefault(meant[written], []).append(written)
    public = {where: tuple(rows) for (kind, where), rows in names.items() if kind == "C"}
    return Surface(
        tuple(sorted((tuple(rows), where) for (kind, where), rows in names.items() if kind == "F")),
        tuple(sorted((_class(resolver, public, where) for where in public), key=lambda row: row.names)),
        tuple(row for row in instances if row[0] not in meant),
    )


def _starred(resolver: Resolver, space: ModuleSpace) -> Iterator[str]:
    """The names that `from ._api import *` brings."""
    for level, target in space.stars:
        absolute = resolver.index.absolute(space.source, level, target)
        found = resolver.index.find(absolute, space.source.root) if absolute else None
        if found is not None and found in resolver.spaces:
            yield from resolver.spaces[found].names[0]


def _is_public(name: str) -> bool:
    return all(part.isidentifier() and not part.startswith("_") for part in name.split("."))


def _by_length(name: str) -> tuple[int, str]:
    return name.count("."), name


def _is_told_here(resolver: Resolver, space: ModuleSpace, value: Value) -> bool:
    """Where it is defined, or in a package that hands it on; what a module imports for its own use is no name of its."""
    if value[1] not in resolver.spaces or resolver.spaces[value[1]].is_test:
        return False
    return value[1] == space.source.module or space.source.is_package


def _class(resolver: Resolver, public: dict[Definition, tuple[str, ...]], where: Definition) -> PublicClass:
    bases: list[str] = []
    methods: dict[str, Definition] = {}
    constructor: Definition | None = None
    for cls in ancestors(resolver, *where):
        if cls[0] == "X":
            bases.append(str(cls[1]))
        elif (cls[1], cls[2]) != where and (cls[1], cls[2]) in public:
            bases.append(public[cls[1], cls[2]][0])
            constructor = constructor or _method(resolver, cls, "__init__")
        else:
            constructor = constructor or _method(resolver, cls, "__init__")
            for name, found in _methods(resolver, cls):
                methods.setdefault(name, found)
    kept = tuple(
        base for base in bases if base not in ("builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol")
    )
    return PublicClass(public[where], where, kept, tuple(sorted(methods.items())), constructor)


def _methods(resolver: Resolver, cls: Value) -> Iterator[tuple[str, Definition]]:
    for name in sorted(resolver.spaces[cls[1]].names[cls[2]]):
        if _is_public(name) or name in IMPLIED:
            found = _method(resolver, cls, name)
            if found is not None:
                yield name, found


def _method(resolver: Resolver, cls: Value, name: str) -> Definition | None:
    """Where a class itself defines a method."""
    rows = resolver.spaces[cls[1]].names[cls[2]].get(name, ())
    return next(((cls[1], int(row.value[6:])) for row in reversed(rows) if row.kind == "def"), None)
