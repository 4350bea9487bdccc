"""a table of a page -> typed values: closed lists of keys and words. Never reads a file."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

IO_KINDS = ("network", "dns", "filesystem", "subprocess", "database", "broker", "cache", "sleep")
MODES = ("blocking", "async")
LATENCIES = ("local", "cache", "db", "rpc", "wan", "long")
CONSTRUCTS = (
    "task", "fan-out", "thread", "process", "pool", "lock", "queue", "semaphore", "event", "timeout", "greenlet",
)  # fmt: skip
ENTRY_KINDS = (
    "http-route", "websocket", "rpc-method", "task", "consumer", "schedule", "cli", "main", "lambda", "other",
)  # fmt: skip
HANDS = ("task", "thread", "process", "queue", "callback", "sync")
STORES = ("table", "cache", "queue", "bucket", "file", "env")
ACCESS = ("read", "write")
SERIALISERS = ("json", "pickle", "protobuf", "yaml", "xml", "msgpack", "csv", "marshal", "orm")
FORMS = ("decorator", "call", "base-class", "instance")
FITS = ("stdlib", "drop-in", "close", "partial", "none", "keep-python", "tooling")
FAMILIES = ("model", "frames", "numeric", "orchestrator", "scraper", "admin", "command-line", "graphql")
MATURITIES = ("official", "foundation", "community")


class RulebookError(Exception):
    """What a user's (or our own) page says wrongly: the page, the key and what is allowed."""

    def __init__(self, path: str, key: str, problem: str) -> None:
        self.path, self.key, self.problem = path, key, problem
        super().__init__(f"{path}: {key}: {problem}" if key else f"{path}: {problem}")


class Table:
    """One TOML table with its place, read key by key; `done` names the keys that nobody asked for."""

    def __init__(self, path: str, where: str, data: Any) -> None:
        self.path, self.where = path, where
        if not isinstance(data, Mapping):
            raise RulebookError(path, where, f"must be a table, not {_kind(data)}")
        self.data: Mapping[str, Any] = data
        self.asked: set[str] = set()

    def text(self, key: str, allowed: Collection[str] | None = None) -> str | None:
        value = self._get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.error(key, f"must be a string, not {_kind(value)}")
        if allowed is not None and value not in allowed:
            raise self.error(key, f"`{value}` is not allowed{_nearest(value, allowed)}; allowed: {', '.join(allowed)}")
        return value

    def need(self, key: str, allowed: Collection[str] | None = None) -> str:
        value = self.text(key, allowed)
        if value is None or not value.strip():
            raise self.error(key, "is missing")
        return value

    def words(self, key: str, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of strings; one string counts as a list of one."""
        value = self._get(key)
        values = [value] if isinstance(value, str) else [] if value is None else value
        if not isinstance(values, list) or any(not isinstance(word, str) for word in values):
            raise self.error(key, f"must be a list of strings, not {_kind(value)}")
        for word in values if allowed is not None else ():
            if allowed is not None and word not in allowed:
                raise self.error(
                    key, f"`{word}` is not allowed{_nearest(word, allowed)}; allowed: {', '.join(allowed)}"
                )
        if len(set(values)) != len(values):
            raise self.error(key, "names one word twice")
        return tuple(values)

    def number(self, key: str) -> float | None:
        value = self._get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise self.error(key, f"must be a number, not {_kind(value)}")
        return None if value is None else float(value)

    def flag(self, key: str) -> bool | None:
        value = self._get(key)
        if value is not None and not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {_kind(value)}")
        return value

    def table(self, key: str) -> Table:
        value = self._get(key)
        return Table(self.path, self._name(key), {} if value is None else value)

    def tables(self, key: str) -> list[Table]:
        value = self._get(key)
        if value is not None and not isinstance(value, list):
            raise self.error(key, f"must be a list of tables, written [[{key}]]")
        return [Table(self.path, f"{self._name(key)}[{index}]", item) for index, item in enumerate(value or [])]

    def done(self) -> None:
        """Raises for the first key that is unknown, with the nearest known one."""
        for key in self.data:
            if key not in self.asked:
                known = sorted(self.asked)
                raise self.error(key, f"is not a key{_nearest(key, known)}; allowed: {', '.join(known)}")

    def error(self, key: str, problem: str) -> RulebookError:
        return RulebookError(self.path, self._name(key), problem)

    def _get(self, key: str) -> Any:
        self.asked.add(key)
        return self.data.get(key)

    def _name(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key


def _nearest(word: str, allowed: Collection[str]) -> str:
    near = difflib.get_close_matches(word, sorted(allowed), n=1, cutoff=0.5)
    return f" (did you mean `{near[0]}`?)" if near else ""


def _kind(value: Any) -> str:
    return {str: "a string", bool: "a truth value", int: "a number", float: "a number", list: "a list"}.get(
        type(value), "a table"
    )
