"""What a process does counts by the share of what it answers: a few places in a large one are a reason to cut those out."""

from __future__ import annotations

import pytest

from readiness.types.program import Effect
from readiness.types.report import ServiceRow
from tests.assess.units import external, function, module, network, program, project, rate, route, service

FAN_OUT = 2  # of APIS


def row_of(
    plain: int, fanning: int = 0, streaming: int = 0, beside: int = 0, between: int = 0, lines: int = 300
) -> ServiceRow:
    """A process with so many routes that only read, that fan out, that keep a connection open; functions beside them that fan out;
    and calls between each of the fanning routes and the fan-out."""
    functions, calls, entries = [], [], []
    for number in range(plain + fanning):
        functions.append(function("api", f"r{number}", 10 * number + 1, is_async=True))
        entries.append(route("api", f"r{number}", 10 * number + 1, number))
    for number in range(streaming):
        at = len(functions)
        functions.append(function("api", f"ws{number}", 10 * at + 1, is_async=True))
        entries.append(route("api", f"ws{number}", 10 * at + 1, at, "websocket"))
    for number in range(fanning):
        caller = plain + number
        for _ in range(between):
            functions.append(function("api", f"h{len(functions)}", 10 * len(functions) + 1, is_async=True))
            calls.append(project(caller, len(functions) - 1, 10 * caller + 2))
            caller = len(functions) - 1
        calls.append(external(caller, FAN_OUT, 10 * caller + 3))
    for _ in range(beside):
        at = len(functions)
        functions.append(function("api", f"b{at}", 10 * at + 1, is_async=True))
        calls.append(external(at, FAN_OUT, 10 * at + 3))
    waiting = {call.caller for call in calls}
    effects = tuple(network("async", "api", 2) if i in waiting else Effect() for i in range(len(functions)))
    whole = program((module("api", lines=lines),), tuple(functions), tuple(calls), effects, tuple(entries))
    (found,) = rate(whole, service("api", tuple(range(len(functions))), tuple(entries))).services
    return found


def value(row: ServiceRow, signal: str) -> float:
    (found,) = [part.value for part in row.contributions if part.signal == signal]
    assert found is not None
    return round(found, 3)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"plain": 0, "fanning": 2}, 0.5),  # x / (x + K), K = 2
        ({"plain": 2, "fanning": 2}, 0.5),  # half of them: in full
        ({"plain": 8, "fanning": 2}, 0.2),  # a fifth of them, of which half counts in full
        ({"plain": 98, "fanning": 2}, 0.02),
        ({"plain": 8, "fanning": 2, "between": 2}, 0.2),  # two calls away it is the route's doing
        ({"plain": 8, "fanning": 2, "between": 3}, 0.0),  # further it is another part's
        ({"plain": 2, "beside": 2}, 0.5),  # half of its code is no handler's
        ({"plain": 18, "beside": 2}, 0.1),
    ],
)
def test_fan_out_counts_by_the_share_of_the_handlers_that_do_it(row: dict[str, int], expected: float) -> None:
    assert value(row_of(**row), "fanout") == expected


@pytest.mark.parametrize(("plain", "expected"), [(0, 1.0), (9, 1.0), (19, 0.5), (99, 0.1)])
def test_one_open_connection_among_many_routes(plain: int, expected: float) -> None:
    assert value(row_of(plain, streaming=1), "long_lived") == expected


def test_the_same_places_speak_for_a_small_process_and_not_for_a_large_one() -> None:
    small, large = row_of(2, fanning=2, streaming=1), row_of(200, fanning=2, streaming=1)
    assert small.benefit is not None and large.benefit is not None
    assert small.benefit > large.benefit + 25
    evidence = [[(p.path, p.line) for p in part.evidence] for part in large.contributions if part.signal == "fanout"]
    assert evidence == [[("api.py", 2003), ("api.py", 2013)]]  # they are told all the same


def test_a_year_of_work_is_no_first_step() -> None:
    first, later = row_of(2, fanning=6, streaming=6), row_of(2, fanning=6, streaming=6, lines=40_000)
    assert (first.verdict, first.gates) == ("port-first", ())
    assert later.effort_days is not None and later.effort_days.production > 220
    assert (later.verdict, later.gates) == ("port-later", ("large",))
    assert later.score == pytest.approx(first.score, rel=0.2)  # it stays where it ranks
    assert "more than one person's year of work: a part of it goes first" in later.reason
