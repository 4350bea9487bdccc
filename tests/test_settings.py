"""config, init and baseline: through the real command line."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from readiness.cli import run
from readiness.config import load_config
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.settings import fields
from readiness.types.config import CheckRules, Config, ServiceRule

SERVICE = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef home():\n    return 'x'\n"
BLOCKS = "import requests\n\n\nasync def fetch(url):\n    return requests.get(url)\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "shop"
    (root / "tools").mkdir(parents=True)
    (root / "web.py").write_text(SERVICE)
    (root / "Procfile").write_text("web: python web.py\n")
    (root / "tools" / "dev.py").write_text("def main():\n    pass\n\n\nif __name__ == '__main__':\n    main()\n")
    (root / ".git").mkdir()
    monkeypatch.chdir(root)
    return root


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(arguments)
    return (code, *capsys.readouterr())


def test_every_setting_says_what_it_means() -> None:
    silent = [
        field.key for record in (Config, CheckRules, ServiceRule) for field in fields(record) if not field.meaning
    ]
    assert silent == []


def test_config_shows_values_with_their_origin_and_can_be_read_again(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "pyproject.toml").write_text(
        '[tool.readiness]\nexclude = ["a/"]\nper-file-ignores = { "x.py" = ["IO1"] }\n[tool.readiness.check]\nbase = "dev"\n'
        '[[tool.readiness.services]]\nmatch = ["web"]\nname = "front"\n'
    )
    monkeypatch.setenv("READINESS_GOAL", "footprint")
    monkeypatch.setenv("READINESS_CHECK_SCORE_FLOOR", "12.5")
    code, out, err = command(capsys, "config")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert 'goal = "footprint"  # environment: READINESS_GOAL' in lines
    assert 'exclude = ["a/"]  # pyproject.toml' in lines
    assert 'base = "dev"  # pyproject.toml' in lines
    assert "score-floor = 12.5  # environment: READINESS_CHECK_SCORE_FLOOR" in lines
    assert "snippets = true  # default" in lines
    said = load_config(shop, None)
    monkeypatch.delenv("READINESS_GOAL")
    monkeypatch.delenv("READINESS_CHECK_SCORE_FLOOR")
    (shop / "readiness.toml").write_text(out)
    assert load_config(shop, None) == said


def test_a_wrong_value_of_the_environment_is_told(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READINESS_GOAL", "speed")
    code, _, err = command(capsys, "config")
    assert (code, err[:42]) == (2, "readiness: environment: goal: 'speed' is n")


def test_init_writes_what_it_found_and_never_overwrites(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = command(capsys, "init")
    assert (code, err) == (0, "")
    text = (shop / "readiness.toml").read_text()
    assert load_config(shop, None) == Config()
    opened = tomllib.loads(re.sub(r'(?m)^#(?=[a-z"\[])', "", text))
    assert {tuple(row["match"]) for row in opened["services"]} == {("web",), ("tools/dev.py",)}
    code, out, err = command(capsys, "init")
    assert (code, out) == (2, "")
    assert err.startswith("readiness: readiness.toml has settings already")
    assert (shop / "readiness.toml").read_text() == text
    (shop / "readiness.toml").unlink()
    (shop / "pyproject.toml").write_text("[tool.readiness]\n")
    assert command(capsys, "init")[0] == 2
    assert not (shop / "readiness.toml").exists()


def test_the_file_of_init_is_valid_with_every_mark_taken_away(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command(capsys, "init")
    text = (shop / "readiness.toml").read_text()
    (shop / "readiness.toml").write_text(re.sub(r'(?m)^#(?=[a-z"\[])', "", text))
    code, _, err = command(capsys, "config")
    assert (code, err) == (0, "")
    scoring = load_rulebook([rules_folder()]).scoring  # its numbers are those in force, by names that there are
    said = load_config(shop, None)
    assert {name: scoring.families[name].value for name in said.weights} == said.weights == {"io": 0.75}
    assert {name: scoring.thresholds[name].value for name in said.thresholds} == said.thresholds == {"port_benefit": 55}


def test_a_baseline_is_written_shown_and_pruned(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "a.py").write_text(BLOCKS)
    assert command(capsys, "check")[0] == 1
    assert (
        command(capsys, "baseline", "write", "--reason", "day one")[1] == ".readiness-baseline.json: 1 entry (+1 -0)\n"
    )
    rows = json.loads((shop / ".readiness-baseline.json").read_text())["known"]
    assert [(row["rule"], row["path"], row["symbol"], row["reason"]) for row in rows] == [
        ("IO101", "a.py", "a:fetch", "day one")
    ]
    assert command(capsys, "check") == (0, "known: 1 (+0 -0)\n", "")
    (shop / "b.py").write_text(BLOCKS)
    code, out, _ = command(capsys, "check")
    assert (code, out.splitlines()[0].split(":")[0]) == (1, "b.py")
    (shop / "b.py").unlink()
    (shop / "a.py").write_text("x = 1\n")
    code, out, err = command(capsys, "check")
    assert (code, out, "1 stale" in err) == (0, "", True)
    assert command(capsys, "check", "--strict-baseline")[0] == 1
    assert "a.py: IO101 a:fetch  (day one)  stale" in command(capsys, "baseline", "show")[1]
    assert command(capsys, "baseline", "prune")[1] == ".readiness-baseline.json: 0 entries (-1)\n"
    assert command(capsys, "check", "--strict-baseline") == (0, "", "")


def test_entries_of_a_file_that_cannot_be_read_now_are_kept(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "a.py").write_text(BLOCKS)
    command(capsys, "baseline", "write")
    (shop / "a.py").write_text("def f(:\n")
    code, out, err = command(capsys, "baseline", "prune")
    assert (code, out) == (3, ".readiness-baseline.json: 1 entry (-0)\n")
    assert "1 file not analysed" in err
    assert command(capsys, "baseline", "write")[:2] == (3, ".readiness-baseline.json: 1 entry (+0 -0)\n")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": "other/1", "known": []}', '{"schema": "readiness-baseline/1", "known": [1]}']
)
def test_what_is_no_baseline_is_said(shop: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (shop / ".readiness-baseline.json").write_text(text)
    code, _, err = command(capsys, "check")
    assert (code, err.startswith("readiness: .readiness-baseline.json: ")) == (2, True)


def test_a_house_s_own_pages_are_held_against_their_examples(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = """# Our own client

