"""What a process is asked for: who can send it a request, what leaves with a slice, what it runs for others."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent

from readiness.assess import assess
from readiness.coupling import couple
from readiness.extract import extract
from readiness.types.assess import Assessment
from readiness.types.config import Config
from readiness.types.program import EntryPoint
from readiness.types.report import ServiceRow
from readiness.types.services import LOOPS, Evidence, Service, Services
from readiness.types.tree import GitFacts
from tests.programs import program_of, shipped_rulebook


def rated(
    files: dict[str, str], own: Sequence[str], kinds: Sequence[str], alone: Sequence[str] = (), kind: str = "deployable",
    operations: tuple[tuple[str, str], ...] = (),
) -> tuple[Assessment, ServiceRow]:  # fmt: skip
    """`kinds`: of its evidence. `alone`: functions that leave with a slice."""
    files = {path: dedent(text) for path, text in files.items()}
    program = program_of(files)
    facts = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): extract(text.encode())
        for path, text in files.items()
    }
    numbers = {row.target: i for i, row in enumerate(program.functions)}
    rows = tuple(
        Evidence(name, "Dockerfile", 1, f"{LOOPS} in run" if name == "stays" else "python -m app", 0.6)
        for name in kinds
    )
    main = EntryPoint("main", "app.py", 1, "app:main", "python app.py", numbers.get("app:main", -1), "", "")
    entries = (main, *(row for row in program.entries if row.kind != "main"))
    others = tuple(m.module for m in program.modules if m.module not in own)
    service = Service(
        "unit", "unit", ".", kind, "daemon", ("daemon",), (), rows, 0.8, entries, tuple(range(len(program.functions))),
        tuple(own), others, 100, 1.0, cut=0.0, operations=operations, alone=tuple(numbers[name] for name in alone),
    )  # fmt: skip
    found = assess(
        program, facts, couple(program), Services((service,), ()), (), shipped_rulebook(), Config(), GitFacts()
    )
    return found, found.services[0]


def value(row: ServiceRow, signal: str) -> float | None:
    return next(part.value for part in row.contributions if part.signal == signal)


DAEMON = """
import time
import proxy

def main():
    while True:
        proxy.Proxy()({}, print)
        time.sleep(300)
"""
PROXY = """
import requests

class Proxy:
    def __call__(self, env, start_response):
        return requests.get(env["url"])
"""


def test_a_daemon_that_opens_no_port_answers_nobody() -> None:
    """It runs a server's handler for itself; the same code behind a port is on the path of requests."""
    listening = DAEMON.replace("import proxy\n", "import proxy\nimport eventlet\n").replace(
        "    while True:\n", "    eventlet.listen(('', 80))\n    while True:\n"
    )
    for text, kinds, is_asked in (
        (DAEMON, ("console-script", "stays"), False),
        (DAEMON, ("console-script", "procfile"), True),  # what keeps it is not in its code
        (listening, ("console-script", "stays"), True),
    ):
        _, row = rated({"app.py": text, "proxy.py": PROXY}, ["app"], kinds)
        assert bool(value(row, "served")) == is_asked, (kinds, is_asked)


SENDER = """
import time
import requests
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(8)

def main():
    while True:
        while look(): pass
        time.sleep({rest})

def look():
    flip = rows()
    pool.submit(notify, flip)
    return flip

def rows():
    return None

def notify(flip):
    requests.post("https://example.com", json=flip)
"""


def test_who_looks_for_work_every_few_seconds_and_hands_it_on_has_somebody_who_waits() -> None:
    for rest, is_served in (("2", True), ("0.5", True), ("300", False), ("interval", False)):
        _, row = rated({"app.py": SENDER.replace("{rest}", rest)}, ["app"], ("console-script", "stays"))
        assert bool(value(row, "served")) == is_served, rest
        assert (value(row, "background") == 0.0) == is_served, rest


