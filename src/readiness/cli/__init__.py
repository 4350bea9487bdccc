"""Arguments -> exit code: the only layer that prints, writes and exits. Heavy imports wait until a command needs them.

0 done · 1 a gate failed · 2 usage, configuration or a path · 3 too much could not be analysed · 70 our bug · 130 interrupted
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import click

from readiness.cli.baseline import baseline
from readiness.cli.brief import brief
from readiness.cli.check import check
from readiness.cli.configure import config, init
from readiness.cli.evidence import evidence
from readiness.cli.explain import explain
from readiness.cli.learn import learn
from readiness.cli.pages import completion, rules, schema
from readiness.cli.report import report
from readiness.cli.scan import scan
from readiness.cli.services import services

USAGE = 2
BUG = 70  # EX_SOFTWARE of sysexits.h: Python's own 1 would read as a failed gate
INTERRUPTED = 130

EPILOG = (
    "Exit codes: 0 done; 1 a gate failed; 2 usage, configuration or path; "
    "3 no Python, or too much of it could not be analysed; 130 interrupted."
)


def run(arguments: Sequence[str]) -> int:
    """Runs one command and gives its exit code. A user's mistake is one line on stderr, a bug its trace."""
    try:
        return _exit_code(readiness.main(list(arguments), prog_name="readiness", standalone_mode=False))
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return USAGE
    except click.ClickException as error:
        for line in error.format_message().splitlines():
            click.echo(f"readiness: {line}", err=True)
        return USAGE
    except (KeyboardInterrupt, click.Abort):
        return _interrupted()
    except BrokenPipeError:  # `readiness rules | head`: the reader has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the outermost boundary: only to give a bug an exit code that no gate has
        if _is_interrupt(error):
            return _interrupted()
        traceback.print_exc()
        return BUG


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether an error was made of Ctrl-C: Python 3.11 wraps what `__set_name__` raises in a class body, and imports wrap on."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _interrupted() -> int:
    click.echo("readiness: interrupted", err=True)
    return INTERRUPTED


def _exit_code(result: object) -> int:
    return result if isinstance(result, int) else 0


@click.group(
    name="readiness", epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="go-port-readiness", prog_name="readiness")
def readiness() -> None:
    """Which services of a Python repository are worth porting to Go, in what order, at what cost, and which are not."""


for _command in (
    scan,
    brief,
    report,
    check,
    baseline,
    init,
    config,
    services,
    evidence,
    explain,
    rules,
    learn,
    schema,
    completion,
):
    readiness.add_command(_command)
