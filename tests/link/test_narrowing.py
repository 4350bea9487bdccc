"""What a name is at a call: what module code leaves behind, None, and tests that leave."""

from __future__ import annotations

import pytest

from tests.programs import calls, program_of


def test_functions_see_what_module_code_leaves_behind_and_nothing_is_called_on_none() -> None:
    program = program_of(
        {
            "a.py": """
            import requests
            import io

            client = requests.Session()
            client = io.BytesIO()

            try:
                other = requests.Session()
            except OSError:
                other = None

            late = None

            def start():
                global late
                late = requests.Session()

            def run(file: requests.Session | None):
                client.get("a")
                other.get("b")
                late.get("c")
                if file is None:
                    file.get("d")
                file.get("e")
            """
        }
    )

    found = {(callee, line) for caller, callee, line, _ in calls(program) if caller == "a:run"}
    assert {line for callee, line in found if callee == "requests.Session.get"} == {21, 22, 25}


def test_what_follows_a_test_that_leaves_knows_its_outcome() -> None:
    program = program_of(
        {
            "a.py": """
            import requests
            import httpx

            def run(client: requests.Session | httpx.Client, other):
                if isinstance(client, httpx.Client):
                    client.get("a")
                    return
                client.get("b")
                if not isinstance(other, (requests.Session, httpx.Client)):
                    raise TypeError
                other.post("c")
            """
        }
    )

    found = sorted((line, callee) for caller, callee, line, _ in calls(program) if callee.endswith((".get", ".post")))
    assert found == [
        (7, "httpx.Client.get"),
        (9, "requests.Session.get"),
        (12, "httpx.Client.post"),
        (12, "requests.Session.post"),
    ]


BOX = """
import json
class Box:
    def __iter__(self):
        return iter(open("x"))
class Rows(list):
    def __iter__(self):
        return iter(open("x"))
"""


@pytest.mark.parametrize(
    ("test", "is_read"),
    [
        ("isinstance(value, list)", False),
        ("isinstance(value, (set, tuple, dict))", False),
        ("isinstance(value, (list, Box))", True),
        ("isinstance(value, value.kinds)", True),
        ("value", True),
    ],
)
def test_what_is_tested_to_be_a_container_is_no_other_object(test: str, is_read: bool) -> None:
    body = f"{BOX}def f(value):\n    if {test}:\n        for each in value:\n            pass\ndef g():\n    f(Box())\n    f([1])\n"
    program = program_of({"a.py": body})
    effects = {f.qualname: program.effects[n].reachable for n, f in enumerate(program.functions)}
    assert bool(effects["f"]) == is_read


def test_a_class_below_a_container_and_elements_outlive_the_test_for_one() -> None:
    body = f"""{BOX}
def f(value):
    if isinstance(value, list):
        for each in value:
            each.read()
def g():
    f(Rows())
def h(values):
    if isinstance(values, (list, tuple)):
        for each in values:
            each.read()
def i():
    h([open("y")])
"""
    program = program_of({"a.py": body})
    effects = {f.qualname: program.effects[n].reachable for n, f in enumerate(program.functions)}
    assert effects["f"] == ("filesystem",) and effects["h"] == ("filesystem",)
