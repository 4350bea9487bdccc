"""Report, service -> the whole derivation of its score as plain text for a terminal. Every number is the document's or made of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from readiness.assess.score import BLOCKED, UNKNOWN
from readiness.assess.words import GATE_WORDS, named
from readiness.report.arithmetic import can_score, rescore, scoring_of, values_of
from readiness.report.known import cases, label, saving, shown, team
from readiness.report.text import VERDICTS, clean, count, days, sentence, work
from readiness.types.report import Contribution, Fix, Place, Report, ServiceRow

WIDTH = 100
AXES = (
    ("benefit", "what Go would bring"),
    ("risk", "how hard one line is to move"),
    ("effort", "0-100 for charts only, in shares of the production days"),
)
MOST_TARGETS = 5


def render_explanation(report: Report, service: ServiceRow) -> str:
    """Verdict, score, thresholds, contributions with their lines, gates, doubts, effort, fixes, flips and steps; ends with a newline."""
    parts = [
        _head(service),
        _known(service),
        _score(report, service),
        _verdict(report, service),
        *(_axis(service, axis, meaning) for axis, meaning in AXES),
        _confidence(service),
        _effort(report, service),
        _fixes(service.fixes),
        _section("Blockers", (f"{_at(r.path, r.line)}  {clean(r.rule)}  {clean(r.detail)}" for r in service.blockers)),
        _section("What would turn the verdict", (f"{clean(f.change)} -> {f.verdict}" for f in service.flips)),
        _section("Steps", (f"{n}. {clean(step)}" for n, step in enumerate(service.steps, start=1))),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(service: ServiceRow) -> list[str]:
    words = VERDICTS.get(service.verdict, ("", service.verdict))[1]
    other = f"; within three points of a threshold: {service.borderline}" if service.borderline else ""
    head = f"{clean(service.id)}  ({service.kind}, {service.archetype}, {clean(service.root)}, {count(service.lines, 'line')})"
    decided = [f"Decided: {clean(service.decision)}"] if service.decision else []
    return [head, f"{words}{other}", *_wrapped(sentence(clean(service.reason, 1000)), ""), *decided]


def _known(service: ServiceRow) -> list[str]:
    """What was said from outside of the code, and the money that it makes known."""
    if not service.asserted:
        return []
    lines = ["Said from outside of the code"]
    lines += [f"  {clean(label(row))}: {clean(shown(row))}  ({_at(row.path, row.line)})" for row in service.asserted]
    lines += _wrapped(clean(saving(service)), "  ") if service.savings else []
    lines += [f"    traffic {c.traffic}: cost {c.cost}, saved at most {c.saving}; {c.verdict}" for c in cases(service)]
    return lines


def _score(report: Report, service: ServiceRow) -> list[str]:
    if service.score is None or service.benefit_net is None or service.risk is None:
        share, needed = f"{service.judged:.0%}", report.scoring.get("threshold.judged")
        return [
            f"Score: none; {share} of its lines could be analysed" + (f", {needed:.0%} are needed" if needed else "")
        ]
    at = report.scoring
    gain, hard = at.get("threshold.priority_benefit", 0.6), at.get("threshold.priority_risk", 0.4)
    factor = at.get(f"factor.{service.verdict}", 1.0)
    formula = f"B_net^{gain:g} (100 - R)^{hard:g} x factor"
    numbers = f"{service.benefit_net:g}^{gain:g} x {100 - service.risk:g}^{hard:g} x {factor:g} ({service.verdict})"
    left = f"B_net {service.benefit_net:g} is what is left of B {service.benefit:g} after the best fixes in Python"
    lines = [f"Score {service.score:.1f} = {formula} = {numbers}", f"  {left}; goal {report.goal}"]
    of = [f"{name} {value:.1f}" for name, value in (("throughput", service.scores.throughput), ("footprint", service.scores.footprint)) if value is not None]  # fmt: skip
    lines.append(f"  Score by goal: {', '.join(of)}")
    stable = service.rank_stability
    if stable is not None:
        lines.append(
            f"  Rank {service.rank}; {stable.low} to {stable.high} in nine of ten draws of the weights, among the first three in"
            f" {stable.top3_share:.0%}, the same verdict in {stable.verdict_share:.0%}"
        )
    return lines


def _verdict(report: Report, service: ServiceRow) -> list[str]:
    """Every test of the verdict in its order, with the number and the threshold that it met."""
    if service.score is None or service.benefit is None or service.benefit_net is None:
        return []
    value = {row.signal: row.value for row in service.contributions if row.axis == "risk"}
    gain, net, said = _beside_blocking(report, service)
    tests = (
        ("keep-in-python", "B", service.benefit, "<", "keep_benefit"),
        ("optimise-in-python", f"B_net{said}", net, "<", "optimise_net"),
        ("optimise-in-python", f"B{said}", gain, "<", "optimise_benefit"),
        ("decouple-first", "R", service.risk, ">", "decouple_risk"),
        ("decouple-first", "cut", value.get("cut"), ">=", "decouple_cut"),
        ("decouple-first", "data", value.get("data"), ">=", "decouple_data"),
        ("port-first", f"B{said}", gain, ">=", "port_benefit"),
        ("port-first", f"B_net{said}", net, ">=", "port_net"),
        ("port-first", "R", service.risk, "<=", "port_risk"),
        ("port-first", "confidence", service.confidence, ">=", "port_confidence"),
        ("port-first", "evidence of a process", service.strength, ">=", "port_entry"),
    )
    lines = ["Verdict: the first that holds; port-first needs all of its tests, the others one; else port-later"]
    for verdict, name, got, sign, threshold in tests:
        limit = report.scoring.get(f"threshold.{threshold}")
        if got is not None and limit is not None:
            is_met = {"<": got < limit, ">": got > limit, ">=": got >= limit, "<=": got <= limit}[sign]
            mark = "yes" if is_met else "no"
            lines.append(f"  {mark:<3} {verdict:<18} {name} {_exact(got, limit)} {sign} {limit:g}  ({threshold})")
    lines += [f"  Gate {clean(gate)}: {GATE_WORDS.get(gate, '')}" for gate in service.gates]
    return lines if service.gates else [*lines, "  No gate overrules the numbers"]


def _beside_blocking(report: Report, service: ServiceRow) -> tuple[float | None, float | None, str]:
    """B and B_net as the verdict looks at them: without blocked event loops, which are a bug and no reason for Go."""
    blocked = any(row.signal == BLOCKED and row.value for row in service.contributions)
    if not blocked or not can_score(report):
        return service.benefit, service.benefit_net, ""
    scoring = scoring_of(report)
    numbers = rescore(service, values_of(service, scoring), scoring, scoring, report.goal).numbers
    gain, net = min(numbers.benefit, numbers.benefit_beside_blocking), min(numbers.net, numbers.net_beside_blocking)
    return gain, net, " without blocked loops"


def _exact(got: float, limit: float) -> str:
    """Three digits, or as many as tell it from the limit."""
    digits = next((digits for digits in range(3, 12) if f"{got:.{digits}g}" != f"{limit:.{digits}g}"), 3)
    return f"{got:.{digits}g}"


def _axis(service: ServiceRow, axis: str, meaning: str) -> list[str]:
    rows = [row for row in service.contributions if row.axis == axis]
    total = getattr(service, axis)
    if not rows or total is None:
        return []
    lines = [f"{axis.capitalize()} {total:g} ({meaning})"]
    for row in rows:
        if row.points:
            lines += _contribution(row)
    for state, words in (("unknown", "Not known"), ("absent", "Looked for and not there")):
        names = [f"{_label(row)} ({clean(row.detail)})" for row in rows if not row.points and row.state == state and row.signal != UNKNOWN]  # fmt: skip
        if names:
            lines += _wrapped(f"{words}: {'; '.join(names)}", "  ")
    return lines


def _contribution(row: Contribution) -> list[str]:
    value = "" if row.value is None or row.axis == "effort" else f", {row.value:.0%}"
    said = clean(row.detail) if row.signal == UNKNOWN else f"{_label(row)}{value}: {clean(row.detail)}"
    return [*_wrapped(f"{row.points:+6.1f}  {said}", "  "), *_places(row.evidence)]


def _label(row: Contribution) -> str:
    return clean(row.signal if row.axis == "effort" else named(row.signal))


def _places(places: Sequence[Place]) -> list[str]:
    return [f"            {_at(place.path, place.line)}" for place in places]


def _at(path: str, line: int) -> str:
    return f"{clean(path)}:{line}"


def _confidence(service: ServiceRow) -> list[str]:
    if service.confidence is None:
        return []
    lines = [f"Confidence {service.confidence:.2f} ({service.grade})"]
    for doubt in service.doubts:
        lines += _wrapped(f"{-doubt.points:+6.1f}  {clean(doubt.cause)}; remedy: {clean(doubt.remedy)}", "  ")
    return lines


def _effort(report: Report, service: ServiceRow) -> list[str]:
    span = service.effort_days
    if span is None:
        return []
    said = report.calibration
    trust = f"by {count(said.ports, 'finished port')}, factor {said.factor:g}" if said else "not calibrated by a port"
    lines = [f"Days ({trust})", f"  {'expert':>8} {'production':>11} {'worst':>8}"]
    for item in service.effort_items:
        said_of = f"{clean(item.driver)}: {clean(item.detail)}"
        lines.append(f"  {days(item.expert):>8} {days(item.production):>11} {days(item.worst):>8}  {said_of}")
    lines.append(f"  {days(span.expert):>8} {days(span.production):>11} {days(span.worst):>8}  together")
    if service.wave is not None:
        lines += _wrapped(f"Wave {service.wave}. {clean(sentence(team(report)))}".strip(), "  ")
    return lines


def _fixes(fixes: Sequence[Fix]) -> list[str]:
    if not fixes:
        return []
    spent = sum(fix.days for fix in fixes)
    lines = [f"Fixes in Python: {count(len(fixes), 'place')}, {work(spent)}"]
    for fix in fixes:
        ends = f"ends {count(fix.paths_ended, 'path')}, frees {count(fix.entries_freed, 'entry point')}"
        lines += [f"  {_at(fix.path, fix.line)}  {clean(fix.rule)}, {work(fix.days)}; {ends}"]
        lines += _wrapped(clean(fix.change), "      ")
        if fix.freed:
            more = len(fix.freed) - MOST_TARGETS
            names = ", ".join(clean(name) for name in fix.freed[:MOST_TARGETS]) + (
                f" and {more} more" if more > 0 else ""
            )
            lines += _wrapped(f"frees {names}", "      ")
    return lines


def _section(title: str, rows: Iterator[str]) -> list[str]:
    lines = [line for row in rows for line in _wrapped(row, "  ")]
    return [title, *lines] if lines else []


def _wrapped(text: str, indent: str) -> list[str]:
    """Lines of WIDTH; a path is never broken, and what follows the first line stands a little deeper."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent + ("        " if indent == "  " else ""),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
