from decimal import Decimal

import pytest
from billing import api, ledger, provider, tax
from fastapi.testclient import TestClient
from shoplib.clients.payments import Charge, PaymentError


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(ledger, "add_entry", lambda *row: None)
    monkeypatch.setattr(api, "charge_card", lambda customer, amount, token: Charge("ch_1", "succeeded", amount))
    return TestClient(api.app)


def test_a_charge_has_the_tax_on_it(client):
    body = {"customer": 1, "amount": "100.00", "token": "t"}
    assert client.post("/charges", json=body).json()["amount"] == "119.00"


def test_a_refused_card_is_402(client, monkeypatch):
    def refuse(customer, amount, token):
        raise PaymentError("no")

    monkeypatch.setattr(api, "charge_card", refuse)
    assert client.post("/charges", json={"customer": 1, "amount": "1", "token": "t"}).status_code == 402


def test_an_unknown_charge_cannot_be_refunded(client, monkeypatch):
    monkeypatch.setattr(ledger, "find_entry", lambda charge_id: None)
    assert client.post("/refunds", json={"charge_id": "x"}).status_code == 404


def test_large_charges_are_checked(monkeypatch):
    monkeypatch.setattr(provider, "fraud_score", lambda customer, amount: 0.9)
    with pytest.raises(PaymentError):
        provider.charge_card(1, Decimal(501), "t")


def test_the_rate_of_the_country():
    assert tax.of(Decimal("10.00"), "NL") == Decimal("2.10")
