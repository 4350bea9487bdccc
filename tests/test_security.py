"""docs/security.md: what a stranger's repository, store, rule pack or document cannot do. The canary and the seal have files of their own."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from readiness.cli import outputs
from readiness.config import ConfigError, load_config

TOP = Path(__file__).parents[1]


@pytest.mark.parametrize("is_repository", [False, True])
@pytest.mark.parametrize("output", ["readiness-report.json", "out/x.json", "out/new/x.json"])
def test_a_link_of_the_repository_does_not_send_the_report_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, is_repository: bool
) -> None:
    """A stranger's repository can hold a link with the report's name, or one for its folder, that leads to a file of the user."""
    root, mine = tmp_path / "repo", tmp_path / "mine"
    root.mkdir()
    mine.mkdir()
    (mine / "x.json").write_text("mine")
    (root / "readiness-report.json").symlink_to(mine / "x.json")
    (root / "out").symlink_to(mine)
    if is_repository:
        (root / ".git").mkdir()
    monkeypatch.chdir(tmp_path if is_repository else root)
    place = Path("repo", output) if is_repository else Path(output)
    with pytest.raises(click.UsageError, match="a symbolic link is not followed"):
        outputs.targets("json", str(place))
    with pytest.raises(click.UsageError, match="a symbolic link is not followed"):  # laid while the scan ran
        outputs.write(outputs.Target("json", place), b"{}")
    assert [(file.name, file.read_text()) for file in mine.iterdir()] == [("x.json", "mine")]


def test_settings_of_a_repository_name_its_own_files_where_something_is_written(tmp_path: Path) -> None:
    """`baseline write` writes where the setting points, and a broken file of decisions is quoted."""
    (tmp_path / "readiness.toml").write_text('baseline = "../../x.json"\ndecisions = "/etc/passwd"\n')
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, None, {})
    assert str(caught.value).splitlines() == [
        "readiness.toml: baseline: '../../x.json' must lie in the repository",
        "readiness.toml: decisions: '/etc/passwd' must lie in the repository",
    ]


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (TOP / "docs" / "security.md").read_text())
    assert len(named) > 30
    assert [(file, test) for file, test in named if f"def {test}(" not in (TOP / file).read_text()] == []
