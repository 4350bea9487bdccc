"""FOLDER CACHE -> CPU seconds and resident MB after each stage of one scan in one process: `python benchmarks/stage_memory.py FOLDER CACHE`.

Run it twice: the first run stores the facts, the second is the one to read. The parts of link are told apart. Linux only.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from readiness import link, question, scan
from readiness.cli import outputs
from readiness.link import calls
from readiness.types.config import Config

STAGES = (
    (question, ("discover",)),
    (scan, ("extract_files", "link", "couple", "find_services", "find", "assess", "document", "stored_or_analysed")),
    (link, ("resolver_of", "list_functions", "call_edges", "entry_points", "effects", "with_reach", "outgoing_calls", "data_uses")),
    (calls, ("learn", "implied_edges")),
)  # fmt: skip


def main(folder: Path, cache: Path) -> None:
    for module, names in STAGES:
        for name in names:
            setattr(module, name, told(name, getattr(module, name)))
    scan.Store.report = lambda self, key: None  # type: ignore[method-assign]
    done = scan.scan_with_warnings(folder, Config(workers=1), scan.ScanOptions(cache_dir=cache), lambda *_: None)
    for form in ("html", "json"):
        told(form, written)(done.report, form)


def written(report: Any, form: str) -> None:
    outputs.write(outputs.Target(form, Path(os.devnull)), outputs.render(report, form))


def told(name: str, stage: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any, **keywords: Any) -> Any:
        begin = time.process_time()
        try:
            return stage(*arguments, **keywords)
        finally:
            print(f"{name:20} {time.process_time() - begin:6.1f} s  {resident():5.0f} MB", flush=True)

    return run


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
