"""`python -m readiness` and the command `readiness`. Imports nothing but the command line's own layer, and that late."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130


def main() -> None:
    """The command: runs it with the process's arguments and leaves with its exit code."""
    try:
        if sys.argv[1:2] == ["check"]:
            from readiness.quick import has_nothing_to_check

            if has_nothing_to_check(sys.argv[1:], os.environ):
                sys.exit(0)
        from readiness.cli import run  # here, so that Ctrl-C while it loads is no traceback either

        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        print("readiness: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
