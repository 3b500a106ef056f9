"""Filling and emptying carts."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from shop.cart.errors import CartIsFull, CartIsOrdered, NotForSale, UnknownCart, UnknownLine
from shop.cart.models import Cart, CartLine
from shop.cart.rules import (
    ANYBODY,
    LARGEST_QUANTITY,
    MOST_LINES,
    CartFacts,
    Holder,
    check_order_limit,
    check_quantity,
)
from shop.catalog import queries as catalog
from shop.catalog.rules import Offer, full_name
from shop.events import actions as events
from shop.events.rules import News
from shop.inventory import actions as holding
from shop.inventory import queries as inventory
from shop.inventory.errors import NotEnoughStock
from shop.inventory.rules import Want
from shop.lib.transactions import durable, require_transaction

_ABANDONED_AT_ONCE = 100


def open_cart(*, user_id: int | None) -> UUID:
    """Return the id of the user's open cart, or of a new one for somebody who is not signed in."""
    if user_id is None:
        return Cart.objects.create().id
    cart, _ = Cart.objects.get_or_create(open_for_id=user_id, defaults={"user_id": user_id})
    return cart.id


@durable
def add(*, cart_id: UUID, variant_id: int, quantity: int, holder: Holder = ANYBODY) -> None:
    """Put so many more of a variant in the cart, and hold all of it where carts hold it.

    `holder` is who asks, where that has not been checked. Raises UnknownCart, CartIsOrdered,
    CartIsFull, InvalidQuantity, NotForSale, OverOrderLimit or NotEnoughStock.
    """
    check_quantity(quantity)
    cart = _lock_open(cart_id, holder)
    lines = dict(cart.lines.values_list("variant_id", "quantity"))
    in_cart = lines.get(variant_id, 0)
    wanted = in_cart + quantity
    check_quantity(wanted, in_cart=in_cart)
    if variant_id not in lines and len(lines) >= MOST_LINES:
        raise CartIsFull(limit=MOST_LINES)
    _check_can_buy(cart, variant_id, wanted, in_cart=in_cart)
    if variant_id in lines:
        cart.lines.filter(variant_id=variant_id).update(quantity=wanted)
    else:
        CartLine.objects.create(cart=cart, variant_id=variant_id, quantity=wanted)
    _touch(cart)


@durable
def merge(*, cart_id: UUID, user_id: int) -> UUID:
    """Put what a guest's cart holds into the user's own, and end it; return the user's cart.

    Quantities of the same variant add up, as far as a cart goes; what there is no room for is
    left out. What cannot be ordered so comes along, to be seen. Raises UnknownCart for a cart
    that is somebody's, and CartIsOrdered.
    """
    guests, own = _lock_guests_and_own(cart_id, user_id)
    lines_of = _lines_of(guests, own)
    lines = {line.variant_id: line for line in lines_of[own.id]}
    more: list[CartLine] = []
    new: list[CartLine] = []
    for line in lines_of[guests.id]:
        if kept := lines.get(line.variant_id):
            kept.quantity = min(kept.quantity + line.quantity, LARGEST_QUANTITY)
            more.append(kept)
        elif len(lines) + len(new) < MOST_LINES:
            new.append(CartLine(cart=own, variant_id=line.variant_id, quantity=line.quantity))
    if guests.held_until is not None:
        _carry_holds(guests, own, [*lines.values(), *new])
    CartLine.objects.bulk_update(more, ["quantity"])
    CartLine.objects.bulk_create(new)
    guests.delete()
    _touch(own)
    return own.id


@durable
def change(*, cart_id: UUID, line_id: int, quantity: int, holder: Holder = ANYBODY) -> None:
    """Set a line's quantity.

    Less of it is never over a limit. Raises UnknownCart, CartIsOrdered, UnknownLine,
    InvalidQuantity, NotForSale, OverOrderLimit or NotEnoughStock.
    """
    check_quantity(quantity)
    cart = _lock_open(cart_id, holder)
    line = cart.lines.filter(id=line_id).first()
    if line is None:
        raise UnknownLine(line_id=line_id)
    _check_can_buy(cart, line.variant_id, quantity, in_cart=line.quantity)
    line.quantity = quantity
    line.save(update_fields=["quantity"])
    _touch(cart)


@durable
def remove(*, cart_id: UUID, line_id: int, holder: Holder = ANYBODY) -> None:
    """Take a line out of the cart. Raises UnknownCart, CartIsOrdered or UnknownLine."""
    cart = _lock_open(cart_id, holder)
    line = cart.lines.filter(id=line_id)
    variant_ids = list(line.values_list("variant_id", flat=True)) if cart.held_until else []
    removed, _ = line.delete()
    if not removed:
        raise UnknownLine(line_id=line_id)
    if variant_ids:
        holding.release_holds(holder=cart.id, variant_ids=variant_ids)
    _touch(cart)


@durable
def discard(*, cart_id: UUID, holder: Holder = ANYBODY) -> None:
    """Throw an open cart away with everything in it. Raises UnknownCart or CartIsOrdered."""
    cart = _lock_open(cart_id, holder)
    if cart.held_until is not None:
        holding.release_holds(holder=cart.id)
    cart.delete()


def lock(*, cart_ids: Collection[UUID]) -> dict[UUID, CartFacts]:
    """Lock carts in key order, for a checkout. Raises OutsideTransactionError."""
    require_transaction()
    return {
        cart.id: CartFacts(
            version=cart.version,
            is_ordered=cart.ordered_at is not None,
            has_held=cart.held_until is not None,
        )
        for cart in _locked(cart_ids)
    }


