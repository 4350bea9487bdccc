"""Offers -> the catalogue's own import route; the fetcher does not write tables itself."""

from __future__ import annotations

from collections.abc import Sequence

import requests
from shoplib.settings import load

from feeds.decode import Offer

BATCH = 500


def store_offers(supplier: str, offers: Sequence[Offer]) -> int:
    """Number of offers that the catalogue took."""
    url = f"{load().upstreams.catalog}/offers/import"
    taken = 0
    for start in range(0, len(offers), BATCH):
        batch = [{"sku": o.sku, "price": str(o.price), "stock": o.stock} for o in offers[start : start + BATCH]]
        response = requests.post(url, json={"supplier": supplier, "offers": batch}, timeout=30)
        response.raise_for_status()
        taken += int(response.json()["taken"])
    return taken
