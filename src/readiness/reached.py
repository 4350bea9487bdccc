"""Beginnings, followers -> all that is reached, the beginnings included. Plain reachability over values; bounded or ordered walks are elsewhere."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def reached(begin: Iterable[Node], followers: Mapping[Node, Iterable[Node]]) -> set[Node]:
    """A node without a row has no followers."""
    found = set(begin)
    open_ = list(found)
    while open_:
        for following in followers.get(open_.pop(), ()):
            if following not in found:
                found.add(following)
                open_.append(following)
    return found
