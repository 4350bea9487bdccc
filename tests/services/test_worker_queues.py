"""Workers that take work from some queues only: their tasks are those of these queues."""

from __future__ import annotations

import pytest

from tests.services.scans import found_in

TASKS = """
from celery import Celery
app = Celery("shop")
app.conf.task_routes = {"shop.celery.bulk*": {"queue": "bulk"}}

@app.task(queue="mail")
def send():
    open("x").read()

@app.task
def bulk_load():
    open("x").read()

@app.task
def other():
    open("x").read()
"""


@pytest.mark.parametrize(
    ("commands", "tasks", "queues"),
    [
        (["celery -A shop worker -Q mail,celery"], ["other", "send"], "celery, mail"),
        (["celery -A shop worker --queues=bulk", "celery -A shop worker -Q mail"], ["bulk_load", "other", "send"], "bulk, mail"),
        (["celery -A shop worker -Q mail", "celery -A shop worker"], ["bulk_load", "other", "send"], None),
    ],
)  # fmt: skip
def test_a_worker_runs_the_tasks_of_the_queues_that_it_names(
    commands: list[str], tasks: list[str], queues: str | None
) -> None:
    lines = "".join(f"w{at}: {command}\n" for at, command in enumerate(commands))
    (one,) = [
        row
        for row in found_in({"Procfile": lines, "shop/__init__.py": "", "shop/celery.py": TASKS}).found
        if row.roles == ("worker",)
    ]
    assert sorted(entry.target.rpartition(":")[2] for entry in one.entries if entry.kind == "task") == tasks
    assert dict(one.operations).get("queues") == queues
