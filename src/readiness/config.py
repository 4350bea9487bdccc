"""A folder -> Config: finds `[tool.readiness]` and checks every key and type of it. Never reads code, never stops at the first mistake."""

from __future__ import annotations

import datetime
import difflib
import math
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect
from msgspec.structs import replace

from readiness.types.config import POLICIES, CheckRules, Config, Team
from readiness.types.rulebook import Scoring

GOALS = ("throughput", "footprint")
VERDICTS = ("port-first", "port-later", "decouple-first", "optimise-in-python", "keep-in-python", "not-judged")
FITS = ("stdlib", "drop-in", "close", "partial", "none", "keep-python", "tooling")
GATE = re.compile(r"(?P<severity>error|warning)|verdict:(?P<verdict>[a-z-]+)|score<(?P<score>\d{1,3}(\.\d+)?)")
MAX_NUMBER = 2**63 - 1  # what the records hold
MAX_BYTES = 1 << 20  # a settings file above this is no settings file; the folder may be hostile
URLS = ("https://", "http://")
RANGES = (("people", 1, 10_000), ("go", 0, 10_000), ("months", 0.1, 120), ("share", 0.01, 1))  # of a team
POSITIVE = ("max_file_bytes", "file_seconds", "worker_memory_mib", "workers")


SINGLE = (inspect.StrType, inspect.IntType, inspect.FloatType, inspect.BoolType)
Record = TypeVar("Record")
Check = Callable[[Mapping[str, Any]], list[str]]


class ConfigError(Exception):
    """What is wrong in a configuration file: one line per mistake, each with the file and the key."""


def load_config(root: Path, explicit: Path | None, environment: Mapping[str, str] = os.environ) -> Config:
    """The settings for `root`: of `explicit`, else of the nearest `readiness.toml` or `[tool.readiness]` up to the repository's root.

    Variables READINESS_GOAL, READINESS_CHECK_BASE and so on, one for each setting that is a single value, overrule the file.
    Without a repository (no `.git` above) only `root` itself is looked at. Raises ConfigError with every mistake at once.
    """
    table, where = find_settings(root, explicit)
    return _overrule(build(table, Config, where, _value_mistakes), environment)


def origins(root: Path, explicit: Path | None, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Dotted key -> where its value comes from, for those that are no default."""
    table, where = find_settings(root, explicit)
    keys = {key.replace("-", "_"): value for key, value in table.items()}
    found = {key: where for key, value in keys.items() if not isinstance(value, dict)}
    found |= {
        f"{key}.{name.replace('-', '_')}": where
        for key, value in keys.items()
        if isinstance(value, dict)
        for name in value
    }
    return found | {key: f"environment: {name}" for key, name in _variables() if name in environment}


def find_settings(root: Path, explicit: Path | None) -> tuple[Mapping[str, Any], str]:
    """The table of the settings and the file that it stands in, as errors name it; an empty one and "" where nothing is said."""
    for path in [explicit] if explicit else _candidates(root):
        table = _read(path, is_explicit=explicit is not None)
        if table is not None:
            return table, path.name if path.parent == root else str(path)
    return {}, ""


def _variables() -> Iterator[tuple[str, str]]:
    """(dotted key, variable) of every setting that is a single value."""
    for prefix, record in (("", Config), ("check.", CheckRules), ("team.", Team)):
        for field in msgspec.structs.fields(record):
            if isinstance(plain_type(inspect.type_info(field.type)), SINGLE):
                key = prefix + field.name
                yield key, f"READINESS_{key.replace('.', '_').upper()}"


def _overrule(config: Config, environment: Mapping[str, str]) -> Config:
    table: dict[str, Any] = {}
    for key, name in _variables():
        if name in environment:
            group, _, field = key.rpartition(".")
            (table.setdefault(group, {}) if group else table)[field] = _value(environment[name])
    if not table:
        return config
    said = build(table, Config, "environment", _value_mistakes)
    check = {name: getattr(said.check, name) for name in table.pop("check", {})}
    team = {name: getattr(said.team, name) for name in table.pop("team", {})}
    changes = {name: getattr(said, name) for name in table}
    return replace(config, **changes, check=replace(config.check, **check), team=replace(config.team, **team))


def _value(text: str) -> Any:
    """As TOML reads it; what it cannot read is a string without quotes."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError, KeyError):
        return text


def check_scoring(config: Config, scoring: Scoring) -> None:
    """Raises ConfigError with a line per weight or threshold that the scoring table does not have, and per value it cannot have.

    The table is known only when the rulebook is read, thus later than the rest of the settings. A threshold may be divided by: where the
    table's own value is above 0, so must the user's be.
    """
    mistakes = []
    for key, given, known in (
        ("weights", config.weights, {**scoring.families, **scoring.signals}),
        ("thresholds", config.thresholds, scoring.thresholds),
    ):
        for name, value in sorted(given.items()):
            where = f"tool.readiness.{key}.{name}"
            if name not in known:
                close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
                hint = f"did you mean `{close[0]}`?" if close else f"allowed: {', '.join(sorted(known))}"
                mistakes.append(f"{where}: no such name; {hint}")
            elif not math.isfinite(value) or value < 0 or (key == "thresholds" and value == 0 < known[name].value):
                least = "above 0" if key == "thresholds" and known[name].value > 0 else "0 or more"
                mistakes.append(f"{where}: must be {least}, is {value:g}")
    if mistakes:
        raise ConfigError("\n".join(mistakes))


def gate_mistake(text: str) -> str | None:
    """What is wrong with one `--fail-on` condition, or None."""
    match = GATE.fullmatch(text)
    if match is None:
        return f"{text!r} is no condition; allowed: error, warning, verdict:NAME, score<N"
    if match["verdict"] and match["verdict"] not in VERDICTS:
        return (
            f"{match['verdict']!r} is no verdict{nearest(match['verdict'], VERDICTS)}; allowed: {', '.join(VERDICTS)}"
        )
    return None


def repository_root(start: Path) -> Path | None:
    """The nearest folder at or above `start` that holds `.git` (a file in a worktree or submodule)."""
    return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)


