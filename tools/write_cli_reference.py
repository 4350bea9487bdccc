"""The program's own help texts -> docs/reference/cli.md. A test compares the two."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from readiness.cli import readiness

HEAD = """# The command line

Written by `python tools/write_cli_reference.py`; a test compares it with the program.
"""


def page() -> str:
    """The whole page."""
    blocks = [HEAD]
    for arguments in ([], *([name] for name in sorted(readiness.commands))):
        shown = CliRunner().invoke(readiness, [*arguments, "--help"], prog_name="readiness", terminal_width=100).output
        blocks.append(f"\n## {' '.join(['readiness', *arguments])}\n\n```text\n{shown.strip()}\n```\n")
    return "".join(blocks)


if __name__ == "__main__":
    (Path(__file__).resolve().parent.parent / "docs" / "reference" / "cli.md").write_text(page())
