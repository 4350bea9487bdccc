"""README.md and docs/daily-use.md: every command that they show runs, in their order, and leaves with a documented code."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from readiness import cli
from readiness.cli import readiness, run
from readiness.decisions import read_decisions

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/daily-use.md")
OWN_PAGE = """# Something

Words.

```toml
id = "XX901"
category = "optional"
severity = "warning"
message = "{name}"
effect = ["network"]
fix = "none"
```

```py
x = 1  # ok: nothing
```
"""

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def commands(page: str) -> list[list[str]]:
    """The lines that call the program, without the ones that install it from a wheel."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    lines = [re.sub(r'^eval "\$\((.*)\)"', r"\1", line) for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("readiness ")]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the pages speak of: a branch `main`, a folder `path` with Python, pages of one's own."""
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "a.py").write_text("import requests\n\n\nasync def f(u):\n    return requests.get(u)\n")
    (tmp_path / "house-rules" / "findings" / "io").mkdir(parents=True)
    (tmp_path / "house-rules" / "findings" / "io" / "XX901-x.md").write_text(OWN_PAGE)
    monkeypatch.chdir(tmp_path)
    for line in ("init -q -b main", "add .", "-c user.name=a -c user.email=a@example.com commit -q -m begin"):
        subprocess.run(["git", *line.split()], check=True)
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_documented_commands_run(page: str, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes = {" ".join(line): run(line) for line in commands(page)}
    assert len(codes) >= 3
    assert {line: code for line, code in codes.items() if code not in (0, 1)} == {}
    assert {line for line, code in codes.items() if code == 1} <= {"scan path --fail-on error --fail-on score<40"}
    assert "Traceback" not in capsys.readouterr().err


def test_every_command_is_shown_on_some_page() -> None:
    shown = {line[0] for page in PAGES for line in commands(page)}
    assert set(readiness.commands) - shown <= {"brief", "report"}


def test_the_decisions_of_the_page_are_valid() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "daily-use.md").read_text(), re.DOTALL)
    assert [row.status for row in read_decisions(text, "page")] == ["accepted", "done"]


def test_a_bug_of_ours_has_a_code_that_no_gate_has_and_shows_its_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(*arguments: object, **more: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(cli.readiness, "main", break_down)
    assert run(["rules"]) == 70
    assert "RuntimeError: ours" in capsys.readouterr().err
