"""One route of a service -> the nginx snippet that diverts it to the port and the line that brings it back."""

from __future__ import annotations

import re

from readiness.report.dossier import HEALTH
from readiness.types.brief import Operation


def first_route(operations: tuple[Operation, ...]) -> Operation | None:
    """The route to begin with: it reads (GET), takes the fewest parameters, and is no health check; ties by name."""
    reads = [o for o in operations if o.method == "get" and not HEALTH.search(o.route)]
    return min(reads, key=lambda o: (len(o.parameters), o.route), default=None)


def nginx(name: str, operation: Operation | None) -> str:
    """A `location` for the route alone; everything else stays with Python."""
    upstream = re.sub(r"\W+", "_", name) or "service"
    if operation is None:
        return f"# TODO: {upstream} has no route that only reads; divert a queue or a consumer group instead (see BRIEF.md).\n"
    pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(operation.route))
    return f"""# Diverts {operation.method.upper()} {safe(operation.route)} ({safe(operation.path)}:{operation.line}) to the port; the rest stays with Python.
# Back: set the share to 0, or delete the location, and reload.
upstream {upstream}_python {{ server 127.0.0.1:8000; }}
upstream {upstream}_go     {{ server 127.0.0.1:8080; }}

split_clients "$request_id" ${upstream}_share {{
    1%      {upstream}_go;      # 1 % first; then 10, 50, 100
    *       {upstream}_python;
}}
map $request_method ${upstream}_target {{
    {operation.method.upper():<7} ${upstream}_share;
    default {upstream}_python;  # the route's other methods are not ported
}}

server {{
    listen 80;
    location ~ ^{safe(pattern)}$ {{
        proxy_pass http://${upstream}_target;
        proxy_set_header Host $host;
        proxy_set_header X-Request-Id $request_id;
    }}
    location / {{
        proxy_pass http://{upstream}_python;
        proxy_set_header Host $host;
    }}
}}
"""


def safe(text: str) -> str:
    """Text of the repository in a configuration file: nothing that ends a line, a block or a quoted text."""
    return re.sub(r"[\x00-\x20;{}\"'#`$\u0080-\uffff]", "_", text)[:200]
