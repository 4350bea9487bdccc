"""Facts -> name tables: per scope what each name is bound to, per class what its attributes are. Looks at one file at a time."""

from __future__ import annotations

from readiness.types.facts import Binding, Facts
from readiness.types.tree import Source

IGNORED_KINDS = frozenset({"del"})


class ModuleSpace:
    """The bindings of one module, by scope and name."""

    def __init__(self, source: Source, facts: Facts) -> None:
        self.source = source
        self.facts = facts
        self.names: list[dict[str, list[Binding]]] = [{} for _ in facts.scopes]
        self.fields: dict[int, dict[str, list[Binding]]] = {}
        self.items: dict[tuple[int, str], list[Binding]] = {}
        self.stars: list[tuple[int, str]] = [(i.level, i.module) for i in facts.imports if i.name == "*"]
        self.owner = self._owners()
        self._fill()

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
        for binding in facts.bindings:
            if binding.kind in IGNORED_KINDS:
                continue
            scope = facts.contexts[binding.context].scope
            if not binding.target:
                self.names[self._home(scope, binding)].setdefault(binding.name, []).append(binding)
            elif not (binding.name.startswith(".") and self._field(scope, binding)):
                self.items.setdefault((scope, binding.target), []).append(binding)

    def _home(self, scope: int, binding: Binding) -> int:
        """Where a plain name lands: `global` and `nonlocal` send it outwards, a walrus leaves its comprehension."""
        row = self.facts.scopes[scope]
        if binding.name in row.global_names:
            return 0
        if binding.name in row.nonlocal_names and row.parent >= 0:
            return row.parent
        if binding.kind == "walrus":
            while self.facts.scopes[scope].kind == "comprehension":
                scope = self.facts.scopes[scope].parent
        return scope

    def _field(self, scope: int, binding: Binding) -> bool:
        """`self.x = v` in a method gives its class a field x. False for an attribute of anything else."""
        root, _, name = binding.target.partition(":")
        if root != "local":
            return False
        walk = scope
        while walk >= 0:
            row = self.facts.scopes[walk]
            if row.kind == "function" and row.params and row.params[0].name == name:
                if row.parent >= 0 and self.facts.scopes[row.parent].kind == "class":
                    self.fields.setdefault(row.parent, {}).setdefault(binding.name[1:], []).append(binding)
                    return True
                return False
            walk = row.parent
        return False
