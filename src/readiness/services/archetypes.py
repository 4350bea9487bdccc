"""A process's role, entries, libraries and effects -> its archetypes, the best first. Fingerprints only; no name of a project counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from readiness.types.program import Effect, EntryPoint

WORK = frozenset({"task", "consumer", "lambda"})


def archetypes_of(
    role: str,
    entries: Sequence[EntryPoint],
    families: Collection[str],
    effects: Sequence[Effect],
    is_packaged: bool,
    edited: float = 0.0,
) -> tuple[str, ...]:
    """All archetypes that fit, the one that decides first.

    `families`: what its libraries are for, as their pages say; `effects` of its functions; `edited`: admin classes per table of its own.
    """
    kinds = {entry.kind for entry in entries}
    direct = [kind for effect in effects for kind in effect.direct]
    is_admin = role == "monitor" or "admin" in families or admin_share(entries) >= 0.5
    marks = (
        ("scheduler", role == "scheduler"),
        ("daemon", role == "operator"),
        ("ml", "model" in families),
        ("pipeline", role == "dag" or (bool({"frames", "orchestrator"} & {*families}) and "http-route" not in kinds)),
        ("admin", is_admin or (edited >= 0.5 and role == "web")),
        ("realtime", "websocket" in kinds and role != "worker"),
        ("rpc", "rpc-method" in kinds or role == "rpc"),
        ("worker", role == "worker" or (bool(WORK & kinds) and role != "web")),
        (web_kind(direct), role == "web" or "http-route" in kinds),
        ("crawler", "scraper" in families and "network" in direct and role == "process"),
    )
    found = tuple(name for name, fits in marks if fits)
    return found or (plain_kind(role, families, direct, is_packaged),)


def web_kind(direct: Sequence[str]) -> str:
    """A web server that asks more peers than tables is a gateway."""
    return "gateway" if direct.count("network") > direct.count("database") else "crud-api"


def plain_kind(role: str, families: Collection[str], direct: Sequence[str], is_packaged: bool) -> str:
    """What serves nothing that could be told: a tool at a prompt or a process that stays."""
    is_tool = role != "command" and "command-line" in families and not direct
    return "cli" if is_packaged or is_tool else "daemon"


def admin_share(entries: Sequence[EntryPoint]) -> float:
    """Share of routes under an admin path."""
    routes = [entry.detail.lower() for entry in entries if entry.kind == "http-route"]
    return sum("admin" in route for route in routes) / len(routes) if routes else 0.0
