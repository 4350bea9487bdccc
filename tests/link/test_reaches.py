"""What an entry point reaches, and the words on the way to I/O."""

from __future__ import annotations

from readiness.types.program import EntryReach, Program
from tests.programs import program_of

SOURCE = """
import asyncio, threading
import aiohttp, requests
from flask import Flask
app = Flask(__name__)
lock = threading.Lock()

@app.route("/all")
def everything():
    requests.get("a")
    for url in ("b", "c"):
        requests.get(url)
    with lock:
        requests.get("d")
    asyncio.run(many())

async def many():
    session = aiohttp.ClientSession()
    await asyncio.gather(one(session), one(session), one(session))

async def one(session):
    await session.get("e")
"""


def program() -> Program:
    return program_of({"a.py": SOURCE})


def contexts(found: Program, target: str) -> set[tuple[str, ...]]:
    number = [f.target for f in found.functions].index(target)
    return {via.contexts for via in found.effects[number].via}


def test_an_entry_counts_its_io_by_how_it_waits_and_how_wide_it_fans_out() -> None:
    entry = next(e for e in program().entries if e.target == "a:everything")

    assert entry.reach == EntryReach(("network",), concurrent=1, looped=1, sequential=2, width=3, bound="io")


def test_words_on_the_way_are_those_of_the_shortest_path() -> None:
    found = program()

    assert contexts(found, "a:one") == {("async", "handler")}
    assert contexts(found, "a:many") == {("async", "fan-out", "handler")}


def test_a_lock_and_a_loop_are_told_at_the_call() -> None:
    found = {edge.line: edge for edge in program().calls if edge.external == "requests.get"}

    assert (found[10].loop, found[10].is_locked) == (0, False)
    assert (found[12].loop, found[12].is_locked) == (1, False)
    assert (found[14].loop, found[14].is_locked) == (0, True)


def test_an_entry_whose_handler_is_not_known_reaches_nothing_known() -> None:
    text = "from aiohttp import web\ndef add(app: web.Application, handler):\n    app.router.add_get('/x', handler)\n"
    entries = program_of({"a.py": text}).entries

    assert [(e.function, e.reach) for e in entries if e.kind == "http-route"] == [(-1, None)]
