"""Terraform text -> Launches: functions whose block says a Python runtime and a handler. Text only, no expression is evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from readiness.services.launches import Launch, folder_of, join
from readiness.types.tree import Text

BLOCK = re.compile(r'^\s*(resource|module|data)\s+"([\w-]+)"(?:\s+"([\w-]+)")?\s*\{')
SETTING = re.compile(r'\s*"?(\w+)"?\s*=\s*"([^"]*)"\s*(?:#.*|//.*)?$')
ARCHIVE = re.compile(r"\s*(?:filename|source_code_hash)\s*=.*data\.archive_file\.(\w+)")
ROOT = re.compile(r"\$\{path\.(module|root|cwd)\}/?")
FOLDERS = ("source_dir", "source_path", "source_file", "lambda_source", "filename")
MAX_LINES = 20_000


def terraform(text: Text) -> Iterator[Launch]:
    """Functions of resources and of modules, with the folder of their code where the file names one."""
    blocks = list(blocks_of(text.text))
    archives = {label: rows for kind, label, _, rows in blocks if kind == "archive_file"}
    for kind, label, line, rows in blocks:
        runtime, target = rows.get("runtime", ""), rows.get("handler", "")
        if kind == "archive_file" or not target or not (runtime.startswith("python") or "${" in runtime):
            continue
        name = next((rows[key] for key in ("function_name", "name") if rows.get(key) and "${" not in rows[key]), label)
        code = archives.get(rows.get("archive", ""), rows)
        folder = folder_in(text.path, code)
        yield Launch("serverless", text.path, line, (target,), name, folder, strength=1.0, handler=True)


def folder_in(path: str, rows: Mapping[str, str]) -> str:
    """The repository's folder of a function's code; that of the Terraform file where it names none."""
    given = next((ROOT.sub("", rows[key]) for key in FOLDERS if rows.get(key)), "")
    if "$" in given or given.endswith(".zip"):
        return folder_of(path)
    return join(folder_of(path), folder_of(given) if given.endswith(".py") else given)


def blocks_of(text: str) -> Iterator[tuple[str, str, int, dict[str, str]]]:
    """(kind, label, line, literal settings) of each block, nested settings among them: the first of a name counts."""
    kind, label, begins, depth = "", "", 0, 0
    rows: dict[str, str] = {}
    for line, raw in enumerate(text.splitlines()[:MAX_LINES], 1):
        match = BLOCK.match(raw) if depth == 0 else None
        if match:
            kind, label, begins, rows = match[2], match[3] or match[2], line, {}
        setting, archive = SETTING.match(raw), ARCHIVE.match(raw)
        if setting:
            rows.setdefault(setting[1], setting[2])
        if archive:
            rows.setdefault("archive", archive[1])
        depth = max(0, depth + raw.count("{") - raw.count("}"))
        if depth == 0 and kind:
            yield kind, label, begins, rows
            kind = ""
