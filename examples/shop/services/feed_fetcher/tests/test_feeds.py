"""Fetching against `requests_mock`, decoding on small bodies."""

from decimal import Decimal

import pytest
from feeds.decode import Offer, decode
from feeds.fetch import check, fetch_all
from feeds.sources import FeedSource
from feeds.store import store_offers


@pytest.mark.parametrize(
    ("format", "body"),
    [
        ("csv", b'sku,price,stock\nA1,"9,50",3\n,1,1\nB2,x,1\n'),
        ("json", b'{"items": [{"id": "A1", "price": 9.5, "qty": 3}, {"id": "", "price": 1}]}'),
        ("xml", b'<f><item sku="A1"><price>9.50</price><stock>3</stock></item><item/></f>'),
    ],
)
def test_unusable_rows_are_left_out(format, body):
    (offer,) = decode(format, body)
    assert (offer.sku, offer.price, offer.stock) == ("A1", Decimal("9.5"), 3)


def test_unknown_formats_are_an_error():
    with pytest.raises(ValueError, match="xls"):
        decode("xls", b"")


def test_all_pages_are_fetched(requests_mock):
    requests_mock.get("http://a/?page=1", text="sku,price\nA1,1\n")
    requests_mock.get("http://a/?page=2", text="sku,price\nA2,2\n")
    (feed,) = fetch_all([FeedSource("a", "http://a/", "csv", pages=2)], workers=2)
    assert [offer.sku for offer in feed.offers] == ["A1", "A2"]


def test_a_failing_supplier_costs_only_itself(requests_mock):
    requests_mock.get("http://a/", text="sku,price\nA1,1\n")
    requests_mock.get("http://b/", status_code=500)
    feeds = fetch_all([FeedSource("a", "http://a/", "csv"), FeedSource("b", "http://b/", "csv")])
    assert [feed.source.name for feed in feeds] == ["a"]


def test_check_gives_the_codes(requests_mock):
    requests_mock.head("http://a/", status_code=404)
    assert check([FeedSource("a", "http://a/", "csv")]) == {"a": 404}


def test_offers_are_sent_in_batches(requests_mock):
    requests_mock.post("http://catalog-api:8000/offers/import", json={"taken": 500})
    assert store_offers("a", [Offer("A", Decimal(1), 1)] * 501) == 1000
    assert requests_mock.call_count == 2
