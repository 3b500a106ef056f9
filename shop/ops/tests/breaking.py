"""Breaking what must always be true, row by row, past every rule.

Each function breaks one invariant and returns the lines in which the audit has to say so: the
broken invariant, and what else is no longer true because of it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from shop.cart.models import Cart
from shop.catalog.models import Product, Variant
from shop.checkout.actions import place_order
from shop.checkout.models import AllowanceUse, Attempt
from shop.events.models import Event, Receipt
from shop.inventory.models import Hold, StockLevel, StockLocation, StockMovement
from shop.orders.models import Order
from tests.builders import draft_of, fill_cart, limit_purchases, place, put_on_sale


class Break(NamedTuple):
    """A way to break an invariant; `without` is the constraint that has to be gone for it."""

    invariant: str
    how: Callable[[], list[str]]
    without: tuple[type[Model], str] | None

    def __str__(self) -> str:
        return f"{self.invariant}: {self.how.__name__}"


BREAKS: list[Break] = []


def breaks(
    invariant: str, *, without: tuple[type[Model], str] | None = None
) -> Callable[[Callable[[], list[str]]], Callable[[], list[str]]]:
    """Enter a function in the list of what the audit is tested with."""

    def enter(how: Callable[[], list[str]]) -> Callable[[], list[str]]:
        BREAKS.append(Break(invariant, how, without))
        return how

    return enter


@contextmanager
def unchecked(model: type[Model]) -> Iterator[None]:
    """Let the database take rows that its CHECKs refuse. PostgreSQL: until the test is over."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table with postponed checks of foreign keys cannot be altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for constraint in model._meta.constraints:
                cursor.execute(
                    f'ALTER TABLE {model._meta.db_table} DROP CONSTRAINT "{constraint.name}"'
                )
            yield
            return
        switch = {
            "sqlite": "PRAGMA ignore_check_constraints = {}",
            "mysql": "SET check_constraint_checks = {}",
        }[connection.vendor]
        on, off = (1, 0) if connection.vendor == "sqlite" else (0, 1)
        cursor.execute(switch.format(on))
        try:
            yield
        finally:
            cursor.execute(switch.format(off))


@contextmanager
def unconstrained(model: type[Model], name: str) -> Iterator[None]:
    """Take a constraint away, and give it back to the emptied table; outside a transaction."""
    options = model._meta
    constraints = options.constraints
    (constraint,) = (each for each in constraints if each.name == name)
    # SQLite makes the table anew, with the constraints that the model has.
    options.constraints = [each for each in constraints if each is not constraint]
    try:
        with connection.schema_editor() as editor:
            editor.remove_constraint(model, constraint)
        yield
    finally:
        model._base_manager.all().delete()
        options.constraints = constraints
        with connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)


@contextmanager
def unconnected() -> Iterator[None]:
    """Let rows refer to others that are not there, outside a transaction."""
    if connection.vendor != "postgresql":
        with connection.constraint_checks_disabled():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def change(order_id: int, **values: Any) -> str:
    """Change an order past its verbs; return its number."""
    Order.objects.filter(id=order_id).update(**values)
    return Order.objects.get(id=order_id).number


@breaks("product-price")
def a_price_that_no_variant_has() -> list[str]:
    put_on_sale("mug", price="12.50")
    Product.objects.update(price="1.00")
    return ["product-price: product mug: says 1.00, but is 12.50"]


@breaks("product-price")
def no_price_although_there_is_a_variant() -> list[str]:
    put_on_sale("mug", price="12.50")
    Product.objects.update(price=None)
    return ["product-price: product mug: says None, but is 12.50"]


@breaks("product-price")
def a_price_although_nothing_is_published() -> list[str]:
    put_on_sale("mug", price="12.50")
    Variant.objects.update(is_published=False)
    return [
        "product-price: product mug: says 12.50, but is None",
        "product-in-stock: product mug: says in stock, but is sold out",
    ]


@breaks("product-rating")
def stars_that_nobody_gave() -> list[str]:
    put_on_sale("mug")
    Product.objects.update(rating="4.50", rating_rank="4.50", review_count=2)
    return ["product-rating: product mug: says 4.50 from 2, sorted by 4.50, but is None from 0"]


@breaks("product-rating")
def a_list_sorted_by_other_stars() -> list[str]:
    put_on_sale("mug")
    Product.objects.update(rating_rank="5.00")
    return ["product-rating: product mug: says None from 0, sorted by 5.00, but is None from 0"]


@breaks("product-in-stock")
def sold_out_although_it_is_there() -> list[str]:
    put_on_sale("mug")
    Product.objects.update(in_stock=False)
    return ["product-in-stock: product mug: says sold out, but is in stock"]


@breaks("product-in-stock")
def in_stock_although_all_is_promised() -> list[str]:
    place({put_on_sale("mug", stock=3): 3})
    Product.objects.update(in_stock=True)
    return ["product-in-stock: product mug: says in stock, but is sold out"]


@breaks("product-in-stock")
def in_stock_at_a_location_that_does_not_sell() -> list[str]:
    put_on_sale("mug", location="shed")
    StockLocation.objects.update(is_active=False)
    return ["product-in-stock: product mug: says in stock, but is sold out"]


@breaks("stock-ledger")
def stock_that_came_without_a_movement() -> list[str]:
    put_on_sale("mug", stock=10)
    put_on_sale("tea", stock=5)
    StockLevel.objects.filter(variant__sku="mug").update(on_hand=11)
    return ["stock-ledger: variant mug at main: 11 on hand, but 10 have moved in"]