It waits.

```toml
id = "XX901"
category = "optional"
severity = "warning"
message = "{name} in {function}"
effect = ["network"]
mode = ["blocking"]
context = ["async"]
fix = "do not"
fix_days = 1
```

```py
import requests
async def fetch(url):
    requests.get(url)  # finding: XX901
```

```py
def fetch(url):
    return url  # ok: waits for nothing
```
"""
    folder = shop / "house" / "findings" / "io"
    folder.mkdir(parents=True)
    (folder / "XX901-own-client.md").write_text(page)
    assert command(capsys, "rules", "test", "house") == (0, "", "readiness: 1 page, 0 problems\n")
    (folder / "XX901-own-client.md").write_text(
        page.replace("return url  # ok: waits for nothing", "return url  # finding: XX901")
    )
    code, out, _ = command(capsys, "rules", "test", "house")
    assert code == 1
    assert out.endswith("XX901 is not found here\n")
    (folder / "XX901-own-client.md").write_text(page.replace('severity = "warning"', 'severity = "loud"'))
    assert command(capsys, "rules", "test", "house")[0] == 2
    assert command(capsys, "rules", "test", "tools")[0] == 2


@pytest.mark.parametrize("arguments", [("scan",), ("check", "a.py")], ids=["scan", "check"])
def test_a_weight_or_threshold_that_there_is_not_is_a_mistake_of_the_user(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text("x = 1\n")
    Path("readiness.toml").write_text(
        "[weights]\nfan_out = 1\n[thresholds]\nlines_expert = 0\npackage_share = -1\nport_benefits = 5\nport_net = 1\n"
    )
    code, out, err = command(capsys, *arguments, "--no-cache")
    assert (code, out) == (2, "")
    assert [line.removeprefix("readiness: tool.readiness.") for line in err.splitlines()] == [
        "weights.fan_out: no such name; did you mean `fanout`?",
        "thresholds.lines_expert: must be above 0, is 0",
        "thresholds.package_share: must be above 0, is -1",
        "thresholds.port_benefits: no such name; did you mean `port_benefit`?",
    ]
