"""A small JSON cache over redis."""

from __future__ import annotations

import json
from typing import Any

import redis

from shoplib.settings import load

PREFIX = "shop:"


def connect() -> redis.Redis:
    return redis.Redis.from_url(load().redis_url, decode_responses=True)


def get_json(client: redis.Redis, key: str) -> Any:
    raw = client.get(PREFIX + key)
    return json.loads(raw) if raw else None


def put_json(client: redis.Redis, key: str, value: Any, seconds: int = 60) -> None:
    client.setex(PREFIX + key, seconds, json.dumps(value, default=str))


def publish(client: redis.Redis, channel: str, event: dict[str, Any]) -> int:
    """Number of subscribers that got the event."""
    return int(client.publish(channel, json.dumps(event, default=str)))
