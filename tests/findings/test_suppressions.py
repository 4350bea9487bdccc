"""`# readiness: ignore[...]`: what it covers, until when, and what is told of the comment itself."""

from __future__ import annotations

import pytest

from readiness.types.config import Config
from tests.findings.code import found, places

SLEEPS = """
    import time


    class Worker:{on_class}
        async def run(self):{on_def}
            time.sleep(
                1,{inside}
            ){behind}
            return 1{elsewhere}
"""
SPOTS = ("on_class", "on_def", "inside", "behind", "elsewhere")


def sleeps(**comments: str) -> str:
    return SLEEPS.format(**{spot: "  # readiness: " + comments[spot] if spot in comments else "" for spot in SPOTS})


@pytest.mark.parametrize("spot", ["on_class", "on_def", "inside", "behind"])
def test_a_comment_holds_on_the_call_and_on_the_definitions_around_it(spot: str) -> None:
    (row,) = found(sleeps(**{spot: "ignore[IO101] start-up only"}))
    assert (row.rule, row.line, row.suppressed) == ("IO101", 6, "start-up only")


def test_a_comment_for_the_file_holds_everywhere() -> None:
    (row,) = found("# readiness: ignore-file[IO] a script\n" + sleeps().replace("\n    ", "\n"))
    assert (row.rule, row.suppressed) == ("IO101", "a script")


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("ignore[IO102] another rule", [("OP902", 8, "IO102")]),
        ("ignore[IO101]", [("OP904", 8, "IO101")]),
        ("ignore[] because", [("OP901", 8, "nothing")]),
        ("ignore[IO101, XY123] gone", [("OP901", 8, "XY123")]),
        ("ignore[IO101] until=2026-11-22 soon", [("OP903", 8, "IO101")]),
        ("ignore[IO101] until=2026-11-23 soon", []),
        ("ignore[IO101] see #12  # noqa", []),
    ],
)
def test_what_is_wrong_with_a_comment_is_told(comment: str, told: list[tuple[str, int, str]]) -> None:
    rows = found(sleeps(behind=comment), Config(today="2026-11-23"))
    assert places([row for row in rows if row.rule.startswith("OP")]) == told
    hides = not told or told[0][0] == "OP901" and "IO101" in comment
    assert [row.suppressed is not None for row in rows if row.rule == "IO101"] == [hides]


def test_nothing_ends_without_a_day() -> None:
    (row,) = found(sleeps(behind="ignore[IO101] until=2001-01-01 soon"))
    assert row.suppressed == "soon"


def test_a_comment_on_another_line_hides_nothing() -> None:
    rows = found(sleeps(elsewhere="ignore[IO101] too low"))
    assert [(row.rule, row.line, row.suppressed) for row in rows] == [("IO101", 6, None), ("OP902", 9, None)]


def test_who_did_not_look_does_not_say_that_nothing_is_hidden() -> None:
    assert found("x = 1  # readiness: ignore[IO101] gone\n", Config(ignore=("IO",))) == []


def test_a_comment_may_hide_what_is_told_of_comments() -> None:
    (row,) = found("x = 1  # readiness: ignore[ZZ9,OP901] a demonstration\n")
    assert (row.rule, row.suppressed) == ("OP901", "a demonstration")
