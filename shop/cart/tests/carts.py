"""Everything that is written down of carts, to see what a verb changed and what it left alone."""

from typing import Any
from uuid import UUID

from shop.cart.models import Cart, CartLine


def everything() -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return every cart with its version and times, and every line."""
    carts = Cart.objects.order_by("created_at", "id").values_list(
        "id", "user_id", "open_for_id", "version", "ordered_at", "updated_at"
    )
    lines = CartLine.objects.order_by("id").values_list("id", "cart_id", "variant_id", "quantity")
    return list(carts), list(lines)


def lines_of(cart_id: UUID) -> dict[str, int]:
    """Return the quantity of each SKU in a cart."""
    return dict(CartLine.objects.filter(cart_id=cart_id).values_list("variant__sku", "quantity"))


def version_of(cart_id: UUID) -> int:
    """Return the version of a cart."""
    return Cart.objects.values_list("version", flat=True).get(id=cart_id)


def line_of(cart_id: UUID, variant_id: int) -> int:
    """Return the id of a variant's line in a cart."""
    return CartLine.objects.get(cart_id=cart_id, variant_id=variant_id).id
