"""Reads about orders."""

from collections.abc import Collection
from dataclasses import dataclass, fields

from shop.orders.models import Order, OrderLine
from shop.orders.rules import OrderStatus, PostalAddress

_ADDRESS = [field.name for field in fields(PostalAddress)]


def ids_by_origin(origins: Collection[str]) -> dict[str, int]:
    """Return the ids of the orders that came from these origins, in one query."""
    return dict(Order.objects.filter(origin__in=origins).values_list("origin", "id"))


def destination(order_id: int) -> tuple[int | None, PostalAddress | None]:
    """Return whose order it is and where it goes, in one query; nobody's, and nowhere, if gone."""
    row = Order.objects.filter(id=order_id).values_list("user_id", *_ADDRESS).first()
    return (None, None) if row is None else (row[0], PostalAddress(*row[1:]))


@dataclass(frozen=True, slots=True)
class Customer:
    """Who is to be written to about an order, and where the order came from."""

    email: str
    origin: str


def customer(order_id: int) -> Customer | None:
    """Return whom an order is of, in one query; None where there is no such order."""
    row = Order.objects.filter(id=order_id).values_list("email", "origin").first()
    return None if row is None else Customer(*row)


def has_bought(*, user_id: int, product_id: int) -> bool:
    """Tell whether a user has ordered the product, in whatever variant, and not canceled it."""
    lines = OrderLine.objects.filter(order__user_id=user_id, variant__product_id=product_id)
    return lines.exclude(order__status=OrderStatus.CANCELED.value).exists()
