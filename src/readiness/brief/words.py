"""One service's row + its contract -> BRIEF.md: what an engineer has to know to begin. Every statement is a fact of the report with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.brief.proxy import first_route
from readiness.report import dossier, hotpaths
from readiness.report.answer import said
from readiness.report.known import confirmed, label, shown, unsaid
from readiness.report.text import VERDICTS, count, in_code, in_markdown, listed, sentence
from readiness.report.text import days as shown_days
from readiness.types.brief import Operation, ServiceContract, Shape, Todo
from readiness.types.report import Report, ServiceRow

CODE_EVIDENCE = frozenset({"stays", "sub-command", "role-table", "app-object", "main-guard"})  # nothing to switch off
SHOWN = 40  # rows of one table; the rest is counted


def brief_text(report: Report, row: ServiceRow, contract: ServiceContract, open_points: tuple[Todo, ...]) -> str:
    """The whole page."""
    parts = (
        head(report, row), entries(row, contract), wires(row), data(row), configuration(row), dependencies(row), blockers(row),
        cuts(row), risks(row), tests(row), order(row, contract), diversion(row, contract), proof(report, row), switch_off(row), todos(open_points),
    )  # fmt: skip
    return "\n".join(line for part in parts for line in part) + "\n"


def head(report: Report, row: ServiceRow) -> Iterator[str]:
    days = row.effort_days
    yield f"# {in_markdown(row.name)}: from Python to Go"
    yield ""
    unsure = row.verdict == "port-first" and not confirmed(row)
    words = VERDICTS.get(row.verdict, ("", row.verdict))[1] + (", if traffic confirms" if unsure else "")
    yield f"**{words}.** {in_markdown(sentence(said(row)), 1_000)}"
    yield ""
    yield f"- Code: {row.lines:,} lines of its own in {count(len(row.modules.own), 'module')} under `{in_code(row.root)}`, {count(len(row.modules.shared), 'shared module')}."
    if days:
        yield f"- Effort: {shown_days(days.expert)} to {shown_days(days.worst)} person-days, likely {shown_days(days.production)}."
    if report.repository.commit:
        yield f"- Read at commit {report.repository.commit[:12]}{', with local changes' if report.repository.dirty else ''}."
    if row.verdict not in ("port-first", "port-later"):
        yield f"- **The report does not advise this port**: its verdict is {row.verdict}. This folder was made because somebody asked for it."
    if row.decision:
        yield f"- Decided: {in_markdown(row.decision)}."
    if row.asserted:
        stated = [f"{label(a)} {in_markdown(shown(a))} ({in_code(a.path)}:{a.line})" for a in row.asserted]
        yield f"- Said from outside: {'; '.join(stated)}."
    missing = unsaid([row]).get(1, [])
    if missing:
        yield f"- Not measured: {listed(missing)}."


def entries(row: ServiceRow, contract: ServiceContract) -> Iterator[str]:
    yield from ("", "## What it does", "")
    rows = [
        f"| {o.method.upper()} | `{in_code(o.route)}` | `{in_code(o.target)}` | {in_code(o.path)}:{o.line} |"
        for o in contract.operations
    ]
    if rows:
        yield from ("| method | route | handler | line |", "|---|---|---|---|", *limited(rows))
    others = [e for e in row.entry_points if e.kind != "http-route"]
    if others:
        yield from ("", "| entry | name | handler | line |", "|---|---|---|---|")
        yield from limited(
            [
                f"| {e.kind} | {in_markdown(e.detail)} | `{in_code(e.target)}` | {in_code(e.path)}:{e.line} |"
                for e in others
            ]
        )


def wires(row: ServiceRow) -> Iterator[str]:
    yield from ("", "## Contracts", "")
    yield (
        "Inwards: see `openapi.yaml`."
        if any(e.kind == "http-route" for e in row.entry_points)
        else "No HTTP route was found."
    )
    methods = [c for c in row.contracts if c.kind == "rpc"]
    if methods:
        yield from ("", "RPC methods, see `proto/`:", "")
        yield from limited(
            [
                f"- {in_markdown(c.declared or c.name)}"
                + (
                    ""
                    if c.declared
                    else ": no `.proto` of the repository declares it, `proto/derived.proto` knows its name only"
                )
                for c in methods
            ]
        )
    for name, calls in (("It calls", row.calls_out), ("It is called by", row.called_by)):
        if calls:
            yield from ("", f"{name}:", "")
            yield from limited([f"- {in_markdown(c.service or 'an unknown service')}: {in_markdown(c.contract)}, from `{in_code(c.caller)}` line {c.line}"
                                + (f", **{in_markdown(c.serialisation)}**" if c.serialisation else "") for c in calls])  # fmt: skip
        else:
            yield from ("", f"{name}: nothing that the code or the manifests name.")


def data(row: ServiceRow) -> Iterator[str]:
    stores = [d for d in row.data if d.kind not in ("env", "file")]
    yield from ("", "## Data", "")
    if not stores:
        yield "No table, cache, queue or bucket is named in its code."
        return
    yield from ("| store | name | reads | writes | also used by |", "|---|---|---|---|---|")
    yield from limited(
        [
            f"| {in_markdown(d.kind)} | {in_markdown(d.name)} | {d.reads} | {d.writes} | {in_markdown(', '.join(d.also)) or '-'} |"
            for d in stores
        ]
    )
    if any(d.writes and d.also for d in stores):
        yield from (
            "",
            "A table that this service writes and another one uses is the hardest part: agree on one writer before the first write is ported.",
        )


def configuration(row: ServiceRow) -> Iterator[str]:
    names = sorted({d.name for d in row.data if d.kind == "env"})
    yield from ("", "## Configuration and secrets", "")
    if not names:
        yield "No environment variable is read by a literal name."
    for name in names:
        yield f"- `{in_code(name)}`{secrecy(name)}"


def secrecy(name: str) -> str:
    """What a variable's name says of its value."""
    if not re.search(r"secret|token|password|passwd|key|credential|dsn", name, re.IGNORECASE) or re.search(
        r"(^|_)PUB(LIC)?_|_(SECONDS|TTL|EXPIRY|NAME|ID)$|EXPIRY", name, re.IGNORECASE
    ):
        return ""
    return (
        " (where a secret lies)"
        if re.search(r"_(PATH|FILE|DIR)$", name)
        else " (a secret by its name: never into a file)"
    )


