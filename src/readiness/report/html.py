"""Report -> HTML: one file that asks the network for nothing and runs no script but its own. Never shows the clock or a machine's path."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from markupsafe import Markup
from msgspec import Struct

from readiness.paths import reports_folder
from readiness.report import dossier, flow, hotpaths, plan, source, spread, text, view, whatif
from readiness.report.answer import all_fixes, answer, in_order
from readiness.report.difference import difference
from readiness.report.markup import environment
from readiness.report.matrix import matrix
from readiness.report.patterns import pattern_for
from readiness.report.quadrant import quadrant
from readiness.report.scatter import scatter
from readiness.report.telling import telling
from readiness.report.trend import trend
from readiness.rulebook.patterns import read_patterns
from readiness.types.report import Report, ServiceRow

MOST_BYTES, MOST_NODES = 3_000_000, 20_000
ELEMENT = re.compile(r"<[a-z]")
MOST_PATTERN = 8  # lines of Go beside a way: more would be longer than the way
SCRIPTS = ("arithmetic.js", "script.js", "whatif.js")


class Caps(Struct, frozen=True):
    """How many rows a page shows: the ranking, findings, any other table, services in full, a table and paths inside one, the matrix."""

    ranking: int
    findings: int
    rows: int
    services: int
    inner: int
    paths: int
    matrix: int


# One that keeps the page under MOST_BYTES and MOST_NODES is taken: a small report is whole, a huge one is cut and says so.
LADDER = (
    Caps(200, 2_000, 200, 60, 60, 8, 60),
    Caps(200, 1_000, 200, 30, 20, 5, 60),
    Caps(150, 600, 120, 20, 12, 4, 45),
    Caps(120, 300, 80, 12, 10, 3, 40),
    Caps(80, 250, 40, 8, 6, 2, 30),
    Caps(30, 100, 20, 4, 4, 1, 16),
)


def render_html(report: Report, earlier: Sequence[Report] = ()) -> str:
    """The page; with earlier reports, the oldest first, also what changed since the last of them, and the trend of three or more.

    The same reports give the same bytes; `run` does not enter them.
    """
    values = _values(report, earlier)
    rung = 0
    while True:
        page = _render(report, LADDER[rung], values)
        excess = max(len(page.encode("utf-8", "replace")) / MOST_BYTES, len(ELEMENT.findall(page)) / MOST_NODES)
        if excess <= 1 or rung == len(LADDER) - 1:
            return page
        rung = min(rung + _rungs(excess), len(LADDER) - 1)


def _rungs(excess: float) -> int:
    """How many rungs further to look, where a page is so many times too large: one gives a sixth to a third (measured on large reports)."""
    return 3 if excess > 1.8 else 2 if excess > 1.5 else 1


def _values(report: Report, earlier: Sequence[Report]) -> dict[str, Any]:
    """What the page shows whatever the caps."""
    ranked = in_order(report)
    names = {service.id: service.name for service in ranked}
    changed = difference(report, earlier[-1]) if earlier else None
    return {
        "report": report,
        "answer": answer(report),
        "services": ranked,
        "names": names,
        **_ranking(ranked, report),
        **_insides(ranked, report),
        "every_fix": all_fixes(report),
        "wires": flow.wire_map(report, names),
        "waves": plan.waves(ranked),
        "plan": plan.plan_rows(report),
        "unknowns": plan.unknowns(report),
        "telling": telling(report),
        "difference": changed,
        "trend": trend(report, earlier),
        "moved": {move.id: move for move in changed.moves} if changed is not None else {},
        "hot_files": view.hot_files(report.functions)[:10],
        "hot_packages": spread.hot_packages(report.functions, 10),
        "bins": spread.histogram(report.functions),
        "path_of": {row.module: row.path for row in report.modules},
        "rule_counts": view.rule_counts(report.findings),
        "lost": report.repository.files - report.repository.parsed,
        "link": partial(source.address, report),
        "lines_at": partial(source.lines_at, report),
    }


def _ranking(ranked: list[ServiceRow], report: Report) -> dict[str, Any]:
    """The services beside each other: bands, charts, what the page weighs again."""
    shown_as = {service.id: service.name for service in ranked}
    anchors, bands, needs = view.anchors(ranked), view.bands(ranked), plan.needed(ranked, report)
    return {
        "anchors": anchors,
        "bands": bands,
        "names_of": lambda ids: [text.tail(shown_as[name], 30) for name in ids],
        "band_of": {name: band for band in bands for name in band.names},
        "charts": [("q-wide", quadrant(ranked, 900, 430)), ("q-narrow", quadrant(ranked, 380, 420))],
        "scale": max((s.effort_days.worst for s in ranked if s.effort_days is not None), default=0.0) or 1.0,
        "needs": needs,
        "touched": plan.touched(ranked, needs),
        "controls": whatif.controls(report),
        "data": Markup(whatif.page_data(report, anchors, tuple(ranked))),  # escaped there for a script element
    }


def _insides(ranked: list[ServiceRow], report: Report) -> dict[str, Any]:
    """What each service needs, reaches and is tied to."""
    uses, on = view.dependencies(ranked), hotpaths.ground(report)
    return {
        "uses": uses,
        "totals": view.totals(report, uses),
        "fits": view.fit_counts(uses),
        "crossing": flow.crossing(ranked, report.imports),
        "ways": {service.id: hotpaths.hot_paths(service, on, report) for service in ranked},
        "blocking": {service.id: hotpaths.blocking_ends(service, on) for service in ranked},
        "ideas": dossier.learnings(ranked, on, report),
        "go_of": {row.id: row.go for row in report.rules},
        "pattern_of": {row.id: row.pattern for row in report.rules},
        "titles": {row.id: row.title for row in report.rules},
    }


def _render(report: Report, caps: Caps, values: Mapping[str, Any]) -> str:
    folder = reports_folder()
    patterns = read_patterns([folder / "patterns.go"], MOST_PATTERN)
    style, footer = _asset(folder / "style.css"), _footer(report)
    scripts = ["".join(_asset(folder / name) for name in SCRIPTS)]
    ranked: list[ServiceRow] = values["services"]
    full = tuple(ranked[: caps.services])
    return (
        environment(folder)
        .get_template("report.html")
        .render(
            values,
            caps=caps,
            style=Markup(style),  # our own files
            footer=Markup(footer),  # digits, letters and dots only
            script=Markup(scripts[0]),
            csp=_policy([style, footer], scripts),
            pattern=partial(pattern_for, patterns=patterns),
            ranked=view.shown(ranked, caps.ranking),
            full=full,
            linked=frozenset(service.id for service in full),
            fixes=view.shown(values["every_fix"], plan.MOST_FIXES),
            dependencies=view.shown(values["uses"], caps.rows),
            hotspots=view.shown(view.hotspots(report.functions), caps.rows),
            coupled=view.shown(view.coupled(report.modules), caps.rows),
            cycles=view.shown(report.cycles, min(caps.rows, 40)),
            matrix=matrix(report.modules, report.imports, caps.matrix),
            scatter=scatter(report.modules, 12),
            findings=view.shown(view.weighty(report.findings), caps.findings),
        )
    )


@cache
def _asset(path: Path) -> str:
    """A stylesheet or script without its comments and indentation, which are for those who change it."""
    text = path.read_text("utf-8")
    if path.suffix == ".css":
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def _footer(report: Report) -> str:
    """The foot of a printed page: only what cannot hold a name of the scanned code."""
    commit = re.sub(r"[^0-9a-f]", "", (report.repository.commit or "").lower())[:12]
    version = re.sub(r"[^0-9A-Za-z.+-]", "", report.tool.version)[:20]
    left = " · ".join(part for part in (f"commit {commit}" if commit else "", f"readiness {version}") if part)
    font = "font:8pt Arial,sans-serif;color:#58606c"
    return (
        f'@page{{@bottom-left{{content:"{left}";{font}}}'
        f'@bottom-right{{content:counter(page) " / " counter(pages);{font}}}}}'
    )


def _policy(styles: list[str], scripts: list[str]) -> str:
    def digests(bodies: list[str]) -> str:
        return " ".join(
            "'sha256-" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() + "'" for body in bodies
        )

    return (
        f"default-src 'none'; style-src {digests(styles)}; script-src {digests(scripts)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
