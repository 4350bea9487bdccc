"""The program's own help texts -> docs/reference/cli.md, its settings -> docs/reference/settings.md. A test compares them."""

from __future__ import annotations

from pathlib import Path

import click
from click.testing import CliRunner

from readiness.cli import readiness
from readiness.settings import reference

HEAD = """# The command line

Written by `python tools/write_references.py`; a test compares it with the program.
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


PAGES = {"cli.md": cli_page, "settings.md": reference}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (Path(__file__).resolve().parent.parent / "docs" / "reference" / name).write_text(page())
