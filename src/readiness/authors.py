"""Report, who changed which file -> the report with the names of those who changed each service most. Reads nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec.structs import replace

from readiness.types.report import Author, Report, ServiceRow

MOST = 5  # names of one service


def with_authors(report: Report, of_file: Mapping[str, Mapping[str, int]]) -> Report:
    """`of_file`: path -> author -> changes of a year. The same names in the same order whatever the order of the mapping."""
    paths = {row.module: row.path for row in report.modules}
    return replace(report, services=tuple(_named(row, paths, of_file) for row in report.services))


def _named(row: ServiceRow, paths: Mapping[str, str], of_file: Mapping[str, Mapping[str, int]]) -> ServiceRow:
    changes: Counter[str] = Counter()
    for module in row.modules.own:
        changes.update(of_file.get(paths.get(module, ""), {}))
    most = sorted(changes.items(), key=lambda found: (-found[1], found[0]))[:MOST]
    return replace(row, changed_by=tuple(Author(name, times) for name, times in most))
