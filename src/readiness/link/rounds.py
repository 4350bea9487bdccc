"""Evaluations -> what is still true of them: each is done once, and again in a later round only where what it read has changed.

A round ends when all calls were seen to hand something over. Values that read none of that hold for good; those that did keep
the places that they read, and hold as long as nothing was added there. What met itself on the way is asked in every round: it
then finds what the round before found. Never looks at a value.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeAlias

from msgspec import Struct

from readiness.link.values import Values

DEPTH = 60  # evaluations inside of each other
MAX_PLACES = 8  # who reads more places than this is asked in every round: keeping them would cost more
Seen = frozenset[int]
Work = Callable[..., Values]


class Open(Struct, gc=False):
    """Values that may change, with the places that they read (None: ask again in every round) and when the first was read."""

    values: Values
    places: Seen | None
    since: int
    round: int


class _Active:
    """Stands in a table where an evaluation is under way."""


ACTIVE = _Active()
Known: TypeAlias = Values | Open | _Active
Table: TypeAlias = dict[Hashable, Known]


class Rounds:
    """The rounds of one program, and what the evaluation that is under way has read so far."""

    def __init__(self, bounds: dict[str, int]) -> None:
        self.round = 0
        self._bounds = (
            bounds  # limits that were reached: not a method of the resolver, since a cycle would never be freed
        )
        self._is_last = False
        self._deep = 0
        self._now = 0  # counts changes of places
        self._changed: list[int] = []  # by place: when it changed last
        self._alone: list[Seen] = []  # by place: the set of it alone
        self._numbers: dict[tuple[str, int, str], int] = {}
        self._sets: dict[Seen, Seen] = {}
        self._same: dict[Values, Values] = {}
        self._is_open = False
        self._places: Seen | None = frozenset()
        self._since = 0
        self._asked: dict[tuple[int, Hashable], Table] = {}  # what was needed while it was being evaluated
        self._before: dict[tuple[int, Hashable], Values] = {}

    def next_round(self, is_last: bool) -> None:
        """From here on what has changed is evaluated again. Nothing changes in the last round."""
        self._before = {
            (number, key): known.values
            for (number, key), table in self._asked.items()
            if type(known := table.get(key)) is Open and known.round == self.round
        }
        self._asked, self._is_last = {}, is_last
        self._sets = {}
        self.round += 1

    def settle(self, table: Table) -> None:
        """Before the last round: what still holds is kept without the places that it read, the rest goes."""
        for key in [key for key, known in table.items() if type(known) is Open]:
            known = table[key]
            if type(known) is Open and self._holds(known):
                table[key] = known.values
            else:
                del table[key]

    def forget(self) -> None:
        """After that: places are of no more use."""
        self._numbers, self._changed, self._alone = {}, [], []

    def found(self) -> Iterable[Values]:
        """Every set of values that was found, each once: equal ones are the same object wherever they are kept."""
        return self._same

    def changed(self, place: tuple[str, int, str]) -> None:
        """Something was added to what a place was seen to receive."""
        if not self._is_last:
            self._now += 1
            self._changed[self._number(place)] = self._now

    def reads(self, place: tuple[str, int, str]) -> None:
        """The evaluation that is under way depends on a place."""
        if not self._is_last:
            self._depend(self._alone[self._number(place)], self._now)

    def get(self, table: Table, key: Hashable, work: Work, *arguments: Any) -> Values:
        """`work(*arguments)`, or what is known of it; a cycle gets what the round before found."""
        known = table.get(key)
        if type(known) is tuple:
            return known
        if type(known) is Open and self._holds(known):
            self._depend(known.places, known.since)
            return known.values
        if known is ACTIVE or self._deep > DEPTH:
            if known is not ACTIVE:
                self._bounds["type-depth"] = self._bounds.get("type-depth", 0) + 1
            self._asked[id(table), key] = table
            self._depend(None, 0)
            return self._before.get((id(table), key), ())
        around = self._is_open, self._places, self._since
        self._is_open, self._deep = False, self._deep + 1
        table[key] = ACTIVE
        found = work(*arguments)
        self._deep -= 1
        if found:
            found = self._same.setdefault(found, found)
        if not self._is_open:
            table[key] = found
            self._is_open, self._places, self._since = around
            return found
        places, since = self._places, self._since
        if places is not None:
            places = self._sets.setdefault(places, places)
        table[key] = found if self._is_last else Open(found, places, since, self.round)
        self._is_open, self._places, self._since = around
        self._depend(places, since)
        return found

    def again(self, table: dict[int, Open], key: int, work: Callable[..., None], *arguments: Any) -> None:
        """`work(*arguments)` in the first round; in a later one only where what it read then has changed since."""
        known = table.get(key)
        if self.round and (known is None or self._holds(known)):
            return
        self._is_open = False
        work(*arguments)
        if self._is_open:
            table[key] = Open((), self._places, self._since, self.round)

    def _holds(self, known: Open) -> bool:
        """Whether an evaluation still says what it said."""
        if known.round == self.round:
            return True
        places = known.places
        if places is None:
            return False
        changed, since = self._changed, known.since
        for place in places:
            if changed[place] > since:
                return False
        known.round = self.round
        return True

    def _depend(self, places: Seen | None, since: int) -> None:
        if not self._is_open:
            self._is_open, self._places, self._since = True, places, since
            return
        self._since = min(self._since, since)
        own = self._places
        if own is places or own is None:
            return
        if places is None:
            self._places = None
        elif not places <= own:
            both = own | places
            self._places = both if len(both) <= MAX_PLACES else None

    def _number(self, place: tuple[str, int, str]) -> int:
        number = self._numbers.get(place)
        if number is None:
            number = self._numbers[place] = len(self._changed)
            self._changed.append(0)
            self._alone.append(frozenset((number,)))
        return number
