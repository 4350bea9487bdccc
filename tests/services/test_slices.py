"""A large application -> the groups of entry points that could leave alone."""

from __future__ import annotations

import pytest

from readiness.services import slices
from tests.services.scans import found_in

MODELS = """
    from django.db import models
    class Order(models.Model):
        total = models.IntegerField()
    class Note(models.Model):
        text = models.TextField()
    """
VIEWS = """
    import requests
    from shop.models import Note, Order
    from shop.tools import shared

    def feed(request):
        requests.get("https://feed.example.com")
        return shared(Order.objects.count())

    def feed_page(request):
        return requests.get("https://feed.example.com/page")

    def pay(request):
        requests.post("https://pay.example.com")
        Order.objects.create(total=1)

    def refund(request):
        requests.post("https://pay.example.com/refund")
        Order.objects.all().delete()

    def orders(request):
        return shared(list(Order.objects.all()))

    def note(request):
        requests.get("https://note.example.com")
        Note.objects.create(text="x")

    def notes(request):
        requests.get("https://note.example.com")
        return list(Note.objects.all())
    """
URLS = """
    from django.urls import path
    from shop import views
    urlpatterns = [
        path("feed/all", views.feed), path("feed/page", views.feed_page), path("api/v1/pay/now", views.pay),
        path("api/v1/pay/back", views.refund), path("orders/all", views.orders), path("orders/more", views.orders),
        path("notes/add", views.note), path("notes/all", views.notes),
    ]
    """
FILES = {
    "manage.py": "", "shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": VIEWS, "shop/urls.py": URLS,
    "shop/tools.py": "def shared(count):\n    return count\n", "shop/wsgi.py": "application = 1\n",
    "Procfile": "web: gunicorn shop.wsgi:application\n",
}  # fmt: skip


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds of a large application, for one of a page."""
    for name, value in {"MIN_ENTRIES": 4, "MIN_LINES": 10, "MIN_OWN": 3, "MAX_SHARE": 0.5}.items():
        monkeypatch.setattr(slices, name, value)


def test_a_group_that_writes_what_others_use_is_no_slice() -> None:
    found = [one for one in found_in(FILES).found if one.kind == "slice"]
    assert [(one.id, [e.detail for e in one.entries]) for one in found] == [
        ("web/notes", ["notes/add", "notes/all"]),
        ("web/feed", ["feed/all", "feed/page"]),
    ]
    notes, feed = found
    assert "read-only" in feed.evidence[0].detail and "writes only shop_note" in notes.evidence[0].detail
    assert [(s.imported, s.line, s.reason) for s in feed.seams] == [
        ("shop.tools", 8, "calls shop.tools:shared: part of the API between them")
    ]
    assert [(row.name, row.reads, row.writes, row.also) for row in feed.data] == [("shop_order", 1, 0, ("web",))]
    assert [(row.name, row.reads, row.writes, row.also) for row in notes.data] == [("shop_note", 1, 1, ())]


def test_a_group_that_writes_a_class_told_at_run_time_is_not_called_read_only() -> None:
    told = """
    def feed_page(request):
        rows = requests.get("https://feed.example.com/page").json()
        type(rows[0]).objects.filter(pk=1).update(seen=True)
    """
    views = VIEWS.replace(
        '\n    def feed_page(request):\n        return requests.get("https://feed.example.com/page")\n', told
    )
    found = [one for one in found_in({**FILES, "shop/views.py": views}).found if one.name == "/feed"]
    assert [one.evidence[0].detail.partition("; ")[2] for one in found] == [
        "writes tables of classes that are told at run time"
    ]


QUERIES = """
import requests
import strawberry
@strawberry.type
class Query:
    @strawberry.field
    def first(self) -> int:
        return requests.get("https://{0}.example.com/1").status_code
    @strawberry.field
    def second(self) -> int:
        return requests.get("https://{0}.example.com/2").status_code
"""
THIRD = """
    @strawberry.field
    def third(self) -> int:
        return requests.get("https://{0}.example.com/3").status_code
