"""Texts of a repository -> what it says that it needs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.declared import by_distribution, read_declared
from readiness.extract import extract
from readiness.types.tree import Source, Text

REQUIREMENTS = """# what runs
-r base.txt
requests==2.31.0 --hash=sha256:00 \\
    --hash=sha256:11
Flask_Cors[extra]>=3 ; python_version > "3.8"  # why
git+https://example.org/x.git@main#egg=my.tool
https://example.org/y.whl
name @ https://example.org/z.whl
./local
--index-url https://example.org
"""
PYPROJECT = """
[project]
dependencies = ["httpx>=0.27,<1", "celery[redis] == 5.4.0"]
[project.optional-dependencies]
pg = ["psycopg"]
[dependency-groups]
dev = ["pytest>=8", {include-group = "x"}]
main = ["redis"]
[tool.poetry.dependencies]
python = "^3.11"
boto3 = "^1.34"
PyYAML = {version = "6.0.1", extras = ["x"]}
[tool.poetry.group.test.dependencies]
mypy = "*"
"""
UV_LOCK = """version = 1
[[package]]
name = "Anyio"
version = "4.3.0"
source = { registry = "x" }
dependencies = [
    { name = "idna" },
]

[[package.metadata]]
name = "no"
version = "0"
"""
CONDA = """name: x
channels:
  - conda-forge
dependencies:
  - python=3.11
  - numpy=1.26.4=py311
  - conda-forge::pandas>=2
  - pip:
      - fastapi==0.110.0
  - scipy
"""


def rows(path: str, text: str) -> list[tuple[str, str, str | None, str, int]]:
    found = read_declared([Text(path, text)], [], {})
    assert all(row.path == path for row in found)
    return [(row.distribution, row.wanted, row.version, row.kind, row.line) for row in found]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("requirements.txt", REQUIREMENTS, [
            ("requests", "==2.31.0", "2.31.0", "run", 3), ("flask-cors", ">=3", None, "run", 5),
            ("my-tool", "", None, "run", 6), ("name", "", None, "run", 8)]),
        ("requirements/dev.txt", "pytest==8.1\n", [("pytest", "==8.1", "8.1", "development", 1)]),
        ("a/test-requirements.txt", "mock\n", [("mock", "", None, "development", 1)]),
        ("svc/requirements.txt", "mock == 1.* \n", [("mock", "== 1.*", None, "run", 1)]),
        ("pyproject.toml", PYPROJECT, [
            ("celery", "== 5.4.0", "5.4.0", "run", 3), ("httpx", ">=0.27,<1", None, "run", 3),
            ("psycopg", "", None, "extra", 5), ("pytest", ">=8", None, "development", 7),
            ("redis", "", None, "run", 8), ("boto3", "^1.34", None, "run", 11),
            ("pyyaml", "==6.0.1", "6.0.1", "run", 12), ("mypy", "", None, "development", 14)]),
        ("Pipfile", '[packages]\ndjango = "==4.2"\n[dev-packages]\nblack = "*"\n', [
            ("django", "==4.2", "4.2", "run", 2), ("black", "", None, "development", 4)]),
        ("setup.cfg", "[options]\ninstall_requires =\n  click>=8\n[options.extras_require]\nx =\n  rich\n", [
            ("click", ">=8", None, "run", 3), ("rich", "", None, "extra", 6)]),
        ("uv.lock", UV_LOCK, [("anyio", "==4.3.0", "4.3.0", "lock", 4)]),
        ("Pipfile.lock", '{"default": {"Jinja2": {"version": "==3.1.3"}, "x": {"git": "y"}}}', [
            ("jinja2", "==3.1.3", "3.1.3", "lock", 1)]),
        ("environment.yml", CONDA, [
            ("numpy", "==1.26.4", "1.26.4", "run", 6), ("pandas", ">=2", None, "run", 7),
            ("fastapi", "==0.110.0", "0.110.0", "run", 9), ("scipy", "", None, "run", 10)]),
        ("pyproject.toml", "[project\n", []),
        ("Pipfile.lock", "[1", []),
        ("notes.txt", "requests==1\n", []),
    ],
)  # fmt: skip
def test_what_each_kind_of_file_names(
    path: str, text: str, expected: list[tuple[str, str, str | None, str, int]]
) -> None:
    assert rows(path, text) == expected


def test_setup_py_is_read_from_its_facts_and_never_run() -> None:
    code = (
        "from setuptools import setup\nBASE = ['requests>=2', 'boom; marker']\n"
        "setup(name='x', install_requires=BASE + ['six==1.16.0'], extras_require={'a': ['redis']})\n"
        "raise SystemExit\n"
    )
    source = Source("a/setup.py", "setup", "setup", "a", False, len(code), 0, 0)
    found = read_declared([], [source], {source.path: extract(code.encode())})
    assert [(row.distribution, row.version, row.kind, row.line) for row in found] == [
        ("boom", None, "run", 3), ("redis", None, "extra", 3), ("requests", None, "run", 3),
        ("six", "1.16.0", "run", 3),
    ]  # fmt: skip


def test_a_version_is_told_where_all_files_agree() -> None:
    texts = [
        Text("a/requirements.txt", "redis>=4\nhttpx==0.27.0\n"),
        Text("a/uv.lock", '[[package]]\nname = "redis"\nversion = "5.0.1"\n'),
        Text("b/requirements.txt", "httpx==0.26.0\n"),
    ]
    found = by_distribution(read_declared(texts, [], {}))
    assert {name: (row.version, row.path, row.line) for name, row in found.items()} == {
        "httpx": (None, "a/requirements.txt", 2),
        "redis": ("5.0.1", "a/requirements.txt", 1),
    }


NAMES = ["requirements.txt", "pyproject.toml", "Pipfile", "setup.cfg", "poetry.lock", "Pipfile.lock", "environment.yml"]


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(NAMES), st.text(st.sampled_from("[]{}=\"'\\\n -:;@#,.<>abz01*"), max_size=60))
def test_no_text_breaks_a_reader(name: str, text: str) -> None:
    for row in read_declared([Text(name, text)], [], {}):
        assert row.distribution == row.distribution.lower() and row.line >= 1
