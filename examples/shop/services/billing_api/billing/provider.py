"""Between the routes and the payment provider: idempotency and the fraud check."""

from __future__ import annotations

from decimal import Decimal

import requests
from shoplib.clients import payments

FRAUD_URL = "https://fraud.example.com/score"
LIMIT = 0.8


def fraud_score(customer: int, amount: Decimal) -> float:
    response = requests.post(FRAUD_URL, json={"customer": customer, "amount": str(amount)}, timeout=3)
    response.raise_for_status()
    return float(response.json()["score"])


def charge_card(customer: int, amount: Decimal, token: str) -> payments.Charge:
    if amount > 500 and fraud_score(customer, amount) > LIMIT:
        raise payments.PaymentError("refused by the fraud check")
    return payments.charge(customer, amount, token)


def refund_card(charge_id: str) -> payments.Charge:
    return payments.refund(charge_id)
