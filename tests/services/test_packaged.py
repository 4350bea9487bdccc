"""What code declares as packaged, read from facts."""

from __future__ import annotations

import pytest

from readiness.extract import extract
from readiness.services.packaged import role_table, setup_scripts
from readiness.types.tree import Source

TABLE = b"def launch_api(): pass\ndef launch_engine(): pass\n\nOPTIONS = {\n    'api': launch_api,\n    'engine': launch_engine,\n}\n"
SETUP = b"from setuptools import setup\nsetup(\n    entry_points={'console_scripts': ['it = a.b:main', 'no'], 'x.plugins': ['p = a:b']},\n)\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (TABLE, (("api", 4, "launch_api"), ("engine", 4, "launch_engine"))),
        (TABLE.replace(b"launch_", b"add_"), ()),
        (b"X = {'a': 1, 'b': 2}\n", ()),
    ],
)
def test_a_table_of_starters_gives_roles(source: bytes, expected: tuple[tuple[str, int, str], ...]) -> None:
    assert role_table(extract(source)) == expected


def test_setup_py_is_read_and_never_run() -> None:
    source = Source("s/setup.py", "setup", "setup", "s", False, 1, 0, 0)
    rows = setup_scripts((source,), {"setup": extract(SETUP)})
    assert [(row.name, row.argv, row.path, row.line) for row in rows] == [("it", ("a.b:main",), "s/setup.py", 2)]
