"""Carts that are filled in no time, and what becomes of those who buy them at once."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from shop.cart.models import Cart, CartLine
from shop.checkout.actions import place_order
from tests.builders import draft_of


def filled(lines: Mapping[int, int]) -> UUID:
    """Return a guest's new cart, in two statements: a hundred of them are made here."""
    cart = Cart.objects.create()
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant_id=variant_id, quantity=units)
        for variant_id, units in lines.items()
    )
    return cart.id


def buy(cart_id: UUID) -> Callable[[], Any]:
    return partial(place_order, draft=draft_of(cart_id))
