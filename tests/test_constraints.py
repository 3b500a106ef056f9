"""The database refuses nonsense by itself: each constraint of each model, tried with a row.

Whatever becomes of the code above it, what is written here can not be written into the tables.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from shop.accounts.models import User
from shop.catalog.models import Variant
from shop.checkout.models import Allowance, AllowanceUse, Attempt
from shop.events.models import (
    Delivery,
    DeliveryAttempt,
    Effect,
    Event,
    Receipt,
    Schedule,
    Webhook,
)
from shop.inventory.models import Hold, HoldTerm, StockLevel
from shop.letters.models import CartConsent, Gathering, Invoice, Letter, Numbering, Reminder
from shop.reviews.models import Review
from tests.architecture.tables import shop_models
from tests.builders import NOON, fill_cart, place, put_on_sale

LESS_THAN_NOTHING = Decimal("-0.01")


@dataclass(frozen=True)
class Twice:
    """A second row like the first one; `others` are the columns in which it differs."""

    model: str
    others: dict[str, Any]

    def write(self) -> None:
        row = _first(self.model)
        row.pk = None
        row._state.adding = True
        for name, value in self.others.items():
            setattr(row, name, value)
        row.save(force_insert=True)


@dataclass(frozen=True)
class Wrong:
    """The first row, with these values in it."""

    model: str
    values: dict[str, Any]

    def write(self) -> None:
        row = _first(self.model)
        type(row)._base_manager.filter(pk=row.pk).update(**self.values)


# Which of several rows is the one to try, where it is not the first.
THE_ONE: dict[str, dict[str, Any]] = {"cart.Cart": {"open_for__isnull": False}}


def _first(model: str) -> Any:
    rows = apps.get_model(model)._base_manager.filter(**THE_ONE.get(model, {}))
    row = rows.order_by("pk").first()
    assert row is not None, f"the shop of this test has no {model}"
    return row


def twice(model: str, **others: Any) -> Twice:
    return Twice(model, others)


def wrong(model: str, **values: Any) -> Wrong:
    return Wrong(model, values)


def each(model: str, *names: str, values: Sequence[object]) -> list[Wrong]:
    """Try the values in each of the columns, one at a time."""
    return [Wrong(model, {name: value}) for name in names for value in values]


NONSENSE: dict[str, Sequence[Twice | Wrong]] = {
    # Who and what.
    "user_username_once_in_any_case": [
        twice("accounts.User", username="ALICE", email="other@example.com")
    ],
    "user_email_once": [twice("accounts.User", username="other", email="ALICE@example.com")],
    "product_code_once": [twice("catalog.Product")],
    "product_price_not_negative": [wrong("catalog.Product", price=LESS_THAN_NOTHING)],
    "product_order_limit_positive": [wrong("catalog.Product", order_limit=0)],
    "product_customer_limit_positive": [wrong("catalog.Product", customer_limit=0)],
    "product_hold_minutes_in_range": each("catalog.Product", "hold_minutes", values=[0, 241]),
    "option_code_once": [twice("catalog.Option")],
    "option_value_once": [twice("catalog.OptionValue")],
    "variant_sku_once": [twice("catalog.Variant")],
    "variant_price_not_negative": [wrong("catalog.Variant", price=LESS_THAN_NOTHING)],
    "variant_reduced_below_regular": [
        wrong("catalog.Variant", price=Decimal("10.00"), regular_price=Decimal("9.99"))
    ],
    "variant_option_once": [twice("catalog.VariantValue")],
    # Stock.
    "location_code_once": [twice("inventory.StockLocation")],
    "level_once_per_variant_location": [twice("inventory.StockLevel")],
    "level_on_hand_not_negative": [
        wrong("inventory.StockLevel", on_hand=-1, promised=0),
        wrong("inventory.StockLevel", on_hand=-1, promised=-1),
    ],
    "level_promised_not_negative": [wrong("inventory.StockLevel", on_hand=0, promised=-1)],
    "level_promised_within_on_hand": [
        wrong("inventory.StockLevel", on_hand=5, promised=6),
        wrong("inventory.StockLevel", on_hand=0, promised=1),
    ],
    "movement_moves_something": [wrong("inventory.StockMovement", quantity=0)],
    "hold_once_per_holder_level": [twice("inventory.Hold")],
    "hold_holds_something": each("inventory.Hold", "quantity", values=[0, -1]),
    "hold_term_once_per_holder_variant": [twice("inventory.HoldTerm")],
    # The wish.
    "cart_open_for_its_owner": [
        wrong("cart.Cart", ordered_at=NOON),
        wrong("cart.Cart", user=None),
        wrong("cart.Cart", user=None, ordered_at=NOON),
    ],
    "cart_variant_once": [twice("cart.CartLine", quantity=2)],
    "cart_quantity_positive": [wrong("cart.CartLine", quantity=0)],
    # The record.
    "order_number_once": [twice("orders.Order", origin="till:2")],
    "order_origin_once": [twice("orders.Order", number="OTHER")],
    "order_status_known": [
        wrong("orders.Order", status="Lost", expires_at=None),
        wrong("orders.Order", status="pending", expires_at=None),
        wrong("orders.Order", status="", expires_at=None),
    ],
    "order_payment_state_known": [
        wrong("orders.Order", payment_state="Promised", expires_at=None),
        wrong("orders.Order", payment_state="UNPAID", expires_at=None),
        wrong("orders.Order", payment_state="", expires_at=None),
    ],
    "order_fulfilment_state_known": [
        wrong("orders.Order", fulfilment_state="Lost"),
        wrong("orders.Order", fulfilment_state="unshipped"),
        wrong("orders.Order", fulfilment_state=""),
    ],
    "order_amounts_not_negative": each(
        "orders.Order",
        "goods_total",
        "shipping_total",
        "tax_total",
        "discount_total",
        "total",
        values=[LESS_THAN_NOTHING],
    ),
    "order_expires_only_while_unpaid": [
        wrong("orders.Order", expires_at=NOON, status="Completed"),
        wrong("orders.Order", expires_at=NOON, status="Canceled"),
        wrong("orders.Order", expires_at=NOON, payment_state="Paid"),
        wrong("orders.Order", expires_at=NOON, payment_state="Refund due"),
    ],
    "order_position_once": [twice("orders.OrderLine")],
    "order_line_quantity_positive": [wrong("orders.OrderLine", quantity=0)],
    "order_line_amounts_not_negative": each(
        "orders.OrderLine", "unit_price", "amount", "tax", values=[LESS_THAN_NOTHING]
    ),
    "allocation_once_per_level": [twice("orders.Allocation", quantity=2)],
    "allocation_positive": [wrong("orders.Allocation", quantity=0)],
    "allocation_state_known": [
        wrong("orders.Allocation", state="Lost"),
        wrong("orders.Allocation", state="live"),
        wrong("orders.Allocation", state=""),
    ],
    # What follows from it.
    "attempt_key_once_per_scope": [twice("checkout.Attempt", body_hash="b" * 64)],
    "allowance_once_per_product_customer": [twice("checkout.Allowance")],
    "allowance_used_once_by_order": [twice("checkout.AllowanceUse", units=2)],
    "allowance_use_positive": [wrong("checkout.AllowanceUse", units=0)],
    "cart_consent_once": [twice("letters.CartConsent")],
    "effect_once": [twice("events.Effect")],
    "effect_was_tried": [wrong("events.Effect", tries=0)],
    "gathering_once": [twice("letters.Gathering")],
    "invoice_number_once": [wrong("letters.Invoice", number=2)],
    "invoice_number_positive": [wrong("letters.Invoice", number=0)],
    "invoice_once_per_order": [twice("letters.Invoice", number=3)],
    "letter_kind_known": [wrong("letters.Letter", kind="poem")],
    "numbering_once": [twice("letters.Numbering")],
    "reminder_once": [twice("letters.Reminder", email="other@example.com")],
    "receipt_once": [twice("events.Receipt")],
    "schedule_once": [twice("events.Schedule")],
    "webhook_state_known": [
        wrong("events.Webhook", state="Asleep"),
        wrong("events.Webhook", state="enabled"),
        wrong("events.Webhook", state=""),
    ],
    "delivery_once": [twice("events.Delivery", message_id="evt_2")],
    "delivery_waits_or_is_done": [
        wrong("events.Delivery", due_at=None),
        wrong("events.Delivery", state="Delivered"),
        wrong("events.Delivery", state="Given up"),
        wrong("events.Delivery", state="Lost"),
        wrong("events.Delivery", state="Lost", due_at=None),
    ],
    "attempt_says_what_came": [wrong("events.DeliveryAttempt", status=None)],
    "review_once_per_user": [twice("reviews.Review", rating=1)],
    "review_rating_in_range": each("reviews.Review", "rating", values=[0, 6]),
}
# Keys whose constraint is the field's own and has no name of ours.
UNNAMED: dict[str, Twice] = {
    "accounts.User.username": twice("accounts.User", email="other@example.com"),
    "cart.Cart.open_for": twice("cart.Cart", pk=UUID(int=1)),
    "catalog.Category.path": twice("catalog.Category"),
}


@pytest.fixture
def one_of_everything(alice: User) -> None:
    """A shop in which every table has at least one row, all of them good."""
    mug = put_on_sale("mug", stock=9, regular_price=Decimal("20.00"), options=(("Colour", "Red"),))
    order_id = place({mug: 1}, user=alice)
    fill_cart({mug: 1}, user=alice)
    level = StockLevel.objects.get()
    Hold.objects.create(holder=UUID(int=1), level=level, quantity=1, expires_at=NOON)
    HoldTerm.objects.create(holder=UUID(int=1), variant_id=mug, ends_at=NOON)
    Attempt.objects.create(
        scope="user:1", key="k", body_hash="a" * 64, order_id=order_id, created_at=NOON
    )
    Receipt.objects.create(event=Event.objects.latest("id"), handler="x", created_at=NOON)
    Effect.objects.create(event=Event.objects.latest("id"), handler="x", begun_at=NOON)
    Schedule.objects.create(name="x", due_at=NOON)
    Letter.objects.create(
        kind="placed", order_id=order_id, recipient="a@b.example", written_at=NOON
    )
    Gathering.objects.create(kind="low_stock")
    for number, paid in enumerate((order_id, place({mug: 1})), start=1):
        Invoice.objects.create(order_id=paid, number=number, issued_at=NOON)
    Numbering.objects.create(name="invoices", last=1)
    _one_of_webhooks()
    product = Variant.objects.get(id=mug).product
    allowance = Allowance.objects.create(product=product, customer="user:1")
    AllowanceUse.objects.create(allowance=allowance, order_id=order_id, units=1)
    Review.objects.create(product=product, user=alice, rating=5)
    CartConsent.objects.create(user=alice, agreed_at=NOON)
    Reminder.objects.create(product=product, email="a@b.example", email_key="a", asked_at=NOON)


def _one_of_webhooks() -> None:
    hook = Webhook.objects.create(url="https://erp.example/", state_since=NOON, created_at=NOON)
    delivery = Delivery.objects.create(
        webhook=hook, event_number=1, message_id="evt_1", due_at=NOON, created_at=NOON
    )
    DeliveryAttempt.objects.create(delivery=delivery, at=NOON, milliseconds=5, status=200)


def constraints() -> dict[str, tuple[type[models.Model], models.BaseConstraint]]:
    return {
        constraint.name: (model, constraint)
        for model in shop_models()
        for constraint in model._meta.constraints
    }


def test_every_constraint_is_tried() -> None:
    assert set(NONSENSE) == set(constraints())


def test_every_unique_field_is_tried() -> None:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in shop_models()
        for field in model._meta.local_fields
        if field.unique and not field.primary_key
    }

    assert set(UNNAMED) == found


def assert_refused(write: Callable[[], None], *, says: str) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write()
    assert says in str(caught.value), caught.value


@pytest.mark.django_db
@pytest.mark.usefixtures("one_of_everything")
@pytest.mark.parametrize("name", NONSENSE)
def test_the_database_refuses(name: str) -> None:
    model, constraint = constraints()[name]
    says = name
    if connection.vendor == "sqlite" and isinstance(constraint, models.UniqueConstraint):
        # SQLite names the columns instead.
        columns = {field.name: field.column for field in model._meta.local_fields}
        says = ", ".join(f"{model._meta.db_table}.{columns[field]}" for field in constraint.fields)

    for row in NONSENSE[name]:
        assert apps.get_model(row.model) is model
        assert_refused(row.write, says=says)


@pytest.mark.django_db
@pytest.mark.usefixtures("one_of_everything")
@pytest.mark.parametrize("name", UNNAMED)
def test_the_database_refuses_a_second_one(name: str) -> None:
    assert_refused(UNNAMED[name].write, says=name.rsplit(".", 1)[-1])


@pytest.mark.django_db
@pytest.mark.usefixtures("one_of_everything")
@pytest.mark.parametrize(
    "row",
    [
        wrong("catalog.Product", price=None),
        wrong("catalog.Product", order_limit=1, customer_limit=None),
        wrong("catalog.Variant", price=0, regular_price=0),
        wrong("catalog.Variant", price=0, regular_price=None),
        wrong("inventory.StockLevel", on_hand=0, promised=0),
        wrong("inventory.StockLevel", on_hand=7, promised=7),
        wrong("inventory.StockMovement", quantity=-1),
        wrong("cart.Cart", open_for=None, ordered_at=NOON),
        wrong("cart.Cart", open_for=None, user=None),
        wrong("orders.Order", expires_at=NOON, status="Pending", payment_state="Unpaid"),
        wrong("orders.Order", status="Canceled", payment_state="Refund due", total=0),
        wrong("orders.OrderLine", unit_price=0, amount=0),
        wrong("reviews.Review", rating=1),
    ],
    ids=str,
)
def test_the_database_takes_what_is_just_about_right(row: Wrong) -> None:
    written = _first(row.model)

    row.write()

    written.refresh_from_db()
    assert {name: getattr(written, name) for name in row.values} == row.values


@pytest.mark.django_db
@pytest.mark.usefixtures("one_of_everything")
def test_a_cart_is_not_open_for_somebody_else(bob: User) -> None:
    cart = _first("cart.Cart")

    for column in ("user", "open_for"):
        row = Wrong("cart.Cart", {column: bob})
        assert_refused(row.write, says="cart_open_for_its_owner")

    cart.refresh_from_db()
    assert cart.user == cart.open_for != bob
