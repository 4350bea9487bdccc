"""a rule page -> Rule: the closed list of keys that a condition may use. Never evaluates one."""

from __future__ import annotations

import string
from collections.abc import Sequence

from readiness.rulebook.check import CONSTRUCTS, IO_KINDS, MODES, SERIALISERS, STORES, RulebookError, Table
from readiness.rulebook.page import Page
from readiness.types.rulebook import Condition, Rule

CATEGORIES = ("mandatory", "optional", "potential")
SEVERITIES = ("info", "warning", "error")
PACKS = ("io", "concurrency", "cpu", "coupling", "data", "portability", "packaging", "operations")
CONTEXTS = (
    "async", "loop", "any-loop", "await-loop", "lock", "handler", "import-time", "task", "thread", "process", "literal",
    "discarded", "bounded", "main", "test", "awaited", "on-loop", "io-process", "wrapped", "once", "repeated", "failing",
    "aside", "settled", "command",
)  # fmt: skip
# what findings.proven knows to prove of a call
PROOFS = ("always", "each", "near", "one-way", "remote", "served", "waiting", "working")
METRICS = (
    "complexity",
    "loop_operations",
    "loop_arithmetic",
    "hub",
    "afferent",
    "efferent",
    "distance",
    "instability",
    "betweenness",
)
EDGES = ("cycle", "cycle-load")
FEATURES = (
    "metaclass", "attribute-hook", "class-hook", "import-hook", "monkeypatch", "type-call", "frame-access",
    "shared-state", "blocking-client", "unknown-suppression", "unused-suppression", "expired-suppression",
    "suppression-without-reason",
    "async-generator", "broad-except", "comprehension", "conditional-import", "context-manager", "decorator-stateful",
    "deep-inheritance", "del-finalizer", "descriptor", "duck-typing", "dunder-dict", "exception-groups", "exceptions-control",
    "finally", "float-int-division", "generator", "generator-send", "getattr-dynamic", "getattr-literal", "hash-eq",
    "heterogeneous-dict", "keyword-args", "kwargs-passthrough", "multiple-inheritance", "naive-datetime", "negative-slice",
    "nested-comprehension", "operator-overload", "optional", "reference-semantics", "regex-lookaround", "setattr-dynamic",
    "star-args", "star-import", "union-types",
)  # fmt: skip
MENDS = ("here", "end")
CHANGE_FIELDS = ("name", "remedy", "function", "helper")
FIELDS = ("name", "function", "kind", "module", "value", "line")


def rule_of(page: Page) -> Rule:
    """The rule that a page describes; its pack is the folder below `findings/`."""
    pack = page.path.split("/")[1]
    table = Table(page.path, "", page.data)
    if pack not in PACKS:
        raise RulebookError(page.path, "pack", f"the folder `{pack}` is no pack; allowed: {', '.join(PACKS)}")
    rule = Rule(
        id=_id(table),
        pack=pack,
        title=page.title,
        category=table.need("category", CATEGORIES),
        severity=table.need("severity", SEVERITIES),
        message=_template(table, "message", FIELDS) or table.need("message"),
        text=page.text,
        path=page.path,
        when=_condition(table),
        go=table.text("go"),
        days=table.number("days"),
        since=table.text("since"),
        fix=table.text("fix"),
        fix_days=table.number("fix_days"),
        is_preview=bool(table.flag("preview")),
        change=_template(table, "change", CHANGE_FIELDS),
        mend=table.text("mend", MENDS) or "here",
        pattern=table.text("pattern"),
        sure=table.words("sure", PROOFS),
    )
    table.done()
    _check_subject(table, rule.when)
    return rule


def _id(table: Table) -> str:
    name = table.need("id")
    head = name.rstrip(string.digits)
    if not (head.isupper() and head.isalpha() and head != name):
        raise table.error("id", f"`{name}` must be capital letters and a number, such as IO101")
    return name


def _template(table: Table, key: str, allowed: Sequence[str]) -> str | None:
    """A text with fields in braces, each of them known."""
    text = table.text(key)
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(text or "") if field is not None]
    except ValueError as error:
        raise table.error(key, str(error)) from None
    for field in fields:
        if field not in allowed:
            raise table.error(key, f"{{{field}}} is no field; allowed: {', '.join(allowed)}")
    return text


def _condition(table: Table) -> Condition:
    return Condition(
        effect=table.words("effect", IO_KINDS),
        mode=table.words("mode", MODES),
        context=table.words("context", CONTEXTS),
        not_context=table.words("not_context", CONTEXTS),
        call=table.words("call"),
        library=table.words("library"),
        construct=table.words("construct", CONSTRUCTS),
        metric=table.text("metric", METRICS),
        min=table.number("min"),
        edge=table.words("edge", EDGES),
        shared=table.words("shared", STORES),
        base=table.words("base"),
        decorator=table.words("decorator"),
        grandbase=table.words("grandbase"),
        feature=table.words("feature", FEATURES),
        written=table.words("written"),
        serialises=table.words("serialises", SERIALISERS),
    )


def _check_subject(table: Table, when: Condition) -> None:
    if (when.metric is None) != (when.min is None):
        raise table.error("metric", "and min stand together")
    subjects = (when.effect, when.call, when.library, when.construct, when.metric, when.edge, when.serialises)
    if not any((*subjects, when.shared, when.base, when.grandbase, when.decorator, when.feature, when.written)):
        raise table.error("effect", "is missing: a rule needs one of effect, call, written, library, construct, serialises, "
                          "metric, edge, shared, base, grandbase, decorator, feature")  # fmt: skip
