"""Bodies of requests and answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field


class ChargeIn(BaseModel):
    customer: int
    amount: Decimal = Field(gt=0)
    token: str
    country: str = "DE"


class ChargeOut(BaseModel):
    id: str
    status: str
    amount: Decimal


class RefundIn(BaseModel):
    charge_id: str


class OfferIn(BaseModel):
    sku: str
    percent: int = Field(ge=1, le=90)
    until: date


class Statement(BaseModel):
    customer: int
    total: Decimal
    entries: int