def close(*, cart_ids: Collection[UUID], at: datetime) -> None:
    """Mark locked carts as ordered; their owners get a new one when they next need it."""
    require_transaction()
    Cart.objects.filter(id__in=cart_ids).update(
        ordered_at=at, open_for=None, version=F("version") + 1, idle_since=None
    )


def tell_abandoned(*, idle_since: datetime) -> int:
    """Tell of carts with something in them that nobody has touched since then; return how many.

    Each is told of once, until somebody touches it again.
    """
    told = 0
    while count := _tell_some_abandoned(idle_since):
        told += count
    return told


@durable
def _tell_some_abandoned(idle_since: datetime) -> int:
    # Whoever fills or orders one of them at this moment holds its lock and wins.
    left_alone = Cart.objects.filter(idle_since__lte=idle_since).select_for_update(
        skip_locked=connection.features.has_select_for_update_skip_locked
    )
    carts = list(left_alone.order_by("idle_since")[:_ABANDONED_AT_ONCE])
    if not carts:
        return 0
    cart_ids = [cart.id for cart in carts]
    filled = set(CartLine.objects.filter(cart_id__in=cart_ids).values_list("cart_id", flat=True))
    Cart.objects.filter(id__in=cart_ids).update(idle_since=None)
    events.emit_all(
        news=[
            News(
                name="cart.abandoned",
                subject=f"cart:{cart.id}",
                payload={"cart_id": str(cart.id), "user_id": cart.user_id},
            )
            for cart in carts
            if cart.id in filled
        ]
    )
    return len(carts)


def _locked(cart_ids: Collection[UUID]) -> "QuerySet[Cart]":
    """Lock carts in key order."""
    return Cart.objects.select_for_update().filter(id__in=cart_ids).order_by("id")


def _lines_of(*carts: Cart) -> dict[UUID, list[CartLine]]:
    lines: dict[UUID, list[CartLine]] = {cart.id: [] for cart in carts}
    for line in CartLine.objects.filter(cart__in=carts).order_by("id"):
        lines[line.cart_id].append(line)
    return lines


def _lock_guests_and_own(cart_id: UUID, user_id: int) -> tuple[Cart, Cart]:
    """Lock a guest's cart and the user's open one. Raises UnknownCart or CartIsOrdered."""
    own_id = open_cart(user_id=user_id)
    carts = {cart.id: cart for cart in _locked([cart_id, own_id])}
    guests = carts.get(cart_id)
    if guests is None or guests.user_id is not None:
        raise UnknownCart
    if guests.ordered_at is not None:
        raise CartIsOrdered
    if carts[own_id].ordered_at is not None:
        # It was ordered while we waited for it, and never changes again: there is a new one.
        return _lock_guests_and_own(cart_id, user_id)
    return guests, carts[own_id]


def _lock_open(cart_id: UUID, holder: Holder) -> Cart:
    cart = Cart.objects.select_for_update().filter(id=cart_id).first()
    if cart is None or (holder is not ANYBODY and cart.user_id not in {None, holder}):
        raise UnknownCart
    if cart.ordered_at is not None:
        raise CartIsOrdered
    return cart


def _check_can_buy(cart: Cart, variant_id: int, quantity: int, *, in_cart: int) -> None:
    """Refuse so many of a variant, of which the cart has some already, or hold them."""
    check_quantity(quantity)
    offer = catalog.offers([variant_id]).get(variant_id)
    if offer is None or not offer.is_sold:
        raise NotForSale(name=offer.name if offer else "")
    if offer.limits.at_once is not None and quantity > in_cart:
        units = quantity + _units_of_others(cart, offer)
        check_order_limit(offer.name, offer.limits, units)
    name = full_name(offer.name, offer.title)
    want = Want(variant_id=variant_id, sku=offer.sku, quantity=quantity, name=name)
    if offer.limits.hold_minutes is None and cart.held_until is None:
        _check_is_there(want)
    else:
        _hold(cart, want, minutes=offer.limits.hold_minutes)


def _check_is_there(want: Want) -> None:
    available = inventory.available([want.variant_id])[want.variant_id]
    if want.quantity > available:
        raise NotEnoughStock(
            sku=want.sku,
            variant_id=want.variant_id,
            wanted=want.quantity,
            available=available,
            name=want.name,
        )


def _hold(cart: Cart, want: Want, *, minutes: int | None) -> None:
    until = holding.hold(holder=cart.id, want=want, minutes=minutes)
    _remember(cart, until)


def _carry_holds(guests: Cart, own: Cart, lines: Iterable[CartLine]) -> None:
    """Let the user's cart hold what the guest's did, as far as it has lines for it."""
    quantities = {line.variant_id: line.quantity for line in lines}
    _remember(own, holding.carry_holds(source=guests.id, target=own.id, quantities=quantities))


def _remember(cart: Cart, until: datetime | None) -> None:
    """Keep in mind until when the cart holds anything; `_touch` writes it."""
    if until is not None and (cart.held_until is None or cart.held_until < until):
        cart.held_until = until


def _units_of_others(cart: Cart, offer: Offer) -> int:
    """Return how many the cart has of the other variants of the same product."""
    others = cart.lines.filter(variant__product_id=offer.product_id)
    counted = others.exclude(variant_id=offer.variant_id).aggregate(units=Sum("quantity"))
    return counted["units"] or 0


def _touch(cart: Cart) -> None:
    """Tell whoever has read the cart that it is another one now."""
    now = timezone.now()
    Cart.objects.filter(id=cart.id).update(
        version=F("version") + 1, updated_at=now, idle_since=now, held_until=cart.held_until
    )
