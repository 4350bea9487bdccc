"""A repository and its settings -> Evidence: what files from outside assert about services. Never ranks, never makes up a number.

TOML and CSV tables and access logs; each number keeps its file and line. What is wrong in them is one error with every mistake.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from readiness.config import ConfigError, repository_root
from readiness.disk import read_bytes, shown
from readiness.evidence.access import read_log
from readiness.evidence.table import read_csv
from readiness.evidence.written import Said, read_toml
from readiness.types.config import Config
from readiness.types.evidence import Asserted, Evidence
from readiness.types.report import Report, ServiceRow

MAX_BYTES = 1 << 20  # of a table; the folder may be hostile
MAX_LOG = 1 << 26  # of an access log: about 500,000 requests; the rest is not read, and the span is that of what was
DEFAULT = Config().evidence


def load_evidence(root: Path, config: Config) -> Evidence:
    """What the files of the settings say: names below `root`, else at the top of its repository, or absolute. Raises ConfigError.

    The file that the settings name by default may be missing, one that the user names may not.
    """
    said: list[Said] = []
    mistakes: list[str] = []
    for name in config.evidence:
        file, service = _find(root, name)
        if file is None and config.evidence == DEFAULT:
            continue
        try:
            said.append(_read(root, file or root / name, service))
        except ConfigError as error:
            mistakes += str(error).splitlines()
    mistakes += _twice(row for one in said for row in one.rows)
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return Evidence(
        tuple(row for one in said for row in one.rows),
        tuple(one.log for one in said if one.log is not None),
        next((one.bill for one in said if one.bill), None),
        next((one.person_day for one in said if one.person_day), None),
        next((one.currency for one in said if one.currency), ""),
    )


def strangers(evidence: Evidence, report: Report) -> list[str]:
    """A line per row of a service or route that the report has not, with the nearest that it has."""
    services = {row.name: row for row in report.services} | {row.id: row for row in report.services}
    found = []
    for row in evidence.rows:
        place = f"{row.path}:{row.line}: {row.key}"
        service = services.get(row.service)
        if wrong := _unknown(row.service, services):
            found.append(f"{place}: {wrong}")
        elif service and row.route and row.route not in (routes := {entry.detail for entry in service.entry_points}):
            found.append(f"{place}: {row.service!r} has no entry point {row.route!r}{_near(row.route, routes)}")
    for log in evidence.logs:
        if log.service and (wrong := _unknown(log.service, services)):
            found.append(f"{log.path}: {wrong}")
    return found


def _unknown(name: str, services: Mapping[str, ServiceRow]) -> str:
    """What is wrong with the name of a service; "" where one is meant."""
    ids = sorted({row.id for row in services.values()})
    twins = [one for one in ids if services[one].name == name]
    if name in ids or len(twins) == 1:
        return ""
    if twins:
        return f"{name!r} is the name of {len(twins)} services; use an id: {', '.join(twins)}"
    return f"no service is called {name!r}{_near(name, services)}; known: {', '.join(ids) or 'none was found'}"


def _near(word: str, words: Iterable[str]) -> str:
    """As config.nearest, which writes keys with dashes; names stay as they are."""
    close = difflib.get_close_matches(word, sorted(words), n=1, cutoff=0.5)
    return f", did you mean {close[0]!r}?" if close else ""


def _find(root: Path, name: str) -> tuple[Path | None, str]:
    """The file that a name stands for, and the service that it is about: `SERVICE=FILE`, unless a file is called so."""
    top = repository_root(root) or root
    service, _, plain = name.rpartition("=")
    for wanted, of in ((name, ""), (plain, service)):
        for folder in (root, top):
            if (folder / wanted).is_file():
                return folder / wanted, of
    return None, service


def _read(root: Path, file: Path, service: str) -> Said:
    """One file by its suffix. Raises ConfigError."""
    where = shown(str(file.relative_to(root))) if file.is_relative_to(root) else shown(file.name)
    is_log = file.suffix not in (".toml", ".csv", ".tsv")
    limit = MAX_LOG if is_log else MAX_BYTES
    try:
        data = read_bytes(str(file), limit + 1)
    except OSError as error:
        raise ConfigError(f"{where}: {error.strerror or error}") from None
    if is_log:
        return Said(log=replace(read_log(data[:limit], where, service), is_cut=len(data) > limit))
    if service:
        raise ConfigError(f"{where}: a table names its services itself; `{service}=` is for access logs")
    if len(data) > limit:
        raise ConfigError(f"{where}: larger than {limit} bytes")
    return read_toml(data, where) if file.suffix == ".toml" else read_csv(data, where)


def _twice(rows: Iterable[Asserted]) -> list[str]:
    """What two rows say of one thing, and so contradict each other or count twice."""
    seen: dict[tuple[str, str, str], Asserted] = {}
    found = []
    for row in rows:
        for name in row.figures:
            before = seen.setdefault((row.service, row.route, name), row)
            if before is not row:
                line = row.figures[name].line
                found.append(
                    f"{row.path}:{line}: {row.key}.{name}: was said of {row.service!r} at {before.path}:{before.figures[name].line} already"
                )
    return found
