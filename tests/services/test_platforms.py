"""Manifests of platforms, process managers and task runners, Helm templates, compose over files -> launches with lines."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.services.manifests import read_manifests
from readiness.types.tree import Text
from tests.services.scans import found_in

CASES = [
    ("app.yaml", "runtime: python312\nservice: api\nentrypoint: gunicorn -b :8080 a.b:app\n",
     [("app-engine", 3, "api", "sh -c gunicorn -b :8080 a.b:app")]),
    ("app.yaml", "runtime: python312\n", [("app-engine", 1, "", "sh -c gunicorn main:app")]),
    ("fly.toml", 'app = "x"\n[processes]\nweb = "uvicorn a:b"\njobs = "celery -A a worker"\n',
     [("fly", 3, "web", "sh -c uvicorn a:b"), ("fly", 4, "jobs", "sh -c celery -A a worker")]),
    ("heroku.yml", "run:\n  web: gunicorn a:b\n  jobs:\n    command: [python jobs.py]\n",
     [("heroku", 2, "web", "sh -c gunicorn a:b"), ("heroku", 4, "jobs", "sh -c python jobs.py")]),
    ("render.yaml", "services:\n- type: web\n  name: shop\n  startCommand: gunicorn a:b\n", [("render", 4, "shop", "sh -c gunicorn a:b")]),
    ("deploy/task-def.json", '{"containerDefinitions": [\n{"name": "web", "command": ["gunicorn", "a:b"]}]}', [("ecs", 2, "web", "gunicorn a:b")]),
    ("zappa_settings.json", '{"dev": {\n"app_function": "shop.app"}}', [("serverless", 2, "", "shop.app")]),
    ("api/.chalice/config.json", '{"app_name": "it"}', [("serverless", 1, "it", "app.app")]),
    ("Resize/function.json", '{"bindings": []}', [("serverless", 1, "Resize", "python __init__.py")]),
    ("uwsgi.ini", "[uwsgi]\nprocesses = 4\nmodule = a.wsgi:app\nattach-daemon = python manage.py sendalerts\n",
     [("uwsgi", 3, "", "uwsgi --module a.wsgi:app --processes 4"), ("uwsgi", 4, "", "sh -c python manage.py sendalerts")]),
    ("gunicorn.conf.py", 'workers = 3\nwsgi_app = "a.b:app"\n', [("gunicorn-config", 2, "", "gunicorn -w 3 a.b:app")]),
    ("circus.ini", "[watcher:web]\ncmd = python\nargs = serve.py\n[socket:x]\nhost = a\n", [("circus", 2, "web", "sh -c python serve.py")]),
    ("Makefile", "serve:\n\t@gunicorn a:b\nbuild:\n\tdocker build .\n", [("task-runner", 2, "serve", "sh -c gunicorn a:b")]),
    (".github/workflows/go.yml", "jobs:\n  x:\n    steps:\n    - run: gunicorn a:b --check\n", [("ci", 4, "", "sh -c gunicorn a:b --check")]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "expected"), CASES, ids=range(len(CASES)))
def test_a_platform_gives_launches_with_lines(path: str, text: str, expected: list[tuple[object, ...]]) -> None:
    launches, unread = read_manifests((Text(path, text),))
    assert [(row.kind, row.line, row.name, " ".join(row.argv)) for row in launches] == expected
    assert unread == ()


def test_a_helm_template_is_read_with_the_values_of_its_chart() -> None:
    template = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include \"x.fullname\" . }}-worker\n{{- if .Values.on }}\nspec:\n"
        "  replicas: {{ .Values.worker.replicas }}\n  template:\n    spec:\n      containers:\n        - name: worker\n"
        "          image: \"{{ .Values.image }}\"\n          command: [celery, -A, {{ .Values.worker.app | quote }}, worker]\n"
        "          {{- toYaml .Values.more | nindent 10 }}\n{{- end }}\n"
    )  # fmt: skip
    texts = (
        Text("chart/Chart.yaml", "name: x\n"),
        Text("chart/values.yaml", "worker:\n  replicas: 4\n  app: shop.jobs\n"),
        Text("chart/templates/worker.yaml", template),
    )
    launches, unread = read_manifests(texts)
    assert [(row.kind, row.line, row.argv, row.replicas) for row in launches] == [
        ("kubernetes", 13, ("celery", "-A", "shop.jobs", "worker"), 4)
    ]
    assert unread == ()


def test_compose_extends_other_files_leaves_development_profiles_out_and_keeps_requests() -> None:
    texts = (
        Text("base.yml", "services:\n  base:\n    command: python -m shop.jobs\n"),
        Text("compose.yml", "services:\n  jobs:\n    extends: {file: base.yml, service: base}\n    deploy:\n      replicas: 2\n"
             "      resources: {reservations: {cpus: '0.5', memory: 1G}}\n  tool:\n    command: python a.py\n    profiles: [debug]\n"),
    )  # fmt: skip
    (row,) = read_manifests(texts)[0]
    assert (row.name, row.argv, row.line, row.replicas) == ("jobs", ("python", "-m", "shop.jobs"), 3, 2)
    assert row.resources == (("cpu_request", "0.5"), ("memory_request", "1G"))


def test_the_ledger_says_what_runs_a_service_and_nothing_else() -> None:
    found = found_in({
        "web/main.py": "from flask import Flask\napp = Flask(__name__)\n",
        "web/Dockerfile": "FROM python:3.12-slim AS b\nRUN apt-get update && apt-get install -y gcc ffmpeg=1\nFROM b\nCOPY . /app\n"
        'HEALTHCHECK CMD curl x\nCMD ["tini", "gunicorn", "-w", "4", "main:app"]\n',
        "k8s/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n  template:\n    spec:\n"
        "      containers:\n      - name: web\n        image: x/web:1\n        readinessProbe: {httpGet: {path: /}}\n"
        "        resources: {requests: {cpu: 500m, memory: 1Gi}}\n",
    }).found[0]  # fmt: skip
    assert found.replicas == 3
    assert dict(found.operations) == {
        "process_manager": "gunicorn", "wrappers": "tini", "cpu_request": "500m", "memory_request": "1Gi",
        "probes": "readinessProbe (k8s/web.yaml:11), HEALTHCHECK (web/Dockerfile:5)", "image": "web/Dockerfile:6",
        "base_image": "python:3.12-slim", "stages": "2", "system_packages": "gcc, ffmpeg",
        "go_removes": "the interpreter and the installed distributions; 4 worker processes of one program",
        "go_keeps": "ffmpeg (unless only Python needs them)",
    }  # fmt: skip


def test_the_habits_of_a_celery_worker_are_in_its_ledger() -> None:
    (found,) = found_in({
        "w/app.py": """
            from celery import Celery, chord
            app = Celery("w", backend="redis://x")
            app.conf.update(task_acks_late=True, worker_prefetch_multiplier=4, accept_content=["json", "pickle"])
            app.conf.beat_schedule = {"night": {}}

            @app.task(serializer="pickle", max_retries=3)
            def add(rows):
                chord([])(None)
            """,
        "Procfile": "worker: celery -A w.app worker -c 8\n",
    }).found  # fmt: skip
    rows = dict(found.operations)
    assert {name: rows[name] for name in rows if name.startswith("celery")} == {
        "celery_accepts": "[json, pickle] (w/app.py:4)", "celery_acks_late": "True (w/app.py:4)", "celery_beat": "[night] (w/app.py:5)",
        "celery_canvas": "chord (w/app.py:9)", "celery_prefetch": "4 (w/app.py:4)", "celery_results": "redis://x (w/app.py:3)",
        "celery_retries": "max_retries=3 (w/app.py:7)", "celery_serializer": "serializer=pickle (w/app.py:7)",
    }  # fmt: skip
    assert (rows["process_manager"], found.workers) == ("celery", 8)


def test_a_task_that_people_type_adds_to_code_and_makes_no_service_alone() -> None:
    files = {"Makefile": "serve:\n\tgunicorn web:app\nload:\n\tpython loader.py\n", "loader.py": "print(1)\n"}
    assert [s.kind for s in found_in({**files, "web.py": "x = 1\n"}).found] == ["seam", "seam"]
    (found,) = found_in({**files, "web.py": "from flask import Flask\napp = Flask(__name__)\n"}).found
    assert [(e.kind, e.line) for e in found.evidence] == [("app-object", 2), ("task-runner", 2)]


HUGE = [
    ("compose.yml", "services:\n" + "".join(f"  s{n}: &a{n} {{command: python a{n}.py}}\n" for n in range(9_000))),
    ("compose.yml", "x: &a {k: 1}\nservices:\n" + "".join(f"  s{n}: *a\n" for n in range(5_000))),
    ("k8s/a.yaml", "apiVersion: v1\ncontainers: " + "[" * 3_000),
    ("chart/templates/a.yaml", "apiVersion: v1\ncontainers: {{" + "{{" * 60_000),
    ("Makefile", "x:\n\tgunicorn " + "a" * 200_000),
    ("Dockerfile", "FROM a\nRUN apt-get install " + "a " * 100_000 + "\nCMD " + "[" * 5_000),
    ("uwsgi.ini", "[uwsgi]\n" + "module = a\n" * 20_000),
    ("task-def.json", '"containerDefinitions"' + "[" * 100_000),
    ("fly.toml", "[processes]\n" + "a." * 20_000),
    ("start.sh", "#!/bin/sh\n" + "case $1 in\n" * 20_000),
    ("compose.yml", "\ufeff\x00\x01\xff" * 10_000),
]


@pytest.mark.parametrize(("path", "text"), HUGE, ids=range(len(HUGE)))
def test_a_huge_or_hostile_manifest_costs_a_bounded_time(path: str, text: str) -> None:
    begin = time.process_time()
    launches, _ = read_manifests((Text("Procfile", "web: python a.py"), Text(path, text)))
    assert time.process_time() - begin < 5
    assert "Procfile" in {row.path for row in launches}


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["app.yaml", "fly.toml", "uwsgi.ini", "circus.ini", "Makefile", "a/templates/x.yaml", "function.json", "gunicorn.conf.py"]),
    st.text(max_size=60),
    st.sampled_from(["", "runtime: python\n", "[uwsgi]\nmodule=", "[watcher:a]\ncmd=", "apiVersion: v1\ncontainers: {{", '{"bindings": ']),
)  # fmt: skip
def test_any_text_of_a_platform_is_survived(path: str, text: str, start: str) -> None:
    read_manifests((Text(path, start + text), Text("a/Chart.yaml", ""), Text("a/values.yaml", text)))
