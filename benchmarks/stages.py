"""FOLDER CACHE -> CPU seconds of each stage of one scan, as one JSON object on standard output.

python benchmarks/stages.py FOLDER CACHE [analyse]      CACHE "-" scans without a store; analyse: stored facts count, reports do not
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

START = time.process_time()

from readiness import question
from readiness import scan as spine
from readiness.cli import outputs
from readiness.types.config import Config
from readiness.types.report import Report

STAGES = (
    "load_rulebook", "read_git", "discover", "open_store", "extract_files", "link", "couple", "find_services", "find", "assess",
    "document", "snippets",
)  # fmt: skip


def main(folder: Path, cache: str, *, is_analysed: bool) -> None:
    spent = {"import": round(time.process_time() - START, 4)}
    for name in STAGES:
        module = spine if hasattr(spine, name) else question
        setattr(module, name, timed(name, getattr(module, name), spent))
    if is_analysed:
        spine.Store.report = lambda self, key: None  # type: ignore[method-assign]
    options = spine.ScanOptions(cache_dir=Path(cache), use_cache=cache != "-")
    scan = timed("whole", spine.scan_with_warnings, spent)
    done = scan(folder, Config(), options, lambda *_: None)
    for form in ("html", "json", "md"):
        timed(f"render {form}", rendered, spent)(done.report, form)
    print(json.dumps(spent))


def rendered(report: Report, form: str) -> bytes:
    made = outputs.render(report, form)
    return made if isinstance(made, bytes) else b"".join(made)


def timed(name: str, stage: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    def run(*arguments: Any, **keywords: Any) -> Any:
        begin = sum(os.times()[:4])
        try:
            return stage(*arguments, **keywords)
        finally:
            spent[name] = round(spent.get(name, 0.0) + sum(os.times()[:4]) - begin, 4)

    return run


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], is_analysed="analyse" in sys.argv[3:])
