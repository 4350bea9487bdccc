"""The documentation: it builds as a site, its links lead somewhere, its commands exist, and its pages of rules hold."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import click
import pytest

from readiness.cli import readiness, run
from readiness.config import load_config

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
COMMANDS = [
    (page.relative_to(ROOT).as_posix(), line)
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for line in block.splitlines()
    if line.startswith("readiness ")
]


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "WARNING" in line]) == (0, [])
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix("")
        made = tmp_path / "site" / ("index.html" if name.name == "index" else f"{name}/index.html")
        assert made.is_file(), name


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_to_files_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_every_page_is_in_the_table_of_contents() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    every = [p for p in (ROOT / "docs").rglob("*.md") if not p.match("gallery/*/report.md")]  # its page lists those
    pages = {p.relative_to(ROOT / "docs").as_posix() for p in every}
    assert {page for page in pages if f": {page}\n" not in text} == set()


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[line[:60] for _, line in COMMANDS])
def test_every_command_of_the_documentation_is_one_of_the_program(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    words = words[: next((i for i, word in enumerate(words) if word in (">", "|", "&&", ";")), len(words))]
    command: click.Command = readiness
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.commands.get(words.pop(0))
        assert found is not None, f"{page}: {line}"
        command = found
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"--help", "-h"}
    assert [word for word in words if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in known] == [], page


def test_the_library_page_of_the_documentation_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "own-rules.md").read_text(encoding="utf-8")
    shown = re.search(r"````markdown\n(.*?)````", text, flags=re.DOTALL)
    assert shown
    (tmp_path / "libraries").mkdir()
    (tmp_path / "libraries" / "acme-queue.md").write_text(shown[1], encoding="utf-8")
    assert run(["rules", "test", str(tmp_path)]) == 0, capsys.readouterr()


def test_the_evidence_of_the_documentation_is_taken_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    settings = re.search(r"```toml\n(\[team\].*?)```", text, flags=re.DOTALL)
    assert settings
    (tmp_path / "readiness.toml").write_text(settings[1], encoding="utf-8")
    config = load_config(tmp_path, None, {})
    assert (config.team.people, config.team.share, config.actuals[0].days) == (4, 0.5, 14)
    files = []
    for kind in ("toml", "csv"):
        shown = re.search(rf"```{kind}\n(.*?)```", text, flags=re.DOTALL)
        assert shown
        (tmp_path / f"e.{kind}").write_text(shown[1], encoding="utf-8")
        files += ["--evidence", str(tmp_path / f"e.{kind}")]
    shop = str(ROOT / "examples" / "shop")
    code = run(["evidence", shop, "--workers", "1", "--cache-dir", str(tmp_path / "store"), *files])
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    for line in (
        "owner: team-edge  (e.toml:5)",
        "requests_per_second of /charges: 3  (e.toml:19)",
        "p50_ms: 35  (e.csv:2)",
    ):
        assert f"    {line}\n" in said.out
    assert "A port saves at most 1,715 EUR a month of 4,200" in said.out


def test_the_gallery_has_every_port_and_stays_small() -> None:
    gallery = ROOT / "docs" / "gallery"
    cases = {json.loads(file.read_text())["id"] for file in (ROOT / "benchmarks" / "ports" / "cases").glob("*.json")}
    shown = {folder.name for folder in gallery.iterdir() if folder.is_dir()}
    assert cases <= shown
    text = (gallery / "index.md").read_text(encoding="utf-8")
    for name in sorted(shown):
        assert (gallery / name / "page.png").stat().st_size < 150_000, name
        assert len((gallery / name / "report.md").read_bytes()) <= 60_000, name
        found = json.loads((gallery / name / "summary.json").read_text(encoding="utf-8"))
        assert f"### {name}\n" in text and f"{found['lines']:,} lines" in text
        histories = {row["history"] for row in found["parts"]}
        assert histories <= {"ported", "kept"} and ("ported" in histories) == (name in cases), name
        for row in found["services"] if name not in cases else ():
            assert row["history"] is None or row["history"]["source"] in text, (name, row["name"])
    assert text.count("**Missed:**") == len(shown)


def test_what_history_did_has_a_source_and_its_date() -> None:
    with (ROOT / "benchmarks" / "gallery-history.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    known = {row["name"] for row in json.loads((ROOT / "benchmarks" / "gallery.json").read_text(encoding="utf-8"))}
    assert {row["repository"] for row in rows} == known and len(known) >= 10
    for row in rows:
        assert row["became"] in {"moved", "beside", "reworked", "stayed"} and row["service"] and row["words"], row
        assert row["source"].startswith("https://") and date.fromisoformat(row["date"]).isoformat() == row["date"], row
