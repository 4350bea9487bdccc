"""What a scan costs, by counts that are the same on every machine: parses, calls of functions, imports. Never by a clock."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import libcst
import pytest

from readiness.extract import extract
from readiness.link import link
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.facts import Facts
from readiness.types.tree import GitFacts, Source, Tree

ROOT = Path(__file__).resolve().parent.parent
SHOP = ROOT / "examples" / "shop"
PARSERS = {"libcst", "radon", "multiprocessing"}
PART = """
class Client{n}(Base):
    def __init__(self, session, retries=3):
        self.session = session
        self.rows = []

    def fetch(self, url):
        for _ in range(self.retries):
            with self.session.get(url) as answer:
                self.rows.append(answer.json()["rows"])
        return [row for row in self.rows if row]


def use{n}(session, client=None):
    client = client or Client{n}(session)
    return use{m}(session, client).fetch("https://example.org/{n}")
"""


def calls_of(work: Callable[[], Any]) -> int:
    """How many functions of Python are called."""
    found = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal found
        found += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return found


def program(parts: int) -> bytes:
    chain = "".join(PART.format(n=n, m=n - 1) for n in range(1, parts + 1))
    return f"import requests\n\nclass Base: pass\n\ndef use0(session, client): return client\n{chain}".encode()


def test_a_file_is_parsed_once_by_each_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    for module, name in ((libcst, "parse_module"), (ast, "parse")):
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *a, _real=real, _name=name, **k: (parsed.append(_name), _real(*a, **k))[1]
        )
    files = sorted(SHOP.rglob("*.py"))[:12]
    for file in files:
        assert extract(file.read_bytes()).failure is None
    assert sorted(parsed) == ["parse"] * len(files) + ["parse_module"] * len(files)


@pytest.mark.parametrize(
    "source",
    [
        program,
        lambda size: (
            b"TABLE = {\n" + b"".join(b"    'key%d': [%d, 'text'],\n" % (n, n) for n in range(20 * size)) + b"}\n"
        ),
        lambda size: b"def f(x):\n" + b"".join(b"    x = x.step(%d) + x[%d]\n" % (n, n) for n in range(20 * size)),
    ],
    ids=["classes", "one long literal", "one long function"],
)
def test_reading_grows_with_the_source(source: Callable[[int], bytes]) -> None:
    extract(source(2))  # tables that are made on first use
    small, large = calls_of(lambda: extract(source(20))), calls_of(lambda: extract(source(80)))
    assert large <= 4.2 * small


def linked(parts: int) -> Callable[[], Any]:
    source = Source("many.py", "many", "many", ".", False, 0, 0, 0)
    facts: dict[str, Facts] = {"many.py": extract(program(parts))}
    rulebook = load_rulebook([rules_folder()])
    tree = Tree("many", (source,), (), (), GitFacts())
    return lambda: link(tree, facts, rulebook)


def test_linking_grows_with_the_calls() -> None:
    fixed = calls_of(linked(0))
    small, large = calls_of(linked(8)) - fixed, calls_of(linked(32)) - fixed
    assert large <= 4.6 * small


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose report is in its store."""
    root = tmp_path_factory.mktemp("warm") / "app"
    shutil.copytree(ROOT / "tests" / "repos" / "celery_app", root)
    for path in root.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    run("scan", str(root), "--quiet", "--output", str(root.parent / "first.html"))
    return root


def run(*arguments: str) -> set[str]:
    """The modules that a command has loaded, in a process of its own."""
    script = (
        "import sys\nfrom readiness.__main__ import main\ntry:\n    main()\nfinally:\n"
        "    print('loaded', *sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    line = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stderr.rpartition("loaded")[2].split())


@pytest.mark.parametrize(
    ("form", "unwanted"),
    [
        ("html", {"networkx", *PARSERS}),
        ("json", {"networkx", "jinja2", *PARSERS}),
        ("md", {"networkx", "jinja2", *PARSERS}),
    ],
)
def test_a_report_out_of_the_store_loads_no_parser_and_no_graphs(scanned: Path, form: str, unwanted: set[str]) -> None:
    loaded = run("scan", str(scanned), "--quiet", "--output", str(scanned.parent / f"again.{form}"))
    assert loaded & unwanted == set()
    assert "sqlite3" in loaded


def test_the_services_of_a_known_report_load_no_parser_and_no_page(scanned: Path) -> None:
    assert run("services", str(scanned)) & {"networkx", "jinja2", "rich", *PARSERS} == set()
