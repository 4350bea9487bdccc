"""a folder of fact tables -> rules/libraries/*.md and rules/go-equivalents.tsv, mechanically. Never overwrites a page that is there.

Run once per new table: `python tools/import_knowledge.py FOLDER rules`. Every word of the tables is mapped onto the
report's vocabulary below; a word that is in no table here stops the import. Pages are corrected and extended by hand.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Row = Mapping[str, str]

KINDS = {
    "network": "http-client http-server websocket cloud-sdk socket email socket-server rpc ssh saas-api llm-api grpc "
    "coordination browser poll k8s telemetry log-network ldap ipc ftp crawler container workflow soap graphql snmp secrets",
    "database": "db-sql db-nosql search db-vector",
    "filesystem": "filesystem terminal",
    "broker": "broker",
    "cache": "cache",
    "subprocess": "subprocess",
    "dns": "dns",
    "sleep": "sleep scheduler",
}
KIND_OF = {word: kind for kind, words in KINDS.items() for word in words.split()}
LATENCY_OF = {
    "cache": "cache", "db": "db", "disk": "local", "local": "local", "long": "long", "rpc": "rpc", "stream": "long",
    "wan": "wan",
}  # fmt: skip
# "" is a word without a concurrency construct of its own: it becomes a tag
CONSTRUCTS = {
    "task": "task-spawn background-task deferred timer scheduler shield",
    "fan-out": "gather as-completed pool-map job-fanout stream-merge nursery",
    "thread": "thread-offload thread-spawn thread-join",
    "process": "process-spawn fork process-offload shared-memory",
    "pool": "pool pool-submit interpreter-pool",
    "lock": "lock rlock condition",
    "queue": "queue channel ipc-queue job-spawn",
    "semaphore": "semaphore limiter rate-limit",
    "event": "event future",
    "timeout": "timeout",
    "greenlet": "greenlet-spawn monkey-patch",
    "": "loop-run context-local retry cancel signal thread-local",
}
CONSTRUCT_OF = {word: construct for construct, words in CONSTRUCTS.items() for word in words.split()}
# None: what the word says is read elsewhere (tests, settings, schemas) and is no entry point
ENTRY_OF = {
    "http-route": "http-route", "graphql-resolver": "http-route", "dashboard": "http-route", "ml-serving": "http-route",
    "websocket": "websocket", "rpc-method": "rpc-method", "task": "task", "workflow": "task", "pipeline-step": "task",
    "crawler": "task", "consumer": "consumer", "controller": "consumer", "cron": "schedule", "dag": "schedule",
    "cli-command": "cli", "lambda": "lambda", "app-object": "app", "router": "router", "middleware": "other",
    "event-handler": "other", "socket-server": "other", "admin": "other", "lifecycle": "other", "task-enqueue": None,
    "config": None, "test": None, "schema": None, "orm-model": None, "load-test": None, "dependency": None, "client": None,
}  # fmt: skip
FORM_OF = {
    "decorator": "decorator", "call": "call", "class": "base-class", "class+call": "base-class", "instance": "instance",
    "string-config": None, "name": None, "method": None, "function": None, "default-arg": None, "attribute": None,
}  # fmt: skip
# classes whose constructor itself waits; every other class row is a client object that waits in its methods
CONNECTS = frozenset(
    [
        "subprocess.Popen",
        "tempfile.NamedTemporaryFile",
        "tempfile.TemporaryFile",
        "tempfile.TemporaryDirectory",
        "zipfile.ZipFile",
        "logging.FileHandler",
        "logging.handlers.RotatingFileHandler",
        "smtplib.SMTP",
        "smtplib.SMTP_SSL",
        "imaplib.IMAP4",
        "imaplib.IMAP4_SSL",
        "poplib.POP3",
        "poplib.POP3_SSL",
        "ftplib.FTP",
        "ftplib.FTP_TLS",
        "multiprocessing.connection.Client",
        "multiprocessing.connection.Listener",
        "pymysql.connect",
        "pika.BlockingConnection",
        "kafka.KafkaConsumer",
        "kafka.KafkaProducer",
        "kafka.KafkaAdminClient",
        "websockets.connect",
        "websockets.asyncio.client.connect",
        "selenium.webdriver.Chrome",
        "selenium.webdriver.Firefox",
        "selenium.webdriver.Remote",
        "pexpect.spawn",
        "psycopg2.pool.SimpleConnectionPool",
        "psycopg2.pool.ThreadedConnectionPool",
        "ldap3.Connection",
        "zeep.Client",
        "suds.client.Client",
    ]
)
HTTP_METHODS = ["get", "post", "put", "patch", "delete", "head", "options"]
# distributions whose import name is another one than their functions' first part
IMPORTS = {"google-cloud-storage": "google.cloud.storage", "google-cloud-bigquery": "google.cloud.bigquery",
           "google-cloud-firestore": "google.cloud.firestore", "gcloud-pubsub": "google.cloud.pubsub_v1"}  # fmt: skip
RENAMED = {"gcloud-pubsub": "google-cloud-pubsub", "distribution": ""}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="io_apis.tsv, concurrency_apis.tsv, frameworks.tsv, go_equivalents.tsv"
    )
    parser.add_argument("rules", type=Path, help="the rules folder to write into")
    chosen = parser.parse_args()
    pages = import_tables(chosen.folder)
    go = {_plain(row["distribution"]): row for row in _rows(chosen.folder / "go_equivalents.tsv")}
    out = chosen.rules / "libraries"
    out.mkdir(parents=True, exist_ok=True)
    for name, page in sorted(pages.items()):
        path = out / f"{name}.md"
        if not path.exists():
            path.write_text(page_text(name, page, go.get(_plain(name))), encoding="utf-8")
    (chosen.rules / "go-equivalents.tsv").write_text(_counterparts(go, out), encoding="utf-8")


def import_tables(folder: Path) -> dict[str, dict[str, Any]]:
    """Page name -> {apis: name -> keys, entries, clients, remedies, imports}."""
    pages: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"apis": {}, "entries": [], "clients": set(), "remedies": [], "imports": set()}
    )
    for row in _rows(folder / "io_apis.tsv"):
        _io(pages, row)
    for row in _rows(folder / "concurrency_apis.tsv"):
        _concurrency(pages, row)
    for row in _rows(folder / "frameworks.tsv"):
        _framework(pages, row)
    return pages


def page_text(name: str, page: Mapping[str, Any], go: Row | None) -> str:
    """The Markdown of one page."""
    stdlib = name.removeprefix("python-") in sys.stdlib_module_names and name.startswith("python-")
    title = f"{name.removeprefix('python-')} (standard library)" if stdlib else name
    lines = [f"# {title}", "", "```toml", f"distribution = {json.dumps(name.replace('-', ':', 1) if stdlib else name)}",
             f"imports = {json.dumps(sorted(page['imports']))}"]  # fmt: skip
    clients = sorted(page["clients"] - set(page["apis"]))
    if clients:
        lines.append(f"clients = {json.dumps(clients)}")
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for api, keys in sorted(page["apis"].items()):
        owner, _, last = api.rpartition(".")
        groups[owner, json.dumps(keys, sort_keys=True)].append(last)
    for (owner, text), names in sorted(groups.items()):
        lines += ["", "[[api]]", f"of = {json.dumps(owner)}", f"name = {json.dumps(names)}"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in json.loads(text).items()]
    for entry in page["entries"]:
        lines += ["", "[[entry]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
    if stdlib:
        lines += ["", "[go]", "modules = []", 'fit = "stdlib"']
    elif go:
        lines += ["", "[go]", f"modules = {json.dumps(_modules(go))}", f'fit = "{go["fit"]}"']
        lines += [f"note = {json.dumps(go['note'])}"] if go["note"] not in ("", "-") else []
    remedies = sorted(set(page["remedies"]), key=lambda word: (-page["remedies"].count(word), word))
    if remedies:
        lines += ["", "[python]", f"remedy = {json.dumps(remedies[0])}"]
    return "\n".join([*lines, "```", "", *_examples(page)]) + "\n"


def _examples(page: Mapping[str, Any]) -> list[str]:
    """One line per kind of I/O that must be found, and one near miss that must not."""
    shown: dict[str, str] = {}
    for api, keys in sorted(page["apis"].items(), key=lambda item: (item[0].count("."), item[0])):
        if "kind" in keys:
            shown.setdefault(keys["kind"], api)
    lines: list[str] = []
    for kind, api in sorted(shown.items()):
        owner, _, last = api.rpartition(".")
        module = _module(api)
        if owner == "builtins":
            code = [f"def use(*given):\n    {last}(*given)  # io: {kind}"]
        elif owner == module:
            code = [f"import {module}\n\n\ndef use(*given):\n    {api}(*given)  # io: {kind}"]
        else:
            code = [f"import {module}\n\n\ndef use(thing: {owner}, *given):\n    thing.{last}(*given)  # io: {kind}"]
        lines += ["```py", *code, "```", ""]
    if shown:
        last = min(shown.items())[1].rpartition(".")[2]
        lines += ["```py", f"def near(thing, *given):\n    thing.{last}(*given)  # ok: nothing says what it is", "```"]
    return lines


def _module(api: str) -> str:
    parts = api.split(".")[:-1]
    while len(parts) > 1 and parts[-1][:1].isupper():
        parts.pop()
    return {"socket.socket": "socket", "builtins": "builtins"}.get(".".join(parts), ".".join(parts))


def _io(pages: dict[str, dict[str, Any]], row: Row) -> None:
    name, page = row["qualified_name"], _page(pages, row)
    if page is None:
        return
    if row["kind"] == "class" and name not in CONNECTS:
        page["clients"].add(name)
        return
    keys = {"kind": KIND_OF[row["category"]], "mode": row["mode"], "latency": LATENCY_OF[row["latency_class"]]}
    page["apis"].setdefault(name, {}).update(keys)
    if row["mode"] == "blocking" and row["async_alternative"] not in ("", "-"):
        page["remedies"].append(row["async_alternative"])


def _concurrency(pages: dict[str, dict[str, Any]], row: Row) -> None:
    name, page = row["qualified_name"], _page(pages, row)
    if page is None:
        return
    construct = CONSTRUCT_OF[row["construct"]]
    page["apis"].setdefault(name, {}).update({"construct": construct} if construct else {"tags": [row["construct"]]})


def _framework(pages: dict[str, dict[str, Any]], row: Row) -> None:
    form, kind = FORM_OF[row["form"]], ENTRY_OF[row["entry_kind"]]
    if form is None or kind is None or row["distribution"] == "-":
        return
    names = [name.strip() for name in row["qualified_patterns"].split(",")]
    names = [name for name in names if name.replace(".", "").replace("_", "").isalnum() and "." in name]
    for name in names:
        page = _page(pages, {"qualified_name": name, "distribution": row["distribution"]})
        if page is None or any(name in entry["name"] for entry in page["entries"]):
            continue
        keys = {"form": form, "kind": kind} | _place(row, form, kind)
        same = next((entry for entry in page["entries"] if {**entry, **keys} == entry), None)
        if same is None:
            page["entries"].append(keys | {"name": [name]})
        else:
            same["name"].append(name)


def _place(row: Row, form: str, kind: str) -> dict[str, Any]:
    text = row["name_or_path_from"]
    if form == "base-class":
        return {"methods": HTTP_METHODS} if kind == "http-route" else {}
    if form == "instance" or kind in ("app", "router"):
        key = text.split("=")[0]
        return {"prefix": f"kw:{key}"} if kind == "router" and key.isidentifier() else {}
    if text.startswith("arg 0"):
        handler = {"handler": "arg:1"} if form == "call" and kind in ("http-route", "other") else {}
        return {"from": "arg:0"} | handler
    return {"from": f"kw:{text.split('=')[0]}"} if "=" in text and text.split("=")[0].isidentifier() else {}


def _page(pages: dict[str, dict[str, Any]], row: Row) -> dict[str, Any] | None:
    top = row["qualified_name"].split(".")[0]
    distribution = RENAMED.get(row["distribution"], row["distribution"])
    if not distribution:
        return None
    page = pages[f"python-{top}" if distribution == "stdlib" else distribution.lower()]
    page["imports"].add(IMPORTS.get(row["distribution"], top))
    return page


def _counterparts(go: Mapping[str, Row], out: Path) -> str:
    lines = ["distribution\timports\tgo\tfit\tnote"]
    known = {_plain(path.stem) for path in out.glob("*.md")}
    for name, row in sorted(go.items()):
        if name not in known:
            imports = ";".join(part.strip() for part in row["import_names"].split(",") if part.strip()) or "-"
            note = row["note"].strip() or "-"
            lines.append(f"{row['distribution']}\t{imports}\t{';'.join(_modules(row)) or '-'}\t{row['fit']}\t{note}")
    return "\n".join(lines) + "\n"


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _modules(row: Row) -> list[str]:
    return [part.strip() for part in row["go_modules"].split(";") if part.strip() not in ("", "-")]


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


if __name__ == "__main__":
    main()
