"""What is proven is told; what lacks a proof is possible, and shown only with previews."""

from __future__ import annotations

import pytest

from readiness.types.config import Config
from tests.findings.code import found

ALL = Config(preview=True)


def confidences(code: str, rule: str) -> dict[int, str]:
    return {row.line: row.confidence for row in found(code, ALL) if row.rule == rule}


def test_a_possible_finding_counts_and_is_not_shown() -> None:
    code = """
    import requests

    class Store:
        def close(self, urls):
            for url in urls:
                requests.delete(url)
    """
    (row,) = [row for row in found(code) if row.rule == "IO102"]
    assert (row.confidence, row.is_shown, row.message) == (
        "possible", False, "possible: requests.delete (network) once per element in Store.close"
    )  # fmt: skip
    (asked,) = [row for row in found(code, ALL) if row.rule == "IO102"]
    assert (asked.is_shown, asked.fingerprint) == (True, row.fingerprint)


LOOPS = """
import requests

URLS = ["/a", "/b"]


class Client:
    def __init__(self, hosts):
        self.hosts = hosts

    def every(self, wanted, more, is_verbose, limit=None):
        for url in wanted:
            requests.get(url)
        for url in URLS:
            requests.get(url)
        for host in self.hosts:
            requests.get(host)
        for url in sorted(requests.get("/all").json()):
            requests.get(f"/items/{url}")
        for url in wanted:
            requests.get("/same")
        if is_verbose:
            for url in wanted:
                requests.get(url)
        if more:
            for number, url in enumerate(more):
                requests.get(url)
        found = [requests.get(url) for url in wanted]
        todo = []
        todo.append(limit)
        for url in todo:
            requests.get(url)
        for key, value in dict(a=1, b=2).items():
            requests.get(value)
        return found
"""


@pytest.mark.parametrize(
    ("line", "confidence"),
    [
        (12, "sure"),  # a parameter
        (14, "possible"),  # as many as the source says
        (16, "possible"),  # as many as the object was made with
        (18, "sure"),  # what a call gave
        (20, "possible"),  # the same call in each round
        (23, "possible"),  # an option
        (26, "sure"),  # the test is on the elements
        (27, "sure"),
        (31, "sure"),  # gathered before
    ],
)
def test_a_loop_over_elements_is_as_long_as_the_world_makes_it(line: int, confidence: str) -> None:
    assert confidences(LOOPS, "IO102")[line] == confidence


WAYS = """
import asyncio
import requests
import socket
import sqlite3


def near(url):
    return requests.get(url)


def seldom(url):
    if url:
        return requests.get(url)


class Base:
    def load(self, url):
        raise NotImplementedError


class Far(Base):
    def load(self, url):
        return requests.get(url)


class Kept(Base):
    def load(self, url):
        return url


async def plain(url):
    near(url)


async def conditional(url):
    seldom(url)


async def one_of_several(base: Base, url):
    base.load(url)


async def fall_back(url):
    try:
        await asyncio.sleep(1)
    except OSError:
        requests.get(url)


async def under_a_condition(url):
    if url:
        requests.get(url)


async def bare(peer: socket.socket):
    peer.sendall(b"x")


async def close_client(url):
    requests.get(url)


async def rows(db: sqlite3.Connection):
    return db.execute("SELECT 1")
"""


@pytest.mark.parametrize(
    ("name", "confidence"),
    [
        ("plain", "sure"),
        ("conditional", "possible"),  # behind a condition of the helper
        ("one_of_several", "possible"),
        ("fall_back", "possible"),
        ("under_a_condition", "sure"),  # its own
        ("bare", "possible"),  # a socket may be set not to wait
        ("close_client", "possible"),
        ("rows", "sure"),
    ],
)
def test_a_way_is_proven_where_it_is_taken_whatever_the_values_are(name: str, confidence: str) -> None:
    rows = [row for row in found(WAYS, ALL) if row.rule == "IO101" and row.function == f"app:{name}"]
    assert [row.confidence for row in rows] == [confidence]


