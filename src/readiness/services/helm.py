"""A Helm template and its chart's values -> YAML text with the same lines. Directives are cut out, known values put in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from readiness.services.launches import folder_of
from readiness.services.lines import Line, Value, first_mapping, mapping
from readiness.types.tree import Text

ALONE = re.compile(r"^\s*(-\s+)?\{\{-?.*-?\}\}\s*$")
VALUE = re.compile(r"\{\{-?\s*\.Values\.([\w.]+)\s*(\|[^}]*)?-?\}\}")
BEFORE_TEXT = re.compile(
    r"(?<=[\[,])(\s*)\{\{.*?\}\}(?=\s*[\"'])"
)  # what may put more words before the first of a list
ANY = re.compile(r"\{\{.*?\}\}")
UNKNOWN = "unknown-value"
MAX_LINE = 2_000  # a brace that never closes costs the square of a line's length


def is_template(path: str, text: str) -> bool:
    return "{{" in text and "/templates/" in f"/{path}"


def as_yaml(text: str, values: Mapping[str, Value]) -> str:
    """The template as it may look when it is rendered: blocks all taken, values as the chart sets them, directives of many lines cut out."""
    lines, is_open = [], False
    for raw in text.splitlines():
        if is_open:
            closes = raw.find("}}")
            raw, is_open = ("", True) if closes < 0 else (raw[closes + 2 :], False)
        begins = raw.rfind("{{")
        if begins >= 0 and "}}" not in raw[begins:]:
            raw, is_open = raw[:begins], True
        lines.append(rendered(raw, values))
    return "\n".join(lines)


def rendered(raw: str, values: Mapping[str, Value]) -> str:
    """One line. A longer one than people write is left out."""
    if "{{" not in raw:
        return raw
    if len(raw) > MAX_LINE or ALONE.match(raw):
        return ""
    raw = BEFORE_TEXT.sub(r"\1", raw)
    return ANY.sub(UNKNOWN, VALUE.sub(lambda m: value_of(values, m[1]), raw))


def value_of(values: Mapping[str, Value], dotted: str) -> str:
    at: Value | None = dict(values)
    for step in dotted.split("."):
        at = mapping(at).get(step)
    return str(at) if isinstance(at, Line) and "\n" not in at else UNKNOWN


def charts(texts: tuple[Text, ...]) -> dict[str, Mapping[str, Value]]:
    """Folder of a chart -> its values."""
    found: dict[str, Mapping[str, Value]] = {}
    folders = {folder_of(text.path) for text in texts if text.path.rsplit("/", 1)[-1] == "Chart.yaml"}
    for text in texts:
        if text.path.rsplit("/", 1)[-1] == "values.yaml" and folder_of(text.path) in folders:
            found[folder_of(text.path)] = first_mapping(text.text)
    return found


def chart_of(path: str, known: Mapping[str, Mapping[str, Value]]) -> Mapping[str, Value]:
    """The values of the chart in which a template lies."""
    return known.get(path.rpartition("/templates/")[0], {})
