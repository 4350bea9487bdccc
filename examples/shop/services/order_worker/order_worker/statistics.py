"""Sales per day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass
class Row:
    product: int
    quantity: int
    amount: Decimal


def rows_of(session: Session, day: str) -> list[Row]:
    found = session.execute(
        text(
            "SELECT product_id, quantity, quantity * unit_price FROM order_lines"
            " JOIN orders ON orders.id = order_lines.order_id WHERE date(orders.created_at) = :day"
        ),
        {"day": day},
    )
    return [Row(*row) for row in found]


def summarise(day: str, rows: list[Row]) -> dict[str, Any]:
    pieces: Counter[int] = Counter()
    amounts: Counter[int] = Counter()
    for row in rows:
        pieces[row.product] += row.quantity
        amounts[row.product] += int(row.amount * 100)
    return {"day": day, "pieces": dict(pieces), "cents": dict(amounts)}


def merge(parts: list[dict[str, Any]]) -> dict[str, Any]:
    pieces: Counter[int] = Counter()
    cents: Counter[int] = Counter()
    for part in parts:
        pieces.update(part["pieces"])
        cents.update(part["cents"])
    return {"days": sorted(part["day"] for part in parts), "pieces": dict(pieces), "cents": dict(cents)}