def test_what_starts_or_ends_is_possible_with_all_that_only_constructors_call() -> None:
    code = """
    import threading
    import requests

    lock = threading.Lock()

    class Client:
        def __init__(self):
            self.prepare()

        def prepare(self):
            with lock:
                requests.get("/tables")

        def refresh(self):
            with lock:
                requests.get("/token")

        def connect(self):
            with lock:
                requests.get("/session")

        def open(self):
            with lock:
                requests.get("/session")

        def open_orders(self):
            with lock:
                requests.get("/orders")
    """
    assert confidences(code, "CC202") == {12: "possible", 16: "sure", 20: "possible", 24: "possible", 28: "sure"}


def test_an_answer_that_was_awaited_is_in_memory() -> None:
    code = """
    import redis

    async def rows(pool):
        client: redis.Redis = await pool.take()
        return client.get("a")

    async def others(client: redis.Redis):
        return client.get("a")

    async def either(client: redis.Redis, result):
        return await result(client.get("a"))
    """
    assert confidences(code, "IO101") == {5: "possible", 8: "sure", 11: "possible"}


def test_a_task_per_message_is_proven_by_what_it_takes() -> None:
    code = """
    import asyncio
    import httpx

    async def one(client: httpx.AsyncClient, url):
        await client.get(url)

    async def serve(client: httpx.AsyncClient, queue: asyncio.Queue, url):
        while True:
            asyncio.create_task(one(client, await queue.get()))
        while True:
            asyncio.create_task(one(client, url))
            await asyncio.sleep(1)
    """
    assert confidences(code, "CC201") == {9: "sure", 11: "possible"}


def test_what_is_gathered_in_a_batch_is_no_finding() -> None:
    code = """
    from google.cloud import storage

    def drop(client: storage.Client, paths):
        bucket = client.bucket("b")
        with client.batch():
            for path in paths:
                bucket.blob(path).delete()
        for path in paths:
            bucket.blob(path).delete()
    """
    assert list(confidences(code, "IO102")) == [9]


def test_options_and_rounds_that_end_early_leave_it_possible() -> None:
    code = """
    import requests

    class Mirror:
        def __init__(self, is_strict):
            self.is_strict = is_strict

        def send(self, urls, config, again=False):
            for url in urls:
                if self.is_strict:
                    requests.get(url)
            for url in urls:
                if config["check"]:
                    requests.get(url)
            for url in urls:
                if again:
                    requests.get(url)
            for url in urls:
                if url.startswith("http"):
                    requests.get(url)
            for url in urls:
                if not requests.get(url).ok:
                    break
    """
    assert confidences(code, "IO102") == {10: "possible", 13: "possible", 16: "possible", 19: "sure", 21: "possible"}


def test_a_decorator_that_says_so_keeps_what_its_function_gives() -> None:
    code = """
    import requests
    from tools import cached_property
    from tools import never_cache

    class Site:
        @cached_property
        def rules(self):
            return requests.get("/rules")

        @never_cache
        def news(self):
            return requests.get("/news")

        async def page(self):
            self.rules
            self.news()
    """
    assert confidences(code, "IO101") == {15: "possible", 16: "sure"}


def test_batches_and_tasks_that_are_kept_have_a_bound() -> None:
    code = """
    import asyncio
    import httpx

    def chunks(rows, size):
        return [rows[at : at + size] for at in range(0, len(rows), size)]

    async def one(client: httpx.AsyncClient, url):
        await client.get(url)

    async def every(client: httpx.AsyncClient, urls):
        for part in chunks(urls, 100):
            await asyncio.gather(*[one(client, url) for url in part])
        for url in urls:
            task = asyncio.create_task(one(client, url))
            await task
    """
    assert confidences(code, "CC201") == {12: "possible", 14: "possible"}


def test_what_a_configuration_lists_is_as_long_as_it_says() -> None:
    code = """
    import requests

    def check(config, found):
        for url in servers_of(config):
            requests.get(url)
        for url in config.servers:
            requests.get(url)
        for url in servers_of(found):
            requests.get(url)
    """
    assert confidences(code, "IO102") == {5: "possible", 7: "possible", 9: "sure"}
