"""Findings -> places to change: the text with the API and its remedy, the paths that end, the entries that are free then."""

from __future__ import annotations

import pytest

from readiness.coupling import couple
from readiness.extract import extract
from readiness.findings import find
from readiness.findings.mends import Mend, mends
from readiness.link import link
from readiness.types.config import Config
from readiness.types.tree import GitFacts, Source, Tree
from tests.findings.code import BOOK, NO_SERVICES

ROUTES = """import time
import fastapi
import requests

app = fastapi.FastAPI()


def load(url):
    return requests.get(url)


@app.get("/a")
async def one():
    return load("a")


@app.get("/b")
async def two():
    time.sleep(1){comment}
    return load("b")


@app.get("/c")
async def three(urls):
    for url in urls:
        load(url)
"""


def mended(code: str, *rules: str) -> dict[tuple[str, int], Mend]:
    source = Source("app.py", "app", "app", ".", False, len(code), 0, 0)
    facts = extract(code.encode())
    program = link(Tree("t", (source,), (), (), GitFacts()), {"app.py": facts}, BOOK)
    found = find(program, {"app": facts}, couple(program), NO_SERVICES, BOOK, Config(select=rules))
    return {(row.rule, row.line): row for row in mends(found, program.entries, program, BOOK)}


def test_one_line_in_a_helper_ends_every_path_that_leads_to_it() -> None:
    rows = mended(ROUTES.format(comment=""), "IO101")
    assert {(place, *(found.line for found in row.findings)) for place, row in rows.items()} == {
        (("IO101", 9), 14, 20, 26),
        (("IO101", 19), 19),
    }
    assert rows["IO101", 9].entries == ("app:one", "app:three", "app:two")
    assert rows["IO101", 9].freed == ("app:one", "app:three")  # two has its sleep left
    assert (rows["IO101", 19].entries, rows["IO101", 19].freed) == (("app:two",), ())
    assert (rows["IO101", 9].api, rows["IO101", 9].replacement) == ("requests.get", "httpx.AsyncClient")
    assert rows["IO101", 9].change == (
        "in load: httpx.AsyncClient instead of requests.get, awaited up to one; or await asyncio.to_thread around the call"
    )
    assert rows["IO101", 19].change.startswith("in two: asyncio.sleep instead of time.sleep")


def test_what_is_suppressed_neither_counts_nor_holds_an_entry() -> None:
    rows = mended(ROUTES.format(comment="  # readiness: ignore[IO101] a demonstration"), "IO101")
    assert {(place, row.freed) for place, row in rows.items()} == {(("IO101", 9), ("app:one", "app:three", "app:two"))}


def test_a_loop_is_mended_where_it_stands() -> None:
    (row,) = mended(ROUTES.format(comment=""), "IO102").values()
    assert (row.path, row.line, row.freed, row.days) == ("app.py", 26, ("app:three",), 1.0)
    assert [found.function for found in row.findings] == ["app:three"]
    assert row.change.startswith("take requests.get out of the loop of three")


def test_the_loops_of_one_function_are_one_change_and_cost_less_than_each_alone() -> None:
    code = (
        "import sqlite3\n\n\n"
        "def save(db: sqlite3.Connection, rows):\n"
        "    for row in rows:\n        db.execute('x', row)\n        db.execute('y', row)\n        db.execute('z', row)\n\n\n"
        "def load(db: sqlite3.Connection, keys):\n"
        "    for key in keys:\n        for found in db.execute('q', key):\n            print(found)\n"
    )
    rows = mended(code, "IO102")
    assert {(place, tuple(found.line for found in row.findings), row.days) for place, row in rows.items()} == {
        (("IO102", 6), (6, 7, 8), 2.0),
        (("IO102", 13), (13,), 1.0),
    }


def test_without_a_remedy_the_page_s_own_words_stand() -> None:
    (row,) = mended("import os\n\n\nasync def f():\n    os.system('true')\n", "IO101").values()
    assert "asyncio.create_subprocess_exec instead of os.system" in row.change
    (row,) = mended("import multiprocessing\n\n\ndef f():\n    multiprocessing.Pool(4)\n", "CC204").values()
    assert row.change == next(rule.fix for rule in BOOK.rules if rule.id == "CC204")


def test_what_is_no_change_of_the_program_is_no_fix() -> None:
    code = (
        "import gevent.monkey\n\ngevent.monkey.patch_all()\n\n\ndef f():\n    return 1  # readiness: ignore[NOPE] why\n"
    )
    source = Source("app.py", "app", "app", ".", False, len(code), 0, 0)
    facts = extract(code.encode())
    program = link(Tree("t", (source,), (), (), GitFacts()), {"app.py": facts}, BOOK)
    found = find(program, {"app": facts}, couple(program), NO_SERVICES, BOOK, Config())
    assert {row.rule for row in found} == {"PT407", "OP901"}
    assert mends(found, (), program, BOOK) == ()


@pytest.mark.parametrize(
    ("imports", "name"),
    [
        ("trio", "trio.to_thread.run_sync"),
        ("anyio", "anyio.to_thread.run_sync"),
        ("asyncio, trio", "asyncio.to_thread"),
    ],
)
def test_a_fix_speaks_of_the_event_loop_that_the_module_runs_on(imports: str, name: str) -> None:
    code = f"import {imports}\nimport requests\n\nasync def one(url):\n    return requests.get(url)\n"
    assert f"or await {name} around the call" in mended(code, "IO101")["IO101", 5].change
