"""Current offers."""

from __future__ import annotations

from typing import Any

from billing.ledger import transaction
from billing.schemas import OfferIn


def current() -> list[dict[str, Any]]:
    with transaction() as rows:
        rows.execute("SELECT sku, percent FROM offers WHERE until >= current_date ORDER BY sku")
        return [{"sku": sku, "percent": percent} for sku, percent in rows.fetchall()]


def add(offer: OfferIn) -> dict[str, Any]:
    with transaction() as rows:
        rows.execute(
            "INSERT INTO offers (sku, percent, until) VALUES (%s, %s, %s)", (offer.sku, offer.percent, offer.until)
        )
    return offer.model_dump(mode="json")
