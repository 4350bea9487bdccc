"""Facts of a Celery worker's modules -> ledger rows: what its queue does beside calling functions, each with its places.

These are the habits that a Go worker has to keep or to give up: late acknowledgement, prefetch, retries, chords, results, pickles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from readiness.types.facts import SEP, Facts, Ref, last_name
from readiness.types.program import Module

# A name of the configuration, old and new -> the ledger's row.
SETTINGS = {
    "worker_prefetch_multiplier": "celery_prefetch", "CELERYD_PREFETCH_MULTIPLIER": "celery_prefetch",
    "CELERY_WORKER_PREFETCH_MULTIPLIER": "celery_prefetch", "task_acks_late": "celery_acks_late", "CELERY_ACKS_LATE": "celery_acks_late",
    "CELERY_TASK_ACKS_LATE": "celery_acks_late", "task_serializer": "celery_serializer", "CELERY_TASK_SERIALIZER": "celery_serializer",
    "accept_content": "celery_accepts", "CELERY_ACCEPT_CONTENT": "celery_accepts", "result_backend": "celery_results",
    "CELERY_RESULT_BACKEND": "celery_results", "beat_schedule": "celery_beat", "CELERY_BEAT_SCHEDULE": "celery_beat",
    "CELERYBEAT_SCHEDULE": "celery_beat", "task_routes": "celery_routes", "CELERY_TASK_ROUTES": "celery_routes",
    "task_time_limit": "celery_time_limit", "CELERY_TASK_TIME_LIMIT": "celery_time_limit",
}  # fmt: skip
OPTIONS = {
    "acks_late": "celery_acks_late", "serializer": "celery_serializer", "max_retries": "celery_retries", "autoretry_for": "celery_retries",
    "retry_backoff": "celery_retries", "rate_limit": "celery_rate_limit", "time_limit": "celery_time_limit",
}  # fmt: skip
CANVAS = frozenset({"chord", "chain", "group", "chunks"})
MAX_PLACES = 4  # of one row


def celery_rows(modules: Iterable[Module], facts: Mapping[str, Facts]) -> dict[str, str]:
    """Row -> its values with places, `and N more` where there are many. Empty where the modules know no Celery."""
    found: dict[str, list[str]] = {}
    for module in sorted(modules, key=lambda m: m.path):
        known = facts.get(module.module)
        for name, value, line in rows_of(known) if known is not None else ():
            found.setdefault(name, []).append(f"{value} ({module.path}:{line})")
    return {name: listed(rows) for name, rows in sorted(found.items())}


def listed(rows: list[str]) -> str:
    more = len(rows) - MAX_PLACES
    return ", ".join(rows[:MAX_PLACES]) + (f" and {more} more" if more > 0 else "")


def rows_of(facts: Facts) -> Iterator[tuple[str, str, int]]:
    """(row, value, line) of one file."""
    tasks = {
        int(ref[5:]) for scope in facts.scopes for ref in scope.decorators if ref.startswith("call:") and SEP not in ref
    }
    for row in facts.bindings:
        name = SETTINGS.get(row.name.lstrip("."))
        if name and row.value:
            yield name, text_of(facts, row.value), row.line
    is_celery = any(row.module.split(".")[0] == "celery" for row in facts.imports)
    for number, call in enumerate(facts.calls):
        for key, value in call.keywords:
            if key in SETTINGS:
                yield SETTINGS[key], text_of(facts, value), call.line
            elif number in tasks and key in OPTIONS and is_task(call.callee):
                yield OPTIONS[key], f"{key}={text_of(facts, value)}", call.line
            elif key == "backend" and call.callee.endswith("Celery"):
                yield "celery_results", text_of(facts, value), call.line
        last = last_name(call.callee)
        if is_celery and last in CANVAS:
            yield "celery_canvas", last, call.line


def is_task(callee: Ref) -> bool:
    return last_name(callee) in ("task", "shared_task", "periodic_task")


def text_of(facts: Facts, ref: Ref) -> str:
    """A literal's own text, the literals of a display, else `set in code`."""
    kind, _, text = ref.partition(":")
    if kind in ("str", "int", "float", "bool", "none"):
        return text or "None"
    if kind == "expr" and text.isdigit():
        expr = facts.exprs[int(text)]
        items = [text_of(facts, item) for item in (expr.keys if expr.kind == "dict" else expr.items)][:8]
        return "[" + ", ".join(items) + "]"
    return "set in code"
