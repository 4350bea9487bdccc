"""Calls that run the first time only: what they give is kept, and was found missing before."""

from __future__ import annotations

import pytest

from tests.programs import program_of, reached

LOADER = """
TEXT = None

class Config:
    def __init__(self):
        self.loaded = False
        self.text = None
        self.parts = {{}}

    def load(self):
        self.text = open("settings").read()
        self.loaded = True

    def part(self, name):
        return open(name).read()

    def ask(self, name):
{body}
"""

KEPT = (
    "global TEXT\nif TEXT:\n    return TEXT\nTEXT = [1]\nself.part(name)",
    "if not self.loaded:\n    self.load()",
    "if self.text is None:\n    self.load()",
    "if self.text is None or name:\n    self.text = self.part(name)",
    "if self.loaded:\n    return\nself.load()",
    "if name not in self.parts:\n    self.parts[name] = self.part(name)",
    "if name in self.parts:\n    return self.parts[name]\nfound = self.part(name)\nself.parts[name] = found",
    "if not hasattr(self, 'more'):\n    self.more = self.part(name)",
)
STEADY = (
    "self.load()",
    "if self.loaded:\n    self.load()",
    "if not name:\n    self.load()",
    "assert not self.loaded\nself.load()",
    "if not self.text:\n    self.part(name)",
    "if name not in self.parts:\n    return self.part(name)",
    "if not self.loaded:\n    self.loaded = False\n    self.part(name)",
    "parts = {}\nif name not in parts:\n    parts[name] = self.part(name)",
)


def asked(body: str) -> set[tuple[str, str]]:
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return set(reached(program_of({"a.py": LOADER.format(body=lines)}), "a:Config.ask"))


@pytest.mark.parametrize("body", KEPT)
def test_a_file_that_is_read_once_and_kept_is_no_steady_io_of_who_asks_for_it(body: str) -> None:
    assert asked(body) == set()


@pytest.mark.parametrize("body", STEADY)
def test_nothing_is_kept_where_the_test_asks_something_else(body: str) -> None:
    assert asked(body) == {("filesystem", "blocking")}


def test_a_connection_that_is_opened_once_belongs_to_whoever_uses_it() -> None:
    program = program_of(
        {
            "a.py": """
            import socket
            class Peer:
                def __init__(self):
                    self.wire = None
                def connect(self):
                    self.wire = socket.create_connection(("a", 1))
                def ask(self):
                    if self.wire is None:
                        self.connect()
            """
        }
    )

    assert set(reached(program, "a:Peer.ask")) == {("network", "blocking")}
    assert [edge.line for edge in program.calls if edge.is_first] == [10]
