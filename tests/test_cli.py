"""cli: every command and every exit code, through the real command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.cli import outputs, run

SERVICE = """
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/orders")
async def orders():
    return requests.get("https://stock.example/orders").json()


@app.get("/health")
def health():
    return "ok"


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app)
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one small service, and the current folder beside it, so that outputs land there."""
    root = tmp_path / "shop"
    (root / "orders").mkdir(parents=True)
    (root / "orders" / "__init__.py").write_text("")
    (root / "orders" / "main.py").write_text(SERVICE)
    (root / "Dockerfile").write_text('FROM python:3.12\nCOPY . /app\nCMD ["python", "-m", "orders.main"]\n')
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    return root


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = run([str(argument) for argument in arguments])
    return (code, *capsys.readouterr())


def command(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "readiness", *map(str, arguments)]
    return subprocess.run(line, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.smoke
def test_a_scan_leaves_the_page_and_a_short_summary(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = outcome(capsys, "scan", shop)
    assert (code, err) == (0, "")
    assert [path.name for path in Path().iterdir()] == ["readiness-report.html"]
    assert "readiness-report.html" in out
    assert len(out.splitlines()) <= 15


@pytest.mark.smoke
def test_the_document_on_standard_output_is_alone_there(shop: Path) -> None:
    done = command("scan", shop, "--format", "json", "--output", "-")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert {row["module"] for row in document["modules"]} >= {"orders", "orders.main"}
    assert not any(Path().iterdir())


def test_several_formats_go_into_a_folder_and_leave_no_temporary_file(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(capsys, "scan", shop, "--format", "html,json,md", "--output", "a/b")[0] == 0
    names = sorted(path.name for path in Path("a/b").iterdir())
    assert names == ["readiness-report.html", "readiness-report.json", "readiness-report.md"]


def test_a_format_may_have_a_place_of_its_own(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = outcome(capsys, "scan", shop, "--format", "html,json=-,sarif=a/x.sarif", "--output", "b")
    assert code == 0
    assert json.loads(out)["schema"] == "readiness/1"
    assert "readiness-report.html" in err  # the summary makes way
    assert json.loads(Path("a/x.sarif").read_text())["version"] == "2.1.0"
    assert [path.name for path in Path("b").iterdir()] == ["readiness-report.html"]


def test_every_format_is_written_by_scan_and_again_by_report(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(capsys, "scan", shop, "--format", "json,sarif,gitlab,github", "--output", "one")[0] == 0
    document = Path("one/readiness-report.json")
    assert outcome(capsys, "report", document, "--format", "sarif,gitlab,github", "--output", "two")[0] == 0
    for name in ("readiness-report.sarif", "readiness-report.gitlab.json", "readiness-report.github.txt"):
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes()
        assert "orders/main.py" in Path("one", name).read_text()


def test_a_large_tree_tells_first_what_manifests_name(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("readiness.cli.options.LARGE_BYTES", 100)
    code, _, err = outcome(capsys, "scan", shop)
    assert (code, err) == (0, "readiness: manifests alone name 1 service: orders; reading 2 Python files\n")
    assert outcome(capsys, "scan", shop, "--quiet")[2] == ""


def test_every_line_that_takes_a_rejected_one_in_does(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "tools").mkdir()
    (shop / "tools" / "dev.py").write_text("if __name__ == '__main__':\n    print(1)\n")
    lines = outcome(capsys, "services", shop)[1].splitlines()
    found = [line.split()[0] for line in lines if line and not line.startswith((" ", "rejected:"))]
    (take_in,) = [line.strip().removeprefix("to take it in: ") for line in lines if "to take it in" in line]
    (leave_out,) = [line.strip().removeprefix("to leave it out: ") for line in lines if "to leave it out" in line]
    (shop / "readiness.toml").write_text(take_in + "\n")
    assert {line.split()[0] for line in outcome(capsys, "services", shop)[1].splitlines() if line} >= {*found, "dev"}
    (shop / "readiness.toml").write_text(leave_out + "\n")
    assert not any(
        line.startswith(f"{found[0]}  (deployable") for line in outcome(capsys, "services", shop)[1].splitlines()
    )


def test_a_file_takes_its_format_from_its_suffix(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(capsys, "scan", shop, "--output", "x.json", "--quiet")[:2] == (0, "")
    assert json.loads(Path("x.json").read_text())["schema"] == "readiness/1"


def test_csv_is_one_file_a_table(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(capsys, "scan", shop, "--format", "csv", "--output", "tables")[0] == 0
    assert sorted(path.name.removeprefix("readiness-report.") for path in Path("tables").iterdir()) == sorted(
        outputs.CSV
    )
    assert Path("tables/readiness-report.candidates.csv").read_bytes().startswith(b"rank,id,name,")
    assert Path("tables/readiness-report.findings.csv").read_text().count("IO101") == 1


def test_every_format_comes_again_from_the_document_alone(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(capsys, "scan", shop, "--format", "html,json,md,csv", "--output", "first", "-q")[0] == 0
    (shop / "orders" / "main.py").write_text("")
    code, out, err = outcome(
        capsys, "report", "first/readiness-report.json", "--format", "html,json,md,csv", "--output", "again"
    )
    assert (code, err) == (0, "")
    assert "open again/readiness-report.html" in out
    for path in Path("first").iterdir():
        assert (Path("again") / path.name).read_bytes() == path.read_bytes()


def test_a_document_of_another_kind_is_refused(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("old.json").write_text('{"schema": "readiness/0"}')
    code, out, err = outcome(capsys, "report", "old.json")
    assert (code, out) == (2, "")
    assert "old.json: the report says schema 'readiness/0'" in err and "scan again" in err


def test_the_scanned_tree_is_left_as_it_was(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    assert outcome(capsys, "scan", shop, "--no-cache")[0] == 0
    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before
    assert outcome(capsys, "scan", shop)[0] == 0
    assert {path.relative_to(shop).parts[0] for path in shop.rglob("*")} <= {"orders", "Dockerfile", ".readiness_cache"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["scan", "missing"], "Directory 'missing' does not exist."),
        (["scan", "file.py"], "Directory 'file.py' is a file."),
        (
            ["scan", "tree", "--format", "pdf"],
            "--format pdf: unknown format; allowed: csv, html, json, md, sarif, gitlab, github",
        ),
        (["scan", "tree", "--format", "html,json", "--output", "x.html"], "one place takes exactly one format"),
        (["scan", "tree", "--format", "html,json", "--output", "-"], "one place takes exactly one format"),
        (["scan", "tree", "--output", "file.py/x.html"], "--output: file.py is no folder that can be written to"),
        (["scan", "tree", "--format", "json=-,md=-"], "standard output takes one format, not json, md"),
        (["scan", "tree", "--format", "json="], "json has no place behind `=`"),
        (["scan", "tree", "--format", "sarif=file.py/x"], "--output: file.py is no folder that can be written to"),
        (["check", "--format", "pdf"], "--format pdf: unknown format; allowed: text, md, sarif, gitlab, github"),
        (["check", "--format", "text,md"], "standard output takes one format, not text, md"),
        (["check", "--baseline", "none.json"], "File 'none.json' does not exist."),
        (["rules", "tset"], "No such command 'tset'"),
        (["init", "missing"], "Directory 'missing' does not exist."),
        (["config", "file.py"], "Directory 'file.py' is a file."),
        (["scan", "tree", "--goal", "speed"], "Invalid value for '--goal'"),
        (["scan", "tree", "--workers", "0"], "Invalid value for '--workers'"),
        (["scan", "tree", "--fail-on", "warn"], "--fail-on: 'warn' is no condition"),
        (["scan", "tree", "--fail-on", "verdict:port-frist"], "did you mean `port-first`?"),
        (["scan", "tree", "--config", "none.toml"], "File 'none.toml' does not exist."),
        (["scan", "tree", "-q", "-v"], "--quiet and --verbose exclude each other"),
        (["scan", "tree", "--colour"], "No such option"),
        (["scna"], "No such command 'scna'"),
        (["explain", "IO9999"], "no rule, library or construct IO9999"),
        (["check", "missing.py"], "'missing.py' does not exist."),
        (["completion", "csh"], "'csh' is not one of"),
    ],
)
def test_what_the_user_got_wrong_is_one_line_and_2(
    arguments: list[str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tree").mkdir()
    (tmp_path / "file.py").write_text("x = 1\n")
    code, out, err = outcome(capsys, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("readiness: ")
    assert line in err


def test_every_mistake_of_the_settings_is_told_before_anything_is_read(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "readiness.toml").write_text('wrokers = 1\ngoal = 3\nfail-on = ["x"]\n')
    code, out, err = outcome(capsys, "scan", shop)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "readiness: readiness.toml: wrokers: unknown key, did you mean `workers`?",
        "readiness: readiness.toml: goal: must be a string, is an integer",
    ]


def test_a_folder_without_python_is_3_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    code, _, err = outcome(capsys, "scan", tmp_path / "empty", "--output", tmp_path / "x.html")
    assert (code, err) == (3, "readiness: no Python file found; nothing was analysed\n")


def test_a_broken_file_of_a_service_is_3_and_everything_else_is_reported(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "orders" / "broken.py").write_text("def f(:\n")
    code, _, err = outcome(capsys, "scan", shop, "--output", "x.json", "--fail-on", "warning")
    assert code == 3
    assert "not analysed: 1 file" in err
    document = json.loads(Path("x.json").read_text())
    assert [(row["path"], row["reason"]) for row in document["repository"]["skipped"]] == [
        ("orders/broken.py", "syntax-error")
    ]
    assert "orders.main" in {row["module"] for row in document["modules"]}


def test_below_the_allowance_one_line_says_what_is_missing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "tool").mkdir()
    (shop / "tool" / "big.py").write_text("".join(f"x{n} = {n}\n" for n in range(2_000)))
    (shop / "loose.py").write_text("def f(:\n")
    code, _, err = outcome(capsys, "scan", shop)
    assert code == 0
    assert err.splitlines() == [line for line in err.splitlines() if line.startswith("not analysed: 1 file")]
    assert err.count("\n") == 1


def test_gates(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = outcome(
        capsys, "scan", shop, "--fail-on", "score<100", "--fail-on", "verdict:not-judged", "--output", "x.json"
    )
    assert code == 1
    assert err.startswith("readiness: --fail-on score<100: ")
    (row,) = json.loads(Path("x.json").read_text())["services"]
    other = "port-later" if row["verdict"] != "port-later" else "port-first"
    assert outcome(capsys, "scan", shop, "--fail-on", f"verdict:{row['verdict']}")[0] == 1
    assert outcome(capsys, "scan", shop, "--fail-on", f"verdict:{other}")[0] == 0


def test_check_prints_the_findings_of_the_given_files_only(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "orders" / "quiet.py").write_text("x = 1\n")
    monkeypatch.chdir(shop / "orders")
    (shop / ".git").mkdir()
    code, out, err = outcome(capsys, "check", "main.py", "--no-cache")
    assert (code, err) == (1, "")
    assert any(line.startswith(("main.py:10:12: warning: ", "main.py:10:12: error: ")) for line in out.splitlines())
    assert outcome(capsys, "check", "quiet.py", "--no-cache") == (0, "", "")
    (shop / "orders" / "quiet.py").write_text("def f(:\n")
    code, out, err = outcome(capsys, "check", "quiet.py", "--no-cache")
    assert (code, out) == (3, "")
    assert err.startswith("quiet.py:1: not analysed: syntax-error")


def test_check_refuses_a_file_of_elsewhere(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop)
    (tmp_path / "other.py").write_text("x = 1\n")
    code, _, err = outcome(capsys, "check", "../other.py")
    assert code == 2
    assert "../other.py: outside of the repository" in err


def test_services_shows_evidence_with_lines(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = outcome(capsys, "services", shop)
    assert (code, err) == (0, "")
    assert "Dockerfile:" in out
    assert "exclude = true" in out


@pytest.mark.smoke
def test_rules_and_their_pages(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = outcome(capsys, "rules")
    assert code == 0
    identifiers = [line.split()[0] for line in out.splitlines()]
    assert identifiers == sorted(identifiers)
    for identifier in identifiers:
        code, page, _ = outcome(capsys, "explain", identifier.lower())
        assert (code, page.split()[0]) == (0, identifier)
    assert "    return client.Do(request)" in outcome(capsys, "explain", "IO101")[1]
    _, out, _ = outcome(capsys, "rules", "--pack", "io", "--severity", "warning")
    assert [line.split()[0] for line in out.splitlines()] == ["IO101"]
    assert outcome(capsys, "rules", "--pack", "oi")[0] == 2


@pytest.mark.smoke
def test_libraries_and_constructs_are_explained_too(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _, out, _ = outcome(capsys, "explain", "redis")
    assert "  cache, async: redis.asyncio.Redis.*" in out
    assert "  consumer: redis.client.PubSub.listen" in out
    assert "In Go: github.com/redis/go-redis/v9 (drop-in)\n  official, BSD-2-Clause, no cgo, looked up" in out
    assert "In Go: github.com/grandcat/zeroconf (close)\n  MIT, no cgo" in outcome(capsys, "explain", "Zeroconf")[1]
    assert "    defer func() { <-slots }()" in outcome(capsys, "explain", "semaphore")[1]
    assert "did you mean requests?" in outcome(capsys, "explain", "reqests")[2]


@pytest.mark.smoke
def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = outcome(capsys, "schema")
    assert code == 0
    assert "$schema" in json.loads(out)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_the_program(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = outcome(capsys, "completion", shell)
    assert code == 0
    assert "_READINESS_COMPLETE" in out


@pytest.mark.smoke
def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(capsys, "--version")[:2] == (0, "readiness, version 0.1.0\n")
    code, out, _ = outcome(capsys, "--help")
    assert (code, "Exit codes: 0 done" in out) == (0, True)
    assert outcome(capsys)[0] == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a terminal")
def test_an_interrupt_is_130_and_leaves_no_file(shop: Path) -> None:
    for number in range(60):
        (shop / f"m{number}.py").write_text("".join(f"def f{n}(x):\n    return g(x, {n})\n" for n in range(800)))
    store = shop.parent / "store"
    line = [sys.executable, "-m", "readiness", "scan", str(shop), "--cache-dir", str(store), "--workers", "1"]
    process = subprocess.Popen(
        line, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - a shell's background job ignores it
    )  # fmt: skip
    while not store.exists() and process.poll() is None:  # it is made when reading begins, however slow the machine is
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the whole group
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.strip() == "readiness: interrupted"
    assert not any(Path().iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a terminal")
@pytest.mark.parametrize(
    "raises",
    [
        "exec('raise KeyboardInterrupt')",  # remembered by CPython, however it is handled above
        "raise RuntimeError('Error calling __set_name__') from KeyboardInterrupt()",  # what 3.11 makes of it in a class body
        "\n try: raise KeyboardInterrupt\n except BaseException: raise ImportError('no such library')",
        "import os, signal\n try: os.kill(os.getpid(), signal.SIGINT)\n except KeyboardInterrupt: return 0",  # swallowed
    ],
    ids=["exec", "class", "wrapped", "swallowed"],
)
def test_an_interrupt_while_a_library_makes_its_classes_is_130_too(tmp_path: Path, raises: str) -> None:
    (tmp_path / "program.py").write_text(
        "import sys, readiness.cli as cli\nfrom readiness.__main__ import main\n"
        f"def load(*_, **__):\n {raises}\n"
        "cli.readiness.main = load; sys.argv = ['readiness', 'scan']; main()\n"
    )
    line = [sys.executable, "-m", "program"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "readiness: interrupted")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_is_shown_on_a_terminal_only(shop: Path) -> None:
    ours, theirs = os.openpty()
    program = (  # without the half second in which a fast machine is done
        "import sys; from readiness.cli import options, run; options.QUIET_SECONDS = options.FRAME_SECONDS = 0.0; "
        "sys.exit(run(sys.argv[1:]))"
    )
    line = [sys.executable, "-c", program, "scan", str(shop), "--no-cache", "--output", "x.json"]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 4096):
            shown += block
    except OSError:  # Linux tells the end of a terminal so
        pass
    assert process.wait(timeout=60) == 0
    assert b"parse" in shown


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    script = f"{sys.executable} -m readiness schema | head -c 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_report_replaces_the_old_one_in_one_step(tmp_path: Path) -> None:
    old = tmp_path / "x.html"
    old.write_text("old")
    old.chmod(0o640)
    link = tmp_path / "link.html"
    link.symlink_to(old)
    outputs.write(outputs.Target("html", link), b"new")
    assert (link.is_symlink(), old.read_text(), old.stat().st_mode & 0o777) == (True, "new", 0o640)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.html", "x.html"]


@given(st.lists(st.sampled_from(outputs.FORMATS), min_size=1), st.sampled_from([None, "folder", "folder/"]))
def test_each_format_gets_one_place(formats: list[str], output: str | None) -> None:
    found = outputs.targets(",".join(formats), output)
    assert [target.format for target in found] == list(dict.fromkeys(formats))
    assert {str(target.path) for target in found} == {
        str(Path(output or "") / f"readiness-report.{outputs.SUFFIXES.get(format, format)}") for format in formats
    }
