"""learn and library_paths: what a private wrapper package does, read from its source, through the real command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from readiness.cli import run
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.rulebook import Api, Entry, Library

LIBRARY = {
    "pyproject.toml": '[project]\nname = "acme-platform"\n',
    "src/acme/__init__.py": """
from acme._bus import Bus, handler
from acme.web import create_app, task

open("ran", "w").close()
raise RuntimeError("imported")
""",
    "src/acme/_bus.py": """
import json
from confluent_kafka import Producer

HANDLERS = {}


class _Base:
    def close(self):
        self.producer.flush()


class Bus(_Base):
    def __init__(self, servers):
        self.producer = Producer({"bootstrap.servers": servers})

    def push(self, topic, body):
        self._send(topic, json.dumps(body))

    def _send(self, topic, body):
        self.producer.produce(topic, body)
        self.producer.flush()

    def label(self):
        return "bus"

    def each(self, plugins):
        for plugin in plugins:
            plugin.run()


def handler(topic):
    def keep(work):
        HANDLERS[topic] = work
        return work

    return keep
""",
    "src/acme/web.py": """
from celery import Celery
from fastapi import FastAPI

celery = Celery("acme")


class Platform(FastAPI):
    pass


def create_app(title):
    return FastAPI(title=title)


def task(name):
    def decorate(work):
        return celery.task(name=name)(work)

    return decorate
""",
    "src/acme/work.py": """
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psycopg2

POOL = ThreadPoolExecutor(4)


def background(work):
    POOL.submit(work)


def twice(count, *, work):
    background(work)


def now(work):
    work()


class Registry:
    def later(self, work):
        threading.Thread(target=work).start()


@contextmanager
def session(url):
    yield psycopg2.connect(url)


def pages(url):
    for number in range(9):
        yield httpx.get(url)


async def peer(url):
    async with httpx.AsyncClient() as client:
        return await client.get(url)


def _private():
    httpx.get("x")
""",
    "tests/test_acme.py": "import requests\n\n\ndef test_it():\n    requests.get('x')\n",
}
SERVICE = {
    "pyproject.toml": "[tool.readiness]\n",
    "app.py": """
from acme import Bus, create_app, task
from acme.work import background, session
from zettel import Zettel

app = create_app("orders")
bus = Bus("kafka:9092")


@app.get("/orders/{id}")
async def order(id: str):
    bus.push("orders", id)
    with session("postgres://") as connection:
        connection.cursor().execute("SELECT 1")
    bus.label()


@app.get("/other")
async def other():
    background(lambda: bus.push("x", "y"))


@task("nightly")
def nightly():
    Zettel().put(1)
