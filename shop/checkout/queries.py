"""Reads about checkouts."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import F, IntegerField, Q, Sum
from django.db.models.functions import Coalesce

from shop.cart import queries as carts
from shop.checkout.models import AllowanceUse, Attempt
from shop.lib.batches import in_chunks
from shop.lib.breaches import Breach, repeated_values
from shop.orders import queries as orders
from shop.orders.rules import METHODS_FOR_BUYERS, PaymentMethod

_CARTS_AT_ONCE = 500


def payment_methods() -> tuple[PaymentMethod, ...]:
    """Return how buyers can pay: by bank transfer only where there is an account to pay into."""
    without_account = {PaymentMethod.BANK_TRANSFER} if not settings.BANK_DETAILS else set()
    return tuple(method for method in METHODS_FOR_BUYERS if method not in without_account)


def breaches() -> Iterator[Breach]:
    """Yield every row that breaks an invariant between carts, keys and orders."""
    yield from _carts_without_order()
    yield from _orders_of_open_carts()
    yield from _keys_without_order()
    yield from _wrong_uses()
    yield from repeated_values(
        Attempt.objects.all(), "scope", "key", invariant="one-order-per-key", row="key"
    )


def _carts_without_order() -> Iterator[Breach]:
    """A cart that was ordered is an order."""
    for cart_ids in in_chunks(carts.ordered_carts(), _CARTS_AT_ONCE):
        origins = orders.ids_by_origin([f"cart:{cart_id}" for cart_id in cart_ids])
        for cart_id in cart_ids:
            if f"cart:{cart_id}" not in origins:
                yield Breach("ordered-cart", f"cart {cart_id}", "was ordered, but is no order")


def _orders_of_open_carts() -> Iterator[Breach]:
    """A cart that is an order cannot be ordered again."""
    for cart_ids in in_chunks(carts.open_carts(), _CARTS_AT_ONCE):
        for origin, order_id in orders.ids_by_origin(
            [f"cart:{cart_id}" for cart_id in cart_ids]
        ).items():
            yield Breach("open-cart", origin, f"is still open, but is order {order_id}")


def _keys_without_order() -> Iterator[Breach]:
    """Whoever got an answer under a key has an order: an acknowledged order exists."""
    orphans = Attempt.objects.filter(order__number__isnull=True).order_by("id")
    for attempt in orphans.iterator():
        order_id = attempt.order_id
        detail = "has no order" if order_id is None else f"order {order_id} is gone"
        yield Breach("acknowledged-order", f"key {attempt}", detail)


def _wrong_uses() -> Iterator[Breach]:
    """An order counts against a limit with as many units as it has of the product."""
    of_product = Q(order__lines__variant__product_id=F("allowance__product_id"))
    wrong = (
        AllowanceUse.objects.annotate(
            bought=Coalesce(
                Sum("order__lines__quantity", filter=of_product), 0, output_field=IntegerField()
            )
        )
        .exclude(bought=F("units"))
        .order_by("id")
    )
    for number, product_id, customer, units, bought in wrong.values_list(
        "order__number", "allowance__product_id", "allowance__customer", "units", "bought"
    ).iterator():
        yield Breach(
            "allowance-use",
            f"order {number}",
            f"counts as {units} of product {product_id} for {customer}, but has {bought}",
        )
