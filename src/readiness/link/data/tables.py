"""Models and code -> table uses: which function reads or writes which table through an ORM. Strings of SQL are counted elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.link.classes import ancestors
from readiness.link.data.carriers import carriers
from readiness.link.data.models import Key, Models, find_models
from readiness.link.data.rows import Rows, is_method
from readiness.link.resolver import Resolver
from readiness.link.space import ModuleSpace
from readiness.types.facts import SEP, Call, Ref, last_name
from readiness.types.program import CallEdge, DataUse, Function

Numbers = dict[tuple[str, int], int]
MAX_CHAIN = 30  # calls of a query


def table_uses(
    resolver: Resolver, numbers: Numbers, functions: tuple[Function, ...], edges: tuple[CallEdge, ...]
) -> tuple[set[DataUse], set[int]]:
    """All uses of tables over models, the `declare` of each table by its module among them.

    And the functions that write rows of a class which is told at run time only.
    """
    models = find_models(resolver)
    if not models.of:
        return set(), set()
    found = {
        DataUse(numbers[m.key[0], 0], "table", m.table, "declare", m.path, m.line, m.orm) for m in models.of.values()
    }
    rows = Rows(resolver, models)
    names = carriers(rows, functions, edges)
    rows.forget()
    blind: set[int] = set()
    for name in sorted(names):
        uses = Uses(rows, models, resolver.spaces[name], numbers)
        found |= uses.all()
        blind |= uses.blind
        rows.forget(name)  # others seldom ask for it again, and at 1.1 MLOC all answers together take 35 MB
    return found, blind


class Uses:
    """The uses of one module on their way to a set."""

    def __init__(self, rows: Rows, models: Models, space: ModuleSpace, numbers: Numbers) -> None:
        self.rows = rows
        self.models = models
        self.words = rows.words
        self.space = space
        self.numbers = numbers
        self.module = space.source.module
        self.found: set[DataUse] = set()
        self.blind: set[int] = set()

    def all(self) -> set[DataUse]:
        """Calls, then what is set, then relations that are read, then what classes and decorators declare."""
        facts = self.space.facts
        inner = {int(call.callee[5:].split(SEP)[0]) for call in facts.calls if call.callee.startswith("call:")}
        below = self.below_writes()
        for number, call in enumerate(facts.calls):
            scope = facts.contexts[call.context].scope
            self.chain(scope, call, number in inner)
            self.arguments(scope, call, number in below)
            self.construction(scope, call)
        for row in facts.bindings:
            if row.name.startswith(".") and row.target:
                scope = facts.contexts[row.context].scope
                self.note(scope, self.unit_of_work(self.rows.of(self.module, scope, row.target)), "write", row.line)
        for scope, ref, line in self.references():
            self.relations(scope, ref, line)
        self.declarations()
        return self.found

    def note(self, scope: int, keys: frozenset[Key], access: str, line: int) -> None:
        function = self.numbers[self.module, self.space.owner[scope]]
        for key in keys & self.models.of.keys():  # a relation may lead to a class that no known ORM makes a table of
            model = self.models.of[key]
            self.found.add(DataUse(function, "table", model.table, access, self.space.source.path, line, model.orm))

    def chain(self, scope: int, call: Call, is_inner: bool) -> None:
        """`Order.objects.filter(...)`, `order.save()`: a call on rows or on a query for rows; of a chain the last call counts."""
        base, _, last = call.callee.rpartition(SEP)
        if not base or not last.startswith("."):
            return
        keys, name = self.rows.of(self.module, scope, base), last[1:]
        if not keys and name in self.words.writes - self.words.relation_writes and self.has_manager(base):
            self.blind.add(self.numbers[self.module, self.space.owner[scope]])
        if not keys or (name not in self.words.writes and is_method(self.rows.resolver, keys, name)):
            return  # what a model's own method does is counted there; an overridden `save` still saves
        if name in self.words.relation_writes and not base.rpartition(SEP)[2].startswith("."):
            return
        if name == "values" and not self.is_core_insert(base):
            name = "values_list"
        if name in self.words.writes:
            self.note(scope, keys, "write", call.line)
        elif not is_inner and not self.is_plain(scope, base) and not self.has_write(base):
            self.note(scope, keys, "read", call.line)

    def below_writes(self) -> set[int]:
        """The calls that stand before a writing call in its chain: `query(Order).update(...)` reads nothing."""
        found: set[int] = set()
        for call in self.space.facts.calls:
            callee = call.callee
            is_write = last_name(callee) in self.words.writes
            for _ in range(MAX_CHAIN):
                if not is_write or not callee.startswith("call:"):
                    break
                number = int(callee[5:].split(SEP)[0])
                found.add(number)
                callee = self.space.facts.calls[number].callee
        return found

    def has_write(self, base: Ref) -> bool:
        """Whether a call before it in the chain writes: `Order.insert(...).execute()` reads nothing."""
        for _ in range(MAX_CHAIN):
            if not base.startswith("call:"):
                return False
            callee = self.space.facts.calls[int(base[5:].split(SEP)[0])].callee
            if last_name(callee) in self.words.writes | self.words.class_writes:
                return True
            base = callee
        return False

    def has_manager(self, base: Ref) -> bool:
        """Whether a query of some class stands before it in the chain: `type(rows[0]).objects.filter(...)`."""
        for _ in range(MAX_CHAIN):
            steps = base.split(SEP)
            if any(step[:1] == "." and step[1:] in self.words.managers for step in steps[1:]):
                return True
            if not steps[0].startswith("call:"):
                return False
            base = self.space.facts.calls[int(steps[0][5:])].callee
        return False

    def is_core_insert(self, base: Ref) -> bool:
        """Whether `.values()` follows `insert(...)` or `update(...)`; else it is Django's query."""
        if not base.startswith("call:"):
            return False
        return last_name(self.space.facts.calls[int(base[5:].split(SEP)[0])].callee) in self.words.class_writes

    def is_plain(self, scope: int, base: Ref) -> bool:
        """Whether what a method is called on is an object in hand, not a class, a query or a relation: no trip to the store."""
        if base.startswith("call:"):
            return False
        values = self.rows.resolver.evaluate(self.module, scope, base)
        return bool(values) and all(value[0] == "I" and (value[1], value[2], "") in self.models.of for value in values)

    def arguments(self, scope: int, call: Call, is_below_write: bool) -> None:
        """`session.get(Order, 1)`, `select(Order.id)`, `session.add(order)`."""
        name = last_name(call.callee)
        if name in self.words.class_reads or name in self.words.class_writes:
            access = "write" if name in self.words.class_writes else "read"
            for ref in call.args if access == "write" or not is_below_write else ():
                self.note(scope, self.rows.classes(self.module, scope, ref), access, call.line)
        if name in self.words.session_writes and SEP in call.callee and call.args:
            base = call.callee.rpartition(SEP)[0]
            if not self.rows.of(self.module, scope, base) and not self.is_builtin(scope, call.callee):
                self.note(scope, self.rows.of(self.module, scope, call.args[0]), "write", call.line)

    def is_builtin(self, scope: int, callee: Ref) -> bool:
        return any(
            v[0] == "X" and str(v[1]).startswith("builtins.")
            for v in self.rows.resolver.evaluate(self.module, scope, callee)
        )

    def construction(self, scope: int, call: Call) -> None:
        """`Order(...)`: written at the commit where the ORM works so."""
        if call.callee.startswith("call:"):
            return
        made = frozenset(
            (v[1], v[2], "") for v in self.rows.resolver.evaluate(self.module, scope, call.callee) if v[0] == "C"
        )
        self.note(scope, self.unit_of_work(made & self.models.of.keys()), "write", call.line)

    def unit_of_work(self, keys: frozenset[Key]) -> frozenset[Key]:
        return frozenset(k for k in keys if self.models.of[k].orm in self.words.unit_of_work)

    def references(self) -> Iterator[tuple[int, Ref, int]]:
        """Every reference that may go over a relation, with its scope and line."""
        facts = self.space.facts
        yield from ((facts.contexts[r.context].scope, r.value, r.line) for r in facts.reads if SEP in r.value)
        yield from ((facts.contexts[c.context].scope, c.callee, c.line) for c in facts.calls if SEP in c.callee)
        for row in facts.bindings:
            if SEP in row.value and row.kind in ("for", "assign"):
                yield facts.contexts[row.context].scope, row.value, row.line

    def relations(self, scope: int, ref: Ref, line: int) -> None:
        """`order.lines`, `order.customer.email`: each relation on the way is read."""
        steps = ref.split(SEP)
        for at, step in enumerate(steps[1:], 1):
            name = step[1:]
            if name in self.models.attributes and step[0] == ".":
                below = self.rows.of(self.module, scope, SEP.join(steps[:at]))
                if not self.is_class(scope, SEP.join(steps[:at])):
                    self.note(
                        scope,
                        frozenset(
                            self.models.relations[k][name] for k in below if name in self.models.relations.get(k, {})
                        ),
                        "read",
                        line,
                    )

    def is_class(self, scope: int, ref: Ref) -> bool:
        return any(v[0] == "C" for v in self.rows.resolver.evaluate(self.module, scope, ref))

    def declarations(self) -> None:
        """`model = Order` of a view, form or serializer; `admin.site.register(Order)` and its decorator."""
        facts = self.space.facts
        for call in facts.calls:
            if last_name(call.callee) in self.words.registers:
                scope = facts.contexts[call.context].scope
                named = [v[1] for v in self.rows.resolver.evaluate(self.module, scope, call.callee) if v[0] == "X"]
                if any(".admin" in str(name) for name in named):
                    for ref in call.args:
                        self.note(scope, self.rows.classes(self.module, scope, ref), "write", call.line)
        for number, scope_row in enumerate(facts.scopes):
            rows = self.space.names[number] if scope_row.kind == "class" else {}
            for row in (*rows.get("model", ()), *rows.get("queryset", ())):
                access = self.access_of(number if scope_row.name != "Meta" else scope_row.parent)
                if access:
                    self.note(number, self.rows.of(self.module, number, row.value), access, row.line)

    def access_of(self, number: int) -> str:
        """What a view, form or serializer does with its model, "" for any other class."""
        if self.space.facts.scopes[number].kind != "class":
            return ""
        bases = [str(v[1]) for v in ancestors(self.rows.resolver, self.module, number) if v[0] == "X"]
        known = [b for b in bases if b.startswith(self.words.views)]
        if not known:
            return ""
        return "write" if any(word in b.rpartition(".")[2] for b in known for word in self.words.editing) else "read"