""",
}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    return written(tmp_path / "acme-checkout", LIBRARY)


def learnt(folder: Path, into: Path) -> Library:
    """The page that `learn` writes, as the rulebook reads it."""
    page = into / "libraries" / "acme-platform.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    assert run(["learn", str(folder), "--output", str(page), "--force"]) == 0
    book = load_rulebook([rules_folder(), into])
    return next(library for library in book.libraries if library.distribution == "acme-platform")


def scanned(folder: Path, *options: str) -> dict[str, Any]:
    out = folder.parent / "report.json"
    assert run(["scan", str(folder), "--format", "json", "--output", str(out), "-q", *options]) == 0
    report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return report


def found(report: dict[str, Any]) -> set[tuple[str, int, str]]:
    return {(row["rule"], row["line"], row["message"]) for row in report["findings"]}


def test_a_page_says_what_public_names_wait_for_and_runs_nothing(acme: Path, tmp_path: Path) -> None:
    library = learnt(acme, tmp_path / "rules")
    does = {name: (api.kind, api.mode) for api in library.apis for name in api.names}
    assert library.imports == ("acme",)
    assert does["acme.Bus.push"] == does["acme.Bus.close"] == ("broker", "blocking")
    assert does["acme.Bus"] == does["acme.Bus.label"] == (None, None)
    assert does["acme.work.session"] == ("database", "blocking")
    assert does["acme.work.peer"] == ("network", "async")
    assert not [name for name in does if "_private" in name or "_send" in name or "test" in name or "_bus" in name]
    assert "acme.Bus.each" not in does  # what it calls is not known
    assert not (acme / "ran").exists() and not Path("ran").exists()
    text = (tmp_path / "rules/libraries/acme-platform.md").read_text(encoding="utf-8")
    assert "# push: src/acme/_bus.py:21 confluent_kafka.Producer.produce" in text
    assert "so they claim nothing: acme.Bus.each\n" in text
    assert "with its kind): acme.handler\n" in text


def test_a_page_says_what_calls_give_hand_on_and_register(acme: Path, tmp_path: Path) -> None:
    library = learnt(acme, tmp_path / "rules")
    rows: dict[str, Api] = {name: api for api in library.apis for name in api.names}
    assert rows["acme.create_app"].returns == "fastapi.FastAPI"
    assert rows["acme.work.session"].enters == "psycopg2.extensions.connection"
    assert rows["acme.work.pages"].iterates == "httpx.Response"
    assert (rows["acme.work.background"].hands, rows["acme.work.background"].hands_argument) == (
        "thread",
        "arg:0,kw:work",
    )
    assert (rows["acme.work.twice"].hands, rows["acme.work.twice"].hands_argument) == ("thread", "kw:work")
    assert rows["acme.work.now"].hands == "sync"
    assert (rows["acme.work.Registry.later"].hands, rows["acme.work.Registry.later"].hands_argument) == (
        "thread",
        "arg:0,kw:work",
    )
    assert set(library.entries) == {
        Entry("decorator", ("acme.task", "acme.web.task"), "task", "arg:0,kw:name"),
        Entry("instance", ("acme.create_app", "acme.web.create_app"), "app"),
        Entry("instance", ("acme.web.Platform",), "app"),
    }
    assert library.classes["acme.web.Platform"][0] == "fastapi.FastAPI"
    assert library.attributes["acme.web.celery"] == "celery.Celery"
    assert library.attributes["acme.Bus.producer"] == "confluent_kafka.Producer"


def test_the_page_holds_against_its_own_examples(
    acme: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learnt(acme, tmp_path / "rules")
    assert (run(["rules", "test", str(tmp_path / "rules")]), capsys.readouterr().out) == (0, "")


def test_the_page_is_the_same_wherever_the_library_lies(acme: Path, tmp_path: Path) -> None:
    learnt(acme, tmp_path / "one")
    learnt(Path(shutil.copytree(acme, tmp_path / "elsewhere" / "x")), tmp_path / "two")
    pages = [(tmp_path / name / "libraries/acme-platform.md").read_bytes() for name in ("one", "two")]
    assert pages[0] == pages[1]


def test_an_installed_package_is_read_without_a_checkout(acme: Path, tmp_path: Path) -> None:
    shutil.copytree(acme / "src/acme", tmp_path / "site-packages/acme")
    (tmp_path / "page.md").unlink(missing_ok=True)
    assert run(["learn", str(tmp_path / "site-packages/acme"), "--output", str(tmp_path / "page.md")]) == 0
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert text.startswith("# acme\n") and '"acme.Bus"' in text


def test_a_scan_knows_the_libraries_of_the_settings(acme: Path, tmp_path: Path) -> None:
    service = written(tmp_path / "service", SERVICE)
    assert found(scanned(service, "--no-cache")) == set()
    (service / "pyproject.toml").write_text('[tool.readiness]\nlibrary-paths = ["../acme-checkout"]\n')
    report = scanned(service, "--no-cache")
    rows = found(report)
    assert ("IO101", 12, "acme.Bus.push blocks the event loop of order") in rows
    assert ("IO101", 14, "psycopg2.extensions.cursor.execute blocks the event loop of order") in rows
    assert not [row for row in rows if row[1] in (15, 20) and row[0] == "IO101"]  # `label`; what a thread does
    assert report["summary"]["unknown_libraries"] == [{"name": "zettel", "sites": 2}]
    learnt(acme, tmp_path / "rules")
    (service / "pyproject.toml").write_text('[tool.readiness]\nrules = ["../rules"]\n')
    assert found(scanned(service, "--no-cache")) == rows


def test_a_stored_report_follows_the_library(acme: Path, tmp_path: Path) -> None:
    service = written(tmp_path / "service", SERVICE)
    (service / "pyproject.toml").write_text('[tool.readiness]\nlibrary-paths = ["../acme-checkout"]\n')
    before = found(scanned(service))
    assert found(scanned(service)) == before and [row for row in before if row[1] == 12]
    bus = acme / "src/acme/_bus.py"
    bus.write_text(bus.read_text().replace("self._send(topic, json.dumps(body))", "self.last = json.dumps(body)"))
    assert not [row for row in found(scanned(service)) if row[1] == 12]


def test_a_page_that_was_looked_over_goes_before_what_a_scan_reads(acme: Path, tmp_path: Path) -> None:
    service = written(tmp_path / "service", SERVICE)
    learnt(acme, tmp_path / "rules")
    page = tmp_path / "rules/libraries/acme-platform.md"
    page.write_text(page.read_text(encoding="utf-8").replace('kind = "broker"', 'kind = "cache"'), encoding="utf-8")
    (service / "pyproject.toml").write_text(
        '[tool.readiness]\nrules = ["../rules"]\nlibrary-paths = ["../acme-checkout"]\n'
    )
    functions = scanned(service, "--no-cache")["functions"]
    assert [row["io"]["direct"] for row in functions if row["qualname"] == "order"] == [["cache", "database"]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["learn", "{acme}", "--output", "{acme}/pyproject.toml"], ["pyproject.toml is there", "--force"]),
        (["learn", "{empty}"], ["holds no Python"]),
        (["scan", "{service}", "--format", "json"], ["nowhere", "No such file"]),
    ],
)
def test_what_the_user_got_wrong_is_one_line_and_2(
    arguments: list[str], words: list[str], acme: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service = written(
        tmp_path / "service", {**SERVICE, "pyproject.toml": '[tool.readiness]\nlibrary-paths = ["nowhere"]'}
    )
    (tmp_path / "empty").mkdir()
    filled = [text.format(acme=acme, empty=tmp_path / "empty", service=service) for text in arguments]
    assert run(filled) == 2
    said = capsys.readouterr().err
    assert all(word in said for word in words) and said.count("\n") == 1, said


def test_the_summary_names_the_libraries_that_hide_most(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = "import {0}\n\n\ndef use():\n" + "    {0}.ask()\n"
    files = {f"of_{name}.py": calls.format(name) + f"    {name}.ask()\n" * extra for name, extra in
             (("aaa_lib", 1), ("bbb_lib", 3), ("ccc_lib", 0), ("ddd_lib", 2))}  # fmt: skip
    files["of_shared.py"] = "import google.cloud.nosuch\n\n\ndef use():\n" + "    google.cloud.nosuch.ask()\n" * 9
    files["tests/test_x.py"] = "import eee_lib\n" + "eee_lib.ask()\n" * 20
    folder = written(tmp_path / "repo", files)
    monkeypatch.chdir(tmp_path)
    assert run(["scan", str(folder), "--no-cache", "--format", "json"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("Not known"))
    assert line == (
        "Not known, most calls first: google.cloud.nosuch (9 calls), bbb_lib (4 calls), ddd_lib (3 calls);"
        " `readiness learn FOLDER` reads a library"
    )
