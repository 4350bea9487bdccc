"""rules/go/*.go + a Go toolchain -> whether every pattern that readers see compiles: gofmt, build and vet.

`python tools/check_patterns.py [--go GO] [--out benchmarks/results/go-patterns.tsv]`. Works in a folder of its own: copies the
files there, writes a go.mod and takes golang.org/x/sync from the toolchain's sources, so that nothing is downloaded. Exit 1 where
a file does not hold; 2 where there is no toolchain.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from readiness.paths import rules_folder
from readiness.rulebook.patterns import read_patterns

LANGUAGE = "1.23"  # iter.Seq; earlier ones share a loop's variable between its rounds
SYNC = "golang.org/x/sync"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--go", default=shutil.which("go"))
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    if chosen.go is None:
        sys.exit("no Go toolchain")
    folder = rules_folder() / "go"
    with tempfile.TemporaryDirectory() as scratch:
        problems = check(chosen.go, folder, Path(scratch))
    print("\n".join(problems) or "all patterns hold")
    if problems:
        sys.exit(1)
    if chosen.out is not None:
        version = run([chosen.go, "env", "GOVERSION"], folder).stdout.strip()
        rows = [f"{path.name}\t{digest(path)}\t{names(path)}\t{version}\tgofmt build vet" for path in files(folder)]
        chosen.out.write_text("\n".join(["file\tdigest\tpatterns\ttoolchain\tpassed", *rows]) + "\n", encoding="utf-8")


def check(go: str, folder: Path, scratch: Path) -> list[str]:
    """What the toolchain says against the files; empty: nothing."""
    for path in files(folder):
        shutil.copy(path, scratch)
    root = Path(run([go, "env", "GOROOT"], scratch).stdout.strip())
    shutil.copytree(root / "src" / "cmd" / "vendor" / SYNC, scratch / "sync")
    (scratch / "sync" / "go.mod").write_text(f"module {SYNC}\n\ngo {LANGUAGE}\n", encoding="utf-8")
    needs = f"require {SYNC} v0.0.0\n\nreplace {SYNC} => ./sync\n"
    (scratch / "go.mod").write_text(f"module patterns\n\ngo {LANGUAGE}\n\n{needs}", encoding="utf-8")
    problems = []
    gofmt = next(
        (str(path) for path in (Path(go).with_name("gofmt"), root / "bin" / "gofmt") if path.exists()), "gofmt"
    )
    for command in (
        [gofmt, "-l", *(path.name for path in files(folder))],
        [go, "build", "./..."],
        [go, "vet", "./..."],
    ):
        done = run(command, scratch)
        said = (done.stdout + done.stderr).strip()
        if done.returncode or (said and command[0] == gofmt):
            problems.append(f"{Path(command[0]).name} {command[1]}: {said}")
    return problems


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.go"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def names(path: Path) -> str:
    return " ".join(read_patterns([path]))


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


if __name__ == "__main__":
    main()
