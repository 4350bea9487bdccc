"""The gateway from outside, against upstreams that are played by one small aiohttp application."""

from decimal import Decimal

import pytest
from aiohttp import web
from gateway.app import make_app
from gateway.handlers import total
from gateway.middleware import is_valid, sign
from shoplib.settings import Settings, Upstreams


async def _products(request):
    return web.json_response([{"sku": "A1", "price": "10.00"}])


async def _product(request):
    return web.json_response({"sku": request.match_info["sku"], "price": "10.00"})


async def _stock(request):
    return web.json_response({"stock": 7})


async def _list(request):
    return web.json_response([])


async def _charge(request):
    body = await request.json()
    return web.json_response({"id": "ch_1", "customer": body["customer"]})


@pytest.fixture
async def upstream(aiohttp_server):
    app = web.Application()
    app.router.add_get("/products", _products)
    app.router.add_get("/products/{sku}", _product)
    app.router.add_get("/search", _products)
    app.router.add_get("/stock/{sku}", _stock)
    app.router.add_get("/offers", _list)
    app.router.add_get("/recommend/{visitor}", _list)
    app.router.add_get("/similar/{sku}", _list)
    app.router.add_post("/charges", _charge)
    return await aiohttp_server(app)


@pytest.fixture
async def client(aiohttp_client, upstream):
    base = str(upstream.make_url("")).rstrip("/")
    settings = Settings(upstreams=Upstreams(catalog=base, billing=base, reco=base, inventory=f"{base}/stock"))
    return await aiohttp_client(make_app(settings))


def _token(customer="42"):
    return {"Authorization": f"Bearer {customer}.{sign(customer)}"}


async def test_home_joins_four_answers(client):
    response = await client.get("/home")
    assert set(await response.json()) == {"newest", "popular", "picks", "offers"}


async def test_product_has_its_stock(client):
    response = await client.get("/products/A1", headers=_token())
    assert (await response.json())["stock"] == 7


async def test_search_adds_the_stock_to_each_hit(client):
    response = await client.get("/search", params={"q": "lamp"})
    assert await response.json() == [{"sku": "A1", "price": "10.00", "stock": 7}]


async def test_a_basket_is_priced(client):
    response = await client.post("/baskets/price", json={"skus": ["A1", "B2"]}, headers=_token())
    assert (await response.json())["total"] == "20.00"


async def test_checkout_returns_the_receipt(client):
    response = await client.post("/checkout", json={"customer": 42}, headers=_token())
    assert response.status == 201
    assert (await response.json())["id"] == "ch_1"


async def test_checkout_needs_a_token(client):
    response = await client.post("/checkout", json={})
    assert response.status == 401


async def test_catalogue_requests_are_passed_on(client):
    response = await client.get("/catalog/products/A1")
    assert (await response.json())["sku"] == "A1"


def test_total_takes_the_offer_off():
    products = [{"sku": "A1", "price": "10.00"}, {"sku": "B2", "price": "4.00"}]
    assert total(products, [{"sku": "A1", "percent": "50"}]) == Decimal("9.00")


def test_a_changed_customer_makes_the_token_wrong():
    assert is_valid("42." + sign("42"))
    assert not is_valid("43." + sign("42"))
