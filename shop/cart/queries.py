"""Reads about carts: always from the database, never from a cache."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from shop.cart.models import Cart, CartLine
from shop.cart.rules import CartContents, CartItem, over_limit
from shop.catalog.rules import Limits
from shop.inventory import queries as inventory
from shop.inventory.rules import Held
from shop.pricing import rules as pricing
from shop.pricing.rules import Item, Quote, Terms

_CART = ("id", "version", "user_id", "ordered_at", "held_until")
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
    "lines__variant__product__order_limit",
    "lines__variant__product__customer_limit",
    "lines__variant__product__hold_minutes",
)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of a cart, what it comes to, and how many units could be had now.

    Those that are held for the cart, and for nobody else, are among them.
    """

    item: CartItem
    amount: Decimal
    available: int
    is_over_limit: bool = False
    held: Held | None = None

    @property
    def held_until(self) -> datetime | None:
        """Until when all of it is held, None where it is not."""
        is_held = self.held is not None and self.held.quantity >= self.item.quantity
        return self.held.until if self.held is not None and is_held else None

    @property
    def is_let_go(self) -> bool:
        """Tell whether it is no longer held, of what carts hold for a while."""
        return self.item.limits.hold_minutes is not None and self.held_until is None

    @property
    def can_be_had(self) -> bool:
        """Tell whether the line could be ordered as it is."""
        is_there = self.item.quantity <= self.available
        return self.item.is_sold and is_there and not self.is_over_limit


@dataclass(frozen=True, slots=True)
class PricedCart:
    """A cart, priced line by line and as a whole."""

    id: UUID
    version: int
    lines: tuple[PricedLine, ...]
    quote: Quote

    @property
    def units(self) -> int:
        """How many things are in it, of whatever kind."""
        return sum(line.item.quantity for line in self.lines)

    @property
    def held_until(self) -> datetime | None:
        """When the first thing is no longer held, None where nothing is."""
        times = [line.held_until for line in self.lines if line.held_until is not None]
        return min(times, default=None)

    @property
    def can_be_ordered(self) -> bool:
        """Tell whether there is something in it, and all of it can be had."""
        return bool(self.lines) and all(line.can_be_had for line in self.lines)


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


def is_anybodys(cart_id: UUID) -> bool:
    """Tell whether this is an open cart without an owner: whoever holds its id may fill it."""
    return Cart.objects.filter(id=cart_id, user_id__isnull=True, ordered_at__isnull=True).exists()


def units(*, user_id: int | None, cart_id: UUID | None) -> int:
    """Return how many units are in the user's open cart, or else in a guest's, in one query."""
    lines = CartLine.objects.filter(cart__ordered_at__isnull=True)
    if user_id is not None:
        lines = lines.filter(cart__open_for_id=user_id)
    elif cart_id is not None:
        lines = lines.filter(cart_id=cart_id, cart__user_id__isnull=True)
    else:
        return 0
    return lines.aggregate(units=Sum("quantity"))["units"] or 0


def priced(cart_id: UUID, *, terms: Terms) -> PricedCart:
    """Return a cart as it stands now, in two queries: prices, stock, and what is in the way.

    Three where it holds something.
    A cart that is unknown, or was ordered, has no lines.
    """
    found = contents([cart_id]).get(cart_id)
    items = found.items if found is not None and not found.is_ordered else ()
    available = inventory.available([item.variant_id for item in items])
    quote = pricing.quote(
        [Item(quantity=item.quantity, unit_price=item.price) for item in items], terms=terms
    )
    too_many, held = over_limit(items), _held_for(found)
    return PricedCart(
        id=cart_id,
        version=found.version if found is not None else 0,
        lines=tuple(
            PricedLine(
                item=item,
                amount=amount,
                available=available[item.variant_id] + _units(held.get(item.variant_id)),
                held=held.get(item.variant_id),
                is_over_limit=item.product_id in too_many,
            )
            for item, amount in zip(items, quote.amounts, strict=True)
        ),
        quote=quote,
    )


def _held_for(cart: CartContents | None) -> dict[int, Held]:
    now = timezone.now()
    if cart is None or cart.is_ordered or cart.held_until is None or cart.held_until <= now:
        return {}
    return inventory.held_for(cart.id, now=now)


def _units(held: Held | None) -> int:
    return held.quantity if held is not None else 0


def _contents(rows: list[tuple[Any, ...]]) -> CartContents:
    cart_id, version, user_id, ordered_at, held_until = rows[0][: len(_CART)]
    lines = (row[len(_CART) :] for row in rows)
    return CartContents(
        id=cart_id,
        version=version,
        user_id=user_id,
        is_ordered=ordered_at is not None,
        items=tuple(_item(line) for line in lines if line[0] is not None),
        held_until=held_until,
    )


def _item(line: tuple[Any, ...]) -> CartItem:
    facts, published, limits = line[:8], line[8:10], line[10:]
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
        is_sold=all(published),
        limits=Limits(*limits),
    )


def ordered_carts() -> Iterator[UUID]:
    """Yield the ids of all carts that were ordered."""
    yield from Cart.objects.filter(ordered_at__isnull=False).values_list("id", flat=True).iterator()


def open_carts() -> Iterator[UUID]:
    """Yield the ids of all carts that can still be ordered."""
    yield from Cart.objects.filter(ordered_at__isnull=True).values_list("id", flat=True).iterator()
