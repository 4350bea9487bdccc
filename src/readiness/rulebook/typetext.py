"""the text of a type on a page -> its form and parts. Closed: anything else is no type. Never resolves a name.

`lib.Type` · `[T]` gives T when iterated · `{T}` maps to T · `T, T` a tuple · `arg:N` the type of an argument · `named:arg:N` what it names.
"""

from __future__ import annotations

TYPES = "allowed: package.Type, [T] for what gives T when iterated, {T} for a mapping to T, `T, T` for a tuple, arg:N, named:arg:N"
FORMS_OF_BRACKETS = {"[]": "list", "{}": "mapping"}


def read_type(text: str) -> tuple[str, list[str]]:
    """One of `tuple`, `list`, `mapping` with its parts, or `type` with the name itself."""
    parts = _split(text)
    if len(parts) > 1:
        return "tuple", parts
    form = FORMS_OF_BRACKETS.get(text[:1] + text[-1:])
    return ("type", [text]) if form is None else (form, [text[1:-1].strip()])


def is_type(text: str) -> bool:
    """Whether a text is written in the closed form above."""
    form, parts = read_type(text)
    if form == "type":
        head, _, number = text.removeprefix("named:").partition(":")
        return (head == "arg" and number.isdigit()) or all(step.isidentifier() for step in text.split("."))
    return all(is_type(part) for part in parts)


def _split(text: str) -> list[str]:
    """At the commas that stand in no bracket."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]
