"""Starts everything on a developer's machine and restarts what changes. Not a service."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def newest(folder: Path) -> float:
    return max((path.stat().st_mtime for path in folder.rglob("*.py")), default=0.0)


def main() -> int:
    subprocess.run(["docker", "compose", "up", "--build", "--detach"], cwd=ROOT, check=True)
    folders = sorted(path for path in (ROOT / "services").iterdir() if path.is_dir())
    seen = {folder: newest(folder) for folder in folders}
    while True:
        time.sleep(1)
        for folder in folders:
            if newest(folder) > seen[folder]:
                seen[folder] = newest(folder)
                name = folder.name.replace("_", "-")
                subprocess.run(["docker", "compose", "up", "--build", "--detach", name], cwd=ROOT, check=False)


if __name__ == "__main__":
    sys.exit(main())
