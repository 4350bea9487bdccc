"""Who is there to port: from the settings, else from the repository, else unknown; learning days and the gate of the first wave."""

from __future__ import annotations

from msgspec.structs import replace

from readiness.assess.score import tune
from readiness.assess.team import team_of
from readiness.types.config import Config, Team
from readiness.types.report import ServiceRow
from readiness.types.tree import GitFacts
from tests.assess.units import gateway, rate, rulebook

NOW = 1_700_000_000
BOTH = (
    ("a.go", NOW, "ann"),
    ("b.py", NOW - 5, "ann"),
    ("a.go", NOW - 400 * 86_400, "bob"),
    ("c.py", NOW - 400 * 86_400, "bob"),
    ("b.py", NOW, "eve"),
)
GIT = GitFacts("c0ffee", False, NOW, BOTH)


def known(team: Team, files: tuple[str, ...] = (), git: GitFacts = GIT) -> tuple[object, ...]:
    config = Config(team=team)
    row = team_of(config, files, git, tune(rulebook().scoring, config))
    return row.people, row.go, row.source, row.wave_days, row.learning_days


def test_what_nobody_said_and_no_file_tells_is_unknown() -> None:
    assert known(Team()) == (None, None, "nobody", 171.0, None)
    assert known(Team(people=4)) == (4, None, "nobody", 228.0, None)


def test_who_changed_go_files_within_a_year_knows_go() -> None:
    assert known(Team(), ("a.go", "b.py")) == (None, 1, "repository", 171.0, 19.0)  # bob's change is too old
    assert known(Team(), ("a.go",), replace(GIT, is_shallow=True)) == (None, None, "nobody", 171.0, None)
    none = replace(GIT, commits=BOTH[1:])
    assert known(Team(), ("a.go",), none) == (None, None, "nobody", 171.0, None)  # unknown, not none
    two = replace(GIT, commits=(*BOTH, ("c.go", NOW, "bob")))
    assert known(Team(), ("a.go",), two) == (None, 2, "repository", 171.0, 0.0)


def test_the_settings_come_first() -> None:
    assert known(Team(people=5, go=0), ("a.go",)) == (5, 0, "settings", 285.0, 57.0)  # 19 days for each two who learn
    assert known(Team(people=5, go=2, months=2, share=0.5)) == (5, 2, "settings", 95.0, 0.0)
    config = Config(team=Team(people=5), thresholds={"wave_days": 40.0})
    assert team_of(config, (), GIT, tune(rulebook().scoring, config)).wave_days == 40.0


def of(team: Team) -> ServiceRow:
    whole, edge = gateway()
    return rate(whole, edge, config=Config(team=team)).services[0]


def test_the_first_port_pays_for_learning_and_nothing_else_changes() -> None:
    plain, learning, knowing = of(Team()), of(Team(people=3, go=1)), of(Team(people=3, go=2))
    assert plain.effort_days is not None and learning.effort_days is not None
    assert learning.effort_days.expert == plain.effort_days.expert
    assert round(learning.effort_days.production - plain.effort_days.production, 1) == 19.0
    assert round(learning.effort_days.worst - plain.effort_days.worst, 1) == 19.0
    assert [(item.driver, item.production) for item in learning.effort_items][-1] == ("learning", 19.0)
    assert "1 of 3 people know Go" in learning.effort_items[-1].detail
    effort = [c.points for c in learning.contributions if c.axis == "effort"]
    assert round(sum(effort), 1) == learning.effort and (learning.effort or 0) > (plain.effort or 0)
    assert (learning.score, learning.verdict, learning.benefit, learning.risk) == (
        plain.score,
        plain.verdict,
        plain.benefit,
        plain.risk,
    )
    assert (learning.gates, plain.gates, knowing.gates) == (("owners",), (), ())
    assert knowing.effort_days == plain.effort_days


def test_the_assessment_says_who_is_there() -> None:
    whole, edge = gateway()
    team = rate(whole, edge, config=Config(team=Team(people=3, go=1))).team
    assert team is not None and (team.people, team.go, team.source) == (3, 1, "settings")
