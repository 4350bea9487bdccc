"""Small repositories -> who calls whom."""

from __future__ import annotations

import pytest

from readiness.services.wires import fits, steps_of
from readiness.types.services import Service
from tests.services.scans import found_in

SHOP = {
    "gate/main.py": """
        import os
        import requests
        from flask import Flask
        app = Flask(__name__)

        @app.get("/buy/<number>")
        def buy(number):
            stock = requests.get(f"{os.environ['STOCK_URL']}/items/{number}")
            requests.post("http://pay.example.com/charge", json={})
            bill(number)
            return stock.json()

        def bill(number):
            requests.get(os.environ["BILLING_SERVICE_HOST"] + "/bills/" + number)
        """,
    "stock/main.py": """
        import redis
        from fastapi import APIRouter, FastAPI
        app = FastAPI()
        router = APIRouter(prefix="/v1")
        client = redis.Redis()

        @router.get("/items/{number}")
        def item(number):
            client.publish("sold", number)
        app.include_router(router)
        """,
    "billing/main.py": """
        import redis
        from flask import Flask
        app = Flask(__name__)

        @app.get("/bills/<number>")
        def bill(number): ...
        """,
    "listen/main.py": """
        import redis
        def main():
            channel = redis.Redis().pubsub()
            channel.subscribe("sold", "bought")
            for message in channel.listen():
                print(message)
        main()
        """,
    "compose.yml": """
        services:
          gate: {command: "gunicorn gate.main:app", environment: {STOCK_URL: "http://stock-api:80/v1"}}
          stock-api: {command: "uvicorn stock.main:app"}
          billing: {command: "gunicorn billing.main:app"}
          listen: {command: "python listen/main.py"}
        """,
}


@pytest.fixture(scope="module")
def shop() -> dict[str, Service]:
    return {one.name: one for one in found_in(SHOP).found}


def test_a_call_reaches_a_service_by_host_variable_and_route(shop: dict[str, Service]) -> None:
    assert [(w.service, w.contract, w.line, w.serialisation, w.confidence) for w in shop["gate"].calls_out] == [
        ("stock-api", "http GET /v1/items/{number}", 9, None, 0.95),
        (None, "http POST http://pay.example.com/charge", 10, "json", 0.0),
        ("billing", "http GET /bills/<number>", 15, None, 0.6),
    ]
    (back,) = shop["billing"].called_by
    assert (back.service, back.target, back.line) == ("gate", "gate.main:bill", 15)


def test_a_topic_joins_the_writer_to_its_readers(shop: dict[str, Service]) -> None:
    assert [(w.service, w.contract, w.line) for w in shop["stock-api"].calls_out] == [("listen", "topic sold", 10)]
    assert [(w.service, w.contract) for w in shop["listen"].called_by] == [("stock-api", "topic sold")]


def test_contracts_are_what_others_can_call(shop: dict[str, Service]) -> None:
    assert [(c.kind, c.name, c.target) for c in shop["billing"].contracts] == [
        ("http", "/bills/<number>", "billing.main:bill")
    ]


def test_tasks_that_nobody_calls_are_listed_with_the_form_of_their_messages() -> None:
    found = found_in({
        "w/app.py": """
            from celery import Celery
            app = Celery("w")

            @app.task(serializer="pickle")
            def add(rows): ...
            """,
        "Procfile": "worker: celery -A w.app worker\n",
    }).found  # fmt: skip
    assert [(w.service, w.contract, w.target, w.serialisation, w.confidence) for w in found[0].called_by] == [
        (None, "queue add", "w.app:add", "pickle", 0.0)
    ]


@pytest.mark.parametrize(
    ("path", "route", "is_met"),
    [
        ("/a/b", "/a/<x>", True), ("/a/b", "/a/{x}", True), ("/a/b", "^a/(?P<x>\\d+)$", True), ("/a/{}", "/a/:id", True),
        ("/a/b?q=1", "/a/b", True), ("/a/b", "/a/c", False), ("/a", "/<x>", False), ("/b/a", "/a/b", False),
    ],
)  # fmt: skip
def test_routes_of_every_framework_compare(path: str, route: str, is_met: bool) -> None:
    assert fits(steps_of(path), steps_of(route)) == is_met


CONFIGURED = {
    "front/app.py": """
        import os
        from flask import Flask, current_app
        from front.ask import Asked, ask
        app = Flask(__name__)
        app.config["STOCK_URI"] = "http://{}/items".format(os.environ.get("STOCK_ADDR"))
        app.config.update(BILLS="http://bills:80")

        @app.get("/one/<number>")
        def one(number):
            ask(f"{current_app.config['STOCK_URI']}/{number}")

        @app.get("/two")
        def two():
            ask("%s/bills/%s" % (app.config.get("BILLS"), 3))

        @app.get("/three")
        def three():
            return asked.fetch()

        @app.get("/four")
        def four():
            ask(app.config["GATE"] + "/gates")

        @app.get("/five")
        def five():
            ask("https://stock.example.com/items/1")
            ask("http://stock.shop.svc.cluster.local/items/1")
            ask("http://stock.warehouse/items/1")

        asked = Asked(os.environ["STOCK_ADDR"])
        """,
    "front/config.py": """
        import os

        class Config:
            GATE = ""

        class LocalConfig(Config):
            GATE = os.environ.get("GATE_BASE", "http://gate-api:5000")
        """,
    "front/ask.py": """
        import requests

        def ask(url, method="GET"):
            with requests.Session() as session:
                if method == "GET":
                    return session.get(url)
                return session.post(url, json={})

        class Asked:
            def __init__(self, host):
                self.host = host

            def fetch(self):
                return requests.get(f"http://{self.host}/items/7")
        """,
    "stock/main.py": 'from flask import Flask\napp = Flask(__name__)\n\n@app.get("/items/<number>")\ndef item(number): ...\n',
    "bills/main.py": 'from flask import Flask\napp = Flask(__name__)\n\n@app.get("/bills/<number>")\ndef bill(number): ...\n',
    "gate/main.py": 'from flask import Flask\napp = Flask(__name__)\n\n@app.get("/gates")\ndef gates(): ...\n',
    "compose.yml": """
        services:
          front: {command: "gunicorn front.app:app", environment: {STOCK_ADDR: "stock:8000"}}
          stock: {command: "gunicorn stock.main:app"}
          bills: {command: "gunicorn bills.main:app"}
          gate-api: {command: "gunicorn gate.main:app"}
        """,
    "k8s.yml": "namespace: warehouse\n",
}


def test_addresses_over_configuration_keys_formats_and_client_objects() -> None:
    front = next(row for row in found_in(CONFIGURED).found if row.name == "front")
    calls = sorted((w.path, w.line, w.contract, w.service) for w in front.calls_out)
    assert calls == [
        ("front/app.py", 11, "http /items/<number>", "stock"),
        ("front/app.py", 15, "http /bills/<number>", "bills"),
        ("front/app.py", 23, "http /gates", "gate-api"),
        ("front/app.py", 27, "http https://stock.example.com/items/1", None),
        ("front/app.py", 28, "http /items/<number>", "stock"),
        ("front/app.py", 29, "http /items/<number>", "stock"),
        ("front/ask.py", 15, "http GET /items/<number>", "stock"),
    ]
