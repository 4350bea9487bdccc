"""Facts -> name tables: per scope what each name is bound to, per class what its attributes are. Looks at one file at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from readiness.link.arguments import Layout, layout
from readiness.link.rounds import Table
from readiness.types.facts import SEP, Binding, Call, Facts, Scope
from readiness.types.tree import Source

# methods that put an argument into a container -> which one; two arguments: the first is its key
PUTS = {"append": 0, "appendleft": 0, "add": 0, "put": 0, "put_nowait": 0, "insert": 1, "setdefault": 1}
MERGES = frozenset({"update", "extend"})
Place = tuple[int, int]  # order, context


class Stored(NamedTuple):
    """Something put into a container: `d["k"] = v`, `rows.append(v)`, `d.update(other)`."""

    step: str  # ['k'] | [] | * (all that `value` holds)
    scope: int
    value: str
    at: Place


class ModuleSpace:
    """The bindings of one module, by scope and name."""

    def __init__(self, source: Source, facts: Facts) -> None:
        self.source = source
        self.facts = facts
        self.is_test = is_test_path(source.path)
        self.names: Sequence[Mapping[str, Sequence[Binding]]] = ()
        self.fields: Mapping[int, Mapping[str, Sequence[Binding]]] = {}
        self.stored: dict[tuple[int, str], list[Stored]] = {}  # by scope and name, or class and `.field`
        self.settings: Mapping[tuple[int, str], Sequence[Binding]] = {}  # the same by function and `self.name`
        self.outer: list[Binding] = []  # attributes set on something else than self and cls
        self.attached: dict[tuple[int, str, str], list[Binding]] = {}  # the same, by function, object and `.name`
        self.rebound: set[str] = set()  # names with more than one binding in one scope
        self.arms: dict[int, frozenset[tuple[int, int]]] = {}  # of flow.arms
        self.reached: dict[tuple[int, str, int], tuple[Binding, ...]] = {}  # of the resolver: by scope, name and order
        self.layouts: dict[int, Layout] = {}
        self.known: dict[int, Table] = {}  # of the resolver: what references were found to hold, by scope
        self.stars: list[tuple[int, str]] = [(i.level, i.module) for i in facts.imports if i.name == "*"]
        self.owner = self._owners()
        self._fill()
        self.set_here = frozenset([ref for _, ref in self.settings])  # frozen: all empty ones are one
        self.attaching = frozenset([owner for owner, _, _ in self.attached])

    def _owners(self) -> list[int]:
        """For every scope the function, lambda or module in which its code runs."""
        owners: list[int] = []
        for number, scope in enumerate(self.facts.scopes):
            if scope.kind in ("module", "function", "lambda"):
                owners.append(number)
            else:
                owners.append(owners[scope.parent] if 0 <= scope.parent < number else 0)
        return owners

    def _fill(self) -> None:
        facts = self.facts
        items: list[Binding] = []
        fields: list[tuple[int, Binding]] = []
        bound: list[dict[str, list[Binding]]] = [{} for _ in facts.scopes]
        self.names = bound
        for binding in facts.bindings:
            if binding.kind == "del" or binding.kind == "declare" and not binding.annotation:
                continue
            scope = facts.contexts[binding.context].scope
            if not binding.target:
                rows = bound[self._home(scope, binding)].setdefault(binding.name, [])
                if rows:
                    self.rebound.add(binding.name)
                rows.append(binding)
            elif binding.name.startswith("."):
                fields.append((scope, binding))
            else:
                items.append(binding)
        # a test on a name of an outer scope says nothing about a name of this one; tuples take half of what lists do
        self.names = [
            {name: tuple(rows) for name, rows in names.items() if any(row.kind != "narrow" for row in rows)}
            for names in bound
        ]
        self._set_fields(fields)
        for row in items:
            step = "[]" if row.name == "[:]" else row.name
            self._store(
                row.target, Stored(step, facts.contexts[row.context].scope, row.value, (row.order, row.context))
            )
        for call in facts.calls:
            self._put(call)

    def _home(self, scope: int, binding: Binding) -> int:
        """Where a plain name lands: `global` and `nonlocal` send it outwards, a walrus leaves its comprehension."""
        row = self.facts.scopes[scope]
        if binding.name in row.global_names:
            return 0
        if binding.name in row.nonlocal_names and row.parent >= 0:
            walk = row.parent
            while walk > 0 and not any(p.name == binding.name for p in self.facts.scopes[walk].params):
                if binding.name in self.names[walk] and self.facts.scopes[walk].kind != "class":
                    break
                walk = self.facts.scopes[walk].parent
            return walk
        if binding.kind == "walrus":
            while self.facts.scopes[scope].kind == "comprehension":
                scope = self.facts.scopes[scope].parent
        return scope

    def _set_fields(self, rows: list[tuple[int, Binding]]) -> None:
        """`self.x = v` in a method gives its class a field x."""
        fields: dict[int, dict[str, list[Binding]]] = {}
        settings: dict[tuple[int, str], list[Binding]] = {}
        for scope, binding in rows:
            owner = self.class_of(scope, binding.target)
            if owner >= 0:
                fields.setdefault(owner, {}).setdefault(binding.name[1:], []).append(binding)
                place = (self.owner[scope], f"{binding.target}{SEP}{binding.name}")
                settings.setdefault(place, []).append(binding)
            elif binding.kind != "narrow":
                self.outer.append(binding)
                self.attached.setdefault((self.owner[scope], binding.target, binding.name), []).append(binding)
        self.fields = {cls: {name: tuple(rows) for name, rows in own.items()} for cls, own in fields.items()}
        self.settings = {place: tuple(rows) for place, rows in settings.items()}

    def class_of(self, scope: int, ref: str) -> int:
        """The class of which a plain name is the first parameter of a method, -1 for any other."""
        root, _, name = ref.partition(":")
        walk = scope if root == "local" and SEP not in name else -1
        while walk >= 0:
            row = self.facts.scopes[walk]
            if row.kind == "function" and row.params and row.params[0].name == name:
                return row.parent if row.parent >= 0 and self.facts.scopes[row.parent].kind == "class" else -1
            walk = row.parent
        return -1

    def layout(self, scope: int) -> Layout:
        """The parameters of a function."""
        known = self.layouts.get(scope)
        if known is None:
            known = self.layouts[scope] = layout(self.facts.scopes[scope])
        return known

    def is_far(self, scope: int, name: str, steps: str) -> bool:
        """Whether a name means the same here as in the module's own code, and so do its attributes."""
        if name in self.rebound or steps and (self.owner[scope] in self.attaching or 0 in self.attaching):
            return False
        scopes, walk = self.facts.scopes, scope
        if name in scopes[scope].global_names:
            return True
        while walk > 0:
            if name in self.names[walk] and (walk == scope or scopes[walk].kind != "class"):
                return False
            walk = scopes[walk].parent
        return walk == 0

    def has_member(self, cls: int, name: str) -> bool:
        """Whether a class itself binds or sets an attribute."""
        return name in self.names[cls] or name in self.fields.get(cls, ())

    def defined_at(self, scope: Scope) -> Place | None:
        """Where a `def` or `class` stands among the bindings of its file."""
        rows = self.names[scope.parent].get(scope.name, ()) if scope.parent >= 0 else ()
        for row in rows:
            if (
                row.line == scope.line
                or row.value.startswith("scope:")
                and self.facts.scopes[int(row.value[6:])] is scope
            ):
                return row.order, row.context
        return None

    def set_outside(self) -> set[str]:
        """Names of fields that other code than the class itself can set: by assignment, or as arguments of a dataclass."""
        names = {row.name[1:] for row in self.outer}
        for number, scope in enumerate(self.facts.scopes):
            if scope.kind == "class":
                names.update(name for name, rows in self.names[number].items() if rows[0].annotation)
        return names

    def choosing(self) -> Iterator[tuple[str, int, str]]:
        """(module, scope, name) of the parameters by which a function chooses an attribute: `getattr(self, name)`."""
        for call in self.facts.calls:
            if call.callee == "local:getattr" and len(call.args) > 1:
                name, walk = call.args[1][6:], self.facts.contexts[call.context].scope
                if call.args[1].startswith("local:") and any(p.name == name for p in self.facts.scopes[walk].params):
                    yield self.source.module, walk, name

    def _put(self, call: Call) -> None:
        base, _, last = call.callee.rpartition(SEP)
        if not base or not call.args or last[1:] not in PUTS and last[1:] not in MERGES:
            return
        scope, at = self.facts.contexts[call.context].scope, (call.order, call.context)
        if last[1:] in MERGES:
            self._store(base, Stored("*", scope, call.args[0].lstrip("*"), at))
            for key, ref in call.keywords:
                self._store(base, Stored(f"['{key}']", scope, ref, at))
            return
        position = PUTS[last[1:]]
        if position < len(call.args):
            key = call.args[0] if last == ".setdefault" else ""
            step = f"['{key[4:]}']" if key.startswith("str:") else "[]"
            self._store(base, Stored(step, scope, call.args[position].lstrip("*"), at))

    def _store(self, target: str, row: Stored) -> None:
        """Under the scope that binds the container's name, or the class whose field it is."""
        if not row.value or row.value.startswith(("int:", "float:", "none:", "bool:", "unknown:")):
            return
        base, _, step = target.rpartition(SEP)
        if base and step.startswith("."):
            owner = self.class_of(row.scope, base)
            if owner >= 0:
                self.stored.setdefault((owner, step), []).append(row)
        elif not base and target.startswith("local:"):
            name, walk = target[6:], row.scope
            if name in self.facts.scopes[walk].global_names:
                walk = 0
            while walk > 0 and name not in self.names[walk]:
                walk = self.facts.scopes[walk].parent
            self.stored.setdefault((walk, name), []).append(row)


def is_test_path(path: str) -> bool:
    """Whether a file is a test by the conventions of pytest and unittest."""
    *folders, name = path.split("/")
    return (
        any(f in ("tests", "test", "testing", "test_utils", "testutils") for f in folders)
        or name.startswith("test_")
        or name.endswith(("_test.py", "_tests.py"))
        or name in ("conftest.py", "tests.py")
    )