def test_a_slice_is_asked_for_what_leaves_with_it() -> None:
    files = {
        "views.py": """
        import shared
        def mine():
            return shared.one() + shared.two()
        """,
        "shared.py": """
        import requests
        def one():
            return [requests.get(url) for url in ("a", "b")]
        def two():
            return [requests.get(url) for url in ("c", "d")]
        """,
    }
    _, thin = rated(files, ["views"], ("slice",), ["views:mine"], "slice")
    _, whole = rated(files, ["views"], ("slice",), ["views:mine", "shared:one", "shared:two"], "slice")
    assert value(thin, "fanout") == 0.0 and (value(whole, "fanout") or 0.0) > 0.3
    cuts = [value(row, "cut") or 0.0 for row in (thin, whole)]
    assert cuts[0] > cuts[1]  # two functions are called over the border of the first


LOADER = """
import importlib.machinery

def {name}(path):
    return importlib.machinery.SourceFileLoader("users", path).load_module()

def main():
    {name}("x")
"""


def test_a_process_that_runs_its_users_scripts_is_decoupled_first() -> None:
    for name, has_gate in (("load_script", True), ("load_settings", False)):
        found, row = rated({"app.py": LOADER.replace("{name}", name)}, ["app"], ("dockerfile",))
        assert ("scripts" in row.gates) == has_gate
        assert not found.enablers  # it is kept: nothing has to be done for it
    files = {"app.py": LOADER.replace("{name}", "load_script"), "edge.py": FAN}
    found, row = rated(files, ["app", "edge"], ("dockerfile",))
    assert (row.verdict, row.gates) == ("decouple-first", ("scripts",))
    assert [(e.kind, [(p.path, p.line) for p in e.places]) for e in found.enablers if e.kind == "scripts"] == [
        ("scripts", [("app.py", 5)])
    ]
    assert any("scripts" in step for step in row.steps)


FAN = """
import asyncio
import httpx
from fastapi import FastAPI, WebSocket

app = FastAPI()

@app.websocket("/stream")
async def stream(socket: WebSocket):
    async with httpx.AsyncClient() as client:
        await asyncio.gather(*[client.get(url) for url in range(9)])
        await asyncio.gather(*[client.get(url) for url in range(9)])

@app.get("/all")
async def everything():
    async with httpx.AsyncClient() as client:
        return await asyncio.gather(*[client.get(url) for url in range(9)])
"""


def test_a_packaged_command_over_a_library_of_its_users_shares_it_with_them() -> None:
    files = {
        "lib/__init__.py": "from lib.core import work\n",
        "lib/core.py": "def work(rows):\n" + "    rows = [r + 1 for r in rows]\n" * 20 + "    return rows\n",
        "app.py": "from lib.core import work\n\ndef main():\n    return work([1])\n",
    }
    _, packaged = rated(files, ["app"], ("console-script",))
    _, deployed = rated(files, ["app"], ("console-script", "dockerfile"))
    _, only = rated(files, ["app", "lib", "lib.core"], ("console-script",))
    assert (value(packaged, "user_api") or 0.0) > 0.8
    places = next(part.evidence for part in packaged.contributions if part.signal == "user_api")
    assert [(place.path, place.line) for place in places] == [("lib/__init__.py", 1)]
    assert value(deployed, "user_api") == value(only, "user_api") == 0.0


def test_a_job_of_a_timetable_over_many_objects_at_once_is_no_one_shot_tool() -> None:
    job = """
    import requests

    def main():
        for url in open("urls"):
            requests.get(url)
        for url in open("more"):
            requests.get(url)
    """
    _, tool = rated({"app.py": job}, ["app"], ("console-script",))
    _, timed = rated({"app.py": job}, ["app"], ("kubernetes",), operations=(("schedule", "*/30 * * * *"),))
    assert value(tool, "one_shot") == 1.0 and value(tool, "fanout") == value(timed, "fanout")
    assert value(timed, "one_shot") == round(1 - (value(timed, "fanout") or 0.0), 4)


def test_processes_that_run_the_code_of_others_are_no_reason_to_move_a_package() -> None:
    front = """
    from concurrent.futures import ProcessPoolExecutor
    import core

    def main(rows):
        with ProcessPoolExecutor() as pool:
            return [pool.submit(core.work, row) for row in rows]
    """
    files = {"app.py": front, "core.py": "def work(row):\n    return row\n"}
    _, thin = rated(files, ["app"], ("package",), kind="seam")
    _, whole = rated(files, ["app", "core"], ("package",), kind="seam")
    assert (value(thin, "process_pool"), value(whole, "process_pool")) == (0.0, 1.0)
