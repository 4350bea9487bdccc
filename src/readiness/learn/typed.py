"""Values of the resolver -> the type text of a page (`lib.Class`, `[T]`, `{T}`, `T, T`), None where it is not one type."""

from __future__ import annotations

from readiness.learn.surface import Definition
from readiness.link.values import Value, Values
from readiness.rulebook.typetext import is_type

UNTOLD = ("builtins.", "typing.", "typing_extensions.", "collections.abc.")  # say nothing, or what every page knows


def type_text(values: Values, names: dict[Definition, str]) -> str | None:
    """The one type that all values have; what is no object (None, text, a function) is passed over."""
    found = {text for value in values if (text := _text(value, names)) is not None}
    return found.pop() if len(found) == 1 else None


def _text(value: Value, names: dict[Definition, str]) -> str | None:
    if value[0] == "I":
        return names.get((value[1], value[2]))
    if value[0] == "E":
        name = str(value[1])
        return None if name.startswith(UNTOLD) or "." not in name or not is_type(name) else name
    if value[0] == "L":
        inner = type_text(value[1], names)
        return f"[{inner}]" if inner is not None else None
    if value[0] in ("D", "W"):
        inner = type_text(value[2], names)
        return f"{{{inner}}}" if inner is not None else None
    if value[0] == "T":
        parts = [type_text(each, names) for each in value[1]]
        return ", ".join(part for part in parts if part) if len(parts) > 1 and all(parts) else None
    return None
