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

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        print("readiness: interrupted", file=sys.stderr)
        code = INTERRUPTED
    if code == INTERRUPTED:
        _leave_interrupted()
    sys.exit(code)


def _leave_interrupted() -> None:
    """Ends with 130 at once.

    CPython remembers a KeyboardInterrupt that went through `exec` of a string (every dataclass is made by one: half of what loading a
    parser does), and ends a process that handled it by SIGINT all the same. Whoever waits for it would see -2.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            pass  # whoever read it is gone
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
