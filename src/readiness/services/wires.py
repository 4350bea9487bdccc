"""Services + outgoing calls + data -> wires: who calls whom over HTTP, RPC, queues, topics and tables. Unmatched ends are kept.

Addresses are matched by what manifests call a process, over variables of the environment as manifests set them or by their default;
paths by the routes of the service that is found. A confidence says how sure the other end is: 0 is an end that nobody here has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from readiness.types.program import EntryPoint, Outgoing, Program
from readiness.types.services import Contract, Service, Wire
from readiness.types.tree import Text

ENV = re.compile(r"\$\{(\w+)=([^}]*)\}")
URL = re.compile(r"(?:(?:https?|wss?|grpc|dns|http\+unix)://+)?(?:[^/@\s]*@)?([A-Za-z0-9_.{}-]+)(?::[\w{}]+)?(/.*)?$")
SUFFIX = re.compile(
    r"_(URL|URI|ADDR|ADDRESS|HOST|HOSTNAME|ENDPOINT|BASE|BASE_URL|SERVICE|API|SERVICE_URL|SERVICE_ADDR|SERVICE_HOST|API_URL|SERVER)$"
)
NAMESPACE = re.compile(r"^[ \t]*namespace:[ \t]*[\"']?([a-z0-9][a-z0-9-]*)", re.MULTILINE)
INNER = frozenset({"local", "internal", "svc", "cluster", "consul", "lan", "localdomain", "docker", "test", "flycast"})
EXACT, BY_VARIABLE, BY_ROUTE, NOBODY = 0.95, 0.6, 0.4, 0.0
NO_ROUTE = 0.15  # less where the host is known and none of its routes fits
KINDS = {
    "http-route": "http",
    "websocket": "websocket",
    "rpc-method": "rpc",
    "task": "queue",
    "consumer": "queue",
    "cli": "cli",
}
WRITING = frozenset({"dump", "dumps", "open", "Pickler"})
MAX_TABLE_WIRES = 200  # of one service


class Ends(Struct, frozen=True):
    """Where calls can arrive."""

    names: Mapping[str, tuple[str, ...]]  # plain name of a process -> ids of services
    routes: Mapping[str, tuple[tuple[str, EntryPoint], ...]]  # service -> its routes as plain paths
    methods: Mapping[str, tuple[str, ...]]  # `Service/Method` -> ids
    tasks: Mapping[str, tuple[str, ...]]  # target or name of a task -> ids
    topics: Mapping[str, tuple[str, ...]]  # topic -> ids of those that read it
    variables: Mapping[str, tuple[str, ...]]  # variable of the environment -> values that manifests give it
    spaces: frozenset[str]  # namespaces that manifests name


def with_wires(
    services: Sequence[Service],
    names: Mapping[str, Iterable[str]],
    program: Program,
    texts: Sequence[Text],
    scheduled: frozenset[str],
) -> tuple[Service, ...]:
    """The services with `calls_out`, `called_by` and `contracts`.

    `names`: service -> what manifests call it; `scheduled`: distributions whose tasks nobody but their own scheduler calls.
    """
    ends = ends_of(services, names, program, texts)
    out: dict[str, set[Wire]] = {service.id: set() for service in services}
    into: dict[str, set[Wire]] = {service.id: set() for service in services}
    pickling = pickling_functions(program)
    for service in services:
        for row in calls_of(service, program):
            for wire in wires_of(service.id, row, ends, program):
                if row.function in pickling and wire.serialisation is None:
                    wire = replace(wire, serialisation="pickle")
                out[service.id].add(wire)
                if wire.service is not None:
                    into[wire.service].add(replace(wire, service=service.id))
    for writer, reader, wire in table_wires(services, program):
        out[writer].add(replace(wire, service=reader))
        into[reader].add(replace(wire, service=writer))
    return tuple(
        replace(
            service, calls_out=ordered(out[service.id]), called_by=ordered({*into[service.id], *uncalled(service, into[service.id], scheduled)}),
            contracts=contracts_of(service, scheduled),
        )
        for service in services
    )  # fmt: skip


def ordered(wires: Iterable[Wire]) -> tuple[Wire, ...]:
    return tuple(sorted(wires, key=lambda w: (w.path, w.line, w.contract, w.service or "", w.target, -w.confidence)))


def calls_of(service: Service, program: Program) -> Iterator[Outgoing]:
    """The outgoing calls of the functions that a service reaches, and what it writes to topics."""
    reached = set(service.functions)
    yield from (row for row in program.outgoing if row.function in reached)
    for use in program.data:
        if use.kind == "queue" and use.access == "write" and use.function in reached and use.store != "celery":
            yield Outgoing(use.function, "topic", use.name, "", use.path, use.line, use.store, None, 1.0)


def ends_of(
    services: Sequence[Service], names: Mapping[str, Iterable[str]], program: Program, texts: Sequence[Text]
) -> Ends:
    known: dict[str, list[str]] = {}
    routes: dict[str, tuple[tuple[str, EntryPoint], ...]] = {}
    methods: dict[str, list[str]] = {}
    tasks: dict[str, list[str]] = {}
    topics: dict[str, list[str]] = {}
    for service in services:
        for name in {plain(n) for n in (service.name, service.id, *names.get(service.id, ())) if n}:
            known.setdefault(name, []).append(service.id)
        routes[service.id] = tuple((e.detail, e) for e in service.entries if e.kind in ("http-route", "websocket"))
        for entry in service.entries:
            if entry.kind == "rpc-method":
                methods.setdefault(entry.detail, []).append(service.id)
            if entry.kind in ("task", "consumer"):
                for name in {entry.target, entry.detail, entry.target.split("@")[0].replace(":", ".")}:
                    tasks.setdefault(name, []).append(service.id)
            if entry.kind == "consumer" and entry.detail:
                topics.setdefault(entry.detail, []).append(service.id)
        for row in service.data:
            if row.kind == "queue" and row.reads:
                topics.setdefault(row.name, []).append(service.id)
    wanted = {name for row in program.outgoing for name, _ in ENV.findall(row.address)}
    return Ends(
        once(known), routes, once(methods), once(tasks), once(topics), variables_of(wanted, texts), spaces_of(texts)
    )


def once(table: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(dict.fromkeys(values)) for key, values in table.items()}


def plain(name: str) -> str:
    return name.lower().replace("_", "-").strip("/")


def variables_of(wanted: Iterable[str], texts: Sequence[Text]) -> dict[str, tuple[str, ...]]:
    """What manifests set variables to: `NAME: x`, `NAME=x`, `- name: NAME` with `value: x`. As text, so that templates count too."""
    found: dict[str, dict[str, None]] = {}
    for name in sorted(wanted):
        word = re.escape(name)
        pattern = re.compile(
            rf"""(?:\b{word}["']?[ \t]*[:=][ \t]*|name:[ \t]*["']?{word}["']?[ \t]*\r?\n[ \t]*value:[ \t]*)["']?([^\s"',{{}}$]+)"""
        )
        for text in texts:
            if name in text.text:
                for value in pattern.findall(text.text):
                    found.setdefault(name, {}).setdefault(value)
    return {name: tuple(values)[:8] for name, values in found.items()}


