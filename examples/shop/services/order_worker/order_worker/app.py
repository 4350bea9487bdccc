"""The Celery application."""

from __future__ import annotations

from celery import Celery
from shoplib.settings import load

settings = load()

app = Celery("order_worker", broker=settings.broker_url, backend=settings.redis_url, include=["order_worker.tasks"])
app.conf.update(
    task_acks_late=True,
    worker_prefetch_multiplier=4,
    task_serializer="json",
    accept_content=["json", "pickle"],
    task_routes={
        "order_worker.tasks.send_invoice": {"queue": "mail"},
        "order_worker.tasks.send_status": {"queue": "mail"},
        "order_worker.tasks.*": {"queue": "orders"},
    },
    task_time_limit=120,
)
