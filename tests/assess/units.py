"""Small hand-made programs for the assessment, so that its tests hang on no other stage."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from readiness.assess import assess
from readiness.paths import rules_folder
from readiness.rulebook.scoring import read_scoring
from readiness.types.assess import Assessment
from readiness.types.config import Config
from readiness.types.facts import Facts
from readiness.types.findings import Finding
from readiness.types.program import (
    ApiUse,
    CallEdge,
    Coupling,
    Effect,
    EntryPoint,
    ExternalImport,
    Function,
    Hop,
    Module,
    Program,
    Via,
)
from readiness.types.rulebook import Condition, GoChoice, Library, Rule, Rulebook
from readiness.types.services import Evidence, Service, Services
from readiness.types.tree import GitFacts

GET = ApiUse("httpx.get", "httpx", "network", "blocking", "wan", None, None, False, ())
ASYNC_GET = ApiUse("httpx.AsyncClient.get", "httpx", "network", "async", "wan", None, None, False, ())
GATHER = ApiUse("asyncio.gather", "stdlib", None, None, None, "fan-out", None, False, ())
FRAME = ApiUse("pandas.read_csv", "pandas", "filesystem", "blocking", "local", None, None, True, ())
APIS = (GET, ASYNC_GET, GATHER, FRAME)

BLOCKING = Rule("IO101", "io", "Blocking call", "mandatory", "warning", "{name} blocks", "", "io/IO101.md", Condition(),
                go="a plain call", fix="use httpx.AsyncClient", fix_days=0.5)  # fmt: skip
PLUGINS = Rule(
    "PY201", "py", "Plug-ins by name", "mandatory", "warning", "{name}", "", "py/PY201.md", Condition(), days=4.0
)


@functools.cache
def rulebook() -> Rulebook:
    libraries = (
        Library("httpx", ("httpx",), "httpx.md", "httpx", go=GoChoice(("net/http",), "stdlib")),
        Library("pandas", ("pandas",), "pandas.md", "pandas", go=GoChoice((), "keep-python", note="no peer")),
    )
    return Rulebook((BLOCKING, PLUGINS), libraries, read_scoring(rules_folder() / "scoring.toml"), "0")


def module(name: str, is_test: bool = False, lines: int = 300) -> Module:
    return Module(name, name, f"{name}.py", False, lines, None, True, is_test)


def function(module: str, name: str, line: int, is_async: bool = False, complexity: int = 3) -> Function:
    return Function(module, name, f"{module}.py", line, line + 8, is_async, False, complexity, None, 1, 2, (), True, 0)


def external(caller: int, api: int, line: int, loop: int = 0) -> CallEdge:
    return CallEdge(caller, -1, APIS[api].name, line, 5, line, -1, "call", "exact", False, loop, api)


def project(caller: int, callee: int, line: int, how: str = "call", loop: int = 0) -> CallEdge:
    return CallEdge(caller, callee, "", line, 5, line, -1, how, "exact", False, loop)


def via(mode: str, module: str, line: int, latency: str = "wan") -> Via:
    return Via("network", mode, "exact", (Hop(f"{module}:get", f"{module}.py", line),), "httpx.get", latency)


def network(mode: str, module: str, line: int, is_direct: bool = True) -> Effect:
    return Effect(("network",) if is_direct else (), ("network",), (via(mode, module, line),), "io")


def route(module: str, name: str, line: int, function: int, kind: str = "http-route") -> EntryPoint:
    return EntryPoint(kind, f"{module}.py", line, f"{module}:{name}", f"/{name}", function, "aiohttp", "")


def program(
    modules: tuple[Module, ...], functions: tuple[Function, ...], calls: tuple[CallEdge, ...] = (),
    effects: tuple[Effect, ...] = (), entries: tuple[EntryPoint, ...] = (), imports: tuple[ExternalImport, ...] = (),
) -> Program:  # fmt: skip
    filled = (*effects, *(Effect() for _ in functions[len(effects) :]))
    return Program(modules, (), (), imports, functions, (), calls, APIS, filled, entries, (), (), len(calls), 0, 0)


def service(
    name: str, functions: tuple[int, ...], entries: tuple[EntryPoint, ...] = (), own: tuple[str, ...] = (),
    judged: float = 1.0, archetype: str = "gateway", strength: float = 0.9,
) -> Service:  # fmt: skip
    evidence = (Evidence("dockerfile", f"{name}/Dockerfile", 3, f"python -m {name}", strength),)
    own = own or (name,)
    return Service(name, name, ".", "deployable", archetype, (archetype,), (), evidence, strength, entries, functions, own,
                   (), 300 * len(own), judged, cut=0.0)  # fmt: skip


def rate(
    of: Program, *services: Service, findings: tuple[Finding, ...] = (), config: Config | None = None,
    facts: Mapping[str, Facts] = {},
) -> Assessment:  # fmt: skip
    git = GitFacts("c0ffee", False, 1_700_000_000, tuple((m.path, 1_699_000_000, "a") for m in of.modules))
    return assess(
        of, facts, Coupling({}, (), (), None), Services(services, ()), findings, rulebook(), config or Config(), git
    )


def gateway() -> tuple[Program, Service]:
    """Two async routes of `edge` that fan out over a client, and a test that imports nothing."""
    functions = (
        function("edge", "home", 10, is_async=True),
        function("edge", "search", 30, is_async=True),
        function("edge", "fetch", 50, is_async=True),
        function("test_edge", "test_home", 5, is_async=True),
    )
    calls = (
        external(0, 2, 12),
        project(0, 2, 12, "task"),
        external(1, 2, 33),
        project(1, 2, 33, "task"),
        external(2, 1, 52, loop=1),
        project(3, 0, 6),
    )
    effects = (
        network("async", "edge", 52, is_direct=False),
        network("async", "edge", 52, is_direct=False),
        network("async", "edge", 52),
        network("async", "edge", 52, is_direct=False),
    )
    entries = (
        route("edge", "home", 10, 0),
        route("edge", "search", 30, 1),
        route("edge", "live", 50, 2, "websocket"),
    )
    imports = (ExternalImport("edge", "httpx", 1, "runtime"),)
    whole = program((module("edge"), module("test_edge", is_test=True)), functions, calls, effects, entries, imports)
    return whole, service("edge", (0, 1, 2), entries)
