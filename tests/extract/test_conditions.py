"""Tests of constants and of the platform are kept with the branch that they decide."""

from __future__ import annotations

import pytest

from readiness.extract import extract


@pytest.mark.parametrize(
    ("test", "then", "other"),
    [
        ("True", ("True", True), ("True", False)),
        ("not IS_SYNC", ("IS_SYNC", False), ("IS_SYNC", True)),
        ('sys.platform == "win32"', ("windows", True), ("windows", False)),
        ('os.name != "nt"', ("windows", False), ("windows", True)),
        ('platform.system() == "Windows"', ("windows", True), ("windows", False)),
        ('sys.platform.startswith("win")', ("windows", True), ("windows", False)),
    ],
)
def test_both_arms_say_what_they_need(test: str, then: tuple[str, bool], other: tuple[str, bool]) -> None:
    facts = extract(f"if {test}:\n    a()\nelse:\n    b()\n".encode())
    assert facts.conditions == ((0, *then), (1, *other))


@pytest.mark.parametrize("test", ["is_sync", "IS_SYNC and x", 'sys.platform == "linux"', 'name == "nt"', "X > 1"])
def test_other_tests_say_nothing(test: str) -> None:
    assert extract(f"if {test}:\n    a()\nelse:\n    b()\n".encode()).conditions == ()
