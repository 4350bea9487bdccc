"""compare and decisions: policies over two states of a program; what is new, known, gone or moved."""

from __future__ import annotations

import datetime
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.compare import compare, items, touches
from readiness.config import ConfigError
from readiness.decisions import calibrated, decide, in_force, read_decisions
from readiness.extract import extract
from readiness.scan import analyse
from readiness.types.changes import Changes, KnownItem
from readiness.types.config import CheckRules, Config
from readiness.types.decisions import Calibration, Decision
from readiness.types.report import Report
from readiness.types.tree import Text

from .programs import shipped_rulebook, tree_of

WEB = """
from fastapi import FastAPI
import store

app = FastAPI()

@app.get("/a")
async def home():
    return 1

@app.get("/b")
def plain():
    return store.load()
"""
FILES = {
    "web.py": WEB,
    "store.py": "def load():\n    return 1\n",
    "other.py": "def g():\n    return 2\n",
    "batch.py": "import other\n\n\ndef main():\n    return other.g()\n\n\nif __name__ == '__main__':\n    main()\n",
}
PROCFILE = "web: uvicorn web:app\nbatch: python batch.py\n"
DAY = datetime.date(2026, 11, 1)


def report(config: Config | None = None, **changed: str) -> Report:
    """FILES with other texts, by module name, as one analysed repository with two processes."""
    files = FILES | {f"{name}.py": text for name, text in changed.items()}
    files = {path: dedent(text) for path, text in files.items() if text}
    tree = replace(tree_of(files), texts=(Text("Procfile", PROCFILE),), files=(*files, "Procfile"))
    return analyse(
        tree, {path: extract(text.encode()) for path, text in files.items()}, shipped_rulebook(), config or Config()
    )


BASE = report()
RULES = CheckRules()


def new(
    head: Report, *decisions: Decision, rules: CheckRules = RULES, base: Report = BASE
) -> list[tuple[str, str, int]]:
    found = compare(head, [base], (), decisions, rules)
    return [(item.rule, item.path, item.line) for item in found.new]


def decision(service: str, status: str, **more: object) -> Decision:
    return replace(Decision(service, status, "team", DAY), **more)


def test_the_services_are_there_and_nothing_is_new_in_the_same() -> None:
    assert sorted(row.name for row in BASE.services) == ["batch", "web"]
    assert compare(BASE, [BASE], (), (), RULES).new == ()


def test_an_entry_that_newly_waits_fails_at_the_entry_with_the_path_to_the_call() -> None:
    head = report(store="import requests\n\n\ndef load():\n    return requests.get('https://x.example')\n")
    (found,) = [item for item in compare(head, [BASE], (), (), RULES).new if item.rule == "blocking-path"]
    assert (found.path, found.line, found.severity) == ("web.py", 12, "warning")
    assert [(hop.path, hop.line) for hop in found.hops] == [("web.py", 13), ("store.py", 5)]
    assert "entry plain reaches blocking network I/O" in found.message


def test_a_new_handler_with_a_thread_of_its_own_is_no_step_back_one_on_the_loop_is() -> None:
    more = WEB + '\nimport requests\n\n@app.get("/c")\ndef more():\n    return requests.get("https://x.example")\n'
    assert [row for row in new(report(web=more)) if row[0] == "blocking-path"] == []
    asynchronous = more.replace("def more", "async def more")
    assert ("blocking-path", "web.py", 18) in new(report(web=asynchronous))


def test_a_handler_with_a_thread_is_no_news_where_there_is_nothing_to_compare_with() -> None:
    head = report(store="import requests\n\n\ndef load():\n    return requests.get('https://x.example')\n")
    alone = compare(head, (), (), (), RULES)
    assert (alone.new, alone.known, [item.symbol for item in alone.passed]) == ((), (), ["web:plain"])
    waits = [KnownItem("other", "blocking-path", "web.py", "web:plain")]
    assert [item.symbol for item in compare(head, (), waits, (), RULES).new] == ["web:plain"]


def test_an_import_across_the_cut_of_an_accepted_service_fails_and_a_typing_one_does_not() -> None:
    crossing = report(batch="import other\nimport web\n" + FILES["batch.py"].partition("\n")[2])
    assert new(crossing) == []
    assert new(crossing, decision("web", "accepted")) == [("crossing-import", "batch.py", 2)]
    assert new(crossing, decision("web", "rejected")) == []
    typing = report(batch="import typing\nif typing.TYPE_CHECKING:\n    import web\n")
    assert new(typing, decision("web", "accepted")) == []
    outward = report(web=WEB.replace("import store", "import store\nimport other"))
    assert ("crossing-import", "web.py", 4) in new(outward, decision("web", "accepted"))


