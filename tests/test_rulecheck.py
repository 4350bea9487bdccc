"""Every claim of every shipped page holds; a user's own pages are held against the same measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.paths import rules_folder
from readiness.rulebook import RulebookError, load_rulebook
from readiness.rulecheck import check_folder, check_pages, snippet_analyser

PAGE = """# house

```toml
distribution = "house"
imports = ["house"]
clients = ["house.Client"]

[[api]]
name = "house.Client.ask"
kind = "network"
mode = "blocking"
latency = "rpc"
```

```py
import house

house.Client().ask()  # io: network
house.Client().name()  # ok: a field
```
"""


def test_the_examples_of_the_shipped_pages_hold() -> None:
    book = load_rulebook([rules_folder()])
    problems = check_pages(book, [rules_folder()], snippet_analyser(book))
    assert problems == (), "\n".join(f"{row.path}:{row.line}: {row.problem}" for row in problems[:20])


def own(tmp_path: Path, page: str) -> list[tuple[str, int, str]]:
    (tmp_path / "libraries").mkdir()
    (tmp_path / "libraries" / "house.md").write_text(page, encoding="utf-8")
    return [(row.path, row.line, row.problem) for row in check_folder(tmp_path)]


def test_a_users_page_that_holds_says_nothing(tmp_path: Path) -> None:
    assert own(tmp_path, PAGE) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("ask()  # io: network", "tell()  # io: network", 18, "no network is seen here"),
        ("name()  # ok", "ask()  # ok", 19, "network is seen here"),
        ("# io: network", "", 1, "claims network and has no example line"),
        ("# ok: a field", "", 1, "has no line `# ok:"),
    ],
)
def test_a_claim_that_does_not_hold_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in PAGE
    rows = own(tmp_path, PAGE.replace(old, new))
    assert [(path, at) for path, at, _ in rows] == [("libraries/house.md", line)]
    assert words in rows[0][2]


def test_a_page_that_cannot_be_read_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="api\\[0\\].kind"):
        own(tmp_path, PAGE.replace('"network"', '"netwrok"'))
