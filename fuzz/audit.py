"""Folders -> what a whole scan of each did beside reading, by the audit hook of the canary test: `python -m fuzz.audit FOLDER...`.

Counts what of the folder was executed or imported, programs that were started (by name), uses of the network, and places that were
written to beside the report, the store and the user's key.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.test_canary import WATCH


def main() -> int:
    for name in sys.argv[1:]:
        print(json.dumps({"folder": Path(name).name, **audited(Path(name).resolve())}), flush=True)
    return 0


def audited(folder: Path) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        (work / "watch.py").write_text(
            WATCH.replace('"--workers"', f'"--cache-dir", {str(work / "store")!r}, "--workers"')
        )
        line = [sys.executable, "-P", str(work / "watch.py"), str(folder), str(work / "log"), str(work / "r.json"), "1"]
        state = {**os.environ, "XDG_STATE_HOME": str(work / "state")}
        done = subprocess.run(
            line, cwd=work, env=state, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        rows = (work / "log").read_text().splitlines()
        document = json.loads((work / "r.json").read_text())
    written = {row.removeprefix("write ") for row in rows if row.startswith("write ")}
    beside = [
        p for p in written if not p.startswith((scratch, "/dev/", *map(str, work.parents))) and "__pycache__" not in p
    ]
    started = Counter(
        os.path.basename(found[1]) for row in rows if (found := re.match(r"subprocess\.Popen \('([^']+)'", row))
    )
    return {
        "exit": done.returncode,
        "files": document["repository"]["files"],
        "events": len(rows),
        "executed or imported": sum(row.startswith(("exec", "import")) and str(folder) in row for row in rows),
        "programs": dict(started),
        "network": sum(row.startswith("network") for row in rows),
        "written beside": sorted(p for p in beside if not p.isdigit()),
        "written in the folder": sorted(p for p in written if p.startswith(str(folder))),
    }


if __name__ == "__main__":
    sys.exit(main())
