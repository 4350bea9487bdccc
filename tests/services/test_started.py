"""How processes are begun that the plain command line does not show: named apps, code locations, build targets, side-cars."""

from __future__ import annotations

from tests.services.scans import found_in

API = "from fastapi import FastAPI\nimport requests\napp = FastAPI()\n@app.get('/x')\ndef x():\n    return requests.get('u').text\n"


def test_a_file_that_serves_another_module_s_app_loads_that_module() -> None:
    files = {
        "Dockerfile": 'FROM python\nCMD ["python", "start.py"]\n',
        "start.py": "import uvicorn\n\nif __name__ == '__main__':\n    uvicorn.run('shop.main:app')\n",
        "shop/__init__.py": "", "shop/main.py": API,
    }  # fmt: skip
    (one,) = found_in(files).found
    assert [entry.target for entry in one.entries] == ["start:<module>", "shop.main:x"]
    assert one.own == ("shop.main", "start")


def test_a_main_file_that_calls_what_a_web_process_serves_is_that_process() -> None:
    served = API + "import uvicorn\n\ndef serve():\n    uvicorn.run(app)\n"
    files = {
        "Dockerfile": 'FROM python\nCMD ["python", "-m", "shop"]\n',
        "k8s.yaml": (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec:\n  template:\n    spec:\n"
            "      containers:\n      - name: shop\n        command: [uvicorn, shop.main:app]\n"
        ),
        "shop/__init__.py": "", "shop/main.py": served,
        "shop/__main__.py": "from shop.main import serve\n\nif __name__ == '__main__':\n    serve()\n",
    }  # fmt: skip
    (one,) = found_in(files).found
    assert (one.name, one.roles) == ("shop", ("web",))
    assert {(row.kind, row.path, row.line) for row in one.evidence} >= {
        ("kubernetes", "k8s.yaml", 9),
        ("dockerfile", "Dockerfile", 2),
    }


def test_a_code_location_is_the_platform_s_with_the_files_of_its_jobs() -> None:
    files = {
        "docker-compose.yaml": (
            "services:\n  sales_code:\n    build: {context: sales}\n"
            "    entrypoint: [dagster, code-server, start, -p, '4000', --module-name, sales.definitions]\n"
        ),
        "sales/Dockerfile": "FROM python\n", "sales/sales/__init__.py": "",
        "sales/pyproject.toml": '[project]\nname = "sales"\n[tool.dg.project]\nroot_module = "sales"\n',
        "sales/sales/definitions.py": "import dagster\n\ndefs = dagster.Definitions()\n",
        "sales/sales/jobs.py": "import dagster\nimport requests\n\n@dagster.asset\ndef fetch():\n    return requests.get('u')\n",
    }  # fmt: skip
    (one,) = [row for row in found_in(files).found if row.kind == "deployable"]
    assert (one.name, one.roles, one.archetype) == ("sales_code", ("dag",), "pipeline")
    assert [(row.kind, row.path, row.line) for row in one.evidence if row.kind != "dockerfile"] == [
        ("compose", "docker-compose.yaml", 4), ("code-location", "sales/pyproject.toml", 4), ("airflow-dag", "sales/sales/jobs.py", 5),
    ]  # fmt: skip
    assert {name.rpartition(".")[2] for name in one.own} >= {"definitions", "jobs"}


def test_a_build_s_target_chooses_the_stage() -> None:
    image = 'FROM python AS runtime\nCMD ["python", "web.py"]\nFROM runtime AS dev\nCMD ["python", "shell.py"]\n'
    files = {
        "Dockerfile": image,
        "compose.yaml": "services:\n  web:\n    build: {context: ., target: runtime}\n  same:\n    build: .\n",
        "web.py": "import flask\napp = flask.Flask('x')\nif __name__ == '__main__':\n    app.run()\n", "shell.py": "print(1)\n",
    }  # fmt: skip
    entries = {one.name: one.entries[0].path for one in found_in(files).found}
    assert entries == {"web": "web.py", "same": "shell.py"}


def test_the_ledger_reads_an_image_that_is_a_template() -> None:
    files = {
        "Dockerfile.j2": 'FROM python:{{ version | default("3.12") }}\n{% if x %}\nRUN apt-get install libpq5\n{% endif %}\nCMD ["python", "web.py"]\n',
        "web.py": "import flask\napp = flask.Flask('x')\nif __name__ == '__main__':\n    app.run()\n",
    }  # fmt: skip
    (one,) = found_in(files).found
    rows = dict(one.operations)
    assert (rows["image"], rows["base_image"], rows["system_packages"]) == ("Dockerfile.j2:5", "python:3.12", "libpq5")


