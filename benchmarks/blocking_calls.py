"""Blocking calls in async code, on fixtures of other linters: `python benchmarks/blocking_calls.py FIXTURES CASES.json OUT.json`.

FIXTURES is a scratch folder `<suite>/<file>.py`, CASES the list of their calls; neither is part of this project. Each file is
analysed as a repository of its own, by the stages of a scan and the shipped rules. A fixture that names further calls as blocking
in an option of its own (`--async200-blocking-calls=NAME -> ...`) gets them as a rule page of its own, as a user would write it.
OUT receives [{suite, file, line, family}] for a scorer.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from readiness.coupling import couple
from readiness.extract import extract
from readiness.findings import find
from readiness.link import link
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.services import Services
from readiness.types.tree import GitFacts, Source, Tree

RULES = ("IO101", "IO104")
HOUSE = "HOUSE1"
OPTION = re.compile(r"--async200-blocking-calls=(.*)")
FAMILIES = {"network": "http", "dns": "http", "subprocess": "process", "sleep": "sleep", "filesystem": "file"}

PAGE = """# Calls that this house calls blocking

They were named in an option.

```toml
id = "{id}"
category = "mandatory"
severity = "warning"
message = "{{name}} blocks"
written = {names}
context = ["async"]
not_context = ["awaited"]
fix = "the async one"
fix_days = 1
```

```py
pass  # ok: nothing
```
"""


def main(fixtures: Path, cases: Path, out: Path) -> None:
    rows = json.loads(cases.read_text())["cases"]
    options = {(row["suite"], row["file"]): row["args"] for row in rows}
    found = []
    for (suite, file), args in sorted(options.items()):
        path = fixtures / suite / file
        if path.is_file():
            found += [{"suite": suite, "file": file, **row} for row in blocking(path.read_bytes(), args)]
    out.write_text(json.dumps(found, indent=0))


def blocking(code: bytes, args: list[str]) -> Iterator[dict[str, object]]:
    """(line, family) of every finding of the blocking rules in one file."""
    with TemporaryDirectory() as folder:
        house = house_page(Path(folder), args)
        book = load_rulebook([rules_folder(), *([Path(folder)] if house else [])])
    facts = extract(code)
    source = Source("case.py", "case", "case", ".", False, len(code), 0, 0)
    program = link(Tree("case", (source,), (), (), GitFacts()), {source.path: facts}, book)
    config = Config(select=(*RULES, HOUSE))
    kinds = {use.name: use.kind or "" for use in program.apis}
    for row in find(program, {source.module: facts}, couple(program), Services((), ()), book, config):
        name = row.name if row.name in kinds else f"builtins.{row.name}"
        yield {"line": row.line, "family": "custom" if row.rule == HOUSE else family(name, kinds.get(name, ""))}


def house_page(folder: Path, args: list[str]) -> bool:
    names = [
        name.partition("->")[0].strip() for arg in args for text in OPTION.findall(arg) for name in text.split(",")
    ]
    page = folder / "findings" / "io" / f"{HOUSE}-named-in-an-option.md"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE.format(id=HOUSE, names=json.dumps([name for name in names if name])))
    return any(names)


def family(name: str, kind: str) -> str:
    """Which of the linters' rules speaks of this API: they have one each for opening, for files' methods and for paths."""
    if name == "builtins.input":
        return "input"
    if kind == "filesystem":
        owner = name.rpartition(".")[0]
        return "path" if owner == "os.path" else "file-method" if owner.rpartition(".")[2][:1].isupper() else "file"
    return FAMILIES.get(kind, kind)


if __name__ == "__main__":
    main(*(Path(arg) for arg in sys.argv[1:4]))
