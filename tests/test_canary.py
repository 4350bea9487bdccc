"""No code of the scanned repository ever runs: everything in this one that anybody might run leaves a mark or is caught opening."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

# Runs a scan under an audit hook that writes down every program that is started, every file that is compiled or executed, every
# place that is written to, and every use of the network.
WATCH = """
import os, sys
root, log = os.path.realpath(sys.argv[1]), open(sys.argv[2], "a", buffering=1)
events = {"exec", "compile", "import", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "pickle.find_class", "marshal.loads"}
changes = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown"}
def place(path):
    return path if isinstance(path, int) else os.path.abspath(os.fsdecode(path))
def watch(event, arguments):
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
        log.write(f"write {place(arguments[0])}\\n")
    elif event in changes:
        log.write(f"write {place(arguments[1] if event in ('os.rename', 'os.symlink', 'os.link') else arguments[0])}\\n")
    elif event == "sqlite3.connect":
        log.write(f"write {place(arguments[0])}\\n")
    elif event.partition(".")[0] in ("socket", "ftplib", "smtplib", "urllib", "http", "imaplib", "poplib", "telnetlib"):
        if event != "socket.__new__" or arguments[1] != 1:  # a pair of AF_UNIX stands between a scan and its workers
            log.write(f"network {event} {arguments!r}\\n")
    if event not in events:
        return
    if event == "exec":
        log.write(f"exec {arguments[0].co_filename}\\n")
    elif event == "import":
        log.write(f"import {arguments[0]} {arguments[1]}\\n")
    elif event == "compile":
        log.write(f"compile {arguments[1]!r}\\n")
    elif event == "marshal.loads":
        return
    else:
        log.write(f"{event} {arguments!r}\\n")
sys.addaudithook(watch)
from readiness.cli import run
if __name__ == "__main__":
    sys.exit(run(["scan", sys.argv[1], "--output", sys.argv[3], "--format", "json", "--workers", sys.argv[4]]))
