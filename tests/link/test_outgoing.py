"""Programs -> calls that leave over a wire, with the address that the code says."""

from __future__ import annotations

import pytest

from readiness.types.program import Program
from tests.programs import program_of

SETTINGS = """
    import os
    from dataclasses import dataclass, field

    @dataclass
    class Settings:
        shop: str = field(default_factory=lambda: os.environ.get("SHOP_URL", "http://shop:8000"))

    def load() -> Settings:
        return Settings()
    """


def calls(program: Program) -> set[tuple[str, str, str, str, int]]:
    """(function, kind, method, address, line)."""
    return {
        (program.functions[row.function].qualname, row.kind, row.method, row.address, row.line)
        for row in program.outgoing
    }


def test_an_address_is_said_by_the_caller_of_a_wrapper() -> None:
    program = program_of({
        "settings.py": SETTINGS,
        "client.py": """
            import requests
            from settings import load

            def fetch(url):
                return requests.get(url, timeout=3).json()

            def order(number):
                return fetch(f"{load().shop}/orders/{number}")

            def pay(number):
                requests.post("https://pay.example.com/v1/" + number, json={})
            """,
    })  # fmt: skip
    assert calls(program) == {
        ("order", "http", "GET", "${SHOP_URL=http://shop:8000}/orders/{}", 9),
        ("pay", "http", "POST", "https://pay.example.com/v1/{}", 12),
    }
    assert {row.line: row.serialisation for row in program.outgoing} == {9: None, 12: "json"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import httpx\nclass A:\n    def __init__(self):\n        self.c = httpx.Client(base_url='http://a')\n    def f(self):\n        self.c.get('/x')\n",
         ("A.f", "http", "GET", "http://a//x", 6)),
        ("import os, requests\nBASE = os.environ['A_URL']\ndef f():\n    requests.request('PUT', f'{BASE}/x')\n",
         ("f", "http", "PUT", "${A_URL=}/x", 4)),
        (("from pydantic_settings import BaseSettings\nimport httpx\nclass S(BaseSettings):\n    a_url: str = 'http://a'\ns = S()\n"
         "async def f():\n    async with httpx.AsyncClient() as c:\n        await c.get(s.a_url + '/x')\n"),
         ("f", "http", "GET", "${A_URL=http://a}/x", 8)),
        ("import urllib.request\nfrom urllib.parse import urljoin\ndef f(x):\n    urllib.request.urlopen(urljoin('http://a', 'x'))\n",
         ("f", "http", "", "http://a/x", 4)),
        ("import requests\ndef f(x):\n    requests.get(x)\n", ("f", "http", "GET", "{}", 3)),
    ],
)  # fmt: skip
def test_addresses_come_from_clients_constants_and_settings(source: str, expected: tuple[str, ...]) -> None:
    assert calls(program_of({"m.py": source})) == {expected}


def test_a_stub_calls_a_method_of_its_service_and_a_servicer_has_them_as_entries() -> None:
    program = program_of({
        "m.py": """
            import os
            import grpc
            import shop_pb2_grpc

            class Base(shop_pb2_grpc.CartServicer):
                def Check(self, request, context): ...

            class Cart(Base):
                def __init__(self):
                    self.stub = shop_pb2_grpc.StockStub(grpc.insecure_channel(os.environ["STOCK_ADDR"]))

                def GetCart(self, request, context):
                    return self.stub.GetStock(request)
            """,
    })  # fmt: skip
    assert calls(program) == {("Cart.GetCart", "rpc", "", "${STOCK_ADDR=}#Stock/GetStock", 14)}
    assert {(e.detail, e.line) for e in program.entries if e.kind == "rpc-method"} == {
        ("Health/Check", 7),
        ("Cart/GetCart", 13),
    }


def test_celery_calls_name_the_task_and_what_its_messages_are_written_in() -> None:
    program = program_of({
        "app.py": 'from celery import Celery\napp = Celery("x")\napp.conf.update(task_serializer="json", accept_content=["json", "pickle"])\n',
        "tasks.py": """
            from celery import chord, group
            from app import app

            @app.task(serializer="pickle")
            def count(rows): ...

            @app.task
            def merge(parts): ...

            def start(days):
                count.delay(days)
                chord(group([count.s(day) for day in days]))(merge.s())
                app.send_task("other.tasks.clean", args=[1])
            """,
    })  # fmt: skip
    assert {(r.address, r.line, r.serialisation) for r in program.outgoing} == {
        ("tasks:count", 12, "pickle"),
        ("tasks:count", 13, "pickle"),
        ("tasks:merge", 13, "json"),
        ("other.tasks.clean", 14, "json"),
    }
    assert {(e.detail, e.serialises) for e in program.entries if e.kind == "task"} == {
        ("count", "pickle"),
        ("merge", ""),
    }


QUEUES = """
    import requests
    from celery import Celery, shared_task, signature
    from rq import Queue

    app = Celery("x")

    @app.task
    def fetch(url):
        requests.get(url)

    @shared_task(name="mail.send")
    def send(to): ...

    class Old(app.Task):
        name = "old.one"

        def run(self, x): ...

    def clean(x): ...

    def start(queue: Queue):
        fetch.delay("u")
        app.send_task("mail.send")
        signature("tasks.fetch").apply_async(link=send.s())
        app.send_task("old.one")
        queue.enqueue(clean, 1)
        queue.enqueue_in(60, "tasks.clean")
        app.send_task("elsewhere.thing")

    def here():
        fetch.apply("u")
    """


def test_whoever_puts_a_task_into_a_queue_is_joined_with_what_a_worker_runs() -> None:
    program = program_of({"tasks.py": QUEUES})
    names = [f.qualname for f in program.functions]
    assert [(names[e.caller], e.line, names[e.callee], e.how, e.confidence) for e in program.queued] == [
        ("start", 23, "fetch", "queue", "exact"),
        ("start", 24, "send", "queue", "typed"),
        ("start", 25, "fetch", "queue", "typed"),
        ("start", 25, "send", "queue", "exact"),
        ("start", 26, "Old.run", "queue", "typed"),
        ("start", 27, "clean", "queue", "exact"),
        ("start", 28, "clean", "queue", "typed"),
    ]
    assert program.effects[names.index("start")].reachable == ("broker",)  # the worker's network is not the caller's
    assert program.effects[names.index("here")].reachable == ("network",)
    assert {(r.address, r.serialisation) for r in program.outgoing if r.line in (27, 28)} == {
        ("tasks:clean", "pickle"),
        ("tasks.clean", "pickle"),
    }


def test_what_is_no_client_makes_no_call() -> None:
    program = program_of({
        "m.py": """
            from aiohttp import web

            async def handle(request: web.Request):
                return request.headers.get("Authorization") or request.query.get("q") or {}.get("http://a")
            """,
    })  # fmt: skip
    assert calls(program) == set()
