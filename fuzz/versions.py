"""pyproject.toml -> does it hold? Each interpreter with the lowest and the newest versions of the dependencies: installed, tried, told.

    python fuzz/versions.py OUT.json PYTHON... [--work FOLDER]

Tried is: the tests named below, and a scan of examples/shop whose services, verdicts and findings must be those of the first row.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

TOP = Path(__file__).parents[1]
TESTS = ("tests/test_cache.py", "tests/test_config.py", "tests/report/test_json.py")
RUNNERS = ("pytest>=8.2", "hypothesis>=6.100", "jsonschema>=4.21")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("pythons", nargs="+", type=Path)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "versions")
    asked = parser.parse_args()
    rows = json.loads(asked.out.read_text()) if asked.out.exists() else {}
    for python in asked.pythons:
        for which in ("lowest", "newest"):
            name = f"{version_of(python)} {which}"
            rows[name] = row_of(python, which, asked.work / name.replace(" ", "-"))
            asked.out.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n")
            print(name, json.dumps(rows[name]), flush=True)
    return 0


def version_of(python: Path) -> str:
    line = [str(python), "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()


def wanted(which: str) -> list[str]:
    """The dependencies as pyproject.toml writes them, or each at its lower bound."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    return [row.replace(">=", "==") if which == "lowest" else row for row in project["dependencies"]]


def row_of(python: Path, which: str, place: Path) -> dict[str, object]:
    own = place / "bin" / "python"
    if not own.exists():
        subprocess.run([python, "-m", "venv", place], check=True)
    install = [own, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    done = subprocess.run(
        [*install, "--upgrade", *wanted(which), *RUNNERS], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"installed": done.stderr.strip().splitlines()[-1:]}
    subprocess.run([*install, "--no-deps", "--force-reinstall", str(TOP)], check=True)
    versions = json.loads(
        subprocess.run([own, "-m", "pip", "list", "--format", "json"], capture_output=True, check=True).stdout
    )
    names = {re.split(r"[>=]", row)[0] for row in wanted("newest")}
    tests = subprocess.run(
        [own, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "installed": {row["name"].lower(): row["version"] for row in versions if row["name"].lower() in names},
        "tests": tests.stdout.strip().splitlines()[-1],
        **shop(own),
    }


def shop(python: Path) -> dict[str, object]:
    """Exit code of a scan of the example, and a digest of what it says of services and findings."""
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch, "r.json")
        line = [
            python,
            "-P",
            "-m",
            "readiness",
            "scan",
            str(TOP / "examples" / "shop"),
            "--no-cache",
            "--quiet",
            "--workers",
            "1",
        ]
        done = subprocess.run(
            [*line, "--format", "json", "--output", output], cwd=scratch, capture_output=True, text=True, check=False
        )
        if not output.exists():
            return {"scan": f"exit {done.returncode}: {done.stderr.strip()[-300:]}"}
        document = json.loads(output.read_text())
    said = [(row["id"], row["verdict"], row["score"]) for row in document["services"]]
    said += [(row["rule"], row["path"], row["line"]) for row in document["findings"]]
    return {"scan": f"exit {done.returncode}", "says": hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]}


if __name__ == "__main__":
    sys.exit(main())
