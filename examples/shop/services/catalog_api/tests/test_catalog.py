from decimal import Decimal

import pytest
from catalog import create_app
from shoplib.db import Base
from shoplib.models import Category, Product
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool


@pytest.fixture
def client():
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Category(id=1, slug="lamps", title="Lamps"))
        session.add(Product(id=1, sku="A1", title="Desk lamp", price=Decimal("19.90"), stock=4, category_id=1))
        session.commit()
    app = create_app()
    app.config["SESSION"] = lambda: Session(engine)
    return app.test_client()


def test_a_product_names_its_category(client):
    assert client.get("/products/A1").json["category"] == "lamps"


def test_an_unknown_product_is_404(client):
    assert client.get("/products/Z9").status_code == 404


def test_stars_are_averaged(client):
    client.post("/reviews/A1", json={"stars": 4})
    client.post("/reviews/A1", json={"stars": 5})
    assert client.get("/products/A1").json["stars"] == 4.5
