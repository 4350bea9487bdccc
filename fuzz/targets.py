"""What is fuzzed: each target takes the bytes of one input of the program and raises nothing but the errors that are stated for it.

A target gives back whether the input was accepted. Nothing here asks for more than that the program survives; what is *right* is
the tests' business.
"""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from readiness.baseline import BaselineError, read_baseline
from readiness.config import ConfigError, check_scoring, load_config
from readiness.coupling import couple
from readiness.decisions import decide, load_decisions
from readiness.declared import by_distribution, read_declared
from readiness.discover.ignores import ignore_of
from readiness.discover.tracked import read_index
from readiness.evidence.access import read_log
from readiness.evidence.table import read_csv
from readiness.evidence.written import read_toml
from readiness.extract import extract
from readiness.link import link
from readiness.paths import rules_folder
from readiness.report.html import render_html
from readiness.report.json import ReportError, read_json, render_json
from readiness.report.markdown import render_markdown
from readiness.report.sarif import render_sarif
from readiness.rulebook import load_rulebook
from readiness.rulebook.check import RulebookError
from readiness.rulebook.libraries import library_of, read_counterparts
from readiness.rulebook.page import page_of
from readiness.rulebook.patterns import read_patterns
from readiness.rulebook.rules import rule_of
from readiness.rulebook.scoring import read_scoring
from readiness.scan import analyse
from readiness.services import find_services
from readiness.types.config import Config
from readiness.types.facts import Facts
from readiness.types.program import Coupling, Program
from readiness.types.report import Report
from readiness.types.rulebook import Rulebook
from readiness.types.tree import GitFacts, Source, Text, Tree

LIBRARIES = frozenset(
    [
        "python",
        "aiohttp",
        "aiokafka",
        "boto3",
        "celery",
        "click",
        "django",
        "djangorestframework",
        "fastapi",
        "flask",
        "grpcio",
        "gunicorn",
        "httpx",
        "kafka-python",
        "numpy",
        "pandas",
        "pika",
        "psycopg2",
        "pydantic",
        "redis",
        "requests",
        "rq",
        "sqlalchemy",
        "starlette",
        "uvicorn",
        "typer",
    ]
)
MARK = b"\n%%% "  # in a bundle, one line `%%% PATH` opens each file
FIXED = {
    "app/__init__.py": "",
    "app/main.py": "import requests\nfrom fastapi import FastAPI\nfrom app import tasks\n\napp = FastAPI()\n\n\n"
    "@app.get('/x')\nasync def x():\n    requests.get('http://api')\n    tasks.send.delay(1)\n",
    "app/tasks.py": "import click\nfrom celery import Celery\n\nworker = Celery('app')\n\n\n@worker.task\ndef send(n):\n"
    "    open('/tmp/x').read()\n\n\n@click.group()\ndef main():\n    pass\n\n\n@main.command()\ndef run():\n    worker.start()\n",
    "manage.py": "import os\nfrom django.core.management import execute_from_command_line\n\n"
    "if __name__ == '__main__':\n    os.environ['DJANGO_SETTINGS_MODULE'] = 'app.settings'\n    execute_from_command_line()\n",
    "svc/serve.py": "from flask import Flask\n\napp = Flask(__name__)\n\nif __name__ == '__main__':\n    app.run()\n",
}  # fmt: skip


class Ground(Struct, frozen=True):
    """A small repository that manifests are read against."""

    tree: Tree
    facts: Mapping[str, Facts]
    program: Program
    coupling: Coupling


@functools.cache
def rulebook() -> Rulebook:
    """The shipped one with fewer libraries and draws: many small inputs say more than few with all the knowledge."""
    whole = load_rulebook([rules_folder()])
    draws = replace(whole.scoring.thresholds["draws"], value=10.0)
    few = tuple(row for row in whole.libraries if row.distribution in LIBRARIES)
    scoring = replace(whole.scoring, thresholds={**whole.scoring.thresholds, "draws": draws})
    return replace(whole, libraries=few, scoring=scoring)


@functools.cache
def scratch() -> Path:
    """A folder in memory where there is one: some readers take a path."""
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))


def tree_of(code: Mapping[str, bytes], texts: Mapping[str, bytes]) -> Tree:
    sources = []
    for path in sorted(code):
        name = path.removesuffix(".py").replace("/", ".")
        is_package = name.endswith("__init__")
        name = name.removesuffix(".__init__") or "__init__"
        sources.append(Source(path, name, name, ".", is_package, len(code[path]), 0, 0))
    kept = tuple(Text(path, data.decode("utf-8-sig", "replace")) for path, data in sorted(texts.items()))
    return Tree("fuzzed", tuple(sources), kept, (), GitFacts(), tuple(sorted({*code, *texts})))


@functools.cache
def ground() -> Ground:
    code = {path: text.encode() for path, text in FIXED.items()}
    tree = tree_of(code, {})
    facts = {path: extract(data) for path, data in code.items()}
    program = link(tree, facts, rulebook())
    return Ground(tree, facts, program, couple(program))


@functools.cache
def fixed_report() -> Report:
    return analyse(replace(ground().tree, name="fixed"), ground().facts, rulebook(), Config(today="2026-01-01"))


