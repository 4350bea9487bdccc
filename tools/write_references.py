"""The program's own help texts -> docs/reference/cli.md, its settings -> settings.md, its rules -> rules.md. A test compares them."""

from __future__ import annotations

from pathlib import Path

import click
from click.testing import CliRunner

from readiness.cli import readiness
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.rulebook.rules import PACKS
from readiness.settings import reference

HEAD = """# The command line

Written by `python tools/write_references.py`; a test compares it with the program.
"""
RULES_HEAD = """# Rules

Written by `python tools/write_references.py` from `rules/findings`; a test compares them. `readiness explain ID` prints a rule's page.
A preview is off without the setting `preview` or its id in `select`.
"""


def cli_page() -> str:
    """The help text of every command and sub-command."""
    blocks = [HEAD]
    names = [[name] for name in sorted(readiness.commands)]
    for name, command in sorted(readiness.commands.items()):
        names += [[name, inner] for inner in sorted(command.commands)] if isinstance(command, click.Group) else []
    for arguments in ([], *sorted(names)):
        shown = CliRunner().invoke(readiness, [*arguments, "--help"], prog_name="readiness", terminal_width=100).output
        blocks.append(f"\n## {' '.join(['readiness', *arguments])}\n\n```text\n{shown.strip()}\n```\n")
    return "".join(blocks)


def rules_page() -> str:
    """One line per rule, by pack; what each says stands on its page and in `readiness explain ID`."""
    rules = load_rulebook([rules_folder()]).rules
    lines = [RULES_HEAD]
    for pack in PACKS:
        rows = [rule for rule in rules if rule.pack == pack]
        lines += [f"\n## {pack}\n\n| id | severity | category | |\n|---|---|---|---|\n"] if rows else []
        for rule in rows:
            lines.append(
                f"| {rule.id} | {rule.severity} | {rule.category} | {rule.title}{' (preview)' * rule.is_preview} |\n"
            )
    return "".join(lines)


PAGES = {"cli.md": cli_page, "settings.md": reference, "rules.md": rules_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (Path(__file__).resolve().parent.parent / "docs" / "reference" / name).write_text(page())
