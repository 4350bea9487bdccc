"""`python -m readiness` and the command `readiness`. Imports nothing but the command line's own layer."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """The command: runs it with the process's arguments and leaves with its exit code."""
    try:
        from readiness.cli import run  # here, so that Ctrl-C while it loads is no traceback either

        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        print("readiness: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
