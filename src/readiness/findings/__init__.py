"""Rulebook x Program x Coupling x Services -> findings: every place where a rule's condition holds.

Suppressed findings stay, with the reason. Never reads a file or a page, never scores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from readiness.findings.calls import find_calls
from readiness.findings.ground import Ground, Hit
from readiness.findings.places import find_places
from readiness.findings.suppressions import comment_hits, suppress
from readiness.findings.written import find_written
from readiness.types.config import Config
from readiness.types.facts import Facts
from readiness.types.findings import Finding
from readiness.types.program import Coupling, Program
from readiness.types.rulebook import Rule, Rulebook
from readiness.types.services import Services


def find(
    program: Program,
    facts_by_module: Mapping[str, Facts],
    coupling: Coupling,
    services: Services,
    rulebook: Rulebook,
    config: Config,
) -> tuple[Finding, ...]:
    """All findings outside of tests and database migrations, sorted by path, line, column and rule. `facts_by_module` is by unique module name.

    `config.today` ends suppressions with a date; without it none ends.
    """
    today = config.today or ""
    rules = [rule for rule in rulebook.rules if is_chosen(rule, config)]
    ground = Ground(program, facts_by_module)
    hits = [
        *find_calls(ground, rules),
        *find_written(ground, rules),
        *find_places(ground, rules, coupling, services, rulebook),
    ]
    once = ground.migrations()
    seen: dict[tuple[str, str, str], int] = {}
    judged = suppress(_findings(hits, config, once, seen), facts_by_module, today)
    comments = _findings(comment_hits(ground, rules, rulebook.rules, judged.used, today), config, once, seen)
    found = (*judged.findings, *suppress(comments, facts_by_module, today).findings)
    return tuple(sorted(found, key=lambda f: (f.path, f.line, f.column, f.rule, f.function or "", f.name, f.message)))


def _findings(
    hits: Iterable[Hit], config: Config, once: frozenset[str], seen: dict[tuple[str, str, str], int]
) -> list[Finding]:
    """One per rule and place; `seen` counts equal statements, so that each has a fingerprint of its own."""
    best: dict[tuple[str, str, int, int, str | None], Hit] = {}
    for hit in sorted(hits, key=_order):
        if not hit.module.is_test and hit.module.module not in once and not _is_ignored(hit, config):
            best.setdefault((hit.rule.id, hit.module.path, hit.line, hit.column, hit.function), hit)
    return [_finding(hit, config, seen) for hit in best.values()]


def is_chosen(rule: Rule, config: Config) -> bool:
    """Selected (an empty selection takes all) and not ignored; both by id or prefix. A preview wants its whole id, or the setting."""
    if rule.is_preview and not config.preview and rule.id not in config.select:
        return False
    return (not config.select or rule.id.startswith(config.select)) and not (
        config.ignore and rule.id.startswith(config.ignore)
    )


def _is_ignored(hit: Hit, config: Config) -> bool:
    return any(
        fnmatchcase(hit.module.path, pattern) and rules and hit.rule.id.startswith(tuple(rules))
        for pattern, rules in config.per_file_ignores.items()
    )


def _order(hit: Hit) -> tuple[str, int, int, str, str, bool, int, str, str]:
    # at one place a sure hit stands for all, then the one with the shortest path
    place = (hit.module.path, hit.line, hit.column, hit.rule.id, hit.function or "")
    return (*place, not hit.is_sure, len(hit.hops), hit.name, hit.kind)


def _finding(hit: Hit, config: Config, seen: dict[tuple[str, str, str], int]) -> Finding:
    symbol = hit.function or hit.module.module
    key = (hit.rule.id, symbol, hit.digest)
    seen[key] = ordinal = seen.get(key, -1) + 1
    fingerprint = hashlib.blake2b("\0".join((*key, str(ordinal))).encode("utf-8", "replace"), digest_size=8).hexdigest()
    return Finding(
        rule=hit.rule.id,
        category=hit.rule.category,
        severity=hit.rule.severity,
        path=hit.module.path,
        line=hit.line,
        column=hit.column,
        end_line=hit.end_line,
        module=hit.module.module,
        function=hit.function,
        message=_message(hit.rule, hit),
        fingerprint=fingerprint,
        hops=hit.hops,
        name=hit.name,
        value=float(hit.value) if hit.rule.when.metric else None,
        confidence="sure" if hit.is_sure else "possible",
        is_shown=hit.is_sure or config.preview,
    )


def _message(rule: Rule, hit: Hit) -> str:
    function = (hit.function or hit.module.module).rpartition(":")[2]
    text = rule.message.format(
        name=hit.name, function=function, kind=hit.kind, module=hit.module.name, value=hit.value, line=hit.line
    )
    return text if hit.is_sure else f"possible: {text}"
