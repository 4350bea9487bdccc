"""Facts of a worker's modules and the page of its library -> ledger rows: what its queue does beside calling functions, with places.

These are the habits that a worker in Go has to keep or to give up: late acknowledgement, prefetch, retries, chords, results, pickles.
Which settings, options and calls say so stands on the library's page (`[settings]`, `[options]`, the tag `canvas`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from readiness.types.facts import SEP, Facts, Ref, last_name
from readiness.types.program import Module, Program
from readiness.types.rulebook import Library

CANVAS = "canvas"
MAX_PLACES = 4  # of one row


def habit_rows(
    modules: Iterable[Module], facts: Mapping[str, Facts], program: Program, library: Library
) -> dict[str, str]:
    """Row -> its values with places, `and N more` where there are many. Empty where the modules do not use the library."""
    composed = composing_calls(program, library)
    found: dict[str, list[str]] = {}
    for module in sorted(modules, key=lambda m: m.path):
        known = facts.get(module.module)
        rows = [*rows_of(known, library), *composed.get(module.module, ())] if known is not None else []
        for name, value, line in sorted(rows, key=lambda row: (row[2], row[0], row[1])):
            found.setdefault(name, []).append(f"{value} ({module.path}:{line})")
    return {name: listed(rows) for name, rows in sorted(found.items())}


def listed(rows: list[str]) -> str:
    more = len(rows) - MAX_PLACES
    return ", ".join(rows[:MAX_PLACES]) + (f" and {more} more" if more > 0 else "")


def composing_calls(program: Program, library: Library) -> dict[str, list[tuple[str, str, int]]]:
    """Module -> (row, what is called, line) of the calls that compose tasks into flows."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    meant = {
        number: use.name.rpartition(".")[2]
        for number, use in enumerate(program.apis)
        if use.distribution == library.distribution and CANVAS in use.tags
    }
    for edge in program.calls:
        if edge.api in meant:
            rows = found.setdefault(program.functions[edge.caller].module, [])
            rows.append((f"{library.distribution}_{CANVAS}", meant[edge.api], edge.line))
    return found


def rows_of(facts: Facts, library: Library) -> Iterator[tuple[str, str, int]]:
    """(row, value, line) of one file."""
    declaring = {name.rpartition(".")[2] for entry in library.entries for name in entry.names}
    for row in facts.bindings:
        name = library.settings.get(row.name.lstrip("."))
        if name and row.value:
            yield name, text_of(facts, row.value), row.line
    decorators = {
        int(ref[5:]) for scope in facts.scopes for ref in scope.decorators if ref.startswith("call:") and SEP not in ref
    }
    for number, call in enumerate(facts.calls):
        is_entry = last_name(call.callee) in declaring
        for key, value in call.keywords:
            if key in library.settings:
                yield library.settings[key], text_of(facts, value), call.line
            elif is_entry and key in library.options:
                text = text_of(facts, value)
                yield library.options[key], f"{key}={text}" if number in decorators else text, call.line


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
