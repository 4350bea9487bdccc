"""`python -m readiness` and the command `readiness`. Imports nothing but the command line's own layer, and that late."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130


def main() -> None:
    """The command: runs it with the process's arguments and leaves with its exit code."""
    interrupts: list[int] = []
    try:
        if sys.argv[1:2] == ["check"]:
            from readiness.quick import has_nothing_to_check

            if has_nothing_to_check(sys.argv[1:], os.environ):
                sys.exit(0)
        _note_interrupts(interrupts)
        from readiness.cli import run  # here, so that Ctrl-C while it loads is no traceback either

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        interrupts.append(0)
        code = 0
    if interrupts and code != INTERRUPTED:  # also where a library made another error of it, or none at all
        print("readiness: interrupted", file=sys.stderr)
        code = INTERRUPTED
    if code == INTERRUPTED:
        _leave_interrupted()
    sys.exit(code)


def _note_interrupts(seen: list[int]) -> None:
    """Has every Ctrl-C put down in `seen` before it is raised as KeyboardInterrupt; where SIGINT is ignored, it stays so."""
    import signal

    def note(number: int, frame: object) -> None:
        seen.append(number)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, note)


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
