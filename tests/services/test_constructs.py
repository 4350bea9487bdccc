"""Functions of CDK applications, commands that nothing starts, and file names that say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.services.constructs import stack_launches
from readiness.types.tree import Text
from tests.services.scans import found_in

STACK = """\
import { PythonFunction } from "@aws-cdk/aws-lambda-python-alpha";
export class Main extends Construct {
  constructor(scope: Stack, props: Props) {
    new Function(this, "orders", {
      runtime: Runtime.PYTHON_3_12,
      code: Code.fromAsset(path.join(__dirname, "..", "orders")),
      environment: { handler: "no.one", LEVEL: "INFO" },
      handler: "app.on_order",
    });
    props.factory.create(this, "stock", {
      description: "keeps the stock",
      index: "shop/stock.py",
      handler: "on_stock",
    });
    new PythonFunction(this, "mails", { entry: "mails", runtime: Runtime.PYTHON_3_12, handler: "send" });
    new Function(this, "page", { runtime: Runtime.NODEJS_20_X, code: Code.fromAsset("page"), handler: "index.handler" });
    this.emitter.on({ handler: "notAFunction" });
  }
}
"""
WORK = "import requests\ndef {0}(event, context):\n    return requests.get('https://x.example')\n"


def test_constructs_in_typescript_name_the_functions() -> None:
    found = found_in(
        {
            "infra/cdk.json": '{"app": "npx ts-node bin/app.ts"}',
            "infra/lib/main.ts": STACK,
            "infra/orders/app.py": WORK.format("on_order"),
            "code/shop/stock.py": WORK.format("on_stock"),
            "infra/mails/index.py": WORK.format("send"),
            "infra/page/index.py": WORK.format("handler"),
        }
    ).found
    rows = [
        (row.name, row.entries[0].kind, row.entries[0].target, row.evidence[0].path, row.evidence[0].line)
        for row in found
    ]
    assert sorted(rows) == [
        ("mails", "lambda", "infra.mails.index:send", "infra/lib/main.ts", 15),
        ("orders", "lambda", "infra.orders.app:on_order", "infra/lib/main.ts", 8),
        ("stock", "lambda", "code.shop.stock:on_stock", "infra/lib/main.ts", 13),
    ]


def test_constructs_in_python_do_too() -> None:
    found = found_in(
        {
            "cdk.json": '{"app": "python app.py"}',
            "stacks/main.py": """\
                from aws_cdk import aws_lambda
                from aws_cdk.aws_lambda_python_alpha import PythonFunction
                class Main:
                    def __init__(self, scope):
                        aws_lambda.Function(self, "orders", runtime=aws_lambda.Runtime.PYTHON_3_12,
                            handler="app.on_order", code=aws_lambda.Code.from_asset("lambda/orders"))
                        PythonFunction(self, "mails", entry="lambda/mails", index="send.py", handler="send")
                        aws_lambda.Function(self, "page", runtime=aws_lambda.Runtime.NODEJS_20_X,
                            handler="app.on_order", code=aws_lambda.Code.from_asset("lambda/orders"))
                """,
            "lambda/orders/app.py": WORK.format("on_order"),
            "lambda/mails/send.py": WORK.format("send"),
        }
    ).found
    rows = [(row.name, row.entries[0].path, row.evidence[0].path, row.evidence[0].line) for row in found]
    assert sorted(rows) == [
        ("mails", "lambda/mails/send.py", "stacks/main.py", 7),
        ("orders", "lambda/orders/app.py", "stacks/main.py", 5),
    ]


@given(st.text(alphabet="{}:,\"'handler index.py()\n", max_size=300))
def test_any_typescript_is_survived(text: str) -> None:
    for row in stack_launches(Text("lib/a.ts", 'x({ handler: "a.b", ' + text), ("",)):
        assert row.handler and 1 <= row.line <= text.count("\n") + 1


MONOREPO = {
    "web/pyproject.toml": "[project]\nname = 'web'\n[project.scripts]\nweb-tool = 'web.tool:main'\n",
    "web/web/__init__.py": "",
    "web/web/app.py": "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef home():\n    return ''\n",
    "web/web/tool.py": "def main():\n    print('once')\n",
    "client/pyproject.toml": "[project]\nname = 'client'\n[project.scripts]\nclient = 'client.shell:main'\n",
    "client/client/__init__.py": "",
    "client/client/shell.py": "def main():\n    print('once')\n",
}
STARTED = {"web/Dockerfile": 'FROM python:3.12\nCMD ["gunicorn", "web.app:app"]\n'}


def test_a_client_beside_what_is_deployed_is_a_tool() -> None:
    found = found_in({**MONOREPO, **STARTED})
    assert [row.name for row in found.found if row.kind == "deployable"] == ["web", "web-tool"]
    assert [(row.name, row.path, row.line, row.evidence) for row in found.rejected if row.name == "client"] == [
        ("client", "client/pyproject.toml", 4, "console-script")
    ]


def test_where_nothing_is_deployed_the_command_is_what_is_shipped() -> None:
    assert "client" in [row.name for row in found_in(MONOREPO).found if row.kind == "deployable"]


BOX = {
    "pyproject.toml": "[project]\nname = 'it'\n[project.scripts]\nit = 'it.cli:main'\n",
    "it/__init__.py": "",
    "it/cli.py": "import cyclopts\napp = cyclopts.App()\ndef pull(): ...\ndef push(): ...\n"
    "app.command(pull)\napp.command(push)\ndef main():\n    app()\n",
}


@pytest.mark.parametrize(("ending", "names"), [("", []), ('CMD ["pull"]\n', ["cli"])])
def test_the_image_of_a_group_of_commands_serves_only_what_is_chosen(ending: str, names: list[str]) -> None:
    found = found_in({**BOX, "Dockerfile": 'FROM python:3.12\nCOPY . .\nENTRYPOINT ["it"]\n' + ending})
    assert [row.name for row in found.found if row.kind == "deployable"] == names
    assert [row.name for row in found.rejected if row.evidence == "dockerfile"] == ([] if names else ["it"])


def test_a_server_of_documents_is_a_process_and_a_folder_of_them_is_none() -> None:
    app = "from flask import Flask\nAPP = Flask(__name__)\n@APP.get('/')\ndef page():\n    return ''\n"
    unit = "[Service]\nExecStart=/usr/bin/gunicorn {0}\n"
    files = {"docs_server.py": app, "files/docs_web.service": unit.format("docs_server:APP")}
    assert [(row.name, row.entries[0].path) for row in found_in(files).found] == [("docs_web", "docs_server.py")]
    files = {"docs/server.py": app, "files/web.service": unit.format("docs.server:APP")}
    assert [row.name for row in found_in(files).found if row.kind == "deployable"] == []


def test_what_a_uwsgi_file_sets_above_is_put_in() -> None:
    found = found_in(
        {
            "conf/uwsgi.ini": "[uwsgi]\nproject = shop\nmodule = %(project).wsgi:application\nlogto = /var/%(project).log\n",
            "shop/__init__.py": "",
            "shop/wsgi.py": "from flask import Flask\napplication = Flask(__name__)\n",
        }
    ).found
    assert [(row.entries[0].target, row.evidence[0].line) for row in found] == [("shop.wsgi:<module>", 3)]
