"""The queries of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from shoplib.models import Category, OrderLine, Product
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

PAGE = 50


def newest(session: Session) -> Sequence[Product]:
    return session.scalars(select(Product).order_by(Product.updated_at.desc()).limit(PAGE)).all()


def popular(session: Session) -> Sequence[Product]:
    sold = func.sum(OrderLine.quantity)
    query = select(Product).join(OrderLine, OrderLine.product_id == Product.id).group_by(Product.id)
    return session.scalars(query.order_by(sold.desc()).limit(PAGE)).all()


def children(session: Session, category: int) -> Sequence[Category]:
    return session.scalars(select(Category).where(Category.parent_id == category).order_by(Category.title)).all()


def search_products(session: Session, words: str) -> Sequence[Product]:
    query = select(Product)
    for word in words.split():
        query = query.where(or_(Product.title.ilike(f"%{word}%"), Product.sku == word))
    return session.scalars(query.limit(PAGE)).all()