def _candidates(root: Path) -> Iterator[Path]:
    """readiness.toml comes before pyproject.toml of the same folder; nearer folders come first."""
    top = repository_root(root.resolve()) or root.resolve()
    for folder in (root.resolve(), *root.resolve().parents):
        shown = root if folder == root.resolve() else folder
        yield from (path for name in ("readiness.toml", "pyproject.toml") if (path := shown / name).is_file())
        if folder == top:
            return


def _read(path: Path, *, is_explicit: bool) -> Mapping[str, Any] | None:
    """The table of one file, None if it says nothing about readiness.

    Somebody else's broken pyproject.toml is the scanned repository's business, not a mistake in our settings.
    """
    is_ours = is_explicit or path.name == "readiness.toml"
    text = ""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES} bytes")
        text = data.decode()
        table = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        if is_ours or "[tool.readiness" in text:
            reason = error.strerror if isinstance(error, OSError) else str(error) or "nested too deeply"
            raise ConfigError(f"{path}: {reason}") from None
        return None
    if path.name != "pyproject.toml":
        return table
    tool = table.get("tool")
    found = tool.get("readiness") if isinstance(tool, dict) else None
    if found is None:
        return {} if is_explicit else None
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: tool.readiness: must be a table, is {_kind(found)}")
    return found


def build(table: Mapping[str, Any], record: type[Record], where: str, check: Check) -> Record:
    """A table as a record. Raises ConfigError with a line per unknown key and wrong type, else per mistake that `check` finds."""
    known, mistakes = _normalise(table, inspect.type_info(record), "")
    mistakes += [] if mistakes else check(known)
    if mistakes:
        raise ConfigError("\n".join(f"{where}: {mistake}" for mistake in mistakes))
    return msgspec.convert(known, record, strict=False)


def _normalise(table: Mapping[str, Any], struct: inspect.Type, prefix: str) -> tuple[dict[str, Any], list[str]]:
    """Keys with `_` for `-`, and a line per unknown key, key given twice and wrong type."""
    assert isinstance(struct, inspect.StructType)
    fields = {field.name: field for field in struct.fields}
    known: dict[str, Any] = {}
    mistakes: list[str] = []
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in fields:
            said = key if key.isprintable() else repr(key)  # the file may be hostile, and this goes to a terminal
            mistakes.append(f"{prefix}{said}: unknown key{nearest(name, fields)}")
        elif name in known:
            mistakes.append(f"{prefix}{key}: given twice, with `-` and with `_`")
        else:
            known[name], wrong = _check(value, fields[name].type, f"{prefix}{key}")
            mistakes += wrong
    missing = [field.encode_name for field in struct.fields if field.required and field.name not in known]
    return known, mistakes + [f"{prefix}{name}: missing" for name in missing]


def _check(value: Any, kind: inspect.Type, key: str) -> tuple[Any, list[str]]:
    """The value as Config wants it, and what is wrong with it. A bool is no number; an integer is a float too."""
    kind = plain_type(kind)
    if isinstance(kind, inspect.VarTupleType) and isinstance(value, list):
        return _collect(((f"{key}[{index}]", item) for index, item in enumerate(value)), kind.item_type)
    if isinstance(kind, inspect.DictType) and isinstance(value, dict):
        values, mistakes = _collect(((f"{key}.{name}", item) for name, item in value.items()), kind.value_type)
        return dict(zip(value, values, strict=True)), mistakes
    if isinstance(kind, inspect.StructType) and isinstance(value, dict):
        return _normalise(value, kind, f"{key}.")
    words = {
        inspect.StrType: (str,),
        inspect.BoolType: (bool,),
        inspect.IntType: (int,),
        inspect.FloatType: (int, float),
        inspect.DateType: (datetime.date,),
    }
    accepted = words.get(type(kind), ())
    if isinstance(value, datetime.datetime):  # a date too, says Python; a day is wanted
        accepted = ()
    if isinstance(value, accepted) and (bool in accepted or not isinstance(value, bool)):
        is_too_large = isinstance(value, int) and abs(value) > MAX_NUMBER
        return value, [f"{key}: must lie within 64 bits"] if is_too_large else []
    return value, [f"{key}: must be {_wanted(kind)}, is {_kind(value)}"]


