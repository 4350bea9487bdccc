"""Dotted texts -> what they name in the program, and what settings modules name so: `import_string("a.b.C")`, `MIDDLEWARE = ["a.b.C"]`.

Which functions import by a text and which objects hold the settings is said by library pages. Never imports anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.link.learn import runs
from readiness.link.members import attribute
from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.link.values import Values, unite
from readiness.types.facts import SEP, Call, Facts, Ref, last_name
from readiness.types.program import CallEdge, ImportEdge

Numbers = dict[tuple[str, int], int]
MAX_NESTED = 4  # displays within displays in a setting
IMPORTS = "imports"  # tag of what imports the module that its first argument names
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+(:[A-Za-z_]\w*)?")


def named(resolver: Resolver, importer: str, text: str) -> Values:
    """What `a.b.C` or `a.b:C` names: an object of the program, else the outside name."""
    module, _, rest = text.partition(":")
    steps = module.split(".")
    root = resolver.spaces[importer].source.root
    for cut in range(len(steps), 0, -1):
        found = resolver.index.find(".".join(steps[:cut]), root)
        if found is not None and found in resolver.spaces:
            values: Values = (("M", found),)
            for step in (*steps[cut:], *filter(None, rest.split("."))):
                values = unite([attribute(resolver, value, step) for value in values])
            return values
    return (("X", resolver.catalogue.real_name(text.replace(":", "."))),) if all(steps) and len(steps) > 1 else ()


def configured(resolver: Resolver, holder: str, name: str) -> Values:
    """An attribute of an object that holds the program's settings: what its settings modules bind."""
    return unite([resolver.member_of_module(module, name) for module in settings_modules(resolver, holder)])


def settings_modules(resolver: Resolver, holder: str) -> tuple[str, ...]:
    """The modules that the holder's variable of the environment is set to, else those that are called settings.

    None in a program that does not import the holder's library.
    """
    variable = resolver.catalogue.holders[holder]
    found = resolver.once(("settings", variable), find_settings, resolver, variable, holder.partition(".")[0])
    return tuple(str(value[1]) for value in found)


def find_settings(resolver: Resolver, variable: str, library: str) -> Values:
    imports = (row for space in resolver.spaces.values() for row in space.facts.imports)
    if not any(row.module.partition(".")[0] == library and not row.level for row in imports):
        return ()
    said: list[Values] = []
    for module in sorted(resolver.spaces):
        facts = resolver.spaces[module].facts
        texts = [c.args[1] for c in facts.calls if len(c.args) > 1 and c.args[0] == f"str:{variable}"]
        texts += [row.value for row in facts.bindings if row.name == f"['{variable}']"]
        said += [named(resolver, module, text[4:]) for text in texts if text.startswith("str:")]
    found = tuple(value for value in unite(said) if value[0] == "M")
    alike = (m for m in sorted(resolver.spaces) if resolver.spaces[m].source.name.rpartition(".")[2] == "settings")
    return found or tuple(("M", module) for module in alike)


def named_in_settings(resolver: Resolver) -> Iterator[tuple[ModuleSpace, int, Values]]:
    """(settings module, line, what is named) for each dotted text in a setting that names something of the program."""
    modules = {name for holder in resolver.catalogue.holders for name in settings_modules(resolver, holder)}
    for module in sorted(modules):
        space = resolver.spaces[module]
        for row in space.facts.bindings:
            if row.target or not row.name.isupper() or space.facts.contexts[row.context].scope:
                continue
            for text in texts_in(space, row.value, MAX_NESTED):
                values = named(resolver, module, text) if "." in text and " " not in text else ()
                if any(value[0] != "X" for value in values):
                    yield space, row.line, values


def texts_in(space: ModuleSpace, ref: Ref, depth: int) -> Iterator[str]:
    """The literal texts of a value and of the displays in it."""
    if ref.startswith("str:"):
        yield ref[4:]
    elif ref.startswith("expr:") and SEP not in ref and depth:
        for item in space.facts.exprs[int(ref[5:])].items:
            yield from texts_in(space, item, depth - 1)


def configured_edges(resolver: Resolver, numbers: Numbers) -> list[CallEdge]:
    """Callbacks from settings modules to what they name: the framework makes and calls it some time."""
    found = set()
    for space, line, values in named_in_settings(resolver):
        caller = numbers[space.source.module, 0]
        for value in values:
            made = [("I", value[1], value[2])] if value[0] == "C" else []
            for target in (runs(resolver, each) for each in (value, *made) if each[0] in "CFI"):
                if target is not None:
                    number = numbers[target[1], target[2]]
                    found.add(CallEdge(caller, number, "", line, 1, line, -1, "callback", "typed", False, 0))
    return sorted(found, key=lambda e: (e.caller, e.line, e.callee))


def configured_imports(resolver: Resolver) -> set[ImportEdge]:
    """Settings module -> the modules of what it names, which the framework imports."""
    return {
        ImportEdge(space.source.module, str(value[1]), line, "lazy")
        for space, line, values in named_in_settings(resolver)
        for value in values
        if value[0] in "MCFI" and value[1] != space.source.module
    }


def imported_by_text(resolver: Resolver) -> Iterator[ImportEdge]:
    """Module -> the modules that its literal texts name, in a package that imports by a text which no call writes out: a default of a
    setting, a list of plug-ins. Which of them is loaded, a setting decides; whoever can choose them has them all.
    """
    packages = {name.partition(".")[0] for name in importing_by_variable(resolver)}
    for module, space in resolver.spaces.items():
        if space.is_test or module.partition(".")[0] not in packages:
            continue
        at = {number: row.line for number, row in enumerate(space.facts.calls)}
        texts = [
            (at[n], ref) for n, c in enumerate(space.facts.calls) for ref in (*c.args, *(v for _, v in c.keywords))
        ]
        texts += [(row.line, row.value) for row in space.facts.bindings]
        for line, ref in texts:
            for text in texts_in(space, ref, MAX_NESTED) if ref.startswith(("str:", "expr:")) else ():
                values = named(resolver, module, text) if DOTTED.fullmatch(text) else ()
                for target in sorted({str(v[1]) for v in values if v[0] in "MCFI" and v[1] != module}):
                    yield ImportEdge(module, target, line, "lazy")


def importing_by_variable(resolver: Resolver) -> Iterator[str]:
    """The modules with a call that imports what something else than a literal names."""
    names = {name.rpartition(".")[2] for name, row in resolver.catalogue.api.exact.items() if IMPORTS in row[0].tags}
    for module, space in resolver.spaces.items():
        for call in space.facts.calls if not space.is_test else ():
            is_open = bool(call.args) and not call.args[0].startswith("str:")
            if is_open and last_name(call.callee) in names and is_import(resolver, module, space.facts, call):
                yield module
                break


def is_import(resolver: Resolver, module: str, facts: Facts, call: Call) -> bool:
    """Whether what is called imports the module that its first argument names."""
    scope = facts.contexts[call.context].scope
    values = resolver.evaluate(module, scope, call.callee, (call.order, call.context))
    return any(
        value[0] == "X" and (known := resolver.catalogue.api.get(resolver.catalogue.canonical(str(value[1]))))
        and IMPORTS in known[0].tags
        for value in values
    )  # fmt: skip
