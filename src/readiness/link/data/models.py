"""Classes and Table objects -> ORM models: the table of each and where its relations lead. Never looks at how they are used.

Django, SQLAlchemy (declarative, Core's Table), SQLModel, peewee, Tortoise and MongoEngine (with Beanie). A table's name is what
the code says; else the default that the ORM documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from readiness.link.classes import ancestors
from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Binding, Ref, last_name

Key = tuple[
    str, int, str
]  # module, class scope, ""; of a Table object -1, or -2 - scope of the class that holds it, and its name
MAX_ANNOTATION = 6  # levels


class Model(Struct, frozen=True):
    """One table that the code knows by a class or a Table object."""

    key: Key
    table: str
    orm: str
    path: str
    line: int


class Models(Struct, frozen=True):
    """All models of a program."""

    of: Mapping[Key, Model]
    relations: Mapping[Key, Mapping[str, Key]]  # attribute -> the model on its other end
    attributes: frozenset[str]  # the names of all relation attributes


def find_models(resolver: Resolver) -> Models:
    """Every class that has a table, by module and scope, with its relations in both directions."""
    found: dict[Key, Model] = {}
    for name in sorted(resolver.spaces):
        space = resolver.spaces[name]
        for number, scope in enumerate(space.facts.scopes):
            orm = orm_of(resolver, space, number) if scope.kind == "class" else ""
            table = table_of(resolver, space, number, orm) if orm else ""
            if table:
                found[name, number, ""] = Model((name, number, ""), table, orm, space.source.path, scope.line)
        found.update(core_tables(resolver, space))
    relations: dict[Key, dict[str, Key]] = {}
    by_name: dict[str, list[Key]] = {}
    for key in found:
        if key[1] >= 0:
            by_name.setdefault(resolver.spaces[key[0]].facts.scopes[key[1]].name, []).append(key)
    for key, model in found.items():
        if key[1] >= 0:
            for attribute, target, back in relations_of(resolver, key, model.orm, by_name):
                relations.setdefault(key, {})[attribute] = target
                if back:
                    relations.setdefault(target, {}).setdefault(back, key)
    inherit(resolver, found, relations)
    return Models(found, relations, frozenset(name for row in relations.values() for name in row))


def orm_of(resolver: Resolver, space: ModuleSpace, number: int) -> str:
    """The ORM whose model a class is, "" for any other class."""
    line = ancestors(resolver, space.source.module, number)
    for cls in line:
        if cls[0] == "X" and str(cls[1]) in resolver.catalogue.orm.models:
            return resolver.catalogue.orm.models[str(cls[1])]
    has_table = any(cls[0] == "C" and "__tablename__" in resolver.spaces[cls[1]].names[cls[2]] for cls in line)
    return "sqlalchemy" if has_table else ""


def table_of(resolver: Resolver, space: ModuleSpace, number: int, orm: str) -> str:
    """The table's name, "" for abstract classes."""
    names, scope = space.names[number], space.facts.scopes[number]
    meta = next(
        (m for m, s in enumerate(space.facts.scopes) if s.parent == number and s.name in ("Meta", "Settings")), None
    )
    settings = space.names[meta] if meta is not None else {}
    if is_true(names.get("__abstract__")) or is_true(settings.get("abstract")):
        return ""
    if orm in ("sqlalchemy", "sqlmodel"):
        return declarative(resolver, space, number, orm)
    if orm == "mongoengine":
        given = next((text for text in collection(space, names.get("meta", []))), "")
        return given or snake(scope.name)
    if orm == "beanie":
        return text_of(settings.get("name")) or scope.name
    given = text_of(settings.get(resolver.catalogue.orm.table[orm]))
    if given or orm != "django":
        return given or scope.name.lower()
    return f"{text_of(settings.get('app_label')) or app_label(space)}_{scope.name.lower()}"


def declarative(resolver: Resolver, space: ModuleSpace, number: int, orm: str) -> str:
    """The name along the class's own ancestors; a class without one and without columns is a base, not a table."""
    for cls in ancestors(resolver, space.source.module, number):
        if cls[0] != "C":
            continue
        rows = resolver.spaces[cls[1]].names[cls[2]].get("__tablename__", [])
        if rows:
            return text_of(rows) or (
                "" if cls[2] == number and cls[1] == space.source.module else snake(space.facts.scopes[number].name)
            )
    is_table = any(name == "table" and ref == "bool:True" for name, ref in space.facts.scopes[number].keywords)
    if orm == "sqlmodel":
        return space.facts.scopes[number].name.lower() if is_table else ""
    has_key = any(
        row.value.startswith("call:") and dict(space.facts.calls[int(row.value[5:].split(SEP)[0])].keywords).get("primary_key") == "bool:True"
        for rows in space.names[number].values() for row in rows
    )  # fmt: skip
    return snake(space.facts.scopes[number].name) if has_key else ""


