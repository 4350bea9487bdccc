"""A process's role, entries, imports and effects -> its archetypes, the best first. Fingerprints only; no name of a project counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from readiness.types.program import Effect, EntryPoint

ML = frozenset(
    {
        "torch",
        "tensorflow",
        "transformers",
        "onnxruntime",
        "sklearn",
        "keras",
        "jax",
        "xgboost",
        "lightgbm",
        "vllm",
        "spacy",
    }
)
FRAMES = frozenset({"pandas", "pyspark", "polars", "dask", "airflow", "dbt", "prefect", "dagster", "luigi", "pyarrow"})
CRAWLING = frozenset({"scrapy", "bs4", "lxml", "feedparser", "selectolax", "parsel", "defusedxml"})
ADMIN = frozenset({"streamlit", "flask_admin", "sqladmin", "starlette_admin", "gradio", "dash", "nicegui"})
COMMANDS = frozenset({"click", "typer", "argparse", "fire", "docopt"})


def archetypes_of(
    role: str,
    entries: Sequence[EntryPoint],
    imports: Collection[str],
    effects: Sequence[Effect],
    is_packaged: bool,
    edited: float = 0.0,
) -> tuple[str, ...]:
    """All archetypes that fit, the one that decides first.

    `imports` are top-level names; `effects` of its functions; `edited`: admin classes per table of its own.
    """
    kinds = {entry.kind for entry in entries}
    direct = [kind for effect in effects for kind in effect.direct]
    found: list[str] = []
    if role == "scheduler":
        found.append("scheduler")
    if role == "operator":
        found.append("daemon")
    if ML & set(imports):
        found.append("ml")
    if role == "dag" or (FRAMES & set(imports) and "http-route" not in kinds):
        found.append("pipeline")
    if role == "monitor" or ADMIN & set(imports) or admin_share(entries) >= 0.5 or (edited >= 0.5 and role == "web"):
        found.append("admin")
    if "websocket" in kinds and role != "worker":
        found.append("realtime")
    if "rpc-method" in kinds or role == "rpc":
        found.append("rpc")
    if role == "worker" or ({"task", "consumer", "lambda"} & kinds and role != "web"):
        found.append("worker")
    if role == "web" or "http-route" in kinds:
        is_fan_out = direct.count("network") > direct.count("database")
        found.append("gateway" if is_fan_out else "crud-api")
    if CRAWLING & set(imports) and direct.count("network") and role == "process":
        found.append("crawler")
    if is_packaged and not found:
        found.append("cli")
    if not found and role == "command":
        found.append("daemon")
    if not found:
        found.append("cli" if COMMANDS & set(imports) and not direct else "daemon")
    return tuple(dict.fromkeys(found))


def admin_share(entries: Sequence[EntryPoint]) -> float:
    """Share of routes under an admin path."""
    routes = [entry.detail.lower() for entry in entries if entry.kind == "http-route"]
    return sum("admin" in route for route in routes) / len(routes) if routes else 0.0
