"""Report -> Markdown for a merge request or a step summary: at most 60,000 bytes, no HTML but `details`. Drops whole rows, never half of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readiness.report import view
from readiness.report.answer import against, all_fixes, answer, in_order, why
from readiness.report.difference import Difference, difference
from readiness.report.text import PORTS, VERDICTS, brief, count, days, in_markdown, number, plain
from readiness.types.report import Report, ServiceRow

MOST_BYTES = 60_000
TAIL = 400  # bytes kept for the last line
SENTENCE = 600  # characters of a sentence of the answer


def render_markdown(report: Report, before: Report | None = None) -> str:
    """The answer, what changed since `before`, the first five services, the fixes; the rest folded.

    Names cannot become links, mentions or markup.
    """
    said = answer(report)
    lines = [f"## {_safe(report.repository.name)}: readiness for Go", "", f"**{_safe(said.headline)}**", ""]
    lines += [f"- **Why:** {_safe(said.why, SENTENCE)}", f"- **{said.turn}:** {_safe(said.against, SENTENCE)}"]
    lines += [f"- **Not seen:** {_safe(said.missing, SENTENCE)}"] if said.missing else []
    found = difference(report, before) if before is not None else None
    lines += [_since(found)] if found else []
    left = MOST_BYTES - TAIL - len("\n".join(lines).encode())
    dropped = 0
    for part in (_moves(found) if found else [], *_parts(report)):
        kept, missing = _fit(part, left)
        dropped += missing
        left -= sum(len(line.encode()) + 1 for line in kept)
        lines += kept
    lines += ["", _tail(report, dropped), ""]
    return "\n".join(lines)


def _since(found: Difference) -> str:
    """One line of what changed."""
    unlike = f" (not made alike: {_safe('; '.join(found.changed))})" if found.changed else ""
    said = (
        "nothing changed"
        if found.is_empty
        else f"{count(found.findings_new, 'new finding')}, {number(found.findings_gone)} gone; "
        f"{count(found.cycles_new, 'new import cycle')}, {number(found.cycles_gone)} gone"
    )
    return f"- **Since {_safe(brief(found.before, 40))}**{unlike}: {said}"


def _moves(found: Difference) -> list[str]:
    """Services that are new, gone or moved, as the page shows them."""
    rows = [
        [
            _safe(m.name),
            m.kind,
            f"{m.ranks[0] or '–'} → {m.ranks[1] or '–'}",
            f"{_number(m.scores[0])} → {_number(m.scores[1])}",
            _safe("; ".join(m.causes)),
        ]
        for m in found.moves[:20]
    ]
    return ["", *_table(["Changed", "How", "Rank", "Score", "Because"], rows, "llrrl")] if rows else []


def _parts(report: Report) -> Iterable[list[str]]:
    """Blocks of lines, the most wanted first."""
    ranked = in_order(report)
    if ranked:
        yield ["", *_services(ranked[:5])]
    fixes = all_fixes(report)
    if fixes:
        rows = [
            [
                _place(fix.path, fix.line),
                _safe(fix.change),
                days(fix.days),
                str(fix.paths_ended),
                str(fix.entries_freed),
                _safe(s.name),
            ]
            for s, fix in fixes[:10]
        ]
        head = ["Fix in Python first", "Change", "Days", "Paths ended", "Entry points freed", "Service"]
        yield ["", *_table(head, rows, "llrrrl")]
    if len(ranked) > 5:
        yield _folded(f"{number(len(ranked) - 5)} more services", _services(ranked[5:45]))
    yield from _lists(report)


def _lists(report: Report) -> Iterable[list[str]]:
    """Findings, cycles and what was left out, each folded."""
    if report.findings:
        heavy = view.weighty(report.findings)[:50]
        rows = [[_safe(f.rule), _place(f.path, f.line), f.category, _safe(f.message)] for f in heavy]
        title = f"{count(report.summary.findings, 'finding')}, the heaviest first"
        yield _folded(title, _table(["Rule", "Where", "Category", "What"], rows, "llll"))
    if report.cycles:
        rows = [
            [
                str(c.id),
                str(len(c.modules)),
                "; ".join(f"{_safe(e.importer)} → {_safe(e.imported)}" for e in c.cuts[:3]),
            ]
            for c in report.cycles[:20]
        ]
        yield _folded(
            count(report.summary.cycles, "import cycle"), _table(["Cycle", "Modules", "Imports to cut"], rows, "rrl")
        )
    if report.repository.skipped:
        rows = [[_place(s.path, s.line), _safe(s.reason), _safe(s.detail)] for s in report.repository.skipped[:50]]
        yield _folded(
            f"{count(len(report.repository.skipped), 'path')} not analysed",
            _table(["Where", "Reason", "Detail"], rows, "lll"),
        )


def _services(rows: Sequence[ServiceRow]) -> list[str]:
    body = []
    for s in rows:
        span = s.effort_days
        effort = f"{days(span.production)} ({days(span.expert)}–{days(span.worst)})" if span else "–"
        numbers = [_number(value) for value in (s.score, s.benefit, s.risk)]
        verdict = VERDICTS.get(s.verdict, ("", s.verdict))[1]
        body.append(
            [
                str(s.rank or "–"),
                _safe(s.name),
                verdict,
                *numbers,
                effort,
                s.grade or "–",
                _safe(why(s)),
                _safe(against(s)),
            ]
        )
    head = ["Rank", "Service", "Verdict", "Score", "Benefit", "Risk", "Person-days", "Confidence", "For", "Against"]
    return _table(head, body, "rllrrrllll")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> list[str]:
    rule = "|".join({"l": " --- ", "r": " ---: "}[side] for side in align)
    return [f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows)]


def _folded(title: str, lines: Sequence[str]) -> list[str]:
    return ["", "<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>"]


def _fit(part: list[str], left: int) -> tuple[list[str], int]:
    """The block with as many rows as there is room for, and how many were dropped; without room for one row, nothing of it."""
    rows = [i for i, line in enumerate(part) if line.startswith("| ")][1:]
    spare = left - sum(len(line.encode()) + 1 for i, line in enumerate(part) if i not in set(rows))
    kept = set()
    for row in rows:
        spare -= len(part[row].encode()) + 1
        if spare < 0:
            break
        kept.add(row)
    dropped = len(rows) - len(kept)
    return ([line for i, line in enumerate(part) if i not in set(rows) or i in kept] if kept else []), dropped


def _tail(report: Report, dropped: int) -> str:
    cut = f" {count(dropped, 'row')} did not fit here." if dropped else ""
    ports = sum(report.summary.verdicts.get(verdict, 0) for verdict in PORTS)
    return (
        f"{count(report.summary.services, 'service')}, {ports} to port; {count(report.summary.findings, 'finding')}, "
        f"{count(report.summary.cycles, 'import cycle')} in {count(report.repository.files, 'Python file')}.{cut} The JSON report has everything. "
        f"{_safe(report.tool.name)} {_safe(report.tool.version)}"
    )


def _number(value: float | None) -> str:
    return number(value) if value is not None else "–"


def _safe(words: str, most: int = 160) -> str:
    return in_markdown(plain(words), most) or "–"


def _place(path: str, line: int | None) -> str:
    """path:line that can be copied from the page; `_`, `.` and `:` inside a name are no markup where they stand alone."""
    return _safe(f"{path}:{line}" if line else path)
