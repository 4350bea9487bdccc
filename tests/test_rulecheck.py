"""Every claim of every shipped page holds."""

from __future__ import annotations

from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.rulecheck import check_pages, snippet_analyser


def test_the_examples_of_the_shipped_pages_hold() -> None:
    book = load_rulebook([rules_folder()])
    problems = check_pages(book, [rules_folder()], snippet_analyser(book))
    assert problems == (), "\n".join(f"{row.path}:{row.line}: {row.problem}" for row in problems[:20])
