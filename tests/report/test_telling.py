"""The numbers from outside that would change the answer most."""

from __future__ import annotations

from msgspec.structs import replace

from readiness.report.telling import MOST, SIGNALS, telling
from readiness.types.evidence import AssertedRow

from .example import report as unscored
from .weighed import weighed

REPORT = weighed(12, 1)


def test_those_that_turn_a_verdict_come_first_then_the_widest() -> None:
    rows = telling(REPORT)
    assert 0 < len(rows) <= MOST
    order = [(row.verdict_low == row.verdict_high, row.low - row.high) for row in rows]
    assert order == sorted(order)
    for row in rows:
        (service,) = [service for service in REPORT.services if service.id == row.service]
        value = {part.signal: part.value for part in service.contributions}[SIGNALS[row.key]]
        assert value is None and row.low < row.high


def test_what_was_said_is_asked_no_more() -> None:
    first = telling(REPORT)[0]
    said = AssertedRow(first.key, 1.0, "", "", "e.toml", 3)
    services = tuple(replace(s, asserted=(said,)) if s.id == first.service else s for s in REPORT.services)
    assert first not in telling(replace(REPORT, services=services))


def test_a_score_lies_between_its_least_and_its_most() -> None:
    rows = [(row, service) for row in telling(REPORT) for service in REPORT.services if service.id == row.service]
    assert {row.key for row, _ in rows} >= {"requests_per_second"}
    for row, service in rows:
        assert service.score is not None and row.low - 1e-6 <= service.score <= row.high + 1e-6


def test_a_document_without_signals_asks_nothing() -> None:
    assert telling(unscored()) == []
