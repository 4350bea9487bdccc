"""Rows -> what the routes answer."""

from __future__ import annotations

from typing import Any

from shoplib.models import Category, Product, Review


def product_dict(product: Product, category: Category, stars: list[int]) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "title": product.title,
        "price": str(product.price),
        "stock": product.stock,
        "category": category.slug,
        "stars": round(sum(stars) / len(stars), 1) if stars else None,
    }


def category_dict(category: Category) -> dict[str, Any]:
    return {"id": category.id, "slug": category.slug, "title": category.title}


def review_dict(review: Review) -> dict[str, Any]:
    return {"stars": review.stars, "text": review.text, "sku": review.product.sku}
