"""The shapes of values, and how sets of them are united. Pure; knows nothing of a program.

A value is a small tuple; its first letter says what it is:
    ("M", module)                a module of the program         ("X", name[, origin])  a name outside of it
    ("N", name, importer)        a folder that leads to modules  ("E", type[, origin])  an instance of an outside class
    ("C", module, scope)         a class                         ("S", text[, "*"])     a string; *: it begins so
    ("I", module, scope[, True]) an instance; True: of exactly that class, not of one below
    ("F", module, scope[, over]) a function; over: the function in whose place a decorator put it
    ("B", module, scope, of)     a method and the value that it was taken from, () where `super()` gave it
    ("U", module, scope, of)     super() in that class, with the value that `self` is
    ("T", sets)                  a tuple: one value set per position
    ("L", values)                anything that gives these when iterated
    ("D", pairs, values)         a mapping: literal keys, all values
    ("W", pairs, values, others) what was seen to be put into a container, whatever that is; others: under no literal key
    ("V", name, container)       a method of a container that gives its elements
    ("K", values)                something that gives these when called
    ("P", value, place)          functools.partial: the value and the call that made it
    ("A", kind, values)          a generic type in an annotation: L, T (sets), D, K, W, C for `type[X]`, or Q, a noted call
An origin is (module, number of the call that made the object), where a page says that the object carries work.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from typing import Any

Value = tuple[Any, ...]
Values = tuple[Value, ...]

WIDTH = 12
NESTED = 3
SCALARS = frozenset(f"builtins.{name}" for name in ("str", "bytes", "int", "float", "complex", "bool"))


def unite(groups: Iterable[Values]) -> Values:
    """One set of values, in order, at most WIDTH of them."""
    first: Values = ()
    seen: dict[Value, None] | None = None
    for group in groups:
        if not group:
            continue
        if seen is None:
            if not first:
                first = group
                continue
            if first == group:
                continue
            seen = dict.fromkeys(first)
        for value in group:
            seen.setdefault(value)
    found = first if seen is None else tuple(seen)
    return found[:WIDTH] if len(found) > WIDTH else found


def depth(values: Values) -> int:
    """How deep containers are nested in these."""
    return max((1 + max(map(depth, held(value)), default=0) for value in values if value[0] in "LTDW"), default=0)


def held(value: Value) -> tuple[Values, ...]:
    """The value sets that a container holds."""
    sets: tuple[Values, ...] = value[1] if value[0] == "T" else (value[1],) if value[0] == "L" else (value[2],)
    return sets


def flat(values: Values) -> Values:
    """The same without what would nest containers deeper than NESTED: data that contains itself has no end."""
    if all(value[0] not in "LTDW" for value in values) or depth(values) < NESTED:
        return values
    return tuple(value for value in values if value[0] not in "LTDW" or depth((value,)) < NESTED)


def elements(values: Values) -> Values:
    """What iterating over these gives, as far as the values themselves say it."""
    found: list[Values] = []
    for value in values:
        if value[0] == "L":
            found.append(value[1])
        elif value[0] == "T":
            found.extend(value[1])
        elif value[0] == "W":
            found.append(value[2])
    return unite(found)


def element(value: Value, step: str) -> Values | None:
    """`x[step]` of a container; None where the value is none."""
    inner = step[1:-1]
    if value[0] == "T":
        if inner.lstrip("-").isdigit() and -len(value[1]) <= int(inner) < len(value[1]):
            found: Values = value[1][int(inner)]
            return found
        if inner.startswith("*"):  # the starred name of an unpacking: from one place to another
            begin, _, end = inner[1:].partition(":")
            return (("L", unite(value[1][int(begin or 0) : int(end) if end else None])),)
        return (value,) if inner == ":" else unite(value[1])
    if value[0] == "L":
        return (value,) if inner == ":" or inner.startswith("*") else tuple(value[1])
    if value[0] in ("D", "W"):
        if inner.startswith("*"):
            return (("L", value[2]),)
        known = [values for key, values in value[1] if inner == repr(key)]
        if known:
            return unite(known)
        is_literal = inner[:1] in "'0123456789" and inner != ""
        return tuple(value[3] if value[0] == "W" and is_literal else value[2])
    return None


def inner_values(values: Values) -> Iterator[Value]:
    """The values themselves, what `partial` binds and what stands in tuples."""
    for value in values:
        if value[0] == "P":
            yield from inner_values((value[1],))
        elif value[0] == "T":
            for each in value[1]:
                yield from inner_values(each)
        else:
            yield value


def is_scalar(values: Values) -> bool:
    """Texts and numbers and nothing else."""
    return bool(values) and all(value[0] == "E" and value[1] in SCALARS for value in values)


def is_contradicted(values: Values) -> bool:
    """`file: TextIO | int`, and `file.read` where nothing was asked before: one of the types has no such method, so none is sure."""
    for value in values if all(value[0] == "X" for value in values) else ():
        owner, _, method = str(value[1]).rpartition(".")
        if owner.startswith("builtins."):
            cls = getattr(builtins, owner[9:], None)
            if isinstance(cls, type) and not hasattr(cls, method):
                return True
    return False
