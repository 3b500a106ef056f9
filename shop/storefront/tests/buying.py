"""Buying as a visitor does, page by page, and orders as if bought some time ago."""

from datetime import datetime
from typing import Any

from django.test import Client

from shop.catalog.models import Variant
from shop.orders.models import Order
from shop.storefront.tests.reading import fields
from tests.builders import place

DETAILS = {
    "email": "guest@example.com",
    "name": "Gus Guest",
    "line1": "1 Long Road",
    "line2": "Flat 2",
    "postcode": "LS1 4AP",
    "city": "Leeds",
    "country": "GB",
    "payment": "on_delivery",
}


def put_in_cart(client: Client, variant_id: int, *, quantity: int = 1) -> None:
    product_id = Variant.objects.get(id=variant_id).product_id
    response = client.post(f"/cart/add/{product_id}/", {"quantity": quantity})
    assert response.status_code == 302


def ticket_of(client: Client) -> str:
    """Return the ticket of the checkout page as it is shown now."""
    return fields(client.get("/checkout/"))["ticket"]


def order(client: Client, *, ticket: str | None = None, **details: Any) -> Any:
    """Send the checkout's form, by default with the ticket of the page as it is now."""
    form = DETAILS | details | {"ticket": ticket_of(client) if ticket is None else ticket}
    return client.post("/checkout/", form)


def number_of(order_id: int) -> str:
    return Order.objects.get(id=order_id).number


def order_at(moment: datetime, mug: int, *, quantity: int = 1, user: Any = None) -> int:
    """Place an order as if at that moment."""
    order_id = place({mug: quantity}, user=user)
    Order.objects.filter(id=order_id).update(placed_at=moment)
    return order_id


def guests_order(client: Client, mug: int) -> int:
    """Let a guest buy a mug; return the order's id."""
    put_in_cart(client, mug)
    return int(order(client)["Location"].split("/")[2])


def without_person(queries: list[str]) -> list[str]:
    """Leave out what the head of a page costs: the session, the user, what is in the cart."""
    head = {"django_session", "accounts_user", "cart_cartline"}
    return [name for name in queries if name.split()[1] not in head]
