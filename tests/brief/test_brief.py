"""What `brief` makes of routes, models and hostile names; the Go module is built by a real toolchain, the runner is really run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from openapi_spec_validator import validate

from readiness import question
from readiness.brief import SHIPPED, brief
from readiness.brief.rpc import FIELD, messages_of
from readiness.cli import run
from readiness.config import load_config
from readiness.discover import discover
from readiness.paths import reports_folder, rules_folder
from readiness.rulebook import load_rulebook
from readiness.scan import analyse
from readiness.types.tree import GitFacts
from readiness.workers import extract_files

FASTAPI = """
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from fastapi import Depends, FastAPI, Header, HTTPException, Query
from pydantic import BaseModel, Field

app = FastAPI()

class Line(BaseModel):
    sku: str
    count: int = 1

class Order(BaseModel):
    lines: list[Line]
    total: Decimal = Field(..., gt=0)
    placed: datetime | None = None
    kind: Literal["web", "app"]
    extra: Mystery

def who(x_caller: str = Header()) -> str:
    return x_caller

@app.get("/orders/{order_id}")
async def read_order(order_id: int, full: bool = False, caller: str = Depends(who)) -> Order:
    if order_id < 0:
        raise HTTPException(404, "no such order")
    return load(order_id)

@app.post("/orders", status_code=201, response_model=Order)
async def add_order(body: Order, dry: Annotated[bool, Query()] = False):
    return body
"""

FLASK = """
from flask import Flask, jsonify, request

app = Flask(__name__)

@app.route("/things/<int:thing_id>", methods=["GET", "DELETE"])
def thing(thing_id):
    page = request.args.get("page", 1)
    return jsonify(id=thing_id, page=page)

@app.route("/things", methods=["POST"])
def make():
    body = request.get_json()
    return {"name": body["name"], "size": body.get("size")}, 201
"""


def files_of(root: Path, name: str, text: str, service: str | None = None) -> Mapping[str, str]:
    """The folder that `brief` makes of a one-file service."""
    (root / "src").mkdir()
    (root / "src" / name).write_text(text, encoding="utf-8")
    (root / "src" / "Procfile").write_text(f"web: uvicorn {name.removesuffix('.py')}:app\n", encoding="utf-8")
    return brief_of(root / "src", service)


def brief_of(root: Path, service: str | None = None) -> Mapping[str, str]:
    config = load_config(root, None)
    tree = discover(root, config, GitFacts())
    facts = extract_files(root, tree.sources, None, config, lambda done, total: None).facts
    rulebook = load_rulebook([rules_folder()])
    report = analyse(tree, facts, rulebook, config)
    row = next(s for s in report.services if service in (None, s.name))
    shipped = {name: (reports_folder() / "brief" / name).read_text(encoding="utf-8") for name in SHIPPED}
    return brief(report, row, tree, facts, rulebook, shipped)


def test_annotations_become_parameters_bodies_and_schemas(tmp_path: Path) -> None:
    files = files_of(tmp_path, "orders.py", FASTAPI)
    document = yaml.safe_load(files["openapi.yaml"])
    validate(document)
    read = document["paths"]["/orders/{order_id}"]["get"]
    assert [(p["name"], p["in"], p["required"], p["schema"]["type"]) for p in read["parameters"]] == [
        ("order_id", "path", True, "integer"), ("full", "query", False, "boolean"), ("x-caller", "header", True, "string"),
    ]  # fmt: skip
    assert read["x-source"] == "orders.py:25"
    assert set(read["responses"]) == {"200", "404"}
    assert read["responses"]["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Order"}
    add = document["paths"]["/orders"]["post"]
    assert add["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Order"}
    assert set(add["responses"]) == {"201"}
    order = document["components"]["schemas"]["Order"]
    assert order["required"] == ["lines", "total", "kind", "extra"]
    assert order["properties"]["lines"] == {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}
    assert order["properties"]["placed"] == {"type": "string", "format": "date-time", "nullable": True}
    assert order["properties"]["extra"] == {"x-todo": "type not told by the code: Mystery"}
    assert "Order.extra has a type that the code does not tell (orders.py:19)" in files["BRIEF.md"]


def test_what_a_handler_reads_of_its_request_is_its_contract(tmp_path: Path) -> None:
    files = files_of(tmp_path, "things.py", FLASK)
    document = yaml.safe_load(files["openapi.yaml"])
    validate(document)
    thing = document["paths"]["/things/{thing_id}"]
    assert set(thing) == {"get", "delete"}
    assert [(p["name"], p["in"], p["schema"]["type"]) for p in thing["get"]["parameters"]] == [
        ("thing_id", "path", "integer"), ("page", "query", "string"),
    ]  # fmt: skip
    body = document["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == {"name", "size"}
    assert body["required"] == ["name"]
    assert list(document["paths"]["/things"]["post"]["responses"]) == ["201"]


SPLIT = {
    "types_.py": "from enum import Enum\nfrom typing import Annotated\nfrom pydantic import BaseModel, Field\n"
    "class Base(str, Enum): ...\nclass Colour(Base): ...\nKey = Annotated[int, Field(gt=0)]\n"
    "class Thing(BaseModel):\n    key: Key\n    colour: Colour | None = None\n",
    "views.py": "from fastapi import APIRouter\nfrom types_ import Key, Thing as T\nrouter = APIRouter(prefix='/things')\n"
    "@router.post('')\ndef add(body: T) -> T: ...\n@router.delete('/{key}', status_code=204)\ndef drop(key: Key): ...\n",
    "main.py": "from fastapi import FastAPI\nimport views\napp = FastAPI()\napp.include_router(views.router, prefix='/v1')\n",
    "Procfile": "web: uvicorn main:app\n",
}


FORMS = """
from flask import Flask, jsonify, request

