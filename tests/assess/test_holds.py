"""What holds code in Python is seen at its lines and taken off the reasons."""

from __future__ import annotations

from textwrap import dedent

from msgspec.structs import replace

from readiness.assess import assess
from readiness.assess.ground import survey
from readiness.assess.judge import unions
from readiness.coupling import couple
from readiness.extract import extract
from readiness.types.assess import Assessment
from readiness.types.config import Config
from readiness.types.program import Program
from readiness.types.report import ServiceRow
from readiness.types.services import Evidence, Service, Services
from readiness.types.tree import GitFacts
from tests.programs import program_of, shipped_rulebook


def unit(program: Program, kind: str, modules: tuple[str, ...]) -> Service:
    functions = tuple(i for i, row in enumerate(program.functions) if row.module in modules)
    entries = tuple(row for row in program.entries if row.target.partition(":")[0] in modules)
    evidence = (Evidence("dockerfile", "Dockerfile", 1, "python -m app", 0.9),)
    return Service("unit", "unit", ".", kind, "daemon", ("daemon",), (), evidence, 0.9, entries, functions, modules, (),
                   100, 1.0, cut=0.0)  # fmt: skip


def rated(files: dict[str, str], kind: str = "deployable", modules: tuple[str, ...] = ("app",)) -> Assessment:
    program = program_of(files)
    facts = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): extract(dedent(text).encode())
        for path, text in files.items()
    }
    services = Services((unit(program, kind, modules),), ())
    return assess(program, facts, couple(program), services, (), shipped_rulebook(), Config(), GitFacts())


def held(row: ServiceRow) -> dict[str, tuple[float, list[int]]]:
    """Signal -> its value and lines, for those that take points away or would."""
    return {
        part.signal: (part.value, [place.line for place in part.evidence])
        for part in row.contributions
        if part.axis == "benefit" and part.value and part.points <= 0
    }


FETCHER = """
import time
import requests
from concurrent.futures import ThreadPoolExecutor

def fetch(url):
    return requests.get(url)

def main():
    while True:
        with ThreadPoolExecutor(max_workers={width}) as pool:
            list(pool.map(fetch, ["a", "b"]))
        time.sleep(60)

if __name__ == "__main__":
    main()
"""


def test_a_job_that_sleeps_between_rounds_has_less_of_a_reason_the_narrower_its_round() -> None:
    values = []
    for width in (2, 512):
        (row,) = rated({"app.py": FETCHER.format(width=width)}).services
        value, lines = held(row)["background"]
        values.append(value)
        assert lines == [13]
    assert values[0] > values[1] > 0


def test_a_script_that_runs_once_and_starts_programs_is_held() -> None:
    (row,) = rated({"app.py": """
    import subprocess
    import urllib.request

    def build():
        subprocess.run(["make"])

    def load():
        urllib.request.urlopen("http://x")

    if __name__ == "__main__":
        build()
        load()
    """}).services  # fmt: skip
    assert held(row)["shell"] == (0.6667, [6])
    assert held(row)["one_shot"][0] == 1.0


def test_a_package_with_one_command_is_no_script() -> None:
    files = {
        "lib.py": "def work():\n    return 1\n" * 9,
        "tool.py": "import lib\n\nif __name__ == '__main__':\n    lib.work()\n",
    }
    for kind, value in (("seam", 0.1818), ("deployable", 1.0)):
        (row,) = rated(files, kind, ("lib", "tool")).services
        assert {part.signal: part.value for part in row.contributions}["one_shot"] == value


def test_points_below_zero_add_up_with_the_others() -> None:
    (row,) = rated({"app.py": FETCHER.format(width=4)}).services
    points = [part.points for part in row.contributions if part.axis == "benefit"]
    assert min(points) < 0 < max(points)
    assert round(sum(points), 6) == row.benefit


def test_what_users_import_is_held_where_no_request_passes() -> None:
    files = {
        "lib/__init__.py": "from lib.client import Client\n",
        "lib/client.py": "import requests\n\nclass Client:\n    def get(self):\n        return requests.get('http://x')\n",
        "lib/engine.py": "import requests\n\nclass Engine:\n    def get(self):\n        return requests.get('http://x')\n",
        "lib/main.py": "from lib.engine import Engine\n\nEngine().get()\n",
    }
    found = rated(files, "seam", ("lib", "lib.client", "lib.engine", "lib.main"))
    (row,) = found.services
    value, lines = held(row)["user_api"]
    assert 0 < value < 1 and lines == [1]
    client, engine = found.modules["lib.client"], found.modules["lib.engine"]
    assert client.benefit is not None and engine.benefit is not None and client.benefit < engine.benefit
    (process,) = rated(files, "deployable", ("lib", "lib.client", "lib.engine", "lib.main")).services
    assert "user_api" not in held(process)


