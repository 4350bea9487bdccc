"""Report -> a readiness.evidence.toml to fill in: every key as a comment with its meaning, a table per service. Says nothing yet."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.settings import comment, fields, toml
from readiness.types.evidence import CRITICALITIES, EvidenceFile, ServiceEvidence
from readiness.types.report import Report, ServiceRow

SAMPLES = {"owner": "team", "criticality": CRITICALITIES[1], "currency": "EUR"}
MOST_ROUTES = 3


def render_template(report: Report) -> str:
    """A valid file without the marks that stand directly before a key or a `[`; the values are samples, not measurements."""
    lines = [
        "# What runs, for `readiness scan`: nothing in the code can tell it. All of it is optional.",
        "# Take the `#` away before a key and its `[[service]]`, and write what was measured in place of the sample.",
        "",
    ]
    lines += [
        f"#{f.key.replace('-', '_')} = {_sample(f.key)}  # {f.meaning}"
        for f in fields(EvidenceFile)
        if f.key != "service"
    ]
    for row in sorted(report.services, key=lambda row: (row.root, row.id)):
        lines += ["", *_service(row)]
    return "\n".join(lines) + "\n"


def _service(row: ServiceRow) -> Iterator[str]:
    known = dict(row.operations or {})
    yield f"# {row.kind}, {row.archetype}, {comment(row.root)}"
    yield from ("#[[service]]", f"#name = {toml(row.id)}")
    for field in fields(ServiceEvidence):
        if field.key not in ("name", "route"):
            said = (
                f"  {comment(known['replicas'])} in the manifests."
                if field.key == "instances" and "replicas" in known
                else ""
            )
            yield f"#{field.key.replace('-', '_')} = {_sample(field.key)}  # {field.meaning}{said}"
    routes = list(
        dict.fromkeys(e.detail for e in row.entry_points if e.kind == "http-route" and e.detail.isprintable())
    )
    if routes:
        yield "# Or route by route, in place of the table above:"
    for route in routes[:MOST_ROUTES]:
        yield from (
            "#[[service]]",
            f"#name = {toml(row.id)}",
            f"#route = {toml(route)}",
            "#requests_per_second = 1.0",
            "#p50_ms = 1.0",
        )
    if len(routes) > MOST_ROUTES:
        yield f"# and so on: it has {len(routes)} routes"


def _sample(key: str) -> str:
    name = key.replace("-", "_")
    return toml(SAMPLES[name]) if name in SAMPLES else "1.0"
