"""Evidence from outside through the command line: what it makes known, where it is shown to come from, and wrong files."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.assess.asserted import pattern
from readiness.cli import run
from readiness.evidence import strangers
from readiness.question import ScanOptions
from readiness.scan import scan
from readiness.types.config import Config
from readiness.types.evidence import AccessLog, Asserted, Evidence
from tests.assess import units
from tests.report import example

SERVICE = """
import requests
from flask import Flask

app = Flask(__name__)


@app.get("/orders/<number>")
def order(number):
    return requests.get("https://stock.example/" + number).json()


@app.get("/home")
def home():
    return requests.get("https://news.example/").json()
"""
TOOL = (
    "import csv\n\n\ndef main():\n    print(list(csv.reader(open('a'))))\n\n\nif __name__ == '__main__':\n    main()\n"
)
WRITTEN = """
currency = "EUR"
person_day = 500

[[service]]
name = "web"
requests_per_second = 400
p50_ms = 2000
instances = 8
cpu_cores = 0.5
memory_mib = 512
cost_per_month = 3000
growth_per_year = 3
owner = "team-web"

[[service]]
name = "job"
cost_per_month = 1000
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "shop"
    for name, code, command in (
        ("web", SERVICE, "gunicorn web.main:app --workers 4"),
        ("job", TOOL, "python -m job.main"),
    ):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").write_text("")
        (root / name / "main.py").write_text(code)
        with (root / "Procfile").open("a") as file:
            file.write(f"{name}: {command}\n")
    (root / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return root


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = run([str(argument) for argument in arguments])
    return (code, *capsys.readouterr())


def document(shop: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    code, out, err = outcome(
        capsys, "scan", shop, "--workers", "1", "--quiet", "--format", "json", "--output", "-", *more
    )
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def row(found: dict[str, Any], name: str) -> dict[str, Any]:
    (one,) = [one for one in found["services"] if one["name"] == name]
    return one


def signals(one: dict[str, Any]) -> dict[str, tuple[float | None, list[tuple[str, int]]]]:
    return {
        c["signal"]: (c["value"], [(p["path"], p["line"]) for p in c["evidence"]]) for c in one["contributions"] if c["axis"] == "benefit"
    }  # fmt: skip


def test_what_was_said_makes_signals_known_each_with_its_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = row(document(shop, capsys), "web")
    assert {name: signals(before)[name][0] for name in ("traffic", "cost_share", "replicas")} == {
        "traffic": None, "cost_share": None, "replicas": None,
    }  # fmt: skip
    assert before["savings"] is None and before["asserted"] == []
    (shop / "readiness.evidence.toml").write_text(WRITTEN)
    web = row(document(shop, capsys), "web")
    at = "readiness.evidence.toml"
    found = signals(web)
    assert found["traffic"] == (0.9646, [(at, 7)])  # log2(1 + 400 x 2 s) / 10
    assert found["cost_share"] == (0.75, [(at, 12)])
    assert found["replicas"] == (0.5, [(at, 9)])
    assert found["prefork_memory"] == (0.25, [(at, 11)])
    assert found["waits"] == (0.995, [(at, 10)])  # 8 x .5 processors over 400 requests: 10 of 2,000 ms
    assert web["owners"] == ["team-web"]
    assert [(r["name"], r["value"], r["line"]) for r in web["asserted"]][:2] == [
        ("requests_per_second", 400.0, 7),
        ("p50_ms", 2000.0, 8),
    ]
    assert web["confidence"] > before["confidence"]
    assert round(sum(c["points"] for c in web["contributions"] if c["axis"] == "benefit"), 1) == web["benefit"]


def test_savings_are_a_bound_of_a_cost_that_was_given(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "readiness.evidence.toml").write_text(WRITTEN)
    found = document(shop, capsys)
    web = row(found, "web")
    saved = web["savings"]
    part = (
        {"low": 0.2, "likely": 0.2, "high": 0.2}
        if web["archetype"] == "crud-api"
        else {"low": 0.3, "likely": 0.5, "high": 0.7}
    )
    wanted = {case: 3000 * part[case] * (1 - 1 / k) * 0.7 for case, k in (("low", 2), ("likely", 3), ("high", 6))}
    assert {case: saved[case] for case in wanted} == pytest.approx(wanted, abs=0.01)
    assert (saved["path"], saved["line"], saved["currency"]) == ("readiness.evidence.toml", 12, "EUR")
    assert saved["payback_months"] == pytest.approx(web["effort_days"]["production"] * 500 / saved["likely"], abs=0.06)
    cases = saved["cases"]
    assert [(c["factor"], c["cost"], c["months"]) for c in cases] == [
        (1, 3000, None),
        (3, 9000, 12.0),
        (10, 30000, 25.2),
    ]
    assert cases[0]["score"] == web["score"] and cases[0]["verdict"] == web["verdict"]
    assert cases[0]["score"] <= cases[1]["score"] <= cases[2]["score"]
    assert row(found, "job")["savings"]["payback_months"] is not None


def test_few_requests_weaken_what_each_has_to_do(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = row(document(shop, capsys), "web")
    table = shop.parent / "m.csv"
    table.write_text("service,route,requests_per_second\nweb,/home,0.1\nweb,/orders/<number>,0.1\n")
    web = row(document(shop, capsys, "--evidence", "m.csv"), "web")
    plain, found = signals(before), signals(web)
    for name in ("request_wait", "served"):
        value, places = found[name]
        assert value == pytest.approx((plain[name][0] or 0) * 0.1, abs=1e-4) and places[-1] == ("m.csv", 2), name
    assert found["resident"] == plain["resident"] and web["benefit"] < before["benefit"]
    assert [(r["route"], r["line"]) for r in web["asserted"]] == [("/home", 2), ("/orders/<number>", 3)]


def test_an_access_log_is_divided_by_routes(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = '1.2.3.4 - - [10/Oct/2026:13:00:%02d +0000] "GET %s HTTP/1.1" 200 12 %s\n'
    requests = [line % (second, "/orders/7?x=1", "1.500") for second in range(31)] + [line % (5, "/other", "0.1")]
    (shop.parent / "access.log").write_text("".join(requests) + "garbage\n")
    found = document(shop, capsys, "--evidence", "access.log")
    web = row(found, "web")
    assert [(r["name"], r["value"], r["path"], r["line"]) for r in web["asserted"]] == [
        ("requests_per_second", round(31 / 30, 4), "access.log", 1), ("mean_ms", 1500.0, "access.log", 1),
    ]  # fmt: skip
    assert found["evidence"] == [
        "access.log: 32 requests in 30 s; 1 of them belong to no service's routes, or to several; 1 lines are no request"
    ]
    whole = row(document(shop, capsys, "--evidence", "web=access.log"), "web")
    assert whole["asserted"][0]["value"] == round(32 / 30, 4)
    code, out, _ = outcome(capsys, "evidence", shop, "--workers", "1", "--evidence", "access.log")
    assert code == 0 and "    mean_ms: 1,500  (access.log:1)" in out.splitlines()


def test_unknown_services_and_routes_are_one_line_each(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "readiness.evidence.toml").write_text(
        '[[service]]\nname = "wbe"\np50_ms = 1\n[[service]]\nname = "web"\nroute = "/hom"\np50_ms = 1\n'
        '[[service]]\nname = "web"\ncost_per_month = 1\n[[service]]\nname = "web"\ncost_per_month = 2\n'
    )
    code, out, err = outcome(capsys, "scan", shop, "--workers", "1")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "readiness: readiness.evidence.toml:13: service[3].cost_per_month: was said of 'web' at readiness.evidence.toml:10 already"
    ]
    text = (shop / "readiness.evidence.toml").read_text().rpartition("[[service]]")[0]
    (shop / "readiness.evidence.toml").write_text(text)
    code, out, err = outcome(capsys, "scan", shop, "--workers", "1")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "readiness: readiness.evidence.toml:1: service[0]: no service is called 'wbe', did you mean 'web'?; known: job, web",
        "readiness: readiness.evidence.toml:4: service[1]: 'web' has no entry point '/hom', did you mean '/home'?",
    ]
    for _ in range(2):  # a report out of the store says the same
        assert outcome(capsys, "evidence", shop, "--workers", "1")[0] == 2


def test_files_that_are_none(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    big, link, pipe = shop.parent / "big.toml", shop.parent / "link.csv", shop.parent / "pipe.csv"
    big.write_bytes(b"#" * (1 << 20) + b"\n#")
    link.symlink_to("/etc/passwd")
    os.mkfifo(pipe)
    said = {
        "big.toml": "big.toml: larger than 1048576 bytes",
        "link.csv": "link.csv: Too many levels of symbolic links",
        "pipe.csv": "--evidence pipe.csv: there is no such file",
        "none.csv": "--evidence none.csv: there is no such file",
    }
    for name, words in said.items():
        code, _, err = outcome(capsys, "scan", shop, "--workers", "1", "--evidence", name)
        assert (code, err) == (2, f"readiness: {words}\n")
    (shop / "readiness.toml").write_text(
        'evidence = ["/etc/passwd", "a/../../b.csv", "web=../x.log", "C:/x.csv", "fine.csv"]\n'
    )
    code, _, err = outcome(capsys, "scan", shop, "--workers", "1")
    assert (code, len(err.splitlines())) == (2, 4)
    assert "readiness.toml: evidence[0]: '/etc/passwd' must lie in the repository" in err
    (shop / "readiness.toml").write_text('evidence = ["gone.csv"]\n')
    assert outcome(capsys, "scan", shop, "--workers", "1")[2] == "readiness: gone.csv: No such file or directory\n"


def test_a_name_of_several_services_is_none() -> None:
    twins = (replace(example.edge(), id="a/edge"), replace(example.edge(), id="b/edge"))
    found = replace(example.report(), services=twins)
    rows = tuple(Asserted(name, "", "e.toml", 3, "service[0]", {}) for name in ("edge", "a/edge", "egde"))
    assert strangers(Evidence(rows, (AccessLog("x.log", "edge", 1.0, (), 0, 0),)), found) == [
        "e.toml:3: service[0]: 'edge' is the name of 2 services; use an id: a/edge, b/edge",
        "e.toml:3: service[0]: no service is called 'egde', did you mean 'edge'?; known: a/edge, b/edge",
        "x.log: 'edge' is the name of 2 services; use an id: a/edge, b/edge",
    ]


@pytest.mark.parametrize(
    ("route", "path", "is_it"),
    [
        ("/orders/{number}", "/orders/7", True), ("/orders/{number}", "/orders/7/lines", False), ("GET /a/<int:b>", "/a/7/", True),
        ("/files/{tail:.*}", "/files/a/b", True), ("/static/<path:name>", "/static/a/b", True), ("admin/", "/admin/", True),
        ("/", "/", True), ("/a.b", "/axb", False), ("/u/:id", "/u/3", True),
    ],
)  # fmt: skip
def test_the_paths_of_a_route(route: str, path: str, is_it: bool) -> None:
    found = pattern(replace(units.route("m", "f", 1, 0), detail=route))
    assert found is not None and bool(re.fullmatch(found[1], path)) is is_it


def test_a_route_that_is_an_expression_or_hostile_matches_in_time() -> None:
    assert pattern(replace(units.route("m", "f", 1, 0), detail=r"^articles/(?P<year>\d+)/$")) is None
    found = pattern(replace(units.route("m", "f", 1, 0), detail="/".join(["{a:.*}"] * 50)))
    assert found == (0, "/.*/?") and re.fullmatch(found[1], "/" + "a" * 2_000)


def test_a_file_may_be_called_with_an_equals_sign(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("web=1.csv").write_text("service,p50_ms\nweb,7\n")
    code, out, _ = outcome(capsys, "evidence", shop, "--workers", "1", "--evidence", "web=1.csv")
    assert code == 0 and "    p50_ms: 7  (web=1.csv:2)" in out.splitlines()
    Path("m.csv").write_text("service,p50_ms\nweb,7\n")
    assert (
        "`web=` is for access logs" in outcome(capsys, "evidence", shop, "--workers", "1", "--evidence", "web=m.csv")[2]
    )


def test_the_template_is_valid_and_says_nothing_until_it_is_filled_in(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, template, err = outcome(capsys, "evidence", shop, "--workers", "1", "--template")
    assert (code, err) == (0, "") and tomllib.loads(template) == {}
    whole = "\n".join(
        line.removeprefix("#") if line.startswith(("#[", "#name", "#owner", "#p50", "#route")) else line
        for line in template.splitlines()
    )
    assert {table["name"] for table in tomllib.loads(whole)["service"]} == {"web", "job"}
    (shop / "readiness.evidence.toml").write_text(whole)
    code, out, err = outcome(capsys, "evidence", shop, "--workers", "1")
    assert (code, err) == (0, "") and "    owner: team  (readiness.evidence.toml:" in out
    every = "\n".join(
        line.removeprefix("#") if line[1:2].isalpha() or line[1:2] == "[" else line for line in template.splitlines()
    )
    assert {"requests_per_second", "cost_per_month", "growth_per_year"} <= set(tomllib.loads(every)["service"][0])


def test_evidence_is_part_of_what_a_report_is_stored_under(shop: Path) -> None:
    def share() -> float | None:
        found = scan(shop, Config(workers=1), ScanOptions(), lambda phase, done, total: None)
        return next(
            c.value for s in found.services if s.name == "web" for c in s.contributions if c.signal == "traffic"
        )

    assert share() is None
    for rate, value in ((7, 0.3), (1, 0.1), (7, 0.3)):
        (shop / "readiness.evidence.toml").write_text(f'[[service]]\nname = "web"\nrequests_per_second = {rate}\n')
        assert share() == value


def test_pages_say_what_is_known_and_what_is_not(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "readiness.evidence.toml").write_text(WRITTEN.replace("team-web", "<b>team</b>"))
    code, text, _ = outcome(capsys, "explain", "web", shop, "--workers", "1")
    assert code == 0 and "Requests or messages a second: 400  (readiness.evidence.toml:7)" in text
    assert "traffic x 3, in 12 months: cost 9,000" in text
    assert outcome(capsys, "scan", shop, "--workers", "1", "--format", "html,md", "--output", "out")[0] == 0
    page = Path("out", "readiness-report.html").read_text()
    assert "Said from outside of the code" in page and "&lt;b&gt;team" in page and "<b>team" not in page
    assert "A port saves at most" in page and "if traffic confirms" not in page.partition('id="web"')[2][:400]
    assert "Cost is known of 2 of 2 services; traffic, latency and memory are known of 1 of 2 services." in page
    assert "Numbers that nobody said and that would change the answer most" in page