def test_a_test_may_import_what_is_accepted_and_nobody_may_import_it_once_it_is_done() -> None:
    guard = report(**{"tests/test_web": "import web\n"})
    assert new(guard, decision("web", "accepted")) == []
    assert ("crossing-import", "tests/test_web.py", 1) in new(guard, decision("web", "done", modules=("web.py",)))


def test_after_the_port_nobody_imports_back_across_the_cut() -> None:
    back = report(batch="import store\n" + FILES["batch.py"])
    done = decision("web", "done", modules=("store.py",))
    assert ("crossing-import", "batch.py", 1) in new(back, done)
    outward = report(store="import other\n" + FILES["store.py"])  # what is still there may use what stays
    assert [row for row in new(outward, done) if row[0] == "crossing-import"] == []


def test_a_cycle_is_new_when_a_module_joins_it_and_known_when_one_leaves() -> None:
    two = report(store="import other\n", other="import store\n")
    three = report(store="import other\n", other="import batch\n", batch="import store\n")
    assert [row[0] for row in new(two)] == ["import-cycle"]
    assert [row[0] for row in new(three, base=two)] == ["import-cycle"]
    assert (
        new(two, base=report(store="import other\nimport batch\n", other="import store\n", batch="import store\n"))
        == []
    )
    known = [KnownItem(i.fingerprint, i.rule, i.path, i.symbol) for i in items(two, (), RULES)]
    assert compare(two, (), known, (), RULES).new == ()
    assert new(two, rules=CheckRules(policies=())) == [("CP301", "other.py", 1)]


def test_a_cycle_whose_file_has_another_name_is_known() -> None:
    two = report(store="import other\n", other="import store\n", web="", batch="")
    named = report(store="import another\n", another="import store\n", other="", web="", batch="")
    assert new(named, base=two) == []
    grown = report(
        store="import another\n", another="import store\nimport batch\n", batch="import store\n", other="", web=""
    )
    assert [row[0] for row in new(grown, base=two)] == ["import-cycle"]


def test_what_is_measured_may_not_grow() -> None:
    row = report(store="def load():\n    return eval('1')\n").findings[0]

    def of(value: float) -> Report:
        return replace(BASE, findings=(replace(row, value=value),))

    rules = CheckRules(policies=())
    (worse,) = compare(of(12), [of(10)], (), (), rules).new
    assert worse.message == f"{row.message}; it was 10"
    assert compare(of(10), [of(10)], (), (), rules).new == ()
    assert compare(of(9), [of(10)], (), (), rules).new == ()
    known = KnownItem(row.fingerprint, row.rule, row.path, "", value=10.0)
    assert len(compare(of(11), (), [known], (), rules).new) == 1
    assert compare(of(10), (), [known], (), rules).new == ()


def test_a_strict_rule_fails_known_or_not() -> None:
    bad = report(store="def load():\n    return eval('1')\n")
    assert new(bad, base=bad) == []
    assert new(bad, base=bad, rules=CheckRules(strict=("PT4",))) == [("PT401", "store.py", 2)]


def test_a_blocker_inside_an_accepted_service() -> None:
    head = report(store="def load():\n    return eval('1')\n")
    assert {row[0] for row in new(head)} == {"PT401"}
    assert ("blocker", "store.py", 2) in new(head, decision("web", "accepted"))


def test_a_score_under_the_floor_is_told_once() -> None:
    scores = {row.name: row.score for row in BASE.services}
    floor = CheckRules(score_floor=max(score for score in scores.values() if score is not None) + 1)
    assert {row[0] for row in new(BASE, rules=floor)} == set()  # it was below before
    high = replace(BASE, services=tuple(replace(row, score=100.0) for row in BASE.services))
    assert {row[0] for row in new(BASE, rules=floor, base=high)} == {"score"}


