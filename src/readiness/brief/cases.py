"""ServiceContract -> one case file per operation for the characterisation runner. Values that the code does not say are TODO."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from readiness.types.brief import FORM, Operation, Schema, ServiceContract, Shape

# Headers without which a handler that reads them answers only that nobody is known; `.get` does not make them optional.
CREDENTIALS = frozenset({"authorization", "x-api-key"})
SAMPLES: Mapping[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "null": None}


def cases(contract: ServiceContract) -> Mapping[str, str]:
    """`characterisation/cases/<operation>.json` -> text. A plain GET without parameters is ready to record as it is."""
    schemas = {s.name: s for s in contract.schemas}
    rows: dict[str, str] = {}
    for operation in contract.operations:
        name = re.sub(r"[^\w.-]+", "_", f"{operation.method}_{operation.route.strip('/') or 'root'}")[:100]
        text = json.dumps(case(operation, schemas), indent=2, ensure_ascii=False)
        rows[f"characterisation/cases/{name}.json"] = text + "\n"
    return rows


def case(operation: Operation, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    chosen: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in operation.parameters:
        if parameter.is_required or parameter.name.lower() in CREDENTIALS:
            chosen[parameter.place][parameter.name] = SAMPLES.get(parameter.shape.kind, f"TODO {parameter.shape.kind}")
    body = None if operation.body is None else sample(operation.body, schemas, 6)
    return {
        "source": f"{operation.path}:{operation.line}",
        "request": {
            "method": operation.method.upper(),
            "route": operation.route,
            "path": chosen["path"],
            "query": chosen["query"],
            "headers": {**chosen["header"], **cookies(chosen["cookie"])},
            "body": body,
            **({"form": True} if operation.body is not None and operation.body.note == FORM else {}),
        },
        "ignore": [],
        "answer": None,
    }


def cookies(chosen: Mapping[str, Any]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in chosen.items())} if chosen else {}


def sample(shape: Shape, schemas: Mapping[str, Schema], depth: int) -> Any:
    """A value of a shape with TODO where a person has to choose; required fields only."""
    if depth == 0:
        return f"TODO {shape.kind}"
    if shape.kind == "named" and shape.name in schemas:
        return {f.name: sample(f.shape, schemas, depth - 1) for f in schemas[shape.name].fields if f.is_required}
    if shape.kind == "object":
        return {f.name: sample(f.shape, schemas, depth - 1) for f in shape.fields if f.is_required} or {
            "TODO": "TODO body"
        }
    if shape.kind == "array":
        return [sample(shape.item, schemas, depth - 1)] if shape.item else ["TODO"]
    return SAMPLES.get(shape.kind, f"TODO {shape.note or shape.kind}")
