"""Report -> HTML: one file that asks the network for nothing and runs no script but its own. Never asks the clock, never shows a machine's path."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from readiness.paths import reports_folder
from readiness.report import dossier, flow, hotpaths, plan, source, spread, text, view, whatif
from readiness.report.answer import all_fixes, answer, in_order
from readiness.report.difference import difference
from readiness.report.markup import environment, is_planned
from readiness.report.matrix import matrix
from readiness.report.patterns import pattern_for
from readiness.report.quadrant import quadrant
from readiness.report.scatter import scatter
from readiness.report.telling import telling
from readiness.report.trend import trend
from readiness.rulebook.patterns import read_patterns
from readiness.types.report import Report, ServiceRow

MOST_BYTES, MOST_NODES = 3_000_000, 20_000
LINES = (50_000, 160_000)  # of Python; the budget of a page for so many, the same slope beyond:
BYTES, PACKED = (400_000, 1_200_000), (60_000, 120_000)  # as it is, and as gzip packs it
ELEMENT = re.compile(r"<[a-z]")
GZIP_HEAD = 32  # bytes that gzip adds, and a name of the file
MOST_PATTERN = 8  # lines of Go beside a way: more would be longer than the way
QUOTED_TEXT = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
REMARK = re.compile(r" // [^\"'`]*$")
MARKS = re.compile(r" ?([=,;:?{}()<>&|]+|=>) ?|(?<=[\w)\]]) ([-+*]) (?=[\w(\[])")
SCRIPTS = ("arithmetic.js", "script.js", "whatif.js")


class Caps(Struct, frozen=True):
    """How many a page shows: services in the ranking, findings, rows of any other table, services in full and how many of them may
    be such as stay in Python, rows of a table inside of one (`less` of those that only add to it), its hot paths, packages of the
    matrix.
    """

    ranking: int
    findings: int
    rows: int
    services: int
    kept: int
    inner: int
    less: int
    paths: int
    matrix: int


# The first that keeps the page within its budget is taken: a small report is whole, a large one is cut and says so. What stays in
# Python goes first.
LADDER = (
    Caps(200, 2_000, 200, 60, 60, 60, 60, 8, 60),
    Caps(200, 2_000, 150, 40, 6, 40, 40, 6, 60),
    Caps(200, 1_000, 100, 30, 3, 25, 20, 5, 60),
    Caps(200, 1_000, 60, 24, 1, 16, 12, 4, 60),
    Caps(200, 600, 40, 16, 1, 12, 10, 3, 50),
    Caps(150, 400, 30, 12, 1, 10, 8, 3, 40),
    Caps(120, 250, 25, 10, 1, 9, 6, 2, 34),
    Caps(100, 180, 20, 6, 1, 8, 5, 2, 30),
    Caps(100, 160, 16, 6, 1, 8, 4, 2, 30),
    Caps(80, 160, 12, 6, 0, 6, 3, 2, 24),
    Caps(80, 140, 12, 5, 0, 6, 3, 2, 24),
    Caps(60, 140, 12, 5, 0, 5, 3, 1, 24),
    Caps(30, 100, 12, 4, 0, 4, 2, 1, 16),
)


def render_html(report: Report, earlier: Sequence[Report] = (), *, is_timed: bool = False) -> str:
    """The page; with earlier reports, the oldest first, also what changed since the last of them, and the trend of three or more.

    The same reports give the same bytes: of `run` nothing enters them but, where it `is_timed`, when the scan began.
    """
    values, lines = (
        _values(report, earlier) | {"started": report.run.started if is_timed else ""},
        report.repository.lines,
    )
    page = _render(report, LADDER[0], values)
    if _fits(page, lines):
        return page
    low, high, pages = 1, len(LADDER) - 1, dict[int, str]()
    while low < high:  # each rung is smaller than the one before
        middle = (low + high) // 2
        pages[middle] = _render(report, LADDER[middle], values)
        low, high = (low, middle) if _fits(pages[middle], lines) else (middle + 1, high)
    return pages.get(low) or _render(report, LADDER[low], values)


def budget(lines: int, allowed: tuple[int, int] = BYTES) -> int:
    """The most bytes of a page for so many lines of Python: what a mail and a reader can take, more for more code."""
    (few, many), (least, more) = LINES, allowed
    return min(MOST_BYTES, max(least, least + (lines - few) * (more - least) // (many - few)))


def _fits(page: str, lines: int) -> bool:
    whole = page.encode("utf-8", "replace")
    if len(whole) > budget(lines) or len(ELEMENT.findall(page)) > MOST_NODES:
        return False
    return len(zlib.compress(whole, 9)) + GZIP_HEAD <= budget(lines, PACKED)


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
        "found_in": frozenset(row.path for row in report.findings),
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
        "along": partial(view.along, view.span_of_days(ranked)),
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
    full = _in_full(ranked, caps)
    return (
        environment(folder)
        .get_template("report.html")
        .render(
            values,
            caps=caps,
            is_cut=caps != LADDER[0] or len(ranked) > caps.ranking or len(report.findings) > caps.findings,
            caps_of=partial(_caps_of, caps, next((service.id for service in full if is_planned(service)), None)),
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
            scatter=scatter(report.modules, min(20, caps.inner)),
            findings=view.shown(view.weighty(report.findings), caps.findings),
        )
    )


def _in_full(ranked: Sequence[ServiceRow], caps: Caps) -> tuple[ServiceRow, ...]:
    """The services that have a section of their own: by rank, but for more than `kept` of those that nobody plans to move."""
    stay = [service.id for service in ranked if not is_planned(service)][: caps.kept]
    return tuple(service for service in ranked if is_planned(service) or service.id in stay)[: caps.services]


def _caps_of(caps: Caps, first: str | None, service: ServiceRow) -> Caps:
    """What is shown of one service: most of the first that may move, less where nobody plans to port it, least where it stays."""
    if not is_planned(service):
        return replace(caps, inner=max(2, caps.inner // 3), less=max(2, caps.less // 3), paths=min(2, caps.paths))
    if service.id == first:
        return replace(caps, inner=caps.inner * 2, less=caps.less * 2, paths=caps.paths + 2)
    return caps if service.verdict in dossier.MOVING else replace(caps, inner=max(3, caps.inner // 2))


@cache
def _asset(path: Path) -> str:
    """A stylesheet or script without its comments, indentation and spaces, which are for those who change it."""
    text = path.read_text("utf-8")
    if path.suffix == ".css":
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        return re.sub(r"\s*\n\s*", "", re.sub(r"(?<=[,:;]) | ?(?={)|(?<={) |;(?=\s*})", "", text)) + "\n"
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(_squeezed(line) for line in lines if line and not line.startswith("//")) + "\n"


def _squeezed(line: str) -> str:
    """A line of script without its last comment and the spaces around its marks; one with a template, a pattern or a division keeps them."""
    line = REMARK.sub("", line)
    if "`" in line or "/" in QUOTED_TEXT.sub("", line):
        return line
    parts = QUOTED_TEXT.split(line)
    return "".join(part if index % 2 else MARKS.sub(r"\1\2", part) for index, part in enumerate(parts))


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