"""

NAMES = (
    "setup.py",
    "conftest.py",
    "sitecustomize.py",
    "usercustomize.py",
    "noxfile.py",
    "tasks.py",
    "json.py",
    "libcst.py",
    "readiness.py",
    "canary/__init__.py",
    "canary/__main__.py",
    "canary/plugin.py",
    "canary/settings.py",
    "manage.py",
)


def git(root: Path, *arguments: str) -> None:
    identity = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, env={**os.environ, **identity})


def canary(root: Path, mark: Path) -> None:
    """A repository in which every file, hook and configured program touches `mark`."""
    code = f"import pathlib\npathlib.Path({str(mark)!r}).write_text(__file__)\nCLASSES = ['x']\n"
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(code)
    (root / "pyproject.toml").write_text(
        '[project]\nname = "canary"\n[project.scripts]\ncanary = "canary:main"\n'
        '[project.entry-points."readiness"]\nx = "canary.plugin:x"\n'
        '[build-system]\nrequires = []\nbuild-backend = "canary"\nbackend-path = ["."]\n[tool.readiness]\nrules = ["pages"]\n'
    )
    (root / "pages").mkdir()
    (root / "Dockerfile").write_text(f'FROM x\nRUN touch {mark}\nCMD ["python", "-m", "canary"]\n')
    (root / "compose.yaml").write_text(f"services:\n  x: !!python/object/apply:os.system ['touch {mark}']\n")
    git_traps(root, f"touch {mark}; cat")


def git_traps(root: Path, program: str) -> None:
    git(root, "init", "-q")
    git(root, "add", "-f", ".")
    git(root, "commit", "-q", "-m", "canary")
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD^{tree}"], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()
    signed = (
        f"tree {commit}\nauthor a <a@example.org> 1 +0000\ncommitter a <a@example.org> 1 +0000\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nsigned\n"
    )
    made = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    digest = subprocess.run(made, cwd=root, check=True, capture_output=True, text=True, input=signed).stdout.strip()
    git(root, "update-ref", "HEAD", digest)
    script = root / ".git" / "run.sh"
    script.write_text(f"#!/bin/sh\n{program}\n")
    script.chmod(0o755)
    for hook in ("post-checkout", "pre-commit", "post-index-change", "fsmonitor-watchman", "reference-transaction"):
        shutil.copy(script, root / ".git" / "hooks" / hook) if (root / ".git" / "hooks").is_dir() else None
    (root / ".gitattributes").write_text("*.py diff=trap filter=trap\n")
    with (root / ".git" / "config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {script}\n\tpager = {script}\n\teditor = {script}\n\tsshCommand = {script}\n\thooksPath = {root}/.git/hooks\n"
            f"[gpg]\n\tprogram = {script}\n[log]\n\tshowSignature = true\n[diff]\n\texternal = {script}\n"
            f'[diff "trap"]\n\ttextconv = {script}\n\tcommand = {script}\n'
            f'[filter "trap"]\n\tclean = {script}\n\tsmudge = {script}\n\tprocess = {script}\n\trequired = true\n'
            f"[alias]\n\tlog = !{script}\n\tstatus = !{script}\n[credential]\n\thelper = {script}\n"
        )
    (root / "canary" / "plugin.py").write_text((root / "canary" / "plugin.py").read_text() + "changed = True\n")


def scan(folder: Path, *, workers: int, cwd: Path) -> tuple[subprocess.CompletedProcess[str], str]:
    log, output = folder / "audit.log", folder / "report.json"
    watch = folder / "watch.py"
    watch.write_text(WATCH)
    line = [sys.executable, "-P", str(watch), str(folder / "repo"), str(log), str(output), str(workers)]
    done = subprocess.run(line, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    return done, log.read_text()


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_of_the_repository_runs(tmp_path: Path, workers: int) -> None:
    root, mark = tmp_path / "repo", tmp_path / "ran"
    root.mkdir()
    canary(root, mark)
    done, log = scan(tmp_path, workers=workers, cwd=root)
    assert done.returncode in (0, 1), done.stderr
    assert not mark.exists(), mark.read_text()
    ran = [line for line in log.splitlines() if line.startswith("exec") and str(root) in line]
    imported = [line for line in log.splitlines() if line.startswith("import") and str(root) in line]
    assert (ran, imported) == ([], [])
    started = [line for line in log.splitlines() if line.startswith(("subprocess", "os."))]
    assert [line for line in started if str(root / ".git") in line and "run.sh" in line] == []
    assert [line for line in log.splitlines() if line.startswith("network")] == []
    mine = (
        f"{root}/.readiness_cache",
        f"{tmp_path}/report.json",
        f"{tmp_path}/.report.json.",
        os.environ["XDG_STATE_HOME"],
    )
    written = {line.removeprefix("write ") for line in log.splitlines() if line.startswith("write ")}
    assert f"{root}/.readiness_cache" in written
    known = {str(place) for place in (tmp_path, *tmp_path.parents)}  # made with `exist_ok`
    known |= {path for path in written if "__pycache__" in path and not path.startswith(str(tmp_path))}
    known |= {path for path in written if os.path.dirname(path) == tempfile.gettempdir()}  # Python tries the folder out
    left = [path for path in written - known if not path.startswith((*mine, "/dev/")) and not path.isdigit()]
    assert sorted(left) == []
    document = json.loads((tmp_path / "report.json").read_text())
    assert {row["path"] for row in document["modules"]} == set(NAMES)
    assert document["repository"]["commit"] is not None


@pytest.mark.parametrize("more", [["--staged"], ["--base", "HEAD"]])
def test_nothing_runs_and_nothing_is_written_where_a_change_is_checked(tmp_path: Path, more: list[str]) -> None:
    root, mark = tmp_path / "repo", tmp_path / "ran"
    root.mkdir()
    canary(root, mark)
    (root / "canary" / "new.py").write_text("x = 1\n")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    line = [sys.executable, "-P", "-m", "readiness", "check", "--cache-dir", str(tmp_path / "store"), *more]
    done = subprocess.run(line, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert not mark.exists(), mark.read_text()
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_the_traps_work(tmp_path: Path) -> None:
    """Plain git does run what the repository names; else the test above would show nothing."""
    root, mark = tmp_path / "repo", tmp_path / "ran"
    root.mkdir()
    canary(root, mark)
    subprocess.run(["git", "log", "-1"], cwd=root, capture_output=True, check=False)
    assert mark.exists()
    mark.unlink(missing_ok=True)
    subprocess.run([sys.executable, "setup.py"], cwd=root, check=True)
    assert mark.exists()


def test_the_watch_sees_what_runs(tmp_path: Path) -> None:
    """The audit hook does see an import from the repository; else the first test would show nothing."""
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "json.py").write_text("x = 1\n")
    more = "sys.path.insert(0, root)\nimport json, socket\nopen(os.path.join(root, 'new'), 'w').close()\nsocket.socket().close()\n"
    code = WATCH.split("from readiness")[0] + more
    (tmp_path / "watch.py").write_text(code)
    line = [sys.executable, "-P", "-S", tmp_path / "watch.py", tmp_path / "repo", tmp_path / "log", "", ""]
    subprocess.run(line, check=True, timeout=60)
    log = (tmp_path / "log").read_text()
    assert f"exec {tmp_path}/repo/json.py" in log
    assert f"write {tmp_path}/repo/new" in log
    assert "network socket.__new__" in log
