"""Load for the gateway, run by hand before a release. Not a service.

python tools/load_generator.py http://localhost:8080 --clients 200 --seconds 60
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time

import aiohttp

PATHS = ("/home", "/search?q=lamp", "/catalog/products")


async def visit(session: aiohttp.ClientSession, base: str, until: float, times: list[float]) -> None:
    turn = 0
    while time.monotonic() < until:
        started = time.monotonic()
        async with session.get(base + PATHS[turn % len(PATHS)]) as response:
            await response.read()
        times.append(time.monotonic() - started)
        turn += 1


async def run(base: str, clients: int, seconds: float) -> None:
    times: list[float] = []
    until = time.monotonic() + seconds
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(visit(session, base, until, times) for _ in range(clients)))
    print(f"{len(times)} requests, median {statistics.median(times) * 1000:.0f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    asyncio.run(run(arguments.base, arguments.clients, arguments.seconds))
