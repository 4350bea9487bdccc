"""The billing API. Its routes are coroutines; what they call is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fastapi import Depends, FastAPI, Header, HTTPException
from shoplib.clients.payments import PaymentError

from billing import ledger, offers, tax
from billing.provider import charge_card, refund_card
from billing.schemas import ChargeIn, ChargeOut, OfferIn, RefundIn, Statement

app = FastAPI(title="billing")


async def caller(x_caller: str = Header(default="unknown")) -> str:
    return x_caller


@app.get("/healthz")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/charges", status_code=201)
async def create_charge(body: ChargeIn, who: str = Depends(caller)) -> ChargeOut:
    amount = body.amount + tax.of(body.amount, body.country)
    try:
        charge = charge_card(body.customer, amount, body.token)
    except PaymentError as error:
        raise HTTPException(402, str(error)) from error
    ledger.add_entry(charge.id, body.customer, amount, who)
    return ChargeOut(id=charge.id, status=charge.status, amount=amount)


@app.post("/refunds")
async def create_refund(body: RefundIn, who: str = Depends(caller)) -> ChargeOut:
    entry = ledger.find_entry(body.charge_id)
    if entry is None:
        raise HTTPException(404, "no such charge")
    charge = refund_card(body.charge_id)
    ledger.add_entry(charge.id, entry.customer, -entry.amount, who)
    return ChargeOut(id=charge.id, status=charge.status, amount=-entry.amount)


@app.get("/statements/{customer}")
async def statement(customer: int) -> Statement:
    entries = ledger.entries_of(customer)
    return Statement(customer=customer, total=sum((e.amount for e in entries), start=Decimal(0)), entries=len(entries))


@app.get("/offers")
async def list_offers() -> list[dict[str, Any]]:
    return offers.current()


@app.post("/offers", status_code=201)
async def add_offer(body: OfferIn) -> dict[str, Any]:
    return offers.add(body)


@app.get("/rates/{currency}")
async def rate(currency: str) -> dict[str, str]:
    return {"currency": currency, "rate": str(tax.exchange_rate(currency))}
