"""Hot products on their page, in the cart and at the checkout."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from shop.cart.models import CartLine
from shop.catalog.models import Product
from shop.inventory.tasks import end_expired_holds
from shop.orders.models import Order
from shop.storefront.tests.buying import order, put_in_cart
from shop.storefront.tests.reading import alert, tags, words
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


def test_the_page_says_for_how_long_it_is_held(client: Client, mug: int) -> None:
    limit_purchases(mug, hold_minutes=15)

    page = words(client.get(f"/products/{Product.objects.get().id}/"))

    assert "Once it is in your cart it is held for you for 15 minutes." in page


def test_the_cart_says_until_when_without_a_script(client: Client, mug: int) -> None:
    limit_purchases(mug, hold_minutes=15)
    with time_machine.travel(datetime(2030, 5, 4, 12, tzinfo=UTC), tick=False):
        put_in_cart(client, mug)
        pages = [client.get("/cart/"), client.get("/checkout/")]

    for page in pages:
        assert "Held for you until 12:15 UTC" in words(page)
        (held,) = [found for _, found in tags(page) if "data-held-seconds" in found]
        assert held["data-held-seconds"] == "900"


def test_the_cart_says_what_is_not_held_any_more(client: Client, mug: int) -> None:
    limit_purchases(mug, hold_minutes=15)
    with time_machine.travel(timezone.now() - timedelta(minutes=16)):
        put_in_cart(client, mug)
    end_expired_holds()

    page = words(client.get("/cart/"))

    assert "Not held for you any more" in page
    assert "Go to the checkout" in page
