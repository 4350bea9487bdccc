"""Claims that a reader would not believe are not made: wrong halves, other decorated functions, long ways, starts and ends."""

from __future__ import annotations

import pytest

from readiness.types.config import Config
from tests.findings.code import found

ASKED = ("IO101", "IO102", "IO103", "CC201", "CC202", "CC203", "CC208")


def told(code: str) -> list[tuple[str, int]]:
    return [(row.rule, row.line) for row in found(code, Config(preview=True)) if row.rule in ASKED]


def test_an_awaited_call_means_the_coroutine_of_that_name() -> None:
    code = """
    import requests

    class Client:
        def fetch(self, url):
            return requests.get(url)

    class AsyncClient:
        async def fetch(self, url):
            return url

    async def ask(client: Client | AsyncClient, url):
        return await client.fetch(url)

    def wait(client: Client | AsyncClient, urls):
        for url in urls:
            client.fetch(url)
    """
    assert told(code) == [("IO102", 16)]


DECORATED = """
    import functools
    import requests

    def logged(work):
        @functools.wraps(work)
        def inner(*args):
            return work(*args)
        return inner

    @logged
    def near(url):
        return url

    @logged
    def far(url):
        return requests.get(url)

    async def quick(url):
        near(url)

    async def slow(url):
        far(url)
    """


def test_a_decorator_leads_only_to_the_function_that_is_called() -> None:
    rows = [row for row in found(DECORATED) if row.rule == "IO101"]
    assert [(row.line, [hop.target for hop in row.hops]) for row in rows] == [(22, ["app:slow", "app:far"])]


def test_who_takes_a_function_runs_the_one_that_is_handed_over() -> None:
    code = """
    import requests

    def twice(work, value):
        work(value)
        work(value)

    def near(value):
        return value

    def far(value):
        return requests.get(value)

    async def quick(value):
        twice(near, value)

    async def slow(value):
        twice(far, value)
        twice(lambda url: requests.get(url), value)
    """
    assert told(code) == [("IO101", 17), ("IO101", 18)]


def test_a_handler_of_errors_that_raises_again_is_no_steady_way() -> None:
    code = """
    import requests

    def push(rows):
        for row in rows:
            try:
                save(row)
            except ValueError:
                if row:
                    requests.delete(row)
                raise

    def pull(rows):
        for row in rows:
            try:
                save(row)
            except ValueError:
                requests.delete(row)
    """
    assert told(code) == [("IO102", 17)]


FAR = """
    import requests

    class Base:
        def fetch(self, url):
            return requests.get(url)

    {other}

    def third(base: Base, url):
        return base.fetch(url)

    def second(base: Base, url):
        return third(base, url)

    async def first(base: Base, url):
        second(base, url)
    """


def test_a_long_way_is_told_where_each_call_leads_to_one_place() -> None:
    assert told(FAR.format(other="")) == [("IO101", 16)]
    other = "class Memory(Base):\n        def fetch(self, url):\n            return url"
    assert told(FAR.format(other=other)) == []


@pytest.mark.parametrize("name", ["initialize", "setup_all", "on_startup", "startServer", "_migrate"])
def test_what_starts_or_ends_a_process_runs_once(name: str) -> None:
    code = """
    import requests

    def warm(url):
        requests.get(url)

    def NAME(urls):
        for url in urls:
            warm(url)
        each(urls)

    def each(urls):
        for url in urls:
            warm(url)
    """
    assert told(code.replace("NAME", name)) == []
    assert told(code.replace("NAME", "started")) == [("IO102", 8), ("IO102", 13)]


def test_waiting_on_the_loop_shows_the_way_from_the_coroutine() -> None:
    code = """
    from concurrent.futures import Future

    def outcome(future: Future):
        return future.result()

    def middle(future: Future):
        return outcome(future)

    async def handler(future: Future):
        return middle(future)
    """
    (row,) = [row for row in found(code) if row.rule == "CC208"]
    assert (row.line, [hop.target for hop in row.hops]) == (4, ["app:handler", "app:middle", "app:outcome"])


