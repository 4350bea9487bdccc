"""The websocket server: one coroutine per browser tab, open for hours."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal

from shoplib.settings import load
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from hub.registry import Registry
from hub.relay import relay

log = logging.getLogger("hub")

registry = Registry()
MAX_TOPICS = 200


async def handle(connection: ServerConnection) -> None:
    """Read the tab's wishes until it goes away."""
    try:
        async for raw in connection:
            await answer(connection, raw)
    except ConnectionClosed:
        pass
    finally:
        await registry.drop(connection)


async def answer(connection: ServerConnection, raw: str | bytes) -> None:
    try:
        wish = json.loads(raw)
        verb, topic = wish["do"], wish["topic"]
    except (ValueError, KeyError, TypeError):
        await connection.send(json.dumps({"error": "expected {do, topic}"}))
        return
    if verb == "follow" and len(registry.topics[connection]) < MAX_TOPICS:
        await registry.follow(connection, topic)
        await connection.send(json.dumps({"following": topic}))
    elif verb == "unfollow":
        await registry.unfollow(connection, topic)
    else:
        await connection.send(json.dumps({"error": f"cannot {verb}"}))


async def report(seconds: float = 30.0) -> None:
    while True:
        await asyncio.sleep(seconds)
        log.info("%d open connections, %d topics", len(registry), len(registry.followers))


async def main() -> None:
    logging.basicConfig(level=logging.INFO)
    stop = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set_result, None)
    port = int(os.environ.get("PORT", "8765"))
    async with serve(handle, "0.0.0.0", port, max_queue=64, ping_interval=20):
        background = [asyncio.create_task(relay(registry, load().redis_url)), asyncio.create_task(report())]
        await stop
        for task in background:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
