"""Hiding a variant with stock makes its product sold out, through the events."""

from decimal import Decimal

import pytest

from shop.catalog import actions as catalog
from shop.catalog.models import Product
from shop.catalog.rules import ProductRow
from shop.events import actions as events
from tests.builders import breaches, put_on_sale

pytestmark = pytest.mark.django_db


def publish(is_published: bool) -> None:
    row = ProductRow(
        sku="mug-red", product="mug", name="Mug", price=Decimal(5), is_published=is_published
    )
    catalog.put_products(rows=[row])
    events.deliver_due()


def test_a_product_is_in_stock_as_long_as_a_visible_variant_is() -> None:
    put_on_sale("mug-red", product="mug", price="5.00", stock=3)
    put_on_sale("mug-blue", product="mug", price="6.00", stock=0)
    product = Product.objects.get(code="mug")
    assert (product.in_stock, product.price) == (True, Decimal("5.00"))

    publish(is_published=False)
    product.refresh_from_db()
    assert (product.in_stock, product.price) == (False, Decimal("6.00"))
    assert breaches() == []

    publish(is_published=True)
    product.refresh_from_db()
    assert (product.in_stock, product.price) == (True, Decimal("5.00"))
    assert breaches() == []
