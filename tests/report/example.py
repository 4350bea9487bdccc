"""One Report made by hand: four services, every table filled, names that attack the page. No stage made it and none is needed."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from readiness.types import report as r
from readiness.types import run
from readiness.types.facts import Metrics
from readiness.types.program import Hop, Via
from readiness.types.services import Contract, Evidence, Seam, SharedData
from readiness.types.tree import Skipped

SCRIPT = "</script><img src=x onerror=alert(1)>"
QUOTES = "\"'><svg onload=alert(2)>`{{ 7 * 7 }}"
BIDI = "user\u202egnp.exe\u2066\u200b"
LONG = "long" * 2_500
CONTROL = "bell\x07\x1b[31mred\r\nnext"
HOSTILE = (SCRIPT, QUOTES, BIDI, LONG, CONTROL)
GETS = tuple(f"edge.main:get_{i}" for i in range(9))


def service(name: str, verdict: str, rank: int | None, score: float | None, **more: Any) -> r.ServiceRow:
    """A service without anything but what the ranking needs."""
    known: dict[str, Any] = {
        "rank": rank, "id": name, "name": name, "root": f"services/{name}", "kind": "deployable", "archetype": "gateway",
        "archetypes": ("gateway",), "roles": ("edge",), "judged": 1.0, "evidence": (), "entry_points": (),
        "modules": r.ModuleSets((f"{name}.main",), ("shared.db",)), "lines": 1200, "verdict": verdict, "borderline": None,
        "reason": "waits far more than it computes", "score": score, "scores": r.Scores(score, None), "benefit": score,
        "benefit_net": score, "effort": 40.0, "risk": 30.0, "confidence": 0.71, "grade": "B",
    }  # fmt: skip
    return r.ServiceRow(**(known | more))


def module(name: str, path: str, afferent: int, efferent: int, cycle: int | None = None) -> r.ModuleRow:
    metrics = Metrics(120, 80, 90, 5, 0, 25, 30, 9, 61.5, 812.25, 9001.125)
    total = afferent + efferent
    row = r.CouplingRow(afferent, efferent, efferent / total if total else None, 0.0, 0.5, cycle, cycle, 0.12345678)
    return r.ModuleRow(name, path, "edge", 120, 40.0, 50.0, 20.0, 30.0, metrics, row)


def function(name: str, line: int, hotspot: float | None) -> r.FunctionRow:
    hops = (Hop("edge.main:" + name, "edge/main.py", line), Hop("shared.db:load", "shared/db.py", 57))
    via = Via("cache", "blocking", "exact", hops, "redis.Redis.get")
    return r.FunctionRow(
        "edge.main", name, "edge/main.py", line, line + 9, True, 7, ("edge.main:home",), hotspot,
        (r.ConcurrencyUse("task", "asyncio.gather", line + 1),), "io", r.IoRow((), ("cache", "network"), (via,)),
    )  # fmt: skip


def edge() -> r.ServiceRow:
    """The first one: everything that a service can have."""
    place = r.Place("edge/main.py", 12)
    return service(
        "edge", "port-first", 1, 78.4, benefit=86.0, benefit_net=71.0, risk=24.0, grade="A", confidence=0.86,
        evidence=(Evidence("dockerfile", "edge/Dockerfile", 11, f"CMD uvicorn {SCRIPT}", 0.9),),
        entry_points=tuple(r.Entry("http-route", "edge/main.py", 12 + i, f"edge.main:get_{i}", f"GET /v1/{i}/{QUOTES}") for i in range(9)),
        doubts=(r.Doubt("no traffic figures", 9.0, "give requests per second"),),
        rank_stability=r.RankStability(1, 2, 1.0, 0.93),
        flips=(r.Flip("an asynchronous Redis client", "optimise-in-python"),),
        contributions=(
            r.Contribution("benefit", "fanout", 0.8, 40.4, "34 gathers over network calls", (place,)),
            r.Contribution("benefit", "request_wait", 0.7, 30.3, "38 of 61 paths end in a blocking call", (place, place)),
            r.Contribution("benefit", "long_lived", 1.0, 15.3, BIDI, ()),
            r.Contribution("benefit", "cpu_loops", 0.0, 0.0, "", (), "absent"),
            r.Contribution("benefit", "cold_start", None, 0.0, "", (), "unknown"),
            r.Contribution("risk", "data", 0.4, 14.2, "two other services read its session cache", (place,)),
            r.Contribution("risk", "unknown", None, 9.8, "history is unknown", (), "unknown"),
        ),
        dependencies=(
            r.Dependency("httpx", "httpx", "stdlib", ("net/http",), "", 31),
            r.Dependency("left-pad-" + SCRIPT, "leftpad", "unknown", (), QUOTES, 2),
        ),
        blockers=(r.Blocker("DY104", "edge/plugins.py", 8, "import by a name from the configuration"),),
        seams=(Seam("edge.main", "shared.db", 3, "reads two models"),),
        fixes=(
            r.Fix("IO101", "shared/db.py", 57, "redis.asyncio.Redis", 1.5, 21, 9, "redis.Redis.get", "redis.asyncio.Redis", (place,),
                  GETS, GETS),
            r.Fix("IO102", "edge/main.py", 15, "asyncio.gather over the ids", 0.5, 7, 2, "httpx.get", None, (place,), GETS[:3], GETS[:2]),
        ),
        data=(SharedData("redis", "cache", "sess:*", 21, 2, ("backoffice", "gone")),),
        contracts=(Contract("http", "GET /v1/home", "edge.main:home"),),
        calls_out=(r.CallOut("backoffice", "http POST /orders", "edge.main:submit", 41, "json", 0.8),),
        called_by=(r.CallOut(None, "http GET /v1/home", "unknown:caller", 1, None, 0.3),),
        tests=r.TestsFound(("tests.test_edge",), 410), history={"commits_365": 212.0, "authors": 5.0},
        effort_days=r.EffortDays(12.0, 34.0, 52.0),
        effort_items=(r.EffortItem("routes", "9 routes", 8.0, 20.0, 30.0), r.EffortItem("roll-out", "", 4.0, 14.0, 22.0)),
        steps=("Record an hour of traffic.", "Cut the seam.", f"Port GET /v1/0 {CONTROL}"), wave=1,
    )  # fmt: skip


def services() -> tuple[r.ServiceRow, ...]:
    worker = service(
        SCRIPT, "decouple-first", 2, 51.0, benefit=60.0, risk=62.0, effort_days=r.EffortDays(58.0, 86.0, 140.0), lines=9000,
        contributions=(r.Contribution("risk", "cut", 0.9, 62.0, QUOTES, ()),), grade="C",
        rank_stability=r.RankStability(1, 3, 0.9, 0.7), judged=0.8,
    )  # fmt: skip
    office = service(
        "backoffice",
        "keep-in-python",
        3,
        14.0,
        benefit=14.0,
        risk=52.0,
        effort_days=r.EffortDays(130.0, 190.0, 310.0),
        lines=11740,
    )
    lost = service(
        LONG,
        "not-judged",
        None,
        None,
        benefit=None,
        benefit_net=None,
        effort=None,
        risk=None,
        confidence=None,
        grade=None,
        judged=0.2,
    )
    return (edge(), worker, office, lost)


def findings() -> tuple[r.FindingRow, ...]:
    row = r.FindingRow(
        "IO102", "optional", "info", "edge/main.py", 15, 5, 15, "edge.main:home", "one await after the other", "f2", ()
    )
    hostile = r.FindingRow(
        "IO101", "mandatory", "warning", f"edge/{SCRIPT}.py", 12, 5, 12, "edge.main:home", QUOTES, "f1", ()
    )
    return (row, hostile, r.FindingRow("IO101", "potential", "warning", "edge/z.py", 1, 1, 1, None, LONG, "f3", ()))


def report() -> r.Report:
    """The whole fixed report."""
    imports = (r.ImportRow("a.b", "a.c", 3, "runtime"), r.ImportRow("a.c", "a.b", 9, "lazy"))
    functions = (function("home", 12, 91.2), function(f"<lambda>@{SCRIPT}", 40, 33.3333), function("idle", 70, None))
    return r.Report(
        r.SCHEMA, "throughput", run.Tool("readiness", "0.1.0", "7be1d09a"),
        run.Run("2026-11-23T09:00:00Z", 12.3456789, 2, "3.11.9", run.CacheCount(1, 2)),
        run.Repository(f"shop {QUOTES}", ".", "4f2a91c0ffee4f2a91c0ffee", False, 533, 60_640, 531, (
            Skipped("edge/broken.py", "syntax", "line 3: " + SCRIPT, 3), Skipped(f"{BIDI}.py", "too-large", "2 MB"))),
        run.Summary(
            {"port-first": 1, "decouple-first": 1, "keep-in-python": 1, "not-judged": 1}, 4, 5, 3, 2, 3, 1,
            run.CallCount(2_000, 700, 300, {"dynamic": 200, "parameter": 100}), 2,
        ),
        services(),
        (r.RejectedRow("tool", "tools/run.py", 4, "main-guard", "development tool", '[[tool.readiness.services]] match = ["tools/run.py"]'),),
        (module("a.b", "a/b.py", 3, 1, 1), module("a.c", "a/c.py", 1, 1, 1), module("edge.main", "edge/main.py", 0, 4),
         module("shared.db", "shared/db.py", 6, 0), module(SCRIPT, "x.py", 0, 0)),
        functions, imports, (r.DynamicImportRow("edge.plugins", "edge.p1", 8),), (r.CycleRow(1, ("a.b", "a.c"), True, imports[1:]),),
        findings(),
        (r.RuleRow("IO101", "Blocking call in an async function", "mandatory", "warning", "a plain call in its goroutine", None),
         r.RuleRow("IO102", "Awaits in a row", "optional", "info", "errgroup", "asyncio.gather")),
        {"benefit.io.weight": 0.75, "verdict.port_first": 60.0}, {"path_hops": 3}, None,
        {"shared/db.py": {"55": "", "56": "def load(sid):", "57": f"    raw = r.get('{SCRIPT}')", "58": "\treturn raw", "59": BIDI},
         "edge/main.py": {"14": "    out = []", "15": "    out.append(await get(i))"}},
    )  # fmt: skip


def without_python() -> r.Report:
    whole = report()
    repository = replace(whole.repository, files=0, lines=0, parsed=0)
    summary = run.Summary({}, 0, 0, 0, 0, 0, 0, run.CallCount(0, 0, 0), 0)
    return replace(
        whole, repository=repository, summary=summary, services=(), rejected=(), modules=(), functions=(), imports=(),
        imports_dynamic=(), cycles=(), findings=(), rules=(), snippets=None,
    )  # fmt: skip


def library() -> r.Report:
    whole = report()
    return replace(whole, services=(), summary=replace(whole.summary, services=0, verdicts={}, fixes=0))


def with_services(*rows: r.ServiceRow) -> r.Report:
    whole = report()
    verdicts: dict[str, int] = {}
    for row in rows:
        verdicts[row.verdict] = verdicts.get(row.verdict, 0) + 1
    return replace(whole, services=rows, summary=replace(whole.summary, services=len(rows), verdicts=verdicts))


def huge() -> r.Report:
    """More of everything than a page may hold."""
    whole = report()
    many = tuple(
        service(f"svc-{i}", "keep-in-python", i + 1, 20.0, entry_points=edge().entry_points * 12, seams=edge().seams * 200,
                contributions=edge().contributions, dependencies=edge().dependencies * 60, effort_days=r.EffortDays(5.0 + i, 9.0 + i, 20.0 + 2 * i))
        for i in range(300)
    )  # fmt: skip
    return replace(
        with_services(*many),
        functions=tuple(function(f"f{i}", i + 1, 50.0) for i in range(5_000)),
        modules=tuple(module(f"m{i}", f"m{i}.py", i, 1) for i in range(3_000)),
        findings=tuple(replace(whole.findings[i % 3], line=i + 1) for i in range(12_000)),
        summary=replace(whole.summary, services=300, verdicts={"keep-in-python": 300}, findings=12_000, hotspots=5_000),
    )


def older() -> r.Report:
    """The same repository, an earlier scan: another order, a service that is gone since, a finding that was not there."""
    whole = report()
    edge_then = replace(
        edge(), rank=2, score=60.0, contributions=(replace(edge().contributions[0], points=22.0), *edge().contributions[1:])
    )  # fmt: skip
    rows = (edge_then, replace(whole.services[2], rank=1), service("retired", "keep-in-python", 3, 5.0))
    findings = (*whole.findings[:1], replace(whole.findings[1], fingerprint="f0"))
    repository = replace(whole.repository, commit="0123456789abcdef")
    return replace(whole, services=rows, findings=findings, cycles=(), repository=repository, goal="footprint")
