"""The records of the settings -> text: what is in force, a file to begin with, the reference page. Never reads or writes a file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from readiness.config import plain_type
from readiness.types.config import Actual, CheckRules, Config, ServiceRule, Team
from readiness.types.report import Report

MOST_REJECTED = 20
TABLES = (
    "per_file_ignores",
    "weights",
    "thresholds",
    "dependencies",
    "services",
    "actuals",
    "check",
    "team",
)  # TOML wants them behind the values
REQUIRED = ("match", "service", "estimated", "days")  # of the records of a list
GROUPS: dict[str, type[msgspec.Struct]] = {"check": CheckRules, "team": Team}  # tables of single values
EXAMPLES = {
    "per_file_ignores": '"legacy/*" = ["IO101"]',
    "weights": "io = 0.75",
    "thresholds": "port_benefit = 55",
    "dependencies": 'left-pad = "stdlib"',
}


class Field(NamedTuple):
    """One setting: `key` as it is written, with dashes."""

    key: str
    kind: str
    default: Any
    meaning: str


def fields(record: type[msgspec.Struct]) -> tuple[Field, ...]:
    """The settings of one record, in its order."""
    info = inspect.type_info(record)
    assert isinstance(info, inspect.StructType)
    found = []
    for row in info.fields:
        default = None if row.default is msgspec.NODEFAULT else row.default
        if row.default_factory is not msgspec.NODEFAULT:
            default = row.default_factory()
        said = row.type.extra_json_schema if isinstance(row.type, inspect.Metadata) else None
        meaning = str((said or {}).get("description", ""))
        found.append(Field(row.name.replace("_", "-"), _kind(row.type), default, meaning))
    return tuple(found)


def render_settings(config: Config, origins: Mapping[str, str]) -> str:
    """Every setting with its value and origin, as a valid readiness.toml; what is not set is a comment."""
    lines = []
    for field in fields(Config):
        name = field.key.replace("-", "_")
        if name not in TABLES:
            lines.append(_said(field.key, getattr(config, name), origins.get(name, "default")))
    for name in TABLES[:4]:
        lines += _mapping(name, getattr(config, name), origins)
    for group, record in GROUPS.items():
        lines += ["", f"[{group}]"]
        for field in fields(record):
            name = field.key.replace("-", "_")
            value = getattr(getattr(config, group), name)
            lines.append(_said(field.key, value, origins.get(f"{group}.{name}", "default")))
    for name, rules in (("services", config.services), ("actuals", config.actuals)):
        for rule in rules:
            said = msgspec.to_builtins(rule).items()
            rows = [f"{key} = {toml(value)}" for key, value in said if value not in (None, False)]
            lines += ["", f"[[{name}]]  # {origins.get(name, 'default')}", *rows]
    return "\n".join(lines) + "\n"


def render_template(report: Report) -> str:
    """A readiness.toml that changes nothing yet: every setting as a comment, and the services that were found.

    Without the marks that stand directly before a key or a `[` it is valid too, and says what is in force anyway.
    """
    lines = [
        "# Settings of readiness. Take the `#` away before a key to change it, and before its `[table]`.",
        "# The same keys may stand in pyproject.toml below [tool.readiness].",
        "",
    ]
    for field in fields(Config):
        if field.key.replace("-", "_") not in TABLES:
            lines += [f"# {field.meaning}", f"#{field.key} = {_example(field)}", ""]
    for field in fields(Config):
        if field.key.replace("-", "_") in EXAMPLES:
            lines += [f"# {field.meaning}", f"#[{field.key}]", f"#{EXAMPLES[field.key.replace('-', '_')]}", ""]
    for group, record in GROUPS.items():
        lines.append(f"#[{group}]")
        for field in fields(record):
            lines += [f"# {field.meaning}", f"#{field.key} = {_example(field)}"]
        lines.append("")
    return "\n".join([*lines, *_found(report)]).rstrip("\n") + "\n"


def reference() -> str:
    """The page of all settings, in Markdown."""
    lines = [
        "# Settings", "", "Written by `python tools/write_references.py` from `src/readiness/types/config.py`; a test compares them.", "",
        "In `pyproject.toml` below `[tool.readiness]`, or in `readiness.toml`; the nearest file up to the repository's root counts.",
        "The command line wins over the environment (`READINESS_GOAL`, `READINESS_CHECK_BASE`: one variable for each setting that is a",
        "single value), that over the file. `_` may stand for `-`. `readiness config` shows what is in force and where it comes from,",
        "`readiness init` writes a commented file.",
    ]  # fmt: skip
    records: dict[str, type[msgspec.Struct]] = {"[tool.readiness]": Config}
    records |= {f"[tool.readiness.{group}]": record for group, record in GROUPS.items()}
    records |= {"[[tool.readiness.services]]": ServiceRule, "[[tool.readiness.actuals]]": Actual}
    for title, record in records.items():
        lines += ["", f"## `{title}`", "", "| key | type | default | meaning |", "| --- | --- | --- | --- |"]
        lines += [f"| `{f.key}` | {f.kind} | {_default(f)} | {f.meaning} |" for f in fields(record)]
    return "\n".join(lines) + "\n"


def toml(value: Any) -> str:
    """A value in TOML; a JSON string, number or list is one, and a table stands on one line."""
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"
            if value
            else "{}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, float) else repr(value)


def _kind(kind: inspect.Type) -> str:
    plain = plain_type(kind)
    words = {
        inspect.StrType: "string",
        inspect.BoolType: "boolean",
        inspect.IntType: "integer",
        inspect.FloatType: "number",
    }
    if isinstance(plain, inspect.VarTupleType):
        inner = plain_type(plain.item_type)
        return "list of tables" if isinstance(inner, inspect.StructType) else f"list of {words[type(inner)]}s"
    return words.get(type(plain), "table")


def _said(key: str, value: Any, origin: str) -> str:
    return f"# {key} is not set  # {origin}" if value is None else f"{key} = {toml(value)}  # {origin}"


def _mapping(name: str, values: Mapping[str, Any], origins: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield f"[{name.replace('_', '-')}]"
    for key in sorted(values):
        origin = origins.get(f"{name}.{key.replace('-', '_')}", "default")
        yield f"{json.dumps(key)} = {toml(values[key])}  # {origin}"


def _example(field: Field) -> str:
    samples = {
        "workers": "2",
        "source-url": '"https://git.example.org/shop/blob/{commit}/{path}#L{line}"',
        "base": '"origin/main"',
        "score-floor": "40.0",
        "today": '"2027-03-31"',
        "people": "3",
        "go": "1",
    }
    return toml(field.default) if field.default is not None else samples[field.key]


def _default(field: Field) -> str:
    if isinstance(field.default, tuple(GROUPS.values())):
        return "see below"
    if field.default in ((), {}):
        return "empty"
    return (
        f"`{toml(field.default)}`" if field.default is not None else "required" if field.key in REQUIRED else "not set"
    )


def _found(report: Report) -> Iterator[str]:
    """What discovery says, as tables that correct it."""
    yield f"# Services that were found: {len(report.services)}. A table renames one or leaves it out."
    for row in sorted(report.services, key=lambda row: (row.root, row.id)):
        yield f"# {row.kind}, {row.archetype}, {comment(row.root)}"
        yield from (
            "#[[services]]",
            f"#match = [{toml(row.name)}]",
            f"#name = {toml(row.name)}",
            "#exclude = false",
            "",
        )
    if report.rejected:
        yield f"# Rejected: {len(report.rejected)}. A table takes one in."
    for rejected in report.rejected[:MOST_REJECTED]:
        yield f"# {comment(rejected.path)}: {comment(rejected.reason)}"
        if rejected.correction.startswith("services = "):
            (rule,) = tomllib.loads(rejected.correction)["services"]
            yield from ("#[[services]]", *(f"#{key} = {toml(value)}" for key, value in rule.items()), "")
    if len(report.rejected) > MOST_REJECTED:
        yield f"# and {len(report.rejected) - MOST_REJECTED} more: `readiness services`"


def comment(text: str) -> str:
    """Of the scanned repository: nothing of it ends the comment."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
