"""What code alone says: DAGs, factories inside of libraries, packages that nothing starts."""

from __future__ import annotations

from tests.services.scans import found_in

DAG = "from airflow import DAG\nwith DAG(dag_id='x') as dag:\n    pass\n"
APP = "from fastapi import FastAPI\n{0}\n"


def test_dags_have_the_root_and_the_name_of_the_code_base_that_builds_them() -> None:
    found = found_in({
        "etl/photos/dags/daily.py": DAG, "etl/photos/dags/weekly.py": DAG,
        "etl/photos/Dockerfile": "FROM apache/airflow\nCOPY . /opt\n",
        "compose.yml": "services:\n  photo-etl:\n    build: etl/photos\n",
    }).found  # fmt: skip
    assert [(s.name, s.root, s.command, s.archetype) for s in found] == [
        ("photo-etl", "etl/photos", "2 DAGs", "pipeline")
    ]
    assert [(e.kind, e.path, e.line) for e in found[0].evidence if e.kind != "airflow-dag"] == [
        ("compose", "compose.yml", 2)
    ]


def test_an_app_that_a_function_of_a_library_makes_is_no_service() -> None:
    found = found_in({
        "lib/__init__.py": "", "lib/helper.py": APP.format("def fake():\n    app = FastAPI()\n    return app"),
        "web/__init__.py": "", "web/main.py": APP.format("def create_app():\n    return FastAPI()"),
    })  # fmt: skip
    assert [(s.name, s.entries[0].path) for s in found.found if s.kind == "deployable"] == [("web", "web/main.py")]
    assert [(r.path, r.reason) for r in found.rejected] == [
        ("lib/helper.py", "an app that a function of a library makes")
    ]


def test_console_scripts_of_an_unpacked_wheel_are_evidence() -> None:
    found = found_in({
        "tool/__init__.py": "", "tool/main.py": "def main():\n    print(1)\n",
        "tool-1.0.dist-info/entry_points.txt": "[console_scripts]\ntool = tool.main:main\n[tool.plugins]\na = tool.main:main\n",
    }).found  # fmt: skip
    assert [(s.name, s.archetype, s.evidence[0].path, s.evidence[0].line) for s in found] == [
        ("tool", "cli", "tool-1.0.dist-info/entry_points.txt", 2)
    ]


def test_a_large_package_is_told_by_its_sub_packages() -> None:
    body = "# x\n" * 4_000
    files = {
        f"big/{name}/{file}.py": body if file == "a" else ""
        for name in ("one", "two", "three")
        for file in ("__init__", "a")
    }
    found = found_in({"big/__init__.py": "", **files, "big/migrations/v1.py": body}).found
    assert sorted((s.id, s.kind, len(s.own)) for s in found) == [
        ("big", "seam", 1), ("big.one", "seam", 2), ("big.three", "seam", 2), ("big.two", "seam", 2),
    ]  # fmt: skip


def test_a_helper_that_makes_dags_for_others_is_no_code_base_of_its_own() -> None:
    files = {
        "dags/daily.py": "from airflow import DAG\nfrom helpers.parts import part\nwith DAG(dag_id='x') as dag:\n    part()\n",
        "helpers/parts.py": "from airflow import DAG\n\ndef part():\n    return DAG(dag_id='inner')\n",
        "made/by_function.py": "from airflow import DAG\n\ndef make():\n    return DAG(dag_id='y')\n\nmade = make()\n",
    }
    assert [(s.root, s.entries[0].path) for s in found_in(files).found] == [
        ("dags", "dags/daily.py"), ("made", "made/by_function.py")
    ]  # fmt: skip


def test_a_server_that_is_given_its_configuration_serves_the_app_that_this_names() -> None:
    files = {
        "wsgi/app.py": "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n",
        "manage.py": "import django\n",
        "shop/views.py": "def front(request): ...\n",
        "wsgi/config.py": "wsgi_app = 'wsgi.app:application'\nworkers = 3\n",
        "bin/run.sh": "#!/bin/sh\nexec gunicorn --access-logfile - --config wsgi/config.py\n",
        "compose.yml": "services:\n  web: {build: ., command: ./bin/run.sh}\n",
        "Dockerfile": "FROM python\nWORKDIR /app\nCOPY . .\n",
    }
    (web,) = (s for s in found_in(files).found if s.kind == "deployable")
    assert (web.name, web.roles, web.entries[0].path) == ("web", ("web",), "wsgi/app.py")
    assert {(e.path, e.line) for e in web.evidence} >= {("bin/run.sh", 2)}
    assert "shop.views" in web.own  # Django loads its project by name, whatever the file is called that asks for it


def test_a_deployed_code_base_whose_tasks_nobody_would_run_has_a_worker_elsewhere() -> None:
    files = {
        "manage.py": "import django\n",
        "shop/asgi/__init__.py": "application = None\n",
        "shop/celeryconf.py": "from celery import Celery\n\napp = Celery('shop')\n",
        "shop/tasks.py": "from celery import shared_task\n\n@shared_task\ndef mail(): ...\n",
        "shop/views.py": "def front(request): ...\n",
        "Dockerfile": "FROM python\nCOPY . /app\nCMD uvicorn shop.asgi:application\n",
    }
    found = found_in(files).found
    assert [(s.roles, s.archetype, s.entries[0].path, sorted(s.own)) for s in found] == [
        (("web",), "crud-api", "shop/asgi/__init__.py", ["manage", "shop.asgi", "shop.views"]),
        (("worker",), "worker", "shop/celeryconf.py", ["shop.celeryconf", "shop.tasks"]),
    ]
    files["Procfile"] = "jobs: celery -A shop.celeryconf worker\n"
    assert [(s.name, s.roles) for s in found_in(files).found if "worker" in s.roles] == [("jobs", ("worker",))]


def test_what_airflow_puts_on_the_path_and_what_its_operators_do_belongs_to_the_dags() -> None:
    files = {
        "airflow/dags/daily.py": "from airflow.decorators import dag\nfrom operators.fetch import Fetch\n\n@dag(schedule=None)\ndef daily():\n    Fetch(task_id='a')\n\ndaily()\n",
        "airflow/plugins/__init__.py": "",
        "airflow/plugins/operators/__init__.py": "",
        "airflow/plugins/operators/fetch.py": "import requests\nfrom airflow.models import BaseOperator\n\nclass Fetch(BaseOperator):\n    def execute(self, context):\n        return requests.get('http://x')\n",
        "airflow/pyproject.toml": "[project]\nname = 'dags'\n",
    }
    (dags,) = (s for s in found_in(files).found if s.kind == "deployable")
    assert [(e.kind, e.path, e.line) for e in dags.evidence] == [("airflow-dag", "airflow/dags/daily.py", 5)]
    assert ("task", "airflow/plugins/operators/fetch.py", 5) in {(e.kind, e.path, e.line) for e in dags.entries}
    assert [w.contract for w in dags.calls_out] == ["http GET http://x"]