def core_tables(resolver: Resolver, space: ModuleSpace) -> dict[Key, Model]:
    """`users = Table("users", metadata, ...)` at module level, `self.users = Table(...)` of an object."""
    found: dict[Key, Model] = {}
    places = [(-1, name, rows) for name, rows in space.names[0].items()]
    places += [(-2 - scope, name, rows) for scope, held in space.fields.items() for name, rows in held.items()]
    for place, name, rows in places:
        for row in rows:
            if not row.value.startswith("call:") or SEP in row.value:
                continue
            call = space.facts.calls[int(row.value[5:])]
            if not call.args or not call.args[0].startswith("str:") or not call.callee.endswith("Table"):
                continue
            if any(
                v[0] == "X" and v[1] in resolver.catalogue.orm.tables
                for v in resolver.evaluate(space.source.module, 0, call.callee)
            ):
                key = (space.source.module, place, name)
                found[key] = Model(key, call.args[0][4:], "sqlalchemy", space.source.path, row.line)
    return found


def relations_of(
    resolver: Resolver, key: Key, orm: str, by_name: Mapping[str, list[Key]]
) -> Iterator[tuple[str, Key, str]]:
    """(attribute, model on the other end, attribute there or "") of each relation that a class declares."""
    space = resolver.spaces[key[0]]
    for attribute, rows in space.names[key[1]].items():
        for row in rows:
            call = (
                space.facts.calls[int(row.value[5:])]
                if row.value.startswith("call:") and SEP not in row.value
                else None
            )
            kind = last_name(call.callee) if call else ""
            if call is None or kind not in resolver.catalogue.orm.relations:
                continue
            given = (
                call.args[0]
                if call.args
                else next((v for k, v in call.keywords if k in ("to", "model", "argument")), "")
            )
            target = model_named(resolver, key, given, by_name) or annotated_model(
                resolver, key, row.annotation, by_name
            )
            if target is None:
                continue
            keywords = dict(call.keywords)
            back = next((keywords[k] for k in ("related_name", "backref") if k in keywords), "")
            name = back[4:] if back.startswith("str:") else ""
            if not name and kind in resolver.catalogue.orm.backwards.get(orm, ()):
                lower = space.facts.scopes[key[1]].name.lower()
                name = lower if kind == "OneToOneField" else f"{lower}_set"
            yield attribute, target, "" if name.endswith("+") else name


def model_named(resolver: Resolver, key: Key, ref: Ref, by_name: Mapping[str, list[Key]]) -> Key | None:
    """The model that the first argument of a relation names: a class, its name, "app.Class" or "self"."""
    if ref == "str:self":
        return key
    if ref.startswith("str:"):
        known = by_name.get(ref[4:].rpartition(".")[2], [])
        same = [k for k in known if k[0] == key[0]]
        return same[0] if same else known[0] if len(known) == 1 else None
    if ref.startswith("scope:"):  # `lambda: Order`
        return next(
            (
                k
                for r in resolver.spaces[key[0]].facts.scopes[int(ref[6:])].results
                if (k := model_named(resolver, key, r, by_name))
            ),
            None,
        )
    for value in resolver.evaluate(key[0], key[1], ref) if ref else ():
        if value[0] == "C":
            return (value[1], value[2], "")
    return None


def annotated_model(
    resolver: Resolver, key: Key, ref: Ref, by_name: Mapping[str, list[Key]], depth: int = 0
) -> Key | None:
    """The model within `Mapped[list["Order"]]`."""
    if not ref or depth > MAX_ANNOTATION:
        return None
    if ref.startswith("expr:") and ref[5:].isdigit():
        for item in reversed(resolver.spaces[key[0]].facts.exprs[int(ref[5:])].items):
            found = annotated_model(resolver, key, item, by_name, depth + 1)
            if found:
                return found
        return None
    found = model_named(resolver, key, ref, by_name)
    return found if found is not None and any(found in keys for keys in by_name.values()) else None


def inherit(resolver: Resolver, found: Mapping[Key, Model], relations: dict[Key, dict[str, Key]]) -> None:
    """A model has the relations of the models and mixins above it, too."""
    for key in found:
        if key[1] >= 0:
            for cls in ancestors(resolver, key[0], key[1])[1:]:
                if cls[0] == "C":
                    for attribute, target in relations.get((cls[1], cls[2], ""), {}).items():
                        relations.setdefault(key, {}).setdefault(attribute, target)


def app_label(space: ModuleSpace) -> str:
    """Django's app: the package above `models`."""
    steps = space.source.name.split(".")
    if "models" in steps[1:]:
        return steps[steps.index("models", 1) - 1]
    return steps[-1] if space.source.is_package or len(steps) == 1 else steps[-2]


def collection(space: ModuleSpace, rows: Sequence[Binding]) -> Iterator[str]:
    """`meta = {"collection": "x"}`."""
    for row in rows:
        if row.value.startswith("expr:") and row.value[5:].isdigit():
            expr = space.facts.exprs[int(row.value[5:])]
            yield from (
                i[4:]
                for k, i in zip(expr.keys, expr.items, strict=False)
                if k in ("str:collection", "collection") and i.startswith("str:")
            )


def text_of(rows: Sequence[Binding] | None) -> str:
    return next((row.value[4:] for row in rows or () if row.value.startswith("str:")), "")


def is_true(rows: Sequence[Binding] | None) -> bool:
    return any(row.value == "bool:True" for row in rows or ())


def snake(name: str) -> str:
    """OrderLine -> order_line."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