@breaks("stock-ledger")
def stock_that_never_moved() -> list[str]:
    put_on_sale("mug", stock=10)
    StockMovement.objects.all().delete()
    return ["stock-ledger: variant mug at main: 10 on hand, but 0 have moved in"]


@breaks("stock-bounds")
def more_promised_than_there_is() -> list[str]:
    place({put_on_sale("mug", stock=3): 3})
    with unchecked(StockLevel):
        StockLevel.objects.update(promised=4)
    return [
        "stock-bounds: variant mug at main: 3 on hand, 4 promised",
        "stock-promises: variant mug at main: promised 4, but 3 allocated and 0 held",
    ]


@breaks("stock-bounds")
def less_than_nothing_promised() -> list[str]:
    put_on_sale("mug", stock=3)
    with unchecked(StockLevel):
        StockLevel.objects.update(promised=-1)
    return [
        "stock-bounds: variant mug at main: 3 on hand, -1 promised",
        "stock-promises: variant mug at main: promised -1, but 0 allocated and 0 held",
    ]


@breaks("stock-bounds")
def less_than_nothing_on_hand() -> list[str]:
    put_on_sale("mug", stock=0)
    put_on_sale("mug", stock=3)
    with unchecked(StockLevel):
        StockLevel.objects.update(on_hand=-2, promised=-2)
    return [
        "stock-ledger: variant mug at main: -2 on hand, but 3 have moved in",
        "stock-bounds: variant mug at main: -2 on hand, -2 promised",
        "product-in-stock: product mug: says in stock, but is sold out",
        "stock-promises: variant mug at main: promised -2, but 0 allocated and 0 held",
    ]


@breaks("stock-promises")
def a_promise_to_nobody() -> list[str]:
    place({put_on_sale("mug"): 2})
    StockLevel.objects.update(promised=3)
    return ["stock-promises: variant mug at main: promised 3, but 2 allocated and 0 held"]


@breaks("stock-promises")
def a_hold_that_was_never_promised() -> list[str]:
    place({put_on_sale("mug"): 1})
    level = StockLevel.objects.get()
    Hold.objects.create(holder=uuid4(), level=level, quantity=4, expires_at=timezone.now())
    return ["stock-promises: variant mug at main: promised 1, but 1 allocated and 4 held"]


@breaks("ordered-cart")
def a_cart_whose_order_is_lost() -> list[str]:
    fill_cart({put_on_sale("mug"): 1})
    cart_id = fill_cart({})
    Cart.objects.filter(id=cart_id).update(ordered_at=timezone.now())
    return [f"ordered-cart: cart {cart_id}: was ordered, but is no order"]


@breaks("open-cart")
def a_cart_that_could_be_ordered_again() -> list[str]:
    mug = put_on_sale("mug")
    place({mug: 1})
    cart_id = fill_cart({mug: 1})
    order_id = place_order(draft=draft_of(cart_id)).order_id
    Cart.objects.filter(id=cart_id).update(ordered_at=None)
    return [f"open-cart: cart:{cart_id}: is still open, but is order {order_id}"]


def _attempt(**facts: Any) -> Attempt:
    return Attempt.objects.create(
        scope="user:1", key="k1", body_hash="a" * 64, created_at=timezone.now(), **facts
    )


@breaks("acknowledged-order")
def an_answer_without_an_order() -> list[str]:
    place_order(draft=draft_of(fill_cart({put_on_sale("mug"): 1}), key="k2"))
    _attempt(answer="ABC")
    return ["acknowledged-order: key user:1 k1: has no order"]


@breaks("one-order-per-key", without=(Attempt, "attempt_key_once_per_scope"))
def a_key_that_was_answered_twice() -> list[str]:
    mug = put_on_sale("mug")
    _attempt(order_id=place({mug: 1}))
    _attempt(order_id=place({mug: 1}))
    return ["one-order-per-key: key user:1 k1: there are 2 of them"]


@breaks("allowance-use")
def an_order_that_counts_for_more_than_it_has() -> list[str]:
    mug = put_on_sale("mug")
    limit_purchases(mug, customer_limit=5)
    order = Order.objects.get(id=place({mug: 2}))
    use = AllowanceUse.objects.select_related("allowance").earliest("id")
    AllowanceUse.objects.filter(id=use.id).update(units=4)
    allowance = use.allowance
    return [
        f"allowance-use: order {order.number}: counts as 4 of product {allowance.product_id} for"
        f" {allowance.customer}, but has 2"
    ]


def _event() -> Event:
    now = timezone.now()
    return Event.objects.create(name="test", subject="test:1", created_at=now, due_at=now)


@breaks("one-receipt", without=(Receipt, "receipt_once"))
def an_effect_that_came_twice() -> list[str]:
    event = _event()
    for _ in range(2):
        Receipt.objects.create(event=event, handler="shop.a", created_at=timezone.now())
    Receipt.objects.create(event=event, handler="shop.b", created_at=timezone.now())
    return [f"one-receipt: event {event.id} shop.a: there are 2 of them"]


@breaks("receipt-after-event")
def an_effect_that_came_before_its_cause() -> list[str]:
    event = _event()
    early = event.created_at - timedelta(seconds=1)
    Receipt.objects.create(event=event, handler="shop.a", created_at=early)
    Receipt.objects.create(event=event, handler="shop.b", created_at=event.created_at)
    return [f"receipt-after-event: event {event.id}: shop.a was there before it"]
