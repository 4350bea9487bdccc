"""Typed keys of what the application carries."""

from __future__ import annotations

import aiohttp
from aiohttp import web
from shoplib.settings import Settings

SESSION: web.AppKey[aiohttp.ClientSession] = web.AppKey("session", aiohttp.ClientSession)
SETTINGS: web.AppKey[Settings] = web.AppKey("settings", Settings)
