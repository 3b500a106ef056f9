"""Hot products on their page, in the cart and at the checkout."""

from typing import Any

import pytest
from django.test import Client

from shop.cart.models import CartLine
from shop.catalog.models import Product
from shop.orders.models import Order
from shop.storefront.tests.buying import order, put_in_cart
from shop.storefront.tests.reading import alert, words
from tests.builders import limit_purchases, put_on_sale

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> int:
    return put_on_sale("mug")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"order_limit": 3}, "At most 3 per order."),
        ({"customer_limit": 2}, "At most 2 per person."),
        ({"order_limit": 1, "customer_limit": 2}, "At most 1 per order, and 2 per person."),
    ],
)
def test_the_page_says_how_many_one_can_have(
    client: Client, mug: int, limits: dict[str, int], said: str
) -> None:
    product_id = Product.objects.get().id
    addresses = (f"/products/{product_id}/", f"/cart/add/{product_id}/")
    assert all("At most" not in words(client.get(address)) for address in addresses)

    limit_purchases(mug, **limits)

    assert all(said in words(client.get(address)) for address in addresses)


def test_the_cart_refuses_more_in_a_sentence(client: Client, mug: int) -> None:
    limit_purchases(mug, order_limit=2)
    put_in_cart(client, mug, quantity=2)

    response = client.post("/cart/", {"line": CartLine.objects.get().id, "quantity": 3})

    assert response.status_code == 409
    assert alert(response) == "You can order at most 2 of Mug at a time."
    assert CartLine.objects.get().quantity == 2


def test_what_is_too_much_by_now_is_marked(client: Client, mug: int) -> None:
    put_in_cart(client, mug, quantity=5)
    limit_purchases(mug, order_limit=2)

    page = words(client.get("/cart/"))

    assert "At most 2 in one order" in page
    assert "Please change or remove the marked lines; then you can order." in page


def test_the_checkout_says_that_one_has_had_enough(client: Client, mug: int) -> None:
    limit_purchases(mug, customer_limit=2)
    put_in_cart(client, mug, quantity=2)
    assert order(client).status_code == 302
    another: Any = Client()
    put_in_cart(another, mug)

    response = order(another)

    assert response.status_code == 409
    assert alert(response) == (
        "Everybody can have 2 of Mug at most, together with what was ordered before by the same"
        " account, e-mail or postal address."
    )
    assert Order.objects.count() == 1