def spaces_of(texts: Sequence[Text]) -> frozenset[str]:
    """Namespaces of Kubernetes, as text, so that templates count too."""
    return frozenset(name for text in texts if "namespace:" in text.text for name in NAMESPACE.findall(text.text))


def inner_name(host: str, spaces: frozenset[str]) -> str:
    """The name within a cluster or a compose network that a host is, "" for a host of the world: `api.example.com` is no `api`."""
    first, *rest = host.lower().split(".")
    is_inner = not rest or rest[-1] in INNER or rest[0] in spaces or rest[0] == "{}" or "svc" in rest
    return first if is_inner else ""


def wires_of(caller: str, row: Outgoing, ends: Ends, program: Program) -> Iterator[Wire]:
    """The wires of one outgoing call: one per service that it may arrive at, one without a service where there is none."""
    target = program.functions[row.function].target
    if row.kind in ("queue", "topic"):
        contract = f"queue {row.address}" if row.kind == "queue" else f"topic {row.address}"
        found = ends.tasks.get(row.address, ()) if row.kind == "queue" else ends.topics.get(row.address, ())
        for service in found:
            yield Wire(service, contract, target, row.path, row.line, row.serialisation, EXACT)
    elif row.kind == "rpc":
        _, _, method = row.address.partition("#")
        contract = f"rpc {method}"
        found = ends.methods.get(method, ())
        for service in found:
            yield Wire(service, contract, target, row.path, row.line, row.serialisation, EXACT)
    else:
        best = best_end(caller, row, ends)
        found = (best[0],) if best[0] else ()
        contract = f"{row.kind} {row.method} {best[1]}".replace("  ", " ")
        if found:
            yield Wire(
                best[0], contract, target, row.path, row.line, row.serialisation, round(best[2] * row.certainty, 4)
            )
    if not found:
        yield Wire(None, contract, target, row.path, row.line, row.serialisation, NOBODY)


