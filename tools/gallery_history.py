"""benchmarks/gallery-history.tsv -> what became of the services of a public repository, each with its source and the source's date.

A row names a repository of `benchmarks/gallery.json` and a service by name, `*` allowed; the first that fits counts. What no row knows
stays "nothing known": it was looked for in issues, pull requests and pages of the project. Judges nothing about the code itself.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parent.parent / "benchmarks" / "gallery-history.tsv"
BECAME = {  # word of the table -> as the gallery says it
    "moved": "**moved**",  # it, or a part of it, runs in another language where its makers run it
    "beside": "made again beside it",  # others, or the project, wrote one in another language; this one stayed
    "reworked": "stayed, reworked",
    "stayed": "stayed",
}
TOLD = ("port-first", "port-later")
STAY = ("keep-in-python", "optimise-in-python")
Case = Mapping[str, Any]


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def became_of(repository: str, service: str) -> dict[str, str] | None:
    """The row of a service: what became of it, in words, with source and date; None where nothing is known."""
    for row in rows():
        if row["repository"] == repository and fnmatchcase(service, row["service"]):
            return {key: row[key] for key in ("became", "words", "date", "source")}
    return None


def cell(found: Case | None) -> str:
    """As a cell of the gallery's table."""
    if found is None:
        return "nothing known"
    return f"{BECAME[found['became']]}: {found['words']} ([{found['date']}]({found['source']}))"


def missed(services: Sequence[Case]) -> str:
    """What stands on the wrong side, and of how many services nothing is known."""
    told = [
        row["name"] for row in services if row["verdict"] in TOLD and (row["history"] or {}).get("became") != "moved"
    ]
    gone = [
        row["name"] for row in services if row["verdict"] in STAY and (row["history"] or {}).get("became") == "moved"
    ]
    said = [f"told to port, and nobody is known to have done it: {_listed(told)}"] if told else []
    said += [f"told to stay, and it moved, whole or in part: {_listed(gone)}"] if gone else []
    unknown = sum(row["history"] is None for row in services)
    rest = f" Nothing is known of {unknown} of {len(services)}." if unknown else ""
    return f"**Missed:** {'; '.join(said) if said else 'nothing of what is known'}.{rest}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", "\\_") for name in names)