def test_frames_of_one_stream_have_an_order_and_clients_have_none() -> None:
    code = """
    from starlette.websockets import WebSocket

    async def frames(socket: WebSocket, texts):
        for text in texts:
            await socket.send_text(text)

    async def everybody(sockets: list[WebSocket], text):
        for socket in sockets:
            await socket.send_text(text)
    """
    assert told(code) == [("IO103", 9)]


def test_the_half_that_a_constant_switches_off_is_not_called() -> None:
    code = """
    import requests
    IS_SYNC = False
    IS_OPEN = True

    async def one(url):
        if not IS_SYNC:
            return url
        else:
            requests.get(url)

    async def two(url):
        if True:
            return url
        else:
            requests.get(url)

    async def three(url):
        if IS_OPEN:
            requests.get(url)
    """
    assert told(code) == [("IO101", 19)]


def test_a_constant_that_is_bound_twice_decides_nothing() -> None:
    code = """
    import requests
    IS_SYNC = False

    def switch():
        global IS_SYNC
        IS_SYNC = True

    async def one(url):
        if IS_SYNC:
            requests.get(url)
    """
    assert told(code) == [("IO101", 10)]


def test_what_runs_on_windows_only_is_not_told() -> None:
    code = """
    import subprocess, sys, time

    async def one():
        if sys.platform == "win32":
            subprocess.run(["tasklist"])
        else:
            subprocess.run(["ps"])
        time.sleep(0)
    """
    assert told(code) == [("IO101", 7)]


def test_a_method_that_is_chosen_at_run_time_is_named_by_its_class() -> None:
    code = """
    import requests

    class Client:
        def __init__(self):
            self.session = requests.Session()

        def get(self, url):
            return self.call("get", url)

        def put(self, url):
            return self.call("put", url)

        def call(self, method, url):
            return getattr(self.session, method)(url)

    def all(urls):
        client = Client()
        for url in urls:
            client.put(url)
    """
    assert [row.name for row in found(code) if row.rule == "IO102"] == ["requests.Session.*"]


def test_what_a_pipeline_gathers_is_sent_once() -> None:
    code = """
    import redis

    def drop(client: redis.Redis, name):
        client.zrem("jobs", name)

    def clear(client: redis.Redis, names):
        with client.pipeline() as pipe:
            for name in names:
                drop(pipe, name)
            pipe.execute()

    def slow(client: redis.Redis, names):
        for name in names:
            drop(client, name)
    """
    assert told(code) == [("IO102", 14)]


def test_a_call_that_may_mean_four_functions_is_a_guess() -> None:
    code = """
    import requests

    class A:
        def run(self):
            requests.get("a")

    class B:
        def run(self):
            return 1

    class C:
        def run(self):
            return 2

    class D:
        def run(self):
            return 3

    async def three(part: A | B | C):
        part.run()

    async def four(part: A | B | C | D):
        part.run()
    """
    assert told(code) == [("IO101", 20)]


def test_what_is_opened_tells_more_than_what_is_closed() -> None:
    code = """
    import httpx

    async def load(client: httpx.AsyncClient, url):
        try:
            answer = await client.get(url)
        finally:
            await client.aclose()

    async def every(clients, url):
        for client in clients:
            await load(client, url)
    """
    assert [row.name for row in found(code, Config(preview=True)) if row.rule == "IO103"] == ["httpx.AsyncClient.get"]


def test_a_type_without_that_method_takes_the_claim_away() -> None:
    code = """
    from io import TextIOWrapper

    async def either(file: TextIOWrapper | int):
        file.read()

    async def asked(file: TextIOWrapper | int):
        if hasattr(file, "read"):
            file.read()

    async def maybe(file: TextIOWrapper | None):
        file.read()
    """
    assert [(row.rule, row.line) for row in found(code)] == [("IO104", 8), ("IO104", 11)]
