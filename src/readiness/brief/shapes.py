"""References of a file -> Shapes: what an annotation or a class looks like on the wire. Names are resolved by link; guesses nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from readiness.link.classes import ancestors
from readiness.link.resolver import Resolver
from readiness.link.values import Value, Values
from readiness.types.brief import Field, Schema, Shape
from readiness.types.facts import SEP, Binding, Call, Facts, Ref, Scope

DEPTH = 8  # nested values that are followed from one place
UNKNOWN = Shape("unknown")
PLAIN = {
    "builtins.str": "string", "builtins.int": "integer", "builtins.float": "number", "builtins.bool": "boolean",
    "builtins.bytes": "bytes", "builtins.object": "any", "typing.Any": "any", "datetime.datetime": "datetime",
    "datetime.date": "date", "uuid.UUID": "uuid", "decimal.Decimal": "decimal", "pathlib.Path": "string",
    "pydantic.EmailStr": "string", "pydantic.HttpUrl": "string", "pydantic.AnyUrl": "string", "pydantic.AnyHttpUrl": "string",
    "pydantic.SecretStr": "string", "pydantic.StrictStr": "string", "pydantic.StrictBool": "boolean",
    "pydantic.StrictInt": "integer", "pydantic.PositiveInt": "integer", "pydantic.NonNegativeInt": "integer",
    "pydantic.PositiveFloat": "number",
}  # fmt: skip
TYPING = frozenset({"builtins", "typing", "typing_extensions", "collections.abc"})
ARRAYS = frozenset({"list", "List", "Sequence", "Iterable", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple"})
MAPS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
TRANSPARENT = frozenset({"Annotated", "Final", "Required", "NotRequired", "Awaitable"})
SERIALIZER_FIELDS = {
    "String": "string", "Str": "string", "CharField": "string", "EmailField": "string", "SlugField": "string",
    "URLField": "string", "Email": "string", "Url": "string", "URL": "string", "Integer": "integer", "Int": "integer",
    "IntegerField": "integer", "Float": "number", "FloatField": "number", "Number": "number", "Boolean": "boolean",
    "Bool": "boolean", "BooleanField": "boolean", "DateTime": "datetime", "DateTimeField": "datetime", "Date": "date",
    "DateField": "date", "UUID": "uuid", "UUIDField": "uuid", "Decimal": "decimal", "DecimalField": "decimal",
    "Dict": "any", "DictField": "any", "JSONField": "any", "Raw": "any",
}  # fmt: skip
MODELS = {
    "pydantic.BaseModel": "pydantic", "sqlmodel.SQLModel": "pydantic", "msgspec.Struct": "pydantic",
    "typing.TypedDict": "typed-dict", "typing_extensions.TypedDict": "typed-dict", "typing.NamedTuple": "typed-dict",
    "marshmallow.Schema": "marshmallow", "rest_framework.serializers.Serializer": "serializer",
    "rest_framework.serializers.ModelSerializer": "serializer",
}  # fmt: skip
DATACLASSES = frozenset(
    {"dataclasses.dataclass", "pydantic.dataclasses.dataclass", "attr.s", "attrs.define", "attrs.frozen"}
)
ENUMS = {
    "enum.Enum": "string", "enum.StrEnum": "string", "enum.IntEnum": "integer", "enum.IntFlag": "integer",
    "django.db.models.TextChoices": "string", "django.db.models.IntegerChoices": "integer",
}  # fmt: skip
FIELD_MAKERS = frozenset({"pydantic.Field", "sqlmodel.Field", "dataclasses.field", "msgspec.field", "attrs.field"})
WEB = frozenset(
    {
        "fastapi",
        "starlette",
        "flask",
        "quart",
        "aiohttp",
        "django",
        "rest_framework",
        "sanic",
        "litestar",
        "falcon",
        "werkzeug",
    }
)
Class = tuple[str, int]  # module, scope number


class Shapes:
    """Holds the classes that were met, so that each becomes one schema."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.facts: Mapping[str, Facts] = {name: space.facts for name, space in resolver.spaces.items()}
        self.schemas: dict[Class, Schema] = {}

    def annotation(self, module: str, scope: int, ref: Ref, depth: int = DEPTH) -> Shape:
        """The shape of an annotation; unknown where it names nothing that is known."""
        if not ref or depth == 0:
            return UNKNOWN
        if ref == "none:":
            return Shape("null")
        if ref.startswith("expr:") and SEP not in ref:
            return self._generic(module, scope, int(ref[5:]), depth)
        return self._of(self.resolver.evaluate(module, scope, ref), depth)

    def _generic(self, module: str, scope: int, number: int, depth: int) -> Shape:
        expr = self.facts[module].exprs[number]
        if expr.kind == "union":
            return union([self.annotation(module, scope, item, depth - 1) for item in expr.items])
        if expr.kind != "subscript" or not expr.items:
            return UNKNOWN
        head, *rest = expr.items
        name = self.outside_in(module, scope, head, TYPING)
        inner = [self.annotation(module, scope, item, depth - 1) for item in rest]
        if name in ("Union", "Optional"):
            return union([*inner, *([Shape("null")] if name == "Optional" else [])])
        if name == "Literal":
            return Shape("string") if all(item.startswith("str:") for item in rest) else UNKNOWN
        if name in ARRAYS:
            return Shape("array", item=inner[0] if inner else UNKNOWN)
        if name in MAPS:
            return Shape("map", item=inner[-1] if inner else UNKNOWN)
        return inner[0] if inner and name in TRANSPARENT else UNKNOWN

    def _of(self, values: Values, depth: int) -> Shape:
        """What the values of an annotation stand for; notes that a type carries do not count."""
        shapes = [self._of_one(value, depth - 1) for value in values if value[:2] != ("A", "Q")] if depth else []
        return union(shapes) if shapes else UNKNOWN

    def _of_one(self, value: Value, depth: int) -> Shape:
        if value[0] == "C":
            return self._class_shape((value[1], value[2]), depth)
        if value[0] == "A" and value[1] in ("L", "D"):
            return Shape("array" if value[1] == "L" else "map", item=self._of(value[2], depth))
        if value[0] != "X":
            return UNKNOWN
        owner, _, last = str(value[1]).rpartition(".")
        if owner in TYPING and last in ARRAYS | MAPS:
            return Shape("array" if last in ARRAYS else "map", item=UNKNOWN)
        return Shape(PLAIN[value[1]]) if value[1] in PLAIN else Shape("unknown", note=last)

    def _class_shape(self, found: Class, depth: int) -> Shape:
        schema = self.schema(found, depth)
        if schema is not None:
            return Shape("named", name=schema.name)
        outside = self._outside_bases(found)
        kind = next((ENUMS[name] for name in outside if name in ENUMS), None)
        if kind is not None:
            return Shape("integer" if "builtins.int" in outside else kind)
        return Shape("unknown", note=self.facts[found[0]].scopes[found[1]].qualname)

    def _outside_bases(self, found: Class) -> tuple[str, ...]:
        return tuple(str(base[1]) for base in ancestors(self.resolver, *found) if base[0] == "X")

    def schema(self, found: Class, depth: int = DEPTH) -> Schema | None:
        """The schema of a class that describes a body (pydantic, dataclass, TypedDict, marshmallow, a REST serializer), else None."""
        if found in self.schemas:
            return self.schemas[found]
        module, number = found
        scope = self.facts[module].scopes[number]
        source = self._source(found)
        if source is None or depth == 0:
            return None
        same = sum(
            plain(s.target.rpartition(".")[2].rpartition(":")[2]) == plain(scope.name) for s in self.schemas.values()
        )
        name = f"{scope.name}{same + 1}" if same else scope.name
        path = self.resolver.spaces[module].source.path
        # there before its fields are read: a class may name itself
        self.schemas[found] = Schema(name, f"{module}:{scope.qualname}", path, scope.line, source, ())
        self.schemas[found] = replace(self.schemas[found], fields=self._fields(found, source, depth))
        return self.schemas[found]

    def _source(self, found: Class) -> str | None:
        module, number = found
        scope = self.facts[module].scopes[number]
        for ref in scope.decorators:
            call = self.call(module, ref)
            if self.outside(module, scope.parent, call.callee if call else ref) in DATACLASSES:
                return "dataclass"
        return next((MODELS[name] for name in self._outside_bases(found) if name in MODELS), None)

    def _fields(self, found: Class, source: str, depth: int) -> tuple[Field, ...]:
        """Those of its bases in the program first, as Python sees them."""
        rows: dict[str, Field] = {}
        for _, module, number in (base[:3] for base in reversed(ancestors(self.resolver, *found)) if base[0] == "C"):
            facts = self.facts[module]
            for binding in facts.bindings:
                if facts.contexts[binding.context].scope != number or binding.target or binding.name.startswith("_"):
                    continue
                field = self._field(module, number, binding, source, depth)
                if field is not None:
                    rows[field.name] = field
        return tuple(rows.values())

    def _field(self, module: str, number: int, binding: Binding, source: str, depth: int) -> Field | None:
        call = self.call(module, binding.value)
        if source in ("marshmallow", "serializer"):
            return self._serialized(module, number, binding, call, source, depth) if call is not None else None
        if not binding.annotation or binding.name == "model_config":
            return None
        if self._is_class_variable(module, number, binding.annotation):
            return None
        made = self.outside(module, number, call.callee) if call is not None else ""
        has_default = bool(binding.value) and (call is None or made not in FIELD_MAKERS or _has_default(call))
        return Field(
            binding.name, self.annotation(module, number, binding.annotation, depth - 1), not has_default, binding.line
        )

    def _serialized(self, module: str, number: int, binding: Binding, call: Call, source: str, depth: int) -> Field:
        found = self.found(module, number, call.callee)
        kind = None if found else SERIALIZER_FIELDS.get(self.outside(module, number, call.callee).rpartition(".")[2])
        shape = Shape(kind) if kind else self._class_shape(found, depth - 1) if found else UNKNOWN
        required = dict(call.keywords).get("required", "bool:True" if source == "serializer" else "bool:False")
        return Field(binding.name, shape, required == "bool:True", binding.line)

    def _is_class_variable(self, module: str, number: int, ref: Ref) -> bool:
        if ref.startswith("expr:") and SEP not in ref:
            items = self.facts[module].exprs[int(ref[5:])].items
            ref = items[0] if items else ""
        return self.outside_in(module, number, ref, TYPING) == "ClassVar"

    # --- names, as link resolves them ---------------------------------------------------------------------------------

    def call(self, module: str, ref: Ref) -> Call | None:
        """The call whose result a reference is."""
        return self.facts[module].calls[int(ref[5:])] if ref.startswith("call:") and SEP not in ref else None

    def found(self, module: str, scope: int, ref: Ref) -> Class | None:
        """The class or function of the program that a reference names."""
        values = self.resolver.evaluate(module, scope, ref) if ref else ()
        return next(((v[1], v[2]) for v in values if v[0] in "CF"), None)

    def outside(self, module: str, scope: int, ref: Ref) -> str:
        """The qualified name of something outside of the program, of its type for an object; "" for anything else."""
        values = self.resolver.evaluate(module, scope, ref) if ref else ()
        return next((str(v[1]) for v in values if v[0] in "XE"), "")

    def outside_in(self, module: str, scope: int, ref: Ref, owners: Collection[str]) -> str:
        """The last part of such a name where the rest is one of `owners`, else ""."""
        owner, _, last = self.outside(module, scope, ref).rpartition(".")
        return last if owner in owners else ""

    def of_web(self, module: str, scope: int, ref: Ref) -> str:
        """The last part of a name of a web framework, else ""."""
        name = self.outside(module, scope, ref)
        return name.rpartition(".")[2] if name.partition(".")[0] in WEB else ""

    def sends_texts(self, name: str) -> bool:
        """Whether a library page says of this entry that a text which a handler returns is sent as it is."""
        known = self.resolver.catalogue.entry.get(self.resolver.catalogue.canonical(name)) if name else None
        return known is not None and known[0].texts

    def scope(self, found: Class) -> Scope:
        return self.facts[found[0]].scopes[found[1]]


def union(parts: list[Shape]) -> Shape:
    """One shape for several: equal ones fold, null makes it nullable, anything else is unknown."""
    rest = list(dict.fromkeys(p for p in parts if p.kind != "null"))
    nullable = len(rest) < len(parts)
    if len(rest) == 1:
        return replace(rest[0], is_nullable=rest[0].is_nullable or nullable)
    return Shape("null") if not rest else Shape("any", is_nullable=nullable)


def plain(name: str) -> str:
    """Letters and digits alone: what languages with other customs for names could not tell apart."""
    return "".join(char for char in name.lower() if char.isalnum())


def _has_default(call: Call) -> bool:
    """`Field(...)` alone is required; `Field(1)`, `Field(default=None)` and `field(default_factory=list)` are not."""
    names = {name for name, _ in call.keywords}
    return bool(names & {"default", "default_factory"}) or (bool(call.args) and call.args[0] != "ellipsis:")