app = Flask(__name__)

@app.route("/people", methods=["POST"])
def make():
    given = {k: v.strip() for k, v in request.form.items()}
    return jsonify({"name": given["name"], "age": given.get("age")}), 201

@app.route("/orders", methods=["POST"])
def order():
    if not request.headers.get("Authorization"):
        return "nobody is known", 401
    given = {k: v for k, v in request.get_json().items()}
    return jsonify(given["sku"]), 201
"""


def test_forms_copies_of_bodies_and_texts_are_told_as_they_are_sent(tmp_path: Path) -> None:
    files = files_of(tmp_path, "app.py", FORMS)
    document = yaml.safe_load(files["openapi.yaml"])
    validate(document)
    people = document["paths"]["/people"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"][
        "schema"
    ]
    assert (sorted(people["properties"]), people["required"]) == (["age", "name"], ["name"])
    order = document["paths"]["/orders"]["post"]
    assert list(order["requestBody"]["content"]["application/json"]["schema"]["properties"]) == ["sku"]
    assert list(order["responses"]["401"]["content"]) == ["text/html"]
    case = json.loads(files["characterisation/cases/post_people.json"])
    assert (case["request"]["form"], list(case["request"]["body"])) == (True, ["name"])
    assert json.loads(files["characterisation/cases/post_orders.json"])["request"]["headers"] == {
        "Authorization": "TODO string"
    }


def test_routers_aliases_and_enumerations_are_followed_over_files(tmp_path: Path) -> None:
    write(tmp_path, SPLIT)
    document = yaml.safe_load(brief_of(tmp_path)["openapi.yaml"])
    validate(document)
    assert {(route, method) for route, row in document["paths"].items() for method in row} == {
        ("/v1/things", "post"),
        ("/v1/things/{key}", "delete"),
    }
    assert document["paths"]["/v1/things/{key}"]["delete"]["parameters"][0]["schema"] == {"type": "integer"}
    assert document["components"]["schemas"]["Thing"]["properties"] == {
        "key": {"type": "integer"},
        "colour": {"type": "string", "nullable": True},
    }


def test_reads_come_before_writes_and_the_first_route_is_diverted(tmp_path: Path) -> None:
    files = files_of(tmp_path, "orders.py", FASTAPI)
    order = [line for line in files["BRIEF.md"].splitlines() if re.match(r"\d+\. ", line)]
    assert order == ["1. GET `/orders/{order_id}` (reads)", "2. POST `/orders` (writes)"]
    assert "location ~ ^/orders/[^/]+$ {" in files["proxy/nginx.conf"]
    case = json.loads(files["characterisation/cases/get_orders_order_id_.json"])
    assert case["request"]["path"] == {"order_id": 1}
    assert case["request"]["headers"] == {"x-caller": "TODO string"}


ROUTES = """
from fastapi import FastAPI
from pydantic import BaseModel
app = FastAPI()

