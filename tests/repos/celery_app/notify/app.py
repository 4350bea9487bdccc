"""The Celery application."""

from celery import Celery

app = Celery("notify", broker="redis://redis:6379/0", include=["notify.tasks"])
app.conf.worker_prefetch_multiplier = 1
