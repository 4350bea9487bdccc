"""Entry of the edge gateway: the only process that browsers and the mobile app talk to."""

from __future__ import annotations

import logging
import os

from aiohttp import web
from gateway.app import make_app


def main() -> None:
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"))
    web.run_app(make_app(), port=int(os.environ.get("PORT", "8080")))


if __name__ == "__main__":
    main()
