"""What the language runs of an object without naming it: elements, length, iteration, waiting."""

from __future__ import annotations

from tests.programs import calls, program_of, reached


def test_the_language_asks_objects_by_their_special_methods() -> None:
    program = program_of({
        "a.py": """
            import requests
            class Index:
                def __len__(self):
                    return requests.get("n")
                def __getitem__(self, key):
                    return requests.get(key)
                def __setitem__(self, key, value):
                    requests.put(key, value)
                def __iter__(self):
                    yield requests.get("all")
            def count(index: Index):
                return len(index)
            def one(index: Index, key):
                return index[key]
            def put(index: Index, key):
                index[key] = 1
            def every(index: Index):
                return sorted(index)
            def other(index: Index):
                return index
            """,
    })  # fmt: skip

    for name, line, below in (("count", 13, 5), ("one", 15, 7), ("put", 17, 9), ("every", 19, 11)):
        assert reached(program, f"a:{name}") == {("network", "blocking"): [line, below]}
    assert reached(program, "a:other") == {}


def test_waiting_for_an_object_is_what_the_object_says() -> None:
    program = program_of({
        "a.py": """
            import asyncio
            class connect:
                def __await__(self):
                    return self.open().__await__()
                async def open(self):
                    await asyncio.open_connection("x", 1)
                async def __aenter__(self):
                    return await self
            async def one():
                return await connect()
            async def block():
                async with connect():
                    pass
            """,
    })  # fmt: skip

    assert reached(program, "a:one") == {("network", "async"): [11, 5, 7]}
    assert reached(program, "a:block") == {("network", "async"): [13, 8, 5, 7]}


def test_what_is_waited_for_over_an_object_of_the_program_keeps_its_type() -> None:
    program = program_of({
        "a.py": """
            import sqlite3
            class Pending:
                def __init__(self, work):
                    self.work = work
                def __await__(self):
                    return self.work.__await__()
            class Yielding(Pending):
                def __await__(self):
                    found = yield from self.work
                    return found
            class Pool:
                def load(self):
                    sqlite3.connect("x")
            async def make():
                return Pool()
            async def one():
                pool = await Pending(make())
                pool.load()
            async def other():
                pool = await Yielding(make())
                pool.load()
            """,
    })  # fmt: skip

    assert {("a:one", "a:Pool.load", 19, "call"), ("a:other", "a:Pool.load", 22, "call")} <= calls(program)
