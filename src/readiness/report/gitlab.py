"""Report, Changes -> GitLab's code quality report: the JSON list that its merge requests compare with that of the target branch."""

from __future__ import annotations

from typing import Any

import msgspec

from readiness.compare import finding_items
from readiness.report.text import clean
from readiness.types.changes import Changes, Item
from readiness.types.report import Report

SEVERITIES = {"error": "critical", "warning": "major", "info": "info"}


def render_gitlab(report: Report, changes: Changes | None) -> bytes:
    """New and known items (GitLab compares by fingerprint itself), without changes the report's findings; as UTF-8 JSON."""
    items = (*changes.new, *changes.known) if changes is not None else finding_items(report)
    rows = [_row(item) for item in sorted(items, key=lambda i: (i.path, i.line, i.column, i.rule, i.fingerprint))]
    return msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n"


def _row(item: Item) -> dict[str, Any]:
    return {
        "description": f"{item.rule}: {clean(item.message)}",
        "check_name": item.rule,
        "fingerprint": item.fingerprint,
        "severity": SEVERITIES[item.severity],
        "location": {"path": item.path, "lines": {"begin": item.line}},
    }
