"""What happens to an order. Needs prices; prices need the lines of an order, hence the cycle with `pricing`."""

from __future__ import annotations

from decimal import Decimal

from shoplib.models import Order, OrderLine, Product
from sqlalchemy import select
from sqlalchemy.orm import Session

from order_worker import pricing


class OutOfStock(Exception):
    """A product has fewer pieces than the order wants."""


def load_order(session: Session, order_id: int) -> Order:
    return session.execute(select(Order).where(Order.id == order_id).with_for_update()).scalar_one()


def open_lines(order: Order) -> list[OrderLine]:
    """The lines that still count; a line of nothing is a cancelled one."""
    return [line for line in order.lines if line.quantity > 0]


def take_stock(session: Session, order: Order) -> None:
    for line in open_lines(order):
        product = session.get(Product, line.product_id, with_for_update=True)
        if product is None or product.stock < line.quantity:
            raise OutOfStock(f"product {line.product_id}")
        product.stock -= line.quantity


def give_back_stock(session: Session, order: Order) -> None:
    for line in open_lines(order):
        product = session.get(Product, line.product_id, with_for_update=True)
        if product is not None:
            product.stock += line.quantity


def refresh_total(session: Session, order: Order) -> bool:
    """True where the total changed."""
    for line in open_lines(order):
        line.unit_price = session.get(Product, line.product_id).price
    total: Decimal = pricing.order_total(order)
    if total == order.total:
        return False
    order.total = total
    return True
