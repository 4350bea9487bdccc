"""The JSON document fits its schema and comes back as it was."""

from __future__ import annotations

import json

import jsonschema
import pytest
from msgspec.structs import replace

from readiness.report.json import ReportError, read_json, render_json, schema
from readiness.types.report import Report

from . import example


@pytest.mark.parametrize("make", [example.report, example.without_python, example.library])
def test_document_fits_the_schema(make: object) -> None:
    assert callable(make)
    law = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(law)
    jsonschema.Draft202012Validator(law).validate(json.loads(render_json(make())))


def test_schema_refuses_a_wrong_document() -> None:
    document = json.loads(render_json(example.report()))
    document["services"][0]["rank"] = "first"
    assert not jsonschema.Draft202012Validator(json.loads(schema())).is_valid(document)


def test_round_trip_keeps_everything_but_digits_past_the_fourth() -> None:
    once = render_json(example.report())
    assert read_json(once).services[0] == example.edge()
    assert render_json(read_json(once)) == once


def test_keys_stand_in_the_order_of_the_records() -> None:
    document = json.loads(render_json(example.report()))
    assert list(document) == list(Report.__struct_fields__)
    assert list(document["functions"][0])[:6] == ["module", "qualname", "path", "line", "end_line", "async"]
    assert document["services"][0]["dependencies"][0]["import"] == "httpx"


def test_floats_have_four_places_and_unknown_is_null() -> None:
    document = json.loads(render_json(example.report()))
    assert document["run"]["seconds"] == 12.3457
    assert document["modules"][0]["coupling"]["betweenness"] == 0.1235
    assert document["services"][3]["score"] is None
    assert document["calls"] is None


def test_a_name_that_is_no_unicode_is_written_and_read() -> None:
    whole = example.report()
    data = render_json(replace(whole, repository=replace(whole.repository, name="shop\udcff")))
    assert read_json(data).repository.name == "shop\\udcff"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "not a JSON report"),
        (b"[]", "not a JSON report"),
        (b"\xff\xfe", "not a JSON report"),
        (b"{}", "schema None"),
        (b'{"schema": "readiness/0"}', "reads 'readiness/1': scan again"),
        (b'{"schema": "readiness/1", "goal": "\xe0"}', "not a valid readiness/1 report"),
        (b'{"schema": ' + b"[" * 5_000, "not a JSON report"),
        (b'{"schema": "readiness/1", "x": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", "not a "),
        (b'{"schema": "readiness/1"}', "missing required field `goal`"),
    ],
)
def test_what_is_no_report_is_one_error_that_says_so(data: bytes, words: str) -> None:
    with pytest.raises(ReportError, match=words.replace("'", ".").replace("`", ".")):
        read_json(data)
