"""The program's own help texts -> docs/reference/cli.md. A test compares the two."""

from __future__ import annotations

from pathlib import Path

import click

from readiness.cli import readiness

HEAD = """# The command line

Written by `python tools/write_cli_reference.py`; a test compares it with the program.
"""


def main() -> None:
    """Writes the page."""
    commands: list[tuple[str, click.Command]] = [("readiness", readiness)]
    commands += [(f"readiness {name}", command) for name, command in sorted(readiness.commands.items())]
    blocks = [HEAD]
    for name, command in commands:
        context = click.Context(command, info_name=name, max_content_width=100, terminal_width=100)
        blocks.append(f"\n## {name}\n\n```text\n{context.get_help().strip()}\n```\n")
    page = Path(__file__).resolve().parent.parent / "docs" / "reference" / "cli.md"
    page.write_text("".join(blocks))


if __name__ == "__main__":
    main()
