"""What every request passes: timing, errors as JSON, the caller's token."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger("gateway")
PUBLIC = frozenset({"/healthz", "/home", "/search"})


@web.middleware
async def timing(request: web.Request, handler: Handler) -> web.StreamResponse:
    started = time.perf_counter()
    response = await handler(request)
    response.headers["Server-Timing"] = f"total;dur={(time.perf_counter() - started) * 1000:.1f}"
    return response


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except TimeoutError:
        return web.json_response({"error": "an upstream did not answer in time"}, status=504)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return web.json_response({"error": "internal error"}, status=500)


@web.middleware
async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.path in PUBLIC or request.path.startswith("/catalog/"):
        return await handler(request)
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not is_valid(token):
        raise web.HTTPUnauthorized(text="token missing or wrong")
    return await handler(request)


def is_valid(token: str) -> bool:
    """A token is `customer.signature`."""
    customer, _, signature = token.partition(".")
    return hmac.compare_digest(sign(customer), signature)


def sign(customer: str) -> str:
    secret = os.environ.get("TOKEN_KEY", "development").encode()
    return hmac.new(secret, customer.encode(), hashlib.sha256).hexdigest()