def best_end(caller: str, row: Outgoing, ends: Ends) -> tuple[str | None, str, float]:
    """(service or None, path or address, confidence) of an HTTP call: by host, else by variable, else by a telling route."""
    best: tuple[str | None, str, float] = (None, ENV.sub(lambda m: m[2] or f"${m[1]}", row.address) or "{}", 0.0)
    for address, certainty in addresses_of(row.address, ends):
        match = URL.match(address)
        if match is None:
            continue
        host, path = match[1], match[2] or "/"
        for service in ends.names.get(plain(inner_name(host, ends.spaces)), ()):
            route = route_of(path, ends.routes.get(service, ()))
            confidence = certainty if route else certainty - NO_ROUTE
            if confidence > best[2]:
                best = (service, route.detail if route else path, round(confidence, 4))
    if best[0] is None and row.address.startswith(("{}", "/", "${")):
        path = re.sub(r"^(\{\}|\$\{[^}]*\})+", "", row.address)
        hits = [
            (s, e)
            for s, rows in sorted(ends.routes.items())
            if s != caller
            for e in [route_of(path, rows)]
            if e is not None and is_telling(e.detail)
        ]
        if len({s for s, _ in hits}) == 1:
            return hits[0][0], hits[0][1].detail, BY_ROUTE
    return best


def addresses_of(address: str, ends: Ends) -> Iterator[tuple[str, float]]:
    """(address without variables, certainty): as manifests set them, by their defaults, by their names."""
    match = ENV.search(address)
    if match is None:
        yield address, EXACT
        return
    for value in ends.variables.get(match[1], ()):
        yield ENV.sub("{}", address.replace(match[0], value, 1)), EXACT
    if match[2]:
        yield ENV.sub("{}", address.replace(match[0], match[2], 1)), EXACT
    word = match[1]
    while SUFFIX.search(word):
        word = SUFFIX.sub("", word)
        for name in (
            word.lower().replace("_", "-"),
            word.lower().replace("_", ""),
            f"{word.lower().replace('_', '-')}-service",
        ):
            if name in ends.names:
                yield ENV.sub("{}", address.replace(match[0], name, 1)), BY_VARIABLE


def route_of(path: str, routes: Sequence[tuple[str, EntryPoint]]) -> EntryPoint | None:
    """The route that a path means: equal to it, or to its end (routers have prefixes). The longest, then the most literal."""
    steps = steps_of(path)
    best: tuple[tuple[int, int], EntryPoint] | None = None
    for detail, entry in routes:
        want = steps_of(detail)
        if len(want) > len(steps) or not fits(steps[len(steps) - len(want) :], want):
            continue
        rank = (len(want), sum(step != "{}" for step in want))
        if best is None or rank > best[0]:
            best = (rank, entry)
    return best[1] if best is not None and (best[0][0] or not steps) else None


