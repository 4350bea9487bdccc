"""Products and categories. The lists load row by row what a join would give at once."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, request
from shoplib.models import Category, Product, Review

from catalog.queries import children, newest, popular, search_products
from catalog.serializers import category_dict, product_dict
from catalog.session import session

products = Blueprint("products", __name__)


@products.get("/healthz")
def health():
    return jsonify(status="ok")


@products.get("/products")
def list_products():
    found = popular(session()) if request.args.get("sort") == "popular" else newest(session())
    result = []
    for product in found:
        category = session().get(Category, product.category_id)
        stars = session().query(Review.stars).filter(Review.product_id == product.id).all()
        result.append(product_dict(product, category, [row.stars for row in stars]))
    return jsonify(result)


@products.get("/products/<sku>")
def get_product(sku: str):
    product = session().query(Product).filter(Product.sku == sku).one_or_none()
    if product is None:
        abort(404, "no such product")
    return jsonify(product_dict(product, product.category, [review.stars for review in product.reviews]))


@products.get("/categories")
def list_categories():
    roots = session().query(Category).filter(Category.parent_id.is_(None)).all()
    return jsonify([_tree(category) for category in roots])


def _tree(category: Category) -> dict:
    """One query per node of the tree."""
    below = children(session(), category.id)
    return {**category_dict(category), "children": [_tree(child) for child in below]}


@products.get("/search")
def search():
    words = request.args.get("q", "")
    if not words:
        return jsonify([])
    hits = search_products(session(), words)
    return jsonify([product_dict(hit, hit.category, []) for hit in hits])
