"""Upstart jobs, Apache, Terraform, Cloud Foundry, PasteDeploy: what each starts, with its line, and that no text breaks them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.services.machines import apache, machine_reader, upstart
from readiness.services.manifests import read_manifests
from readiness.services.paste import pasted_apps
from readiness.services.terraform import terraform
from readiness.types.tree import Text
from tests.services.scans import found_in

LOOP = "import time\nimport requests\n\ndef main():\n    while True:\n        requests.get('u')\n        time.sleep(5)\n\nif __name__ == '__main__':\n    main()\n"
WSGI = "from flask import Flask\n\ndef create_app(config, **settings):\n    app = Flask(__name__)\n    return app\n"


def test_an_upstart_job_starts_its_exec_or_its_script() -> None:
    files = {
        "init/mailer.conf": "start on runlevel [2345]\npre-start script\n  mkdir -p /run/mailer\nend script\nscript\n  cd /srv\n  exec python mailer.py\nend script\n",
        "init/reaper.conf": "start on started mailer\nexec python /srv/reaper.py\n",
        "mailer.py": LOOP,
        "reaper.py": LOOP,
    }
    rows = [
        (one.name, one.evidence[0].kind, one.evidence[0].path, one.evidence[0].line) for one in found_in(files).found
    ]
    assert rows == [("mailer", "upstart", "init/mailer.conf", 5), ("reaper", "upstart", "init/reaper.conf", 2)]


def test_apache_serves_the_file_of_its_alias_once() -> None:
    text = "<VirtualHost *:80>\n  WSGIScriptAlias / /srv/shop/serve.py\n  WSGIScriptAlias /b /srv/shop/serve.py\n</VirtualHost>\n"
    files = {"deploy/site.conf": text, "shop/serve.py": WSGI + "application = create_app({})\n"}
    (one,) = found_in(files).found
    assert (one.roles, one.evidence[0].kind, one.evidence[0].line) == (("web",), "apache", 2)
    assert one.entries[0].path == "shop/serve.py"


def test_a_file_behind_apache_that_imports_what_another_server_serves_is_that_one() -> None:
    files = {
        "site.conf": "WSGIScriptAlias / /srv/shop/serve.py\n",
        "Procfile": "web: gunicorn shop.web:app\n",
        "shop/__init__.py": "", "shop/serve.py": "from shop.web import app as application\n",
        "shop/web.py": "from flask import Flask\napp = Flask(__name__)\n",
    }  # fmt: skip
    (one,) = found_in(files).found
    assert one.entries[0].path == "shop/web.py"
    assert {row.kind for row in one.evidence} == {"procfile", "apache"}


def test_terraform_gives_functions_with_the_folder_of_their_code() -> None:
    text = (
        'data "archive_file" "zip" {\n  source_dir = "${path.module}/../src/reader"\n}\n'
        'resource "aws_lambda_function" "reader" {\n  filename = data.archive_file.zip.output_path\n'
        '  handler  = "app.handle"\n  runtime  = "python3.12"\n  environment {\n    variables = { A = "b" }\n  }\n}\n'
        'module "writer" {\n  source_path = "../src/writer"\n  handler = "app.handle"\n  runtime = "python3.12"\n}\n'
        'resource "aws_lambda_function" "js" {\n  handler = "app.handle"\n  runtime = "nodejs20.x"\n}\n'
    )
    rows = [(row.name, row.line, row.folder, row.argv) for row in terraform(Text("infra/main.tf", text))]
    assert rows == [("reader", 4, "src/reader", ("app.handle",)), ("writer", 12, "src/writer", ("app.handle",))]
    code = "def handle(event, context):\n    return 1\n"
    found = found_in({"infra/main.tf": text, "src/reader/app.py": code, "src/writer/app.py": code}).found
    assert [(one.name, one.entries[0].path, one.entries[0].kind) for one in found] == [
        ("reader", "src/reader/app.py", "lambda"), ("writer", "src/writer/app.py", "lambda"),
    ]  # fmt: skip


def test_cloud_foundry_gives_a_process_for_each_command() -> None:
    text = (
        "applications:\n- name: shop\n  path: ..\n  memory: 1G\n  instances: 3\n  command: gunicorn web:app\n"
        "  processes:\n  - type: worker\n    command: python worker.py\n- name: quiet\n"
    )
    launches, _ = read_manifests((Text("deploy/manifest.yml", text),))
    assert [(row.kind, row.line, row.name, row.folder, row.replicas, row.resources) for row in launches] == [
        ("cloud-foundry", 6, "shop", "", 3, (("memory_request", "1G"),)),
        ("cloud-foundry", 9, "shop-worker", "", None, ()),
    ]


PASTE = (
    "[composite:main]\nuse = egg:Paste#urlmap\n/: version\n/v1/long: outside\n/v1: api\n[pipeline:api]\npipeline = cors main_app\n"
    "[app:main_app]\npaste.app_factory = shop.web:create_app\n[app:version]\npaste.app_factory = shop.other:create\n"
    "[app:outside]\npaste.app_factory = oslo.thing:create\n"
)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"api.ini": PASTE}, {"api.ini": "shop.web:create_app"}),
        ({"a.ini": "[app:main]\nuse: call:shop.web:create_app\n"}, {"a.ini": "shop.web:create_app"}),
        (
            {"a.ini": "[app:main]\nuse = egg:shop\n", "setup.py": "setup(entry_points={'paste.app_factory': [\n  'main = shop.web:create_app',\n]})\n"},
            {"a.ini": "shop.web:create_app"},
        ),
        ({"a.ini": "[app:main]\nuse = config:b.ini\n", "b.ini": "[pipeline:main]\npipeline = main\n"}, {}),
    ],
)  # fmt: skip
def test_a_paste_file_names_the_program_s_own_factory(texts: dict[str, str], expected: dict[str, str]) -> None:
    found = pasted_apps([Text(path, text) for path, text in texts.items()], ("shop.web@src", "shop.other"))
    assert found == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("conf/supervisord.conf", "[program:web]\ncommand=newrelic-admin run-program gunicorn --paste conf/api.ini -w 3\n"),
        ("conf/uwsgi.ini", "[uwsgi]\npaste = config:/etc/shop/api.ini\n"),
        ("Procfile", "web: pserve conf/api.ini http_port=80\n"),
    ],
)  # fmt: skip
def test_servers_that_are_given_a_paste_file_serve_its_factory(path: str, text: str) -> None:
    files = {
        path: text,
        "conf/api.ini": "[app:main]\nuse = call:shop.web:create_app\n",
        "shop/__init__.py": "",
        "shop/web.py": WSGI,
    }
    (one,) = found_in(files).found
    assert (one.roles, one.entries[0].target) == (("web",), "shop.web:create_app")


@given(st.text("aw{}[]=:\"'\n $./#scriptendexecWSGIScriptAlias ", max_size=300))
def test_any_text_is_survived(text: str) -> None:
    for path in ("x/job.conf", "main.tf", "app.ini"):
        machine_reader(Text(path, text))
    rows = [*upstart(Text("a.conf", text)), *apache(Text("a.conf", text)), *terraform(Text("a.tf", text))]
    assert all(row.line >= 1 for row in rows)
    assert set(pasted_apps([Text("a.ini", "[app:main]\n" + text)], ("a",))) <= {"a.ini"}
