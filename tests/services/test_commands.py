"""What a command line starts."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.services.commands import parse_command

STARTS = [
    ("gunicorn a.b:app -w 4", ("web", "module", "a.b", "app", "")),
    ("gunicorn --bind 0.0.0.0:8000 --workers 3 'shop:create_app()'", ("web", "module", "shop", "create_app", "")),
    ("uvicorn --factory a:make --port 80", ("web", "module", "a", "make", "")),
    ("granian --interface asginl --ws site.asgi:application", ("web", "module", "site.asgi", "application", "")),
    ("python -m uvicorn a.b:app", ("web", "module", "a.b", "app", "")),
    ("tini -- dumb-init gosu www python3.11 -u main.py", ("process", "file", "main.py", "", "")),
    ("env A=1 exec python -m hub.server", ("process", "module", "hub.server", "", "")),
    ("sh -c 'cd x && exec celery -A a.app worker -c 8 -Q x'", ("worker", "celery", "a.app", "", "")),
    ("celery --app=proj beat", ("scheduler", "celery", "proj", "", "")),
    (
        "/opt/venv/bin/python /srv/shop/scripts/sweeper --interval 60",
        ("process", "file", "/srv/shop/scripts/sweeper", "", ""),
    ),
    ("python manage.py consume_mail", ("command", "django", "consume_mail", "", "")),
    ("python manage.py runserver 0:80", ("web", "wsgi", "manage.py", "", "")),
    ("flask --app site run", ("web", "module", "site", "", "")),
    ("opentelemetry-instrument poetry run python serve.py", ("process", "file", "serve.py", "", "")),
    ("parcel-server --server engine", ("process", "script", "parcel-server", "", "engine")),
    ("/srv/bin/portal -c /etc/portal.ini jobs worker", ("process", "script", "portal", "", "jobs worker")),
    ("portal -v jobs", ("process", "script", "portal", "", "")),
    ("uwsgi --module a.wsgi:application --processes 4", ("web", "module", "a.wsgi", "application", "")),
    ("dramatiq jobs.tasks", ("worker", "module", "jobs.tasks", "", "")),
    ("locust -f traffic.py", ("load", "file", "traffic.py", "", "")),
]


@pytest.mark.parametrize(("text", "expected"), STARTS)
def test_a_command_line_names_role_and_target(text: str, expected: tuple[str, ...]) -> None:
    start = parse_command(shlex.split(text))
    assert start is not None
    assert (start.role, start.kind, start.value, start.name, start.part) == expected


@pytest.mark.parametrize(
    "text", ["", "python -c 'print(1)'", "python manage.py migrate", "python -m pip install x", "celery -A a inspect"]
)
def test_steps_start_nothing(text: str) -> None:
    assert parse_command(shlex.split(text)) is None


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_words_are_survived(words: list[str]) -> None:
    parse_command(words)
    parse_command(["sh", "-c", " ".join(words)])