def test_a_side_car_that_starts_first_is_a_process_and_a_step_is_none() -> None:
    template = (
        "{{/* many\nlines */}}\napiVersion: v1\nkind: PodTemplate\nmetadata: {name: pod}\ntemplate:\n  spec:\n    initContainers:\n"
        "    - name: prepare\n      command: [python, prepare.py]\n    - name: pusher\n      restartPolicy: Always\n"
        '      command: [{{ include "prefix" . }}"/bin/pusher.sh"]\n    containers:\n    - name: other\n      command: [sleep]\n'
    )
    files = {
        "chart/Chart.yaml": "name: x\n", "chart/templates/pod.yaml": template, "prepare.py": "print(1)\n", "push.py": "print(1)\n",
        "bin/pusher.sh": "#!/bin/sh\nstart() {\n  while true; do\n    python push.py\n    sleep 1\n  done\n}\nstart &\nwait\n",
    }  # fmt: skip
    found = found_in(files).found
    assert [(one.name, one.entries[0].path) for one in found if one.kind == "deployable"] == [("push", "push.py")]


def test_who_calls_an_override_that_only_a_name_loads_runs_it() -> None:
    base = "class Sender:\n    def send(self):\n        raise NotImplementedError\n\ndef load(name) -> Sender:\n    return __import__(name)\n"
    mail = "import requests\nfrom app.base import Sender\nfrom app.wire import post\n\nclass Mail(Sender):\n    def send(self):\n        post()\n"
    files = {
        "Procfile": "web: gunicorn app.web:app\nsend: python send.py\n", "app/__init__.py": "", "app/base.py": base,
        "app/mail.py": mail, "app/wire.py": "import requests\n\ndef post():\n    requests.post('u')\n",
        "app/web.py": "import flask\nfrom app.wire import post\napp = flask.Flask('x')\n\n@app.post('/x')\ndef x():\n    post()\n",
        "send.py": "from app.base import load\n\ndef main(name):\n    while True:\n        load(name).send()\n\nmain('mail')\n",
    }  # fmt: skip
    services = found_in(files)
    sending = next(one for one in services.found if one.name == "send")
    assert [entry.target for entry in sending.entries] == ["send:<module>"]
    assert len(sending.functions) == 6  # the module, main, load, both `send`, post


LOADER = "import importlib\ndef load(name):\n    return importlib.import_module(name)\n"


def test_a_default_that_a_text_names_belongs_to_the_process_that_loads_by_texts() -> None:
    files = {
        "Dockerfile": 'FROM python\nCMD ["python", "-m", "app.main"]\n',
        "app/__init__.py": "", "app/loading.py": LOADER,
        "app/main.py": (
            "from app import loading, settings\nfrom wsgiref.simple_server import make_server\n"
            "loading.load(settings.HANDLERS[0])\nmake_server('', 1, None).serve_forever()\n"
        ),
        "app/settings.py": "HANDLERS = ['app.handlers']\n",
        "app/handlers.py": "import tornado.web\nclass Show(tornado.web.RequestHandler):\n    def get(self): ...\n",
    }  # fmt: skip
    (one,) = found_in(files).found
    assert one.own == ("app.handlers", "app.loading", "app.main", "app.settings")
    assert ("http-route", "app.handlers:Show.get") in {(entry.kind, entry.target) for entry in one.entries}


def test_a_table_of_what_other_processes_begin_in_gives_none_of_them_to_the_reader() -> None:
    files = {
        "Procfile": "one: python -m app.one\ntwo: python -m app.two\n",
        "app/__init__.py": "", "app/table.py": LOADER + "TABLE = {'one': 'app.one', 'two': 'app.two'}\n",
        "app/one.py": "import time, app.table\nwhile True:\n    time.sleep(1)\n",
        "app/two.py": "import time, app.table\nwhile True:\n    time.sleep(1)\n",
    }  # fmt: skip
    assert {one.name: "app.two" in one.own + one.shared for one in found_in(files).found} == {"one": False, "two": True}


def test_a_command_that_a_manifest_starts_stays_where_its_function_does() -> None:
    files = {
        "Dockerfile": 'FROM python\nCMD ["pictures"]\n',
        "pyproject.toml": '[project]\nname = "pictures"\n[project.scripts]\npictures = "pictures.server:main"\n',
        "pictures/__init__.py": "",
        "pictures/server.py": "import tornado.ioloop\n\n\ndef main():\n    tornado.ioloop.IOLoop.instance().start()\n",
    }
    (one,) = found_in(files).found
    assert [(row.kind, row.path, row.line) for row in one.evidence if row.kind == "stays"] == [
        ("stays", "pictures/server.py", 5)
    ]


def test_a_server_that_has_the_import_among_its_modules_loads_what_texts_name_and_a_command_that_ends_does_not() -> (
    None
):
    files = {
        "Dockerfile": 'FROM python\nCMD ["gunicorn", "app.web:api"]\n', "setup.py": "", "job/Dockerfile": 'FROM python\nCMD ["python", "-m", "app.once"]\n',
        "app/__init__.py": "", "app/loading.py": LOADER + "PLUGINS = ['app.plugin']\n", "app/plugin.py": "",
        "app/web.py": "from app import loading\nfrom flask import Flask\napi = Flask(__name__)\n@api.get('/')\ndef home(): ...\n",
        "app/once.py": "from app import loading\nprint(1)\n",
    }  # fmt: skip
    found = {one.name: "app.plugin" in one.own + one.shared for one in found_in(files).found}
    assert sorted(found.values()) == [False, True] and len(found) == 2
