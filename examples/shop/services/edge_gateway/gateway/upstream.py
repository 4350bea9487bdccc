"""Calls to the services behind the gateway. Each answers a dict, or a stated substitute when it is down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp

log = logging.getLogger("gateway.upstream")

RETRIES = 2


async def get_json(session: aiohttp.ClientSession, url: str, params: Mapping[str, str] | None = None) -> Any:
    """The body of a 200 answer; two more attempts on a broken connection."""
    for attempt in range(RETRIES + 1):
        try:
            async with session.get(url, params=params) as response:
                response.raise_for_status()
                return await response.json()
        except aiohttp.ClientConnectionError:
            if attempt == RETRIES:
                raise
            await asyncio.sleep(0.05 * 2**attempt)
    return None


async def post_json(session: aiohttp.ClientSession, url: str, body: Mapping[str, Any]) -> Any:
    async with session.post(url, json=body) as response:
        response.raise_for_status()
        return await response.json()


async def or_default(answer: Any, default: Any, name: str) -> Any:
    """Wait for `answer`; a failing upstream costs its part of the page only."""
    try:
        return await answer
    except (aiohttp.ClientError, TimeoutError) as error:
        log.warning("%s is down: %s", name, error)
        return default
