"""The tasks. All of them may run twice: the broker gives at least once."""

from __future__ import annotations

import smtplib
from typing import Any

from celery import chord, group
from celery.utils.log import get_task_logger
from shoplib import cache
from shoplib.clients import mail, payments
from shoplib.db import session_scope
from shoplib.models import Customer, Order

from order_worker import invoices, orders, statistics
from order_worker.app import app

log = get_task_logger(__name__)


@app.task(bind=True, max_retries=5, default_retry_delay=10, acks_late=True)
def confirm_order(self: Any, order_id: int, charge_id: str) -> str:
    """Mark an order as paid, take its stock, then send the mail and tell the open tabs."""
    try:
        charge = payments.status(charge_id)
    except payments.PaymentError as error:
        raise self.retry(exc=error, countdown=2**self.request.retries) from error
    if charge.status != "succeeded":
        return "unpaid"
    with session_scope() as session:
        order = orders.load_order(session, order_id)
        orders.take_stock(session, order)
        order.status = "paid"
    cache.publish(cache.connect(), "orders", {"id": order_id, "status": "paid"})
    send_invoice.delay(order_id)
    return "paid"


@app.task(autoretry_for=(smtplib.SMTPException, OSError), retry_backoff=True, max_retries=8)
def send_invoice(order_id: int) -> None:
    with session_scope() as session:
        order = orders.load_order(session, order_id)
        customer = session.get(Customer, order.customer_id)
        pdf = invoices.render(order, customer)
    mail.send(customer.email, f"Your order {order_id}", "The invoice is attached.", pdf)


@app.task(autoretry_for=(smtplib.SMTPException,), max_retries=3)
def send_status(email: str, order_id: int, status: str) -> None:
    mail.send(email, f"Order {order_id}", f"Your order is now {status}.")


@app.task(max_retries=2)
def cancel_order(order_id: int, charge_id: str) -> None:
    payments.refund(charge_id)
    with session_scope() as session:
        order = orders.load_order(session, order_id)
        orders.give_back_stock(session, order)
        order.status = "cancelled"
        email = session.get(Customer, order.customer_id).email
    send_status.delay(email, order_id, "cancelled")


@app.task
def reprice_open_orders() -> int:
    """Prices changed: compute the totals of all orders that are not paid yet."""
    changed = 0
    with session_scope() as session:
        for order in session.query(Order).filter(Order.status == "new"):
            changed += orders.refresh_total(session, order)
    return changed


@app.task(serializer="pickle")
def day_statistics(day: str, rows: list[statistics.Row]) -> dict[str, Any]:
    """`rows` are objects, hence pickle."""
    return statistics.summarise(day, rows)


@app.task
def merge_statistics(parts: list[dict[str, Any]]) -> dict[str, Any]:
    merged = statistics.merge(parts)
    cache.put_json(cache.connect(), "statistics", merged, seconds=86_400)
    return merged


@app.task
def month_statistics(days: list[str]) -> None:
    with session_scope() as session:
        parts = [day_statistics.s(day, statistics.rows_of(session, day)) for day in days]
    chord(group(parts))(merge_statistics.s())
