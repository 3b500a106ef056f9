"""Reads about carts: always from the database, never from a cache."""

from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from shop.cart.models import Cart
from shop.cart.rules import CartContents, CartItem

_CART = ("id", "version", "user_id", "ordered_at")
_LINE = (
    "lines__id",
    "lines__variant_id",
    "lines__variant__product_id",
    "lines__variant__sku",
    "lines__variant__product__name",
    "lines__variant__title",
    "lines__quantity",
    "lines__variant__price",
    "lines__variant__is_published",
    "lines__variant__product__is_published",
)


def contents(cart_ids: Collection[UUID]) -> dict[UUID, CartContents]:
    """Return the carts with their lines and current prices, in one query; unknown ones left out."""
    rows = (
        Cart.objects.filter(id__in=cart_ids).order_by("id", "lines__id").values_list(*_CART, *_LINE)
    )
    return {
        cart_id: _contents(list(cart_rows)) for cart_id, cart_rows in groupby(rows, itemgetter(0))
    }


def open_cart_of(user_id: int) -> UUID | None:
    """Return the id of the user's open cart, if there is one."""
    return Cart.objects.filter(open_for_id=user_id).values_list("id", flat=True).first()


def _contents(rows: list[tuple[Any, ...]]) -> CartContents:
    cart_id, version, user_id, ordered_at = rows[0][: len(_CART)]
    lines = (row[len(_CART) :] for row in rows)
    return CartContents(
        id=cart_id,
        version=version,
        user_id=user_id,
        is_ordered=ordered_at is not None,
        items=tuple(_item(line) for line in lines if line[0] is not None),
    )


def _item(line: tuple[Any, ...]) -> CartItem:
    *facts, variant_is_published, product_is_published = line
    line_id, variant_id, product_id, sku, name, title, quantity, price = facts
    return CartItem(
        line_id=line_id,
        variant_id=variant_id,
        product_id=product_id,
        sku=sku,
        name=name,
        title=title,
        quantity=quantity,
        price=price,
        is_sold=variant_is_published and product_is_published,
    )


def ordered_carts() -> Iterator[UUID]:
    """Yield the ids of all carts that were ordered."""
    yield from Cart.objects.filter(ordered_at__isnull=False).values_list("id", flat=True).iterator()


def open_carts() -> Iterator[UUID]:
    """Yield the ids of all carts that can still be ordered."""
    yield from Cart.objects.filter(ordered_at__isnull=True).values_list("id", flat=True).iterator()
