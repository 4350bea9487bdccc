"""Which of several processes a manifest means: arms that arguments choose, steps that others wait for, commands for people."""

from __future__ import annotations

import pytest

from readiness.services.commands import parse_command
from tests.services.scans import found_in

LOOP = "import time\nimport requests\n\ndef main():\n    while True:\n        requests.get('u')\n        time.sleep(5)\n\nif __name__ == '__main__':\n    main()\n"
STEP = "def main():\n    open('x').read()\n\nif __name__ == '__main__':\n    main()\n"
ARMS = (
    "#!/bin/sh\nload() {\n  cd /srv\n}\nserve_mail() {\n  exec python mail.py\n}\ncase \"$1\" in\n  mail)\n    serve_mail\n    ;;\n"
    "  clock)\n    shift\n    python clock.py \"$@\"\n    echo done\n    ;;\n  --dev)\n    python dev_loop.py\n    ;;\nesac\n"
)  # fmt: skip


def places(files: dict[str, str]) -> dict[str, set[str]]:
    return {one.entries[0].path: {row.path for row in one.evidence} for one in found_in(files).found}


def test_compose_starts_the_arm_that_it_names_and_the_image_shows_them_all() -> None:
    files = {
        "Dockerfile": 'FROM python\nENTRYPOINT ["/start.sh"]\nCMD ["mail"]\n',
        "docker-compose.yml": "services:\n  post:\n    build: .\n    command: mail\n",
        "start.sh": ARMS, "mail.py": LOOP, "clock.py": LOOP, "dev_loop.py": LOOP,
    }  # fmt: skip
    found = places(files)
    assert set(found) == {"mail.py", "clock.py"}
    assert "docker-compose.yml" in found["mail.py"]
    assert found["clock.py"] == {"start.sh", "Dockerfile"}


def test_the_words_of_an_image_are_not_those_of_another_arm() -> None:
    files = {
        "Dockerfile": 'FROM python\nENTRYPOINT ["/start.sh"]\nCMD ["mail"]\n',
        "start.sh": ARMS,
        "mail.py": LOOP,
        "clock.py": LOOP,
    }
    (clock,) = [one for one in found_in(files).found if one.entries[0].path == "clock.py"]
    assert (clock.name, clock.command) == ("clock", "/start.sh mail")


def test_a_start_script_of_development_starts_nothing() -> None:
    files = {
        "docker-compose.yml": "services:\n  web:\n    build: .\n    command: [python, web.py]\n",
        "docker-compose.dev.yml": "services:\n  other:\n    build: .\n    command: ./start.sh\n",
        "Dockerfile": "FROM python\n", "start.sh": "#!/bin/sh\nexec python other.py\n", "web.py": LOOP, "other.py": LOOP,
    }  # fmt: skip
    assert set(places(files)) == {"web.py"}


def test_a_service_for_whose_end_others_wait_is_a_step() -> None:
    files = {
        "docker-compose.yml": (
            "services:\n  schema:\n    build: .\n    command: python schema.py\n  web:\n    build: .\n    command: python web.py\n"
            "    depends_on:\n      schema: {condition: service_completed_successfully}\n"
        ),
        "Dockerfile": "FROM python\n", "schema.py": STEP, "web.py": LOOP,
    }  # fmt: skip
    assert set(places(files)) == {"web.py"}


def test_commands_that_end_are_for_people_where_a_unit_starts_others_of_the_project() -> None:
    files = {
        "setup.cfg": "[options.entry_points]\nconsole_scripts =\n    shop-daemon = shop.daemon:main\n    shop-report = shop.report:main\n",
        "shop.service": "[Service]\nExecStart=/usr/bin/shop-daemon\n",
        "shop/__init__.py": "", "shop/daemon.py": LOOP, "shop/report.py": STEP,
    }  # fmt: skip
    services = found_in(files)
    assert [one.entries[0].path for one in services.found] == ["shop/daemon.py"]
    assert [(row.name, row.line) for row in services.rejected if "that ends" in row.reason] == [("shop-report", 4)]
    del files["shop.service"], files["shop/daemon.py"]
    files["setup.cfg"] = "[options.entry_points]\nconsole_scripts =\n    shop-report = shop.report:main\n"
    assert [one.name for one in found_in(files).found] == ["shop-report"]


def test_a_program_s_own_celery_command_is_the_worker_of_its_only_app() -> None:
    files = {
        "Procfile": "worker: python -m shop celery worker\n",
        "shop/__init__.py": "", "shop/__main__.py": "from shop.cli import main\nmain()\n", "shop/cli.py": "def main():\n    pass\n",
        "shop/jobs/__init__.py": "", "shop/jobs/queue.py": "from celery import Celery\napp = Celery('shop')\n",
    }  # fmt: skip
    (one,) = found_in(files).found
    assert (one.name, one.roles, one.entries[0].path) == ("worker", ("worker",), "shop/jobs/queue.py")


