"""a library page or a line of go-equivalents.tsv -> Library. Never imports the library."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from readiness.rulebook.check import (
    ACCESS,
    CONSTRUCTS,
    ENTRY_KINDS,
    FAMILIES,
    FITS,
    FORMS,
    HANDS,
    IO_KINDS,
    LATENCIES,
    MATURITIES,
    MODES,
    SERIALISERS,
    STORES,
    RulebookError,
    Table,
)
from readiness.rulebook.page import Page
from readiness.rulebook.source import source_of, text_of
from readiness.rulebook.typetext import TYPES, is_type
from readiness.types.rulebook import Api, Entry, GoChoice, Library, Orm

PATTERNS = (
    "one `*` a segment but not the first, at its start or end; `**.` in front for any packages; three fixed letters"
)
COLUMNS = ("distribution", "imports", "go", "fit", "as_of", "licence", "cgo", "note", "family")
PLACE = re.compile(r"arg:\d+|kw:\w+")
TRUTH = {"yes": True, "no": False, "-": None}


def library_of(page: Page) -> Library:
    """The library that a page describes."""
    table = Table(page.path, "", page.data)
    go = _go(table.table("go")) if "go" in page.data else None
    table.asked.add("go")
    python, cost = table.table("python"), table.table("cost")
    # constructors that do nothing by themselves: their result is an object of the class
    clients = tuple(Api(names=(name,), returns=name) for name in table.words("clients"))
    library = Library(
        distribution=table.need("distribution"),
        imports=table.words("imports"),
        path=page.path,
        title=page.title,
        apis=(*(_api(item) for item in table.tables("api")), *clients),
        entries=tuple(_entry(item) for item in table.tables("entry")),
        classes=_classes(table.table("classes")),
        attributes=_attributes(table.table("attributes")),
        go=go,
        remedy=python.text("remedy"),
        import_ms=cost.number("import_ms"),
        resident_mib=cost.number("resident_mib"),
        handles=table.words("handles"),
        parameters=_attributes(table.table("parameters")),
        family=_families(table),
        serves=table.words("serves"),
        roots=table.words("roots"),
        same=_texts(table.table("same")),
        settings=_texts(table.table("settings")),
        options=_texts(table.table("options")),
        holders=_texts(table.table("holders")),
        loop=_texts(table.table("loop")),
        addresses=_addresses(table.table("addresses")),
        orm=_orm(table.table("orm")) if "orm" in page.data else None,
    )
    table.asked.add("orm")
    for part in (python, cost, table):
        part.done()
    if not library.imports:
        raise table.error("imports", "is missing")
    return library


def read_counterparts(path: Path) -> list[Library]:
    """go-equivalents.tsv: a header line, then COLUMNS, the last may be left out; names inside a cell are separated by `;`, `-` is nothing."""
    lines = text_of(source_of(path, path.name), path.name).splitlines()
    if not lines or tuple(lines[0].split("\t")) not in (COLUMNS, COLUMNS[:-1]):
        raise RulebookError(path.name, "line 1", f"must be the header {' '.join(COLUMNS)}, separated by tabs")
    libraries: dict[str, Library] = {}
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) not in (len(COLUMNS) - 1, len(COLUMNS)):
            raise RulebookError(path.name, f"line {number}", f"has {len(cells)} cells, not {len(COLUMNS)}")
        distribution, imports, modules, fit, as_of, licence, cgo, note, *rest = cells
        family = _cell(*rest) if rest else ()
        if fit not in FITS:
            raise RulebookError(path.name, f"line {number}", f"fit `{fit}`; allowed: {', '.join(FITS)}")
        if cgo not in TRUTH:
            raise RulebookError(path.name, f"line {number}", f"cgo `{cgo}`; allowed: {', '.join(TRUTH)}")
        if not set(family) <= set(FAMILIES):
            raise RulebookError(path.name, f"line {number}", f"family `{rest[0]}`; allowed: {', '.join(FAMILIES)}")
        if distribution in libraries:
            raise RulebookError(path.name, f"line {number}", f"{distribution} stands twice")
        choice = GoChoice(_cell(modules), fit, None, TRUTH[cgo], _text(licence), as_of=_text(as_of), note=_text(note))
        row = Library(distribution, _cell(imports), path.name, distribution, go=choice, family=family)
        libraries[distribution] = row
    return list(libraries.values())


def _cell(text: str) -> tuple[str, ...]:
    return () if text == "-" else tuple(text.split(";"))


def _text(cell: str) -> str | None:
    return None if cell == "-" else cell


def _families(table: Table) -> tuple[str, ...]:
    found = table.words("family")
    for word in found:
        if word not in FAMILIES:
            raise table.error("family", f"`{word}` is not allowed; allowed: {', '.join(FAMILIES)}")
    return found


def _names(table: Table) -> tuple[str, ...]:
    """`name`, each one behind `of.` where the table says so."""
    owner, names = table.text("of"), table.words("name")
    if not names:
        raise table.error("name", "is missing")
    names = names if owner is None else tuple(f"{owner}.{name}" for name in names)
    for name in names:
        _check_pattern(table, "name", name)
    return names


def _check_pattern(table: Table, key: str, name: str) -> None:
    if "*" in name and not _is_pattern(name):
        raise table.error(key, f"`{name}` is no pattern; {PATTERNS}")


def _is_pattern(name: str) -> bool:
    """At most one `*` a segment, at its start or end; the first is fixed or `**`; and some text that is fixed."""
    parts = name.removeprefix("**.").split(".")
    simple = (name.startswith("**.") or "*" not in parts[0]) and all(
        part and part.count("*") <= 1 and "*" not in part[1:-1] for part in parts
    )
    return simple and any(len(part.strip("*")) >= 3 for part in parts)


def _type(table: Table, key: str) -> str | None:
    value = table.text(key)
    if value is not None and not is_type(value):
        raise table.error(key, f"`{value}` is no type; {TYPES}")
    return value


def _api(table: Table) -> Api:
    api = Api(
        names=_names(table),
        kind=table.text("kind", IO_KINDS),
        mode=table.text("mode", MODES),
        latency=table.text("latency", LATENCIES),
        construct=table.text("construct", CONSTRUCTS),
        hands=table.text("hands", HANDS),
        hands_argument=_place(table, "hands_argument"),
        returns=_type(table, "returns"),
        enters=_type(table, "enters"),
        iterates=_type(table, "iterates"),
        awaits=_type(table, "awaits"),
        data=table.text("data", STORES),
        data_access=table.text("data_access", ACCESS),
        data_name=_place(table, "data_name"),
        serialises=table.text("serialises", SERIALISERS),
        native=bool(table.flag("native")),
        width=_place(table, "width"),
        tags=table.words("tags"),
        remedy=table.text("remedy"),
        since=table.text("since"),
        until=table.text("until"),
        returns_with=_attributes(table.table("returns_with")),
        nothing_with=table.words("nothing_with"),
    )
    if api.kind is not None and api.mode is None:
        raise table.error("mode", f"is missing: I/O has a mode; allowed: {', '.join(MODES)}")
    if (api.hands is None) != (api.hands_argument is None):
        raise table.error("hands", "and hands_argument stand together")
    table.done()
    return api


def _place(table: Table, key: str) -> str | None:
    value = table.text(key)
    for part in value.split(",") if value else ():
        head, _, tail = part.partition(":")
        if not (
            (head in ("arg", "args") and tail.isdigit())
            or (head in ("kw", "method") and tail.isidentifier())
            or part in ("made", "self")
        ):
            allowed = "arg:N, args:N, kw:NAME, method:NAME, made, self, several by `,`"
            raise table.error(key, f"`{part}` is no argument; allowed: {allowed}")
    return value


def _entry(table: Table) -> Entry:
    entry = Entry(
        form=table.need("form", FORMS),
        names=_names(table),
        kind=table.need("kind", (*ENTRY_KINDS, "app", "router", "mount")),
        name_from=table.text("from"),
        handler=_place(table, "handler"),
        methods=table.words("methods"),
        prefix=_place(table, "prefix"),
        replaces=bool(table.flag("replaces")),
        texts=bool(table.flag("texts")),
        hooks=table.words("hooks"),
    )
    words = ("class-name", "method-name", "function-name")
    if entry.name_from not in (None, *words) and not str(entry.name_from).removeprefix("attr:").isidentifier():
        _place(table, "from")
    table.done()
    return entry


def _go(table: Table) -> GoChoice:
    choice = GoChoice(
        modules=table.words("modules"),
        fit=table.need("fit", FITS),
        maturity=table.text("maturity", MATURITIES),
        cgo=table.flag("cgo"),
        licence=table.text("licence"),
        as_of=table.text("as_of"),
        lost=table.text("lost"),
        note=table.text("note"),
    )
    table.done()
    return choice


def _texts(table: Table) -> dict[str, str]:
    return {name: table.text(name) or "" for name in table.data}


def _orm(table: Table) -> Orm:
    lists = [f.name for f in msgspec.structs.fields(Orm) if f.name not in ("name", "table", "unit_of_work")]
    orm = Orm(
        name=table.need("name"),
        table=table.text("table"),
        unit_of_work=bool(table.flag("unit_of_work")),
        **{name: table.words(name) for name in lists},
    )
    table.done()
    return orm


def _addresses(table: Table) -> dict[str, str]:
    """Each `METHOD PLACES`; the method is a word in capitals, `websocket`, `-`, or itself the places where it stands."""
    found = _texts(table)
    for name, text in found.items():
        word, _, places = text.partition(" ")
        is_word = word in ("-", "websocket") or word.isalpha() and word.isupper()
        if not all(
            PLACE.fullmatch(part) for each in ([places] if is_word else [word, places]) for part in each.split(",")
        ):
            raise table.error(name, f"`{text}` is no `METHOD PLACES`; places: arg:N, kw:NAME, several by `,`")
    return found


def _classes(table: Table) -> dict[str, tuple[str, ...]]:
    return {name: table.words(name) for name in table.data}


def _attributes(table: Table) -> dict[str, str]:
    for name in table.data:
        _check_pattern(table, name, name)
    return {name: _string(table, name, value) for name, value in table.data.items()}


def _string(table: Table, name: str, value: Any) -> str:
    if not isinstance(value, str) or not is_type(value):
        raise table.error(name, f"must be a type; {TYPES}")
    return value
