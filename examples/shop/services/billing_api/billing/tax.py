"""Taxes and exchange rates."""

from __future__ import annotations

import time
from decimal import Decimal

import requests

RATES = {"DE": Decimal("0.19"), "AT": Decimal("0.20"), "FR": Decimal("0.20"), "NL": Decimal("0.21")}
BANK = "https://rates.example.com/latest"


def of(amount: Decimal, country: str) -> Decimal:
    return (amount * RATES.get(country, Decimal("0.19"))).quantize(Decimal("0.01"))


def exchange_rate(currency: str) -> Decimal:
    """The bank allows one question a second and says 429 otherwise."""
    response = requests.get(BANK, params={"to": currency}, timeout=5)
    if response.status_code == 429:
        time.sleep(1.0)
        response = requests.get(BANK, params={"to": currency}, timeout=5)
    response.raise_for_status()
    return Decimal(str(response.json()["rate"]))
