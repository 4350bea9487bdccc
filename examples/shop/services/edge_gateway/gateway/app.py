"""The application: its routes, its client session, its clean-up."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web
from shoplib.settings import Settings, load

from gateway import handlers
from gateway.keys import SESSION, SETTINGS
from gateway.middleware import authenticate, errors, timing


async def client_session(app: web.Application) -> AsyncIterator[None]:
    """One pooled client for all upstreams."""
    timeout = aiohttp.ClientTimeout(total=app[SETTINGS].timeout)
    connector = aiohttp.TCPConnector(limit=400, limit_per_host=100)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        app[SESSION] = session
        yield


def make_app(settings: Settings | None = None) -> web.Application:
    app = web.Application(middlewares=[timing, errors, authenticate])
    app[SETTINGS] = settings or load()
    app.cleanup_ctx.append(client_session)
    app.router.add_get("/healthz", handlers.health)
    app.router.add_get("/home", handlers.home)
    app.router.add_get("/products/{sku}", handlers.product)
    app.router.add_get("/search", handlers.search)
    app.router.add_post("/baskets/price", handlers.price_basket)
    app.router.add_post("/checkout", handlers.checkout)
    app.router.add_route("*", "/catalog/{tail:.*}", handlers.proxy_catalog)
    return app