class Config(BaseModel):
    a: int

class Route(BaseModel):
    config: Config

@app.get("/{organization}/ai")
def one(organization: str) -> Config: ...

@app.get("/organizations/{organization_id}")
def two(organization_id: int) -> Route: ...

@app.get("/files/{path:path}")
def three(path: str) -> Config: ...

@app.get("/report-{day}.json")
def four(day: str) -> Config: ...
"""

HOSTILE = """
from fastapi import FastAPI
app = FastAPI()

@app.get("/x`\\n# injected: */ {{a}} ; } </script>")
def handler(q: str = ""):
    return {"a\\"`b": 1, "type": 2, "Type": "\\u202e"}
"""


@pytest.fixture(scope="module")
def go_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The standard library is compiled once."""
    return tmp_path_factory.mktemp("go")


@pytest.mark.skipif(shutil.which("go") is None, reason="no Go toolchain on this machine")
@pytest.mark.parametrize("text", [FASTAPI, FLASK, ROUTES, HOSTILE], ids=["fastapi", "flask", "routes", "hostile"])
def test_the_go_module_builds_and_is_formatted(tmp_path: Path, go_cache: Path, text: str) -> None:
    check_module(tmp_path, files_of(tmp_path, "app.py", text), go_cache)


def check_module(tmp_path: Path, files: Mapping[str, str], go_cache: Path) -> None:
    """The real toolchain formats nothing, finds nothing and passes the module's own tests."""
    folder = tmp_path / "out"
    write(folder, files)
    environment = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOCACHE": str(go_cache), "HOME": str(go_cache)}
    for line in (["gofmt", "-l", "."], ["go", "vet", "./..."], ["go", "test", "./..."]):
        done = subprocess.run(
            line, check=False, cwd=folder / "go", env={**_path(), **environment}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout == "" or line[1] == "test"


PROTO_REPO = Path(__file__).parent.parent / "repos" / "proto_elsewhere"


def test_a_grpc_service_gets_its_proto_and_an_interface() -> None:
    files = brief_of(PROTO_REPO, "mail")
    assert files["proto/protos/mail.proto"] == (PROTO_REPO / "protos" / "mail.proto").read_text(encoding="utf-8")
    assert "Send(ctx context.Context, request *Letter) (*Receipt, error)" in files["go/rpc.go"]
    assert "Follow(ctx context.Context, request *Receipt, send func(*State) error) error" in files["go/rpc.go"]
    assert "// Send stands for server:Mail.Send (mail/server.py:11)." in files["go/rpc.go"]
    assert "- shop.mail.v1.Mail/Send(Letter) returns (Receipt) (protos/mail.proto:6)" in files["BRIEF.md"]
    assert "Number" not in files["go/rpc.go"]  # a helper that no client can call


def test_without_a_proto_names_are_all_that_is_told(tmp_path: Path) -> None:
    shutil.copytree(PROTO_REPO, tmp_path / "copy", ignore=shutil.ignore_patterns("protos", "expected.toml"))
    files = brief_of(tmp_path / "copy", "mail")
    derived = files["proto/derived.proto"]
    assert "rpc Send(SendRequest) returns (SendReply);  // TODO: mail/server.py:11" in derived
    assert "message SendReply {}  // TODO" in derived


def test_inner_messages_and_oneof_are_read() -> None:
    text = "message A { enum E { X = 0; } oneof w { string a = 1; B b = 2; } message B { repeated int64 n = 1; } map<string, int32> m = 3; }"
    found = dict(messages_of(text))
    assert [row[2] for row in FIELD.findall(found["A"])] == ["a", "b", "m"]
    assert [row[1:] for row in FIELD.findall(found["B"])] == [("int64", "n")]


def test_an_option_in_braces_hides_no_message_and_depth_costs_no_more_than_length() -> None:
    (row,) = messages_of("message A { option (rule) = { min: 1 }; string a = 1; }")
    assert row[0] == "A" and [field[2] for field in FIELD.findall(row[1])] == ["a"]
    depth = 20_000  # a brace of each is looked at once: a hostile file of this size took a minute and a half
    deep = "".join(f"message m{n} {{" for n in range(depth)) + "int32 a = 1;" + "}" * depth
    names = [name for name, _ in messages_of(deep)]
    assert (names[0], names[-1], len(names)) == ("m19999", "m0", depth)


@pytest.mark.skipif(shutil.which("go") is None, reason="no Go toolchain on this machine")
@pytest.mark.parametrize("has_proto", [True, False])
def test_the_go_module_of_a_grpc_service_builds_and_is_formatted(
    tmp_path: Path, go_cache: Path, has_proto: bool
) -> None:
    left_out = ("expected.toml",) if has_proto else ("expected.toml", "protos")
    shutil.copytree(PROTO_REPO, tmp_path / "copy", ignore=shutil.ignore_patterns(*left_out))
    check_module(tmp_path, brief_of(tmp_path / "copy", "mail"), go_cache)


def test_routes_are_tried_with_fixed_segments_first_and_keep_their_rest(tmp_path: Path) -> None:
    files = files_of(tmp_path, "app.py", ROUTES)
    assert re.findall(r'"GET", ("[^"]*"), s\.(\w+)', files["go/server.go"]) == [
        ('"/files/{path...}"', "Three"),
        ('"/organizations/{organization_id}"', "Two"),
        ('"/report-{day}.json"', "Four"),
        ('"/{organization}/ai"', "One"),
    ]
    assert "type ConfigModel struct {" in files["go/types.go"]
    assert '\tConfig ConfigModel `json:"config"`' in files["go/types.go"]


def test_only_the_framework_s_own_names_count(tmp_path: Path) -> None:
    """A house has its own `Depends`, `abort` and `BaseModel`; an argument called `request` may be anything."""
    own = """
        from fastapi import FastAPI
        app = FastAPI()
        class BaseModel: ...
        class Thing(BaseModel):
            a: int
        def abort(code): ...
        def jsonify(value): ...
        @app.post("/x")
        def make(body: Thing, request: dict):
            if request.get("q"):
                abort(404)
            return jsonify({"a": 1})
    """
    post = yaml.safe_load(files_of(tmp_path, "app.py", dedent(own))["openapi.yaml"])["paths"]["/x"]["post"]
    assert "requestBody" not in post
    assert "parameters" not in post
    assert set(post["responses"]) == {"200"}
    assert "x-todo" in post["responses"]["200"]["content"]["application/json"]["schema"]


def test_a_service_s_name_is_no_path(tmp_path: Path, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n", encoding="utf-8")
    (tmp_path / "src" / "Procfile").write_text("web: uvicorn app:app\n", encoding="utf-8")
    line = '[[services]]\nmatch = ["**"]\nname = "../../up"\n'
    (tmp_path / "src" / "readiness.toml").write_text(line, encoding="utf-8")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert run(["brief", "../../up", str(tmp_path / "src"), "--no-cache"]) == 0
    assert [p.name for p in (tmp_path / "here").iterdir()] == ["brief-up"]
    assert {p.name for p in tmp_path.iterdir()} == {"here", "src"}


def test_hostile_names_stay_on_their_line(tmp_path: Path) -> None:
    files = files_of(tmp_path, "app.py", HOSTILE)
    validate(yaml.safe_load(files["openapi.yaml"]))
    for path in ("BRIEF.md", "proxy/nginx.conf", "go/handlers.go", "go/server.go"):
        assert not [line for line in files[path].splitlines() if line.startswith("# injected")], path
    assert "</script>" not in files["proxy/nginx.conf"]


def test_the_brief_opens_with_the_verdict_and_the_port_listens_where_the_python_did(shop: Path) -> None:
    files = brief_of(shop, "edge-gateway")
    assert (
        files["BRIEF.md"]
        .splitlines()[2]
        .startswith("**Port first, if traffic confirms.** 3 calls keep connections open")
    )
    assert 'config.Listen = ":" + config.Port' in files["go/config.go"]


def test_the_experiment_and_its_stop_number_are_the_report_s(shop: Path) -> None:
    page = brief_of(shop, "edge-gateway")["BRIEF.md"].partition("## Prove it in a day")[2].partition("\n## ")[0]
    assert re.search(r"Try (http-route|websocket) \S+ \(services/edge_gateway/gateway/handlers.py:\d+\)", page)
    assert re.search(r"\n\*\*Do not port if less than \d+% of what was read in the code shows under real load", page)


def test_the_example_gives_briefs_for_every_service(shop: Path) -> None:
    files = brief_of(shop, "billing-api")
    document = yaml.safe_load(files["openapi.yaml"])
    validate(document)
    assert document["components"]["schemas"]["ChargeIn"]["x-source"] == "services/billing_api/billing/schemas.py:11"
    assert "The report does not advise this port" in files["BRIEF.md"]
    assert "type ChargeIn struct {" in files["go/types.go"]
    assert [line for text in files.values() for line in text.splitlines() if str(shop) in line] == []


def test_the_command_makes_a_whole_folder_and_never_writes_into_one(
    tmp_path: Path, shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[Path] = []
    real = question.discover
    monkeypatch.setattr(question, "discover", lambda root, *rest: (walks.append(root), real(root, *rest))[1])
    line = ["brief", "billing-api", str(shop), "--no-cache", "--output", str(tmp_path / "out")]
    assert run(line) == 0
    assert {p.name for p in (tmp_path / "out").iterdir()} >= {"BRIEF.md", "go", "openapi.yaml", "load.py", "proxy"}
    assert {p.name for p in tmp_path.iterdir()} == {"out"}
    assert walks == [shop]  # one scan gives the report and the facts
    capsys.readouterr()
    assert run(line) == 2
    assert "is not empty" in capsys.readouterr().err
    assert run(["brief", "billing", str(shop), "--no-cache"]) == 2
    assert "no service is called billing, did you mean billing-api?; known: " in capsys.readouterr().err


@pytest.fixture
def shop() -> Path:
    return Path(__file__).resolve().parents[2] / "examples" / "shop"


class Answer(BaseHTTPRequestHandler):
    greeting = "hello"

    def do_GET(self) -> None:
        body = json.dumps({"greeting": self.greeting, "path": self.path, "stamp": id(self)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    httpd = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_the_runner_records_then_tells_a_changed_answer(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_of(
        tmp_path, "app.py", 'from fastapi import FastAPI\napp = FastAPI()\n@app.get("/hi")\ndef hi():\n    return 1\n'
    )
    folder = tmp_path / "out"
    write(folder, files)
    path = folder / "characterisation" / "cases" / "get_hi.json"
    assert run_cases(folder, BASE_URL=server, RECORD="1") == 0
    case = json.loads(path.read_text(encoding="utf-8"))
    assert (case["answer"]["status"], case["answer"]["body"]["greeting"], case["answer"]["body"]["path"]) == (
        200,
        "hello",
        "/hi",
    )
    assert run_cases(folder, BASE_URL=server) == 1  # the stamp differs from run to run
    path.write_text(json.dumps({**case, "ignore": ["stamp"]}), encoding="utf-8")
    assert run_cases(folder, BASE_URL=server) == 0
    monkeypatch.setattr(Answer, "greeting", "goodbye")
    assert run_cases(folder, BASE_URL=server) == 1


def test_the_load_script_measures_and_stays_on_loopback(tmp_path: Path, server: str) -> None:
    script = reports_folder() / "brief" / "load.py"
    line = [sys.executable, str(script), f"{server}/x", "--seconds", "0.3", "--connections", "2"]
    row = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    assert row["failures"] == 0
    assert row["answers"] > 0
    assert row["p50_ms"] <= row["p99_ms"]
    refused = subprocess.run(
        [sys.executable, str(script), "http://192.0.2.1/x"], check=False, capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert "only loopback" in refused.stderr


def run_cases(folder: Path, **environment: str) -> int:
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_characterisation.py"]
    return subprocess.run(
        line, check=False, cwd=folder / "characterisation", env={**_path(), **environment}, capture_output=True
    ).returncode


def _path() -> dict[str, str]:
    import os

    return {"PATH": os.environ["PATH"]}


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
