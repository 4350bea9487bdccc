"""Report, Changes -> SARIF 2.1.0 for code scanning: one run, relative addresses, fingerprints, paths as code flows. No clock, no absolute path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import msgspec

from readiness.compare import finding_items, suppressed_items
from readiness.report.text import clean
from readiness.types.changes import Changes, Item
from readiness.types.report import Report, RuleRow

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "SRCROOT"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
MOST = 5_000  # results that code scanning shows; it keeps the most severe, so do we
MOST_STEPS = 1_000
MOST_LOST = 100
POLICIES = {
    "blocking-path": "An entry point newly reaches blocking I/O",
    "crossing-import": "An import crosses the cut of a service that was accepted for Go",
    "import-cycle": "Modules import each other",
    "blocker": "Something in the way of a service that was accepted for Go",
    "score": "A service scores below the floor",
}


def render_sarif(report: Report, changes: Changes | None) -> bytes:
    """The report's findings; with changes those items, each with its state against what was compared with. UTF-8 JSON.

    What a comment suppresses is there too, marked so: code scanning shows it as closed.
    """
    stated: list[tuple[Item, str | None]] = [(item, None) for item in finding_items(report)]
    if changes is not None:
        sides = (("new", changes.new), ("unchanged", changes.known), ("absent", changes.gone))
        stated = [(item, state) for state, side in sides for item in side]
    reasons = {item.fingerprint: reason for item, reason in suppressed_items(report)}
    stated += [(item, None) for item, _ in suppressed_items(report)]
    order = {level: number for number, level in enumerate(("error", "warning", "info"))}
    shown = sorted(stated, key=lambda row: (row[1] == "absent", row[1] == "unchanged", order[row[0].severity]))[:MOST]
    shown.sort(key=lambda row: (row[0].path, row[0].line, row[0].column, row[0].rule, row[0].fingerprint))
    rules = _rules(report, [item for item, _ in shown])
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": report.tool.name, "semanticVersion": report.tool.version, "rules": rules}},
        "invocations": [_invocation(report, len(stated) - len(shown))],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder that was scanned"}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, state, index, reasons.get(item.fingerprint)) for item, state in shown],
    }
    return msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + b"\n"


def _rules(report: Report, items: Iterable[Item]) -> list[dict[str, Any]]:
    used = {item.rule for item in items}
    found = [_rule(row) for row in report.rules if row.id in used]
    found += [_policy(name) for name in sorted(used & set(POLICIES))]
    return sorted(found, key=lambda rule: str(rule["id"]))


def _rule(row: RuleRow) -> dict[str, Any]:
    parts = [row.text, f"In Python: {row.fix}" if row.fix else "", f"In Go: {row.go}" if row.go else ""]
    marked = [row.text, f"**In Python:** {row.fix}" if row.fix else "", f"**In Go:** {row.go}" if row.go else ""]
    return {
        "id": row.id,
        "shortDescription": {"text": row.title},
        "fullDescription": {"text": row.text or row.title},
        "help": {
            "text": "\n\n".join(filter(None, parts)) or row.title,
            "markdown": "\n\n".join(filter(None, marked)) or row.title,
        },
        "defaultConfiguration": {"level": LEVELS[row.severity]},
        "properties": {"tags": ["readiness", row.category]},
    }


def _policy(name: str) -> dict[str, Any]:
    words = {"text": POLICIES[name]}
    return {
        "id": name, "shortDescription": words, "fullDescription": words, "help": words | {"markdown": POLICIES[name]},
        "defaultConfiguration": {"level": "error"}, "properties": {"tags": ["readiness", "policy"]},
    }  # fmt: skip


def _invocation(report: Report, left: int) -> dict[str, Any]:
    notes = [
        {
            "level": "warning",
            "message": {"text": f"{row.reason}: {clean(row.detail)}"},
            "locations": [_place(row.path, row.line or 1)],
        }
        for row in report.repository.skipped
        if row.line is not None
    ][:MOST_LOST]
    if left:
        notes.append({"level": "note", "message": {"text": f"{left} results of the least weight are left out"}})
    return {"executionSuccessful": True, **({"toolExecutionNotifications": notes} if notes else {})}


def _result(item: Item, state: str | None, index: dict[str, int], reason: str | None) -> dict[str, Any]:
    place = _place(item.path, item.line, item.column, item.end_line)
    kind = "function" if ":" in item.symbol else "module"
    place["logicalLocations"] = [{"fullyQualifiedName": clean(item.symbol), "kind": kind}]
    result: dict[str, Any] = {
        "ruleId": item.rule,
        **({"ruleIndex": index[item.rule]} if item.rule in index else {}),  # a document may lack the rule of a finding
        "level": LEVELS[item.severity],
        "message": {"text": clean(item.message)},
        "locations": [place],
        "partialFingerprints": {"readiness/v1": item.fingerprint},
    }
    if len(item.hops) > 1:
        result["codeFlows"] = [{"threadFlows": [{"locations": _steps(item)}]}]
    if reason is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": clean(reason)}]
    if state:
        result["baselineState"] = state
    return result


def _steps(item: Item) -> list[dict[str, Any]]:
    return [
        {"location": _place(hop.path, hop.line) | {"message": {"text": clean(hop.target)}}}
        for hop in item.hops[:MOST_STEPS]
    ]


def _place(path: str, line: int, column: int = 1, end_line: int | None = None) -> dict[str, Any]:
    region = {"startLine": line, "startColumn": column} | (
        {"endLine": end_line} if end_line and end_line > line else {}
    )
    return {"physicalLocation": {"artifactLocation": {"uri": quote(path), "uriBaseId": ROOT}, "region": region}}