def dependencies(row: ServiceRow) -> Iterator[str]:
    yield from ("", "## Libraries", "", "| Python | Go | fit | calls | note |", "|---|---|---|---|---|")
    order = {"none": 0, "keep-python": 1, "unknown": 2, "partial": 3, "close": 4, "drop-in": 5, "stdlib": 6}
    rows = sorted(
        (d for d in row.dependencies if d.fit != "tooling"),
        key=lambda d: (order.get(d.fit, 2), d.distribution, d.import_name),
    )
    yield from limited(
        [
            f"| {in_markdown(d.distribution)} | {in_markdown(', '.join(d.go)) or ('nothing to replace it' if d.fit == 'stdlib' else 'TODO')} | {d.fit} | {d.sites} | {in_markdown(d.note)} |"
            for d in rows
        ]
    )


def blockers(row: ServiceRow) -> Iterator[str]:
    yield from ("", "## What has no direct shape in Go", "")
    yield from (
        limited(
            [f"- {in_markdown(b.detail)} ({in_markdown(b.rule)}, {in_code(b.path)}:{b.line})" for b in row.blockers]
        )
        if row.blockers
        else ["Nothing was found."]
    )


def cuts(row: ServiceRow) -> Iterator[str]:
    yield from ("", "## Cut first", "")
    if not row.seams:
        yield "No import has to be cut."
    yield from limited(
        [
            f"- `{in_code(s.importer)}` imports `{in_code(s.imported)}` in line {s.line}: {in_markdown(s.reason)}"
            for s in row.seams
        ]
    )
    if row.fixes:
        yield from ("", "Mend in Python before, or instead:", "")
        yield from limited(
            [f"- {in_code(f.path)}:{f.line}: {in_markdown(f.change)} ({f.days:g} days)" for f in row.fixes]
        )


def risks(row: ServiceRow) -> Iterator[str]:
    rows = sorted(
        (c for c in row.contributions if c.axis == "risk" and c.points > 0), key=lambda c: (-c.points, c.signal)
    )
    yield from ("", "## Risks, the largest first", "")
    for c in rows[:6]:
        where = f" ({in_code(c.evidence[0].path)}:{c.evidence[0].line})" if c.evidence else ""
        yield f"- {in_markdown(c.detail)}{where}"


def tests(row: ServiceRow) -> Iterator[str]:
    yield from ("", "## Tests that guard the boundary", "")
    if row.tests is None or not row.tests.modules:
        yield "None was found. Record the answers of the running service first: `characterisation/`."
    else:
        yield from limited([f"- `{in_code(name)}`" for name in row.tests.modules])
        yield f"\n{row.tests.lines:,} lines. What imports the code dies with it; `characterisation/` holds what survives the port."


