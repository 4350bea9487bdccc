"""What a call gives: what was handed to it, a default."""

from __future__ import annotations

from tests.programs import calls, program_of


def test_what_a_function_gives_back_is_what_this_call_handed_over() -> None:
    program = program_of(
        {
            "a.py": """
            class One:
                def m(self): pass
            class Two:
                def m(self): pass
            def same(x, flag=False):
                return x
            def f():
                same(One()).m()
                same(x=Two()).m()
            """
        }
    )

    found = {(line, callee) for caller, callee, line, _ in calls(program) if caller == "a:f" and callee.endswith(".m")}
    assert found == {(9, "a:One.m"), (10, "a:Two.m")}


def test_the_default_of_a_lookup_is_given_where_the_key_is_missing() -> None:
    program = program_of({
        "a.py": """
            class Files:
                @classmethod
                def make(cls):
                    open("x").read()
            class App:
                def __init__(self):
                    self.settings = {}
                def url(self):
                    return self.settings.get("files", Files).make()
            """,
    })  # fmt: skip

    assert ("a:App.url", "a:Files.make", 10, "call") in calls(program)
