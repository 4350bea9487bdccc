"""Fetch many feeds at once. Suppliers are slow: nearly all the time is spent waiting."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import requests

from feeds.decode import Offer, decode
from feeds.sources import FeedSource

log = logging.getLogger("feeds.fetch")

_local = threading.local()
ATTEMPTS = 3


@dataclass(frozen=True)
class Feed:
    source: FeedSource
    offers: list[Offer]


def fetch_all(sources: Iterable[FeedSource], workers: int = 64) -> Iterator[Feed]:
    """The feeds in the order in which they arrive; a supplier that fails is left out."""
    with ThreadPoolExecutor(max_workers=workers) as pool:
        waiting = {pool.submit(fetch_feed, source): source for source in sources}
        for future in as_completed(waiting):
            try:
                yield future.result()
            except (requests.RequestException, ValueError) as error:
                log.warning("%s: %s", waiting[future].name, error)


def fetch_feed(source: FeedSource) -> Feed:
    offers: list[Offer] = []
    for page in range(1, source.pages + 1):
        body = download(source.url, page)
        offers.extend(decode(source.format, body))
    return Feed(source, offers)


def download(url: str, page: int) -> bytes:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            response = session().get(url, params={"page": page}, timeout=(5, 60))
            response.raise_for_status()
            return response.content
        except requests.ConnectionError:
            if attempt == ATTEMPTS:
                raise
            time.sleep(attempt)
    raise AssertionError("not reached")


def session() -> requests.Session:
    """One session per thread: sessions are not safe to share."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
        _local.session.headers["User-Agent"] = "shop-feeds/2"
    return _local.session


def check(sources: Iterable[FeedSource]) -> dict[str, int]:
    """Status code per supplier."""
    listed = list(sources)
    with ThreadPoolExecutor(max_workers=32) as pool:
        codes = pool.map(lambda source: requests.head(source.url, timeout=5).status_code, listed)
        return dict(zip((source.name for source in listed), codes, strict=True))
