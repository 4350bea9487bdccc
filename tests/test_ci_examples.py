"""The examples for CI: every step of theirs that is ours is run here, as the host would run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples" / "ci"
BLOCKS = "import requests\n\n\nasync def fetch(url):\n    return requests.get(url)\n"

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or shutil.which("bash") is None, reason="needs git and bash"
)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a host sets, with `readiness` on the path as this interpreter's."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "readiness").write_text(f'#!/bin/sh\nexec {sys.executable} -m readiness "$@"\n')
    (tools / "readiness").chmod(0o755)
    names = {f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    kept = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    return (
        kept
        | names
        | {"PATH": path, "HOME": str(tmp_path), "CI": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "sum.md")}
    )


@pytest.fixture
def repository(tmp_path: Path, environment: dict[str, str]) -> Path:
    """`main`, and a topic branch that adds one finding to another."""
    root = tmp_path / "repo"
    root.mkdir()
    (root / "old.py").write_text(BLOCKS)
    shell("git init -q -b main && git add . && git commit -q -m old", root, environment)
    (root / "new.py").write_text(BLOCKS)
    shell(
        "git update-ref refs/remotes/origin/main main && git checkout -q -b topic && git add . && git commit -q -m new",
        root,
        environment,
    )
    return root


def shell(line: str, root: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", line],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def ours(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith(("python -m pip install", "apt-get update"))]


def test_github_s_steps(repository: Path, environment: dict[str, str], tmp_path: Path) -> None:
    job = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text())["jobs"]["readiness"]
    steps = {step["name"]: step for step in job["steps"] if "run" in step and ours([step["run"]])}
    assert list(steps) == ["check", "report"]
    done = shell(steps["check"]["run"], repository, environment | {"BASE": "origin/main"})
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("::warning file=new.py,line=5,")
    assert "1 new item since `origin/main`" in (tmp_path / "sum.md").read_text()
    states = [
        row["baselineState"] for row in json.loads((repository / "readiness.sarif").read_text())["runs"][0]["results"]
    ]
    assert sorted(states) == ["new", "unchanged"]
    assert shell(steps["report"]["run"], repository, environment).returncode == 0
    assert sorted(path.name for path in (repository / "readiness-report").iterdir()) == [
        "readiness-report.html",
        "readiness-report.json",
    ]


def test_gitlab_s_jobs(repository: Path, environment: dict[str, str]) -> None:
    jobs: dict[str, Any] = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())
    assert ours(jobs[".readiness"]["before_script"]) == []
    start = shell("git rev-parse origin/main", repository, environment).stdout.strip()
    (line,) = jobs["readiness-check"]["script"]
    done = shell(line, repository, environment | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": start})
    assert done.returncode == 1
    assert done.stdout.startswith("new.py:5:12: warning: IO101 ")
    rows = json.loads((repository / "gl-code-quality-report.json").read_text())
    assert sorted(row["location"]["path"] for row in rows) == ["new.py", "old.py"]
    assert (repository / "readiness-note.md").read_text().startswith("**readiness**: 1 new item")
    (line,) = jobs["readiness-report"]["script"]
    assert shell(line, repository, environment).returncode == 0
    assert (repository / "readiness-report" / "readiness-report.html").is_file()
