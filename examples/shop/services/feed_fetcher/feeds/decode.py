"""Feed bodies -> offers: CSV, JSON and one supplier's XML."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from defusedxml import ElementTree


@dataclass(frozen=True)
class Offer:
    sku: str
    price: Decimal
    stock: int


def decode(format: str, body: bytes) -> list[Offer]:
    if format == "csv":
        return _csv(body)
    if format == "json":
        return _json(body)
    if format == "xml":
        return _xml(body)
    raise ValueError(f"unknown feed format {format}")


def _csv(body: bytes) -> list[Offer]:
    rows = csv.DictReader(io.StringIO(body.decode("utf-8", "replace")))
    return [offer for row in rows if (offer := _offer(row["sku"], row["price"], row.get("stock")))]


def _json(body: bytes) -> list[Offer]:
    rows = json.loads(body)["items"]
    return [offer for row in rows if (offer := _offer(row["id"], row["price"], row.get("qty")))]


def _xml(body: bytes) -> list[Offer]:
    root = ElementTree.fromstring(body)
    found = []
    for item in root.iter("item"):
        offer = _offer(item.get("sku"), item.findtext("price"), item.findtext("stock"))
        if offer:
            found.append(offer)
    return found


def _offer(sku: str | None, price: object, stock: object) -> Offer | None:
    """None for a row that cannot be used; suppliers send many of them."""
    if not sku:
        return None
    try:
        return Offer(sku.strip(), Decimal(str(price).replace(",", ".")), int(str(stock or 0)))
    except (InvalidOperation, ValueError):
        return None
