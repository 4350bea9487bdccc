"""Report -> snippets: the cited lines and two around each, read again from the files. Secrets-looking literals are masked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from readiness.cache import digest_of
from readiness.disk import on_disk, read_bytes
from readiness.types.report import Report

AROUND = 2
MAX_CITED = 4_000
MAX_LINE = 200
MAX_ENDS = 40  # of ways, and of constructs, for one service
MAX_FILE = 1 << 26  # bytes
SECRET = re.compile(
    r"(?i)((?:password|passwd|secret|token|api_?key|access_?key|private_?key|credential)\w*[\"']?\s*[:=]\s*[rbf]*[\"'])([^\"']{4,})"
)
URL_SECRET = re.compile(r"(\w+://[^:/\s\"']+:)([^@/\s\"']+)(@)")


def snippets(root: Path, report: Report, digests: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """Path -> line number as text -> line. Only files of `digests`, and only while they hold what was scanned."""
    wanted: dict[str, set[int]] = {}
    for path, line in list(cited(report))[:MAX_CITED]:
        wanted.setdefault(path, set()).update(range(max(1, line - AROUND), line + AROUND + 1))
    found = {}
    for path in sorted(wanted):
        lines = read_lines(on_disk(root, path), digests[path]) if path in digests else []
        rows = {str(n): mask(lines[n - 1][:MAX_LINE]) for n in sorted(wanted[path]) if n <= len(lines)}
        if rows:
            found[path] = rows
    return found


def cited(report: Report) -> Iterator[tuple[str, int]]:
    """Places that the page shows, the most important first."""
    for service in report.services:
        for fix in service.fixes:
            yield fix.path, fix.line
        for contribution in service.contributions:
            yield from ((p.path, p.line) for p in contribution.evidence[:5])
        yield from ((b.path, b.line) for b in service.blockers)
    yield from _ends(report)
    hot = sorted((f for f in report.functions if f.hotspot), key=lambda f: (-(f.hotspot or 0), f.path, f.line))
    for function in hot[:50]:
        for via in function.io.via[:1]:
            yield from ((h.path, h.line) for h in via.hops)
    for finding in report.findings[:1_000]:
        yield finding.path, finding.line


def _ends(report: Report) -> Iterator[tuple[str, int]]:
    """Where the ways from the entry points of each service end, and the first use of each construct in its modules."""
    functions = {f"{row.module}:{row.qualname}": row for row in report.functions}
    uses: dict[str, list[tuple[str, int]]] = {}
    for row in report.functions:
        seen = {use.construct: use.line for use in reversed(row.concurrency)}
        uses.setdefault(row.module, []).extend((row.path, line) for line in sorted(seen.values()))
    for service in report.services:
        handlers = (functions[entry.target] for entry in service.entry_points if entry.target in functions)
        ends = ((via.hops[-1].path, via.hops[-1].line) for row in handlers for via in row.io.via if via.hops)
        yield from list(dict.fromkeys(ends))[:MAX_ENDS]
        yield from [place for module in service.modules.own for place in uses.get(module, ())][:MAX_ENDS]


def read_lines(file: str, digest: bytes) -> list[str]:
    """The lines of a file with this content; none of one that is gone, changed or no regular file."""
    try:
        data = read_bytes(file, MAX_FILE)
    except OSError:
        return []
    return data.decode("utf-8", "replace").split("\n") if digest_of(data) == digest else []


def mask(line: str) -> str:
    """A line without what looks like a secret."""
    return URL_SECRET.sub(r"\1***\3", SECRET.sub(r"\1***", line)).rstrip()