def bundle(data: bytes) -> dict[str, bytes]:
    """`%%% PATH` lines and what follows -> files. Names as discover shows them: text, relative, no `..`, each once."""
    found = {}
    for part in (b"\n" + data).split(MARK)[1:]:
        line, _, rest = part.partition(b"\n")
        parts = [name for name in line.decode("utf-8", "backslashreplace").replace("\0", "").split("/") if name]
        if parts and not {".", ".."} & set(parts):
            found["/".join(parts)] = rest
    return {path: text for path, text in found.items() if not any(f"{path}/" in other for other in found)}


def fuzz_extract(data: bytes) -> bool:
    return extract(data).failure is None


def fuzz_repository(data: bytes) -> bool:
    """A whole small repository: facts, program, services, ranking, the formats."""
    files = bundle(data)
    code = {path: text for path, text in files.items() if path.endswith(".py")}
    tree = tree_of(code, {path: text for path, text in files.items() if path not in code})
    facts = {path: extract(text) for path, text in code.items()}
    report = analyse(tree, facts, rulebook(), Config(today="2026-01-01"))
    if len(data) % 8 == 0:  # the page takes most of the time
        render_html(report)
    render_markdown(report)
    render_sarif(report, None)
    read_json(render_json(report))
    return bool(report.services)


def fuzz_manifests(data: bytes) -> bool:
    """Manifests beside a repository that stays the same."""
    fixed = ground()
    files = bundle(data)
    texts = {path: text for path, text in files.items() if path not in FIXED}
    tree = tree_of({path: text.encode() for path, text in FIXED.items()}, texts)
    by_module = {source.module: fixed.facts[source.path] for source in tree.sources}
    declared = by_distribution(read_declared(tree.texts, tree.sources, fixed.facts))
    found = find_services(tree, by_module, fixed.program, fixed.coupling, rulebook(), Config())
    return bool(found.found or declared)


def fuzz_page(data: bytes) -> bool:
    """A page of a rule and of a library."""
    is_good = False
    for name in ("findings/team/X100-x.md", "libraries/x.md"):
        try:
            page = page_of(name, data)
            (library_of if name.startswith("libraries") else rule_of)(page)
            is_good = True
        except RulebookError:
            pass
    return is_good


def fuzz_tables(data: bytes) -> bool:
    """The tables beside the pages: scoring, counterparts, Go patterns. The first byte says which."""
    read: tuple[tuple[str, Callable[[Path], object]], ...] = (
        ("scoring.toml", read_scoring),
        ("go-equivalents.tsv", read_counterparts),
        ("pattern.go", lambda path: read_patterns([path])),
    )
    name, reader = read[(data[0] if data else 0) % len(read)]
    (scratch() / name).write_bytes(data[1:])
    try:
        reader(scratch() / name)
    except RulebookError:
        return False
    return True


def fuzz_config(data: bytes) -> bool:
    (scratch() / "config").mkdir(exist_ok=True)
    file = scratch() / "config" / "readiness.toml"
    file.write_bytes(data)
    try:
        check_scoring(load_config(file.parent, file, {}), rulebook().scoring)
    except ConfigError:
        return False
    return True


def fuzz_evidence(data: bytes) -> bool:
    """A table, a CSV file or an access log. The first byte says which."""
    kind = (data[0] if data else 0) % 3
    try:
        if kind == 0:
            read_toml(data[1:], "readiness.evidence.toml")
        elif kind == 1:
            read_csv(data[1:], "load.csv")
        else:
            read_log(data[1:], "access.log", "api")
    except ConfigError:
        return False
    return True


def fuzz_decisions(data: bytes) -> bool:
    (scratch() / "decisions").mkdir(exist_ok=True)
    (scratch() / "decisions" / "d.toml").write_bytes(data)
    try:
        decisions = load_decisions(scratch() / "decisions", Config(decisions="d.toml"))
    except ConfigError:
        return False
    decide(fixed_report(), decisions, "2026-01-01", ())
    return True


def fuzz_document(data: bytes) -> bool:
    """A JSON document that `readiness report` is asked to show, and a baseline."""
    try:
        read_baseline(data)
    except BaselineError:
        pass
    try:
        report = read_json(data)
    except ReportError:
        return False
    render_html(report)
    render_markdown(report)
    render_sarif(report, None)
    return True


def fuzz_git(data: bytes) -> bool:
    """git's index, with a checksum left at zero as git allows, and a .gitignore."""
    folder = scratch() / "git" / ".git"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index").write_bytes(data + bytes(20))
    paths = read_index(folder.parent)
    ignore = ignore_of("", "", data.decode("utf-8", "surrogateescape").splitlines()[:200])
    if ignore is not None:
        for path in ("a.py", "a/b.py", "a/b/", "\udcff/x.py"):
            ignore.verdict(path)
    return paths is not None


TARGETS: dict[str, Callable[[bytes], bool]] = {
    "extract": fuzz_extract,
    "repository": fuzz_repository,
    "manifests": fuzz_manifests,
    "page": fuzz_page,
    "tables": fuzz_tables,
    "config": fuzz_config,
    "evidence": fuzz_evidence,
    "decisions": fuzz_decisions,
    "document": fuzz_document,
    "git": fuzz_git,
}
