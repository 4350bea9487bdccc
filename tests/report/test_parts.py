"""What the page shows beyond the report's own tables: ways, matrix, cut, wires, plan, changes. Asserted on names, lines, order."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.paths import reports_folder
from readiness.report import dossier, flow, hotpaths, plan, source, text, view
from readiness.report.difference import difference
from readiness.report.html import MOST_PATTERN
from readiness.report.matrix import REST, matrix
from readiness.report.patterns import lines_of, pattern_for
from readiness.report.scatter import scatter
from readiness.rulebook.patterns import read_patterns
from readiness.types import report as r
from readiness.types.program import Hop, Via
from readiness.types.services import Seam

from . import example
from .weighed import weighed

LOOP = (r.ImportRow("a.one", "b.one", 1, "runtime"), r.ImportRow("b.one", "a.one", 2, "lazy"))


def edge(importer: str, imported: str, when: str = "runtime") -> r.ImportRow:
    return r.ImportRow(importer, imported, 1, when)


def modules(*names: str) -> list[r.ModuleRow]:
    return [example.module(name, f"{name}.py", 1, 1) for name in names]


def handler(name: str, *ways: tuple[str, str, int]) -> r.FunctionRow:
    """A function of edge.main whose ways end at (mode, path, line)."""
    via = tuple(
        Via("cache", mode, "exact", (Hop(f"edge.main:{name}", "edge/main.py", 20), Hop("shared.db:load", path, line)), "redis.Redis.get")
        for mode, path, line in ways
    )  # fmt: skip
    return replace(example.function(name, 12, 50.0), io=r.IoRow((), ("cache",), via))


def routed(*names: str) -> r.ServiceRow:
    entries = tuple(r.Entry("http-route", "edge/main.py", 12, f"edge.main:{name}", f"GET /{name}") for name in names)
    return replace(example.edge(), entry_points=entries)


def test_entries_that_end_at_one_call_are_one_way() -> None:
    functions = (handler("home", ("blocking", "shared/db.py", 57)), handler("cart", ("blocking", "shared/db.py", 57), ("async", "shared/db.py", 90)))  # fmt: skip
    whole = replace(example.report(), functions=functions)
    on, service = hotpaths.ground(whole), routed("home", "cart", "gone")
    first, second = hotpaths.hot_paths(service, on, whole)
    assert (first.path, first.line, first.entries, first.mode) == ("shared/db.py", 57, 2, "blocking")
    assert [step.name for step in first.steps] == ["cart", "load"]  # the shorter name of two ways of one length
    assert [line.number for line in first.lines if line.is_meant] == [57]
    assert (second.line, second.mode, second.tags) == (90, "async", ())
    assert hotpaths.blocking_ends(service, on) == 2


def test_a_way_has_the_rules_that_found_something_on_it_and_how_go_does_it() -> None:
    finding = r.FindingRow("IO101", "mandatory", "warning", "shared/db.py", 57, 1, 57, None, "x", "f", ())
    whole = replace(
        example.report(), functions=(handler("home", ("blocking", "shared/db.py", 57)),), findings=(finding,)
    )
    redis = r.Dependency("redis", "redis", "drop-in", ("github.com/redis/go-redis",), "same commands", 3)
    service = replace(routed("home"), dependencies=(redis,))
    (found,) = hotpaths.hot_paths(service, hotpaths.ground(whole), whole)
    assert found.tags == ("Blocking call in an async function",)
    assert found.go == ("a plain call in its goroutine", "github.com/redis/go-redis: same commands")


def test_a_long_way_is_folded_in_its_middle() -> None:
    hops = tuple(Hop(f"m:f{i}", "m.py", i) for i in range(1, 21))
    function = replace(handler("home"), io=r.IoRow((), (), (Via("network", "async", "exact", hops, "x"),)))
    whole = replace(example.report(), functions=(function,))
    (found,) = hotpaths.hot_paths(routed("home"), hotpaths.ground(whole), whole)
    assert [step.name for step in found.steps] == ["f1", "f2", "f3", "f4", "12 more calls", "f17", "f18", "f19", "f20"]


def test_the_matrix_puts_importers_first_and_the_cut_below_the_diagonal() -> None:
    found = matrix(modules("a.one", "b.one", "c"), (*LOOP, edge("a.one", "b.one"), edge("c", "a.one"), edge("c", "b.one", "typing")), 60)  # fmt: skip
    assert found is not None
    assert found.names == ("c", "a", "b")
    assert found.blocks == ((1, 2),)
    assert found.back == (("b", "a", 1, 1),)
    assert found.cells[1, 2].imports == 2 and not found.cells[1, 2].is_back
    assert found.cells[2, 1].is_back and found.cells[2, 1].lazy == 1
    assert (0, 2) not in found.cells  # only for types
    assert found.out == (1, 2, 1)


def test_the_matrix_opens_the_package_where_most_imports_are() -> None:
    names = [f"big.{part}.{i}" for part in ("x", "y") for i in range(6)]
    rows = [edge(names[i], names[i + 1]) for i in range(11)] + [edge("small.one", "big.x.0")]
    found = matrix(modules(*names, "small.one", "small.two"), rows, 6)
    assert found is not None
    assert found.names == ("small", "big.x", "big.y")


def test_one_package_with_more_inside_than_rows_is_opened_as_far_as_it_goes() -> None:
    names = [f"app.part{i}" for i in range(9)]
    modules = [example.module(name, f"{name}.py", 0, 1) for name in names]
    imports = [r.ImportRow(a, b, 1, "runtime") for a, b in itertools.pairwise(names)]
    found = matrix(modules, imports, 4)
    assert found is not None
    assert len(found.names) == 4 and REST in found.names


def test_more_top_packages_than_rows_leave_the_rest_in_one_row() -> None:
    rows = [edge(f"p{i}", "hub") for i in range(30)] + [edge("p0", "p1")]
    found = matrix(modules("hub", *(f"p{i}" for i in range(30))), rows, 5)
    assert found is not None
    assert (len(found.names), REST in found.names) == (5, True)
    assert sum(found.out) == 31 - sum(1 for row in rows if row.importer not in found.names and row.imported != "hub")


NAMES = st.sampled_from([f"{a}.{b}" for a in "abcd" for b in "xyz"])


@settings(max_examples=80, deadline=None)  # the first one loads the graph library
@given(st.lists(st.tuples(NAMES, NAMES), max_size=40))
def test_without_what_goes_against_the_order_no_cycle_is_left(pairs: list[tuple[str, str]]) -> None:
    rows = [edge(a, b) for a, b in pairs]
    found = matrix(modules(*sorted({name for pair in pairs for name in pair})), rows, 60)
    if found is None:
        assert all(a == b for a, b in pairs)
        return
    against = {(a, b) for a, b, _, _ in found.back}
    for (row, column), cell in found.cells.items():
        assert cell.is_back == (column < row) == ((found.names[row], found.names[column]) in against)
        if cell.is_back:  # only inside a cycle
            assert any(low <= column < row <= high for low, high in found.blocks)
    assert sum(cell.imports for cell in found.cells.values()) == sum(a != b for a, b in pairs) == sum(found.out)


def test_the_cut_counts_what_crosses_and_marks_what_is_cut_first() -> None:
    service = replace(example.edge(), modules=r.ModuleSets(("edge.main", "edge.api"), ()), seams=(Seam("edge.main", "lib.db", 3, "x"),))  # fmt: skip
    rows = [edge("edge.main", "edge.api"), edge("edge.main", "lib.db"), edge("edge.api", "lib.http"), edge("edge.api", "lib.http"), edge("test_edge", "edge.api"), edge("other", "edge.api", "typing")]  # fmt: skip
    into, out = flow.crossing([service], rows)[service.id]
    found = flow.cut(service, into, out)
    assert found is not None
    assert [(end.name, end.imports, end.is_cut) for end in found.left] == [("test_edge", 1, False)]
    assert [(end.name, end.imports, end.is_cut) for end in found.right] == [("lib.http", 2, False), ("lib.db", 1, True)]
    assert (found.into, found.out, found.more) == (1, 3, 0)
    assert flow.cut(service, [], []) is None


def test_the_wire_map_joins_calls_of_a_pair_and_marks_what_only_python_reads() -> None:
    caller = example.service("a", "port-later", 1, 50.0, calls_out=(
        r.CallOut("b", "http POST /x", "a:f", 1, "json", 0.8), r.CallOut("b", "queue jobs", "a:g", 2, "pickle", 0.9),
        r.CallOut(None, "http GET https://pay", "a:h", 3, None, 0.5)))  # fmt: skip
    whole = example.with_services(caller, example.service("b", "port-later", 2, 40.0))
    found = flow.wire_map(whole, {"a": "alpha", "b": "beta"})
    assert found is not None
    assert [(p.caller, p.callee, p.calls, p.formats, p.confidence) for p in found.pairs] == [
        ("alpha", "beta", 2, ("json", "pickle"), 0.9), ("alpha", "unknown", 1, (), 0.5),
    ]  # fmt: skip
    assert [line[3] for line in found.lines] == [True, False]
    assert flow.wire_map(example.with_services(example.service("b", "port-later", 1, 40.0)), {}) is None


def test_names_in_the_scatter_never_overlap_and_the_farthest_come_first() -> None:
    rows = [
        replace(m, coupling=replace(m.coupling, instability=i / 9, abstractness=0.0, distance=1 - i / 9))
        for i, m in enumerate(modules(*(f"pkg.mod{i}" for i in range(10))))
    ]
    found = scatter(rows, 3)
    assert found is not None
    assert [row.module for row in found.far] == ["pkg.mod0", "pkg.mod1", "pkg.mod2"]
    assert (len(found.dots), found.total) == (10, 10)
    assert {dot.module for dot in found.dots if dot.label} <= {f"pkg.mod{i}" for i in range(6)}
    assert scatter(rows[:2], 3) is None


def plan_of(*services: r.ServiceRow) -> list[tuple[str, str, str]]:
    report = example.with_services(*services)
    return [(row.do, row.name, row.people) for row in plan.plan_rows(report)]


def test_the_plan_has_at_most_five_rows_and_says_who() -> None:
    days = {"effort_days": r.EffortDays(3.0, 8.0, 20.0)}
    services = [example.service(f"first{i}", "port-first", i, 60.0, **days) for i in (1, 2, 3)]
    services += [example.service("later", "port-later", 4, 40.0, **days), example.service("tied", "decouple-first", 5, 30.0, **days)]  # fmt: skip
    services += [example.service(f"stay{i}", "keep-in-python", 6 + i, 5.0) for i in (0, 1)]
    fixed = replace(services[0], fixes=example.edge().fixes)
    assert plan_of(fixed, *services[1:]) == [
        ("Do", "first1", "1 person, 2 weeks"),
        ("Fix", "2 places in Python", "1 person, 1 week"),
        ("Cut", "tied", "1 person, 2 weeks"),
        ("Later", "first2, first3 and later", "after the rows above"),
        ("Leave", "stay0 and stay1", "nobody"),
    ]
    assert [row[1] for row in plan_of(fixed, *services[1:5])] == [
        "first1", "first2", "2 places in Python", "tied", "first3 and later",
    ]  # fmt: skip
    slow = example.service("slow", "optimise-in-python", 6, 20.0)
    assert plan_of(slow) == [("Fix", "slow", "")]
    rows = plan.plan_rows(example.with_services(replace(slow, fixes=example.edge().fixes)))
    assert [row.what for row in rows] == [
        "First, for redis.Redis.get: redis.asyncio.Redis (shared/db.py:57). slow needs nothing else."
    ]
    assert plan_of(*services[5:]) == [("Leave", "stay0 and stay1", "nobody")]
    assert plan_of(replace(services[0], effort_days=r.EffortDays(100.0, 300.0, 900.0)))[0][2] == "6 people, 3 months"


def test_unknowns_name_who_can_say_them() -> None:
    found = plan.unknowns(weighed(5, 2))
    assert len(found) == 3
    assert found[0].who == "operations: metrics of the load balancer"
    assert all(row.who and row.of for row in found)
    library = replace(example.service("lib", "keep-in-python", 1, 5.0), archetype="library", contributions=tuple(
        r.Contribution("benefit", name, None, 0.0, "", (), "unknown") for name in ("cost_share", "replicas", "tests")
    ))  # fmt: skip
    assert [(row.what.partition(",")[0], row.of) for row in plan.unknowns(example.with_services(library))] == [
        ("which programs use it", "lib"), ("which tests guard its behaviour", "lib"),
    ]  # fmt: skip
    assert plan.unknowns(example.library()) == []


def test_waves_add_up() -> None:
    days = r.EffortDays(1.0, 2.0, 4.0)
    rows = [example.service(f"s{i}", "port-later", i, 50.0, wave=wave, effort_days=days) for i, wave in enumerate((1, 2, 2, None))]  # fmt: skip
    assert [(w.number, [s.name for s in w.rows], w.production) for w in plan.waves(rows)] == [
        (1, ["s0"], 2.0), (2, ["s1", "s2"], 4.0),
    ]  # fmt: skip


def test_neighbours_whose_places_overlap_are_one_band() -> None:
    spans = [(1, 1), (2, 4), (3, 4), (4, 6), (7, 7)]
    rows = [example.service(f"s{i}", "port-later", i + 1, 50.0, rank_stability=r.RankStability(*span, 1.0, 1.0)) for i, span in enumerate(spans)]  # fmt: skip
    assert [(band.names, band.low, band.high) for band in view.bands(rows)] == [(("s1", "s2", "s3"), 2, 6)]


def test_a_chain_of_overlaps_whose_ends_are_apart_is_no_band() -> None:
    spans = [(1, 2), (2, 4), (4, 6), (6, 7)]
    rows = [example.service(f"s{i}", "port-later", i + 1, 50.0, rank_stability=r.RankStability(*span, 1.0, 1.0)) for i, span in enumerate(spans)]  # fmt: skip
    assert [band.names for band in view.bands(rows)] == [("s0", "s1"), ("s2", "s3")]


def test_files_are_hot_by_what_is_in_them() -> None:
    rows = [replace(example.function(f"f{i}", 1, 30.0 + i), path=path) for i, path in enumerate(("a.py", "b.py", "b.py"))]  # fmt: skip
    found = view.hot_files([*rows, example.function("cold", 1, None)])
    assert [(path, count, total, top.qualname) for path, count, total, top in found] == [
        ("b.py", 2, 63.0, "f2"), ("a.py", 1, 30.0, "f0"),
    ]  # fmt: skip


def test_what_changed_and_why() -> None:
    found = difference(example.report(), example.older())
    kinds = {move.name: (move.kind, move.ranks) for move in found.moves}
    assert kinds["edge"] == ("up", (2, 1))
    assert kinds["backoffice"] == ("down", (1, 3))
    assert kinds["retired"] == ("gone", (3, None))
    assert kinds[example.SCRIPT] == ("new", (None, 2))
    causes = {move.name: move.causes for move in found.moves}
    assert causes["edge"] == ("benefit: fan-out over I/O +18",)
    assert causes["backoffice"] == ("other services moved",)
    assert (found.findings_new, found.findings_gone, found.cycles_new, found.cycles_gone) == (2, 1, 1, 0)
    assert found.changed == ("the goal was footprint",)
    assert difference(example.report(), example.report()).is_empty


def test_ideas_are_new_once() -> None:
    rule = r.RuleRow(
        "DY104", "Import by name", "mandatory", "warning", "a registry map", None, "", "handlers[name](ctx)"
    )
    whole = replace(example.report(), rules=(rule,), patterns={"task": "go func() {\n\tf()\n}()"})
    first = replace(example.edge(), modules=r.ModuleSets(("edge.main",), ()))
    second = replace(first, id="second", name="second", verdict="port-later")
    found = dossier.learnings([first, second], hotpaths.ground(whole), whole)
    assert [(idea.python, idea.go, idea.path, idea.line, idea.is_new) for idea in found["edge"]] == [
        ("task", "go f(), its result over a channel or an errgroup", "edge/main.py", 13, True),
        ("Import by name", "a registry map", "edge/plugins.py", 8, True),
    ]
    assert [idea.pattern for idea in found["edge"]] == [("go func() {", "    f()", "}()"), ("handlers[name](ctx)",)]
    assert [idea.is_new for idea in found["second"]] == [False, False]


def test_both_roads_say_their_days_and_the_proof_its_number() -> None:
    python, go = dossier.roads(example.edge())
    assert (python.days, python.detail) == ("2 days", "clears 28 findings, frees up to 9 entry points")
    assert python.gives == "2 fixes; afterwards 83% of the benefit needs Go"
    assert (go.days, go.detail) == ("34 days", "12 to 52 days; 1 import to cut first")
    report = weighed(30, 8)
    ported = next(s for s in report.services if s.verdict == "port-first")
    proof = dossier.proof(replace(ported, entry_points=example.edge().entry_points), [], report)
    assert proof is not None
    assert proof.stop.startswith("Do not port if less than ")
    assert (proof.path, proof.line) == ("edge/main.py", 12)
    route = example.edge().entry_points[0]
    process = replace(route, kind="main", detail="python main.py", line=1)
    health = replace(route, detail="/healthz", line=2)
    for entries, line in (((process, health, route), route.line), ((process, health), 2), ((process,), 1)):
        tried = dossier.proof(replace(ported, entry_points=entries), [], report)
        assert tried is not None and tried.line == line
    assert dossier.proof(example.services()[3], [], report) is None


def test_the_ledger_says_unknown_where_nobody_said() -> None:
    rows = {row.label: (row.today, row.after) for row in dossier.ledger(example.edge())}
    assert rows["Replicas"] == ("unknown", "unknown until one replica was measured")
    assert rows["On the wire"][0] == "json"
    known = replace(
        example.edge(),
        operations={
            "replicas": "3", "workers": "4", "image": "edge:1", "wrappers": "tini", "go_keeps": "tini (unless only Python needs it)",
            "go_removes": "the interpreter", "celery_acks_late": "True", "odd_key": "x",
        },
    )  # fmt: skip
    rows = {row.label: (row.today, row.after) for row in dossier.ledger(known)}
    assert (rows["Replicas"][0], rows["Worker processes"][0], rows["Image"][0]) == ("3", "4", "edge:1")
    assert rows["Wrappers"] == ("tini", "tini (unless only Python needs it)")
    assert rows["Goes away"][0] == "the interpreter"
    assert rows["celery acks late"] == ("True", "has to be set again, or answered for")
    assert rows["odd key"] == ("x", "unknown")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("https://code.example/r/blob/{commit}/{path}#L{line}", "https://code.example/r/blob/4f2a91c0ffee4f2a91c0ffee/a%20b/%22x%22.py#L7"),
        ("http://localhost/{path}?line={line}", "http://localhost/a%20b/%22x%22.py?line=7"),
        ("javascript:alert(1)//{path}", None),
        (" https://code.example/{path}", None),
        (None, None),
    ],
)  # fmt: skip
def test_places_lead_to_the_code_host_that_was_named(template: str | None, expected: str | None) -> None:
    whole = example.report()
    report = replace(whole, repository=replace(whole.repository, source_url=template))
    assert source.address(report, 'a b/"x".py', 7) == expected


def test_without_a_commit_there_is_no_link_to_one() -> None:
    whole = example.report()
    bare = replace(whole.repository, commit=None, source_url="https://code.example/{commit}/{path}")
    assert source.address(replace(whole, repository=bare), "x.py", 1) is None


@given(st.text(max_size=60), st.integers(4, 40))
def test_a_tail_is_the_end_of_a_name_and_no_longer_than_allowed(name: str, most: int) -> None:
    shown: Any = text.tail(name, most)
    assert len(shown) <= most
    if shown.startswith("…") and not name.startswith("…"):
        assert text.clean(name, 10_000).endswith(shown[1:])


def test_days_stand_on_one_logarithmic_scale() -> None:
    spans = [r.EffortDays(1.0, 10.0, 100.0), r.EffortDays(2.0, 4.0, 8.0)]
    rows = [example.service(f"s{i}", "port-later", i, 50.0, effort_days=span) for i, span in enumerate(spans)]
    scale = view.span_of_days(rows)
    assert scale == (1.0, 100.0)
    assert [view.along(scale, days) for days in (0.5, 1.0, 10.0, 100.0, 200.0)] == [0.0, 0.0, 50.0, 100.0, 100.0]
    assert view.span_of_days([]) == (0.1, 0.2)


def test_a_clause_is_never_cut_inside_a_name() -> None:
    change = "in entries_of: psycopg.AsyncConnection instead of psycopg2.extensions.cursor.execute, awaited up to statement; or a thread"
    assert text.clause(change, 200) == change
    assert (
        text.clause(change, 100)
        == "in entries_of: psycopg.AsyncConnection instead of psycopg2.extensions.cursor.execute"
    )
    assert text.clause(change, 60) == "in entries_of: psycopg.AsyncConnection instead of…"
    assert text.clause("a" * 50, 10) == "aaaaaaaaa…"
    assert text.tail("swift-account-replicator", 22) == "…account-replicator"


def test_patterns_are_go_that_a_toolchain_accepts(tmp_path: Path) -> None:
    found = read_patterns([reports_folder() / "patterns.go"], MOST_PATTERN)
    kinds = {"network", "database", "cache", "broker", "filesystem", "subprocess", "dns", "sleep"}
    assert set(found) == {*kinds, "fan-out"}
    assert found["filesystem"].splitlines()[1].startswith("body, err := os.ReadFile(path)")
    assert (
        max(len(line) for go in found.values() for line in go.splitlines()) <= 72
    )  # so that none is cut beside the Python line
    assert pattern_for("network", (), ("errgroup.Group with SetLimit",), found) == lines_of(found["fan-out"])
    assert pattern_for("cache", (), ("net/http",), found) == lines_of(found["cache"])
    assert pattern_for("cache", ("", None, "if a {\n\tb()\n}\n"), ("errgroup",), found) == ("if a {", "    b()", "}")
    assert pattern_for("telepathy", (None,), (), found) == ()
    if shutil.which("go") is None:
        pytest.skip("no Go toolchain on this machine")
    (tmp_path / "go.mod").write_text("module patterns\n\ngo 1.19\n")
    (tmp_path / "patterns.go").write_text((reports_folder() / "patterns.go").read_text("utf-8"))
    for line in (["gofmt", "-l", "."], ["go", "vet", "./..."]):
        done = subprocess.run(line, check=False, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
