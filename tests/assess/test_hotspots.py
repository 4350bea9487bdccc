"""Source in, hotspots out: which functions are hot, by which signs, on which lines."""

from __future__ import annotations

from readiness.extract import extract
from readiness.scan import analyse
from readiness.types.config import Config
from readiness.types.report import FunctionRow
from tests.programs import shipped_rulebook, tree_of

SERVER = """\
import asyncio
import threading
import fastapi
import httpx
import requests

app = fastapi.FastAPI()
client = httpx.AsyncClient()
lock = threading.Lock()


def load(url):
    return requests.get(url)


@app.get("/one")
async def one(url):
    return load(url)


@app.get("/many")
async def many(urls):
    return await asyncio.gather(*(client.get(url) for url in urls))


@app.get("/each")
def each(urls):
    for url in urls:
        load(url)


@app.get("/locked")
def locked(url):
    with lock:
        return load(url)


@app.get("/plain")
def plain(a):
    return sorted(a)


@app.get("/retry")
def retry(url):
    for attempt in range(3):
        try:
            return load(url)
        except OSError:
            pass


def main():
    with open("server.pid", "w") as file:
        file.write("1")
    threading.Thread(target=watch).start()


def watch():
    while True:
        print("still here")


if __name__ == "__main__":
    main()
"""


def functions(code: str) -> dict[str, FunctionRow]:
    report = analyse(tree_of({"app.py": code}), {"app.py": extract(code.encode())}, shipped_rulebook(), Config())
    return {row.qualname: row for row in report.functions}


def signs(row: FunctionRow) -> dict[str, int]:
    return {sign.signal: sign.line for sign in row.hotspot_signs}


def test_each_sign_stands_on_its_line() -> None:
    found = functions(SERVER)
    assert signs(found["one"])["blocking"] == 18  # the helper on the event loop
    assert signs(found["load"])["blocking"] == 13
    assert signs(found["many"])["fanout"] == 23
    assert signs(found["each"])["loop"] == 29
    assert signs(found["locked"])["narrow"] == 35


def test_what_repeats_or_only_starts_is_not_hot() -> None:
    found = functions(SERVER)
    assert "loop" not in signs(found["retry"])
    assert found["plain"].hotspot == 0  # no I/O
    assert found["main"].hotspot == 0  # it starts a thread that waits for nobody, and writes a local file
    assert found["watch"].hotspot == 0


def test_factors_make_the_score() -> None:
    for row in functions(SERVER).values():
        left = 1.0
        for sign in row.hotspot_signs:
            left *= 1 - sign.share
        if row.hotspot_signs:
            assert abs(100 * (1 - left) - (row.hotspot or 0)) < 0.1
            assert [sign.share for sign in row.hotspot_signs] == sorted(
                (s.share for s in row.hotspot_signs), reverse=True
            )


def test_a_blocked_loop_is_hotter_than_one_call_in_a_handler() -> None:
    found = functions(SERVER)
    assert (found["one"].hotspot or 0) > (found["retry"].hotspot or 0) > 0
