"""`readiness explain SERVICE`: the whole derivation, from a repository and from its document, and what it says of wrong names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from readiness.cli import run
from readiness.report.explain import render_explanation
from readiness.report.json import render_json
from tests.report.example import BIDI, SCRIPT, edge, report
from tests.report.weighed import weighed

SERVICE = """
import requests
from fastapi import FastAPI

app = FastAPI()


def load(url):
    return requests.get(url).json()


@app.get("/orders")
async def orders():
    return load("https://stock.example/orders")


@app.get("/both")
async def both():
    return [load("https://stock.example/orders"), requests.get("https://pay.example/")]
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    (root / "main.py").write_text(SERVICE)
    (root / "Dockerfile").write_text('FROM python:3.12\nCOPY . /app\nCMD ["uvicorn", "main:app"]\n')
    return root


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = run([str(argument) for argument in arguments])
    return (code, *capsys.readouterr())


def test_a_service_is_explained_from_its_repository_and_from_its_document(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "scan.json"
    assert outcome(capsys, "scan", shop, "--workers", "1", "--quiet", "--output", document)[0] == 0
    found = json.loads(document.read_bytes())
    (row,) = found["services"]
    code, text, err = outcome(capsys, "explain", row["name"], shop, "--workers", "1")
    assert (code, err) == (0, "")
    assert outcome(capsys, "explain", row["id"], document)[1] == text
    assert outcome(capsys, "explain", row["id"], document, "--goal", "footprint")[0] == 2
    head, *rest = text.split("\n\n")
    assert (
        head.splitlines()[1]
        == {"keep-in-python": "Keep in Python", "optimise-in-python": "Optimise in Python"}[row["verdict"]]
    )
    parts = {part.split(" ", 1)[0]: part for part in rest}
    for axis in ("benefit", "risk"):  # the points that are shown are those of the document, and add up to the axis
        shown = [float(points) for points in re.findall(r"^ +([+-]\d+\.\d)  ", parts[axis.capitalize()], re.MULTILINE)]
        assert sorted(shown) == sorted(c["points"] for c in row["contributions"] if c["axis"] == axis and c["points"])
        assert round(sum(shown), 1) == row[axis]
    assert "main.py:9\n" in parts["Benefit"] + "\n"  # the line that blocks the loop
    assert "B_net without blocked loops" in parts["Verdict:"]
    assert [line.split()[-1] for line in parts["Days"].splitlines() if line.endswith("together")] == ["together"]
    fixes = parts["Fixes"]
    assert re.search(r"main\.py:9  IO101, 0\.5 days; ends 2 paths, frees 1 entry point\n", fixes)
    assert "httpx.AsyncClient instead of requests.get" in fixes and "frees main:orders" in fixes


def test_the_goal_may_be_the_other_one(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text, _ = outcome(capsys, "explain", "main", shop, "--workers", "1", "--goal", "footprint")
    assert code == 0 and "goal footprint" in text


def test_an_unknown_name_is_one_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = outcome(capsys, "explain", "mian", shop, "--workers", "1")
    assert (code, out) == (2, "")
    assert err == "readiness: no service is called mian, did you mean main?; known: main\n"


def test_without_a_folder_pages_come_before_the_services_of_the_current_one(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop)
    assert outcome(capsys, "explain", "main", "--workers", "1")[1].startswith("main  (deployable")
    assert outcome(capsys, "explain", "requests")[1].startswith("requests\nimported as requests")
    for name in ("IO109", "reqests"):  # a typing error scans nothing
        code, _, err = outcome(capsys, "explain", name)
        assert code == 2 and f"no rule, library or construct {name}, did you mean" in err
        assert len(err.splitlines()) == 1


def test_one_line_says_which_ids_share_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twins = (replace(edge(), id="edge-a"), replace(edge(), id="edge-b"))
    document = tmp_path / "scan.json"
    document.write_bytes(render_json(replace(report(), services=twins)))
    code, _, err = outcome(capsys, "explain", "edge", document)
    assert code == 2 and "edge is the name of 2 services; use an id: edge-a, edge-b" in err


def test_all_that_a_service_has_is_shown_and_nothing_hides() -> None:
    text = render_explanation(report(), edge())
    for part in (
        "Blockers",
        "What would turn the verdict",
        "Steps",
        "Confidence 0.86 (A)",
        "Wave 1",
        "edge/main.py:12",
    ):
        assert part in text
    assert not set(text) & {"\u202e", "\u2066", "\x1b", "\x07", "\r"}
    assert SCRIPT not in text.splitlines() and BIDI not in text
    assert max(len(line) for line in text.splitlines()) < 140


def test_what_was_not_judged_says_why() -> None:
    lost = report().services[3]
    text = render_explanation(report(), lost)
    assert "Score: none; 20% of its lines could be analysed" in text and "Benefit" not in text


def test_the_tests_of_the_verdict_lead_to_the_verdict_that_the_program_gave() -> None:
    """What is printed is told apart from what is decided (assess.score.verdict), so each is held to the other."""
    met = set()
    reports = [weighed(40, seed) for seed in range(6)]
    for whole, service in [(one, row) for one in reports for row in one.services if not row.gates]:
        text = render_explanation(whole, service)
        rows = re.findall(r"^  (yes|no ) +(\S+) +.*\((\w+)\)$", text, re.MULTILINE)
        said: dict[str, list[bool]] = {}
        for mark, verdict, _ in rows:
            said.setdefault(verdict, []).append(mark == "yes")
        first = said.pop("port-first")
        other = next((verdict for verdict, held in said.items() if any(held)), None)
        assert (other or ("port-first" if all(first) else "port-later")) == service.verdict, text
        met.add(service.verdict)
    assert met == {"keep-in-python", "optimise-in-python", "decouple-first", "port-later", "port-first"}