"""


@pytest.mark.parametrize(
    ("places", "names"),
    [
        # by area; two resolvers alone are no unit
        (("shop/feed/schema.py", "shop/note/schema/queries.py"), ["web: graphql shop.feed"]),
        # by type where the whole schema is one area
        (("shop/schema.py", "shop/types.py"), ["web: graphql shop.schema.Query"]),
    ],
)
def test_resolvers_of_a_schema_are_grouped_by_area_or_by_type(
    monkeypatch: pytest.MonkeyPatch, places: tuple[str, str], names: list[str]
) -> None:
    monkeypatch.setattr(slices, "MAX_SHARE", 0.7)
    files = {
        "shop/__init__.py": "",
        places[0]: (QUERIES + THIRD).format("feed"),
        places[1]: QUERIES.format("note"),
        "shop/app.py": "from fastapi import FastAPI\n"
        + "".join(f"import {place[:-3].replace('/', '.')}\n" for place in places)
        + "app = FastAPI()\n",
        "Procfile": "web: uvicorn shop.app:app\n",
    }
    found = [one for one in found_in(files).found if one.kind == "slice"]
    assert [one.id for one in found] == names
    assert [entry.target.rpartition(".")[2] for entry in found[0].entries] == ["first", "second", "third"]


def test_tasks_of_a_queue_that_the_code_chooses_are_one_group() -> None:
    tasks = """
    import requests
    from celery import Celery
    app = Celery("shop")
    app.conf.task_routes = {"shop.mail.*": {"queue": "mails"}}
    @app.task
    def ping():
        requests.get("https://ping.example.com")
    @app.task
    def pong():
        requests.get("https://pong.example.com")
    @app.task
    def count():
        return 1
    """
    mail = """
    import requests
    from celery import shared_task
    @shared_task
    def send():
        requests.post("https://mail.example.com")
    @shared_task
    def bounce():
        requests.post("https://mail.example.com/back")
    """
    files = {
        "shop/__init__.py": "", "shop/work.py": tasks, "shop/mail.py": mail, "Procfile": "worker: celery -A shop.work worker\n",
    }  # fmt: skip
    found = found_in(files).found
    assert [(one.id, [e.target for e in one.entries]) for one in found if one.name.startswith("queue")] == [
        ("worker: queue mails", ["shop.mail:send", "shop.mail:bounce"])
    ]


def test_stages_without_data_frames_can_leave_a_pipeline() -> None:
    found = found_in({
        "dags/daily.py": "from airflow import DAG\nfrom airflow.operators.python import PythonOperator\nimport load, score\n"
        "with DAG(dag_id='x') as dag:\n    a = PythonOperator(task_id='a', python_callable=load.fetch)\n"
        "    b = PythonOperator(task_id='b', python_callable=score.rate)\n",
        "load.py": "import requests\ndef fetch():\n    requests.get('https://a.example.com')\n",
        "score.py": "import pandas\ndef rate():\n    pandas.read_sql('select 1', None)\n",
    }).found  # fmt: skip
    assert [(one.id, one.kind, [e.target for e in one.entries]) for one in found if one.kind == "slice"] == [
        ("dags: stage load", "slice", ["load:fetch"])
    ]
    assert [dict(one.operations)["task_stages"] for one in found if one.kind == "deployable"] == ["load"]


def test_what_two_processes_serve_is_one_slice() -> None:
    both = "web: gunicorn shop.wsgi:application\nsockets: daphne shop.asgi:application\n"
    found = found_in({**FILES, "shop/asgi.py": "application = 1\n", "Procfile": both})
    alone = found_in(FILES)
    assert [s.name for s in found.found if s.kind == "deployable"] == ["sockets", "web"]
    names = [s.name for s in found.found if s.kind == "slice"]
    assert sorted(names) == sorted(s.name for s in alone.found if s.kind == "slice") != []


def test_methods_of_a_class_that_two_groups_use_leave_with_neither() -> None:
    reader = """
    import requests
    class Reader:
        def feed(self):
            return requests.get("https://feed.example.com/rows")
        def note(self):
            return requests.get("https://note.example.com/rows")
    """
    views = VIEWS.replace("    from shop.tools", "    from shop.reader import Reader\n    from shop.tools")
    views = views.replace("    def feed(request):\n", "    def feed(request):\n        Reader().feed()\n")
    views = views.replace("    def notes(request):\n", "    def notes(request):\n        Reader().note()\n")
    found = [one for one in found_in({**FILES, "shop/reader.py": reader, "shop/views.py": views}).found if one.alone]
    assert [(one.name, one.evidence[0].detail.partition(";")[0]) for one in found] == [
        ("/notes", "2 entry points of web: 2 functions of its own, calls 1 others"),
        ("/feed", "2 entry points of web: 2 functions of its own, calls 2 others"),
    ]
