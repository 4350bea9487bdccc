"""`python -m readiness` and the command `readiness`. Imports nothing but the command line's own layer."""

from __future__ import annotations

import sys

from readiness.cli import run


def main() -> None:
    """The command: runs it with the process's arguments and leaves with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
