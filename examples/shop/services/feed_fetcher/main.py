"""Entry of the feed fetcher: reads the price feeds of 400 suppliers every ten minutes."""

from __future__ import annotations

import logging
import os
import time

from feeds.fetch import fetch_all
from feeds.sources import load_sources
from feeds.store import store_offers

log = logging.getLogger("feeds")


def round_trip() -> int:
    sources = load_sources(os.environ.get("SOURCES", "sources.json"))
    stored = 0
    for feed in fetch_all(sources, workers=int(os.environ.get("WORKERS", "64"))):
        stored += store_offers(feed.source.name, feed.offers)
    return stored


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    pause = float(os.environ.get("PAUSE", "600"))
    while True:
        started = time.monotonic()
        log.info("%d offers stored in %.1f s", round_trip(), time.monotonic() - started)
        time.sleep(pause)


if __name__ == "__main__":
    main()
