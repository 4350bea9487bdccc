"""Program and Facts -> spots of language features that Go has no shape for. Never judges; the rules say which of them they want."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readiness.findings.ground import Ground
from readiness.types.facts import SEP, Binding, Facts
from readiness.types.program import CallEdge

# they make interfaces and enumerations, which Go has a shape for
PLAIN_METACLASSES = ("ABCMeta", "EnumMeta", "EnumType")
ATTRIBUTE_HOOKS = frozenset({"__getattr__", "__getattribute__", "__setattr__", "__delattr__"})
CLASS_HOOKS = frozenset({"__init_subclass__", "__set_name__", "__prepare__"})
IMPORT_HOOKS = ("importlib.abc.MetaPathFinder", "importlib.abc.PathEntryFinder", "importlib.abc.Loader",
                "importlib.abc.InspectLoader", "importlib.abc.SourceLoader")  # fmt: skip
# the language's own places to put a function
SETTABLE = frozenset({"sys.excepthook", "sys.unraisablehook", "sys.displayhook", "sys.breakpointhook", "threading.excepthook",
                      "warnings.showwarning", "warnings.formatwarning", "sys.stdout", "sys.stderr", "sys.stdin"})  # fmt: skip
HOOK_LISTS = ("sys.meta_path", "sys.path_hooks")
MAKERS = frozenset({"types.new_class", "dataclasses.make_dataclass", "pydantic.create_model"})
FRAMES = frozenset(
    {"sys._getframe", "sys._current_frames", "inspect.currentframe", "inspect.stack", "inspect.getouterframes"}
)
LITERALS = ("str:", "bytes:", "int:", "float:", "bool:", "none:", "ellipsis:", "fstr:")


class Spot(Struct, frozen=True):
    """A feature at a place. `function`: the target of the function or class that it stands in, None for module code."""

    feature: str
    module: str
    function: str | None
    line: int
    name: str


def dynamic_spots(ground: Ground) -> Iterator[Spot]:
    """All spots, in no order."""
    yield from _classes(ground)
    yield from _calls(ground)
    for module, facts in ground.facts.items():
        yield from _definitions(module, facts)
        yield from _replaced(ground, module, facts)


def _classes(ground: Ground) -> Iterator[Spot]:
    for cls in ground.program.classes:
        module, _, qualname = cls.target.partition(":")
        if cls.has_metaclass and not _is_plain(ground.facts.get(module), qualname):
            yield Spot("metaclass", module, cls.target, cls.line, qualname)
        hook = next((name for name in cls.ancestors if name in IMPORT_HOOKS), None)
        if hook is not None:
            yield Spot("import-hook", module, cls.target, cls.line, hook)


def _is_plain(facts: Facts | None, qualname: str) -> bool:
    marks = [
        value
        for scope in (facts.scopes if facts is not None else ())
        if scope.kind == "class" and scope.qualname == qualname
        for key, value in scope.keywords
        if key == "metaclass"
    ]
    return bool(marks) and all(value.endswith(PLAIN_METACLASSES) for value in marks)


def _calls(ground: Ground) -> Iterator[Spot]:
    for edge in ground.program.calls:
        feature = _feature_of(ground, edge) if edge.external and edge.how == "call" else None
        if feature is not None:
            function = ground.program.functions[edge.caller]
            target = None if function.qualname == "<module>" else function.target
            yield Spot(feature, function.module, target, edge.line, edge.external.removeprefix("builtins."))


def _feature_of(ground: Ground, edge: CallEdge) -> str | None:
    name = edge.external
    if name in FRAMES:
        return "frame-access"
    if name.startswith(tuple(f"{each}." for each in HOOK_LISTS)):
        return "import-hook"
    call = ground.call(edge)
    if name in MAKERS or (name == "builtins.type" and call is not None and len(call.args) == 3):
        return "type-call"
    return None


def _definitions(module: str, facts: Facts) -> Iterator[Spot]:
    seen: set[int] = set()  # a class answers for attributes once, with however many methods
    for scope in facts.scopes:
        if scope.kind != "function" or scope.is_stub:
            continue
        in_class = scope.parent >= 0 and facts.scopes[scope.parent].kind == "class"
        target = f"{module}:{scope.qualname}"
        if scope.name in ATTRIBUTE_HOOKS and (in_class or scope.parent == 0 and scope.name == "__getattr__"):
            if in_class and scope.parent in seen:
                continue
            seen.add(scope.parent)
            yield Spot("attribute-hook", module, target, scope.line, scope.qualname)
        elif scope.name in CLASS_HOOKS and in_class:
            yield Spot("class-hook", module, target, scope.line, scope.qualname)


def _replaced(ground: Ground, module: str, facts: Facts) -> Iterator[Spot]:
    """`json.dumps = faster`: an attribute of an imported module or class gets a value that may be called.

    What is neither known to be a module nor written like a class is an object, which may be made to be set.
    """
    modules = {*ground.modules, *(row.module for row in facts.imports if row.name is None)}
    imported = {
        row.name: row.value for row in facts.bindings if row.kind == "import" and facts.contexts[row.context].scope == 0
    }
    for row in facts.bindings:
        if row.kind != "assign" or not row.name.startswith(".") or row.value.startswith(LITERALS):
            continue
        root, _, rest = row.target.partition(SEP)
        name = root.removeprefix("local:")
        if name not in imported or _is_shadowed(facts, row, name):
            continue
        owner = ".".join((_dotted(imported[name]), *(step.lstrip(".") for step in rest.split(SEP) if step)))
        if f"{owner}{row.name}" in SETTABLE:
            continue
        if (owner in modules or owner.rpartition(".")[2][:1].isupper()) and _is_callable(facts, row.value):
            scope = facts.scopes[facts.contexts[row.context].scope]
            target = None if scope.kind == "module" else f"{module}:{scope.qualname}"
            yield Spot("monkeypatch", module, target, row.line, f"{owner}{row.name}")


def _dotted(ref: str) -> str:
    """`import:a.b` .c -> `a.b.c`; a relative import keeps its dots."""
    root, _, rest = ref.partition(SEP)
    kind, _, name = root.partition(":")
    if kind == "relative":
        level, _, tail = name.partition(":")
        name = "." * int(level) + tail
    return ".".join((name, *(step.lstrip(".") for step in rest.split(SEP) if step)))


def _is_shadowed(facts: Facts, row: Binding, name: str) -> bool:
    """The function, or one around it, has a name of its own that is called so."""
    scope = facts.contexts[row.context].scope
    while scope > 0:
        own = facts.scopes[scope]
        if any(param.name == name for param in own.params):
            return True
        if any(b.name == name and not b.target and facts.contexts[b.context].scope == scope for b in facts.bindings):
            return name not in own.global_names
        scope = own.parent
    return False


def _is_callable(facts: Facts, ref: str) -> bool:
    """A function or class of this file, a lambda, a name of another module: no result of a call, no display, no element."""
    root, _, rest = ref.partition(SEP)
    if any(step.startswith("[") for step in rest.split(SEP)):
        return False
    if root.startswith("scope:"):
        return True
    if not root.startswith("local:"):
        return False
    name = root.removeprefix("local:")
    kinds = {row.kind for row in facts.bindings if row.name == name and not row.target}
    return bool(kinds & ({"import"} if rest else {"def", "class", "import"}))
