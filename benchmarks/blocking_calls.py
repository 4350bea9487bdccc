"""Blocking calls in async code, on fixtures of other linters: `python benchmarks/blocking_calls.py FIXTURES CASES.json OUT.json`.

FIXTURES is a scratch folder `<suite>/<file>.py`, CASES the list of their calls; neither is part of this project. Each file is
analysed as a repository of its own, by the stages of a scan and the shipped rules. A fixture that names further calls as blocking
in an option of its own (`--async200-blocking-calls=NAME -> ...`) gets them as a rule page of its own, as a user would write it.
OUT receives [{suite, file, line, family}] for a scorer. A finding that only a rule speaks of that the suite does not run on
that file (methods of typed clients on a file of literal requests) is out of scope; how many are left out is printed.
`--named` as first argument counts calls that are known by their name alone, as the setting `named` does.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from readiness.coupling import couple
from readiness.extract import extract
from readiness.findings import find
from readiness.link import link
from readiness.paths import rules_folder
from readiness.rulebook import load_rulebook
from readiness.types.config import Config
from readiness.types.facts import Facts
from readiness.types.findings import Finding
from readiness.types.services import Services
from readiness.types.tree import GitFacts, Source, Tree

RULES = ("IO101", "IO104")
HOUSE = "HOUSE1"
OPTION = re.compile(r"--async200-blocking-calls=(.*)")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
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


def main(arguments: list[str]) -> None:
    counts_named = arguments[0] == "--named"
    fixtures, cases, out = map(Path, arguments[counts_named:])
    rows = json.loads(cases.read_text())["cases"]
    options = {(row["suite"], row["file"]): (row["args"], frozenset(row["rules_on"])) for row in rows}
    found: list[dict[str, object]] = []
    left_out = []
    for (suite, file), (args, rules_on) in sorted(options.items()):
        path = fixtures / suite / file
        for row in blocking(path.read_bytes(), args, counts_named) if path.is_file() else ():
            is_asked = row.codes is None or row.codes & rules_on
            (found if is_asked else left_out).append(
                {"suite": suite, "file": file, "line": row.line, "family": row.family}
            )
    out.write_text(json.dumps(found, indent=0))
    print(f"{len(found)} findings, {len(left_out)} out of scope: {[(row['file'], row['line']) for row in left_out]}")


class Row(NamedTuple):
    line: int
    family: str
    codes: frozenset[str] | None  # the linters' rules that speak of such a call, None: known by the family


def blocking(code: bytes, args: list[str], counts_named: bool) -> Iterator[Row]:
    """Every finding of the blocking rules in one file."""
    with TemporaryDirectory() as folder:
        house = house_page(Path(folder), args)
        book = load_rulebook([rules_folder(), *([Path(folder)] if house else [])])
    facts = extract(code)
    source = Source("case.py", "case", "case", ".", False, len(code), 0, 0)
    program = link(Tree("case", (source,), (), (), GitFacts()), {source.path: facts}, book, counts_named)
    config = Config(select=(*RULES, HOUSE))
    kinds = {use.name: use.kind or "" for use in program.apis}
    for row in find(program, {source.module: facts}, couple(program), Services((), ()), book, config):
        name = row.name if row.name in kinds else f"builtins.{row.name}"
        if row.rule == HOUSE:
            yield Row(row.line, "custom", None)
        else:
            kind = kinds.get(name, "")
            yield Row(row.line, family(name, kind), http_codes(row, name, facts) if kind == "network" else None)


def http_codes(row: Finding, name: str, facts: Facts) -> frozenset[str]:
    """210: a function of a module; 211: a request with a literal method; 212: a method of a client."""
    if not name.rpartition(".")[0].rpartition(".")[2][:1].isupper():
        return frozenset({"ASYNC210"})
    calls = [call for call in facts.calls if (call.line, call.column) == (row.line, row.column)]
    is_literal = any(call.args and call.args[0].upper().removeprefix("STR:") in METHODS for call in calls)
    return frozenset({"ASYNC212", "ASYNC211"} if is_literal else {"ASYNC212"})


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
    main(sys.argv[1:])
