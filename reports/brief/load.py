"""A load run against one route on loopback: how many requests a second, and how long the slow ones take. Standard library only.

    python load.py http://127.0.0.1:8000/route [--seconds 20] [--connections 32] [--method GET] [--body FILE]

Run it against Python and against the port, on the same machine, one after the other, with the same upstreams (or the same stand-ins).
"""

import argparse
import http.client
import json
import threading
import time
import urllib.parse
from pathlib import Path


def main():
    options = arguments()
    url = urllib.parse.urlsplit(options.url)
    if url.hostname not in ("127.0.0.1", "localhost", "::1") and not options.elsewhere:
        raise SystemExit("load.py: only loopback; --elsewhere if the machine behind the URL is yours to load")
    body = Path(options.body).read_bytes() if options.body else None
    waits, failures, lock = [], [], threading.Lock()
    end = time.monotonic() + options.seconds
    workers = [
        threading.Thread(target=drive, args=(url, options.method, body, end, waits, failures, lock))
        for _ in range(options.connections)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    waits.sort()
    row = {
        "requests_per_second": round(len(waits) / options.seconds, 1),
        "answers": len(waits),
        "failures": len(failures),
    }
    for share in (50, 95, 99):
        row[f"p{share}_ms"] = round(waits[min(len(waits) - 1, len(waits) * share // 100)] * 1000, 2) if waits else None
    print(json.dumps(row))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--method", default="GET")
    parser.add_argument("--body", help="a file with a JSON body")
    parser.add_argument("--elsewhere", action="store_true")
    return parser.parse_args()


def drive(url, method, body, end, waits, failures, lock):
    """One connection, kept open, one request after the other until the end."""
    connection = http.client.HTTPConnection(url.hostname, url.port or 80, timeout=10)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = {"Content-Type": "application/json"} if body else {}
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            answer.read()
            with lock:
                (waits if answer.status < 500 else failures).append(time.monotonic() - began)
        except (OSError, http.client.HTTPException):
            with lock:
                failures.append(time.monotonic() - began)
            connection.close()


if __name__ == "__main__":
    main()
