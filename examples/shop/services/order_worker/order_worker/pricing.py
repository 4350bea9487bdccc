"""Totals, discounts, postage. Asks `orders` which lines count."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from shoplib.models import Order, OrderLine

from order_worker import orders

CENT = Decimal("0.01")
STEPS = ((Decimal(500), Decimal("0.10")), (Decimal(200), Decimal("0.05")), (Decimal(0), Decimal(0)))


def line_total(line: OrderLine) -> Decimal:
    return (line.unit_price * line.quantity).quantize(CENT, rounding=ROUND_HALF_UP)


def discount(amount: Decimal, loyalty: int) -> Decimal:
    for limit, share in STEPS:
        if amount >= limit:
            bonus = Decimal(min(loyalty, 5)) / 100
            return (amount * (share + bonus)).quantize(CENT)
    return Decimal(0)


def postage(pieces: int, amount: Decimal) -> Decimal:
    if amount >= 60 or pieces == 0:
        return Decimal(0)
    return Decimal("4.90") + Decimal("0.60") * (pieces - 1)


def order_total(order: Order) -> Decimal:
    lines = orders.open_lines(order)
    amount = sum((line_total(line) for line in lines), start=Decimal(0))
    pieces = sum(line.quantity for line in lines)
    return amount - discount(amount, order.customer.loyalty) + postage(pieces, amount)