def test_files_restrict_to_what_lies_in_or_goes_through_them() -> None:
    head = report(store="import requests\n\n\ndef load():\n    return requests.get('https://x.example')\n")
    (found,) = [item for item in compare(head, [BASE], (), (), RULES).new if item.rule == "blocking-path"]
    assert (
        touches(found, ("store.py",)) and touches(found, ("web.py",)) and touches(found, (".",)) and touches(found, ())
    )
    assert not touches(found, ("other.py",)) and not touches(found, ("sto",))


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=6),
    st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_new_known_and_gone_are_what_sets_say(left: list[str], right: list[str]) -> None:
    """By fingerprint alone: no two of these share rule, symbol and words."""
    row = report(store="def load():\n    return eval('1')\n").findings[0]

    def of(names: list[str]) -> Report:
        rows = (replace(row, fingerprint=name, function=f"m:{name}", message=name) for name in dict.fromkeys(names))
        return replace(BASE, findings=tuple(rows))

    found = compare(of(left), [of(right)], (), (), CheckRules(policies=()))
    sides = [{item.fingerprint for item in side} for side in (found.new, found.known, found.gone)]
    assert sides == [set(left) - set(right), set(left) & set(right), set(right) - set(left)]
    alone = compare(of(left), (), (), (), CheckRules(policies=()))
    assert alone == Changes(alone.new) and {item.fingerprint for item in alone.new} == set(left)


DECISIONS = """
[[decision]]
service = "web"
status = "accepted"
owner = "team-web"
date = 2026-11-01
until = 2027-03-31
expected = "p99 below 80 ms"
metric = "p99_ms"
before = 240
target = 80

[[decision]]
service = "batch"
status = "done"
owner = "team-data"
date = 2026-06-01
estimated_days = 10
actual_days = 15
metric = "pods"
before = 8
after = 2
"""


def test_the_report_shows_expected_beside_reported() -> None:
    decided = decide(BASE, read_decisions(DECISIONS, "d.toml"), "2026-12-01")
    said = {row.name: row.decision for row in decided.services}
    assert said["web"] == (
        "accepted on 2026-11-01 until 2027-03-31; owner team-web; expected: p99 below 80 ms; p99_ms: before 240, expected 80"
    )
    assert said["batch"] == (
        "done: in Go since 2026-06-01; owner team-data; pods: before 8, reported 2; days: estimated 10, took 15"
    )
    assert [(row.service, row.state) for row in decided.decisions] == [("web", "in force"), ("batch", "in force")]
    assert decided.calibration == Calibration(1.5, 1)


def test_a_finished_port_calibrates_the_days_of_the_others() -> None:
    scoring = shipped_rulebook().scoring
    config = calibrated(Config(thresholds={"lines_expert": 100.0}), read_decisions(DECISIONS, "d.toml"), scoring)
    assert config.thresholds["lines_expert"] == pytest.approx(100 / 1.5)
    plain, slow = (
        {row.name: row.effort_days for row in report(used).services}
        for used in (Config(), calibrated(Config(), read_decisions(DECISIONS, "d.toml"), scoring))
    )
    for name, days in plain.items():
        later = slow[name]
        assert days is not None and later is not None
        assert later.production == pytest.approx(1.5 * days.production, abs=0.2)
    assert calibrated(Config(), [decision("web", "accepted")], scoring) == Config()


def test_what_is_over_is_open_again() -> None:
    rows = read_decisions(DECISIONS, "d.toml")
    assert [row.service for row in in_force(rows, "2027-03-31")] == ["web", "batch"]
    assert [row.service for row in in_force(rows, "2027-04-01")] == ["batch"]
    decided = decide(BASE, rows, "2027-04-01")
    assert {row.name: row.decision for row in decided.services}["web"] is None
    assert [(row.service, row.state) for row in decided.decisions] == [("web", "expired"), ("batch", "in force")]
    unknown = decide(BASE, [decision("nobody", "accepted")], None)
    assert [row.state for row in unknown.decisions] == ["unmatched"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[[decision]\n", 1),
        ('[[decisions]]\nservice = "x"\n', 1),
        ('[[decision]]\nservice = "x"\n', 3),
        (DECISIONS.replace('"accepted"', '"acepted"'), 1),
        (DECISIONS.replace("2027-03-31", "2025-03-31"), 1),
        (DECISIONS.replace('"batch"', '"web"').replace("actual_days = 15", "actual_days = 0"), 2),
        (DECISIONS.replace('"done"', '"deferred"'), 2),
        (DECISIONS.replace("2026-06-01", "2026-06-01T10:00:00"), 1),
    ],
)
def test_what_is_wrong_in_decisions_is_told_all_at_once(text: str, lines: int) -> None:
    with pytest.raises(ConfigError) as caught:
        read_decisions(text, "d.toml")
    said = str(caught.value).splitlines()
    assert len(said) == lines
    assert all(line.startswith("d.toml: ") for line in said)
