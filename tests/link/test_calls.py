"""Which call goes where, by name and line."""

from __future__ import annotations

from tests.programs import calls, program_of


def test_alias_reexport_and_relative_import_lead_to_the_definition() -> None:
    program = program_of(
        {
            "pkg/__init__.py": "from .impl import work as job\n",
            "pkg/impl.py": "def work():\n    pass\n",
            "main.py": "from pkg import job as j\n\ndef run():\n    j()\n",
        }
    )

    assert ("main:run", "pkg.impl:work", 4, "call") in calls(program)


def test_field_set_in_init_gives_the_method_of_its_class() -> None:
    program = program_of(
        {
            "a.py": """
            class Client:
                def get(self):
                    pass

            class Service:
                def __init__(self):
                    self.client = Client()

                def run(self):
                    self.client.get()
            """
        }
    )

    assert ("a:Service.run", "a:Client.get", 11, "call") in calls(program)


def test_annotation_of_a_parameter_gives_the_receiver() -> None:
    program = program_of(
        {
            "a.py": "class C:\n    def m(self): pass\n\ndef f(c: 'C'):\n    c.m()\n",
            "b.py": "from a import C\ndef g(c: C):\n    c.m()\n",
        }
    )

    assert ("a:f", "a:C.m", 5, "call") in calls(program)
    assert ("b:g", "a:C.m", 3, "call") in calls(program)


def test_inherited_method_and_super_follow_the_resolution_order() -> None:
    program = program_of(
        {
            "a.py": """
            class Base:
                def m(self): pass
            class Left(Base):
                def m(self):
                    super().m()
            class Both(Left, Base):
                pass
            def f():
                Both().m()
            """
        }
    )

    assert ("a:f", "a:Left.m", 10, "call") in calls(program)
    assert ("a:Left.m", "a:Base.m", 6, "call") in calls(program)


def test_thread_target_and_create_task_keep_how_the_work_is_handed_over() -> None:
    program = program_of(
        {
            "a.py": """
            import asyncio, threading
            def work(): pass
            async def job(): pass
            def start():
                threading.Thread(target=work).start()
            async def go():
                asyncio.create_task(job())
            """
        }
    )

    assert ("a:start", "a:work", 6, "thread") in calls(program)
    assert ("a:go", "a:job", 8, "task") in calls(program)


def test_override_is_reached_through_a_receiver_of_the_base_type() -> None:
    program = program_of(
        {
            "a.py": "class B:\n    def m(self): pass\nclass D(B):\n    def m(self): pass\ndef f(b: B):\n    b.m()\n",
        }
    )

    assert ("a:f", "a:D.m", 6, "override") in calls(program)


def test_function_handed_to_a_function_is_called_by_it() -> None:
    program = program_of({"a.py": "def work(): pass\ndef apply(f):\n    f()\ndef run():\n    apply(work)\n"})

    assert ("a:apply", "a:work", 3, "call") in calls(program)


def test_unresolved_calls_are_counted_with_a_reason() -> None:
    program = program_of({"a.py": "def f(x):\n    x.go()\n"})

    assert program.unresolved == 1
    assert program.unresolved_reasons == {"untyped parameter": 1}
    assert next(f for f in program.functions if f.target == "a:f").unresolved == 1


def test_quoted_annotation_with_brackets_is_read_like_a_plain_one() -> None:
    program = program_of(
        {
            "a.py": """
            from typing import Literal, Optional
            class C:
                def m(self): pass
            def f(one: "Optional[C]", many: "list[C]", mode: Literal["C"]):
                one.m()
                for each in many:
                    each.m()
                mode.m()
            """
        }
    )

    found = {(line, callee) for caller, callee, line, _ in calls(program) if caller == "a:f"}
    assert {(6, "a:C.m"), (8, "a:C.m")} <= found
    assert (9, "a:C.m") not in found


def test_alias_of_a_generic_type_is_followed() -> None:
    program = program_of(
        {
            "a.py": """
            import typing
            from typing import Union
            class C:
                def m(self): pass
            One = Union[C, None]
            Many = typing.Sequence[One]
            def f(one: One, many: Many):
                one.m()
                for each in many:
                    each.m()
            """
        }
    )

    assert {(9, "a:C.m"), (11, "a:C.m")} <= {(line, callee) for _, callee, line, _ in calls(program)}


def test_a_declared_field_and_an_attribute_set_in_the_same_function_have_their_type() -> None:
    program = program_of(
        {
            "a.py": """
            import io
            from dataclasses import dataclass

            @dataclass
            class Report:
                out: io.TextIOWrapper

                def write(self):
                    self.out.write("x")

            def run(state):
                state.log = open("log")
                state.log.read()
            """
        }
    )

    assert ("a:Report.write", "io.IOBase.write", 10, "call") in calls(program)
    assert ("a:run", "io.IOBase.read", 14, "call") in calls(program)


def test_a_raised_class_and_an_applied_decorator_are_called() -> None:
    program = program_of(
        {
            "a.py": """
            class Failure(Exception):
                def __init__(self):
                    pass
            def mark(f):
                return f
            @mark
            def work():
                raise Failure
            """
        }
    )

    assert {("a:work", "a:Failure.__init__", 9, "call"), ("a:<module>", "a:mark", 8, "call")} <= calls(program)


def test_keys_of_numbers_and_keys_that_are_set_again() -> None:
    program = program_of(
        {
            "a.py": """
            def one(): pass
            def two(): pass
            table = {1: one, "1": two, "x": one}
            table["x"] = two
            table[1]()
            table["1"]()
            table["x"]()
            first, *rest = one, two
            rest[0]()
            """
        }
    )

    found = {(line, callee) for _, callee, line, _ in calls(program)}
    assert found == {(6, "a:one"), (7, "a:two"), (8, "a:two"), (10, "a:two")}
