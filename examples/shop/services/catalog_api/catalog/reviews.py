"""Reviews of products."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, request
from shoplib.models import Product, Review

from catalog.serializers import review_dict
from catalog.session import session

reviews = Blueprint("reviews", __name__)


@reviews.get("/<sku>")
def list_reviews(sku: str):
    product = session().query(Product).filter(Product.sku == sku).one_or_none()
    if product is None:
        abort(404, "no such product")
    return jsonify([review_dict(review) for review in product.reviews])


@reviews.post("/<sku>")
def add_review(sku: str):
    body = request.get_json()
    if not 1 <= body.get("stars", 0) <= 5:
        abort(400, "stars are 1 to 5")
    product = session().query(Product).filter(Product.sku == sku).one_or_none()
    if product is None:
        abort(404, "no such product")
    review = Review(product_id=product.id, stars=body["stars"], text=body.get("text", ""))
    session().add(review)
    session().commit()
    return jsonify(review_dict(review)), 201
