"""Findings and `# readiness: ignore[...]` comments -> findings with their reasons, and what is wrong with the comments.

A comment holds on a line of the finding, on the `def` or `class` line of a definition around it, or, as `ignore-file`, in the
whole file. It needs a reason, and holds up to and including its `until=` day; the day of the scan is a value that is passed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from readiness.findings.ground import Ground, Hit
from readiness.types.facts import Facts, Suppression
from readiness.types.findings import Finding
from readiness.types.rulebook import Rule

# what a rule of `feature` may ask for
UNKNOWN, UNUSED, EXPIRED, NO_REASON = (
    "unknown-suppression", "unused-suppression", "expired-suppression", "suppression-without-reason",
)  # fmt: skip
FEATURES = (UNKNOWN, UNUSED, EXPIRED, NO_REASON)
Place = tuple[str, int]  # module, position in its Facts.suppressions


class Judged(Struct, frozen=True):
    findings: tuple[Finding, ...]
    used: frozenset[Place]


def suppress(found: Sequence[Finding], facts_by_module: Mapping[str, Facts], today: str) -> Judged:
    """Each finding with the reason of the first comment that covers it. `today`: YYYY-MM-DD, "" where nothing expires."""
    used: set[Place] = set()
    rows = []
    for finding in found:
        facts = facts_by_module.get(finding.module)
        for number, row in enumerate(facts.suppressions if facts is not None else ()):
            if facts is not None and _covers(row, finding, facts):
                used.add((finding.module, number))
                if row.reason and not _is_over(row, today):
                    finding = replace(finding, suppressed=row.reason)
                    break
        rows.append(finding)
    return Judged(tuple(rows), frozenset(used))


def _covers(row: Suppression, finding: Finding, facts: Facts) -> bool:
    if not (row.rules and finding.rule.startswith(row.rules)):
        return False
    if row.is_file or finding.line <= row.line <= finding.end_line:
        return True
    return any(
        scope.line == row.line and scope.line <= finding.line <= scope.end_line
        for scope in facts.scopes
        if scope.kind in ("function", "class")
    )


def _is_over(row: Suppression, today: str) -> bool:
    return row.until is not None and today > row.until


def comment_hits(
    ground: Ground, rules: Sequence[Rule], known: Sequence[Rule], used: frozenset[Place], today: str
) -> Iterator[Hit]:
    """One hit per comment and rule of FEATURES that it breaks. `rules`: those that are looked for; `known`: all that exist."""
    asked = [rule for rule in rules if set(rule.when.feature) & set(FEATURES)]
    for module, facts in sorted(ground.facts.items()):
        for number, row in enumerate(facts.suppressions if asked and module in ground.modules else ()):
            for feature, name in _problems(row, (module, number) in used, rules, known, today):
                for rule in asked:
                    if feature in rule.when.feature:
                        yield Hit(
                            rule, ground.modules[module], None, row.line, 1, row.line, name, name, "", row.until or ""
                        )


def _problems(
    row: Suppression, is_used: bool, rules: Sequence[Rule], known: Sequence[Rule], today: str
) -> Iterator[tuple[str, str]]:
    names = ", ".join(row.rules) or "nothing"
    unknown = [name for name in row.rules if not any(rule.id.startswith(name) for rule in known)]
    for name in unknown if row.rules else ["nothing"]:
        yield UNKNOWN, name
    if not row.reason:
        yield NO_REASON, names
    if _is_over(row, today):
        yield EXPIRED, names
    # where its rules were not looked for nobody can say that it hides nothing
    is_asked = bool(row.rules) and all(any(rule.id.startswith(name) for rule in rules) for name in row.rules)
    if is_asked and not is_used and not unknown:
        yield UNUSED, names
