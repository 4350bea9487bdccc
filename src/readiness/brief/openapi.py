"""ServiceContract -> the text of openapi.yaml (OpenAPI 3.0.3). Unknown types are marked with `x-todo`, never guessed."""

from __future__ import annotations

from typing import Any

import yaml

from readiness.types.brief import FORM, Answer, Field, Operation, Parameter, ServiceContract, Shape

FORMATS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"}, "integer": {"type": "integer"}, "number": {"type": "number"}, "boolean": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"}, "date": {"type": "string", "format": "date"},
    "uuid": {"type": "string", "format": "uuid"}, "bytes": {"type": "string", "format": "binary"},
    "decimal": {"type": "string", "format": "decimal"}, "null": {"nullable": True}, "any": {},
}  # fmt: skip
REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required",
           403: "Forbidden", 404: "Not Found", 409: "Conflict", 422: "Unprocessable Entity", 429: "Too Many Requests", 503: "Service Unavailable"}  # fmt: skip
FORM_MEDIA = "application/x-www-form-urlencoded"


def openapi(name: str, contract: ServiceContract) -> str:
    """The document as YAML. `x-source` of every operation and schema is the Python line that it was read from."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in contract.operations:
        paths.setdefault(operation.route, {})[operation.method] = operation_object(operation)
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {
            "title": name,
            "version": "0.0.0",
            "description": "Read from the Python source by readiness; x-todo marks what it does not say.",
        },
        "paths": paths,
    }
    if contract.schemas:
        document["components"] = {
            "schemas": {s.name: {**object_of(s.fields), "x-source": f"{s.path}:{s.line}"} for s in contract.schemas}
        }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def operation_object(operation: Operation) -> dict[str, Any]:
    row: dict[str, Any] = {"operationId": operation.id, "x-source": f"{operation.path}:{operation.line}"}
    if not operation.is_method_known:
        row["x-todo"] = "the code does not say which methods this route takes"
    if operation.parameters:
        row["parameters"] = [parameter_object(p) for p in operation.parameters]
    if operation.body is not None:
        row["requestBody"] = {
            "required": True,
            "content": {
                FORM_MEDIA if operation.body.note == FORM else "application/json": {"schema": schema_of(operation.body)}
            },
        }
    row["responses"] = {
        str(answer.status): {
            "description": REASONS.get(answer.status, "Error" if answer.status >= 400 else "OK"),
            **({} if answer.status == 204 else {"content": {media_of(answer): {"schema": schema_of(answer.shape)}}}),
        }
        for answer in operation.answers
    } or {"default": {"description": "TODO: the handler was not found in the source"}}
    return row


def media_of(answer: Answer) -> str:
    return "text/html" if answer.is_text else "application/json"


def parameter_object(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.is_required or parameter.place == "path",
        "schema": schema_of(parameter.shape),
    }


def object_of(fields: tuple[Field, ...]) -> dict[str, Any]:
    row: dict[str, Any] = {"type": "object"}
    if fields:
        row["properties"] = {f.name: schema_of(f.shape) for f in fields}
    required = [f.name for f in fields if f.is_required]
    return {**row, "required": required} if required else row


def schema_of(shape: Shape) -> dict[str, Any]:
    """One shape as a schema; a nullable reference is wrapped, since siblings of `$ref` do not count in 3.0."""
    row: dict[str, Any]
    if shape.kind == "named":
        row = {"$ref": f"#/components/schemas/{shape.name}"}
        return {"allOf": [row], "nullable": True} if shape.is_nullable else row
    if shape.kind == "array":
        row = {"type": "array", "items": schema_of(shape.item) if shape.item else {}}
    elif shape.kind == "map":
        row = {"type": "object", "additionalProperties": schema_of(shape.item) if shape.item else {}}
    elif shape.kind == "object":
        row = object_of(shape.fields)
    elif shape.kind == "unknown":
        row = {"x-todo": f"type not told by the code: {shape.note}" if shape.note else "type not told by the code"}
    else:
        row = dict(FORMATS[shape.kind])
    return {**row, "nullable": True} if shape.is_nullable and "type" in row else row