@pytest.mark.parametrize(
    ("argv", "value"),
    [
        (["set", "--", "gunicorn", "a.b:app"], "a.b"),
        (["su", "app", "-s", "/bin/sh", "-c", "gunicorn a.b:app"], "a.b"),
        (["poetry", "run", "gunicorn", "a.b:app"], "a.b"),
        (["newrelic-admin", "run-program", "gunicorn", "a.b:app"], "a.b"),
        (["streamlit", "run", "ui/app.py", "--server.port", "80"], "ui/app.py"),
    ],
)
def test_what_only_starts_something_else_is_seen_through(argv: list[str], value: str) -> None:
    start = parse_command(argv)
    assert start is not None
    assert (start.role, start.value) == ("web", value)


def test_a_variable_of_the_environment_chooses_what_an_image_starts() -> None:
    files = {
        "Dockerfile": "FROM python\nENV APP_FILE=mail.py\nCMD python ${APP_FILE}\n",
        "compose.yaml": "services:\n  bell:\n    build: .\n    environment: [APP_FILE=clock.py]\n",
        "mail.py": LOOP, "clock.py": LOOP,
    }  # fmt: skip
    found = places(files)
    assert set(found) == {"mail.py", "clock.py"}
    assert "compose.yaml" in found["clock.py"]
    assert "compose.yaml" not in found["mail.py"]


def test_a_variable_that_a_workload_sets_chooses_the_arm_of_its_script() -> None:
    files = {
        "app/Dockerfile": "FROM python\nCOPY . /srv\nCMD /srv/start.sh\n",
        "k8s.yaml": (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bell}\nspec:\n  template:\n    spec:\n      containers:\n"
            "      - name: bell\n        image: shop/app\n        env:\n        - {name: KIND, value: clock}\n"
        ),
        "app/start.sh": "#!/bin/sh\ncase ${KIND:-mail} in\n  mail) exec python mail.py ;;\n  clock) exec python clock.py ;;\nesac\n",
        "app/mail.py": LOOP, "app/clock.py": LOOP,
    }  # fmt: skip
    found = places(files)
    assert "k8s.yaml" in found["app/clock.py"]
    assert "k8s.yaml" not in found["app/mail.py"]


def test_what_waits_first_starts_what_stands_behind_its_dashes() -> None:
    files = {
        "compose.yaml": "services:\n  bell:\n    build: .\n    command: wait-for-port db:5432 -t 60 -- envdir /etc/bell python clock.py\n",
        "Dockerfile": 'FROM python\nCMD ["bell", "--help"]\n',
        "pyproject.toml": '[project]\nname = "bell"\n[project.scripts]\nbell = "mail:main"\n',
        "clock.py": LOOP, "mail.py": STEP,
    }  # fmt: skip
    found = places(files)
    assert "compose.yaml" in found["clock.py"]
    assert "Dockerfile" not in found.get("mail.py", set())


def test_a_packaged_command_line_of_django_is_no_process() -> None:
    files = {
        "pyproject.toml": '[project]\nname = "shop"\n[project.scripts]\nshop-manager = "shop.manage:manage"\n',
        "shop/__init__.py": "",
        "shop/manage.py": "import sys\n\ndef manage():\n    from django.core.management import execute_from_command_line\n    execute_from_command_line(sys.argv)\n",
    }
    services = found_in(files)
    assert [one for one in services.found if one.kind == "deployable"] == []
    assert [(row.name, row.line) for row in services.rejected if "framework" in row.reason] == [("shop-manager", 4)]


def test_an_app_that_a_packaged_server_imports_is_not_a_second_one() -> None:
    files = {
        "pyproject.toml": '[project]\nname = "shop"\n[project.scripts]\nshop-web = "shop.serve:main"\n',
        "shop/__init__.py": "", "shop/web/__init__.py": "from flask import Flask\napp = Flask(__name__)\n",
        "shop/serve.py": "def main():\n    import shop.web\n    import uvicorn\n    uvicorn.run(shop.web.app)\n",
    }  # fmt: skip
    assert [one.entries[0].path for one in found_in(files).found] == ["shop/serve.py"]


def test_a_handler_that_code_names_as_text_is_a_function_of_its_own() -> None:
    files = {
        "setup/write.py": "def write(make):\n    make('alerts', 'shop.alerts.main.handler', size=1)\n    make('x', 'shop.alerts.main.helper')\n",
        "shop/__init__.py": "", "shop/alerts/__init__.py": "",
        "shop/alerts/main.py": "def handler(event, _):\n    return helper()\n\ndef helper():\n    return 1\n",
    }  # fmt: skip
    (one,) = found_in(files).found
    assert (one.name, one.entries[0].kind, one.entries[0].target) == ("alerts", "lambda", "shop.alerts.main:handler")
    assert [(row.kind, row.path, row.line) for row in one.evidence] == [("serverless", "setup/write.py", 2)]
