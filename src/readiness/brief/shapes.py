"""References of a file -> Shapes: what an annotation, a literal or a result looks like on the wire. Follows names over imports; guesses nothing."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from readiness.types.brief import Field, Schema, Shape
from readiness.types.facts import SEP, Binding, Facts, Ref, Scope

DEPTH = 8  # names, aliases and nested values that are followed from one place
UNKNOWN = Shape("unknown")
PLAIN = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "bytes": "bytes", "None": "null",
    "datetime": "datetime", "date": "date", "UUID": "uuid", "Decimal": "decimal", "Any": "any", "object": "any",
    "EmailStr": "string", "HttpUrl": "string", "AnyUrl": "string", "SecretStr": "string", "Path": "string",
    "AnyHttpUrl": "string", "StrictStr": "string", "StrictBool": "boolean", "StrictInt": "integer", "PositiveInt": "integer", "NonNegativeInt": "integer", "PositiveFloat": "number",
}  # fmt: skip
ARRAYS = frozenset({"list", "List", "Sequence", "Iterable", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple"})
MAPS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
SERIALIZER_FIELDS = {
    "String": "string", "Str": "string", "CharField": "string", "EmailField": "string", "SlugField": "string",
    "URLField": "string", "Email": "string", "Url": "string", "URL": "string", "Integer": "integer", "Int": "integer",
    "IntegerField": "integer", "Float": "number", "FloatField": "number", "Number": "number", "Boolean": "boolean",
    "Bool": "boolean", "BooleanField": "boolean", "DateTime": "datetime", "DateTimeField": "datetime", "Date": "date",
    "DateField": "date", "UUID": "uuid", "UUIDField": "uuid", "Decimal": "decimal", "DecimalField": "decimal",
    "Dict": "any", "DictField": "any", "JSONField": "any", "Raw": "any",
}  # fmt: skip
MODELS = {
    "BaseModel": "pydantic", "SQLModel": "pydantic", "TypedDict": "typed-dict", "NamedTuple": "typed-dict", "Struct": "pydantic",
    "Schema": "marshmallow", "Serializer": "serializer", "ModelSerializer": "serializer",
}  # fmt: skip
Class = tuple[str, int]  # module, scope number


class Shapes:
    """Holds the classes that were met, so that each becomes one schema."""

    def __init__(
        self, facts: Mapping[str, Facts], names: Mapping[str, tuple[str, ...]], paths: Mapping[str, str]
    ) -> None:
        """`facts` and `paths` by unique module name; `names`: import name -> unique names of the modules that bear it."""
        self.facts = facts
        self.names = names
        self.paths = paths
        self.schemas: dict[Class, Schema] = {}

    def annotation(self, module: str, scope: int, ref: Ref, depth: int = DEPTH) -> Shape:
        """The shape of an annotation; unknown where it names nothing that is known."""
        if not ref or depth == 0:
            return UNKNOWN
        if ref == "none:":
            return Shape("null")
        if ref.startswith("expr:") and SEP not in ref:
            return self._generic(module, scope, int(ref[5:]), depth)
        last = last_name(ref)
        found = self.find_class(module, scope, ref)
        if found is not None:
            return self._class_shape(found, depth)
        alias = self._alias(module, scope, ref)
        if alias is not None:
            return self.annotation(alias[0], 0, alias[1], depth - 1)
        if last in ARRAYS:
            return Shape("array", item=UNKNOWN)
        if last in MAPS:
            return Shape("map", item=UNKNOWN)
        return Shape(PLAIN[last]) if last in PLAIN else Shape("unknown", note=last)

    def _generic(self, module: str, scope: int, number: int, depth: int) -> Shape:
        expr = self.facts[module].exprs[number]
        if expr.kind == "union":
            parts = [self.annotation(module, scope, item, depth - 1) for item in expr.items]
            return union(parts)
        if expr.kind != "subscript" or not expr.items:
            return UNKNOWN
        head, *rest = expr.items
        name = last_name(head)
        inner = [self.annotation(module, scope, item, depth - 1) for item in rest]
        if name in ARRAYS:
            return Shape("array", item=inner[0] if inner else UNKNOWN)
        if name in MAPS:
            return Shape("map", item=inner[-1] if inner else UNKNOWN)
        if name == "Union":
            return union(inner)
        if name == "Optional":
            return union([*inner, Shape("null")])
        if name == "Literal":
            return Shape("string") if all(item.startswith("str:") for item in rest) else UNKNOWN
        return inner[0] if inner and name in ("Annotated", "Final", "Required", "Awaitable") else UNKNOWN

    def _class_shape(self, found: Class, depth: int) -> Shape:
        schema = self.schema(found, depth)
        if schema is not None:
            return Shape("named", name=schema.name)
        scope = self.facts[found[0]].scopes[found[1]]
        kind = self._enum(found, DEPTH)
        if kind:
            return Shape(kind)
        return Shape("unknown", note=scope.qualname)

    def _enum(self, found: Class, depth: int) -> str:
        """`string` or `integer` for an enumeration, over its bases in the program; "" for any other class."""
        module, number = found
        scope = self.facts[module].scopes[number]
        for base in scope.bases:
            name = last_name(base)
            if name in ("Enum", "StrEnum", "IntEnum", "IntFlag", "TextChoices", "IntegerChoices"):
                return "integer" if name.startswith("Int") or "int" in map(last_name, scope.bases) else "string"
            above = self.find_class(module, scope.parent, base)
            if above is not None and above != found and depth:
                kind = self._enum(above, depth - 1)
                if kind:
                    return kind
        return ""

    def schema(self, found: Class, depth: int = DEPTH) -> Schema | None:
        """The schema of a class that describes a body (pydantic, dataclass, TypedDict, marshmallow, a REST serializer), else None."""
        if found in self.schemas:
            return self.schemas[found]
        module, number = found
        scope = self.facts[module].scopes[number]
        source = self._source(found, DEPTH)
        if source is None or depth == 0:
            return None
        target = f"{module}:{scope.qualname}"
        taken = {s.name for s in self.schemas.values()}
        name = scope.name if scope.name not in taken else f"{scope.name}{len(taken)}"
        self.schemas[found] = Schema(
            name, target, self.paths[module], scope.line, source, ()
        )  # a class may name itself
        row = replace(self.schemas[found], fields=self._fields(found, source, depth))
        self.schemas[found] = row
        return row

    def _source(self, found: Class, depth: int) -> str | None:
        module, number = found
        scope = self.facts[module].scopes[number]
        for ref in scope.decorators:
            callee = (
                self.facts[module].calls[int(ref[5:])].callee if ref.startswith("call:") and SEP not in ref else ref
            )
            if last_name(callee) in ("dataclass", "define", "frozen", "attrs"):
                return "dataclass"
        for base in scope.bases:
            if last_name(base) in MODELS and self.find_class(module, scope.parent, base) is None:
                return MODELS[last_name(base)]
            above = self.find_class(module, scope.parent, base)
            if above is not None and above != found and depth:
                source = self._source(above, depth - 1)
                if source is not None:
                    return source
        return None

    def _fields(self, found: Class, source: str, depth: int) -> tuple[Field, ...]:
        module, number = found
        facts = self.facts[module]
        rows: dict[str, Field] = {}
        for base in facts.scopes[number].bases:
            above = self.find_class(module, facts.scopes[number].parent, base)
            if above is not None and above != found and depth:
                rows |= {field.name: field for field in self._fields(above, source, depth - 1)}
        for binding in facts.bindings:
            if facts.contexts[binding.context].scope != number or binding.target or binding.name.startswith("_"):
                continue
            field = self._field(module, number, binding, source, depth)
            if field is not None:
                rows[field.name] = field
        return tuple(rows.values())

    def _field(self, module: str, number: int, binding: Binding, source: str, depth: int) -> Field | None:
        if source in ("marshmallow", "serializer"):
            call = self._call(module, binding.value)
            if call is None:
                return None
            kind = SERIALIZER_FIELDS.get(last_name(call[0]))
            nested = self.find_class(module, number, call[0])
            shape = Shape(kind) if kind else self._class_shape(nested, depth - 1) if nested else UNKNOWN
            required = dict(call[1]).get("required", "bool:True" if source == "serializer" else "bool:False")
            return Field(binding.name, shape, required == "bool:True", binding.line)
        if not binding.annotation or last_name(binding.annotation) == "ClassVar" or binding.name == "model_config":
            return None
        shape = self.annotation(module, number, binding.annotation, depth - 1)
        call = self._call(module, binding.value)
        has_default = bool(binding.value) and not (
            call and last_name(call[0]) in ("Field", "field") and not _has_default(call)
        )
        return Field(binding.name, shape, not has_default, binding.line)

    def _call(self, module: str, ref: Ref) -> tuple[Ref, tuple[tuple[str, Ref], ...], tuple[Ref, ...]] | None:
        if not ref.startswith("call:") or SEP in ref:
            return None
        call = self.facts[module].calls[int(ref[5:])]
        return call.callee, call.keywords, call.args

    # --- names --------------------------------------------------------------------------------------------------------

    def find_class(self, module: str, scope: int, ref: Ref, depth: int = DEPTH) -> Class | None:
        """The class of the program that a reference names."""
        found = self.find(module, scope, ref, depth)
        return found if found is not None and self.facts[found[0]].scopes[found[1]].kind == "class" else None

    def find(self, module: str, scope: int, ref: Ref, depth: int = DEPTH) -> Class | None:
        """The class or function of the program that a plain or dotted name names, over imports and re-exports."""
        found = self.find_binding(module, scope, ref, depth)
        if found is None or not found[1].value.startswith("scope:"):
            return None
        return found[0], int(found[1].value[6:])

    def find_binding(self, module: str, scope: int, ref: Ref, depth: int = DEPTH) -> tuple[str, Binding] | None:
        """(module, binding) of the definition or assignment behind a name; imports and other names are followed."""
        root, *steps = ref.split(SEP)
        facts = self.facts.get(module)
        kind, _, name = root.partition(":")
        if facts is None or depth == 0 or any(not step.startswith(".") for step in steps):
            return None
        if kind in ("import", "relative"):
            return self._in_module(module, kind, name, steps, depth)
        if kind != "local":
            return None
        while True:
            for binding in reversed(facts.bindings):
                if binding.name == name and not binding.target and facts.contexts[binding.context].scope == scope:
                    return self._behind(module, scope, binding, steps, depth)
            if scope == 0:
                return None
            scope = max(facts.scopes[scope].parent, 0)

    def _behind(
        self, module: str, scope: int, binding: Binding, steps: list[str], depth: int
    ) -> tuple[str, Binding] | None:
        """Follows an import or `a = b`; a definition or any other value is the end."""
        if binding.value.startswith(("import:", "relative:", "local:")):
            further = self.find_binding(module, scope, SEP.join((binding.value, *steps)), depth - 1)
            return further or (None if steps else (module, binding))
        return None if steps else (module, binding)

    def _in_module(self, module: str, kind: str, name: str, steps: list[str], depth: int) -> tuple[str, Binding] | None:
        """`import:a.b` or `relative:1:a.b` with attribute steps: the longest prefix that is a module, then its own name."""
        if kind == "relative":
            level, _, tail = name.partition(":")
            name = relative_name(module, self.paths[module], int(level), tail)
        parts = [*filter(None, name.split(".")), *(step[1:] for step in steps)]
        for cut in range(len(parts) - 1, 0, -1):
            known = self.names.get(".".join(parts[:cut]), ())
            root = module.partition("@")[2]  # of several modules with one name the importer's own root has it
            near = [unique for unique in known if unique.partition("@")[2] == root] or list(known)
            if len(near) == 1:
                rest = [f".{part}" for part in parts[cut + 1 :]]
                return self.find_binding(near[0], 0, SEP.join((f"local:{parts[cut]}", *rest)), depth - 1)
        return None

    def _alias(self, module: str, scope: int, ref: Ref) -> tuple[str, Ref] | None:
        """`Alias = list[Item]`, here or in the module that it is imported from: (module, the reference behind the name)."""
        found = self.find_binding(module, scope, ref)
        if found is None:
            return None
        home, binding = found
        is_type = binding.value.startswith(("expr:", "local:", "import:")) and binding.value != ref
        return (home, binding.value) if is_type and binding.kind == "assign" else None


def union(parts: list[Shape]) -> Shape:
    """One shape for several: equal ones fold, null makes it nullable, anything else is unknown."""
    rest = list(dict.fromkeys(p for p in parts if p.kind != "null"))
    nullable = len(rest) < len(parts)
    if len(rest) == 1:
        return replace(rest[0], is_nullable=rest[0].is_nullable or nullable)
    return Shape("null") if not rest else Shape("any", is_nullable=nullable)


def last_name(ref: Ref) -> str:
    """The last plain name of a reference: `import:typing` + `.Any` -> Any, `local:x` -> x."""
    last = ref.rpartition(SEP)[2]
    return last[1:] if last.startswith(".") else last.rpartition(":")[2].rpartition(".")[2]


def relative_name(module: str, path: str, level: int, rest: str) -> str:
    """`from ..x import y` as an absolute name: an `__init__.py` counts as its own package."""
    parts = module.partition("@")[0].split(".")
    drop = level - 1 if path.endswith("__init__.py") else level
    kept = parts[: len(parts) - drop] if drop else parts
    return ".".join([*kept, rest] if rest else kept)


def _has_default(call: tuple[Ref, tuple[tuple[str, Ref], ...], tuple[Ref, ...]]) -> bool:
    """`Field(...)` alone is required; `Field(1)`, `Field(default=None)` and `field(default_factory=list)` are not."""
    names = {name for name, _ in call[1]}
    return bool(names & {"default", "default_factory"}) or (bool(call[2]) and call[2][0] != "ellipsis:")


def is_function(scope: Scope) -> bool:
    return scope.kind in ("function", "lambda")
