"""Which I/O a function reaches, over which lines."""

from __future__ import annotations

from tests.programs import program_of, reached


def test_blocking_call_is_seen_through_two_helpers_with_a_line_per_hop() -> None:
    program = program_of(
        {
            "helpers.py": "import requests\ndef fetch(u):\n    return requests.get(u)\ndef load(u):\n    return fetch(u)\n",
            "api.py": "from helpers import load\nasync def handler(u):\n    return load(u)\n",
        }
    )

    assert reached(program, "api:handler") == {("network", "blocking"): [3, 5, 3]}


def test_session_field_is_known_as_a_client() -> None:
    program = program_of(
        {
            "a.py": """
            import requests
            class Api:
                def __init__(self):
                    self.session = requests.Session()
                def get(self, url):
                    return self.session.get(url)
            """
        }
    )

    assert reached(program, "a:Api.get") == {("network", "blocking"): [7]}


def test_work_handed_to_a_thread_does_not_block_the_loop() -> None:
    program = program_of(
        {"a.py": "import asyncio, requests\nasync def f(u):\n    await asyncio.to_thread(requests.get, u)\n"}
    )

    assert set(reached(program, "a:f")) == {("network", "async")}


def test_clean_function_reaches_nothing() -> None:
    program = program_of({"a.py": "def f(d):\n    return d.get('x')\n\ndef g():\n    return {}.get(1)\n"})

    assert reached(program, "a:f") == {}
    assert reached(program, "a:g") == {}


def test_open_file_object_is_known_in_a_with_block() -> None:
    program = program_of({"a.py": "def f(p):\n    with open(p) as h:\n        return h.read()\n"})

    assert ("filesystem", "blocking") in reached(program, "a:f")
