"""Locked distributions of the ledger, queues that the code chooses for tasks, and stages of a DAG."""

from __future__ import annotations

import pytest

from readiness.extract import extract
from readiness.services.families import families_of
from readiness.services.locked import lock_rows
from readiness.services.queues import queues_of
from readiness.types.tree import Text
from tests.programs import program_of, shipped_rulebook
from tests.services.scans import found_in

UV = """\
version = 1

[manifest]
members = ["shop", "tool"]

[[package]]
name = "fast"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [
    { name = "plain", extra = ["speed"] },
    { name = "colour", marker = "sys_platform == 'win32'" },
]
wheels = [
    { url = "https://files/fast-1.0-cp311-cp311-macosx_11_0_arm64.whl", hash = "sha256:00", size = 9000000 },
    { url = "https://files/fast-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", hash = "sha256:00", size = 2000000 },
    { url = "https://files/fast-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", hash = "sha256:00", size = 2500000 },
    { url = "https://files/fast-1.0-cp312-cp312-musllinux_1_2_x86_64.whl", hash = "sha256:00", size = 8000000 },
]

[[package]]
name = "colour"
version = "1.0"
wheels = [
    { url = "https://files/colour-1.0-py3-none-any.whl", hash = "sha256:00", size = 5000000 },
]

[[package]]
name = "extra"
version = "1.0"
wheels = [
    { url = "https://files/extra-1.0-py3-none-any.whl", hash = "sha256:00", size = 300000 },
]

[[package]]
name = "plain"
version = "1.0"
sdist = { url = "https://files/plain-1.0.tar.gz", hash = "sha256:00", size = 7000000 }

[package.optional-dependencies]
speed = [
    { name = "extra" },
]

[[package]]
name = "pytest"
version = "8.0"
wheels = [
    { url = "https://files/pytest-8.0-py3-none-any.whl", hash = "sha256:00", size = 400000 },
]

[[package]]
name = "shop"
version = "0.1"
source = { editable = "shop" }
dependencies = [
    { name = "fast" },
]

[package.dev-dependencies]
dev = [
    { name = "pytest" },
]

[[package]]
name = "tool"
version = "0.1"
source = { virtual = "tool" }
dependencies = [{ name = "pytest" }]
"""


@pytest.mark.parametrize(
    ("entry", "count", "size"),
    [
        # the largest Linux wheel of fast and the one of extra; plain has a source archive only, colour is for another system
        ("shop/shop/app.py", "3 of the 5 in uv.lock", "2.8 MB of wheels as they are downloaded, for Linux on x86-64 (uv.lock); 1 without"),
        ("tool/run.py", "1 of the 5 in uv.lock", "0.4 MB of wheels as they are downloaded, for Linux on x86-64 (uv.lock)"),
    ],
)  # fmt: skip
def test_wheels_are_added_up_where_the_lock_file_says_their_sizes(entry: str, count: str, size: str) -> None:
    rows = lock_rows(entry, {"": Text("uv.lock", UV)}, {})
    assert rows["distributions"].startswith(count)
    assert rows["locked_size"].startswith(size)
    assert ("cannot be told" in rows["locked_size"]) == ("1 without" in size)


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("poetry.lock", '[[package]]\nname = "a"\nfiles = [{file = "a.whl", hash = "00"}]\n\n[[package]]\nname = "b"\n', 2),
        ("requirements.txt", "# all\na==1.0\nb[x]==2\nc>=3\n-r more.txt\n", 2),
        ("Pipfile.lock", '{\n    "default": {\n        "a": {\n            "version": "==1"\n        }\n    },\n    "develop": {\n        "b": {}\n    }\n}', 1),
    ],
)  # fmt: skip
def test_what_states_no_sizes_gives_none(path: str, text: str, count: int) -> None:
    rows = lock_rows("app.py", {"": Text(path, text)}, {})
    assert rows == {"distributions": f"{count} in {path}", "locked_size": f"cannot be told: {path} states no sizes"}


def test_the_ledger_of_a_service_has_the_lock_file_beside_it() -> None:
    files = {
        "web/Dockerfile": 'FROM python:3.12\nCMD ["python", "app.py"]\n',
        "web/app.py": "from flask import Flask\napp = Flask(__name__)\n",
        "web/poetry.lock": '[[package]]\nname = "flask"\nversion = "3.0"\n',
    }
    rows = dict(found_in(files).found[0].operations)
    assert (rows["distributions"], rows["locked_size"]) == (
        "1 in web/poetry.lock",
        "cannot be told: web/poetry.lock states no sizes",
    )


TASKS = """\
from celery import Celery, shared_task
app = Celery("shop")
@app.task(queue="mails")
def mail(): ...
@shared_task
def feed(): ...
@app.task(name="shop.slow.count")
def count(): ...
@app.task
def rest(): ...
"""


@pytest.mark.parametrize(
    "routes",
    [
        'app.conf.task_routes = {"shop.work.fe*": {"queue": "feeds"}, "shop.slow.*": "slow"}\n',
        'CELERY_ROUTES = ({"shop.slow.*": {"queue": "slow"}}, {"shop.work.feed": {"queue": "feeds"}})\n',
        'app.conf.update(task_routes=[("shop.slow.*", {"queue": "slow"}), ("*.feed", {"queue": "feeds"})])\n',
    ],
)
def test_a_task_has_the_queue_of_its_option_or_of_the_routes(routes: str) -> None:
    files = {"shop/__init__.py": "", "shop/work.py": TASKS, "shop/conf.py": routes}
    facts = {path.removesuffix(".py").replace("/", "."): extract(text.encode()) for path, text in files.items()}
    assert queues_of(program_of(files), facts, families_of(shipped_rulebook()).habits) == {
        "shop.work:mail": "mails",
        "shop.work:feed": "feeds",
        "shop.work:count": "slow",
    }
