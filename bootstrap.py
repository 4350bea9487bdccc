"""A bare checkout -> an environment in `.venv`, then the demo or the tests. Needs Python 3.11+ and nothing else.

    python3 bootstrap.py demo    scans examples/shop and leaves readiness-report.html
    python3 bootstrap.py test    runs all checks: style, types, layers, tests

Never touches anything outside the checkout, except: as root on Debian, `test` installs Chromium (and python3-venv, where it is
missing) by apt-get. Without Chromium the tests of the page in a browser are skipped, with that reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")


def main() -> int:
    """Runs one of the two commands and gives its exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one shall read why
        print(f"bootstrap: Python 3.11 or newer is needed, this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    commands = {"demo": demo, "test": test}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    return commands[sys.argv[1]](sys.argv[2:])


def demo(arguments: list[str]) -> int:
    """Scans the example; further arguments go to `readiness scan`."""
    install(".")
    code = subprocess.call([BIN / "readiness", "scan", "examples/shop", *arguments], cwd=HERE)
    print(f"On code of yours: {(BIN / 'readiness').relative_to(HERE)} scan PATH")
    return code


def test(arguments: list[str]) -> int:
    """All checks in the order of their cost; arguments go to pytest. All are run; gives 1 if any of them failed."""
    install(".[test]")
    install_chromium()
    steps = (
        ["ruff", "check", "src", "tests", "bootstrap.py"],
        ["ruff", "format", "--check", "src", "tests", "bootstrap.py"],
        ["mypy", "--strict", "-p", "readiness"],
        ["python", "-m", "pytest", "-q", "-n", "auto", *arguments],
    )
    failed = []
    for step in steps:
        print("+", *step, flush=True)
        if subprocess.call([BIN / step[0], *step[1:]], cwd=HERE, env=with_bytecode()) != 0:
            failed.append(" ".join(step))
    for line in failed:
        print(f"bootstrap: failed: {line}", file=sys.stderr)
    return 1 if failed else 0


def with_bytecode() -> dict[str, str]:
    """The environment in which Python keeps its bytecode, whatever this shell says: hundreds of tests start the program anew."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(VENV / "bytecode")}


def install(what: str) -> None:
    """Makes the environment, if there is none, and installs the checkout into it, editable."""
    if not (BIN / "pip").exists():
        make_environment()
    subprocess.check_call(
        [BIN / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-e", what], cwd=HERE
    )


def make_environment() -> None:
    """`.venv` with pip. Debian keeps the module that puts pip there in a package of its own."""
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, ImportError):
        if not apt_get(f"python{sys.version_info.major}.{sys.version_info.minor}-venv"):
            sys.exit(
                "bootstrap: this Python cannot make environments; install the package python3-venv and run it again"
            )
        subprocess.check_call([sys.executable, "-m", "venv", "--clear", VENV])


def install_chromium() -> None:
    """Debian's own browser, where this can be done without asking anybody."""
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        apt_get("chromium")


def apt_get(package: str) -> bool:
    """True if the package could be installed; only root on a Debian may."""
    if shutil.which("apt-get") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "--no-install-recommends", package])
    return all(subprocess.call(step, env=environment, stdout=subprocess.DEVNULL) == 0 for step in steps)


if __name__ == "__main__":
    sys.exit(main())
