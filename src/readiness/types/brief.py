"""What `brief` makes of one service: its contract as shapes, operations and schemas. Types that the code does not say stay unknown."""

from __future__ import annotations

from msgspec import Struct

FORM = "form"  # the note of a body that is sent as a form


class Shape(Struct, frozen=True):
    """The form of a value on the wire.

    kind: string | integer | number | boolean | datetime | date | uuid | decimal | bytes | null | any | unknown | array | map | object | named
    """

    kind: str
    name: str = ""  # of a schema, where kind is named
    item: Shape | None = None  # of an array or a map
    fields: tuple[Field, ...] = ()  # of an object
    is_nullable: bool = False
    note: str = ""  # unknown: what the code says instead; object: FORM


class Field(Struct, frozen=True):
    name: str
    shape: Shape
    is_required: bool
    line: int


class Schema(Struct, frozen=True):
    """A class that describes a body."""

    name: str
    target: str  # module:qualname
    path: str
    line: int
    source: str  # pydantic | dataclass | typed-dict | marshmallow | serializer
    fields: tuple[Field, ...]


class Parameter(Struct, frozen=True):
    name: str
    place: str  # path | query | header | cookie
    shape: Shape
    is_required: bool
    line: int
    takes_rest: bool = False  # of a path: slashes too


class Answer(Struct, frozen=True):
    status: int
    shape: Shape
    line: int
    is_text: bool = False  # a text that is sent as it is, not as JSON


class Operation(Struct, frozen=True):
    """One route with one method."""

    id: str
    method: str  # get | post | put | patch | delete | head | options
    route: str  # with {name} for path parameters
    target: str
    path: str
    line: int
    parameters: tuple[Parameter, ...]
    body: Shape | None
    answers: tuple[Answer, ...]
    is_method_known: bool = True


class ServiceContract(Struct, frozen=True):
    operations: tuple[Operation, ...]
    schemas: tuple[Schema, ...]


class Todo(Struct, frozen=True):
    """What a person has to decide, with the line that leaves it open."""

    text: str
    path: str
    line: int