def plain_type(kind: inspect.Type) -> inspect.Type:
    """The type without its description and without `or None`."""
    if isinstance(kind, inspect.Metadata):
        return plain_type(kind.type)
    if isinstance(kind, inspect.UnionType):
        return next(plain_type(option) for option in kind.types if not isinstance(option, inspect.NoneType))
    return kind


def _collect(items: Iterable[tuple[str, Any]], kind: inspect.Type) -> tuple[list[Any], list[str]]:
    checked = [_check(item, kind, key) for key, item in items]
    return [value for value, _ in checked], [mistake for _, wrong in checked for mistake in wrong]


def _value_mistakes(known: Mapping[str, Any]) -> list[str]:
    """What the types cannot say: closed lists of words, and numbers above zero."""
    mistakes = [f"{name}: must be above 0, is {known[name]}" for name in POSITIVE if name in known and known[name] <= 0]
    if (goal := known.get("goal", GOALS[0])) not in GOALS:
        mistakes.append(f"goal: {goal!r} is no goal{nearest(goal, GOALS)}; allowed: {', '.join(GOALS)}")
    for index, gate in enumerate(known.get("fail_on", ())):
        if mistake := gate_mistake(gate):
            mistakes.append(f"fail-on[{index}]: {mistake}")
    if (link := known.get("source_url")) is not None and not (link.startswith(URLS) and "{path}" in link):
        mistakes.append(f"source-url: {link!r} is no address of a line; it starts with https:// and holds {{path}}")
    if (day := known.get("today")) is not None and not _is_day(day):
        mistakes.append(f"today: {day!r} is no day; it is written YYYY-MM-DD")
    for index, name in enumerate(known.get("evidence", ())):
        if _leads_out(name.rpartition("=")[2] or name):
            mistakes.append(f"evidence[{index}]: {name!r} must lie in the repository; `--evidence` takes any file")
    for key in ("baseline", "decisions"):
        if key in known and _leads_out(known[key]):
            mistakes.append(f"{key}: {known[key]!r} must lie in the repository")
    for name, fit in known.get("dependencies", {}).items():
        if fit not in FITS:
            mistakes.append(f"dependencies.{name}: {fit!r} is no fit{nearest(fit, FITS)}; allowed: {', '.join(FITS)}")
    mistakes += _team_mistakes(known.get("team", {}))
    for index, row in enumerate(known.get("actuals", ())):
        mistakes += [f"actuals[{index}].{name}: must be above 0" for name in ("estimated", "days") if row[name] <= 0]
        if row.get("date") is not None and not _is_day(row["date"]):
            mistakes.append(f"actuals[{index}].date: {row['date']!r} is no day; it is written YYYY-MM-DD")
    for index, policy in enumerate(known.get("check", {}).get("policies", ())):
        if policy not in POLICIES:
            hint = f"{nearest(policy, POLICIES)}; allowed: {', '.join(POLICIES)}"
            mistakes.append(f"check.policies[{index}]: {policy!r} is no policy{hint}")
    return mistakes


def _leads_out(name: str) -> bool:
    """The settings may be a stranger's; the command line is the user's."""
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or not parts[0] or ":" in parts[0]


def _team_mistakes(team: Mapping[str, Any]) -> list[str]:
    people, go = team.get("people"), team.get("go")
    found = [
        f"team.{key}: must be from {low} to {high}, is {team[key]}"
        for key, low, high in RANGES
        if key in team and not low <= team[key] <= high
    ]
    if people is not None and go is not None and go > people:
        found.append(f"team.go: {go} of {people} people cannot know Go")
    return found


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def nearest(word: str, words: Iterable[str]) -> str:
    """`, did you mean ...?` for a word that is close to one of `words`, else nothing."""
    found = difflib.get_close_matches(word, sorted(words), n=1, cutoff=0.5)
    return f", did you mean `{found[0].replace('_', '-')}`?" if found else ""


def _wanted(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.VarTupleType):
        return "a list"
    words = {
        inspect.StrType: "a string",
        inspect.BoolType: "true or false",
        inspect.IntType: "an integer",
        inspect.DateType: "a date as 2027-03-31",
    }
    return words.get(type(kind)) or ("a number" if isinstance(kind, inspect.FloatType) else "a table")


def _kind(value: Any) -> str:
    words = {str: "a string", bool: "a boolean", int: "an integer", float: "a number", list: "a list", dict: "a table"}
    return words.get(type(value), "a date or time")
