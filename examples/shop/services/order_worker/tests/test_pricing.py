from decimal import Decimal
from types import SimpleNamespace

import pytest
from order_worker import orders, pricing


def _order(*lines, loyalty=0):
    return SimpleNamespace(
        lines=[SimpleNamespace(quantity=q, unit_price=Decimal(p), product_id=i) for i, (q, p) in enumerate(lines)],
        customer=SimpleNamespace(loyalty=loyalty),
        total=Decimal(0),
    )


def test_large_orders_have_no_postage():
    assert pricing.order_total(_order((1, "100.00"))) == Decimal("100.00")


def test_small_orders_pay_per_piece():
    assert pricing.order_total(_order((2, "10.00"))) == Decimal("25.50")


@pytest.mark.parametrize(("loyalty", "expected"), [(0, "10.00"), (3, "16.00"), (9, "20.00")])
def test_loyal_customers_get_more(loyalty, expected):
    assert pricing.discount(Decimal(200), loyalty) == Decimal(expected)


def test_cancelled_lines_do_not_count():
    assert [line.product_id for line in orders.open_lines(_order((0, "1"), (1, "2")))] == [1]
