"""The rules of the house that a program can check: layers, sizes, start-up, documents."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
BROAD = {
    "src/readiness/workers/process.py": 1,
    "src/readiness/cli/__init__.py": 1,
}  # file -> excepts that catch whatever comes
HEAVY = ("libcst", "radon", "networkx", "jinja2", "yaml", "msgspec", "pathspec", "rich", "multiprocessing", "asyncio")


def test_nobody_imports_to_the_left() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_have_at_most_400_lines() -> None:
    long = {path.name: lines for path in SOURCES if (lines := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_functions_have_at_most_40_lines() -> None:
    """Counted from `def` to the last line, the parameters too; the docstring is for the reader and does not count."""
    assert [found for path in SOURCES for found in _long_functions(path)] == []


def _long_functions(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            words = node.body[0] if ast.get_docstring(node) is not None else None
            told = (words.end_lineno or 0) - words.lineno + 1 if words is not None else 0
            if (node.end_lineno or 0) - node.lineno + 1 - told > 40:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    return found


def test_every_file_opens_with_its_contract() -> None:
    silent = [str(path.relative_to(ROOT)) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_only_the_worker_and_the_outermost_boundary_catch_whatever_comes() -> None:
    found = Counter(
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type)
    )
    assert found == BROAD


def _is_broad(caught: ast.expr | None) -> bool:
    names = [getattr(node, "id", "") for node in ast.walk(caught)] if caught else ["BaseException"]
    return not {"Exception", "BaseException"}.isdisjoint(names)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_start_up_imports_nothing_heavy(option: str) -> None:
    program = (
        "import sys\nfrom readiness.cli import run\n"
        f"code = run([{option!r}])\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stderr.split()).isdisjoint(HEAVY)


def test_the_reference_pages_are_the_program_s_own() -> None:
    pages = runpy.run_path(str(ROOT / "tools" / "write_references.py"))["PAGES"]
    for name, page in pages.items():
        assert (ROOT / "docs" / "reference" / name).read_text() == page(), "run `python tools/write_references.py`"


def test_every_dependency_has_its_written_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = project["dependencies"] + project["optional-dependencies"]["test"]
    text = (ROOT / "docs" / "dependencies.md").read_text()
    names = [entry.split(">")[0] for entry in required]
    assert [name for name in names if f"| {name} |" not in text] == []
