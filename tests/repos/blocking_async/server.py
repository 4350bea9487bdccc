"""Routes that hold the event loop, and one that does not."""

import asyncio
import subprocess

import lookup
from aiohttp import web


async def direct(request: web.Request) -> web.Response:
    return web.json_response(lookup.fetch(request.query["name"]))


async def deep(request: web.Request) -> web.Response:
    return web.json_response(lookup.Cached().get(request.query["name"]))


async def handed(request: web.Request) -> web.Response:
    return web.json_response(await asyncio.to_thread(lookup.fetch, request.query["name"]))


async def shell(request: web.Request) -> web.Response:
    return web.Response(text=subprocess.check_output(["uptime"], text=True))


def make_app() -> web.Application:
    app = web.Application()
    app.router.add_get("/direct", direct)
    app.router.add_get("/deep", deep)
    app.router.add_get("/handed", handed)
    app.router.add_get("/shell", shell)
    return app


if __name__ == "__main__":
    web.run_app(make_app())