@lru_cache(maxsize=16_384)
def steps_of(path: str) -> tuple[str, ...]:
    """The steps of a path or route; parameters of every framework are `{}`."""
    path = re.sub(r"\(\?P<[^)]*\)|<[^>]*>|\$\{[^}]*\}|\{[^}]*\}", "{}", path)
    path = re.sub(r"[?#].*$", "", path.removeprefix("^").removesuffix("$"))
    return tuple("{}" if "{}" in step or step.startswith(":") else step for step in path.split("/") if step)


def fits(have: Sequence[str], want: Sequence[str]) -> bool:
    return all(b == "{}" or a == b for a, b in zip(have, want, strict=True)) and (
        not want or any(b != "{}" for b in want) or have == want
    )


def is_telling(route: str) -> bool:
    """Whether a route alone can name its service: two literal steps at least."""
    return sum(step != "{}" for step in steps_of(route)) >= 2


def table_wires(services: Sequence[Service], program: Program) -> Iterator[tuple[str, str, Wire]]:
    """(writer, reader, wire) of each table that one service writes and another reads, at the writer's first place."""
    places: dict[str, list[tuple[int, str, int]]] = {}
    for use in program.data:
        if use.kind == "table" and use.access == "write":
            places.setdefault(use.name, []).append((use.function, use.path, use.line))
    by_id = {service.id: service for service in services}
    reading = {(s.id, row.name) for s in services for row in s.data if row.kind == "table" and row.reads}
    for service in services:
        reached, count = set(service.functions), 0
        for row in service.data:
            site = min(
                (place for place in places.get(row.name, ()) if place[0] in reached),
                key=lambda p: (p[1], p[2]),
                default=None,
            )
            if row.kind != "table" or not row.writes or site is None:
                continue
            for other in row.also:
                if other in by_id and (other, row.name) in reading and count < MAX_TABLE_WIRES:
                    count += 1
                    target = program.functions[site[0]].target
                    yield service.id, other, Wire(None, f"table {row.name}", target, site[1], site[2], None, EXACT)


def uncalled(service: Service, called: Iterable[Wire], scheduled: frozenset[str]) -> Iterator[Wire]:
    """Tasks, consumers and RPC methods that nobody in the repository calls: ends without a known beginning."""
    contracts = {wire.contract for wire in called}
    for entry in service.entries:
        if entry.kind in ("task", "consumer", "rpc-method") and entry.detail and entry.framework not in scheduled:
            kind = KINDS[entry.kind]
            names = {entry.target, entry.detail, entry.target.replace(":", ".")}
            if not any(f"{word} {name}" in contracts for word in (kind, "topic") for name in names):
                yield Wire(
                    None,
                    f"{kind} {entry.detail}",
                    entry.target,
                    entry.path,
                    entry.line,
                    entry.serialises or None,
                    NOBODY,
                )


def contracts_of(service: Service, scheduled: frozenset[str]) -> tuple[Contract, ...]:
    """What others can rely on, once each."""
    found = {
        Contract(KINDS[e.kind], e.detail, e.target)
        for e in service.entries
        if e.kind in KINDS and e.framework not in scheduled
    }
    return tuple(sorted(found, key=lambda c: (c.kind, c.name, c.target)))


def pickling_functions(program: Program) -> frozenset[int]:
    """Functions that write pickles themselves."""
    writing = {
        number
        for number, api in enumerate(program.apis)
        if api.serialises in ("pickle", "marshal") and api.name.rpartition(".")[2] in WRITING
    }
    return frozenset(edge.caller for edge in program.calls if edge.api in writing)
