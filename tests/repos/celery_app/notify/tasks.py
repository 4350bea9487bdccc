"""The tasks."""

import time

from celery import shared_task
from notify import hooks
from notify.app import app


@app.task(bind=True, max_retries=3)
def notify(self, url: str, body: dict[str, object]) -> int:
    code = hooks.post(url, body)
    if code >= 500:
        raise self.retry(countdown=30)
    return code


@shared_task(name="notify.many")
def notify_many(urls: list[str], body: dict[str, object]) -> None:
    for url in urls:
        notify.delay(url, body)
        time.sleep(0.1)
