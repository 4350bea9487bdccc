"""Offers of suppliers -> prices and stock."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, jsonify, request
from shoplib import cache
from shoplib.models import Product

from catalog.session import session

imports = Blueprint("imports", __name__)

MARGIN = Decimal("1.30")


@imports.post("/import")
def import_offers():
    body = request.get_json()
    taken = 0
    for offer in body["offers"]:
        product = session().query(Product).filter(Product.sku == offer["sku"]).one_or_none()
        if product is None:
            continue
        product.price = (Decimal(offer["price"]) * MARGIN).quantize(Decimal("0.01"))
        product.stock = offer["stock"]
        taken += 1
    session().commit()
    cache.publish(cache.connect(), "prices", {"id": body["supplier"], "taken": taken})
    return jsonify(taken=taken)
