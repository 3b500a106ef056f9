"""What each customer can have of a hot product: counted as whom, when, and given back when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from shop.cart.errors import OverOrderLimit
from shop.cart.models import Cart
from shop.catalog.models import Product
from shop.checkout.actions import commit_orders, place_order, planning
from shop.checkout.errors import CartChanged, OverCustomerLimit
from shop.checkout.models import Allowance, AllowanceUse, Attempt
from shop.checkout.rules import Buyer, Draft, Outcome, Placed, Refused, customers_of
from shop.orders import actions as orders
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod, PostalAddress
from tests.builders import ADDRESS, draft_of, fill_cart, limit_purchases, put_on_sale, stock_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

ELSEWHERE = PostalAddress(
    name="Bob", line1="2 Low Street", city="York", postcode="YO1 7HH", country="GB"
)


@pytest.fixture
def mug() -> int:
    """Return a mug of which everybody can have two."""
    mug = put_on_sale("mug", stock=100)
    limit_purchases(mug, customer_limit=2)
    return mug


def draft(
    lines: dict[int, int],
    *,
    user: Any = None,
    email: str = "guest@example.com",
    address: PostalAddress = ADDRESS,
    **details: Any,
) -> Draft:
    asked = draft_of(fill_cart(lines, user=user), user=user, **details)
    return replace(asked, origin="", buyer=replace(asked.buyer, email=email, address=address))


def order(lines: dict[int, int], **details: Any) -> int:
    return place_order(draft=draft(lines, **details)).order_id


def kinds(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        type(outcome.refusal if isinstance(outcome, Refused) else outcome).__name__
        for outcome in outcomes
    ]


def test_up_to_the_limit_and_no_further_and_then_nothing_changes(mug: int) -> None:
    order({mug: 1})
    order({mug: 1})
    asked = draft({mug: 1}, key="k")

    with pytest.raises(OverCustomerLimit) as caught:
        place_order(draft=asked)

    assert caught.value.data == {"name": "Mug", "limit": 2}
    assert stock_of(mug) == (100, 2)
    assert (Order.objects.count(), Attempt.objects.count()) == (2, 0)
    assert AllowanceUse.objects.count() == 4
    assert list(Cart.objects.filter(ordered_at__isnull=True).values_list("id", flat=True)) == [
        asked.cart_id
    ]


def test_an_account_an_e_mail_and_a_postal_address_each_count(
    mug: int, alice: Any, bob: Any
) -> None:
    order({mug: 2}, user=alice, email="alice@example.com", address=ADDRESS)
    others: dict[str, Any] = {"email": "other@example.com", "address": ELSEWHERE}

    for same in (
        {"user": alice},
        {"user": bob, "email": " ALICE@example.com"},
        {"address": replace(ADDRESS, name="Somebody Else")},
    ):
        with pytest.raises(OverCustomerLimit):
            order({mug: 1}, **{**others, **same})
        Cart.objects.filter(ordered_at__isnull=True).delete()

    assert order({mug: 2}, user=bob, **others)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ({"email": "Alice@Example.com"}, {"email": " alice@example.COM "}, True),
        ({"email": "alice@example.com"}, {"email": "alice@example.org"}, False),
        ({"line1": "1 High Street"}, {"line1": "1  high street,"}, True),
        ({"line1": "1 High Street", "line2": "Flat 2"}, {"line1": "1 High Street Flat 2"}, True),
        ({"postcode": "LS1 4AP"}, {"postcode": "ls14ap"}, True),
        ({"city": "Leeds"}, {"city": "\tLEEDS "}, True),
        ({"name": "Alice"}, {"name": "Bob"}, True),
        ({"line1": "1 High Street"}, {"line1": "11 High Street"}, False),
        ({"country": "GB"}, {"country": "IE"}, False),
        ({"line1": "Straße 1"}, {"line1": "STRASSE 1"}, True),
        ({"line1": "\uff11 High Street"}, {"line1": "1\u200b High Street"}, True),
        ({"line1": "राम"}, {"line1": "रम"}, False),
    ],
)
def test_case_and_white_space_make_nobody_another_customer(
    left: dict[str, str], right: dict[str, str], *, same: bool
) -> None:
    def of(facts: dict[str, str]) -> set[str]:
        email = facts.get("email", "x@example.com")
        parts = {name: text for name, text in facts.items() if name != "email"}
        return set(customers_of(Buyer(email=email, address=replace(ADDRESS, **parts))))

    assert (of(left) == of(right)) is same


def test_nobody_is_counted_as_nowhere() -> None:
    assert customers_of(Buyer(email=" ", address=PostalAddress(name="Alice"))) == ()


def test_who_a_customer_is_can_not_be_read(mug: int, alice: Any) -> None:
    order({mug: 1}, user=alice)

    found = sorted(Allowance.objects.values_list("customer", flat=True))

    assert [name.split(":")[0] for name in found] == ["address", "email", "user"]
    assert found[2] == f"user:{alice.id}"
    assert {len(name.split(":")[1]) for name in found[:2]} == {64}


def test_all_variants_of_a_product_count_together() -> None:
    small = put_on_sale("shirt-s", name="Shirt", product="shirt", options=(("Size", "S"),))
    large = put_on_sale("shirt-l", name="Shirt", product="shirt", options=(("Size", "L"),))
    tea = put_on_sale("tea")
    limit_purchases(small, customer_limit=3)

    order({small: 1, tea: 10})
    order({large: 2})

    with pytest.raises(OverCustomerLimit):
        order({small: 1})
    assert AllowanceUse.objects.filter(units=1).count() == 2


def test_what_is_canceled_or_expires_can_be_had_again(mug: int) -> None:
    canceled = order({mug: 1})
    expired = order({mug: 1}, payment=PaymentMethod.BANK_TRANSFER)

    orders.cancel(order_ids=[canceled], by=None)
    order({mug: 1})
    with pytest.raises(OverCustomerLimit):
        order({mug: 1})

    orders.expire_unpaid(now=timezone.now() + timedelta(days=365))
    assert Order.objects.get(id=expired).status == "Canceled"
    order({mug: 1})
    with pytest.raises(OverCustomerLimit):
        order({mug: 1})


def test_the_limit_of_today_counts(mug: int) -> None:
    order({mug: 2})

    limit_purchases(mug, customer_limit=3)
    order({mug: 1})
    limit_purchases(mug, customer_limit=1)
    with pytest.raises(OverCustomerLimit):
        order({mug: 1})
    limit_purchases(mug, customer_limit=None)
    order({mug: 20})


def test_what_was_bought_before_there_was_a_limit_does_not_count() -> None:
    mug = put_on_sale("mug", stock=100)
    order({mug: 5})

    limit_purchases(mug, customer_limit=2)

    order({mug: 2})


def test_in_a_batch_each_counts_for_the_next(mug: int) -> None:
    drafts = [draft({mug: 1}) for _ in range(4)]
    drafts.append(draft({mug: 2}, email="bob@example.com", address=ELSEWHERE))

    assert kinds(commit_orders(drafts=drafts)) == [
        "Placed",
        "Placed",
        "OverCustomerLimit",
        "OverCustomerLimit",
        "Placed",
    ]


def test_what_is_refused_for_another_reason_takes_nothing() -> None:
    mug, tea = put_on_sale("mug", stock=1), put_on_sale("tea", stock=5)
    limit_purchases(tea, customer_limit=2)
    first, second = draft({mug: 1, tea: 2}), draft({tea: 2})
    other = draft({mug: 1}, email="bob@example.com", address=ELSEWHERE)

    assert kinds(commit_orders(drafts=[other, first, second])) == [
        "Placed",
        "StockChanged",
        "Placed",
    ]


def test_a_cart_with_more_than_an_order_can_have_is_no_order() -> None:
    mug = put_on_sale("mug", stock=100)
    asked = draft({mug: 3}, key="k")
    limit_purchases(mug, order_limit=2)

    with pytest.raises(OverOrderLimit) as caught:
        place_order(draft=asked)

    assert caught.value.data == {"name": "Mug", "limit": 2, "wanted": 3}
    assert (Order.objects.count(), Attempt.objects.count(), stock_of(mug)) == (0, 0, (100, 0))


def test_a_limit_that_is_set_while_it_is_ordered_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was locked for it, so the buyer is asked to look again."""
    mug = put_on_sale("mug", stock=100)
    asked = draft({mug: 3}, key="k")
    read_again = planning.read_again

    def limit_and_read(*args: Any) -> Any:
        Product.objects.filter(variants=mug).update(customer_limit=5)
        return read_again(*args)

    monkeypatch.setattr(planning, "read_again", limit_and_read)

    with pytest.raises(CartChanged):
        place_order(draft=asked)
    monkeypatch.undo()

    assert isinstance(place_order(draft=asked), Placed)
    assert AllowanceUse.objects.count() == 2
