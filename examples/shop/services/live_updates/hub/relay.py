"""redis pub/sub -> registry: every event of a channel goes to the followers of its topic."""

from __future__ import annotations

import asyncio
import json
import logging

import redis.asyncio as redis

from hub.registry import Registry

log = logging.getLogger("hub.relay")

CHANNELS = ("orders", "prices", "stock")


async def relay(registry: Registry, url: str) -> None:
    """Runs until it is cancelled; a lost connection is made again."""
    while True:
        try:
            await _listen(registry, url)
        except redis.ConnectionError as error:
            log.warning("redis is away: %s", error)
            await asyncio.sleep(1)


async def _listen(registry: Registry, url: str) -> None:
    client = redis.from_url(url, decode_responses=True)
    async with client.pubsub() as channel:
        await channel.subscribe(*CHANNELS)
        async for message in channel.listen():
            if message["type"] == "message":
                await forward(registry, message["channel"], message["data"])


async def forward(registry: Registry, channel: str, data: str) -> int:
    event = json.loads(data)
    topic = f"{channel}:{event['id']}"
    return await registry.broadcast(topic, json.dumps({"topic": topic, "event": event}))