def test_a_package_that_users_import_stays_where_nothing_starts_it_whatever_requests_reach() -> None:
    files = {
        "lib/__init__.py": "from lib.application import Application\n",
        "lib/application.py": (
            "from lib.inner import answer\n\nclass Application:\n    async def __call__(self, scope, receive, send):\n"
            "        await answer(send)\n"
        ),
        "lib/inner.py": "import httpx\n\nasync def answer(send):\n    async with httpx.AsyncClient() as c:\n        await c.get('u')\n",
    }
    modules = ("lib", "lib.application", "lib.inner")
    (row,) = rated(files, "seam", modules).services
    parts = {part.signal: part for part in row.contributions}
    assert parts["served"].value is not None and parts["served"].value > 0
    assert parts["user_api"].value is not None and parts["user_api"].value > 0.5
    assert [place.path for place in parts["user_api"].evidence] == ["lib/__init__.py"]
    assert (row.verdict, "keep" in row.gates) == ("keep-in-python", True)
    (process,) = rated(files, "deployable", modules).services
    assert "keep" not in process.gates


def test_queries_on_an_orm_are_held_and_one_query_per_row_is_no_fan_out() -> None:
    (row,) = rated({"app.py": """
    from sqlalchemy.orm import Session

    def names(session: Session, ids):
        return [session.get(int, one) for one in ids]

    if __name__ == "__main__":
        names(Session(), [1])
    """}).services  # fmt: skip
    assert held(row)["queries"][1] == [5]
    states = {part.signal: part.state for part in row.contributions}
    assert states["fanout"] == "absent"


def test_requests_come_to_a_package_from_others() -> None:
    files = {
        "lib.py": "import requests\n\ndef load():\n    return requests.get('http://x')\n",
        "app.py": "from lib import load\n\nclass App:\n    def __call__(self, environ, start_response):\n        return load()\n",
    }
    for kind, state in (("seam", "present"), ("deployable", "absent")):
        (row,) = rated(files, kind, ("lib",)).services
        assert {part.signal: part.state for part in row.contributions}["served"] == state


def test_a_pipeline_stays_with_its_platform_whatever_it_does() -> None:
    files = {"app.py": FETCHER.format(width=64)}
    program = program_of(files)
    facts = {"app": extract(dedent(files["app.py"]).encode())}
    daemon = unit(program, "deployable", ("app",))
    dag = replace(daemon, roles=("dag",), evidence=(Evidence("airflow-dag", "app.py", 3, "DAG", 0.7),))
    rows = [
        assess(program, facts, couple(program), Services((one,), ()), (), shipped_rulebook(), Config(), GitFacts())
        .services[0] for one in (daemon, dag)
    ]  # fmt: skip
    assert [("keep" in row.gates, row.verdict == "keep-in-python") for row in rows] == [(False, False), (True, True)]
    assert held(rows[1])["user_api"] == (1.0, [3])


LAYERS = {
    "app.py": """
    import sys
    import time
    import agent
    import tool

    def main():
        while True:
            agent.tick()
            time.sleep(5)

    if __name__ == "__main__":
        main()
    """,
    "agent.py": """
    import calls

    def tick():
        calls.load("http://x")

    def upper():
        tick()
    """,
    "calls.py": """
    import time
    import urllib.request

    def load(url):
        return again(url)

    def again(url):
        return urllib.request.urlopen(url)
    """,
    "tool.py": """
    import subprocess
    import time

    def build():
        while subprocess.run(["make"]).returncode:
            time.sleep(1)

    if __name__ == "__main__":
        build()
    """,
}  # fmt: skip


def test_a_module_has_what_it_does_itself_and_of_the_process_that_runs_it_that_it_stays() -> None:
    program = program_of(LAYERS)
    facts = {path.removesuffix(".py"): extract(dedent(text).encode()) for path, text in LAYERS.items()}
    main = next(i for i, row in enumerate(program.functions) if row.qualname == "main")
    ground = survey(
        program,
        facts,
        couple(program),
        shipped_rulebook(),
        shipped_rulebook().scoring,
        Config(),
        GitFacts(),
        {},
        (main,),
    )
    values = {name: union.values for alone, _ in unions(ground) for name, union in alone.items()}
    # load() reaches the call by one helper, tick() by two: who waits is in calls.py
    assert (values["calls"]["waits"], values["agent"]["waits"]) == (1.0, 0.0)
    # of tick() and upper() the process that stays runs the first; `build` ends, however long it tries
    assert values["agent"]["resident"] == 0.5 * 1 / 3  # with the module's own code
    assert (values["tool"]["resident"], values["tool"]["background"], values["tool"]["one_shot"]) == (0.0, 0.0, 1.0)
    assert values["app"]["resident"] == 0.5
