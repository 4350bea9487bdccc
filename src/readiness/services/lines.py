"""YAML text -> plain values with lines: a safe reader for files of strangers. Never builds objects, follows bombs or raises YAMLError out.

Aliases, nodes and depth are bounded before anything is built; templates that are no YAML give one failure with its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import yaml
from msgspec import Struct

MAX_ALIASES = 500
MAX_NODES = 60_000
MAX_DEPTH = 40
MAX_LINE = 20_000


class Line(str):
    """A scalar with the line on which it stands, from 1."""

    line: int

    def __new__(cls, text: str, line: int) -> Self:
        """`text` as found on `line`."""
        self = super().__new__(cls, text)
        self.line = line
        return self


Value = dict[str, "Value"] | list["Value"] | Line


class Broken(Struct, frozen=True):
    reason: str
    line: int | None = None


def read_yaml(text: str) -> list[Value] | Broken:
    """The documents of `text`; scalars stay text (`Line`), whatever their type."""
    if "\0" in text or any(len(line) > MAX_LINE for line in text.splitlines()):
        return Broken("binary, or a line of more than 20,000 characters")
    try:
        problem = bounded(yaml.parse(text, Loader=yaml.SafeLoader))
        if problem:
            return problem
        budget = [MAX_NODES]
        return [build(node, 0, budget) for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return Broken("no YAML (a template?)", mark.line + 1 if mark else None)
    except (yaml.YAMLError, OverflowError, RecursionError, ValueError) as error:
        return Broken(f"no YAML: {type(error).__name__}")


def bounded(events: Iterator[yaml.Event]) -> Broken | None:
    """What is too much of a stream of events, or None."""
    aliases = depth = 0
    for nodes, event in enumerate(events):
        aliases += isinstance(event, yaml.AliasEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if aliases > MAX_ALIASES or nodes > MAX_NODES or depth > MAX_DEPTH:
            mark = event.start_mark
            return Broken("too many aliases, nodes or levels", mark.line + 1 if mark else None)
    return None


def build(node: yaml.Node, depth: int, budget: list[int]) -> Value:
    """The node as a value; `<<` merges below what the mapping says itself. A budget ends what aliases multiply."""
    budget[0] -= 1
    if budget[0] < 0 or depth > MAX_DEPTH:
        raise ValueError("aliases multiply beyond the bound")
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [build(item, depth + 1, budget) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return Line(str(node.value), line)
    found: dict[str, Value] = {}
    merged: dict[str, Value] = {}
    for key, item in node.value:
        value = build(item, depth + 1, budget)
        if key.value == "<<":
            for layer in value if isinstance(value, list) else [value]:
                merged |= {k: v for k, v in layer.items() if k not in merged} if isinstance(layer, dict) else {}
        elif isinstance(key, yaml.ScalarNode):
            found[Line(str(key.value), key.start_mark.line + 1)] = value
    return {**{k: v for k, v in merged.items() if k not in found}, **found}


def first_mapping(text: str) -> dict[str, Value]:
    """The first document of `text` where it is a mapping; empty for anything else, also for what is no YAML."""
    return first_of(read_yaml(text))


def first_of(documents: list[Value] | Broken) -> dict[str, Value]:
    """The first of read documents where it is a mapping."""
    return mapping(documents[0]) if not isinstance(documents, Broken) and documents else {}


def mapping(value: object) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Value]:
    return value if isinstance(value, list) else []


def line_of(value: object) -> int | None:
    """The first line of a value."""
    if isinstance(value, Line):
        return value.line
    if isinstance(value, dict):
        return next((key.line for key in value if isinstance(key, Line)), None)
    return next((line_of(item) for item in value), None) if isinstance(value, list) else None
