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


def test_what_two_processes_serve_is_one_slice() -> None:
    both = "web: gunicorn shop.wsgi:application\nsockets: daphne shop.asgi:application\n"
    found = found_in({**FILES, "shop/asgi.py": "application = 1\n", "Procfile": both})
    alone = found_in(FILES)
    assert [s.name for s in found.found if s.kind == "deployable"] == ["sockets", "web"]
    names = [s.name for s in found.found if s.kind == "slice"]
    assert sorted(names) == sorted(s.name for s in alone.found if s.kind == "slice") != []
