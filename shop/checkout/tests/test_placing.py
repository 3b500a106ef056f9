"""Placing one order: what is written, and what every refusal leaves as it was."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from shop.cart import actions as cart
from shop.cart.errors import CartIsOrdered, NotForSale, UnknownCart
from shop.cart.models import Cart
from shop.catalog import actions as catalog
from shop.catalog.models import Product
from shop.catalog.rules import PriceChange
from shop.checkout.actions import place_order
from shop.checkout.errors import (
    AccountCannotOrder,
    AlreadyOrdered,
    CartIsEmpty,
    InvalidLine,
    KeyReused,
    OrderTooLarge,
    QuotedLine,
    QuotedPurchase,
    StockChanged,
    TotalChanged,
)
from shop.checkout.models import Attempt
from shop.checkout.rules import AgreedLine, Buyer, Draft, Placed, Replayed
from shop.events.models import Event
from shop.lib.refusals import Refusal
from shop.lib.texts import UnprintableText
from shop.orders.models import Allocation, Order, OrderLine
from shop.orders.rules import PaymentMethod, PostalAddress
from tests.builders import ADDRESS, draft_of, fill_cart, put_on_sale, stock_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]


def assert_refused(draft: Draft, refusal: type[Refusal], **data: object) -> None:
    """Place the draft: it is refused for this reason, with these data, and nothing changes."""
    before = _everything()
    with pytest.raises(refusal) as caught:
        place_order(draft=draft)
    assert caught.value.data == data
    assert _everything() == before


def quote_of_mugs(mug: int, count: int, price: str) -> QuotedPurchase:
    """Return what a refusal says that so many mugs would cost now."""
    amount = Decimal(price) * count
    line = QuotedLine(mug, "mug", "Mug", count, Decimal(price), amount)
    return QuotedPurchase(lines=(line,), total=amount, currency="GBP")


def _everything() -> tuple[object, ...]:
    return (
        list(Order.objects.values_list("id", "status")),
        Attempt.objects.count(),
        Event.objects.count(),
        list(Cart.objects.order_by("id").values_list("id", "version", "ordered_at")),
        [stock_of(id_) for id_ in Product.objects.values_list("variants__id", flat=True) if id_],
    )


def placed(draft: Draft) -> Placed:
    outcome = place_order(draft=draft)
    assert isinstance(outcome, Placed)
    return outcome


def test_an_order_copies_what_was_agreed() -> None:
    mug = put_on_sale("mug", price="12.50", stock=10)
    tea = put_on_sale("tea", price="3.99", stock=5)
    cart_id = fill_cart({mug: 2, tea: 3})

    outcome = placed(draft_of(cart_id, key="k1"))

    order = Order.objects.get(id=outcome.order_id)
    assert (order.status, order.payment_state, order.fulfilment_state) == (
        "Pending",
        "Unpaid",
        "Unshipped",
    )
    assert order.origin == f"cart:{cart_id}"
    assert (order.goods_total, order.shipping_total, order.tax_total, order.discount_total) == (
        Decimal("36.97"),
        Decimal("0.00"),
        Decimal("0.00"),
        Decimal("0.00"),
    )
    assert (order.total, order.currency) == (Decimal("36.97"), "GBP")
    assert (order.email, order.name, order.line1, order.city, order.postcode, order.country) == (
        "guest@example.com",
        "Alice Able",
        "1 High Street",
        "Leeds",
        "LS1 4AP",
        "GB",
    )
    lines = OrderLine.objects.filter(order=order).order_by("position")
    columns = ("position", "sku", "name", "quantity", "unit_price", "amount")
    assert list(lines.values_list(*columns)) == [
        (1, "mug", "Mug", 2, Decimal("12.50"), Decimal("25.00")),
        (2, "tea", "Tea", 3, Decimal("3.99"), Decimal("11.97")),
    ]


def test_an_order_promises_its_stock_and_closes_its_cart() -> None:
    mug = put_on_sale("mug", stock=10)
    cart_id = fill_cart({mug: 4})

    outcome = placed(draft_of(cart_id))

    assert stock_of(mug) == (10, 4)
    assert list(Allocation.objects.values_list("line__order_id", "quantity", "state")) == [
        (outcome.order_id, 4, "Live")
    ]
    assert Cart.objects.get(id=cart_id).ordered_at is not None
    event = Event.objects.get(name="order.placed")
    assert event.subject == f"order:{outcome.order_id}"
    assert event.payload["total"] == "50.00"


def test_the_last_unit_makes_the_product_sold_out() -> None:
    mug = put_on_sale("mug", stock=3)
    product = Product.objects.get(variants=mug)
    assert product.in_stock

    placed(draft_of(fill_cart({mug: 3})))

    product.refresh_from_db()
    assert not product.in_stock


def test_stock_comes_from_several_locations_when_none_has_enough() -> None:
    mug = put_on_sale("mug", stock=3, location="main")
    put_on_sale("mug", stock=4, location="shed")

    placed(draft_of(fill_cart({mug: 6})))

    assert list(
        Allocation.objects.order_by("level__location__code").values_list(
            "level__location__code", "quantity"
        )
    ) == [("main", 3), ("shed", 3)]


@pytest.mark.parametrize(
    ("method", "waits"), [(PaymentMethod.ON_DELIVERY, None), (PaymentMethod.BANK_TRANSFER, 7)]
)
def test_only_a_bank_transfer_expires(method: PaymentMethod, waits: int | None) -> None:
    mug = put_on_sale("mug")

    outcome = placed(draft_of(fill_cart({mug: 1}), payment=method))

    order = Order.objects.get(id=outcome.order_id)
    assert order.expires_at == (waits and order.placed_at + timedelta(days=waits))


def test_the_same_key_is_answered_with_the_same_order() -> None:
    mug = put_on_sale("mug")
    draft = draft_of(fill_cart({mug: 1}), key="k1")

    first = placed(draft)
    second = place_order(draft=draft)

    assert isinstance(second, Replayed)
    assert (second.order_id, second.answer) == (first.order_id, first.answer)
    assert Order.objects.count() == 1


def test_the_same_key_with_another_body_is_refused() -> None:
    mug = put_on_sale("mug")
    cart_id = fill_cart({mug: 1})
    placed(draft_of(cart_id, key="k1", body_hash="a" * 64))

    assert_refused(draft_of(cart_id, key="k1", body_hash="b" * 64), KeyReused)


def test_a_key_is_its_owners_own(alice: object, bob: object) -> None:
    mug = put_on_sale("mug")
    placed(draft_of(fill_cart({mug: 1}, user=alice), user=alice, key="k1"))

    outcome = placed(draft_of(fill_cart({mug: 1}, user=bob), user=bob, key="k1"))

    assert Order.objects.count() == 2
    assert Order.objects.get(id=outcome.order_id).user == bob


def test_a_refused_key_stays_free() -> None:
    mug = put_on_sale("mug", price="12.50")
    cart_id = fill_cart({mug: 1})
    assert_refused(
        draft_of(cart_id, key="k1", expected_total="10.00"),
        TotalChanged,
        expected=Decimal("10.00"),
        total=Decimal("12.50"),
        quote=quote_of_mugs(mug, 1, "12.50"),
    )

    placed(draft_of(cart_id, key="k1", expected_total="12.50"))


def test_a_cart_is_ordered_once_whatever_the_key() -> None:
    mug = put_on_sale("mug")
    cart_id = fill_cart({mug: 1})
    outcome = placed(draft_of(cart_id, key="k1"))

    assert_refused(draft_of(cart_id, key="k2"), AlreadyOrdered, order_id=outcome.order_id)
    assert_refused(draft_of(cart_id), AlreadyOrdered, order_id=outcome.order_id)


def test_more_than_there_is() -> None:
    mug = put_on_sale("mug", stock=3)
    cart_id = fill_cart({mug: 3})
    placed(draft_of(fill_cart({mug: 2})))

    assert_refused(
        draft_of(cart_id, key="k"),
        StockChanged,
        sku="mug",
        variant_id=mug,
        wanted=3,
        available=1,
        name="Mug",
        quote=quote_of_mugs(mug, 3, "12.50"),
    )


@pytest.mark.parametrize("field", ["name", "line1", "line2", "city", "postcode", "country"])
def test_an_address_that_cannot_be_printed(field: str) -> None:
    draft = draft_of(fill_cart({put_on_sale("mug"): 1}), key="k")
    assert draft.buyer.address is not None
    address = replace(draft.buyer.address, **{field: "Leeds\u202e"})

    assert_refused(
        replace(draft, origin="", buyer=replace(draft.buyer, address=address)),
        UnprintableText,
        field=field,
    )


def test_unpublished_between_cart_and_checkout() -> None:
    mug = put_on_sale("mug")
    cart_id = fill_cart({mug: 1})
    product = Product.objects.get(variants=mug)
    catalog.set_published(product_ids=[product.id], is_published=False)

    assert_refused(draft_of(cart_id), NotForSale, name="Mug")


def test_a_price_changed_meanwhile() -> None:
    mug = put_on_sale("mug", price="12.50")
    cart_id = fill_cart({mug: 2})
    catalog.set_prices(prices=[PriceChange(mug, Decimal("13.00"))])

    assert_refused(
        draft_of(cart_id, expected_total="25.00"),
        TotalChanged,
        expected=Decimal("25.00"),
        total=Decimal("26.00"),
        quote=quote_of_mugs(mug, 2, "13.00"),
    )
    outcome = placed(draft_of(cart_id, expected_total="26.00"))
    assert Order.objects.get(id=outcome.order_id).total == Decimal("26.00")


def test_carts_that_cannot_be_ordered(alice: object, bob: object) -> None:
    mug = put_on_sale("mug")
    assert_refused(draft_of(uuid4()), UnknownCart)
    assert_refused(draft_of(fill_cart({})), CartIsEmpty)
    alices = fill_cart({mug: 1}, user=alice)
    assert_refused(draft_of(alices, user=bob), UnknownCart)
    assert_refused(draft_of(alices), UnknownCart)


def test_a_guests_cart_can_be_ordered_by_whoever_holds_it(alice: object) -> None:
    mug = put_on_sale("mug")

    outcome = placed(draft_of(fill_cart({mug: 1}), user=alice))

    assert Order.objects.get(id=outcome.order_id).user == alice


@pytest.mark.parametrize("change", [{"is_active": False}, {"token_version": 5}])
def test_a_sign_in_that_no_longer_counts(alice: object, change: dict[str, object]) -> None:
    mug = put_on_sale("mug")
    cart_id = fill_cart({mug: 1}, user=alice)
    type(alice).objects.filter(username="alice").update(**change)  # type: ignore[attr-defined]

    assert_refused(draft_of(cart_id, user=alice, token_version=0), AccountCannotOrder)


def agreed(variant_id: int, quantity: int, price: str, *, origin: str = "till:1") -> Draft:
    return Draft(
        buyer=Buyer(email="", address=PostalAddress()),
        payment_method=PaymentMethod.ELSEWHERE,
        origin=origin,
        placed_at=timezone.now() - timedelta(days=400),
        lines=(
            AgreedLine(variant_id, quantity, Decimal(price)),
            AgreedLine(variant_id, 1, Decimal(price)),
        ),
    )


def test_agreed_lines_keep_their_price_and_are_never_merged() -> None:
    mug = put_on_sale("mug", price="12.50", stock=10)

    outcome = placed(agreed(mug, 3, "9.99"))

    order = Order.objects.get(id=outcome.order_id)
    assert (order.total, order.origin) == (Decimal("39.96"), "till:1")
    assert timezone.now() - order.placed_at > timedelta(days=399)
    assert [line.quantity for line in order.lines.order_by("position")] == [3, 1]
    assert stock_of(mug) == (10, 4)


def test_an_origin_is_one_order_for_ever() -> None:
    mug = put_on_sale("mug")
    outcome = placed(agreed(mug, 1, "9.99"))

    assert_refused(agreed(mug, 2, "1.00"), AlreadyOrdered, order_id=outcome.order_id)


@pytest.mark.parametrize(
    ("quantity", "price"),
    [
        (0, "1.00"),
        (-1, "1.00"),
        (2**31, "1.00"),
        (1, "-0.01"),
        (1, "0.001"),
        (1, "NaN"),
        (1, "1e30"),
    ],
)
def test_agreed_lines_nobody_can_agree_to(quantity: int, price: str) -> None:
    mug = put_on_sale("mug")

    assert_refused(agreed(mug, quantity, price), InvalidLine, position=1)


def test_agreed_lines_of_an_unknown_variant() -> None:
    assert_refused(agreed(999_999, 1, "1.00"), InvalidLine, position=1)


def test_an_order_larger_than_the_database_can_hold() -> None:
    mug = put_on_sale("mug")

    assert_refused(
        agreed(mug, 2_000_000, "999999.99"), OrderTooLarge, total=Decimal("2000000979999.99")
    )


def test_a_draft_is_of_a_cart_or_of_agreed_lines() -> None:
    with pytest.raises(ValueError, match="a cart, or agreed lines"):
        Draft(buyer=Buyer("", ADDRESS), payment_method=PaymentMethod.ELSEWHERE)


def test_an_ordered_cart_takes_no_more_lines() -> None:
    mug = put_on_sale("mug")
    cart_id = fill_cart({mug: 1})
    placed(draft_of(cart_id))

    with pytest.raises(CartIsOrdered):
        cart.add(cart_id=cart_id, variant_id=mug, quantity=1)
