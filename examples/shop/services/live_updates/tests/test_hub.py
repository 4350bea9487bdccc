"""The hub with connections that only remember what was sent to them."""

import asyncio
import json

import pytest
from hub import server
from hub.registry import Registry
from hub.relay import forward
from websockets.exceptions import ConnectionClosed


class Tab:
    remote_address = ("127.0.0.1", 1)

    def __init__(self, is_closed=False):
        self.sent = []
        self.is_closed = is_closed

    async def send(self, message):
        if self.is_closed:
            raise ConnectionClosed(None, None)
        self.sent.append(json.loads(message))


@pytest.fixture
def registry(monkeypatch):
    fresh = Registry()
    monkeypatch.setattr(server, "registry", fresh)
    return fresh


async def test_a_follower_gets_the_event(registry):
    tab = Tab()
    await server.answer(tab, json.dumps({"do": "follow", "topic": "orders:7"}))
    assert await forward(registry, "orders", json.dumps({"id": 7, "status": "paid"})) == 1
    assert tab.sent[-1] == {"topic": "orders:7", "event": {"id": 7, "status": "paid"}}


async def test_others_get_nothing(registry):
    tab = Tab()
    await registry.follow(tab, "orders:8")
    assert await forward(registry, "orders", json.dumps({"id": 7})) == 0
    assert tab.sent == []


async def test_a_closed_tab_is_dropped(registry):
    tab = Tab(is_closed=True)
    await registry.follow(tab, "prices:A1")
    assert await registry.broadcast("prices:A1", "{}") == 0
    assert len(registry) == 0


async def test_unfollow_forgets_the_topic(registry):
    tab = Tab()
    await registry.follow(tab, "prices:A1")
    await server.answer(tab, json.dumps({"do": "unfollow", "topic": "prices:A1"}))
    assert "prices:A1" not in registry.followers


async def test_nonsense_is_answered(registry):
    tab = Tab()
    await server.answer(tab, "nonsense")
    assert tab.sent == [{"error": "expected {do, topic}"}]


async def test_many_tabs_at_once(registry):
    tabs = [Tab() for _ in range(500)]
    await asyncio.gather(*(registry.follow(tab, "stock:A1") for tab in tabs))
    assert await registry.broadcast("stock:A1", json.dumps({"stock": 1})) == 500
