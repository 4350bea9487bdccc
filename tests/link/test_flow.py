"""What a name can hold where: order, branches, loops, tests of its type, fields within a method."""

from __future__ import annotations

from tests.programs import calls, program_of

CLASSES = """
class A:
    def m(self): pass
class B:
    def m(self): pass
"""


def callees(text: str, line: int) -> set[str]:
    """What the call on this line of a.py goes to; line 1 is the first one behind the two classes."""
    program = program_of({"a.py": CLASSES + text})
    return {callee for _, callee, at, _ in calls(program) if at == line + 5}


def test_a_later_binding_replaces_an_earlier_one() -> None:
    text = "def f():\n    x = A()\n    x.m()\n    x = B()\n    x.m()\n"

    assert callees(text, 3) == {"a:A.m"}
    assert callees(text, 5) == {"a:B.m"}


def test_bindings_of_both_arms_reach_the_place_behind_them_and_none_reaches_the_other() -> None:
    text = (
        "def f(c):\n    if c:\n        x = A()\n        x.m()\n    else:\n        x = B()\n        x.m()\n    x.m()\n"
    )

    assert callees(text, 4) == {"a:A.m"}
    assert callees(text, 7) == {"a:B.m"}
    assert callees(text, 8) == {"a:A.m", "a:B.m"}


def test_what_a_loop_binds_behind_a_place_reaches_it_on_the_next_round() -> None:
    text = "def f(rows):\n    x = A()\n    for row in rows:\n        x.m()\n        x = B()\n"

    assert callees(text, 4) == {"a:A.m", "a:B.m"}


def test_what_try_began_may_hold_in_its_handler() -> None:
    text = "def f():\n    x = A()\n    try:\n        x = B()\n    except ValueError:\n        x.m()\n"

    assert callees(text, 6) == {"a:A.m", "a:B.m"}


def test_isinstance_keeps_the_type_in_its_arm_only() -> None:
    text = "def f(x: A | B):\n    if isinstance(x, A):\n        x.m()\n    x.m()\n"

    assert callees(text, 3) == {"a:A.m"}
    assert callees(text, 4) == {"a:A.m", "a:B.m"}


def test_isinstance_on_a_name_of_an_outer_function_binds_nothing() -> None:
    text = "def f(x: A):\n    def g():\n        if isinstance(x, B):\n            pass\n        x.m()\n    g()\n"

    assert callees(text, 5) == {"a:A.m"}


def test_a_field_set_in_the_same_method_is_what_it_holds_there() -> None:
    text = (
        "class C:\n    def __init__(self):\n        self.x = A()\n    def f(self):\n        self.x = B()\n"
        "        self.x.m()\n    def g(self):\n        self.x.m()\n"
    )

    assert callees(text, 6) == {"a:B.m"}
    assert callees(text, 8) == {"a:A.m", "a:B.m"}


def test_a_field_that_only_a_class_below_sets_is_found_through_its_base() -> None:
    text = "class Base:\n    def f(self):\n        self.x.m()\nclass Low(Base):\n    def __init__(self):\n        self.x = A()\n"

    assert callees(text, 3) == {"a:A.m"}


def test_a_mixin_sees_what_the_classes_that_mix_it_in_have() -> None:
    text = (
        "class Mixin:\n    def f(self):\n        self.x.m()\nclass Store:\n    def __init__(self):\n        self.x = A()\n"
        "class Both(Mixin, Store):\n    pass\n"
    )

    assert callees(text, 3) == {"a:A.m"}


def test_what_is_put_into_a_container_comes_out_of_it() -> None:
    text = (
        "class C:\n    def __init__(self):\n        self.rows = []\n        self.named = {}\n"
        "    def add(self):\n        self.rows.append(A())\n        self.named['b'] = B()\n"
        "    def f(self):\n        for row in self.rows:\n            row.m()\n        self.named['b'].m()\n"
    )

    assert callees(text, 10) == {"a:A.m"}
    assert callees(text, 11) == {"a:B.m"}


def test_a_dispatch_table_and_a_prefix_lead_to_the_methods() -> None:
    text = (
        "class C:\n    def on_get(self): pass\n    def on_put(self): pass\n    def off(self): pass\n"
        "    def f(self, name):\n        getattr(self, 'on_' + name)()\n        {'get': self.on_get}[name]()\n"
    )

    assert {"a:C.on_get", "a:C.on_put"} <= callees(text, 6)
    assert "a:C.off" not in callees(text, 6)
    assert callees(text, 7) == {"a:C.on_get"}


def test_a_method_that_gives_self_keeps_the_class_of_its_receiver() -> None:
    text = (
        "class Base:\n    def __enter__(self):\n        return self\n    def __exit__(self, *why): pass\n"
        "class Low(Base):\n    def low(self): pass\ndef f():\n    with Low() as low:\n        low.low()\n"
    )

    assert callees(text, 9) == {"a:Low.low"}


def test_an_abstract_method_gives_what_the_classes_below_give() -> None:
    text = (
        "class Base:\n    def make(self):\n        raise NotImplementedError\n    def f(self):\n        self.make().m()\n"
        "class Low(Base):\n    def make(self):\n        return A()\n"
    )

    assert "a:A.m" in callees(text, 5)


def test_a_protocol_stands_for_the_classes_that_have_its_methods() -> None:
    text = (
        "from typing import Protocol\nclass Like(Protocol):\n    def m(self): ...\n    def n(self): ...\n"
        "class Real:\n    def m(self): pass\n    def n(self): pass\ndef f(x: Like):\n    x.n()\n"
    )

    assert "a:Real.n" in callees(text, 9)


def test_of_exactly_one_class_no_method_below_is_called() -> None:
    text = "class Low(A):\n    def m(self): pass\ndef f(given: A):\n    A().m()\n    given.m()\n"

    assert callees(text, 4) == {"a:A.m"}
    assert callees(text, 5) == {"a:A.m", "a:Low.m"}


def test_fields_of_a_dataclass_hold_what_its_makers_hand_over() -> None:
    text = (
        "from dataclasses import dataclass\nfrom typing import Any\n@dataclass\nclass Box:\n    thing: Any\n"
        "    other: Any = None\ndef f():\n    Box(A(), other=B())\ndef g(box: Box):\n    box.thing.m()\n    box.other.m()\n"
    )

    assert "a:A.m" in callees(text, 10)
    assert callees(text, 11) >= {"a:B.m"}


def test_what_tests_put_in_is_no_type_of_the_program() -> None:
    program = program_of(
        {
            "a.py": "def f(x):\n    x.m()\n",
            "tests/test_a.py": "from a import f\nclass Fake:\n    def m(self): pass\ndef test():\n    f(Fake())\n",
        }
    )

    assert not [row for row in calls(program) if row[0] == "a:f"]
