"""Who listens to what. One registry per process; every connection may follow many topics."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass, field

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

log = logging.getLogger("hub.registry")


@dataclass
class Registry:
    followers: dict[str, set[ServerConnection]] = field(default_factory=lambda: defaultdict(set))
    topics: dict[ServerConnection, set[str]] = field(default_factory=lambda: defaultdict(set))
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def follow(self, connection: ServerConnection, topic: str) -> None:
        async with self.lock:
            self.followers[topic].add(connection)
            self.topics[connection].add(topic)

    async def unfollow(self, connection: ServerConnection, topic: str) -> None:
        async with self.lock:
            self.followers[topic].discard(connection)
            self.topics[connection].discard(topic)
            if not self.followers[topic]:
                del self.followers[topic]

    async def drop(self, connection: ServerConnection) -> None:
        for topic in sorted(self.topics.get(connection, ())):
            await self.unfollow(connection, topic)
        self.topics.pop(connection, None)

    async def broadcast(self, topic: str, message: str) -> int:
        """Send to all followers of `topic` at once; the number that got it."""
        targets = list(self.followers.get(topic, ()))
        answers = await asyncio.gather(*(self._send(target, message) for target in targets))
        return sum(answers)

    async def _send(self, connection: ServerConnection, message: str) -> bool:
        try:
            async with asyncio.timeout(5):
                await connection.send(message)
            return True
        except (ConnectionClosed, TimeoutError):
            log.info("dropping %s", connection.remote_address)
            await self.drop(connection)
            return False

    def __len__(self) -> int:
        return len(self.topics)
