"""Records what the Python service answers, then replays it against whatever stands in its place.

    pip install pytest
    BASE_URL=http://127.0.0.1:8000 RECORD=1 pytest test_characterisation.py     against Python: writes the answers into cases/
    BASE_URL=http://127.0.0.1:8080 pytest test_characterisation.py              against the port: compares

A case without `request` values (TODO) is skipped, a case without a recorded answer too. Requests that write are recorded only with
RECORD_WRITES=1: run them against a copy of the data.
"""

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))
BASE = os.environ.get("BASE_URL", "").rstrip("/")
SAFE = ("GET", "HEAD", "OPTIONS")


def call(request):
    """(status, content type, body) of one request; a JSON body is compared as a value, anything else as text."""
    route = request["route"]
    for name, value in request["path"].items():
        route = route.replace("{" + name + "}", urllib.parse.quote(str(value), safe=""))
    query = urllib.parse.urlencode(request["query"], doseq=True)
    is_form, body = request.get("form"), request["body"]
    text = None if body is None else urllib.parse.urlencode(body, doseq=True) if is_form else json.dumps(body)
    kind = "application/x-www-form-urlencoded" if is_form else "application/json"
    headers = {**request["headers"], **({"Content-Type": kind} if text else {})}
    wanted = urllib.request.Request(
        f"{BASE}{route}{'?' + query if query else ''}", text and text.encode(), headers, method=request["method"]
    )
    try:
        with urllib.request.urlopen(wanted, timeout=10) as answer:
            return shown(answer.status, answer.headers.get_content_type(), answer.read())
    except urllib.error.HTTPError as answer:
        return shown(answer.code, answer.headers.get_content_type(), answer.read())


def shown(status, kind, body):
    text = body.decode("utf-8", "replace")
    return {"status": status, "type": kind, "body": json.loads(text) if kind == "application/json" and text else text}


def todo(value):
    """Whether a value still has to be chosen by a person."""
    if isinstance(value, dict):
        return any(todo(v) for v in value.values())
    return isinstance(value, str) and value.startswith("TODO")


def without(value, paths):
    """The value with volatile fields (`ignore` of the case: dotted names, `*` for every element) taken out."""
    for path in paths:
        head, _, rest = path.partition(".")
        if isinstance(value, dict):
            value = {k: without(v, [rest]) if rest and k == head else v for k, v in value.items() if rest or k != head}
        elif isinstance(value, list) and head == "*" and rest:
            value = [without(v, [rest]) for v in value]
    return value


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_case(path):
    case = json.loads(path.read_text(encoding="utf-8"))
    if not BASE:
        pytest.skip("BASE_URL is not set")
    if todo(case["request"]):
        pytest.skip("the case has a TODO in its request")
    writes = case["request"]["method"] not in SAFE
    if os.environ.get("RECORD"):
        if writes and not os.environ.get("RECORD_WRITES"):
            pytest.skip("writes; RECORD_WRITES=1 records it too")
        case["answer"] = call(case["request"])
        path.write_text(json.dumps(case, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    if case["answer"] is None:
        pytest.skip("no answer was recorded")
    ignore = case["ignore"]
    got = call(case["request"])
    assert got["status"] == case["answer"]["status"]
    assert got["type"] == case["answer"]["type"]
    assert without(got["body"], ignore) == without(case["answer"]["body"], ignore)
