"""What was evaluated stays as long as nothing that it read has changed, and what went in a circle is asked once more."""

from __future__ import annotations

from readiness.link.rounds import DEPTH, Rounds, Table
from readiness.link.values import Values

PLACE = ("m", 1, "x")
OTHER = ("m", 1, "y")
ONE: Values = (("E", "one"),)
TWO: Values = (("E", "two"),)


def asked(rounds: Rounds, table: Table, log: list[str], key: str, *places: tuple[str, int, str]) -> Values:
    def work() -> Values:
        log.append(key)
        for place in places:
            rounds.reads(place)
        return ONE

    return rounds.get(table, key, work)


def test_what_reads_no_place_is_evaluated_once() -> None:
    rounds, table, log = Rounds({}), {}, []
    for _ in range(3):
        assert asked(rounds, table, log, "k") == ONE
        rounds.next_round(is_last=False)
    assert log == ["k"]


def test_only_what_read_a_changed_place_is_evaluated_again() -> None:
    rounds, table, log = Rounds({}), {}, []
    asked(rounds, table, log, "k", PLACE)
    asked(rounds, table, log, "l", OTHER)
    rounds.changed(PLACE)
    asked(rounds, table, log, "k", PLACE)  # of the same round
    rounds.next_round(is_last=False)
    asked(rounds, table, log, "k", PLACE)
    asked(rounds, table, log, "l", OTHER)
    assert log == ["k", "l", "k"]


def test_who_asks_somebody_that_reads_a_place_depends_on_it_too() -> None:
    rounds, table, log = Rounds({}), {}, []

    def outer() -> Values:
        log.append("outer")
        return asked(rounds, table, log, "inner", PLACE)

    rounds.get(table, "outer", outer)
    rounds.changed(PLACE)
    rounds.next_round(is_last=False)
    rounds.get(table, "outer", outer)
    assert log == ["outer", "inner", "outer", "inner"]


def test_a_circle_finds_what_the_round_before_found() -> None:
    rounds = Rounds({})
    table: Table = {}
    met: list[Values] = []

    def work() -> Values:
        met.append(rounds.get(table, "k", work))
        return TWO

    rounds.get(table, "k", work)
    rounds.next_round(is_last=False)
    assert rounds.get(table, "k", work) == TWO
    assert met == [(), TWO]


def test_too_deep_is_counted_and_asked_again() -> None:
    bounds: dict[str, int] = {}
    rounds = Rounds(bounds)
    table: Table = {}

    def down(depth: int) -> Values:
        return rounds.get(table, depth, lambda: down(depth + 1)) if depth <= 2 * DEPTH else ONE

    assert down(0) == ()
    assert bounds == {"type-depth": 1}
    rounds.next_round(is_last=False)
    assert down(DEPTH + 1) == ONE


def test_before_the_last_round_what_holds_is_settled_and_the_rest_goes() -> None:
    rounds, table, log = Rounds({}), {}, []
    asked(rounds, table, log, "k", PLACE)
    asked(rounds, table, log, "l", OTHER)
    rounds.changed(PLACE)
    rounds.next_round(is_last=True)
    rounds.settle(table)
    assert table == {"l": ONE}


def test_work_of_a_site_is_done_again_only_after_a_change() -> None:
    rounds, known, log = Rounds({}), {}, []

    def hand(*places: tuple[str, int, str]) -> None:
        log.append(len(places))
        for place in places:
            rounds.reads(place)

    for changed in ((), (OTHER,), ()):
        rounds.again(known, 0, hand)
        rounds.again(known, 1, hand, PLACE)
        for place in changed:
            rounds.changed(place)
        rounds.next_round(is_last=False)
    assert log == [0, 1]
    rounds.changed(PLACE)
    rounds.again(known, 1, hand, PLACE)
    assert log == [0, 1, 1]
