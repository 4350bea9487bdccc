"""The routes. Every one of them waits for other services and does next to nothing itself."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import aiohttp
from aiohttp import web
from shoplib.settings import Upstreams

from gateway.keys import SESSION, SETTINGS
from gateway.upstream import get_json, or_default, post_json

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


def _parts(request: web.Request) -> tuple[aiohttp.ClientSession, Upstreams]:
    return request.app[SESSION], request.app[SETTINGS].upstreams


async def health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def home(request: web.Request) -> web.Response:
    """The front page: four upstreams at once."""
    session, up = _parts(request)
    visitor = request.cookies.get("visitor", "anonymous")
    newest, popular, picks, offers = await asyncio.gather(
        or_default(get_json(session, f"{up.catalog}/products", {"sort": "newest"}), [], "catalog"),
        or_default(get_json(session, f"{up.catalog}/products", {"sort": "popular"}), [], "catalog"),
        or_default(get_json(session, f"{up.reco}/recommend/{visitor}"), [], "reco"),
        or_default(get_json(session, f"{up.billing}/offers"), [], "billing"),
    )
    return web.json_response({"newest": newest, "popular": popular, "picks": picks, "offers": offers})


async def product(request: web.Request) -> web.Response:
    session, up = _parts(request)
    sku = request.match_info["sku"]
    details, stock, similar = await asyncio.gather(
        get_json(session, f"{up.catalog}/products/{sku}"),
        or_default(get_json(session, f"{up.inventory}/{sku}"), {"stock": None}, "inventory"),
        or_default(get_json(session, f"{up.reco}/similar/{sku}"), [], "reco"),
    )
    return web.json_response({**details, "stock": stock["stock"], "similar": similar})


async def search(request: web.Request) -> web.Response:
    """Search, then one call per hit for its stock, all at once."""
    session, up = _parts(request)
    hits = await get_json(session, f"{up.catalog}/search", {"q": request.query.get("q", "")})
    stocks = await asyncio.gather(*(get_json(session, f"{up.inventory}/{hit['sku']}") for hit in hits))
    return web.json_response([{**hit, "stock": stock["stock"]} for hit, stock in zip(hits, stocks, strict=True)])


async def price_basket(request: web.Request) -> web.Response:
    session, up = _parts(request)
    basket: dict[str, Any] = await request.json()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(get_json(session, f"{up.catalog}/products/{sku}")) for sku in basket["skus"]]
        offers = group.create_task(get_json(session, f"{up.billing}/offers"))
    products = [task.result() for task in tasks]
    return web.json_response({"total": str(total(products, offers.result())), "lines": products})


def total(products: list[dict[str, Any]], offers: list[dict[str, Any]]) -> Decimal:
    percent = {offer["sku"]: Decimal(offer["percent"]) for offer in offers}
    return sum(
        (Decimal(p["price"]) * (100 - percent.get(p["sku"], Decimal(0))) / 100 for p in products),
        start=Decimal(0),
    )


async def checkout(request: web.Request) -> web.Response:
    session, up = _parts(request)
    order: dict[str, Any] = await request.json()
    receipt = await post_json(session, f"{up.billing}/charges", order)
    return web.json_response(receipt, status=201)


async def proxy_catalog(request: web.Request) -> web.StreamResponse:
    """Pass a request on as it is and stream the answer back."""
    session, up = _parts(request)
    headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
    url = f"{up.catalog}/{request.match_info['tail']}"
    async with session.request(request.method, url, headers=headers, data=request.content) as upstream:
        response = web.StreamResponse(status=upstream.status)
        response.content_type = upstream.content_type
        await response.prepare(request)
        async for chunk in upstream.content.iter_chunked(65536):
            await response.write(chunk)
        await response.write_eof()
        return response
