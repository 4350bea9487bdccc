"""Report -> HTML: one file that asks the network for nothing and runs no script but its own. Never shows the clock or a machine's path."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from readiness.paths import reports_folder
from readiness.report import text, view
from readiness.report.answer import against, all_fixes, answer, in_order, why
from readiness.report.quadrant import quadrant
from readiness.types.report import Report, ServiceRow

MOST_BYTES, MOST_NODES = 3_000_000, 20_000
ELEMENT = re.compile(r"<[a-z]")


class Caps(Struct, frozen=True):
    """How many rows a page shows: findings, any other table, services in full, a table inside a service."""

    findings: int
    rows: int
    services: int
    inner: int
    snippets: int


# The first one that keeps the page under MOST_BYTES and MOST_NODES is taken: a small report is whole, a huge one is cut and says so.
LADDER = (
    Caps(2_000, 200, 60, 60, 8),
    Caps(2_000, 200, 30, 20, 4),
    Caps(1_500, 120, 20, 12, 3),
    Caps(800, 80, 12, 10, 2),
    Caps(300, 40, 8, 6, 1),
    Caps(100, 20, 4, 4, 0),
)


def render_html(report: Report) -> str:
    """The page. The same report gives the same bytes; `report.run` does not enter it."""
    page = ""
    for caps in LADDER:
        page = _render(report, caps)
        if len(page.encode()) <= MOST_BYTES and len(ELEMENT.findall(page)) <= MOST_NODES:
            break
    return page


def _render(report: Report, caps: Caps) -> str:
    folder = reports_folder()
    style = (folder / "style.css").read_text("utf-8")
    script = (folder / "script.js").read_text("utf-8")
    ranked = in_order(report)
    uses = view.dependencies(ranked)
    full = tuple(ranked[: caps.services])
    return _environment(folder).get_template("report.html").render(
        report=report,
        caps=caps,
        style=Markup(style),
        script=Markup(script),
        csp=_policy(style, script),
        answer=answer(report),
        totals=view.totals(report, uses),
        ranked=view.shown(ranked, caps.rows),
        full=full,
        anchors=view.anchors(ranked),
        linked=frozenset(service.id for service in full),
        names={service.id: service.name for service in ranked},
        charts=[("q-wide", quadrant(ranked, 900, 400)), ("q-narrow", quadrant(ranked, 380, 400))],
        scale=_scale(ranked),
        fixes=view.shown(all_fixes(report), 10),
        dependencies=view.shown(uses, caps.rows),
        hotspots=view.shown(view.hotspots(report.functions), caps.rows),
        coupled=view.shown(view.coupled(report.modules), caps.rows),
        cycles=view.shown(report.cycles, caps.rows),
        findings=view.shown(view.weighty(report.findings), caps.findings),
        rule_counts=view.rule_counts(report.findings),
        lost=report.repository.files - report.repository.parsed,
        cited=_citations(full, report, caps),
    )  # fmt: skip


def _policy(style: str, script: str) -> str:
    def digest(body: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() + "'"

    return f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; img-src data:; base-uri 'none'; form-action 'none'"


@cache
def _environment(folder: Path) -> Environment:
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=lambda value: text.clean(value) if type(value) is str else value,
    )
    env.filters |= {
        "number": text.number,
        "days": text.days,
        "count": text.count,
        "listed": text.listed,
        "code": _code,
        "brief": _brief,
    }
    env.globals |= {
        "VERDICTS": text.VERDICTS,
        "FITS": view.FITS,
        "waterfall": view.waterfall,
        "shown": view.shown,
        "why": why,
        "against": against,
        "sentence": text.sentence,
    }
    return env


def _code(line: str) -> Markup:
    """A line of source, its indentation kept, invisible characters spelt out."""
    body = line.rstrip("\r\n")
    indent = body[: len(body) - len(body.lstrip(" \t"))].expandtabs(4)[:40]
    return Markup("{}{}").format(indent, text.clean(body.lstrip(" \t"), 160))


def _brief(name: str) -> str:
    """A name that is a heading: shorter than one in a table."""
    return text.clean(name, 80)


def _scale(ranked: list[ServiceRow]) -> float:
    """Person-days at the right end of the bars in the ranking."""
    return max((s.effort_days.worst for s in ranked if s.effort_days is not None), default=0.0) or 1.0


class Cited(Struct, frozen=True):
    """A place of a service with its lines of source."""

    where: str
    reason: str
    lines: tuple[tuple[int, str, bool], ...]  # number, text, whether it is the line that is meant


def _citations(full: tuple[ServiceRow, ...], report: Report, caps: Caps) -> dict[str, list[Cited]]:
    """Service id -> the source lines of its fixes, blockers and evidence, as far as the report has them."""
    found: dict[str, list[Cited]] = {}
    for service in full:
        places = [(f.path, f.line, f.change) for f in service.fixes] + [
            (b.path, b.line, b.detail) for b in service.blockers
        ]
        places += [(p.path, p.line, c.detail or c.signal) for c in service.contributions for p in c.evidence]
        once = {(path, line): reason for path, line, reason in reversed(places)}
        order = dict.fromkeys((path, line) for path, line, _ in places)
        cited = (Cited(f"{path}:{line}", once[path, line], _lines(report, path, line)) for path, line in order)
        found[service.id] = [place for place in cited if any(hit for *_, hit in place.lines)][: caps.snippets]
    return found


def _lines(report: Report, path: str, line: int) -> tuple[tuple[int, str, bool], ...]:
    held = (report.snippets or {}).get(path, {})
    return tuple((n, held[str(n)], n == line) for n in range(line - 2, line + 3) if str(n) in held)
