"""Facts of setup.py and DAG files -> Launches: what code declares as packaged. Reads the facts only; setup.py never runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from readiness.services.launches import Launch, folder_of
from readiness.types.facts import Facts, Ref
from readiness.types.program import Program
from readiness.types.tree import Source

MANAGER = "manager"  # tag of a call that runs a framework's command line
STARTS = re.compile(r"(launch|start|serve|run)_")


def setup_scripts(sources: Sequence[Source], facts: Mapping[str, Facts]) -> tuple[Launch, ...]:
    """console_scripts and wsgi_scripts that a `setup(entry_points={...})` names literally."""
    found: list[Launch] = []
    for source in sources:
        known = facts.get(source.module)
        if source.path.rsplit("/", 1)[-1] == "setup.py" and known is not None:
            for call in known.calls:
                value = dict(call.keywords).get("entry_points", "")
                found += [
                    Launch(
                        "console-script", source.path, call.line, (target,), name, folder_of(source.path), strength=0.6
                    )
                    for name, target in scripts(value, known)
                ]
    return tuple(found)


def managers(launches: Sequence[Launch], program: Program) -> frozenset[str]:
    """Names of the packaged commands whose function hands the command line to Django, itself or through a function that it calls."""
    managing = {number for number, use in enumerate(program.apis) if MANAGER in use.tags}
    handing = {edge.caller for edge in program.calls if edge.api in managing}
    handing |= {edge.caller for edge in program.calls if edge.callee in handing}
    known = {f"{program.functions[number].module}:{program.functions[number].qualname}" for number in handing}
    return frozenset(row.name for row in launches if row.kind == "console-script" and row.argv[0] in known)


def scripts(value: Ref, facts: Facts) -> Iterator[tuple[str, str]]:
    """(name, module:function) of a dict of lists of literals."""
    for key, items in entries(value, facts):
        if key in ("str:console_scripts", "str:wsgi_scripts", "console_scripts", "wsgi_scripts"):
            for item in literals(items, facts):
                for row in item.splitlines():
                    name, _, target = row.partition("=")
                    if ":" in target:
                        yield name.strip(), target.split("[")[0].strip()


def named_apps(sources: Sequence[Source], facts: Mapping[str, Facts]) -> dict[str, str]:
    """Configuration file of gunicorn -> the `module:app` that its `wsgi_app` names literally."""
    found = {}
    for source in sources:
        known = facts.get(source.module)
        for row in known.bindings if known is not None else ():
            if row.name == "wsgi_app" and row.value.startswith("str:") and not row.target:
                found[source.path] = row.value[4:].split("(")[0]
    return found


def role_table(facts: Facts) -> tuple[tuple[str, int, str], ...]:
    """(role, line, function) of a module-level dict from literal names to functions that start something: one process each."""
    functions = {
        f"local:{scope.name}" for scope in facts.scopes if scope.kind == "function" and STARTS.match(scope.name)
    }
    for binding in facts.bindings:
        if facts.contexts[binding.context].scope == 0 and binding.kind == "assign":
            rows = list(entries(binding.value, facts))
            if len(rows) > 1 and all(key.startswith("str:") and item in functions for key, item in rows):
                return tuple((key[4:], binding.line, item[6:]) for key, item in rows)
    return ()


def entries(value: Ref, facts: Facts) -> Iterator[tuple[str, Ref]]:
    expr = expression(value, facts)
    if expr is not None:
        yield from zip(facts.exprs[expr].keys, facts.exprs[expr].items, strict=False)


def literals(value: Ref, facts: Facts) -> Iterator[str]:
    expr = expression(value, facts)
    items = facts.exprs[expr].items if expr is not None else (value,)
    for item in items:
        if item.startswith("str:"):
            yield item[4:]


def expression(value: Ref, facts: Facts) -> int | None:
    """The index of the display that a reference means."""
    number = value.removeprefix("expr:")
    return int(number) if value.startswith("expr:") and number.isdigit() and int(number) < len(facts.exprs) else None