def order(row: ServiceRow, contract: ServiceContract) -> Iterator[str]:
    """Reads before writes, fewest parameters first."""
    reads = [o for o in contract.operations if o.method in ("get", "head")]
    writes = [o for o in contract.operations if o.method not in ("get", "head")]
    queues = [e for e in row.entry_points if e.kind in ("task", "consumer")]
    yield from ("", "## Order of work", "")
    number = 1
    for operation in sorted(reads, key=lambda o: (len(o.parameters), o.route)):
        yield f"{number}. {name_of(operation)} (reads)"
        number += 1
    for entry in queues:
        yield f"{number}. {entry.kind} {in_markdown(entry.detail)}: beside the Python one on a copy of the messages first, {in_code(entry.path)}:{entry.line}"
        number += 1
    for operation in sorted(writes, key=lambda o: (len(o.parameters), o.route, o.method)):
        yield f"{number}. {name_of(operation)} ({'writes' if operation.is_method_known else 'method not known'})"
        number += 1
    for step in row.steps if number == 1 else ():
        yield f"{number}. {in_markdown(step)}"
        number += 1


def diversion(row: ServiceRow, contract: ServiceContract) -> Iterator[str]:
    first = first_route(contract.operations)
    yield from ("", "## Divert and roll back", "")
    if first is None:
        yield "No route that only reads: run the port as a second consumer group (or on a mirrored queue), compare what it writes, then move consumers one by one. Back: stop the port; the group's offsets are Python's own."
        return
    yield f"`proxy/nginx.conf` sends 1 % of {name_of(first)} to the port. Roll back by setting the share to 0 and reloading; the port holds no state that Python lacks as long as only reads are diverted."
    yield "Raise to 10, 50 and 100 % when, over a day at each step, errors are not more frequent and the characterisation cases pass."


def proof(report: Report, row: ServiceRow) -> Iterator[str]:
    """The experiment and the number at which not to port, as the planning report has them."""
    found = dossier.proof(row, hotpaths.hot_paths(row, hotpaths.ground(report), report), report)
    yield from ("", "## Prove it in a day", "")
    if found is None:
        yield "TODO: no entry point to try was found."
        return
    yield f"Try {in_markdown(found.tried)} ({in_code(found.path)}:{found.line}) alone, with its upstreams replaced by stand-ins that answer after the same"
    yield "time. Run both on one machine, one after the other (`load.py` for a route). Record:"
    yield ""
    yield from (f"- {in_markdown(line)}" for line in found.records)
    yield from ("", f"**{in_markdown(found.stop)}**")


def switch_off(row: ServiceRow) -> Iterator[str]:
    yield from (
        "",
        "## Switch-off checklist",
        "",
        "Not done until the Python service is gone. What still points at it:",
        "",
    )
    for evidence in (e for e in row.evidence if e.kind not in CODE_EVIDENCE):
        yield f"- [ ] {in_markdown(evidence.kind)}: {in_code(evidence.path)}{f':{evidence.line}' if evidence.line else ''}"
    for call in row.called_by:
        yield f"- [ ] caller {in_markdown(call.service or call.caller)}, line {call.line}"
    for seam in row.seams:
        yield f"- [ ] import of `{in_code(seam.imported)}` in `{in_code(seam.importer)}`, line {seam.line}"


def todos(rows: tuple[Todo, ...]) -> Iterator[str]:
    yield from ("", "## Open points", "")
    yield from (
        limited([f"- [ ] {in_markdown(t.text)} ({in_code(t.path)}:{t.line})" for t in rows], 200) if rows else ["None."]
    )


def open_points(contract: ServiceContract) -> tuple[Todo, ...]:
    """What the contract leaves open, in the order of its lines."""
    rows = [Todo(f"{s.name}.{f.name} has a type that the code does not tell", s.path, f.line)
            for s in contract.schemas for f in s.fields if is_open(f.shape)]  # fmt: skip
    for o in contract.operations:
        where = plain_name(o)
        if not o.is_method_known:
            rows.append(Todo(f"{where}: methods not told", o.path, o.line))
        if o.body is not None and is_open(o.body):
            rows.append(Todo(f"{where}: type of the body not told", o.path, o.line))
        rows += [
            Todo(f"{where}: type of the answer {a.status} not told", o.path, a.line)
            for a in o.answers
            if is_open(a.shape)
        ]
    return tuple(sorted(set(rows), key=lambda t: (t.path, t.line, t.text)))


def is_open(shape: Shape) -> bool:
    inner = [*(f.shape for f in shape.fields), *([shape.item] if shape.item else [])]
    return shape.kind == "unknown" or any(is_open(s) for s in inner) or (shape.kind == "object" and not shape.fields)


def name_of(operation: Operation) -> str:
    return f"{operation.method.upper()} `{in_code(operation.route)}`"


def plain_name(operation: Operation) -> str:
    return f"{operation.method.upper()} {operation.route}"


def limited(rows: list[str], most: int = SHOWN) -> list[str]:
    return rows if len(rows) <= most else [*rows[:most], f"\nand {len(rows) - most} more in the report."]
